"""Which vortices the London field lets in: a start for the minimiser found without any guess."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from mpi4py import MPI

from glvortex.solve.london import London, Vortex

_NEAREST = 2.0  # coherence lengths: London theory has no vortex closer to the surface
_MOST_SWEEPS = 20
_MOST_MOVES = 4000  # over all sweeps: each costs a solve
_TYPE_TWO = 1 / np.sqrt(2)
_SETTLED = 0.02  # share of the vortices that may still move when the last sweep is made


def propose(london: London, *, depairing: bool = False) -> list[Vortex]:
    """Return the vortices that enter, the same list on every rank; collective.

    Greedily, one after the other where it gains most, until none gains; then each in turn is taken
    out and put back where it gains most with the others in place, until hardly any moves. None
    enters a type-I superconductor, and no more than cores have room for: one per 2 pi xi^2, the
    density at Bc2.
    """
    if london.functional.screening and london.kappa < _TYPE_TWO:
        return []
    gas = _VortexGas(london, depairing)
    while len(gas.entries) < gas.most and (entry := gas.best_entry()) is not None:
        gas.add(entry)
    for _ in range(min(_MOST_SWEEPS, _MOST_MOVES // max(len(gas.entries), 1))):
        if gas.rearrange() <= _SETTLED * len(gas.entries):
            break
    return [entry.vortex for entry in gas.entries]


class _Entry(NamedTuple):
    """A vortex and what it adds to g at this rank's vertices."""

    vortex: Vortex
    field: np.ndarray


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

    def add(self, entry: _Entry) -> None:
        """Let a vortex in."""
        self.entries.append(entry)
        self.g += entry.field

    def rearrange(self) -> int:
        """Take out each vortex and put it back where it gains most; return how many moved."""
        moved = 0
        for _ in range(len(self.entries)):
            vortex, field = self.entries.pop(0)
            self.g -= field
            entry = self.best_entry()
            if entry is not None:
                self.add(entry)
            moved += entry is None or entry.vortex != vortex
        return moved

    def best_entry(self) -> _Entry | None:
        """Return the vortex that gains most in the present g, None if none gains."""
        gain = np.where(self.allowed, np.abs(self.g) - self.cost, -np.inf)
        while True:
            best = self.comm.allreduce(self._best(gain), op=MPI.MIN)
            if best.loss >= 0:
                return None
            green, regular = self.london.green(best.x, best.y)
            if abs(best.g) > (best.core + regular) / 2:
                charge = 1 if best.g > 0 else -1
                return _Entry(Vortex(best.x, best.y, charge), -charge * green)
            gain[np.hypot(*(self.points - [best.x, best.y]).T) < self.nearest] = -np.inf

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
