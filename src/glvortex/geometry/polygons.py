"""Parts of the plane with any boundary, holes in them included, as shapely keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import ArrayLike
from shapely.geometry.base import BaseGeometry

from glvortex.geometry.edge_lines import EdgeLines
from glvortex.geometry.lattice import Floats
from glvortex.geometry.sample import Bools, Sample

_PIECES = 20_000  # into which the boundary is cut at most, to find the nearest


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
        _, distance, direction = self._lines.nearest(np.asarray(points, dtype=float).reshape(-1, 2))
        return distance, direction

    def _inside(self, points: Floats) -> Bools:
        inside = shapely.contains_xy(self._prepared, points[:, 0], points[:, 1])
        return inside | (self.boundary_distance(points) <= 1e-12 * self.characteristic_size)

    @cached_property
    def _prepared(self) -> BaseGeometry:
        shapely.prepare(self.polygon)
        return self.polygon

    @cached_property
    def _lines(self) -> EdgeLines:
        sides = np.concatenate([np.hypot(*np.diff(ring, axis=0).T) for ring in self.rings])
        resolution = max(float(sides.min()), float(sides.sum()) / _PIECES)
        return EdgeLines(list(shapely.get_parts(self.polygon)), resolution)
