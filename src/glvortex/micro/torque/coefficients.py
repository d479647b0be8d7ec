"""Spin-orbit torques of a magnetised Dirac surface in closed form: 002 (13), (14) corrected.

Metallic regime eps_F > |Delta m_z|, leading orders in 1/tau eps_F. SI units: energies in J,
``lifetime`` tau in s (1/2 tau is the rate of loss from a state at m_z = 0), ``velocity`` v in m/s.
With <sigma> the spin density over hbar/2 (per area), beta = Delta/eps_F and x = (beta m_z)^2,

    <sigma> = s_perp z x E + s_par m_z E
    s_perp = e tau eps_F/(pi hbar^2 v) (1 - x)/(1 + 3 x)
    s_par  = -2 e beta/(pi hbar v) (1 + x)/(1 + 3 x)^2
    torque per area = Delta m x <sigma> = tau_perp m x (z x E) + tau_par m_z m x E.

Signs are those of H = hbar v sigma.(k x z) + Delta sigma.m and electrons of charge -e; `bubble` is
the referee. ``formula="printed"`` has the signs and factors of the paper (hbar put in where units
ask for it). Everything broadcasts.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.constants import e, hbar

from glvortex.errors import ParameterError
from glvortex.micro.checks import POSITIVE, SIGNED, Rule, checked
from glvortex.micro.estimate import Array
from glvortex.micro.torque.shape import longitudinal, transverse

FORMULAS = ("corrected", "printed")

surface = checked(
    fermi_energy=Rule(POSITIVE, "J"),
    exchange=Rule("", "J"),
    lifetime=Rule(POSITIVE, "s"),
    mz=SIGNED,
    polarization=SIGNED,
)


class Coefficients(NamedTuple):
    """``perp`` goes with z x E, ``par`` with m_z E (after m x for torques)."""

    perp: Array
    par: Array


@surface
def spin_density(
    fermi_energy: ArrayLike,
    exchange: ArrayLike,
    lifetime: ArrayLike,
    velocity: ArrayLike,
    mz: ArrayLike = 1.0,
    formula: str = "corrected",
) -> Coefficients:
    """<sigma> per electric field in 1/(V m), 002 (13).

    "printed" gives twice the printed spin density, which is in units of hbar.

    Raises ParameterError for an exchange gap above the Fermi energy, or another formula.
    """
    energy, tau, v = (np.asarray(a) for a in (fermi_energy, lifetime, velocity))
    beta = np.asarray(exchange) / energy
    x = _gap(beta, mz)
    perp = e * tau * energy / (np.pi * hbar**2 * v) * longitudinal(x)
    par = -2.0 * e * beta / (np.pi * hbar * v) * transverse(x)
    return Coefficients(_choose(formula) * perp, par)


def torque(
    fermi_energy: ArrayLike,
    exchange: ArrayLike,
    lifetime: ArrayLike,
    velocity: ArrayLike,
    mz: ArrayLike = 1.0,
    formula: str = "corrected",
) -> Coefficients:
    """tau_perp and tau_par in J/m^2 per V/m, 002 (14): field-like and damping-like.

    "printed" is (14) with hbar^2 for hbar in the first term: half of it, with the other sign.

    Raises ParameterError as `spin_density` does.
    """
    density = spin_density(fermi_energy, exchange, lifetime, velocity, mz)
    delta = np.asarray(exchange)
    factor = 0.5 * _choose(formula) if formula == "printed" else _choose(formula)
    return Coefficients(factor * delta * density.perp, delta * density.par)


@surface
def vertex_factors(
    polarization: ArrayLike, lifetime: ArrayLike, fermi_energy: ArrayLike, mz: ArrayLike = 1.0
) -> Coefficients:
    """A and B of 002: sigma_x with the ladder is A sigma_x + B sigma_y, to first order in 1/tau.

    Raises ParameterError as `spin_density` does.
    """
    beta = np.asarray(polarization)
    x = _gap(beta, mz)
    small = hbar / (np.asarray(lifetime) * np.asarray(fermi_energy))
    a = 2.0 * (1.0 + x) / (1.0 + 3.0 * x)
    return Coefficients(a, 2.0 * small * beta * np.asarray(mz) * transverse(x))


@surface
def conductivity(
    fermi_energy: ArrayLike, exchange: ArrayLike, lifetime: ArrayLike, mz: ArrayLike = 1.0
) -> Coefficients:
    """Sheet conductivities in S: j = sigma_xx E + sigma_H m_z z x E, from j = -e v z x <sigma>.

    ``perp`` is sigma_xx and ``par`` sigma_H: the spin density times e v.

    Raises ParameterError as `spin_density` does.
    """
    density = spin_density(fermi_energy, exchange, lifetime, 1.0, mz)
    return Coefficients(e * density.perp, -e * density.par)


def _gap(beta: Array, mz: ArrayLike) -> Array:
    x = (beta * np.asarray(mz)) ** 2
    if np.any(x >= 1.0):
        raise ParameterError(
            "the Fermi energy must be above the gap |exchange m_z| (the metallic regime), but "
            f"|exchange m_z|/fermi_energy is {np.sqrt(np.max(x)):g}."
        )
    return x


def _choose(formula: str) -> float:
    """Sign of the first term."""
    if formula not in FORMULAS:
        raise ParameterError(f"there is no formula '{formula}': take one of {', '.join(FORMULAS)}.")
    return -1.0 if formula == "printed" else 1.0
