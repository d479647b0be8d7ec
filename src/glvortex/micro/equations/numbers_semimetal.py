"""Numbers behind the judgement on the vorticity sum 000 (20): chi of any d(k), in e/4 pi hbar.

Units hbar = e = 1 and |mu| = 1, or the lattice constant and half the band width of d = sin k.
"""

from __future__ import annotations

from functools import cache, partial

import numpy as np

from glvortex.micro import dirac, exact
from glvortex.micro.equations.numbers_000 import Numbers
from glvortex.micro.nambu import Array
from glvortex.micro.semimetal import Semimetal

ZONE = ((2.0 * np.pi, 0.0), (0.0, 2.0 * np.pi))
POINTS = ((0.0, 0.0), (np.pi, np.pi), (np.pi, 0.0), (0.0, np.pi))
ENERGIES = (0.6, 0.3, 0.15)
WARMTH = 0.12  # k_B T over those: tanh(1/0.24) is 1 to 5e-4


def stretched(kx: Array, ky: Array) -> tuple[Array, Array]:
    """Elliptic cone of vorticity -1."""
    return kx, -2.0 * ky


def power(n: int, kx: Array, ky: Array) -> tuple[Array, Array]:
    """(k_x + i k_y)^n, of vorticity n."""
    z = (kx + 1j * ky) ** n
    return z.real, z.imag


def sines(kx: Array, ky: Array) -> tuple[Array, Array]:
    """Four Dirac points: vorticity 1 where sin k_x and sin k_y rise or fall together, else -1."""
    return np.sin(kx), np.sin(ky)


def _sum(
    field: dirac.Field, points: tuple[tuple[float, float], ...], energies: list[float]
) -> float:
    turns = [dirac.vorticity(field, point, 0.5) for point in points]
    return float(dirac.chi_semimetal(turns, energies)) / float(dirac.chi(1.0))


def _chi(model: Semimetal, accuracy: float = 1e-7) -> float:
    value = exact.gradient_response(model, "current_y", "exchange_z", accuracy).value
    return float(value) * 4.0 * np.pi


def one_point(field: dirac.Field) -> Numbers:
    """One touching point at k = 0, mu = 1, T = 0.02."""
    model = Semimetal(field=field, chemical_potential=1.0, temperature=0.02, scale=3.0)
    return _sum(field, POINTS[:1], [1.0]), _chi(model)


winding_two = partial(one_point, partial(power, 2))
winding_three = partial(one_point, partial(power, 3))


def lattice() -> Numbers:
    """All four points of d = sin k filled alike, mu = 0.3, T = 0.1."""
    model = Semimetal(field=sines, chemical_potential=0.3, temperature=0.1, zone=ZONE)
    return _sum(sines, POINTS, [0.3] * 4), _chi(model)


@cache
def chi_of_shifted_points(size: float) -> float:
    """d = sin k with energy ``size`` cos k_x cos k_y, mu = 0: mu_s = -size, -size, size, size."""
    model = Semimetal(
        field=sines,
        energy=lambda kx, ky: size * np.cos(kx) * np.cos(ky),
        chemical_potential=0.0,
        temperature=WARMTH * size,
        zone=ZONE,
    )
    return _chi(model, 2e-2)  # the change of the last doubling: the sum is ten times better


def lattice_limit() -> Numbers:
    """Points at opposite energies, from three sizes of them extrapolated to none."""
    first, second, third = (chi_of_shifted_points(x) for x in ENERGIES)
    linear = 2.0 * second - first, 2.0 * third - second
    limit = (4.0 * linear[1] - linear[0]) / 3.0
    return _sum(sines, POINTS, [-1.0, -1.0, 1.0, 1.0]), limit
