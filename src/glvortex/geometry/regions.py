"""Holes in a sample, and regions of it whose superconductivity differs; lengths in xi.

A hole that lies wholly inside is vacuum with a field of its own; one that crosses the outline is
simply cut out of the sample, which makes notches and indentations.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike
from shapely import LinearRing

from glvortex.errors import ParameterError
from glvortex.geometry.lattice import Lattice
from glvortex.geometry.sample import (
    Bools,
    Cornered,
    Disk,
    Floats,
    Sample,
    segments_meet,
    sides_of,
)

_AREA_POINTS = 400  # along each side of the box in which the area of a cut is counted
_LARGEST = 1e5  # sizes of a part and the sample, either way; far beyond gmsh loses its outline


@dataclass(frozen=True)
class Hole:
    """A hole, and the number of flux quanta that a start gives its fluxoid (positive: along +z)."""

    shape: Sample
    fluxoid: int = 0


@dataclass(frozen=True)
class Region:
    """A part of the sample with its own superconductivity; later regions lie over earlier ones.

    Attributes:
        shape: where; what sticks out of the sample does not count.
        t: reduced temperature 1 - T/Tc there, negative in a normal metal.
        quartic: weight of |f|^4/2 there, (kappa there/kappa)^2.
    """

    shape: Sample
    t: float
    quartic: float


@dataclass(frozen=True)
class Perforated(Sample):
    """An outline less its holes.

    Raises:
        ParameterError: a hole misses or swallows the sample, meets another or a side at which the
            sample repeats; one that crosses the outline has a fluxoid.
    """

    outline: Sample
    holes: tuple[Hole, ...]

    def __post_init__(self) -> None:
        for i, hole in enumerate(self.holes):
            _check_drawable(self.outline, hole.shape, _name(self.holes, i))
            _check_repetition(self.outline, hole.shape, _name(self.holes, i))
            if hole not in self.enclosed and not boundaries_meet(hole.shape, self.outline):
                raise ParameterError(
                    f"{_name(self.holes, i)} has no edge inside the sample: it lies outside or "
                    "leaves nothing of it."
                )
            if hole not in self.enclosed and hole.fluxoid:
                raise ParameterError(
                    f"{_name(self.holes, i)} crosses the outline of the sample, so that it has no "
                    f"fluxoid, got {hole.fluxoid}."
                )
        for i, j in combinations(range(len(self.holes)), 2):
            pair = self.holes[i], self.holes[j]
            if set(pair) & set(self.enclosed) and not _apart(pair[0].shape, pair[1].shape):
                raise ParameterError(
                    f"{_name(self.holes, i)} and {_name(self.holes, j)} touch or overlap: give "
                    "them as one polygon."
                )

    @cached_property
    def enclosed(self) -> tuple[Hole, ...]:
        """The holes wholly inside the outline; the others are cuts."""
        return tuple(h for h in self.holes if encloses(self.outline, h.shape))

    @property
    def lattice(self) -> Lattice | None:
        """The periods of the outline."""
        return self.outline.lattice

    @property
    def area(self) -> float:
        """Area, in xi^2; that of cuts is counted on a grid, to about a part in a thousand."""
        enclosed = sum(hole.shape.area for hole in self.enclosed)
        cuts = [hole.shape for hole in self.holes if hole not in self.enclosed]
        return self.outline.area - enclosed - (_common_area(self.outline, cuts) if cuts else 0.0)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Box around the outline: (xmin, ymin, xmax, ymax)."""
        return self.outline.bounds

    def boundary_distance(self, points: ArrayLike) -> Floats:
        """Distance from each of the points of the sample, shape (n, 2), to outline and holes."""
        shapes = [self.outline, *(hole.shape for hole in self.holes)]
        distances = [shape.boundary_distance(points) for shape in shapes]
        return np.asarray(np.min(distances, axis=0))

    def _inside(self, points: Floats) -> Bools:
        inside = self.outline.contains(points)
        for hole in self.holes:
            inside &= ~hole.shape.contains(points)
        return inside


def outline_of(sample: Sample) -> Sample:
    """The outline of a sample, whether it has holes or not."""
    return sample.outline if isinstance(sample, Perforated) else sample


def enclosed_holes(sample: Sample) -> tuple[Hole, ...]:
    """The holes wholly inside a sample."""
    return getattr(sample, "enclosed", ())


def check_regions(sample: Sample, regions: Sequence[Region]) -> None:
    """Refuse regions that are nowhere in the sample, at a side at which it repeats, huge or tiny.

    Raises:
        ParameterError: naming the region (counted from 1).
    """
    outline = outline_of(sample)
    for i, region in enumerate(regions):
        x, y = region.shape.inner_point
        name = f"region {i + 1} at ({x:g}, {y:g})"
        _check_drawable(outline, region.shape, name)
        _check_repetition(outline, region.shape, name)
        if _apart(region.shape, outline):
            raise ParameterError(f"{name} lies outside the sample.")


def encloses_point(shape: Sample, point: Floats) -> bool:
    """Whether a point lies inside a shape and not on its boundary."""
    rounding = 1e-9 * shape.characteristic_size
    return bool(shape.contains(point[None], rounding)[0])


