"""Patterns of vortices drawn at random: from nothing, or from those of known states."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glvortex.problems.search.landscape import Landscape
from glvortex.problems.search.symmetry import Symmetry
from glvortex.solve.alteration import Change
from glvortex.solve.london import Vortex

_APART = 3.0  # xi: vortices are put no closer together
_TRIES = 200  # for a place that is free
_STEP = 5.0  # xi: standard deviation of each coordinate of a move
_PAIR = (4.0, 12.0)  # xi: distance of the vortices of a new pair

Vortices = Sequence[Vortex]


def near(vortices: Vortices, place: np.ndarray, distance: float = _APART) -> bool:
    """Whether a vortex is closer than that."""
    return any(np.hypot(v.x - place[0], v.y - place[1]) < distance for v in vortices)


def free_place(
    landscape: Landscape, rng: np.random.Generator, taken: Vortices
) -> np.ndarray | None:
    """Return a random place inside the sample and away from what is there; None if none is free."""
    low, high = landscape.bounds
    for _ in range(_TRIES):
        place = rng.uniform(low, high)
        if landscape.inside(place[None])[0] and not near(taken, place):
            return np.asarray(place)
    return None


def random_pattern(landscape: Landscape, rng: np.random.Generator, typical: int) -> list[Vortex]:
    """Vortices anywhere, of a random number up to twice the ``typical`` one and of random signs.

    A third of the patterns has one sign, another third the other, and the rest has both.
    """
    count = int(rng.integers(0, 2 * typical + 3))
    share = rng.choice([0.0, 1.0, rng.uniform()])
    signs = [1 if rng.uniform() < share else -1 for _ in range(count)]
    if landscape.quanta is not None:
        missing = landscape.quanta - sum(signs)
        signs += [1 if missing > 0 else -1] * abs(missing)
    result: list[Vortex] = []
    for sign in signs:
        place = free_place(landscape, rng, result)
        if place is None and landscape.quanta is None:
            break
        if place is None:
            place = rng.uniform(*landscape.bounds)
        result.append(Vortex(float(place[0]), float(place[1]), sign))
    return result


def symmetric_pattern(
    landscape: Landscape, rng: np.random.Generator, vortices: Vortices
) -> list[Vortex]:
    """The vortices of a random sector and their images under a random subgroup of the symmetry.

    Those on an axis are images of themselves. In a cell the vortices are returned as they are.
    """
    symmetry = landscape.symmetry
    if landscape.quanta is not None or len(symmetry) == 1:
        return list(vortices)
    chosen = rng.integers(1, len(symmetry), size=int(rng.integers(1, 3)))
    group = generated(symmetry, [int(n) for n in chosen])
    angle = rng.uniform(0, 2 * np.pi)
    ahead = np.array([np.cos(angle), np.sin(angle)])
    # those well within the sector come first; others must fit between their images
    bearing = [np.array([v.x, v.y]) - symmetry.centre for v in vortices]
    cosine = [float(ahead @ b / (np.hypot(*b) + 1e-9)) for b in bearing]
    result: list[Vortex] = []
    for i in np.argsort(-np.array(cosine), kind="stable"):
        orbit: list[Vortex] = []
        for number in group:
            (image,) = symmetry.image(number, [vortices[i]])
            if not near(orbit, np.array([image.x, image.y])):
                orbit.append(image)
        if not any(near(result, np.array([v.x, v.y])) for v in orbit):
            result += orbit
    return result


def generated(symmetry: Symmetry, numbers: Sequence[int]) -> list[int]:
    """Numbers of the maps of the smallest group that holds some."""
    members = {0, *numbers}
    while True:
        products = {
            _number(symmetry, symmetry.matrices[i] @ symmetry.matrices[j])
            for i in members
            for j in members
        }
        if products <= members:
            return sorted(members)
        members |= products


def _number(symmetry: Symmetry, matrix: np.ndarray) -> int:
    return int(np.argmin(np.abs(symmetry.matrices - matrix).sum(axis=(1, 2))))


def spliced(
    landscape: Landscape, rng: np.random.Generator, one: Vortices, other: Vortices
) -> list[Vortex]:
    """The vortices of one state on one side of a random line and those of another beyond it.

    The other state is turned or mirrored first. In a cell, where charges must add up, the line is
    drawn anew until they do.
    """
    other = landscape.symmetry.image(int(rng.integers(len(landscape.symmetry))), other)
    low, high = landscape.bounds
    for _ in range(_TRIES):
        angle, point = rng.uniform(0, 2 * np.pi), rng.uniform(low, high)
        normal = np.array([np.cos(angle), np.sin(angle)])
        kept = [v for v in one if (np.array([v.x, v.y]) - point) @ normal >= 0]
        taken = [
            v
            for v in other
            if (place := np.array([v.x, v.y]) - point) @ normal < 0
            and not near(kept, place + point)
        ]
        result = [*kept, *taken]
        if landscape.quanta is None or sum(v.charge for v in result) == landscape.quanta:
            return result
    return list(one)


def _place(vortex: Vortex) -> np.ndarray:
    return np.array([vortex.x, vortex.y])


def changed(vortices: Vortices, change: Change) -> list[Vortex]:
    """Vortices after a change."""
    return [*(v for v in vortices if v not in change.out), *change.into]


def random_change(
    landscape: Landscape, rng: np.random.Generator, vortices: Vortices
) -> Change | None:
    """Move, add or take out a vortex, or a pair of both signs; None if there is no room for it."""
    kinds = ["move", "pair", "annihilate"] + ["add", "remove"] * (landscape.quanta is None)
    kind = str(rng.choice(kinds))
    if kind == "add":
        place = free_place(landscape, rng, vortices)
        sign = 1 if rng.uniform() < 0.5 else -1
        if place is None:
            return None
        return Change(into=(Vortex(float(place[0]), float(place[1]), sign),))
    if kind == "pair":
        return new_pair(landscape, rng, vortices, free_place(landscape, rng, vortices))
    if not vortices:
        return None
    chosen = vortices[int(rng.integers(len(vortices)))]
    if kind == "remove":
        return Change(out=(chosen,))
    if kind == "annihilate":
        return annihilated(chosen, vortices)
    return moved(landscape, rng, vortices, chosen)


def moved(
    landscape: Landscape, rng: np.random.Generator, vortices: Vortices, chosen: Vortex
) -> Change | None:
    """A vortex goes to a place nearby."""
    place = np.array([chosen.x, chosen.y]) + rng.normal(scale=_STEP, size=2)
    others = [v for v in vortices if v is not chosen]
    if not landscape.inside(place[None])[0] or near(others, place):
        return None
    return Change((chosen,), (Vortex(float(place[0]), float(place[1]), chosen.charge),))


def annihilated(chosen: Vortex, vortices: Vortices) -> Change | None:
    """A vortex leaves with the nearest one of the other sign."""
    others = [v for v in vortices if v.charge == -chosen.charge]
    if not others:
        return None
    return Change((chosen, min(others, key=lambda v: np.hypot(v.x - chosen.x, v.y - chosen.y))))


def new_pair(
    landscape: Landscape, rng: np.random.Generator, vortices: Vortices, place: np.ndarray | None
) -> Change | None:
    """A vortex at a place, and one of the other sign nearby."""
    if place is None or near(vortices, place):
        return None
    angle, distance = rng.uniform(0, 2 * np.pi), rng.uniform(*_PAIR)
    second = place + distance * np.array([np.cos(angle), np.sin(angle)])
    if not landscape.inside(second[None])[0] or near(vortices, second):
        return None
    sign = 1 if rng.uniform() < 0.5 else -1
    return Change(
        into=(
            Vortex(float(place[0]), float(place[1]), sign),
            Vortex(float(second[0]), float(second[1]), -sign),
        )
    )
