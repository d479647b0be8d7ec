"""Simulated annealing of London vortices, on coarse places first and then on fine ones near by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from mpi4py import MPI
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from glvortex import interrupt
from glvortex.solve.london import Vortex
from glvortex.solve.london_gas import LondonGas, Vertices, vortices_at
from glvortex.solve.occupation import Occupation

Floats = NDArray[np.float64]

_NEAREST = 2.0  # coherence lengths: places keep this distance from each other and the surface
_BLOCK = 128  # places whose fields are solved for at once
_PACKED = 0.7  # places that greedy choice puts on the square of their distance
_FINE = 1.0  # coherence lengths: fine places keep this distance from each other
_NEAR = 0.7  # distances of coarse places: how far fine places are from those that were occupied
_CLOSE = 2.5  # coherence lengths: how far they are from given ones
_LEAST, _MOST = 20, 150  # moves at each temperature: one for each vortex, in these limits
_PAIRS = 0.2  # share of the moves that are those of a pair
FORCE = 2e-3  # that may be left, over 2 pi, in Bc^2 xi/mu0 per length
_SAME = 1e-9  # distance of places that are one
_TYPE_TWO = 1 / np.sqrt(2)


class CoreEnergies(NamedTuple):
    """What a vortex of each sign costs beyond London theory, in Bc^2 xi^2/mu0 per length."""

    positive: float = 0.0
    negative: float = 0.0

    def of(self, vortices: Sequence[Vortex]) -> float:
        """Return what some vortices cost."""
        return sum(self.positive if v.charge > 0 else self.negative for v in vortices)


LONDON = CoreEnergies()


class _Schedule(NamedTuple):
    """First and last temperature over 2 pi, in Bc^2 xi^2/mu0 per length, and their number."""

    hot: float
    cold: float
    levels: int


_FIRST, _SHORT, _LONG = (  # on coarse places, on fine ones, on given ones
    _Schedule(0.1, 0.005, 150),
    _Schedule(0.04, 0.003, 300),
    _Schedule(0.04, 0.003, 600),
)
_WARM = 0.03  # places occupied below this temperature say where fine ones are worth while


class _Places(NamedTuple):
    """Where vortices may sit, and what they cost there, over 2 pi.

    Attributes:
        places: (n, 2) in xi.
        field: (n,) g.
        cost: (n,) of a vortex alone.
        green: (n, n) interactions, zero on the diagonal.
        distance: the least between two places.
    """

    places: Floats
    field: Floats
    cost: Floats
    green: Floats
    distance: float


class LondonAnnealing:
    """Annealing of the vortices of a gas, as often as wanted; collective.

    Vortices sit at some of the vertices of the mesh, first evenly spread, then close together
    about those that were occupied at low temperatures; how they interact there is worked out once,
    by one solve for each place. In a cell the net charge is that of its flux; elsewhere vortices
    come and go. None are in a type-I superconductor.

    Args:
        gas: the London problem.
        places: at most so many.
    """

    def __init__(self, gas: LondonGas, places: int = 1500) -> None:
        self.gas, self._most = gas, places
        self._vertices = gas.candidates(_NEAREST)
        length = gas.london.coherence_length
        even = np.sqrt(_PACKED * gas.london.functional.area / places)
        strength = np.abs(self._vertices.field)
        self._coarse = self._places(self._vertices, strength, max(_NEAREST * length, even))

    @property
    def places(self) -> Floats:
        """The evenly spread ones, (n, 2)."""
        return self._coarse.places

    def run(
        self, seed: int, core: CoreEnergies = LONDON, *, near: Floats | None = None
    ) -> list[Vortex]:
        """Anneal from scratch and relax what is found; the same for a seed on every rank.

        Args:
            seed: of the random numbers.
            core: what vortices cost beyond London theory.
            near: (n, 2) places that vortices may sit close to; if not given, those where they sit
                when evenly spread places are annealed.
        """
        london = self.gas.london
        if london.functional.screening and london.kappa < _TYPE_TWO:
            return []
        random = np.random.default_rng(seed)
        reach, schedule = _CLOSE * london.coherence_length, _LONG
        if near is None:
            near = self._warm(core, random)
            reach, schedule = _NEAR * self._coarse.distance, _SHORT
        if not len(near):
            return []
        away = cKDTree(near).query(self._vertices.places)[0]
        close = away < reach
        apart = _FINE * london.coherence_length
        fine = self._places(self._vertices.only(close), -away[close], apart)
        charges = self._anneal(fine, schedule, core, random).lowest
        occupied = np.flatnonzero(charges)
        found = vortices_at(fine.places[occupied], charges[occupied])
        return self.gas.relax(found, force=FORCE)

    def _warm(self, core: CoreEnergies, random: np.random.Generator) -> Floats:
        """The coarse places (n, 2) that are occupied at low temperatures."""
        seen: set[int] = set()

        def look(temperature: float, state: Occupation) -> None:
            if temperature < _WARM:
                seen.update(state.occupied)

        lowest = self._anneal(self._coarse, _FIRST, core, random, look).lowest
        seen.update(int(place) for place in np.flatnonzero(lowest))
        return self._coarse.places[sorted(seen)]

    def _anneal(
        self,
        places: _Places,
        schedule: _Schedule,
        core: CoreEnergies,
        random: np.random.Generator,
        look: Callable[[float, Occupation], None] = lambda temperature, state: None,
    ) -> Occupation:
        """Anneal from scratch; ``look`` sees what is there after each temperature."""
        london, lattice = self.gas.london, self.gas.london.space.lattice
        cell = lattice is not None and len(lattice.periods) == 2
        quanta = lattice.flux_quanta if lattice is not None else 0
        even = (core.positive + core.negative) / (4 * np.pi)
        odd = (core.positive - core.negative) / (4 * np.pi)
        most = max(1, int(london.room)) if len(places.places) else 0
        state = Occupation(places.cost + even, places.field - odd / 2, places.green, random, most)
        for _ in range(abs(quanta)):
            state.enter(int(np.sign(quanta)), schedule.hot)
        for temperature in np.geomspace(*schedule):
            interrupt.check(self.gas.comm)
            for _ in range(min(_LEAST + state.count, _MOST)):
                if state.random.random() < _PAIRS:
                    state.renew_pair(temperature)
                elif cell:
                    state.move(temperature)
                else:
                    state.renew(temperature)
            look(temperature, state)
        state.settle(pairs_only=cell)
        return state

    def _places(self, vertices: Vertices, worth: Floats, distance: float) -> _Places:
        """Choose from vertices, so far apart or further where there would be too many.

        Those that are worth most come first.
        """
        while len(chosen := _spread(vertices.places, worth, distance)) > self._most:
            distance *= 1.05
        places, densities = vertices.places[chosen], vertices.density[chosen]
        green = self._interactions(places, densities)
        cost = vertices.core[chosen] + np.diag(green)
        np.fill_diagonal(green, 0.0)
        return _Places(places, vertices.field[chosen], cost, green, distance)

    def _interactions(self, places: Floats, densities: Floats) -> Floats:
        """G between places, and on the diagonal G_reg of each; on every rank the same."""
        images = self.gas.images
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


def _spread(places: Floats, worth: Floats, distance: float) -> NDArray[np.int64]:
    """Choose places no nearer to each other than a distance, those that are worth most first."""
    free, chosen = np.ones(len(places), dtype=bool), []
    tree = cKDTree(places)
    for i in np.lexsort((*np.round(places.T, 6), -np.round(worth, 6))):
        if free[i]:
            chosen.append(i)
            free[tree.query_ball_point(places[i], distance)] = False
    return np.array(chosen, dtype=np.int64)
