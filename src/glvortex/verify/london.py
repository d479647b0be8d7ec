"""The London limit with a source of our own: a uniformly magnetised disk."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import ufl
from dolfinx import fem

from glvortex.fem.energy import GinzburgLandau
from glvortex.geometry.sample import Disk
from glvortex.material.london_disk import MagnetisedDisk
from glvortex.solve.london import London
from glvortex.solve.starts import imprint
from glvortex.verify.checks import Check, Run, extrapolated, fine_disk, functionals, states

SECTION = "6. London limit"

_KAPPA, _RADIUS, _OUTSIDE = 2.0, 3.0, 15.0  # radii in xi
_WEAK = 1e-3  # a moment to which |f| hardly answers, in Bc2/mu0


def magnetised_disk() -> Sequence[Check]:
    """Mean h_eff in the disk by the London solver, and the energy of a weak moment in full theory.

    The energy of the exact disk is -kappa^2 m^ times the flux in it, which gives that mean too.
    """
    exact = MagnetisedDisk(_RADIUS, _WEAK, _KAPPA)
    area = math.pi * _RADIUS**2
    mean = 1 + exact.energy / (_KAPPA**2 * _WEAK**2 * area)
    means = [_mean_in_disk(functional, London(functional).field()) for functional in _meshes()]
    energies = []
    for state in states(_meshes(), imprint):
        energies.append(sum(state.budget().values()) + state.area / 2)
    return [
        extrapolated("mean h_eff/m, London", mean, means, 1e-4),
        extrapolated("energy of a weak moment", exact.energy, energies, 1e-4),
    ]


def _meshes() -> Iterator[GinzburgLandau]:
    """Meshes that follow the disk, with its moment."""
    disk = fine_disk(_RADIUS)
    meshes = functionals(Disk(_OUTSIDE), 1.0, 3, inclusions=disk, core_size=0.5, kappa=_KAPPA)
    for functional in meshes:
        functional.magnetisation.interpolate(lambda x: _WEAK * (np.hypot(x[0], x[1]) < _RADIUS))
        yield functional


def _mean_in_disk(functional: GinzburgLandau, g: fem.Function) -> float:
    """Mean of h_eff over m in the disk."""
    moment = functional.magnetisation
    h_eff = functional.integrate(fem.form(moment * g * ufl.dx)) / _KAPPA**2
    return h_eff / functional.integrate(fem.form(moment**2 * ufl.dx))


RUNS = (Run(SECTION, "magnetised disk", True, magnetised_disk),)
