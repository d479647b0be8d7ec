"""Numbers behind the judgement on the appendices of 003: (printed, exact) pairs."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import j0

from glvortex.micro import exact, screening
from glvortex.micro.electrons import Electrons
from glvortex.micro.equations.numbers_003 import GAMMA, GAP, RASHBA, Numbers, j_per_fields
from glvortex.micro.nambu import CHARGE, PAIRING, SIGMA, SPIN
from glvortex.micro.occupation import Occupation
from glvortex.micro.universal import universal


def integral_as_printed() -> Numbers:
    """(E8) with the printed minus, cut at |x| = 1e4."""
    y = 0.3

    def integrand(x: float) -> float:
        a, b = np.hypot(x - 1.0, y), np.hypot(x + 1.0, y)
        return (1.0 - x * x - y * y - a * b) / (a * b * (a + b))

    ends = (0.0, 1.0, 2.0, 10.0, 100.0, 1e3, 1e4)
    value = sum(quad(integrand, a, b)[0] for a, b in pairwise(ends))
    return value, float(universal(y))


def screening_wavenumber() -> Numbers:
    """V_tot,q over V_ext,q at q = k_TF, with the kernel printed and that of Coulomb's law.

    Units eps0 = q = e^2 dn/dmu/2 = 1; the law 1/4 pi eps0 r transformed to q, cut off at a long
    distance that is extrapolated.
    """
    edges = np.pi * np.arange(0.0, 401.0)
    nodes, weights = np.polynomial.legendre.leggauss(16)
    r = (edges[:-1, None] + 0.5 * np.pi * (nodes + 1.0)).ravel()
    dr = np.tile(0.5 * np.pi * weights, len(edges) - 1)

    def kernel(cut: float) -> float:
        return float(2.0 * np.pi * r * dr @ (j0(r) * np.exp(-cut * r) / (4.0 * np.pi * r)))

    coulomb = (4.0 * kernel(0.02) - kernel(0.04)) / 3.0  # even in the cut
    return 1.0 / (1.0 + 2.0 * 1.0), 1.0 / (1.0 + 2.0 * coulomb)


def thomas_fermi() -> Numbers:
    """Edge field in the middle of the edge, d = 50 nm, R = 200 nm, bare electrons."""
    from scipy.constants import m_e

    states = float(screening.compressibility(m_e))
    disk = (0.016, 200e-9, 50e-9, states)
    local = screening.edge_field(200e-9, *disk)
    return float(local), float(screening.screened_potential(200e-9, *disk)[1])


def _green_parts() -> tuple[np.ndarray, ...]:
    kx, ky, gap, w = 0.6, 0.5, 0.2, 0.3
    model = Electrons(chemical_potential=0.5, rashba=-0.3, gap=gap, in_plane=0.2)
    d = np.array([-0.3 * ky, 0.3 * kx, 0.2 * ky])  # lambda e E x k
    size = np.linalg.norm(d)
    green = np.zeros((4, 4), dtype=complex)
    for branch in (1.0, -1.0):
        spin = sum(c * SPIN[axis] for c, axis in zip(d / size, "xyz", strict=True))
        projector = 0.5 * (np.eye(4) + branch * spin)
        xi = 0.5 * (kx**2 + ky**2) - 0.5 - branch * size
        energy = xi**2 + gap**2
        # tau_x with the sign of gap in this package, + where 003 has -
        green += projector @ (1j * w * np.eye(4) + xi * CHARGE + gap * PAIRING) / (-(w**2) - energy)
    matrix = model.hamiltonian(np.array([kx]), np.array([ky]))[0]
    return green, np.linalg.inv(1j * w * np.eye(4) - matrix)


def green_function() -> Numbers:
    """(D1)-(D5): a sum of matrix elements, against the inverse of i w - H."""
    weights = np.arange(1.0, 17.0).reshape(4, 4)
    printed, inverse = (float(np.abs(np.sum(weights * g))) for g in _green_parts())
    return printed, inverse


def one_branch_sum() -> Numbers:
    """T sum tr G G for one branch, over n_F'(E): printed 1."""
    thermal, gap, xi = 0.1, 0.2, 0.15
    energy = np.hypot(gap, xi)
    w = np.pi * thermal * (2.0 * np.arange(-200_000, 200_000) + 1.0)
    # tr (i w + xi tau_z + gap tau_x)^2 = 2 (E^2 - w^2)
    summed = thermal * np.sum(2.0 * (energy**2 - w**2) / (w**2 + energy**2) ** 2)
    summed -= 2.0 / (np.pi * w[-1])  # the tail, -2/w^2
    slope = float(Occupation(thermal).pair(np.array([energy]), np.array([energy]))[0])
    return 1.0, summed / slope


def two_branch_sum() -> Numbers:
    """(E3), against the frequency integral."""
    xi, other, gap = 0.3, -0.1, 0.2
    a, b = np.hypot(xi, gap), np.hypot(other, gap)
    printed = ((xi * other + gap**2) / (a * b) - 1.0) / (a + b)

    def integrand(w: float) -> float:
        return 2.0 * (xi * other + gap**2 - w * w) / ((w * w + a * a) * (w * w + b * b))

    return printed, quad(integrand, 0.0, np.inf, epsabs=1e-13)[0] / np.pi


