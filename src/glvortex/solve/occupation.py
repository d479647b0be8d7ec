"""Charges on given places: moves at a temperature, and down to a state that no move lowers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_GAIN = 1e-9  # a lower one is none
_MOST_SWEEPS = 50
_FIRSTS = 30  # places tried for the first of a pair at zero temperature


class Occupation:
    """A charge +1, -1 or none at each of n places.

    With a charge s at place i the energy is larger by ``cost_i - 2 s field_i + 2 s sum_j s_j
    green_ij``. A move takes charges out and lets others in, with the Boltzmann weight of all that
    may enter (heat bath).

    Args:
        cost: (n,) self-energies.
        field: (n,) what drives positive charges in.
        green: (n, n) interactions, symmetric, the diagonal is left out.
        random: decides.
        most: charges at any time.
    """

    def __init__(
        self, cost: Floats, field: Floats, green: Floats, random: np.random.Generator, most: int
    ) -> None:
        self.random = random
        self._cost = cost
        self._free_cost = cost.copy()  # infinite where there is a charge
        self._push = -2 * field  # what a positive charge adds beyond its cost
        self._couple = 2 * green
        self._most = most
        self._charges = np.zeros(len(cost), dtype=np.int64)
        self._places: dict[int, list[int]] = {1: [], -1: []}  # of the charges of each sign
        self._energy = 0.0
        self._lowest = (np.inf, self._charges.copy())

    @property
    def count(self) -> int:
        """Number of charges."""
        return sum(map(len, self._places.values()))

    @property
    def occupied(self) -> list[int]:
        """Places of the charges, the positive ones first."""
        return [*self._places[1], *self._places[-1]]

    @property
    def lowest(self) -> NDArray[np.int64]:
        """(n,) charges of the lowest state that any move has ended in."""
        return self._lowest[1]

    def enter(self, charge: int, temperature: float) -> None:
        """Let a charge in."""
        costs = self._costs(charge)
        self._put(place := self._choose(costs, temperature), charge, costs[place])
        self._note()

    def move(self, temperature: float) -> None:
        """Take any charge out and let it in again."""
        if self.count:
            self.enter(self._take_any(), temperature)

    def renew(self, temperature: float) -> None:
        """Take any charge out, or none, and let one of any sign in, or none."""
        if self.count and self.random.random() < 0.5:
            self._take_any()
        if self.count < self._most:
            costs = np.concatenate([[0.0], self._costs(1), self._costs(-1)])
            chosen = self._choose(costs, temperature)
            if chosen:
                self._put_numbered(chosen, costs[chosen])
        self._note()

    def renew_pair(self, temperature: float) -> None:
        """Take any two of opposite sign out, or none, and let such a pair in, or none."""
        if all(self._places.values()) and self.random.random() < 0.5:
            for places in self._places.values():
                self._take(places[int(self.random.integers(len(places)))])
        if self.count + 2 <= self._most:
            charge = int(self.random.choice([1, -1]))
            costs = self._costs(charge)
            first = self._choose(costs, temperature)
            self._put(first, charge, costs[first])
            costs = np.concatenate([[-costs[first]], self._costs(-charge)])
            second = self._choose(costs, temperature)
            if second:
                self._put(second - 1, -charge, costs[second])
            else:
                self._take(first)
        self._note()

    def settle(self, *, pairs_only: bool) -> None:
        """Go down from the lowest state, keeping the net charge or not, until nothing gains."""
        charges = self.lowest.copy()
        for place in self.occupied:
            self._take(place)
        for place in np.flatnonzero(charges):
            self._put(place, charges[place], self._costs(charges[place])[place])
        for _ in range(_MOST_SWEEPS):
            before = self._energy
            for place in self.occupied:
                charge = self._take(place)
                self._best(charge if pairs_only else None)
            if not pairs_only:
                while self.count < self._most and self._best(None):
                    pass
            self._best_pair()
            if self._energy > before - _GAIN:
                break
        self._note()

    def _best(self, charge: int | None) -> bool:
        """Let a charge in where it costs least, or if its sign is free one that gains, or none."""
        if charge is not None:
            costs = self._costs(charge)
            self._put(place := int(np.argmin(costs)), charge, costs[place])
            return True
        costs = np.concatenate([[-_GAIN], self._costs(1), self._costs(-1)])
        chosen = int(np.argmin(costs))
        if chosen:
            self._put_numbered(chosen, costs[chosen])
        return bool(chosen)

    def _best_pair(self) -> None:
        """Let the pair in that gains most, if one does and there is room."""
        if self.count + 2 > self._most:
            return
        gains: list[tuple[float, int, int, int]] = []
        for charge in (1, -1):
            costs = self._costs(charge)
            for first in np.argsort(costs, kind="stable")[:_FIRSTS]:
                if not np.isfinite(costs[first]):
                    continue
                self._put(first, charge, costs[first])
                others = self._costs(-charge)
                second = int(np.argmin(others))
                gains.append((costs[first] + others[second], charge, int(first), second))
                self._take(first)
        if gains and min(gains)[0] < -_GAIN:
            _, charge, first, second = min(gains)
            self._put(first, charge, self._costs(charge)[first])
            self._put(second, -charge, self._costs(-charge)[second])

    def _costs(self, charge: int) -> Floats:
        """What a charge adds to the energy at each place, infinite where there is one."""
        return np.asarray(self._free_cost + charge * self._push)

    def _choose(self, costs: Floats, temperature: float) -> int:
        weights = np.exp((costs.min() - costs) / temperature)
        sums = np.cumsum(weights)
        return int(np.searchsorted(sums, self.random.random() * sums[-1], side="right"))

    def _put_numbered(self, number: int, cost: float) -> None:
        """Put a charge counted from 1, first the positive ones at all places."""
        negative, place = divmod(number - 1, len(self._cost))
        self._put(place, -1 if negative else 1, cost)

    def _put(self, place: int, charge: int, cost: float) -> None:
        self._charges[place] = charge
        self._free_cost[place] = np.inf
        self._places[int(charge)].append(int(place))
        self._push += charge * self._couple[place]
        self._energy += float(cost)

    def _take(self, place: int) -> int:
        """Take the charge at a place out and return it."""
        charge = int(self._charges[place])
        self._places[charge].remove(place)
        self._charges[place] = 0
        self._free_cost[place] = self._cost[place]
        self._push -= charge * self._couple[place]
        self._energy -= float(self._cost[place] + charge * self._push[place])
        return charge

    def _take_any(self) -> int:
        occupied = self.occupied
        return self._take(occupied[int(self.random.integers(len(occupied)))])

    def _note(self) -> None:
        """Remember this state if it is lower than all before."""
        if self._energy < self._lowest[0] - _GAIN:
            self._lowest = (self._energy, self._charges.copy())
