"""London theory calibrated with minima of the Ginzburg-Landau energy.

London theory takes |f| for fixed. What the condensate gains by giving way, in cores and where
currents flow, changes little from one pattern of vortices to another but for the number of vortices
of each sign. So of the minima of one problem

    E_GL = E_0 + E_London + c_+ N_+ + c_- N_-

holds better the more alike they are, and c_+, c_- come from a fit to those that are known.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from glvortex.solve.annealing import FORCE, LONDON, CoreEnergies, LondonAnnealing
from glvortex.solve.london import Vortex
from glvortex.solve.london_gas import LondonGas

_LIKELY = 3.0  # Bc^2 xi^2/mu0 per length: size of a core energy of which nothing is known
_SPREAD = 0.5  # by which states of about equal energy differ from the fit
_DRIFT = 0.06  # of the energy above the lowest state: how much more others do

Minimum = tuple[float, Sequence[Vortex]]


class CalibratedLondon:
    """London vortices whose cores cost what known minima say; every method is collective.

    Args:
        gas: the London problem.

    Attributes:
        core: what a vortex of each sign costs beyond London theory.
    """

    def __init__(self, gas: LondonGas) -> None:
        self._gas, self._annealing = gas, LondonAnnealing(gas)
        self._energies: dict[tuple[Vortex, ...], float] = {}  # of London theory
        self.core = LONDON

    def calibrate(self, minima: Sequence[Minimum]) -> None:
        """Fit the core energies to energies and vortices of minima."""
        self.core = fitted([(energy, self._london(tuple(v)), v) for energy, v in minima])

    def energy(self, vortices: Sequence[Vortex]) -> float:
        """What vortices add to the energy, in Bc^2 xi^2/mu0 per length."""
        return self._gas.energy(vortices) + self.core.of(vortices)

    def relax(self, vortices: Sequence[Vortex]) -> list[Vortex]:
        """Let vortices move until hardly a force is left."""
        return self._gas.relax(vortices, force=FORCE)

    def anneal(self, seed: int, near: NDArray[np.float64] | None = None) -> list[Vortex]:
        """Anneal from scratch, close to some places (n, 2) if given."""
        return self._annealing.run(seed, self.core, near=near)

    def _london(self, vortices: tuple[Vortex, ...]) -> float:
        if vortices not in self._energies:
            self._energies[vortices] = self._gas.energy(vortices)
        return self._energies[vortices]


def fitted(minima: Sequence[tuple[float, float, Sequence[Vortex]]]) -> CoreEnergies:
    """Return core energies that fit minima: their energies, those of London theory, vortices."""
    if not minima:
        return LONDON
    energies, london = (np.array(column) for column in list(zip(*minima, strict=True))[:2])
    charges = [[vortex.charge for vortex in vortices] for *_, vortices in minima]
    counts = np.array([[own.count(1), own.count(-1)] for own in charges])
    weights = 1 / (_SPREAD + _DRIFT * (energies - energies.min()))
    known = np.column_stack([np.ones(len(minima)), counts]) * weights[:, None]
    expected = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]) / _LIKELY
    beyond = np.append((energies - london) * weights, [0.0, 0.0])
    solution = np.linalg.lstsq(np.vstack([known, expected]), beyond, rcond=None)[0]
    return CoreEnergies(*solution[1:].tolist())
