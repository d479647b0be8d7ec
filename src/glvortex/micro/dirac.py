"""A Dirac surface (topological insulator) under magnetisation gradients: closed forms of 000 IV.

SI units: energies in J, ``velocity`` v in m/s, ``mass`` of the quadratic term in kg, ``warping`` in
J m^3; coefficients in A/J, g_soc in 1/(J m). ``chemical_potential`` counts from the Dirac point and
is signed. Everything broadcasts; T = 0.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.constants import e, hbar

from glvortex.errors import ParameterError
from glvortex.micro.checks import POSITIVE, SIGNED, Rule, check, checked
from glvortex.micro.rashba import BOHR_MAGNETON, CHI_UNIT

Array = NDArray[np.float64]
Field = Callable[[Array, Array], tuple[Array, Array]]

surface = checked(chemical_potential=SIGNED)

SMALL_MU = 0.01  # in units of the gap: below, a series


@surface
def chi(chemical_potential: ArrayLike, gap: ArrayLike = 0.0) -> Array:
    """chi of one Dirac cone, 000 (19), with a pairing gap (42) + (43).

    Quantised to sgn(mu) e/4 pi hbar without a gap; an infinitesimal one takes away half of it.

    Raises ParameterError at mu = 0 without a gap, where chi jumps.
    """
    return chi_part_1(chemical_potential, gap) + chi_part_2(chemical_potential, gap)


@surface
def chi_part_1(chemical_potential: ArrayLike, gap: ArrayLike = 0.0) -> Array:
    """The part of `chi` that the normal state has too, 000 (19), (42)."""
    mu, gap = _paired(chemical_potential, gap)
    return (CHI_UNIT * mu / np.hypot(mu, gap))[()]


@surface
def chi_part_2(chemical_potential: ArrayLike, gap: ArrayLike = 0.0) -> Array:
    """The part of `chi` that pairing brings, 000 (43): -1/2 of (19) at gap -> 0+, 0 at gap = 0."""
    mu, gap = _paired(chemical_potential, gap)
    x = np.abs(mu) / np.where(gap == 0.0, 1.0, gap)
    large = np.maximum(x, SMALL_MU)
    root = np.hypot(1.0, large)
    whole = -0.5 * large / root + 0.5 / large**2 * (large / root - np.arcsinh(large))
    series = -x * (2.0 / 3.0 - 0.4 * x**2 + 9.0 / 28.0 * x**4)  # small terms of whole cancel
    value = np.where(gap == 0.0, 0.0, np.where(x > SMALL_MU, whole, series))
    return (CHI_UNIT * np.sign(mu) * value)[()]


@surface
def g_soc(chemical_potential: ArrayLike, velocity: ArrayLike, gap: ArrayLike = 0.0) -> Array:
    """Spin density per gradient in 1/(J m): chi/(e v), 000 App. B1, (B10)."""
    return chi(chemical_potential, gap) / (e * np.asarray(velocity))


def vorticity(
    field: Field, point: tuple[float, float] = (0.0, 0.0), radius: float = 1.0, samples: int = 720
) -> int:
    """Winding of d(k) around a touching point of d_x sigma_y - d_y sigma_x, 000 (18) and (20).

    ``field(kx, ky)`` gives (d_x, d_y); the circle of ``radius`` about ``point`` must hold no other
    zero. Counted so that d = k has vorticity 1, that is tan theta = -d_x/d_y (printed -d_y/d_x).

    Raises ParameterError where the field vanishes on the circle or turns too fast for ``samples``.
    """
    angle = 2.0 * np.pi * np.arange(samples) / samples
    dx, dy = field(point[0] + radius * np.cos(angle), point[1] + radius * np.sin(angle))
    direction = np.asarray(dx, dtype=float) + 1j * np.asarray(dy, dtype=float)
    size = np.abs(direction)
    if not np.all(size > 1e-12 * size.max()):
        raise ParameterError("the field d(k) vanishes on the circle: choose another radius.")
    steps = np.angle(np.roll(direction, -1) / direction)
    if np.abs(steps).max() > 0.5 * np.pi:
        raise ParameterError("the field d(k) turns too fast on the circle: raise samples.")
    return int(np.rint(steps.sum() / (2.0 * np.pi)))


def chi_semimetal(vorticities: ArrayLike, chemical_potentials: ArrayLike) -> Array:
    """chi in A/J of a semimetal with several touching points, 000 (20): a sum over the last axis.

    ``chemical_potentials`` count from each point. Exact where all are the same and d(k) is any
    field; where they differ, the energy in between adds terms linear in them over the band width.
    `glvortex.micro.Semimetal` has the whole.

    Raises ParameterError for unequal numbers of both, and at a touching point, where chi jumps.
    """
    turns = check(vorticities, "vorticities", SIGNED)
    mu = check(chemical_potentials, "chemical_potentials", SIGNED)
    if mu.ndim == 0 or turns.ndim == 0 or mu.shape[-1] != turns.shape[-1]:
        raise ParameterError("vorticities and chemical_potentials must be equally many.")
    return CHI_UNIT * np.sum(turns * np.sign(_signed(mu)), axis=-1)


@surface
def berry_curvature(
    kx: ArrayLike, ky: ArrayLike, velocity: ArrayLike, exchange: ArrayLike
) -> Array:
    """Berry curvature of the lower band in m^2 for exchange field M_z, 000 (27)."""
    speed, mass = hbar * np.asarray(velocity), np.asarray(exchange)
    energy = np.sqrt(speed**2 * (np.square(kx) + np.square(ky)) + mass**2)
    return -(speed**2) * mass / (2.0 * energy**3)


@surface
def orbital_magnetisation(chemical_potential: ArrayLike, exchange: ArrayLike) -> Array:
    """Orbital moment per area in A for uniform M_z, 000 (24).

    -(e/4 pi hbar) mu M_z/max(|mu|, |M_z|); minus its derivative in M_z is chi, 000 (29).
    """
    mu, mass = np.asarray(chemical_potential), np.asarray(exchange)
    largest = np.maximum(np.abs(mu), np.abs(mass))
    return -CHI_UNIT * mu * mass / np.where(largest == 0.0, 1.0, largest)


@surface
def hall_conductance(chemical_potential: ArrayLike, exchange: ArrayLike) -> Array:
    """Anomalous Hall conductance in S: sgn(M_z) e^2/4 pi hbar in the gap, 000 (28).

    Outside the gap |M_z/mu| times that, the integral of the Berry curvature over filled states; it
    is not -e d(magnetisation)/d(mu) there, which vanishes.
    """
    mu, mass = np.asarray(chemical_potential), np.asarray(exchange)
    largest = np.maximum(np.abs(mu), np.abs(mass))
    return e * CHI_UNIT * mass / np.where(largest == 0.0, 1.0, largest)


@checked(chemical_potential=SIGNED, gradient=Rule(POSITIVE, "J/m"))
def landau_levels(
    index: ArrayLike,
    gradient: ArrayLike,
    velocity: ArrayLike,
    mass_term: ArrayLike,
    chemical_potential: ArrayLike = 0.0,
) -> Array:
    """Energies in J of the levels n = ..., -1, 0, 1, ... in a uniform magnetisation gradient (J/m).

    E_0 = ``mass_term`` - mu, E_n = sgn(n) sqrt(2 hbar v B |n| + mass_term^2) - mu. In-plane
    gradient B = dM_y/dy: mass_term is M_z and the bands are flat, 000 (31)-(33). Out-of-plane
    gradient B = dM_z/dy:
    mass_term is v hbar k_x - M_y, 000 (35)-(37). Raises ParameterError for an index not whole.
    """
    n = np.asarray(index)
    if np.any(n != np.rint(n)):
        raise ParameterError(f"index must be whole numbers, got {n[n != np.rint(n)].flat[0]:g}.")
    term, mu = np.asarray(mass_term), np.asarray(chemical_potential)
    square = 2.0 * hbar * np.asarray(velocity) * np.asarray(gradient)
    levels = np.sign(n) * np.sqrt(square * np.abs(n) + term**2)
    return np.where(n == 0, term, levels) - mu


@surface
def landau_spin_density(
    chemical_potential: ArrayLike, gradient: ArrayLike, velocity: ArrayLike
) -> Array:
    """<sigma_z> in 1/m^2 of the zeroth level in dM_y/dy, 000 (B3) antisymmetrised in mu.

    -sgn(mu)/(4 pi l_B^2): S_z = -g_soc div M, 000 (4).
    """
    density = np.asarray(gradient) / (2.0 * np.pi * hbar * np.asarray(velocity))
    return -0.5 * np.sign(np.asarray(chemical_potential)) * density


@surface
def g_soc_corrected(
    chemical_potential: ArrayLike,
    velocity: ArrayLike,
    mass: ArrayLike = np.inf,
    warping: ArrayLike = 0.0,
) -> Array:
    """g_soc in 1/(J m) with quadratic term and warping to second order, 000 (38); no gap.

    Without the term of (B11) that grows with the cutoff.
    """
    mu, speed = _signed(chemical_potential), np.asarray(velocity)
    quadratic = mu / (np.asarray(mass) * speed**2)
    hexagonal = np.asarray(warping) * mu**2 / (hbar * speed) ** 3
    series = 1.0 + 0.5 * quadratic**2 - 1.5 * hexagonal**2
    return np.sign(mu) * series / (4.0 * np.pi * hbar * speed)


@surface
def chi_corrected(
    chemical_potential: ArrayLike,
    velocity: ArrayLike,
    mass: ArrayLike = np.inf,
    warping: ArrayLike = 0.0,
) -> Array:
    """chi in A/J with quadratic term and warping to second order, 000 (39); no gap."""
    mu, speed = _signed(chemical_potential), np.asarray(velocity)
    quadratic = mu / (np.asarray(mass) * speed**2)
    spin = e * speed * g_soc_corrected(mu, speed, mass, warping)
    return spin + CHI_UNIT * np.sign(mu) * quadratic * (1.0 - quadratic)


@surface
def chi_quadratic(
    chemical_potential: ArrayLike, velocity: ArrayLike, mass: ArrayLike = np.inf
) -> Array:
    """chi in A/J with the quadratic term to all orders: sgn(mu) sqrt(1 + 2 mu/m v^2) e/4 pi hbar.

    The lower limit of the integral 000 (B13), cutoff left out; its series is 000 (39). No gap, no
    warping. Raises ParameterError below the band bottom, mu <= -m v^2/2.
    """
    mu = _signed(chemical_potential)
    return CHI_UNIT * np.sign(mu) * _root(mu, velocity, mass)


@surface
def g_soc_quadratic(
    chemical_potential: ArrayLike, velocity: ArrayLike, mass: ArrayLike = np.inf
) -> Array:
    """g_soc in 1/(J m) with the quadratic term to all orders: (s + 1/s)/2 times that without.

    s = sqrt(1 + 2 mu/m v^2); the series is 000 (38), found and confirmed with the exact engine.
    """
    mu = _signed(chemical_potential)
    root = _root(mu, velocity, mass)
    speed = hbar * np.asarray(velocity)
    return np.sign(mu) * 0.5 * (root + 1.0 / root) / (4.0 * np.pi * speed)


@surface
def chi_spin_perp(
    chemical_potential: ArrayLike, velocity: ArrayLike, cutoff: ArrayLike | None = None
) -> Array:
    """Out-of-plane spin susceptibility in 1/(J m^2), 000 (40): -|mu|/(2 pi hbar^2 v^2).

    With an energy ``cutoff`` the whole value (cutoff - |mu|)/(2 pi hbar^2 v^2) before (40).
    """
    energy = -np.abs(np.asarray(chemical_potential))
    if cutoff is not None:
        energy = np.asarray(cutoff) + energy
        if np.any(energy < 0.0):
            raise ParameterError("cutoff must be above the size of chemical_potential.")
    return energy / (2.0 * np.pi * (hbar * np.asarray(velocity)) ** 2)


@surface
def chi_zeeman(
    chemical_potential: ArrayLike, velocity: ArrayLike, lande_factor: ArrayLike = 2.0
) -> Array:
    """chi_Z = g mu_B chi_spin_perp/2 in A/J, 000 (5), (41)."""
    moment = 0.5 * np.asarray(lande_factor) * BOHR_MAGNETON
    return moment * chi_spin_perp(chemical_potential, velocity)


def _root(mu: Array, velocity: ArrayLike, mass: ArrayLike) -> Array:
    square = 1.0 + 2.0 * mu / (np.asarray(mass) * np.asarray(velocity) ** 2)
    if not np.all(square > 0.0):
        raise ParameterError(
            "chemical_potential must be above -m v^2/2, the end of the lower cone."
        )
    return np.sqrt(square)


def _signed(chemical_potential: ArrayLike) -> Array:
    mu = np.asarray(chemical_potential)
    if np.any(mu == 0.0):
        raise ParameterError(
            "chemical_potential must not be zero: chi jumps there from -e/4 pi hbar to e/4 pi hbar,"
            " so take a small value of either sign."
        )
    return mu


def _paired(chemical_potential: ArrayLike, gap: ArrayLike) -> list[Array]:
    """Both as arrays of one shape; with a gap chi is zero at mu = 0 and does not jump."""
    mu, gap = np.broadcast_arrays(chemical_potential, gap)
    _signed(mu[gap == 0.0])
    return [mu, gap]
