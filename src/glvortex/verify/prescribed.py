"""A published benchmark: the unit square in a prescribed vector potential."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np

from glvortex.fem.energy import GinzburgLandau
from glvortex.geometry.sample import Rectangle
from glvortex.solve.london import Vortex
from glvortex.solve.starts import imprint
from glvortex.verify.checks import Check, Run, extrapolated, functionals, states

SECTION = "5. Prescribed field on the unit square"

# start: charge of the vortex put into the centre; kappa: energy of the state reached
_ENERGIES = {(8.0, 0): 0.128520658992, (8.0, -3): 0.116461365695, (10.0, 0): 0.104590637829}


def _potential(functional: GinzburgLandau, kappa: float) -> None:
    """Minus the benchmark's potential, whose charges have the other sign; lengths in lambda."""

    def field(x: np.ndarray) -> np.ndarray:
        u, v = (math.pi * (x[i] / kappa + 0.5) for i in (0, 1))
        return -math.sqrt(2) * np.array([np.sin(u) * np.cos(v), -np.cos(u) * np.sin(v)])

    functional.a.interpolate(field)


def energy(kappa: float, charge: int) -> Sequence[Check]:
    """Energy of the state reached from a uniform start, or from one vortex in the centre."""

    def begin(functional: GinzburgLandau) -> None:
        imprint(functional, [Vortex(0.0, 0.0, charge)] if charge else [])

    energies = []
    meshes = functionals(Rectangle(kappa, kappa), 0.25, 3, screening=False)
    for state in states(meshes, begin, lambda functional: _potential(functional, kappa)):
        budget = state.budget()
        felt = budget["condensation"] + budget["gradient"] + kappa**2 / 2
        energies.append(felt / (2 * kappa**2))
    start = f"start with charge {charge}" if charge else "uniform start"
    return [extrapolated(f"E, kappa {kappa:g}, {start}", _ENERGIES[kappa, charge], energies, 1e-6)]


RUNS = tuple(
    Run(SECTION, f"kappa {kappa:g}, charge {charge}", kappa == 8.0, partial(energy, kappa, charge))
    for kappa, charge in _ENERGIES
)
