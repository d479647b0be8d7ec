"""Distances to closed polygonal lines, and the directions across them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely import Polygon
from shapely.geometry.polygon import orient

from glvortex.geometry.sample import Floats

Integers = NDArray[np.intp]

_CANDIDATES = 8


class EdgeLines:
    """The rings of polygons that do not overlap, ready to be asked for the nearest side.

    Args:
        polygons: any number.
        resolution: sides are cut into pieces of at most this length; pieces much shorter than that
            should be few, as the nearest is sought among the few whose middles are nearest.
    """

    def __init__(self, polygons: Sequence[Polygon], resolution: float) -> None:
        # exteriors counterclockwise and holes clockwise: the polygon lies to the left of its sides
        self._polygons = [orient(polygon) for polygon in polygons]
        shapely.prepare(self._polygons)
        rings, ring_owner = shapely.get_rings(self._polygons, return_index=True)
        pieces = shapely.segmentize(rings, resolution)
        corners, ring = shapely.get_coordinates(pieces, return_index=True)
        same = ring[1:] == ring[:-1]
        self._starts = corners[:-1][same]
        self._sides = corners[1:][same] - self._starts
        self._owner: Integers = ring_owner[ring[:-1][same]]
        self._lengths = np.hypot(*self._sides.T)
        self._middles = cKDTree(self._starts + self._sides / 2)

    def nearest(self, points: Floats) -> tuple[Integers, Floats, Floats]:
        """The nearest side of each of the points (n, 2): its polygon, distance, and direction.

        The distance (n,) is negative inside the polygon; the direction (n, 2) is that in which it
        grows: of unit length, out of the polygon, and normal to the side except around corners.
        """
        candidates = min(_CANDIDATES, len(self._owner))
        sides = self._middles.query(points, candidates)[1].reshape(len(points), candidates)
        offsets, beyond = self._offsets(points[:, None], sides)
        best = np.argmin((offsets**2).sum(axis=-1), axis=1)
        rows = np.arange(len(points))
        side, offset, beyond = sides[rows, best], offsets[rows, best], beyond[rows, best]
        length = np.hypot(*offset.T)
        distance = np.where(self._inside(points, self._owner[side]), -length, length)
        normal = (self._sides[side] @ [[0, -1], [1, 0]]) / self._lengths[side, None]
        # around a corner the lines of equal distance are circles; on it any direction will do
        around = beyond & (length > 1e-9 * self._lengths[side])
        normal[around] = offset[around] / distance[around, None]
        return self._owner[side], distance, normal

    def _offsets(self, points: Floats, side: Integers) -> tuple[Floats, NDArray[np.bool_]]:
        """From sides to points, and whether the foot is an end of the side."""
        away, along = points - self._starts[side], self._sides[side]
        share = (away * along).sum(axis=-1) / self._lengths[side] ** 2
        offset = away - np.clip(share, 0.0, 1.0)[..., None] * along
        return offset, (share < 0.0) | (share > 1.0)

    def _inside(self, points: Floats, owner: Integers) -> NDArray[np.bool_]:
        inside = np.zeros(len(points), dtype=bool)
        for i in np.unique(owner):
            mine = owner == i
            inside[mine] = shapely.contains_xy(self._polygons[i], *points[mine].T)
        return inside
