"""Which vortices the London field lets in: a start for the minimiser found without any guess."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from mpi4py import MPI

from glvortex.solve.london import London, Vortex

_NEAREST = 2.0  # coherence lengths: London theory has no vortex closer to the surface
_MOST_SWEEPS = 20
_MOST_MOVES = 4000  # over all sweeps: each costs a solve
_TYPE_TWO = 1 / np.sqrt(2)
_SETTLED = 0.02  # share of the vortices that may still move when the last sweep is made


class Wish(NamedTuple):
    """What may enter: a charge (0: any, if it gains), at those of this rank's vertices."""

    charge: int
    where: np.ndarray


def propose(london: London, *, depairing: bool = False) -> list[Vortex]:
    """Return the vortices that enter, the same list on every rank; collective.

    Greedily, one after the other where it gains most, until none gains; then each in turn is taken
    out and put back where it gains most with the others in place, until hardly any moves. None
    enters a type-I superconductor, and no more than cores have room for: one per 2 pi xi^2, the
    density at Bc2. A cell has its flux quanta to begin with, and then vortices enter in pairs.
    """
    gas = _VortexGas(london, depairing)
    lattice = london.space.lattice
    cell = lattice if lattice is not None and len(lattice.periods) == 2 else None
    for _ in range(abs(cell.flux_quanta) if cell else 0):
        gas.enter(Wish(int(np.sign(cell.flux_quanta)) if cell else 0, gas.allowed))
    if not london.functional.screening or london.kappa >= _TYPE_TWO:
        any_that_gains = Wish(0, gas.allowed)
        while len(gas.entries) < gas.most and (
            gas.enter_pair() if cell else gas.enter(any_that_gains)
        ):
            pass
    gas.settle()
    return gas.vortices


def place(london: London, wishes: Sequence[Wish], *, depairing: bool = False) -> list[Vortex]:
    """Return vortices of the charges wished for, each where it costs least; collective."""
    gas = _VortexGas(london, depairing)
    for wish in wishes:
        gas.enter(wish)
    gas.settle()
    return gas.vortices


class _Entry(NamedTuple):
    """A vortex, what it adds to g at this rank's vertices, its self-energy over 2 pi, its wish."""

    vortex: Vortex
    field: np.ndarray
    cost: float
    wish: Wish


class _Candidate(NamedTuple):
    """Ordered so that the smallest is the best; rounded, so that every partition agrees on it."""

    loss: float
    x: float
    y: float
    g: float
    core: float


class _VortexGas:
    """Vortices in a sample, and g = kappa^2 h_eff with all of them."""

    def __init__(self, london: London, depairing: bool) -> None:
        self.london = london
        self.comm = london.space.mesh.comm
        self.points = london.space.vertices[:, :2]
        self.g = london.field(depairing=depairing).x.array.copy()
        self.entries: list[_Entry] = []
        self.most = max(1, int(london.room))
        depth, core = london.boundary_distance(), london.coherence_length
        self.nearest = _NEAREST * core
        self.allowed = (depth > self.nearest) & london.superconducting
        # candidates are ranked with the image of a flat surface, and judged with the exact one
        density = np.where(london.superconducting, london.density, 1.0)
        image = london.bulk(2 * np.maximum(depth, core / 2), density)
        self.cost = (london.core_energy - image) / 2

    @property
    def vortices(self) -> list[Vortex]:
        """Those let in so far."""
        return [entry.vortex for entry in self.entries]

    def enter(self, wish: Wish) -> bool:
        """Let in what fulfils a wish best; False if nothing gains."""
        entry = self._best_entry(wish)
        if entry is not None:
            self._add(entry)
        return entry is not None

    def enter_pair(self) -> bool:
        """Let in a vortex and an antivortex; False, and neither enters, if the two do not gain."""
        for charge in (1, -1):
            self.enter(Wish(charge, self.allowed))
        for _ in range(2):  # each once more, with the other in place
            self.enter(self._take_out(-2).wish)
        second, first = self._take_out(-1), self._take_out(-1)
        loss = self._loss(first)
        self._add(first)
        loss += self._loss(second)
        self._add(second)
        if loss >= 0:
            self._take_out(-1)
            self._take_out(-1)
        return loss < 0

    def settle(self) -> None:
        """Take out each vortex and put it back where it gains most, until hardly any moves."""
        for _ in range(min(_MOST_SWEEPS, _MOST_MOVES // max(len(self.entries), 1))):
            if self._rearrange() <= _SETTLED * len(self.entries):
                break

    def _rearrange(self) -> int:
        moved = 0
        for _ in range(len(self.entries)):
            entry = self._take_out(0)
            stays = self.enter(entry.wish) and self.entries[-1].vortex == entry.vortex
            moved += not stays
        return moved

    def _add(self, entry: _Entry) -> None:
        self.entries.append(entry)
        self.g += entry.field

    def _take_out(self, index: int) -> _Entry:
        entry = self.entries.pop(index)
        self.g -= entry.field
        return entry

    def _loss(self, entry: _Entry) -> float:
        """What a vortex would add to the energy over 2 pi, in the present g."""
        return entry.cost - 2 * entry.vortex.charge * self.london.at(self.g, entry.vortex)

    def _best_entry(self, wish: Wish) -> _Entry | None:
        """Return the vortex that gains most in the present g; None if any may, and none gains."""
        drive = wish.charge * self.g if wish.charge else np.abs(self.g)
        gain = np.where(wish.where, drive - self.cost, -np.inf)
        for vortex in self.vortices if wish.charge else ():
            if vortex.charge != wish.charge:  # closer together they are none
                gain[self._near(vortex.x, vortex.y)] = -np.inf
        while True:
            best = self.comm.allreduce(self._best(gain), op=MPI.MIN)
            if best.loss >= 0 and not wish.charge:
                return None
            green, regular = self.london.green(best.x, best.y)
            cost = best.core + regular
            if wish.charge or abs(best.g) > cost / 2:
                charge = wish.charge or (1 if best.g > 0 else -1)
                return _Entry(Vortex(best.x, best.y, charge), -charge * green, cost, wish)
            gain[self._near(best.x, best.y)] = -np.inf

    def _near(self, x: float, y: float) -> np.ndarray:
        """True at vertices too close to a place for a second vortex."""
        away, lattice = self.points - [x, y], self.london.space.lattice
        if lattice is not None:
            away = lattice.nearest_image(away)
        return np.asarray(np.hypot(*away.T) < self.nearest)

    def _best(self, gain: np.ndarray) -> _Candidate:
        """Return this rank's best candidate; ties go to the lower left."""
        rounded = np.round(gain, 6)
        ties = np.flatnonzero(rounded == rounded.max(initial=-np.inf))
        places = np.round(self.points[ties], 6)
        core = self.london.core_energy
        candidates = (
            _Candidate(-float(rounded[i]), float(x), float(y), float(self.g[i]), float(core[i]))
            for i, (x, y) in zip(ties, places, strict=True)
        )
        return min(candidates, default=_Candidate(np.inf, 0.0, 0.0, 0.0, 0.0))
