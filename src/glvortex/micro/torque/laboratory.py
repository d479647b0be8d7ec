"""From a material and a current or field to the reduced numbers of `macrospin`.

A torque of the Dirac surface per area acts on the moment per area M_s d of the magnet above it:
dm/dt = gamma T/(M_s d), so that mu0 H = T/(M_s d) is the field that it is worth. Reduced numbers
are such fields over the unit field B (in tesla), often mu0 H_K = 2 K/M_s; times are in 1/(gamma B).
SI units; everything broadcasts.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.constants import e, hbar, k, physical_constants

from glvortex.micro.checks import POSITIVE, SIGNED, Rule, checked
from glvortex.micro.estimate import Array
from glvortex.micro.torque.coefficients import Coefficients, conductivity, torque

GAMMA = physical_constants["electron gyromag. ratio"][0]
"""Of an electron spin, in 1/(s T)."""

MAGNET = {
    "moment_per_area": Rule(POSITIVE, "A"),
    "unit_field": Rule(POSITIVE, "T"),
    "moment": Rule(POSITIVE, "A m^2"),
    "electric_field": SIGNED,
    "current_density": SIGNED,
    "spin_hall_angle": SIGNED,
    "temperature": Rule("not be negative", "K"),
}


class DiracDrive(NamedTuple):
    """``dirac`` and ``fieldlike`` of `Drive`; ``sheet_current`` of the surface along E in A/m."""

    dirac: Array
    fieldlike: Array
    sheet_current: Array


@checked(**MAGNET)
def dirac_drive(
    electric_field: ArrayLike,
    fermi_energy: ArrayLike,
    exchange: ArrayLike,
    lifetime: ArrayLike,
    velocity: ArrayLike,
    moment_per_area: ArrayLike,
    unit_field: ArrayLike,
) -> DiracDrive:
    """What a field ``electric_field`` (V/m, at the surface) does to the magnet above it.

    Torques at m_z = 0, as `Drive` wants them (`Macrospins.polarization` = exchange/fermi_energy
    brings their dependence on m_z); ``fermi_energy``, ``exchange`` in J, ``lifetime`` in s,
    ``velocity`` in m/s as in `coefficients`, ``moment_per_area`` M_s d in A, ``unit_field`` in T.
    A sheet current in A/m divided by `coefficients.conductivity` is such a field.

    Raises ParameterError for values out of range.
    """
    at_rest = torque(fermi_energy, exchange, lifetime, velocity, 0.0)
    flow = conductivity(fermi_energy, exchange, lifetime, 0.0).perp * np.asarray(electric_field)
    reduced = _reduced(at_rest, electric_field, moment_per_area, unit_field)
    return DiracDrive(reduced.par, reduced.perp, np.asarray(flow))


@checked(**MAGNET)
def surface_damping(
    fermi_energy: ArrayLike,
    exchange: ArrayLike,
    lifetime: ArrayLike,
    velocity: ArrayLike,
    moment_per_area: ArrayLike,
) -> Array:
    """alpha_D = gamma Delta tau_perp/(e v M_s d) at m_z = 0, 002 (24); arguments as `dirac_drive`.

    Raises ParameterError for values out of range.
    """
    perp = torque(fermi_energy, exchange, lifetime, velocity, 0.0).perp
    scale = np.asarray(exchange) / (e * np.asarray(velocity))
    return GAMMA * scale * perp / np.asarray(moment_per_area)


@checked(**MAGNET)
def spin_hall_drive(
    current_density: ArrayLike,
    spin_hall_angle: ArrayLike,
    moment_per_area: ArrayLike,
    unit_field: ArrayLike,
) -> Array:
    """`Drive.spin_hall` of a current (A/m^2) in a heavy metal: hbar theta_SH j/(2 e M_s d B).

    Its spins, polarised along z x j, are taken up completely by the magnet (002, ref. 8).

    Raises ParameterError for values out of range.
    """
    spins = hbar * np.asarray(spin_hall_angle) * np.asarray(current_density) / (2.0 * e)
    return spins / (np.asarray(moment_per_area) * np.asarray(unit_field))


@checked(**MAGNET)
def thermal(temperature: ArrayLike, moment: ArrayLike, unit_field: ArrayLike) -> Array:
    """`Drive.temperature` = k_B T/(M B) of a moment M = M_s V in A m^2.

    Raises ParameterError for values out of range.
    """
    return k * np.asarray(temperature) / (np.asarray(moment) * np.asarray(unit_field))


@checked(**MAGNET)
def unit_time(unit_field: ArrayLike) -> Array:
    """1/(gamma B) in s, the time unit of `evolve`.

    Raises ParameterError for a field that is not positive.
    """
    return 1.0 / (GAMMA * np.asarray(unit_field))


def _reduced(
    torques: Coefficients, field: ArrayLike, moment_per_area: ArrayLike, unit_field: ArrayLike
) -> Coefficients:
    scale = np.asarray(field) / (np.asarray(moment_per_area) * np.asarray(unit_field))
    return Coefficients(torques.perp * scale, torques.par * scale)
