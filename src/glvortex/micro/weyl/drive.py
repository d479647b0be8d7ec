"""The current of a Dirac slab in SI units, and the field step with which it drives a strip.

The slab's <J_y> of `current` is a current per length along z. Led through a superconducting strip
parallel to it (invariant along z), it makes the applied field different on its two sides: Ampere's
law, the way transport current enters docs/theory.md, section 2.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.constants import e, hbar, mu_0

from glvortex.errors import ParameterError
from glvortex.micro.checks import POSITIVE, Rule, checked
from glvortex.micro.estimate import Array


@checked(current=Rule(), energy_unit=Rule(POSITIVE, "J"), lattice_constant=Rule(POSITIVE, "m"))
def sheet_current(current: ArrayLike, energy_unit: ArrayLike, lattice_constant: ArrayLike) -> Array:
    """<J_y> in A per m along z: (e/hbar) ``energy_unit``/``lattice_constant`` times the number.

    ``current`` is the number of `glvortex.micro.weyl.current`, whose energies are in
    ``energy_unit`` (J) and lengths in ``lattice_constant`` (m).
    """
    return e / hbar * np.asarray(current) * np.asarray(energy_unit) / np.asarray(lattice_constant)


@checked(sheet=Rule(), upper_critical_field=Rule(POSITIVE, "T"))
def boundary_field_step(sheet: ArrayLike, upper_critical_field: ArrayLike) -> Array:
    """b_a(x = 0) - b_a(x = width) in Bc2 of a strip that carries ``sheet`` (A/m) along +y.

    mu0 j_y = -dB_z/dx, so that each side has half of the step, positive at the left.
    """
    return mu_0 * np.asarray(sheet) / np.asarray(upper_critical_field)


def boundary_fields(mean: float, sheet: float, upper_critical_field: float) -> tuple[float, float]:
    """b_a in Bc2 at the left and right side of a strip, ``mean`` of both and current along +y.

    Raises ParameterError for numbers that are not finite, or a field that is not positive.
    """
    if not np.isfinite(mean):
        raise ParameterError(f"mean must be finite, got {mean:g}.")
    half = 0.5 * float(boundary_field_step(sheet, upper_critical_field))
    return mean + half, mean - half