def _projector(kx: float, ky: float, in_plane: float, branch: float) -> np.ndarray:
    """003 (D2) with lambda e E_z = 0.3: d = lambda e E x k."""
    d = np.array([-0.3 * ky, 0.3 * kx, in_plane * ky])
    d /= np.linalg.norm(d)
    return 0.5 * (np.eye(2) + branch * sum(c * SIGMA[a] for c, a in zip(d, "xyz", strict=True)))


def _vertex(ky: float, in_plane: float) -> np.ndarray:
    return ky * np.eye(2) - (in_plane * SIGMA["z"] - 0.3 * SIGMA["x"])


def spin_trace_between() -> Numbers:
    """(E4), y component, against the trace of matrices."""
    kx, ky, in_plane = 0.6, 0.5, 0.2
    printed = 2.0 * in_plane * 0.3**2 * -(kx**2) / (0.3**2 * (kx**2 + ky**2) + (in_plane * ky) ** 2)
    total = 0.0
    for branch in (1.0, -1.0):
        left, right = (_projector(kx, ky, in_plane, s * branch) for s in (1.0, -1.0))
        total += np.trace(_vertex(ky, in_plane) @ left @ SIGMA["z"] @ right).real
    return printed, total


def spin_trace_within() -> Numbers:
    """The bracket of (F1) summed over branches with weights 1 and 2, against matrices."""
    kx, ky, in_plane = 0.6, 0.5, 0.2
    d = np.array([-0.3 * ky, 0.3 * kx, in_plane * ky])
    d /= np.linalg.norm(d)
    printed = total = 0.0
    for weight, branch in ((1.0, 1.0), (2.0, -1.0)):
        printed += weight * (branch * ky * d[2] - in_plane * d[2] ** 2 + 0.3 * d[0] * d[2])
        p = _projector(kx, ky, in_plane, branch)
        total += weight * np.trace(_vertex(ky, in_plane) @ p @ SIGMA["z"] @ p).real
    return printed, total


def momentum_integral() -> Numbers:
    """(E5) per E_x b_z by direct integration, against diagonalisation."""

    def integrand(k: float) -> float:
        xi = [0.5 * k * k - 0.5 - s * RASHBA * k for s in (1.0, -1.0)]
        a, b = (np.hypot(x, GAP) for x in xi)
        return k / (2.0 * np.pi) * (1.0 - (xi[0] * xi[1] + GAP**2) / (a * b)) / (a + b)

    ends = (0.0, 0.8, 0.9, 0.95, 1.0, 1.05, 1.1, 1.15, 1.3, 2.0, 20.0)
    radial = sum(quad(integrand, x, y)[0] for x, y in pairwise(ends))
    return -0.25 * radial, j_per_fields()


def _branch_momenta() -> list[float]:
    return [
        brentq(lambda k, s=s: 0.5 * k * k - 0.5 - s * RASHBA * k, 1e-3, 3.0) for s in (1.0, -1.0)
    ]


def fermi_momenta() -> Numbers:
    """(F3), against the zero of the band."""
    return np.sqrt(1.0 + RASHBA**2) + RASHBA, _branch_momenta()[0]


def fermi_surface_part() -> Numbers:
    """(F4) per E_x b_z, against its integral with the velocities and the n_F' of (F3) and (E2).

    The exact part is that of one branch: minus the part of two, which is what (E5) becomes without
    a gap, (k_+ - k_-)/(4 pi v~) = 1/2 pi at any Rashba energy.
    """
    plus, minus = _branch_momenta()
    total = 0.0
    for s, k in ((1.0, plus), (-1.0, minus)):
        speed = k - s * RASHBA
        total += 0.5 * k / (2.0 * np.pi * speed) * (1.0 - s * k / RASHBA)
    return 1.0 / (4.0 * np.pi), 0.5 * 2.0 * total


def fermi_surface_integral() -> Numbers:
    """(F2) as printed, with exact Fermi momenta and velocities: 1/8 pi; half of what (F4) makes."""
    exact_part = fermi_surface_part()[1]
    return -0.25 * exact_part, exact_part


def normal_state_current() -> Numbers:
    """Both parts of App. F together."""
    return 0.0, j_per_fields(gap=0.0, temperature=0.01)


def linearised_splitting() -> Numbers:
    """(E6): xi_+ - xi_- at k_F, of which the last step leaves -2 v~ k' = 0."""
    model = Electrons(chemical_potential=0.5, rashba=-RASHBA, gap=GAP)
    low, high = model.electron_bands(np.array([1.0]), np.array([0.0]))[0]
    return 0.0, float(low - high)


def estimate_coefficient() -> Numbers:
    """(G1) at the upper end of what it allows: V = V_perp, d_perp k_F = 10, E_R = mu; m = m_e."""
    depth, energy = 10.0, 0.5
    model = Electrons(chemical_potential=0.5, rashba=-energy, gap=1e-3)
    current = float(exact.mixed_response(model, *GAMMA).value)
    # gamma V/(mu_B chi) with lambda = E_R/(k_F e V_perp/d_perp), mu_B = e/2m, chi = m/pi
    return depth * energy / 0.5, current / (0.5 / np.pi) * energy * depth


def beta_size() -> Numbers:
    """|beta| over e/4 pi hbar for Delta = 0.01 m (lambda e E_z)^2: printed (E_R/2 mu)^2."""
    model = Electrons(chemical_potential=0.5, rashba=-RASHBA, gap=0.01 * RASHBA**2)
    beta = -exact.gradient_response(model, "current_y", "exchange_z", 1e-6).value
    return RASHBA**2, float(beta) * 4.0 * np.pi
