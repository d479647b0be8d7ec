"""Inclusions of any shape that the cells of a mesh define: cores and the edge regions around them.

An edge region lies between two outlines, that of the core and that of core and edge region
together. With the distances s_in and s_out to them, negative inside, ``s = (s_in + s_out)/2`` takes
the place of the distance to a mid-edge line and ``s_in - s_out`` that of the width, which may
change along the edge. Between concentric circles both are what they are for a disk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from glvortex.errors import ParameterError
from glvortex.geometry.arrays import MeshArrays
from glvortex.geometry.carving import CellTag
from glvortex.geometry.inclusions import Inclusions
from glvortex.geometry.lattice import Floats, Lattice
from glvortex.geometry.meshed import covered
from glvortex.geometry.polygons import Polygons
from glvortex.geometry.sample import Sample

_REACH = 20.0  # widths of the flanks: beyond, they are nothing
_NARROWEST = 0.05  # of the mean width of the edge regions


@dataclass(frozen=True, eq=False)
class MeshInclusions(Inclusions):
    """Inclusions given by the outlines of their cores and of their edge regions.

    ``edge_width`` is the mean width d of all edge regions and ``pseudo_gauge`` the peak of a~ where
    the width is d: where it is less a~ is larger, so that the same gamma current flows all along.

    Attributes:
        cores: one per inclusion.
        outers: core and edge region of each.
    """

    cores: tuple[Polygons, ...]
    outers: tuple[Polygons, ...]

    @cached_property
    def middles(self) -> tuple[Polygons, ...]:
        """What lies within the mid-edge lines."""
        return tuple(_middle(*pair) for pair in zip(self.cores, self.outers, strict=True))

    @property
    def centres(self) -> Floats:
        """Centres of mass, shape (n, 2)."""
        points = [part.polygon.centroid for part in self.middles]
        return np.array([(point.x, point.y) for point in points]).reshape(-1, 2)

    @property
    def area(self) -> Floats:
        """Areas within the mid-edge lines, in xi^2."""
        return np.array([part.area for part in self.middles])

    @property
    def perimeter(self) -> Floats:
        """Lengths of the mid-edge lines."""
        return np.array([part.polygon.length for part in self.middles])

    def pseudo_gauge_at(self, points: Floats, lattice: Lattice | None = None) -> Floats:
        """Return a~ (2, n) at the points (n, 2), along z x grad s; see `Inclusions`."""
        total = np.zeros((2, len(points)))
        half, smoothing = self.edge_width / 2, self.edge_smoothing
        for i, near in enumerate(self._near(points, half + _REACH * smoothing)):
            inner, to_inner = self.cores[i].signed_distance(points[near])
            outer, to_outer = self.outers[i].signed_distance(points[near])
            flanks = (np.tanh(inner / smoothing) - np.tanh(outer / smoothing)) / 2
            width = np.maximum(inner - outer, _NARROWEST * self.edge_width)
            across = to_inner + to_outer
            length = np.maximum(np.hypot(across[:, 0], across[:, 1]), 1e-12)
            size = self.pseudo_gauge[i] * (self.edge_width / width) * flanks / length
            total[0, near] -= size * across[:, 1]
            total[1, near] += size * across[:, 0]
        return total

    def magnetisation_at(self, points: Floats, lattice: Lattice | None = None) -> Floats:
        """Return m^ (n,) at the points (n, 2); see `Inclusions`."""
        total = np.zeros(len(points))
        for i, near in enumerate(self._near(points, _REACH * self.edge_smoothing)):
            total[near] += self.magnetisation[i] * self.inside_profile(self._s(i, points[near]))
        return total

    def _s(self, i: int, points: Floats) -> Floats:
        inner, outer = self.cores[i], self.outers[i]
        both = inner.signed_distance(points)[0] + outer.signed_distance(points)[0]
        return np.asarray(both / 2)

    def _near(self, points: Floats, reach: float) -> list[NDArray[np.intp]]:
        """For each inclusion the points within the box around it, `reach` wider."""
        found = []
        for outer in self.outers:
            xmin, ymin, xmax, ymax = outer.bounds
            x, y = points.T
            inside = (xmin - reach < x) & (x < xmax + reach)
            found.append(np.flatnonzero(inside & (ymin - reach < y) & (y < ymax + reach)))
        return found

    def _nearest(self, points: Floats) -> tuple[NDArray[np.intp], Floats]:
        index, distance = np.full(len(points), -1, dtype=np.intp), np.full(len(points), np.inf)
        for i in range(len(self)):
            s = self._s(i, points)
            closer = s < distance
            index[closer], distance[closer] = i, s[closer]
        return index, distance

    def outlines(self, offset: float = 0.0) -> list[Floats]:
        """Lines between the two outlines of each edge region: -d/2 the inner, d/2 the outer one."""
        share = offset / self.edge_width + 0.5
        if share in (0.0, 1.0):
            return [ring for part in (self.cores, self.outers)[int(share)] for ring in part.rings]
        pairs = zip(self.cores, self.outers, strict=True)
        return [line for core, outer in pairs for line in _between(core, outer, share)]

    def check(self, sample: Sample) -> None:
        """Refuse inclusions that touch the boundary, or that have no edge region in between."""
        for i, (core, outer) in enumerate(zip(self.cores, self.outers, strict=True)):
            gap = core.polygon.boundary.distance(outer.polygon.boundary)
            if gap < _NARROWEST * self.edge_width:
                raise ParameterError(
                    f"{self.name(i)} has an edge region that is {gap:.3g} xi wide at its narrowest "
                    f"and {self.edge_width:.3g} xi on average: it has to surround the core."
                )
            vertices = np.vstack(outer.rings)
            if sample.boundary_distance(vertices).min() <= 1e-9 * self.edge_width:
                raise ParameterError(
                    f"{self.name(i)} does not lie inside the sample: its edge region touches the "
                    "boundary of the sample or of a hole."
                )


def mesh_inclusions(arrays: MeshArrays, edge_smoothing: float | None) -> MeshInclusions:
    """Find the inclusions in the cell tags of a mesh, with their moment along +z but no strength.

    Raises:
        ParameterError: there are none, an edge region without a core or with several.
    """
    tags = arrays.cell_tags
    if not (tags == CellTag.CORE).any() or not (tags == CellTag.EDGE).any():
        raise ParameterError(
            "the mesh has no inclusions: name its cores and edge regions in sample.tags"
        )
    outers = _separate(covered(arrays, (tags == CellTag.CORE) | (tags == CellTag.EDGE)))
    cores = _separate(covered(arrays, tags == CellTag.CORE))
    middles = [core.polygon.representative_point() for core in cores]
    within: list[list[Polygons]] = [
        [core for core, p in zip(cores, middles, strict=True) if outer.polygon.contains(p)]
        for outer in outers
    ]
    for outer, found in zip(outers, within, strict=True):
        if len(found) != 1:
            x, y = outer.inner_point
            count = "no core" if not found else f"{len(found)} cores"
            raise ParameterError(
                f"the edge region around ({x:.4g}, {y:.4g}) has {count} in it: each surrounds one."
            )
    ordered = tuple(found[0] for found in within)
    ones = np.ones(len(outers))
    rims = sum(outer.area - core.area for outer, core in zip(outers, ordered, strict=True))
    lines = [_middle(core, outer) for core, outer in zip(ordered, outers, strict=True)]
    width = rims / sum(line.polygon.length for line in lines)
    return MeshInclusions(
        sign=ones,
        edge_width=width,
        edge_smoothing=min(1.0, width / 8) if edge_smoothing is None else edge_smoothing,
        pseudo_gauge=0.0 * ones,
        magnetisation=0.0 * ones,
        cores=ordered,
        outers=tuple(outers),
    )


def _separate(part: Polygons) -> list[Polygons]:
    """The connected parts, from left to right and bottom to top."""
    parts = [Polygons(polygon) for polygon in shapely.get_parts(part.polygon)]
    return sorted(parts, key=lambda part: (part.bounds[1], part.bounds[0]))


def _between(core: Polygons, outer: Polygons, share: float) -> Sequence[Floats]:
    """Lines that divide an edge region: share 0 is the core's outline, 1 that of all."""
    lines = []
    for ring in core.rings:
        distance, outwards = outer.signed_distance(ring)
        lines.append(ring - share * distance[:, None] * outwards)
    return lines


def _middle(core: Polygons, outer: Polygons) -> Polygons:
    """What lies within the line half way between core and host."""
    rings = _between(core, outer, 0.5)
    return Polygons(shapely.Polygon(rings[0], rings[1:]).buffer(0.0))
