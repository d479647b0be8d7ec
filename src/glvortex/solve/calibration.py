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

from glvortex.solve.annealing import CoreEnergies
from glvortex.solve.london import Vortex
from glvortex.solve.london_gas import LondonGas

_LIKELY = 3.0  # Bc^2 xi^2/mu0 per length: size of a core energy of which nothing is known
_SPREAD = 0.5  # by which states of about equal energy differ from the fit
_DRIFT = 0.06  # of the energy above the lowest state: how much more others do

Minimum = tuple[float, Sequence[Vortex]]


class Calibration:
    """Core energies that make London theory fit known minima; collective.

    Args:
        gas: the London problem.
    """

    def __init__(self, gas: LondonGas) -> None:
        self._gas = gas
        self._energies: dict[tuple[Vortex, ...], float] = {}  # of London theory

    def fit(self, minima: Sequence[Minimum]) -> CoreEnergies:
        """Return what vortices cost beyond London theory, from energies and vortices of minima."""
        if not minima:
            return CoreEnergies()
        energies = np.array([energy for energy, _ in minima])
        beyond = energies - [self._london(tuple(vortices)) for _, vortices in minima]
        charges = [[vortex.charge for vortex in vortices] for _, vortices in minima]
        counts = np.array([[own.count(1), own.count(-1)] for own in charges])
        weights = 1 / (_SPREAD + _DRIFT * (energies - energies.min()))
        known = np.column_stack([np.ones(len(minima)), counts]) * weights[:, None]
        expected = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]) / _LIKELY
        solution = np.linalg.lstsq(
            np.vstack([known, expected]), np.append(beyond * weights, [0.0, 0.0]), rcond=None
        )[0]
        return CoreEnergies(*solution[1:].tolist())

    def _london(self, vortices: tuple[Vortex, ...]) -> float:
        if vortices not in self._energies:
            self._energies[vortices] = self._gas.energy(vortices)
        return self._energies[vortices]
