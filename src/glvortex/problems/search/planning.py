"""Which trials a round of a search makes; the same whoever does them and in whatever order."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from glvortex.problems.search.archive import SAME_ENERGY, Archive, Entry, Outcome
from glvortex.problems.search.confidence import Verdict, hops_from
from glvortex.problems.search.trial import Trial
from glvortex.problems.search_section import SearchSection

BATCH = 8  # trials of a round
_FRESH = ("random", "annealed", "symmetric", "cooled")  # kinds that need no state to start from
_WEIGHTS = {
    "random": 2.0,
    "annealed": 2.5,
    "cooled": 0.5,
    "symmetric": 2.0,
    "mixed": 1.5,
    "hop": 6.0,
    "cross": 2.0,
    "away": 1.0,
    "image": 0.5,
}
_CREDIT = 4  # successes in as many trials that each kind is credited with in advance: one
_LOW = 0.7  # share of the hops that start from low states, others from any line of descent
_HOPS = 4  # from the lowest state that lead to nothing lower before a search may end
_LINES = 6  # of descent that are followed
_FEW = 8  # vortices up to which patterns at random, or what is pushed anywhere, are worth a try
_MIXED = 6  # of the lowest states lend the places of their vortices to be mixed
_NEW = 0.3  # share of the symmetric trials that have no parent
_FALL = 0.6  # of the probability of a parent from one state to the next higher one


def first_round(names: Sequence[str], settings: SearchSection) -> list[Trial]:
    """The starts that the problem proposes."""
    return [
        Trial(number, name, (), (number,), (settings.seed, 0, number))
        for number, name in enumerate(names, start=1)
    ][: settings.trials]


def later_round(
    number: int, archive: Archive, settings: SearchSection, *, unfit: Sequence[str]
) -> list[Trial]:
    """The trials of a round that follows others; ``unfit`` kinds go with no such landscape."""
    done = max(archive.outcomes, default=0)
    count = min(BATCH, settings.trials - done)
    weights = _weights(archive, settings, unfit, first=number == 1)
    return [
        _trial(done + k, (settings.seed, number, k), archive, weights) for k in range(1, count + 1)
    ]


def _trial(
    number: int, seed: tuple[int, ...], archive: Archive, weights: dict[str, float]
) -> Trial:
    rng = np.random.default_rng((*seed, 1))
    shares = np.array(list(weights.values())) / sum(weights.values())
    kind = str(rng.choice(list(weights), p=shares))
    parents = _parents(kind, archive, rng)
    roots = sorted({root for parent in parents for root in parent.roots}) or [number]
    return Trial(number, kind, tuple(p.number for p in parents), tuple(roots), seed)


def _weights(
    archive: Archive, settings: SearchSection, unfit: Sequence[str], *, first: bool
) -> dict[str, float]:
    """How often each kind is drawn: the more often the more it has found."""
    wins, tries = _record(archive)
    luck = _luck(archive)
    return {
        kind: _WEIGHTS[kind] * luck.get(kind, 1.0) * (wins[kind] + 1) / (tries[kind] + _CREDIT)
        for kind in _possible(archive, settings, unfit, first=first)
    }


def _possible(
    archive: Archive, settings: SearchSection, unfit: Sequence[str], *, first: bool
) -> list[str]:
    """Kinds that can be tried; at first fresh ones, so that there are different states."""
    kinds: list[str] = [kind for kind in settings.kinds if kind not in unfit]
    fresh = [kind for kind in kinds if kind in _FRESH]
    if (first and fresh) or not archive.entries:
        return fresh or ["random"]
    alone = len(archive.entries) == 1
    return [kind for kind in kinds if not (alone and kind == "cross")] or ["random"]


def _luck(archive: Archive) -> dict[str, float]:
    """By how much less each blind kind is worth, the more vortices there are to be guessed."""
    lowest = archive.lowest
    share = min(1.0, _FEW / (lowest.best.total_charge + 1)) if lowest else 1.0
    return dict.fromkeys(("random", "symmetric", "away", "cross"), share)


def _record(archive: Archive) -> tuple[Counter[str], Counter[str]]:
    """How often each kind has found the lowest state or one lower than all before, of how often."""
    wins, tries = Counter[str](), Counter[str]()
    found = set(archive.lowest.found) if archive.lowest else set()
    lowest = np.inf
    for number, outcome in sorted(archive.outcomes.items()):
        lower = outcome.end == "minimum" and outcome.energy < lowest - SAME_ENERGY * abs(lowest)
        wins[outcome.kind] += lower or number in found
        tries[outcome.kind] += 1
        lowest = outcome.energy if lower else lowest
    return wins, tries


def _parents(kind: str, archive: Archive, rng: np.random.Generator) -> list[Outcome]:
    """The states that a trial starts from: of low energy, and for hops of any line of descent."""
    ranked = archive.ranked
    if (
        kind in ("random", "annealed", "cooled")
        or not ranked
        or (kind == "symmetric" and rng.uniform() < _NEW * _luck(archive)["random"])
    ):
        return []
    if kind == "mixed":
        return [entry.best for entry in ranked[:_MIXED]]
    if kind == "image":
        return [ranked[0].best]
    if kind == "cross":
        first, second = _draw(ranked, rng, 2)
        return [first.best, second.best]
    if rng.uniform() < _LOW:
        if hops_from(archive, ranked[0]) < _HOPS:
            return [ranked[0].best]
        return [_draw(ranked, rng, 1)[0].best]
    lines = heads(archive)
    return [lines[int(rng.integers(len(lines)))]]


def _draw(ranked: list[Entry], rng: np.random.Generator, count: int) -> list[Entry]:
    weights = _FALL ** np.arange(len(ranked))
    chosen = rng.choice(len(ranked), size=count, replace=False, p=weights / weights.sum())
    return [ranked[int(i)] for i in chosen]


def heads(archive: Archive) -> list[Outcome]:
    """The lowest minimum of each line: of each fresh trial and what comes from it alone."""
    lines: dict[int, Outcome] = {}
    for outcome in archive.outcomes.values():
        if outcome.end == "minimum" and len(outcome.roots) == 1:
            head = lines.get(outcome.roots[0])
            if head is None or outcome.energy < head.energy:
                lines[outcome.roots[0]] = outcome
    lowest = archive.lowest
    others = [o for o in lines.values() if lowest and o.number not in lowest.found]
    return sorted(others or lines.values(), key=lambda o: o.energy)[:_LINES]


def enough(found: Verdict, settings: SearchSection) -> bool:
    """Whether finds from separate beginnings give the confidence, and hops led to nothing lower."""
    hopped = "hop" not in settings.kinds or found.hops >= _HOPS
    return hopped and found.finds >= -math.log2(1.0 - settings.confidence)
