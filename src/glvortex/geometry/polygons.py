"""Parts of the plane with any boundary, holes in them included, as shapely keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import ArrayLike
from shapely.geometry.base import BaseGeometry

from glvortex.geometry.lattice import Floats
from glvortex.geometry.sample import Bools, Sample


@dataclass(frozen=True, eq=False)
class Polygons(Sample):
    """One or several polygons that may have holes; corners in xi.

    Attributes:
        polygon: a valid shapely polygon or multipolygon.
    """

    polygon: BaseGeometry

    @property
    def area(self) -> float:
        """Area, in xi^2."""
        return float(self.polygon.area)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Smallest upright box around it: (xmin, ymin, xmax, ymax)."""
        xmin, ymin, xmax, ymax = self.polygon.bounds
        return xmin, ymin, xmax, ymax

    @cached_property
    def rings(self) -> list[Floats]:
        """All boundary lines (m, 2), closed, what they enclose on their left."""
        oriented = shapely.orient_polygons(self.polygon)  # type: ignore[attr-defined]
        lines = shapely.get_rings(shapely.get_parts(oriented))
        return [shapely.get_coordinates(line) for line in lines]

    def boundary_distance(self, points: ArrayLike) -> Floats:
        """Distance from each of the points, shape (n, 2), to the boundary; never negative."""
        return np.abs(self.signed_distance(points)[0])

    def signed_distance(self, points: ArrayLike) -> tuple[Floats, Floats]:
        """Distance s (n,) of points (n, 2) to the boundary, negative inside, and grad s (n, 2)."""
        xy = np.asarray(points, dtype=float).reshape(-1, 2)
        side = self._nearest_side(xy)
        start, along, length = (values[side] for values in self._sides)
        reached = np.clip(((xy - start) * along).sum(axis=1), 0.0, length)
        away = xy - start - reached[:, None] * along
        distance = np.hypot(away[:, 0], away[:, 1])
        outward = np.column_stack([along[:, 1], -along[:, 0]])
        sign = np.where(shapely.contains_xy(self._prepared, xy[:, 0], xy[:, 1]), -1.0, 1.0)
        off = distance > 1e-9 * length
        gradient = np.where(
            off[:, None], sign[:, None] * away / np.where(off, distance, 1.0)[:, None], outward
        )
        return sign * distance, gradient

    def _inside(self, points: Floats) -> Bools:
        inside = shapely.contains_xy(self._prepared, points[:, 0], points[:, 1])
        return inside | (self.boundary_distance(points) <= 1e-12 * self.characteristic_size)

    @cached_property
    def _prepared(self) -> BaseGeometry:
        shapely.prepare(self.polygon)
        return self.polygon

    @cached_property
    def _sides(self) -> tuple[Floats, Floats, Floats]:
        """Starts (k, 2), directions (k, 2) and lengths (k,) of all sides."""
        starts = np.vstack([ring[:-1] for ring in self.rings])
        sides = np.vstack([np.diff(ring, axis=0) for ring in self.rings])
        lengths = np.hypot(sides[:, 0], sides[:, 1])
        return starts, sides / lengths[:, None], lengths

    @cached_property
    def _tree(self) -> shapely.STRtree:
        starts, along, lengths = self._sides
        ends = starts + lengths[:, None] * along
        return shapely.STRtree(np.asarray(shapely.linestrings(np.stack([starts, ends], axis=1))))

    def _nearest_side(self, points: Floats) -> np.ndarray:
        return np.asarray(self._tree.nearest(shapely.points(points)), dtype=np.intp)
