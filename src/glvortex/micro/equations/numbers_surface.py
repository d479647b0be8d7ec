"""Numbers behind the judgement on 000 IV, the Dirac surface: (printed, exact) pairs.

Units hbar = e = v = |mu| = 1; chi in e/4 pi hbar, g_soc in 1/(4 pi hbar v). The normal state is
taken at a temperature of 0.02 |mu|.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
from scipy.integrate import quad

from glvortex.micro import dirac, exact
from glvortex.micro.electrons import Electrons
from glvortex.micro.equations.numbers_000 import Numbers, gradient
from glvortex.micro.nambu import SIGMA


def surface(mu: float = 1.0, gap: float = 0.0, **others: float) -> Electrons:
    """The Dirac surface; its normal state warm."""
    thermal = 0.0 if gap else 0.02
    return Electrons(
        **{
            "chemical_potential": mu,
            "rashba": 1.0,
            "gap": gap,
            "inverse_mass": 0.0,
            "temperature": thermal,
            **others,
        }  # type: ignore[arg-type]
    )


def quantised() -> Numbers:
    """(18), (19)."""
    return 1.0, gradient(surface(), "current_y")


def quantised_below() -> Numbers:
    """(19) for mu < 0."""
    return -1.0, gradient(surface(-1.0), "current_y")


def rotation_angle() -> Numbers:
    """(15): y component of U sigma_x U^+ with the printed U and tan theta = -k_x/k_y."""
    phi = 0.7
    theta = np.arctan2(-np.cos(phi), np.sin(phi)) + np.pi  # cos theta = -sin phi
    half = np.exp(0.5j * theta)
    u = np.diag([half, half.conj()])
    rotated = u @ np.array([[0, 1], [1, 0]]) @ u.conj().T
    return float(rotated[1, 0].imag), np.cos(phi)


def winding_as_printed() -> Numbers:
    """Vorticity of d = k with tan theta = -d_y/d_x."""
    angle = 2.0 * np.pi * np.arange(400) / 400
    printed = np.unwrap(np.arctan2(-np.sin(angle), np.cos(angle)))
    turns = (printed[-1] - printed[0]) / (2.0 * np.pi) * 400 / 399
    return float(turns), float(dirac.vorticity(lambda kx, ky: (kx, ky)))


def _rotated_green(k: np.ndarray, w: np.ndarray, gap: float) -> np.ndarray:
    """(16) for mu = 1, shape (..., 4, 4)."""
    k, w = k[..., None, None], w[..., None, None]
    spin = k * SIGMA["x"] - np.eye(2)
    matrix = 1j * w * np.eye(4) - gap * np.kron(SIGMA["x"], np.eye(2))
    matrix[..., :2, :2] -= spin
    matrix[..., 2:, 2:] += spin
    return np.linalg.inv(matrix)


def rotated_green() -> Numbers:
    """(16) turned back by (15) with exp(-i theta sigma_z/2): a sum of matrix elements."""
    kx, ky, w, gap = 0.6, 0.5, 0.3, 0.2
    model = surface(gap=gap)
    matrix = model.hamiltonian(np.array([kx]), np.array([ky]))[0]
    half = np.exp(-0.5j * np.arctan2(kx, -ky))
    turn = np.kron(np.eye(2), np.diag([half, half.conj()]))
    turned = turn @ _rotated_green(np.array(np.hypot(kx, ky)), np.array(w), gap) @ turn.conj().T
    weights = np.arange(1.0, 17.0).reshape(4, 4)
    inverse = np.linalg.inv(1j * w * np.eye(4) - matrix)
    return float(np.abs(np.sum(weights * turned))), float(np.abs(np.sum(weights * inverse)))


def dirac_parts(gap: float) -> tuple[float, float]:
    """Parts I and II of chi by integrating (17) over momentum and frequency; mu = 1."""
    step = 1e-4
    tau, sigma = np.kron(SIGMA["z"], np.eye(2)), np.kron(np.eye(2), SIGMA["z"])
    nodes, weights = np.polynomial.legendre.leggauss(80)
    angle, weight = 0.25 * np.pi * (nodes + 1.0), 0.25 * np.pi * weights
    k, w = np.meshgrid(np.tan(angle), np.tan(angle))
    measure = np.outer(weight / np.cos(angle) ** 2, weight / np.cos(angle) ** 2)
    green = _rotated_green(k, w, gap)
    slope = _rotated_green(k + step, w, gap) - _rotated_green(k - step, w, gap)
    d = np.linalg.inv(green) @ (tau @ green - green @ tau) / 2.0
    parts = []
    for matrix in (tau, d + sigma @ d @ sigma):
        trace = np.trace(matrix @ slope, axis1=-2, axis2=-1).real / (2.0 * step)
        # the real part is even in the frequency
        parts.append(float(-0.5 / np.pi * np.sum(measure * trace)))
    return parts[0], parts[1]


def dirac_part(part: int) -> Numbers:
    """(42) or (43), against (17) integrated: Delta = 0.5 |mu|."""
    closed = (dirac.chi_part_1, dirac.chi_part_2)[part - 1](1.0, 0.5) / dirac.chi(1.0)
    return float(closed), dirac_parts(0.5)[part - 1]


def dirac_gap() -> Numbers:
    """(42) + (43) at Delta = 0.5 |mu|."""
    closed = dirac.chi(1.0, 0.5) / dirac.chi(1.0, 0.0)
    return float(closed), gradient(surface(gap=0.5), "current_y")


def dirac_jump() -> Numbers:
    """(43) for Delta -> 0+."""
    return 0.5, gradient(surface(gap=1e-4), "current_y")


def orbital_magnetisation(mass: float) -> Numbers:
    """(24) integrated over k, against the exact chi of (23) summed up from no M_z; mu = 1."""
    low = np.sqrt(max(1.0 - mass**2, 0.0))
    printed = 2.0 * quad(lambda k: -k * mass / (2.0 * (k * k + mass**2) ** 1.5), low, np.inf)[0]
    nodes, weights = np.polynomial.legendre.leggauss(6)
    total, ends = 0.0, (0.0, 0.3, 0.8, 0.95, 1.05, 1.2, 1.5)
    for start, end in pairwise(x for x in ends if x <= mass):
        for x, weight in zip(start + 0.5 * (end - start) * (nodes + 1.0), weights, strict=True):
            model = surface(exchange=(0.0, 0.0, float(x)))  # type: ignore[arg-type]
            total -= 0.5 * (end - start) * weight * gradient(model, "current_y")
    return printed, total


def magnetisation_slope(mass: float = 0.0) -> Numbers:
    """(29), (23), (24): -d(orbital magnetisation)/dM_z, against the response to a gradient."""
    step = 1e-3
    value = dirac.orbital_magnetisation(1.0, [mass + step, mass - step]) / dirac.chi(1.0)
    model = surface(exchange=(0.0, 0.0, mass))  # type: ignore[arg-type]
    return float(value[1] - value[0]) / (2.0 * step), gradient(model, "current_y")


@cache
def _both_signs(
    name: str, quadratic: float, warping: float, cutoff: float, thermal: float
) -> tuple[float, float]:
    others = {"inverse_mass": quadratic, "warping": warping, "temperature": thermal}
    up, down = (gradient(surface(mu, cutoff=cutoff, **others), name) for mu in (1.0, -1.0))
    return up, down


def odd_part(
    name: str, quadratic: float, warping: float, cutoff: float, thermal: float = 0.02
) -> float:
    """Half the difference of the responses at mu = 1 and -1, free of the terms with the cutoff."""
    up, down = _both_signs(name, quadratic, warping, cutoff, thermal)
    return 0.5 * (up - down)


def even_part(name: str, quadratic: float, warping: float, cutoff: float) -> float:
    """Half the sum."""
    return 0.5 * sum(_both_signs(name, quadratic, warping, cutoff, 0.02))


def quadratic_spin() -> Numbers:
    """(38): second order in mu/m v^2 of g_soc, odd part."""
    return 0.5, (odd_part("spin_x", 0.02, 0.0, 5.0) - 1.0) / 0.02**2


def quadratic_chi() -> Numbers:
    """(39): first order of chi in |mu|/m v^2, the cutoff term of (B12) taken off."""
    return 1.0, even_part("current_y", 0.02, 0.0, 5.0) / 0.02 + 5.0


def quadratic_chi_second() -> Numbers:
    """(B12): second order of chi in mu/m v^2."""
    return -0.5, (odd_part("current_y", 0.02, 0.0, 5.0) - 1.0) / 0.02**2


def magnetisation_integral() -> Numbers:
    """(B13) integrated over k at mu/m v^2 = 0.1, no warping, odd part in mu without cutoff."""
    x, parts = 0.1, []
    for mu in (1.0, -1.0):
        edge = 2.0 / (1.0 + np.sqrt(1.0 + 2.0 * x * mu))  # where k = |mu - k^2/2m|
        # mu(k)/k^2 = mu/k^2 - 1/2m between the Fermi momentum and the cutoff
        parts.append(mu * quad(lambda k: 1.0 / (k * k), edge, np.inf)[0] + 0.5 * x * edge)
    return 0.5 * (parts[0] - parts[1]), odd_part("current_y", x, 0.0, 4.0)


def cutoff_spin() -> Numbers:
    """(B11): the term with the cutoff, per Lambda/m v^2."""
    return -0.5, even_part("spin_x", 0.02, 0.0, 5.0) / (0.02 * 5.0)


def warping(name: str) -> Numbers:
    """(38), (39): second order of g_soc or chi in warping, odd part."""
    return -1.5, (odd_part(name, 0.0, 0.05, 3.0) - 1.0) / 0.05**2


def spin_perp_surface() -> Numbers:
    """The line before (40), cutoff 3 |mu|, times 2 pi v^2."""
    value = exact.response(surface(cutoff=3.0), "spin_z", "exchange_z").value
    return 3.0 - 1.0, float(value) * 2.0 * np.pi


def zeeman_surface() -> Numbers:
    """(41) in e/4 pi hbar per |mu|/m_e v^2, the cutoff left out."""
    return -1.0, spin_perp_surface()[1] - 3.0


def topological_integral() -> Numbers:
    """(21) at T = 0.1 |mu| as a Matsubara sum, against tanh(mu/2T)."""
    thermal, mu = 0.1, 1.0
    nodes, weights = np.polynomial.legendre.leggauss(200)
    t = 0.5 * (nodes + 1.0)
    k, wk = 3.0 * t / (1.0 - t), 0.5 * weights * 3.0 / (1.0 - t) ** 2

    def summed(most: int) -> float:
        terms = (
            np.sum(wk * k * _triangle(1j * np.pi * thermal * (2 * n + 1) + mu, k)).real
            for n in range(-most, most)
        )
        return thermal * float(sum(terms))

    # the tail falls as 1/most
    return 2.0 * summed(400) - summed(200), float(np.tanh(mu / (2.0 * thermal)))


def _triangle(z: complex, k: np.ndarray) -> np.ndarray:
    """i eps_ab Tr[sigma_z G dG^-1/dk_a G dG^-1/dk_b G] of the electrons; holes give the same."""
    x, y, s = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1.0, -1.0])
    green = np.linalg.inv(z * np.eye(2) - k[:, None, None] * y)
    a, b = -y, x  # d(G^-1)/dk_x, d(G^-1)/dk_y
    product = green @ a @ green @ b @ green - green @ b @ green @ a @ green
    return 1j * np.trace(s @ product, axis1=-2, axis2=-1)
