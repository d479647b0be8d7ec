"""Inclusions of any outline: polygons, perhaps with holes, whose edge region follows their edge.

Corners are rounded to the radius d/2, half the width of the edge region: the core is what is left
of the polygon at the distance d/2 from its edge, and the edge region is all within d of the core.
So the distance to the mid-edge line is smooth wherever a~ is not small, as for a disk of radius
R > d/2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from glvortex.errors import ParameterError
from glvortex.geometry.edge_lines import EdgeLines
from glvortex.geometry.inclusions import Inclusions
from glvortex.geometry.lattice import Lattice
from glvortex.geometry.polygons import Polygons
from glvortex.geometry.regions import Perforated, outline_of
from glvortex.geometry.sample import Cornered, Disk, Floats, Sample

_ARCS = 32  # sides of a quarter of a circle
_ROUNDING = 2e-4  # of the edge width: how far a line may be moved to have fewer corners
_PIECES = 0.1  # of the edge width: sides among which the nearest is sought
_FLANK = 20.0  # edge smoothings beyond which tanh is 1


def rounded(polygon: Polygon, edge_width: float) -> Polygon:
    """Round the corners of a polygon to the radius d/2, so that it has an edge region.

    Raises:
        ParameterError: it is too thin for that, or has too narrow a notch or too small a hole;
            the sentence lacks its subject, "inclusion 1 at (0, 0)".
    """
    half = edge_width / 2
    needs = f"edge_width {edge_width:g} xi"
    core = polygon.buffer(-half, _ARCS)
    if core.is_empty:
        raise ParameterError(f"has no core: it is nowhere wider than {needs}.")
    if not isinstance(core, Polygon):
        x, y = _neck(core)
        raise ParameterError(f"has a neck at ({x:g}, {y:g}) that is narrower than {needs}.")
    smooth = core.buffer(edge_width, _ARCS).buffer(-half, _ARCS).simplify(_ROUNDING * edge_width)
    if not isinstance(smooth, Polygon) or len(smooth.interiors) != len(polygon.interiors):
        raise ParameterError(f"has a hole or a bay that is narrower than {needs}.")
    corners = shapely.get_coordinates(polygon)
    moved = np.asarray(shapely.distance(shapely.points(corners), smooth.boundary))
    x, y = corners[np.argmax(moved)]
    if moved.max() > edge_width:
        raise ParameterError(
            f"is too thin, too pointed or too indented at ({x:g}, {y:g}) for {needs}."
        )
    return smooth


def _neck(pieces: MultiPolygon) -> tuple[float, float]:
    """Where the first of several pieces is nearest to the others."""
    first, *others = pieces.geoms
    middle = shapely.shortest_line(first, MultiPolygon(others)).centroid
    return middle.x, middle.y


@dataclass(frozen=True, eq=False)
class Outlines(Inclusions):
    """Inclusions within the given mid-edge lines.

    Attributes:
        polygons: one for each inclusion, in xi, their corners `rounded`.
    """

    polygons: tuple[Polygon, ...]

    @property
    def centres(self) -> Floats:
        """Centres of mass, shape (n, 2)."""
        return shapely.get_coordinates(shapely.centroid(self.polygons))

    @property
    def area(self) -> Floats:
        """Areas within the mid-edge lines, in xi^2."""
        return np.asarray(shapely.area(self.polygons))

    @property
    def perimeter(self) -> Floats:
        """Lengths of the mid-edge lines, those of holes included."""
        return np.asarray(shapely.length(self.polygons))

    @cached_property
    def cores(self) -> list[Polygon]:
        """What lies further inside than the edge regions."""
        return [polygon.buffer(-self.edge_width / 2, _ARCS) for polygon in self.polygons]

    @cached_property
    def outer(self) -> list[Polygon]:
        """Inclusions with their whole edge regions."""
        return [polygon.buffer(self.edge_width / 2, _ARCS) for polygon in self.polygons]

    @cached_property
    def _lines(self) -> list[EdgeLines]:
        return [EdgeLines([p], _PIECES * self.edge_width) for p in self.polygons]

    @cached_property
    def _all_lines(self) -> EdgeLines:
        return EdgeLines(self.polygons, _PIECES * self.edge_width)

    def distance_to(self, i: int, points: Floats) -> Floats:
        """Distance s (n,) of the points (n, 2) to the mid-edge line of one inclusion."""
        return self._lines[i].nearest(points)[1]

    def _nearest(self, points: Floats) -> tuple[NDArray[np.intp], Floats]:
        index, distance, _ = self._all_lines.nearest(points)
        return index, distance

    def pseudo_gauge_at(self, points: Floats, lattice: Lattice | None = None) -> Floats:
        """Return a~ (2, n) at the points (n, 2), along z^ x grad s; see `Inclusions`."""
        total = np.zeros((2, len(points)))
        for i, near, moved in self._near(points, lattice):
            _, s, normal = self._lines[i].nearest(moved)
            size = self.pseudo_gauge[i] * self.edge_profile(s)
            total[0, near] -= size * normal[:, 1]
            total[1, near] += size * normal[:, 0]
        return total

    def magnetisation_at(self, points: Floats, lattice: Lattice | None = None) -> Floats:
        """Return m^ (n,) at the points (n, 2); see `Inclusions`."""
        total = np.zeros(len(points))
        for i, near, moved in self._near(points, lattice):
            total[near] += self.magnetisation[i] * self.inside_profile(self.distance_to(i, moved))
        return total

    def _near(
        self, points: Floats, lattice: Lattice | None
    ) -> list[tuple[int, NDArray[np.intp], Floats]]:
        """For each inclusion and image of it the points it reaches: which, and seen from there."""
        reach = self.edge_width / 2 + _FLANK * self.edge_smoothing
        bounds = shapely.bounds(self.polygons)
        low, high = bounds[:, :2] - reach, bounds[:, 2:] + reach
        found = []
        for shift in _shifts(lattice):
            moved = points - shift
            for i in range(len(self)):
                near = np.flatnonzero(((moved >= low[i]) & (moved <= high[i])).all(axis=1))
                if len(near):
                    found.append((i, near, moved[near]))
        return found

    def outlines(self, offset: float = 0.0) -> list[Floats]:
        """Closed lines (m, 2) at the distance s = `offset`, one per exterior and hole."""
        polygons = [polygon.buffer(offset, _ARCS) for polygon in self.polygons]
        rings = [ring for p in polygons for ring in shapely.get_rings(p)]
        return [shapely.get_coordinates(ring) for ring in rings]

    def check(self, sample: Sample) -> None:
        """Refuse inclusions without a core, that overlap, or are not wholly inside the sample."""
        pairs = shapely.STRtree(self.outer).query(self.outer, predicate="intersects").T
        for i, j in sorted((i, j) for i, j in pairs if i < j):
            gap = self.polygons[i].distance(self.polygons[j])
            raise ParameterError(
                f"{self.name(i)} and {self.name(j)} overlap: their outlines are {gap:g} xi apart "
                f"and their edge regions need more than {self.edge_width:g} xi."
            )
        for i, polygon in enumerate(self.outer):
            if not _encloses(sample, polygon):
                raise ParameterError(
                    f"{self.name(i)} does not lie inside the sample: its edge region reaches "
                    f"{self.edge_width / 2:g} xi beyond its outline, which spans "
                    f"{_span(self.polygons[i])}."
                )


def outlined(
    polygons: Sequence[Polygon],
    *,
    sign: Floats,
    edge_width: float,
    edge_smoothing: float,
    pseudo_gauge: Floats,
    magnetisation: Floats,
) -> Outlines:
    """Make inclusions of polygons, whose corners are rounded to the radius d/2.

    Raises:
        ParameterError: naming the polygon that is too thin for its edge region.
    """
    smooth = []
    for i, polygon in enumerate(polygons):
        try:
            smooth.append(rounded(polygon, edge_width))
        except ParameterError as error:
            x, y = np.round([polygon.centroid.x, polygon.centroid.y], 9) + 0.0
            raise ParameterError(f"inclusion {i + 1} at ({x:g}, {y:g}) {error}") from None
    return Outlines(
        tuple(smooth),
        sign=sign,
        edge_width=edge_width,
        edge_smoothing=edge_smoothing,
        pseudo_gauge=pseudo_gauge,
        magnetisation=magnetisation,
    )


def _shifts(lattice: Lattice | None) -> list[Floats]:
    """From the home cell to the cells about it."""
    if lattice is None:
        return [np.zeros(2)]
    steps = product((0, -1, 1), repeat=len(lattice.periods))
    return [np.asarray(step) @ lattice.matrix for step in steps]


def _encloses(sample: Sample, polygon: Polygon) -> bool:
    """Whether a polygon lies in the superconductor, without touching its edge."""
    if isinstance(sample, Polygons):  # less its holes
        return bool(sample.polygon.contains_properly(polygon))
    if not _within(outline_of(sample), polygon):
        return False
    holes = sample.holes if isinstance(sample, Perforated) else ()
    return not any(_meets(hole.shape, polygon) for hole in holes)


def _within(shape: Sample, polygon: Polygon) -> bool:
    if isinstance(shape, Disk):
        away = shapely.get_coordinates(polygon) - np.array(shape.centre)
        return bool(np.hypot(*away.T).max() < shape.radius)
    assert isinstance(shape, Cornered)
    return bool(Polygon(shape.corners).contains_properly(polygon))


def _meets(shape: Sample, polygon: Polygon) -> bool:
    if isinstance(shape, Disk):
        return bool(polygon.distance(shapely.Point(shape.centre)) <= shape.radius)
    assert isinstance(shape, Cornered)
    return bool(Polygon(shape.corners).intersects(polygon))


def _span(polygon: Polygon) -> str:
    xmin, ymin, xmax, ymax = polygon.bounds
    return f"x = {xmin:g} to {xmax:g} and y = {ymin:g} to {ymax:g}"
