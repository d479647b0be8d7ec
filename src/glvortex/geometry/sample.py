"""Outlines of the superconducting sample.

Every outline answers the same questions in the same words: which points lie inside, how far a point
is from the boundary, how large the sample is. All lengths are in coherence lengths xi.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from shapely import LinearRing

from glvortex.errors import ParameterError
from glvortex.geometry.lattice import Lattice

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Sample(ABC):
    """An outline in the plane."""

    @property
    def lattice(self) -> Lattice | None:
        """The periods of a sample that repeats, None for one with a boundary all round."""
        return None

    @property
    @abstractmethod
    def area(self) -> float:
        """Area, in xi^2."""

    @property
    @abstractmethod
    def bounds(self) -> tuple[float, float, float, float]:
        """Smallest upright box around the sample: (xmin, ymin, xmax, ymax)."""

    @abstractmethod
    def boundary_distance(self, points: ArrayLike) -> Floats:
        """Distance from each of the points, shape (n, 2), to the boundary; never negative."""

    @abstractmethod
    def _inside(self, points: Floats) -> Bools:
        """True for points of the closed outline, up to rounding."""

    @property
    def inner_point(self) -> tuple[float, float]:
        """A point well inside: the middle of the box, or the deepest of a fine grid in it."""
        xmin, ymin, xmax, ymax = self.bounds
        middle = ((xmin + xmax) / 2, (ymin + ymax) / 2)
        x, y = np.meshgrid(np.linspace(xmin, xmax, 65), np.linspace(ymin, ymax, 65))
        grid = np.vstack([middle, np.column_stack([x.ravel(), y.ravel()])])
        depth = np.where(self.contains(grid), self.boundary_distance(grid), -1.0)
        # the middle, unless another point lies clearly deeper
        best = 0 if depth[0] > 0.8 * depth.max() else int(np.argmax(depth))
        return float(grid[best, 0]), float(grid[best, 1])

    @property
    def characteristic_size(self) -> float:
        """Side of the square of the same area."""
        return math.sqrt(self.area)

    def contains(self, points: ArrayLike, margin: float = 0.0) -> Bools:
        """True for each of the points, shape (n, 2), that lies at least `margin` inside."""
        xy = _as_points(points)
        inside = self._inside(xy)
        return inside & (self.boundary_distance(xy) >= margin) if margin > 0.0 else inside


class Cornered(Sample):
    """A sample bounded by straight lines."""

    @property
    @abstractmethod
    def corners(self) -> Floats:
        """Corners in counterclockwise order, shape (n, 2)."""

    @property
    def area(self) -> float:
        """Area, in xi^2."""
        return _signed_area(self.corners)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Smallest upright box around the corners: (xmin, ymin, xmax, ymax)."""
        (xmin, ymin), (xmax, ymax) = self.corners.min(axis=0), self.corners.max(axis=0)
        return float(xmin), float(ymin), float(xmax), float(ymax)

    def boundary_distance(self, points: ArrayLike) -> Floats:
        """Distance from each of the points, shape (n, 2), to the nearest side; never negative."""
        xy = _as_points(points)
        nearest = np.full(len(xy), np.inf)
        for start, end in sides_of(self.corners):
            side = end - start
            along = np.clip((xy - start) @ side / (side @ side), 0.0, 1.0)
            offset = xy - start - along[:, None] * side
            np.minimum(nearest, np.hypot(offset[:, 0], offset[:, 1]), out=nearest)
        return nearest

    def _inside(self, points: Floats) -> Bools:
        inside = np.zeros(len(points), dtype=bool)
        x, y = points[:, 0], points[:, 1]
        for (x0, y0), (x1, y1) in sides_of(self.corners):
            if y0 == y1:
                continue
            # even-odd rule: a ray from an inner point leaves through an odd number of sides
            straddles = (y0 > y) != (y1 > y)
            inside ^= straddles & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
        return inside | (self.boundary_distance(points) <= 1e-12 * self.characteristic_size)


@dataclass(frozen=True)
class Rectangle(Cornered):
    """An upright rectangle around its centre.

    Raises:
        ParameterError: width or height is not a positive number.
    """

    width: float
    height: float
    centre: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        for side in (self.width, self.height):
            _require_positive("the sides of a rectangle", side)

    @property
    def corners(self) -> Floats:
        """Corners in counterclockwise order, shape (4, 2)."""
        x, y = self.width / 2, self.height / 2
        return np.array(self.centre) + np.array([(-x, -y), (x, -y), (x, y), (-x, y)])


@dataclass(frozen=True)
class Strip(Rectangle):
    """A film, its width along x, that repeats along y with the period `height`."""

    @property
    def lattice(self) -> Lattice:
        """Its one period."""
        return Lattice(((0.0, self.height),))


