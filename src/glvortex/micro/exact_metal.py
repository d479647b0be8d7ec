"""The coefficients of `glvortex.micro.rashba` by diagonalisation, in SI units.

Same arguments and signs as the closed forms, with the chemical potential (J, from the band bottom)
besides: nothing is expanded in gap, Rashba energy or temperature over chemical potential.
``broadening`` is the level width Gamma in J. Arguments broadcast; each function returns an
`Estimate` whose value and error have the broadcast shape.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.constants import e, hbar
from scipy.constants import k as boltzmann

from glvortex.errors import ParameterError
from glvortex.micro import exact
from glvortex.micro.checks import POSITIVE, Rule, checked
from glvortex.micro.electrons import Electrons
from glvortex.micro.estimate import Estimate
from glvortex.micro.rashba import SPLIT
from glvortex.micro.sums import COLD

ABOVE_BOTTOM = Rule(
    POSITIVE,
    "J",
    ": for a band filled below its crossing use glvortex.micro.Electrons, whose units are free",
)


@checked(chemical_potential=ABOVE_BOTTOM)
def electrons(
    chemical_potential: float,
    gap: float,
    rashba_energy: float,
    temperature: float = 0.0,
    broadening: float = 0.0,
) -> Electrons:
    """The model in units hbar = m = k_F = 1, k_F = sqrt(2 m mu)/hbar: energies over 2 mu.

    Raises ParameterError for a chemical potential that is not positive, a negative temperature or
    Rashba energy, and as `Electrons` does.
    """
    unit = 2.0 * chemical_potential
    if gap > COLD * boltzmann * temperature:  # no excitations to rounding, and a faster sum
        temperature = 0.0
    return Electrons(
        chemical_potential=0.5,
        rashba=rashba_energy / unit,
        gap=gap / unit,
        temperature=boltzmann * temperature / unit,
        broadening=broadening / unit,
    )


@checked(chemical_potential=ABOVE_BOTTOM, rashba_energy=SPLIT)
def gamma(
    effective_mass: ArrayLike,
    chemical_potential: ArrayLike,
    rashba_length2: ArrayLike,
    gap: ArrayLike,
    rashba_energy: ArrayLike,
    temperature: ArrayLike = 0.0,
    broadening: ArrayLike = 0.0,
    accuracy: float = exact.ACCURACY,
    comm: Any = None,
) -> Estimate:
    """gamma in A/(V J), 003 (2): d^2 j_y/dE_x db_z of 003 (14), (15), exact at any E_R/mu and T.

    Raises ParameterError at zero Rashba energy, besides what `electrons` refuses.
    """
    unit = -(e**2) / hbar**3 * np.asarray(rashba_length2) * np.asarray(effective_mass)

    def of(model: Electrons) -> Estimate:
        names = ("current_y", "exchange_z", "in_plane")
        return exact.mixed_response(model, *names, accuracy=accuracy, comm=comm)

    return _each(of, unit, chemical_potential, gap, rashba_energy, temperature, broadening)


@checked(chemical_potential=ABOVE_BOTTOM, rashba_energy=SPLIT)
def chi(
    chemical_potential: ArrayLike,
    gap: ArrayLike,
    rashba_energy: ArrayLike,
    temperature: ArrayLike = 0.0,
    broadening: ArrayLike = 0.0,
    part: str = "",
    accuracy: float = exact.ACCURACY,
    comm: Any = None,
) -> Estimate:
    """chi in A/J, 000 (A2): sheet current chi dM_z/dx along y.

    ``part``: "kinetic" for chi_orb, "spin" for chi_soc, 000 (12), or "" for both. Raises
    ParameterError at zero Rashba energy and for another part.
    """
    if part not in ("", "kinetic", "spin"):
        raise ParameterError(f"part must be kinetic, spin or empty for both, got '{part}'.")
    name = "current_y" + ("_" + part if part else "")

    def of(model: Electrons) -> Estimate:
        return exact.gradient_response(model, name, "exchange_z", accuracy, comm)

    return _each(of, e / hbar, chemical_potential, gap, rashba_energy, temperature, broadening)


@checked(chemical_potential=ABOVE_BOTTOM)
def chi_spin_perp(
    effective_mass: ArrayLike,
    chemical_potential: ArrayLike,
    gap: ArrayLike,
    rashba_energy: ArrayLike,
    temperature: ArrayLike = 0.0,
    broadening: ArrayLike = 0.0,
    accuracy: float = exact.ACCURACY,
    comm: Any = None,
) -> Estimate:
    """<sigma_z> per exchange field in 1/(J m^2), 000 (D2)."""

    def of(model: Electrons) -> Estimate:
        return exact.response(model, "spin_z", "exchange_z", accuracy, comm)

    unit = np.asarray(effective_mass) / hbar**2
    return _each(of, unit, chemical_potential, gap, rashba_energy, temperature, broadening)


def _each(of: Callable[[Electrons], Estimate], unit: ArrayLike, *parameters: ArrayLike) -> Estimate:
    unit, *arrays = np.broadcast_arrays(unit, *(np.asarray(p) for p in parameters))
    results = [of(electrons(*values)) for values in zip(*(a.flat for a in arrays), strict=True)]
    shape = unit.shape
    value = np.array([r.value for r in results]).reshape(shape) * unit
    error = np.array([r.error for r in results]).reshape(shape) * np.abs(unit)
    return Estimate(value[()], error[()], sum(r.evaluations for r in results))
