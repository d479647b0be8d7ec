"""A sweep: a problem at every point of a grid over some of its keys, apart or one from another."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from glvortex.errors import ParameterError
from glvortex.problems.axes import Axis
from glvortex.problems.jobs import Job
from glvortex.problems.schema import ProblemFile, overridden
from glvortex.problems.setup import setup_from

_MOST = 10_000
BRANCHES = ("up", "down")


@dataclass(frozen=True)
class Point(Job):
    """One point of a sweep, said by its keys and values.

    Attributes:
        place: of its value on each axis.
        branch: of `BRANCHES`, "up" where there is one way only.
    """

    place: tuple[int, ...]
    branch: str


Chain = tuple[Point, ...]


@dataclass(frozen=True)
class Plan:
    """The points of a sweep.

    Attributes:
        problem: the one that the keys are changed in.
        axes: the keys with their values; the first one changes fastest.
        continued: whether a point starts from the state of the point before it in its chain.
        both_ways: whether chains go up the first axis and down again.
        chains: points that are done one after the other; chains do not need each other.
        searched: whether every point is searched for its state of lowest energy.
    """

    problem: ProblemFile
    axes: tuple[Axis, ...]
    continued: bool
    both_ways: bool
    chains: tuple[Chain, ...]
    searched: bool = False

    @property
    def points(self) -> tuple[Point, ...]:
        """All points in the order of their numbers."""
        return tuple(point for chain in self.chains for point in chain)


def plan(
    problem: ProblemFile,
    axes: Sequence[Axis],
    *,
    continued: bool = False,
    both_ways: bool = False,
    searched: bool = False,
) -> Plan:
    """Lay out a sweep and check every point of it; ``both_ways`` implies ``continued``.

    Without continuation every point is a chain of its own. The way down begins below the last
    value, whose point it shares with the way up.

    Raises:
        ParameterError: no axis, a key twice, too many points, a search that is to start from the
            point before, or a point that is no valid problem, which is named.
    """
    _check(axes)
    if searched and (continued or both_ways):
        raise ParameterError(
            "--search looks for the lowest state whatever was before: leave out --continue and "
            "--up-and-down."
        )
    first, *others = axes
    up = [(place, "up") for place in range(len(first.values))]
    down = [(place, "down") for place, _ in reversed(up[:-1])]
    way = up + down if both_ways else up
    rows = []
    number = itertools.count(1)
    # the second key changes faster than the third
    for rest in itertools.product(*(range(len(axis.values)) for axis in reversed(others))):
        places = [((place, *reversed(rest)), branch) for place, branch in way]
        rows.append(tuple(_point(problem, axes, next(number), *place) for place in places))
    if searched:
        for row in rows:
            for point in row:
                point.setup.demand_ginzburg_landau("a search")
    continued = continued or both_ways
    chains = rows if continued else [(point,) for row in rows for point in row]
    return Plan(problem, tuple(axes), continued, both_ways, tuple(chains), searched)


def _check(axes: Sequence[Axis]) -> None:
    if not axes:
        raise ParameterError("--over is missing: say a key and its values.")
    keys = [axis.key for axis in axes]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice:
        raise ParameterError(f"--over {twice} is given twice.")
    count = prod(len(axis.values) for axis in axes)
    if count > _MOST:
        raise ParameterError(f"the sweep has {count} points, at most {_MOST} are allowed.")


def _point(
    problem: ProblemFile, axes: Sequence[Axis], number: int, place: tuple[int, ...], branch: str
) -> Point:
    said = ", ".join(axis.said(i) for axis, i in zip(axes, place, strict=True))
    overrides = [axis.override(i) for axis, i in zip(axes, place, strict=True)]
    try:
        there = overridden(problem, overrides, "--over")
        return Point(number, said, there, setup_from(there), place, branch)
    except ParameterError as error:
        raise ParameterError(f"{str(error).rstrip('.')} (point {number}: {said}).") from None
