"""A state of a large sample improved part by part, in windows that take little time each."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from glvortex.errors import NotConvergedError
from glvortex.fem.cellwise import CellValues
from glvortex.observe.vortices import find_vortices
from glvortex.problems.search.landscape import Landscape
from glvortex.problems.search.moves import Vortices, annihilated, moved, near, new_pair
from glvortex.problems.search.symmetry import of_square
from glvortex.solve.alteration import Change
from glvortex.solve.london import Vortex
from glvortex.solve.minimiser import Step, minimise
from glvortex.solve.window import Whole

# kinds of changes at random, and how many gains each is credited with in advance
_KINDS = {
    "copy": 1,
    "borrow": 1,
    "pair": 2,
    "annihilate": 2,
    "move": 1,
    "edge": 1,
}
_PATIENCE = 10  # changes of a part that gain nothing until it is left alone
_AGAIN = 5  # of them are forgotten when a neighbour has changed
_AT_ONCE = 2  # changes of a part that are tried before the next part's turn
_GAIN = 1e-3  # energy that a change must gain
_ROUGH = 1e-4  # gradient at which the energy of a changed part is known well enough
_HOPE = 3.0  # times what the last step gained may still come
_SHIFT = 0.02  # with which the minimisation of a changed part begins
_PARTNER = 3.0  # xi: between a vortex and the image of one
_SAME = 1.0  # xi: vortices closer than that count as the same one


class _Settled(NamedTuple):
    """A window, the state of the whole sample relaxed in it, its energy there, its vortices."""

    window: Whole
    state: CellValues
    energy: float
    vortices: tuple[Vortex, ...]


class _Enough(Exception):
    """The energy is known well enough."""


class Descent:
    """Changes that lower the energy, one part of the sample after the other; collective.

    Each part is in the middle of a window; what is around the window stays as it is meanwhile.
    First it takes on what the state holds in the images of the part under the symmetry. Other
    changes are drawn at random, from other parts or from nothing, those kinds that have gained
    before more often. One that gains is tried in the images of the part as well. A part that has
    not gained in some tries is left alone until a neighbour changes.
    """

    def __init__(self, landscape: Landscape, rng: np.random.Generator) -> None:
        self.landscape, self.rng = landscape, rng
        self.parts = landscape.parts
        self.stale = np.zeros(len(self.parts), dtype=int)
        self.tries = dict.fromkeys(("image", *_KINDS), 0)
        self.gains = dict.fromkeys(("image", *_KINDS), 0)
        self.tried: list[set[Change]] = [set() for _ in self.parts]  # since something changed near

    def run(self, changes: int) -> None:
        """Improve the state that the landscape holds, by at most so many changes that are tried."""
        while self.left(changes):
            for number in self.rng.permutation(len(self.parts)):
                if self.left(changes) and self.stale[number] < _PATIENCE:
                    self._improve(int(number))

    def left(self, changes: int) -> bool:
        """Whether there is anything left to try."""
        return sum(self.tries.values()) < changes and bool((self.stale < _PATIENCE).any())

    def _improve(self, number: int) -> None:
        """Try some changes of a part until one gains."""
        settled = self._settled(number)
        for kind, change in self._proposed(number, settled):
            self.tries[kind] += 1
            if self._try(settled, change):
                self.gains[kind] += 1
                self._stir(number)
                self._echo(number, change)
                return
            self.stale[number] += 1

    def _proposed(self, number: int, settled: _Settled) -> list[tuple[str, Change]]:
        """What the images of the part hold, or where all that is tried, changes at random."""
        symmetry, vortices, window = self.landscape.symmetry, settled.vortices, settled.window
        images = []
        if len(self.parts) > 1:
            mine = self._in_part(vortices, number)
            for which in self.rng.permutation(np.arange(1, len(symmetry))):
                change = self._replaced(mine, symmetry.image(int(which), vortices), number)
                if self._new(number, change, window):
                    images.append(("image", change))
        return images or [self._draw(number, vortices, window) for _ in range(_AT_ONCE)]

    def _new(self, number: int, change: Change, window: Whole) -> bool:
        """Whether a change of a part is one, is possible, and was not tried; it is noted."""
        rough = _rough(change)
        fits = change.net_charge == 0 or window.alteration.open
        if not (change.out or change.into) or not fits or rough in self.tried[number]:
            return False
        self.tried[number].add(rough)
        return True

    def _settled(self, number: int) -> _Settled:
        """Relax the window about a part."""
        landscape, window = self.landscape, self.landscape.window(number)
        state = landscape.state()
        window.take(state)
        energy = _relax(window, None)
        state = window.give(state)
        landscape.hold(state)
        return _Settled(window, state, energy, tuple(find_vortices(landscape.functional)))

    def _try(self, settled: _Settled, change: Change) -> bool:
        """Make a change and keep it if it gains; the landscape then holds the state it had else."""
        window = settled.window
        window.take(settled.state)
        window.alteration.make(change)
        gained = _relax(window, settled.energy) < settled.energy - _GAIN
        self.landscape.hold(window.give(settled.state) if gained else settled.state)
        return gained

    def _echo(self, number: int, change: Change) -> None:
        """Try what has gained in a part in the images of the part, too."""
        symmetry = self.landscape.symmetry
        for which in range(1, len(symmetry)):
            place = symmetry.places(which, self.parts[number][None])
            away = np.hypot(*(self.parts - place).T)
            image = int(np.argmin(away))
            if away[image] > _SAME:
                continue
            settled = self._settled(image)
            out = [_partner(settled.vortices, v) for v in symmetry.image(which, change.out)]
            into = symmetry.image(which, change.into)
            free = not any(near(settled.vortices, np.array([v.x, v.y]), _SAME) for v in into)
            if free and all(v is not None for v in out):
                there = Change(tuple(v for v in out if v is not None), into)
                if self._try(settled, there):
                    self._stir(image)

    def _stir(self, number: int) -> None:
        """Parts near one that has changed are worth new tries."""
        near = np.abs(self.parts - self.parts[number]).max(axis=1) < 2 * self.landscape.half_width
        self.stale[near] = np.minimum(self.stale[near], _AGAIN)
        self.stale[number] = 0
        for part in np.flatnonzero(near):
            self.tried[part].clear()

    def _draw(self, number: int, vortices: Vortices, window: Whole) -> tuple[str, Change]:
        """Return a change of a part, and its kind."""
        weights = np.array([(self.gains[k] + n) / (self.tries[k] + 8) for k, n in _KINDS.items()])
        for _ in range(1000):
            kind = str(self.rng.choice(list(_KINDS), p=weights / weights.sum()))
            change = self._of_kind(kind, number, vortices)
            if change is not None and self._new(number, change, window):
                return kind, change
        return "move", Change()

    def _of_kind(self, kind: str, number: int, vortices: Vortices) -> Change | None:
        landscape, rng = self.landscape, self.rng
        mine = self._in_part(vortices, number)
        if kind in ("copy", "borrow"):
            if landscape.centres is None or len(self.parts) == 1:
                return None
            there = self._mapped(vortices, int(rng.integers(len(self.parts))), number)
            change = self._replaced(mine, there, number)
            return change if kind == "copy" else self._borrowed(change)
        if kind == "pair":
            low, high = self.parts[number] - landscape.core, self.parts[number] + landscape.core
            place = rng.uniform(low, high)
            inside = landscape.inside(place[None])[0]
            return new_pair(landscape, rng, vortices, place) if inside else None
        if kind == "edge" and (not mine or rng.uniform() < 0.5):
            place = self.parts[number] + rng.uniform(-1, 1, size=2) * landscape.core
            if near(vortices, place) or not landscape.inside(place[None])[0]:
                return None
            sign = 1 if rng.uniform() < 0.5 else -1
            return Change(into=(Vortex(float(place[0]), float(place[1]), sign),))
        if not mine:
            return None
        chosen = mine[int(rng.integers(len(mine)))]
        if kind == "edge":
            return Change(out=(chosen,))
        if kind == "annihilate":
            return annihilated(chosen, mine)
        return moved(landscape, rng, vortices, chosen)

    def _in_part(self, vortices: Vortices, number: int) -> list[Vortex]:
        x, y = self.parts[number]
        core = self.landscape.core
        return [v for v in vortices if max(abs(v.x - x), abs(v.y - y)) < core]

    def _mapped(self, vortices: Vortices, there: int, here: int) -> list[Vortex]:
        """What another part holds, turned or mirrored and moved to this one."""
        maps = of_square()
        matrix = maps[int(self.rng.integers(len(maps)))]
        moved = []
        for v in self._in_part(vortices, there):
            x, y = matrix @ (np.array([v.x, v.y]) - self.parts[there]) + self.parts[here]
            moved.append(Vortex(float(x), float(y), v.charge))
        return moved

    def _replaced(self, mine: Vortices, other: Vortices, number: int) -> Change:
        """What must change for a part to hold other vortices, those of the other part inside it."""
        new = [
            v
            for v in self._in_part(other, number)
            if self.landscape.inside(np.array([[v.x, v.y]]))[0]
        ]
        return Change(
            tuple(v for v in mine if not _there(new, v)),
            tuple(v for v in new if not _there(mine, v)),
        )

    def _borrowed(self, change: Change) -> Change | None:
        """Two neighbours of opposite sign out of what would enter."""
        if not change.into:
            return None
        first = change.into[int(self.rng.integers(len(change.into)))]
        others = [v for v in change.into if v.charge == -first.charge]
        if not others:
            return None
        second = min(others, key=lambda v: np.hypot(v.x - first.x, v.y - first.y))
        return Change(into=(first, second))


def _rough(change: Change) -> Change:
    """A change with places to about a xi, to know it again."""
    out, into = (
        tuple(sorted((Vortex(round(v.x), round(v.y), v.charge) for v in some), key=repr))
        for some in (change.out, change.into)
    )
    return Change(out, into)


def _partner(vortices: Vortices, one: Vortex) -> Vortex | None:
    """The vortex of the same charge that is near another one."""
    near = [v for v in vortices if v.charge == one.charge]
    best = min(near, key=lambda v: np.hypot(v.x - one.x, v.y - one.y), default=None)
    if best is None or np.hypot(best.x - one.x, best.y - one.y) > _PARTNER:
        return None
    return best


def _there(vortices: Vortices, one: Vortex) -> bool:
    return any(
        v.charge == one.charge and np.hypot(v.x - one.x, v.y - one.y) < _SAME for v in vortices
    )


def _relax(window: Whole, limit: float | None) -> float:
    """Minimise in a window until its energy is known, or is seen to stay above a limit."""
    energies: list[float] = []

    def report(step: Step) -> None:
        energies.append(step.energy)
        if step.gradient_norm < _ROUGH:
            raise _Enough
        if limit is not None and len(energies) > 2:
            gained = energies[-2] - energies[-1]
            if energies[-1] - _HOPE * gained > limit:
                raise _Enough

    system = window.system
    begin = Step(0, system.energy(), np.inf, _SHIFT, 0, _ROUGH)
    try:
        minimise(system, gradient_tolerance=_ROUGH, report=report, resumed=begin)
    except _Enough:
        return energies[-1]
    except NotConvergedError:
        return np.inf
    return system.energy()
