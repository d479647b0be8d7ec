"""Inclusions drawn in gmsh: for each a core and an edge region that share their lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from shapely import Polygon

from glvortex.errors import ParameterError
from glvortex.geometry.inclusions import Disks, Inclusions
from glvortex.geometry.outlined import Outlines
from glvortex.geometry.sample import Floats

_SHARP = np.radians(30)  # a turn that is a corner
_FEWEST = 8  # sides of a closed line


@dataclass(frozen=True)
class Drawn:
    """What was drawn, as gmsh's numbers.

    Attributes:
        loops: curve loops around the edge regions, where the host ends.
        cores, edges: surfaces.
        enclosed: surfaces of the host in holes of inclusions.
    """

    loops: list[int] = field(default_factory=list)
    cores: list[int] = field(default_factory=list)
    edges: list[int] = field(default_factory=list)
    enclosed: list[int] = field(default_factory=list)


def draw(occ: Any, inclusions: Inclusions, edge_size: float) -> Drawn:
    """Draw the inclusions; neighbouring surfaces share their lines.

    Outlines are drawn with sides of about `edge_size`, since their corners are vertices of the
    mesh.

    Raises:
        ParameterError: with such sides the edge regions of two inclusions meet.
    """
    if not len(inclusions):
        return Drawn()
    if isinstance(inclusions, Disks):
        return _disks(occ, inclusions)
    assert isinstance(inclusions, Outlines)
    return _outlines(occ, inclusions, edge_size)


def _disks(occ: Any, disks: Disks) -> Drawn:
    drawn = Drawn()
    circles = zip(disks.x, disks.y, disks.core_radius, disks.outer_radius, strict=True)
    for x, y, inner, outer in circles:
        core = occ.addCurveLoop([occ.addCircle(x, y, 0.0, inner)])
        loop = occ.addCurveLoop([occ.addCircle(x, y, 0.0, outer)])
        drawn.cores.append(occ.addPlaneSurface([core]))
        drawn.edges.append(occ.addPlaneSurface([loop, core]))
        drawn.loops.append(loop)
    return drawn


def _outlines(occ: Any, outlines: Outlines, edge_size: float) -> Drawn:
    drawn = Drawn()
    outer = [_resampled(polygon, edge_size) for polygon in outlines.outer]
    cores = [_resampled(polygon, edge_size) for polygon in outlines.cores]
    _check_apart(outlines, outer, cores)
    loops, children = [_loops(occ, polygon) for polygon in outer], _children(outer)
    for i, core in enumerate(cores):
        inner = _loops(occ, core)
        drawn.cores.append(occ.addPlaneSurface(inner))
        drawn.edges.append(occ.addPlaneSurface([loops[i][0], inner[0]]))
        for k, hole in enumerate(outer[i].interiors):
            around = next(
                m for m, ring in enumerate(core.interiors) if Polygon(ring).contains(hole)
            )
            drawn.edges.append(occ.addPlaneSurface([inner[1 + around], loops[i][1 + k]]))
            within = [loops[j][0] for j in children.get((i, k), ())]
            drawn.enclosed.append(occ.addPlaneSurface([loops[i][1 + k], *within]))
    drawn.loops.extend(loops[j][0] for j in children.get(None, ()))
    return drawn


def _children(outer: Sequence[Polygon]) -> dict[tuple[int, int] | None, list[int]]:
    """The inclusions in each hole (inclusion, its hole), and under None those in no hole."""
    holes = {
        (i, k): Polygon(ring) for i, p in enumerate(outer) for k, ring in enumerate(p.interiors)
    }
    children: dict[tuple[int, int] | None, list[int]] = defaultdict(list)
    for j, polygon in enumerate(outer):
        around = [key for key, hole in holes.items() if key[0] != j and hole.contains(polygon)]
        children[min(around, key=lambda key: float(holes[key].area)) if around else None].append(j)
    return children


def _check_apart(outlines: Outlines, outer: list[Polygon], cores: list[Polygon]) -> None:
    """Straight sides must not make the lines of narrow gaps cross."""
    pairs = shapely.STRtree(outer).query(outer, predicate="intersects").T
    touching = [(i, j) for i, j in pairs if i < j]
    torn = [
        i
        for i, (around, core) in enumerate(zip(outer, cores, strict=True))
        if not (around.is_valid and core.is_valid and around.contains_properly(core))
    ]
    if not touching and not torn:
        return
    names = " and ".join(outlines.name(i) for i in (touching[0] if touching else torn[:1]))
    raise ParameterError(
        f"the edge region of {names} cannot be drawn with sides of mesh.edge_size, take a smaller "
        "one."
    )


def _loops(occ: Any, polygon: Polygon) -> list[int]:
    """Curve loops around a polygon and its holes, all counterclockwise, as gmsh wants them."""
    loops = []
    for ring in (polygon.exterior, *polygon.interiors):
        corners = shapely.get_coordinates(ring)[:: 1 if ring.is_ccw else -1]
        points = [occ.addPoint(x, y, 0.0) for x, y in corners[:-1]]
        ends = [*points[1:], points[0]]
        lines = [occ.addLine(a, b) for a, b in zip(points, ends, strict=True)]
        loops.append(occ.addCurveLoop(lines))
    return loops


def _resampled(polygon: Polygon, size: float) -> Polygon:
    """The polygon with sides of about equal length `size`, its sharp corners in place."""
    rings = [_resampled_ring(shapely.get_coordinates(r), size) for r in shapely.get_rings(polygon)]
    return Polygon(rings[0], rings[1:])


def _resampled_ring(points: Floats, size: float) -> Floats:
    sides = np.diff(points, axis=0)
    before = np.roll(sides, 1, axis=0)
    turn = np.arctan2(
        before[:, 0] * sides[:, 1] - before[:, 1] * sides[:, 0], (before * sides).sum(axis=1)
    )
    corners = np.flatnonzero(np.abs(turn) > _SHARP)
    lengths = np.hypot(*sides.T)
    size = min(size, lengths.sum() / _FEWEST)
    first = int(corners[0]) if len(corners) else 0
    points = np.concatenate([points[first:-1], points[: first + 1]])
    along = np.concatenate([[0.0], np.cumsum(np.roll(lengths, -first))])
    stops = [*(along[corners - first] if len(corners) else [0.0]), along[-1]]
    places = []
    for a, b in pairwise(stops):
        places.append(np.linspace(a, b, max(1, round((b - a) / size)) + 1)[:-1])
    where = np.concatenate([*places, [along[-1]]])
    return np.column_stack([np.interp(where, along, points[:, k]) for k in range(2)])