@dataclass(frozen=True)
class Cell(Cornered):
    """One cell of an infinite sample: a parallelogram centred on the origin.

    Args:
        periods: the two sides [x, y].
        flux_quanta: flux through the cell in Phi0, signed.

    Raises:
        ParameterError: the periods are parallel, zero or not finite.
    """

    periods: tuple[tuple[float, float], tuple[float, float]]
    flux_quanta: int = 0

    def __post_init__(self) -> None:
        Lattice(self.periods, self.flux_quanta)

    @property
    def lattice(self) -> Lattice:
        """The periods and the flux quanta."""
        return Lattice(self.periods, self.flux_quanta)

    @property
    def corners(self) -> Floats:
        """Corners in counterclockwise order, shape (4, 2)."""
        first, second = np.asarray(self.periods, dtype=float)
        corners = np.array([-first - second, first - second, first + second, second - first]) / 2
        return corners if _signed_area(corners) > 0.0 else corners[::-1]


@dataclass(frozen=True)
class Disk(Sample):
    """A disk around its centre.

    Raises:
        ParameterError: the radius is not a positive number.
    """

    radius: float
    centre: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        _require_positive("the radius of a disk", self.radius)

    @property
    def area(self) -> float:
        """Area, in xi^2."""
        return math.pi * self.radius**2

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Smallest upright box around the disk: (xmin, ymin, xmax, ymax)."""
        (x, y), radius = self.centre, self.radius
        return x - radius, y - radius, x + radius, y + radius

    def boundary_distance(self, points: ArrayLike) -> Floats:
        """Distance from each of the points, shape (n, 2), to the boundary; never negative."""
        return np.abs(self._from_centre(_as_points(points)) - self.radius)

    def _inside(self, points: Floats) -> Bools:
        return self._from_centre(points) <= self.radius * (1 + 1e-12)

    def _from_centre(self, points: Floats) -> Floats:
        away = points - np.array(self.centre)
        return np.asarray(np.hypot(away[:, 0], away[:, 1]))


@dataclass(frozen=True)
class Polygon(Cornered):
    """A simple polygon through the given corners (x, y), in either sense of rotation.

    Raises:
        ParameterError: fewer than three corners, or sides that cross or touch.
    """

    points: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        corners = np.asarray(self.points, dtype=float)
        if corners.ndim != 2 or corners.shape[1] != 2 or len(corners) < 3:
            raise ParameterError("a polygon needs at least three corners [x, y].")
        if not np.isfinite(corners).all():
            raise ParameterError("the corners of a polygon must be finite numbers.")
        if _self_crossing(corners):
            raise ParameterError("the sides of a polygon must not cross or touch each other.")

    @property
    def corners(self) -> Floats:
        """Corners in counterclockwise order, shape (n, 2)."""
        corners = np.asarray(self.points, dtype=float)
        return corners if _signed_area(corners) > 0.0 else corners[::-1]


def _as_points(points: ArrayLike) -> Floats:
    return np.asarray(points, dtype=float).reshape(-1, 2)


def sides_of(corners: Floats) -> list[tuple[Floats, Floats]]:
    """Return the (start, end) of each side of a closed polygon, corners (n, 2)."""
    return list(zip(corners, np.roll(corners, -1, axis=0), strict=True))


def _signed_area(corners: Floats) -> float:
    x, y = corners.T
    return 0.5 * float(x @ np.roll(y, -1) - y @ np.roll(x, -1))


def _require_positive(what: str, value: float) -> None:
    if not (math.isfinite(value) and value > 0.0):
        raise ParameterError(f"{what} must be a positive number, got {value:g}.")


def _turn(a: Floats, b: Floats, c: Floats) -> float:
    """Sign of the turn a -> b -> c: 1 to the left, -1 to the right, 0 straight on (or back)."""
    (ux, uy), (vx, vy) = b - a, c - a
    return float(np.sign(ux * vy - uy * vx))


def _self_crossing(corners: Floats) -> bool:
    """True where two sides of the closed polygon share more than a common corner."""
    repeated = (corners == np.roll(corners, 1, axis=0)).all(axis=1).any()
    return bool(repeated) or not LinearRing(corners).is_simple


def segments_meet(a: Floats, b: Floats, c: Floats, d: Floats) -> bool:
    """Return whether the segments a-b and c-d have a point in common."""
    crossing = _turn(a, b, c) * _turn(a, b, d) <= 0 and _turn(c, d, a) * _turn(c, d, b) <= 0
    return crossing and not _collinear_apart(a, b, c, d)


def _collinear_apart(a: Floats, b: Floats, c: Floats, d: Floats) -> bool:
    """True for two segments on one line that do not overlap."""
    if _turn(a, b, c) != 0.0 or _turn(a, b, d) != 0.0:
        return False
    along = b - a
    first, second = sorted((float((c - a) @ along), float((d - a) @ along)))
    return bool(second < 0.0 or first > along @ along)