def encloses(outer: Sample, inner: Sample) -> bool:
    """Whether a simple shape lies inside another, without touching its boundary."""
    return not boundaries_meet(outer, inner) and bool(outer.contains(_boundary_point(inner))[0])


def boundaries_meet(one: Sample, other: Sample) -> bool:
    """Whether the boundaries of two simple shapes have a point in common."""
    if isinstance(one, Disk) and isinstance(other, Disk):
        apart = float(np.hypot(*np.subtract(one.centre, other.centre)))
        return abs(one.radius - other.radius) <= apart <= one.radius + other.radius
    if isinstance(one, Disk):
        one, other = other, one
    assert isinstance(one, Cornered)
    if isinstance(other, Disk):
        nearest = float(one.boundary_distance([other.centre])[0])
        farthest = np.hypot(*(one.corners - np.array(other.centre)).T).max()
        return nearest <= other.radius <= farthest
    assert isinstance(other, Cornered)
    return bool(LinearRing(one.corners).intersects(LinearRing(other.corners)))


def reflex_corners(sample: Sample) -> Iterator[tuple[float, float, float]]:
    """Yield (x, y, angle) of the corners at which the sample fills an angle beyond pi, in radians.

    Those of the outline that point inwards and those of holes that point into the sample.
    """
    outline = outline_of(sample)
    holes = [h.shape for h in sample.holes] if isinstance(sample, Perforated) else []
    shapes = [(outline, 1.0), *((hole, -1.0) for hole in holes)]
    for shape, side in shapes:
        if not isinstance(shape, Cornered):
            continue
        others = [hole for hole in holes if hole is not shape]
        corners = shape.corners
        for i in range(len(corners)):
            corner = corners[i]
            there, on = corner - corners[i - 1], corners[(i + 1) % len(corners)] - corner
            turn = np.arctan2(there[0] * on[1] - there[1] * on[0], there @ on)
            angle = np.pi - side * float(turn)
            within = shape is outline or encloses_point(outline, corner)
            within = within and not any(other.contains([corner])[0] for other in others)
            if angle > np.pi * (1 + 1e-6) and within:
                yield float(corner[0]), float(corner[1]), float(angle)


def _check_drawable(outline: Sample, shape: Sample, name: str) -> None:
    """Refuse what is so large or small against the sample that rounding would move its edge."""
    size, whole = shape.characteristic_size, outline.characteristic_size
    if size > _LARGEST * whole or size * _LARGEST < whole:
        much = "much" if size > whole else "little"
        raise ParameterError(
            f"{name} is {size:.3g} xi large, which is too {much} to be drawn in a sample of "
            f"{whole:.3g} xi."
        )


def _check_repetition(outline: Sample, shape: Sample, name: str) -> None:
    if outline.lattice is None or not isinstance(outline, Cornered):
        return
    sides = sides_of(outline.corners)
    # a strip repeats at its first and third side, a cell at all four
    repeating = sides[::2] if len(outline.lattice.periods) == 1 else sides
    if any(_meets_side(shape, start, end) for start, end in repeating):
        raise ParameterError(f"{name} reaches a side at which the sample repeats: move it inside.")


def _meets_side(shape: Sample, start: Floats, end: Floats) -> bool:
    if isinstance(shape, Disk):
        centre, side = np.array(shape.centre), end - start
        along = np.clip((centre - start) @ side / (side @ side), 0.0, 1.0)
        ends = np.hypot(*(np.array([start, end]) - centre).T)
        return bool(np.hypot(*(start + along * side - centre)) <= shape.radius <= ends.max())
    assert isinstance(shape, Cornered)
    return any(segments_meet(start, end, a, b) for a, b in sides_of(shape.corners))


def _apart(one: Sample, other: Sample) -> bool:
    return not (boundaries_meet(one, other) or encloses(one, other) or encloses(other, one))


def _boundary_point(shape: Sample) -> Floats:
    if isinstance(shape, Disk):
        return np.array([[shape.centre[0] + shape.radius, shape.centre[1]]])
    assert isinstance(shape, Cornered)
    return shape.corners[:1]


def _common_area(outline: Sample, shapes: Sequence[Sample]) -> float:
    """Area of the outline that the shapes cover, counted on a grid over their common box."""
    boxes = np.array([shape.bounds for shape in shapes])
    low = np.maximum(boxes[:, :2].min(axis=0), outline.bounds[:2])
    high = np.minimum(boxes[:, 2:].max(axis=0), outline.bounds[2:])
    steps = (np.arange(_AREA_POINTS) + 0.5) / _AREA_POINTS
    x, y = (low[k] + steps * (high[k] - low[k]) for k in range(2))
    grid = np.column_stack([c.ravel() for c in np.meshgrid(x, y)])
    covered = np.zeros(len(grid), dtype=bool)
    for shape in shapes:
        covered |= shape.contains(grid)
    return float(np.mean(covered & outline.contains(grid)) * np.prod(high - low))


def _name(holes: Sequence[Hole], i: int) -> str:
    x, y = holes[i].shape.inner_point
    return f"hole {i + 1} at ({x:g}, {y:g})"
