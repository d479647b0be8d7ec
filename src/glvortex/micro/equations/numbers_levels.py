"""Numbers on Berry curvature, Landau levels and adiabatic frame of the Dirac surface, 000 IV, B."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.constants import e, hbar
from scipy.integrate import quad

from glvortex.micro import dirac, exact
from glvortex.micro.equations.numbers_000 import UNIT, Numbers
from glvortex.micro.equations.numbers_surface import surface
from glvortex.micro.nambu import SIGMA
from glvortex.micro.rashba import CHI_UNIT


def berry() -> Numbers:
    """(27) at k = (0.4, 0.3), M_z = 0.3, against a plaquette of overlaps."""
    mass, k, h = 0.3, np.array([0.4, 0.3]), 1e-3
    printed = float(dirac.berry_curvature(k[0], k[1], 1.0 / hbar, mass))

    def lower(kx: float, ky: float) -> np.ndarray:
        matrix = np.array([[-mass, -ky - 1j * kx], [-ky + 1j * kx, mass]])
        return np.linalg.eigh(matrix)[1][:, 0]

    corners = [lower(*(k + h * np.array(c) / 2)) for c in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    links = np.prod(
        [np.vdot(a, b) for a, b in zip(corners, corners[1:] + corners[:1], strict=True)]
    )
    return printed, -float(np.angle(links)) / h**2


def hall() -> Numbers:
    """(28) in e^2/4 pi hbar, against Streda's -e dn/dB of the engine; mu in the gap."""
    model = surface(0.1, temperature=0.01, exchange=(0.0, 0.0, 0.3))  # type: ignore[arg-type]
    density = exact.gradient_response(model, "charge", "vector_potential_y", 1e-7).value
    return float(dirac.hall_conductance(0.1, 0.3) / (e * CHI_UNIT)), -float(density) / UNIT


@cache
def _levels_on_a_line(out_of_plane: bool) -> np.ndarray:
    """Eigenvalues of (30) or (34) whose states sit in the middle of a line, mass term 0.3."""
    slope, term, n, length = 0.5, 0.3, 160, 18.0
    y = (np.arange(n) + 0.5) / n * length - 0.5 * length
    # p_y by a Fourier matrix: no doubling; the jump of y at the ends has levels of its own
    k = 2.0 * np.pi * np.fft.fftfreq(n, length / n)
    momentum = np.fft.ifft(k[:, None] * np.fft.fft(np.eye(n), axis=0), axis=0)
    position, one = np.diag(y), np.eye(n)
    if out_of_plane:  # term = v k_x - M_y
        h = term * np.kron(SIGMA["y"], one) - slope * np.kron(SIGMA["z"], position)
    else:  # term = M_z, k_x = 0
        h = -slope * np.kron(SIGMA["y"], position) - term * np.kron(SIGMA["z"], one)
    energy, state = np.linalg.eigh(h - np.kron(SIGMA["x"], momentum))
    inside = np.tile(np.abs(y) < 0.3 * length, 2)
    return energy[np.sum(np.abs(state[inside]) ** 2, axis=0) > 0.9]


def landau_level(out_of_plane: bool) -> Numbers:
    """Third level at positive energy, (30)-(37)."""
    printed = np.sqrt(2.0 * 0.5 * 3 + 0.3**2)
    levels = _levels_on_a_line(out_of_plane)
    return float(printed), float(levels[np.argmin(np.abs(levels - printed))])


def zeroth_level(out_of_plane: bool) -> Numbers:
    """(31), (35): the level of smallest energy, which has no partner of the other sign."""
    levels = _levels_on_a_line(out_of_plane)
    return 0.3, float(levels[np.argmin(np.abs(levels))])


def ladder_commutator() -> Numbers:
    """(B1): [a, a^+] in a box of 40 levels of another oscillator; its first diagonal element."""
    size, length = 40, 1.3
    lower = np.diag(np.sqrt(np.arange(1.0, size)), 1)
    y, p = (lower + lower.T) / np.sqrt(2.0), (lower - lower.T) / (1j * np.sqrt(2.0))
    a = length / np.sqrt(2.0) * p - 1j * y / (np.sqrt(2.0) * length)
    commutator = a @ a.conj().T - a.conj().T @ a
    return 1.0, float(commutator[0, 0].real)


def landau_spin() -> Numbers:
    """(B3): -dE/dM_z at M_z = 0, antisymmetrised in mu, against S_z per dM_y/dy."""
    step, roots = 1e-4, np.sqrt(2.0 * np.arange(1, 40))

    def energy(mass: float, mu: float) -> float:
        levels = np.concatenate([[mass], *(s * np.hypot(roots, mass) for s in (1.0, -1.0))]) - mu
        return float(np.sum(levels[levels < 0.0])) / (2.0 * np.pi)

    spin = [(energy(-step, mu) - energy(step, mu)) / (2.0 * step) for mu in (1.0, -1.0)]
    value = exact.gradient_response(surface(), "spin_z", "exchange_y", 1e-7, along="y").value
    return 0.5 * (spin[0] - spin[1]) * 4.0 * np.pi, float(value) * 4.0 * np.pi


@cache
def adiabatic_exact() -> float:
    """S_y per dM_z/dy."""
    value = exact.gradient_response(surface(), "spin_y", "exchange_z", 1e-7, along="y").value
    return float(value) * 4.0 * np.pi


# k_y = sin t: d(k_y)/sqrt(1 - k_y^2) = dt
TILT = 0.5 * np.pi * np.polynomial.legendre.leggauss(60)[0]


TILT_WEIGHT = 0.5 * np.pi * np.polynomial.legendre.leggauss(60)[1]


def adiabatic_integral() -> Numbers:
    """(B8) over the gradient, 1e-5: lengths of u below the cutoff 2 that each mover fills."""
    slope, cutoff, spin = 1e-5, 2.0, 0.0
    for t, weight in zip(TILT, TILT_WEIGHT, strict=True):
        for mover in (1.0, -1.0):
            end = np.cos(t) ** 2 + mover * slope / (2.0 * np.cos(t))
            spin += weight * np.cos(t) * mover * (cutoff + np.clip(end, -cutoff, cutoff))
    return float(spin) / (4.0 * np.pi**2) / slope * 4.0 * np.pi, adiabatic_exact()


def adiabatic_first_order() -> Numbers:
    """(B9): the delta functions as Gaussians of width 0.01, cutoff 2."""
    u, width = np.linspace(-2.0, 2.0, 2001), 0.01
    total = 0.0
    for t, weight in zip(TILT, TILT_WEIGHT, strict=True):
        for mover in (1.0, -1.0):
            peak = np.exp(-0.5 * ((np.cos(t) ** 2 - mover * u) / width) ** 2)
            total += (
                weight / np.pi * 0.5 * 2e-3 * float(np.sum(peak)) / (width * np.sqrt(2.0 * np.pi))
            )
    return total, adiabatic_exact()


def adiabatic() -> Numbers:
    """(B10): S_y per dM_z/dy."""
    return quad(lambda x: 1.0 / (np.pi * np.sqrt(1.0 - x * x)), -1.0, 1.0)[0], adiabatic_exact()
