"""Numbers behind the judgement on 002: (printed, exact) pairs.

Units hbar = e = v = eps_F = 1; spins are <sigma>, twice the printed ones in units of hbar. ``M`` is
one direction of m, the bubble is extrapolated to a long lifetime.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
from scipy.constants import e, hbar
from scipy.integrate import quad, quad_vec

from glvortex.micro.equations.numbers_000 import Numbers
from glvortex.micro.nambu import SIGMA
from glvortex.micro.torque import bubble, coefficients, pumping
from glvortex.micro.torque.bubble import DiracSurface
from glvortex.micro.torque.stability import spin_hall_limit
from glvortex.micro.torque.switching import undamped_threshold

BETA, M = 0.5, (0.48, -0.64, 0.6)
TIMES = 500.0, 1000.0
K = (0.3, 0.7)  # a momentum
GAP = 0.4
ANGLES = np.arange(8) * np.pi / 4.0
TURNED = np.cross(M, np.eye(3)).T  # TURNED @ v = m x v


def _hamiltonian(kx: float, ky: float, m: tuple[float, float, float] = M) -> np.ndarray:
    """(2) with Delta = BETA."""
    parts = (ky + BETA * m[0], -kx + BETA * m[1], BETA * m[2])
    return np.asarray(sum(p * SIGMA[n] for p, n in zip(parts, "xyz", strict=True)))


def shifted_cone() -> Numbers:
    """(4): lowest level, with e A = Delta z x m."""
    ax, ay = -BETA * M[1], BETA * M[0]
    moved = _hamiltonian(K[0] + ax, K[1] + ay, (0.0, 0.0, M[2]))
    return np.linalg.eigvalsh(moved)[0], np.linalg.eigvalsh(_hamiltonian(*K))[0]


def velocity_operator() -> Numbers:
    """(5): x element of z x sigma against dH/dk_x."""
    slope = _hamiltonian(K[0] + 0.5, K[1]) - _hamiltonian(K[0] - 0.5, K[1])
    return (-SIGMA["y"])[0, 1].imag, slope[0, 1].imag


def _state(sign: int) -> tuple[np.ndarray, float]:
    """(6) as printed, and its energy."""
    x, y = BETA * M[0], BETA * M[1]
    gamma = np.arctan2(K[0] - y, K[1] + x)
    size = np.sqrt((K[1] + x) ** 2 + (K[0] - y) ** 2 + (BETA * M[2]) ** 2)
    chi, phase = np.arccos(BETA * M[2] / size), np.exp(1j * gamma)
    up = np.array([phase * np.cos(chi / 2), np.sin(chi / 2)])
    down = np.array([-phase * np.sin(chi / 2), np.cos(chi / 2)])
    return (up if sign > 0 else down), sign * float(size)


def eigenstates() -> Numbers:
    """(6): energy of the printed lower state in (2)."""
    state, size = _state(-1)
    return np.real(state.conj() @ _hamiltonian(*K) @ state), size


def spin_of_a_state() -> Numbers:
    """(7): <sigma_x> of the upper state."""
    _, u = np.linalg.eigh(_hamiltonian(*K))
    exact = np.real(u[:, 1].conj() @ SIGMA["x"] @ u[:, 1])
    return (BETA * M[0] + K[1]) / _state(1)[1], exact


def _ring(k: float, width: complex) -> np.ndarray:
    """G^R on a circle, m along z and Delta = GAP, at the energy ``width``."""
    h = np.multiply.outer(k * np.sin(ANGLES), SIGMA["x"]) + GAP * SIGMA["z"]
    h = h - np.multiply.outer(k * np.cos(ANGLES), SIGMA["y"])
    return np.linalg.inv(width * np.eye(2) - h)


def _mean_trace(*factors: np.ndarray) -> complex:
    product = factors[0]
    for f in factors[1:]:
        product = product @ f
    return complex(np.trace(product, axis1=1, axis2=2).mean())


def adiabatic(lowest: float) -> float:
    """<sigma_x> per E_x of spins that follow d(k(t)), dk/dt = -E, in a band down to ``lowest`` k.

    d = (k_y, -k_x, Delta) and d<sigma>/dt = 2 d x <sigma> give (d x dd/dt)/2|d|^3 in the lower
    band; where both bands are full they cancel.
    """
    return quad(lambda k: -GAP / (4.0 * np.pi) * k / np.hypot(k, GAP) ** 3, lowest, np.inf)[0]


def _fermi() -> float:
    return float(np.sqrt(1.0 - GAP**2))


def fermi_surface_term() -> Numbers:
    """(8) letter by letter, without impurities: <sigma_x> per E_x at the level width 1e-3."""
    width, k = 1e-3, _fermi()

    def shell(k: float) -> float:
        g = _ring(k, 1.0 + 1j * width)
        a = np.conj(np.swapaxes(g, 1, 2))
        return _mean_trace(SIGMA["x"] @ a, -SIGMA["y"] @ (g - a)).real * k

    ends = (0.0, k - 30 * width, k, k + 30 * width, 3.0, 300.0)
    parts = [quad(shell, *p, limit=300)[0] for p in pairwise(ends)]
    return -sum(parts) / (4.0 * np.pi**2), adiabatic(k)


@cache
def _sea_term(energy: float, width: float) -> float:
    """(9) letter by letter: energies run up from ``energy`` in the upper half plane."""

    def at(y: float) -> complex:
        def shell(share: float) -> complex:
            k = share / (1.0 - share)
            g = _ring(k, energy + 1j * (width + y))
            v, s = -SIGMA["y"], SIGMA["x"]
            trace = _mean_trace(s @ g, v @ (-g @ g)) - _mean_trace(s @ (-g @ g), v @ g)
            return trace * k / (1.0 - share) ** 2

        return quad_vec(shell, 0.0, 1.0, epsrel=1e-5)[0]

    value = quad_vec(lambda s: at(s / (1.0 - s)) / (1.0 - s) ** 2, 0.0, 1.0, epsrel=1e-4)[0]
    return float((-1j * value).real / (4.0 * np.pi**2))


def fermi_sea_term() -> Numbers:
    """(9) with eps_F in the gap, where it is everything."""
    return _sea_term(0.0, 1e-4), adiabatic(0.0)


def self_energy() -> Numbers:
    """(11): its imaginary part along sigma_z over n V^2/4, from the integral over k."""
    width = 1e-3

    def shell(k: float) -> float:
        return float(_mean_trace(SIGMA["z"] @ _ring(k, 1.0 + 1j * width)).imag) * k

    k = _fermi()
    ends = (0.0, k - 30 * width, k, k + 30 * width, 3.0, 300.0)
    parts = [quad(shell, *p, limit=300)[0] for p in pairwise(ends)]
    return -GAP, sum(parts) / np.pi


def green_function() -> Numbers:
    """(12): tr sigma_x G/2 at a momentum, against the inverse."""
    surface = DiracSurface(BETA, 1e6, M)
    exact = surface.green(*(np.array(k) for k in K))
    size = _state(1)[1]
    printed = (BETA * M[0] - K[1]) / (1.0 - size**2)
    return printed, float(np.trace(SIGMA["x"] @ exact).real) / 2.0


@cache
def _response(order: str = "kubo") -> tuple[float, float]:
    """s_perp/tau and s_par m_z of the bubble for long lifetimes."""
    once, twice = (bubble.spin_response(DiracSurface(BETA, t, M), order) for t in TIMES)
    slope = (twice - once)[1, 0] / (TIMES[1] - TIMES[0])
    return float(slope), float(2.0 * twice[0, 0] - once[0, 0])


def _closed(function: str, formula: str) -> coefficients.Coefficients:
    """`coefficients` at tau = 1 in these units."""
    found = getattr(coefficients, function)(e, BETA * e, hbar / e, 1.0, M[2], formula)
    unit = hbar / e if function == "spin_density" else hbar / e**2
    return coefficients.Coefficients(found.perp * unit, found.par * unit)


def vertex_a() -> Numbers:
    """A."""
    once, twice = (bubble.vertex_factors(DiracSurface(BETA, t, M))[0] for t in TIMES)
    return float(coefficients.vertex_factors(BETA, hbar / e, e, M[2]).perp), 2.0 * twice - once


def vertex_b() -> Numbers:
    """B times tau."""
    once, twice = (t * bubble.vertex_factors(DiracSurface(BETA, t, M))[1] for t in TIMES)
    return float(coefficients.vertex_factors(BETA, hbar / e, e, M[2]).par), 2.0 * twice - once


def field_like_spin() -> Numbers:
    """(13), first term over tau."""
    return float(_closed("spin_density", "printed").perp), _response()[0]


def damping_like_spin() -> Numbers:
    """(13), second term."""
    return M[2] * float(_closed("spin_density", "printed").par), _response()[1]


def field_like_torque() -> Numbers:
    """(14), first term over tau."""
    return float(_closed("torque", "printed").perp), BETA * _response()[0]


def damping_like_torque() -> Numbers:
    """(14), second term."""
    return M[2] * float(_closed("torque", "printed").par), BETA * _response()[1]


@cache
def _pumped() -> np.ndarray:
    """Sheet current per dm/dt: (2, 3)."""
    surface = DiracSurface(BETA, TIMES[1], M)
    return np.asarray(bubble.current(bubble.pumped_spin(surface)) @ np.eye(2, 3))


@cache
def _torque(sign: float) -> np.ndarray:
    """Torque per E at m or -m: (3, 2)."""
    m = sign * np.array(M)
    spin = bubble.spin_response(DiracSurface(BETA, TIMES[1], tuple(m)))
    return np.asarray(sign * TURNED @ spin) * BETA


def onsager() -> Numbers:
    """(18): j_x per energy gradient along z, from the torque at -m and from the pumped current."""
    return float(-_torque(-1.0)[2, 0]), float((_pumped() @ TURNED)[0, 2])


def pumped_current() -> Numbers:
    """(22): j_x per dm_y/dt, with the torques of the bubble; over tau."""
    tensor = bubble.spin_response(DiracSurface(BETA, TIMES[1], M))
    return -BETA * float(tensor[1, 0]) / TIMES[1], float(_pumped()[0, 1]) / TIMES[1]


def _rate() -> np.ndarray:
    return np.asarray(TURNED @ [6.0, -10.0, 14.0])


def pumped_torque() -> Numbers:
    """(23), first term: x component over tau, with a torque of the right sign."""
    rate = _rate()
    spin = bubble.pumped_spin(DiracSurface(BETA, TIMES[1], M)) @ rate[:2]
    right = coefficients.Coefficients(_closed("torque", "corrected").perp, np.array(0.0))
    printed = pumping.pumped_torque(right, M, rate, BETA * e, 1.0)[0]
    return float(printed), BETA * float((TURNED @ spin)[0]) / TIMES[1]


def pumped_precession() -> Numbers:
    """(23), second term: its component along m, per tau_par Delta/e v."""
    flat = _rate() * [1.0, 1.0, 0.0]
    return M[2] ** 2 * float(flat @ np.array(M)), 0.0


def anisotropic_damping() -> Numbers:
    """(24): T.m at alpha = 0.1 and a surface damping of 0.2."""
    rate = _rate()
    printed = -0.3 * rate * [1.0, 1.0, 0.0] + 0.1 * rate * [0.0, 0.0, 1.0]
    exact = pumping.damping_torque(0.1, 0.2, M, rate) @ np.array(M)
    return float(printed @ np.array(M)), abs(round(float(exact), 12))


def width_of_the_diagram() -> Numbers:
    """Fig. 2: sudden Dirac torque over sudden spin Hall torque, no damping, H_x = 0."""
    exact = undamped_threshold("dirac", 0.0) / undamped_threshold("spin_hall", 0.0)
    return 2.0, float(exact)


def slow_diagram() -> Numbers:
    """Fig. 2(b): the limit of a slow spin Hall torque at H_x = 0, where sin 2t has its maximum."""
    angle = np.linspace(0.0, 0.5 * np.pi, 100001)
    return float(spin_hall_limit(0.0)), float(np.max(np.sin(angle) * np.cos(angle)))


def _pair(k: float) -> float:
    """Im F of (A.5) on a circle."""
    total = 0.0
    for angle in ANGLES:
        h = k * np.sin(angle) * SIGMA["x"] - k * np.cos(angle) * SIGMA["y"] + GAP * SIGMA["z"]
        _, u = np.linalg.eigh(h)
        s, v = (u.conj().T @ a @ u for a in (SIGMA["x"], -SIGMA["y"]))
        total += float((s[1, 0] * v[0, 1]).imag) / len(ANGLES)
    return total


def _bands(start: float, end: float) -> float:
    """Int k dk/2 pi of Im F/(eps_+ - eps_-)^2."""
    return quad(lambda k: _pair(k) * k / (8.0 * np.pi * (k**2 + GAP**2)), start, end, limit=200)[0]


def lower_band() -> Numbers:
    """(A.7) against (9) in the gap."""
    return -_bands(0.0, np.inf), _sea_term(0.0, 1e-4)


def upper_band() -> Numbers:
    """(A.8) against (A.11) less (A.10)."""
    return -_bands(0.0, _fermi()), _band_integral(_fermi(), np.inf) - _band_integral(0.0, np.inf)


def _band_integral(start: float, end: float) -> float:
    """(A.10): (1/2) Int k dk/2 pi of Delta/eps^3."""
    return quad(lambda k: GAP * k / (4.0 * np.pi * np.hypot(k, GAP) ** 3), start, end)[0]


def lower_band_again() -> Numbers:
    """(A.10) against (9) in the gap."""
    return _band_integral(0.0, np.inf), _sea_term(0.0, 1e-4)


def full_bands() -> Numbers:
    """(A.13) against (A.10) + (A.11)."""
    return GAP / (4.0 * np.pi), _band_integral(_fermi(), np.inf)


def at_the_fermi_energy() -> Numbers:
    """(A.9): what remains of (9) in the metal without (A.13), extrapolated to no width."""
    return -0.5 * _pair(_fermi()) / (2.0 * 2.0 * np.pi), _metal_sea() - GAP / (4.0 * np.pi)


def at_the_fermi_energy_again() -> Numbers:
    """(A.12), whose prefactor should be -1/2 eps_F^2."""
    return GAP / (4.0 * np.pi), _metal_sea() - GAP / (4.0 * np.pi)


def at_the_fermi_energy_closed() -> Numbers:
    """(A.14)."""
    return -GAP / (4.0 * np.pi), _metal_sea() - GAP / (4.0 * np.pi)


@cache
def _metal_sea() -> float:
    """(9) with eps_F above the gap, extrapolated from two level widths."""
    return 2.0 * _sea_term(1.0, 0.1) - _sea_term(1.0, 0.2)
