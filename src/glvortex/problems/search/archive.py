"""What trials have found: outcomes, and the distinct states among them in the order of energy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from scipy.optimize import linear_sum_assignment

from glvortex.geometry.lattice import Lattice
from glvortex.problems.search.symmetry import Symmetry
from glvortex.solve.london import Vortex
from glvortex.solve.minimiser import Certificate

SAME_ENERGY = 1e-7  # relative difference of energies of one state, reached twice
IMAGE_ENERGY = 1e-5  # of a state and its image, which see different triangles
_SAME_PLACE, _IMAGE_PLACE = 0.3, 1.0  # xi: by how much their vortices may differ

End = Literal["minimum", "known", "above", "failed"]


@dataclass(frozen=True)
class Outcome:
    """What a trial came to.

    Attributes:
        number: of the trial, counted from 1.
        kind: how its start was made.
        roots: the fresh trials that its start goes back to, itself if it is one.
        parents: trials whose states it was made from.
        end: "minimum": certified; "known": on its way to the state of the trial ``known``;
            "above": on its way to a state of no interest; "failed": no minimum was reached.
        energy: last one, of the minimum if it is one.
        vortices: last ones.
        holes: quanta of each hole.
        certificate: of the minimum.
        known: see ``end``.
        seconds: wall time.
    """

    number: int
    kind: str
    roots: tuple[int, ...]
    parents: tuple[int, ...]
    end: End
    energy: float
    vortices: tuple[Vortex, ...]
    holes: tuple[int, ...] = ()
    certificate: Certificate | None = None
    known: int | None = None
    seconds: float = 0.0

    @property
    def net_charge(self) -> int:
        """Vortices less antivortices."""
        return sum(vortex.charge for vortex in self.vortices)

    @property
    def total_charge(self) -> int:
        """Quanta of both signs."""
        return sum(abs(vortex.charge) for vortex in self.vortices)


@dataclass
class Entry:
    """A distinct state.

    Attributes:
        best: the outcome of lowest energy among the state and its images.
        found: numbers of the trials that found it, in their order.
        members: numbers of those that reached the minimum itself.
    """

    best: Outcome
    found: list[int] = field(default_factory=list)
    members: list[int] = field(default_factory=list)


Compare = Callable[[Sequence[Vortex], Sequence[Vortex]], float]


def pattern_distance(lattice: Lattice | None = None, *, free: bool = False) -> Compare:
    """Return what says how far vortices are from one another, in xi; inf if numbers differ.

    With ``free`` a pattern may be anywhere, and only numbers count.
    """

    def distance(one: Sequence[Vortex], other: Sequence[Vortex]) -> float:
        if sorted(v.charge for v in one) != sorted(v.charge for v in other):
            return np.inf
        if free or not one:
            return 0.0
        worst = 0.0
        for charge in {v.charge for v in one}:
            here, there = (
                np.array([(v.x, v.y) for v in vortices if v.charge == charge])
                for vortices in (one, other)
            )
            away = here[:, None] - there[None]
            if lattice is not None:
                away = lattice.nearest_image(away.reshape(-1, 2)).reshape(away.shape)
            gap = np.hypot(away[..., 0], away[..., 1])
            rows, columns = linear_sum_assignment(gap**2)
            worst = max(worst, float(gap[rows, columns].max()))
        return worst

    return distance


class Archive:
    """Outcomes of all trials and the distinct states.

    Two outcomes are one state where their energies agree to 1e-7 and each vortex of one has its
    partner in the other; they are images of one another, and count as one state as well, where that
    holds for an image under the symmetry. A mesh that is not symmetric gives images slightly
    different energies, so these need to agree to 1e-5 only.

    Attributes:
        outcomes: by the number of the trial.
        entries: distinct states in the order in which they were found.
    """

    def __init__(self, symmetry: Symmetry, distance: Compare | None = None) -> None:
        self.symmetry = symmetry
        self.distance = distance or pattern_distance()
        self.outcomes: dict[int, Outcome] = {}
        self.entries: list[Entry] = []
        self._entry_of: dict[int, Entry] = {}

    def add(self, outcome: Outcome) -> None:
        """Take in an outcome; in the order of the trials."""
        self.outcomes[outcome.number] = outcome
        if outcome.end == "known" and outcome.known is not None:
            entry = self._entry_of[outcome.known]
        elif outcome.end == "minimum":
            same = (known for known in self.entries if self.same(known, outcome))
            found = next(same, None)
            entry = self._new(outcome) if found is None else found
            entry.members.append(outcome.number)
            if outcome.energy < entry.best.energy * (1 - np.sign(entry.best.energy) * 1e-12):
                entry.best = outcome
        else:
            return
        entry.found.append(outcome.number)
        self._entry_of[outcome.number] = entry

    def _new(self, outcome: Outcome) -> Entry:
        self.entries.append(Entry(outcome))
        return self.entries[-1]

    def same(self, entry: Entry, outcome: Outcome) -> bool:
        """Whether an outcome is the state of an entry, or an image of it."""
        return any(
            self.alike(self.outcomes[number], outcome.energy, outcome.vortices, outcome.holes)
            for number in {*entry.members[:1], entry.best.number}
        )

    def alike(
        self,
        known: Outcome,
        energy: float,
        vortices: Sequence[Vortex],
        holes: tuple[int, ...] = (),
    ) -> bool:
        """Whether an energy and vortices are those of an outcome, or of an image of it."""
        off = abs(energy - known.energy) / max(abs(known.energy), 1e-300)
        if holes != known.holes or off > IMAGE_ENERGY:
            return False
        if off <= SAME_ENERGY and self.distance(vortices, known.vortices) <= _SAME_PLACE:
            return True
        return any(
            self.distance(self.symmetry.image(number, vortices), known.vortices) <= _IMAGE_PLACE
            for number in range(1, len(self.symmetry))
        )

    @property
    def ranked(self) -> list[Entry]:
        """Distinct states from the lowest energy up."""
        return sorted(self.entries, key=lambda entry: (entry.best.energy, entry.best.number))

    @property
    def lowest(self) -> Entry | None:
        """The state of lowest energy."""
        return self.ranked[0] if self.entries else None
