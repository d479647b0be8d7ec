"""Simulated annealing of London vortices on a coarse set of places."""

from __future__ import annotations

import numpy as np
from mpi4py import MPI
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from glvortex import interrupt
from glvortex.solve.london import Vortex
from glvortex.solve.london_gas import LondonGas, vortices_at
from glvortex.solve.occupation import Occupation

Floats = NDArray[np.float64]

_NEAREST = 2.0  # coherence lengths: places keep this distance from each other and the surface
_BLOCK = 128  # places whose fields are solved for at once
_PACKED = 0.7  # places that greedy choice puts on the square of their distance
_HOT, _COLD = 0.1, 0.005  # first and last temperature over 2 pi, in Bc^2 xi^2/mu0 per length
_LEVELS = 150  # temperatures
_LEAST, _MOST = 20, 150  # moves at each temperature: one for each vortex, in these limits
_PAIRS = 0.2  # share of the moves that are those of a pair
_FORCE = 2e-3  # that may be left, over 2 pi, in Bc^2 xi/mu0 per length
_SAME = 1e-9  # distance of places that are one
_TYPE_TWO = 1 / np.sqrt(2)


class LondonAnnealing:
    """Annealing of the vortices of a gas, as often as wanted; collective.

    Vortices sit at some of the vertices of the mesh, evenly spread; how they interact there is
    worked out once, by one solve for each place. In a cell the net charge is that of its flux;
    elsewhere vortices come and go. None are in a type-I superconductor.

    Args:
        gas: the London problem.
        places: at most so many.
    """

    def __init__(self, gas: LondonGas, places: int = 1500) -> None:
        self.gas = gas
        london, vertices = gas.london, gas.candidates(_NEAREST)
        distance = _NEAREST * london.coherence_length
        distance = max(distance, np.sqrt(_PACKED * london.functional.area / places))
        strength = np.abs(vertices.field)
        while len(chosen := _spread(vertices.places, strength, distance)) > places:
            distance *= 1.05
        self.places = vertices.places[chosen]
        self._field = vertices.field[chosen]
        self._green = self._interactions(vertices.density[chosen])
        self._cost = vertices.core[chosen] + np.diag(self._green)
        np.fill_diagonal(self._green, 0.0)

    def run(self, seed: int) -> list[Vortex]:
        """Anneal from scratch and relax what is found; the same for a seed on every rank."""
        london, lattice = self.gas.london, self.gas.london.space.lattice
        cell = lattice is not None and len(lattice.periods) == 2
        quanta = lattice.flux_quanta if lattice is not None else 0
        most = max(1, int(london.room)) if len(self.places) else 0
        state = Occupation(self._cost, self._field, self._green, np.random.default_rng(seed), most)
        for _ in range(abs(quanta)):
            state.enter(int(np.sign(quanta)), _HOT)
        if not london.functional.screening or london.kappa >= _TYPE_TWO:
            for temperature in np.geomspace(_HOT, _COLD, _LEVELS):
                interrupt.check(self.gas.comm)
                for _ in range(min(_LEAST + state.count, _MOST)):
                    if state.random.random() < _PAIRS:
                        state.renew_pair(temperature)
                    elif cell:
                        state.move(temperature)
                    else:
                        state.renew(temperature)
            state.settle(pairs_only=cell)
        occupied = np.flatnonzero(state.lowest)
        found = vortices_at(self.places[occupied], state.lowest[occupied])
        return self.gas.relax(found, force=_FORCE)

    def _interactions(self, densities: Floats) -> Floats:
        """G between the places, and on the diagonal G_reg of each; on every rank the same."""
        images, places = self.gas.images, self.places
        own = images.points
        distance, row = cKDTree(own).query(places)  # infinite where this rank has no vertices
        here = np.flatnonzero(distance < _SAME)
        result = np.zeros((len(places), len(places)))
        for density in np.unique(densities):
            which = np.flatnonzero(densities == density)
            for first in range(0, len(which), _BLOCK):
                interrupt.check(self.gas.comm)
                block = which[first : first + _BLOCK]
                result[np.ix_(here, block)] = images.fields(places[block], density)[row[here]]
        result = self.gas.comm.bcast(self.gas.comm.reduce(result, MPI.SUM))
        for density in np.unique(densities):
            which = np.flatnonzero(densities == density)
            bulk = self.gas.kernels(places, places[which], density)
            bulk[which, np.arange(len(which))] = images.species(density).own
            result[:, which] += bulk
        return np.asarray(result + result.T) / 2


def _spread(places: Floats, strength: Floats, distance: float) -> NDArray[np.int64]:
    """Choose places no nearer to each other than a distance, where the field is strong first."""
    free, chosen = np.ones(len(places), dtype=bool), []
    tree = cKDTree(places)
    for i in np.lexsort((*np.round(places.T, 6), -np.round(strength, 6))):
        if free[i]:
            chosen.append(i)
            free[tree.query_ball_point(places[i], distance)] = False
    return np.array(chosen, dtype=np.int64)
