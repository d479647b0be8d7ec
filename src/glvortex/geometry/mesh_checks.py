"""What is wrong with a triangle mesh, in a sentence each, and what can be mended without loss.

Mended: points that no triangle uses, points given twice, triangles turned the wrong way round.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from glvortex.errors import ParameterError
from glvortex.geometry.lattice import Floats, Integers

_SAME_PLACE = 1e-6  # of the median edge: single precision still tells such points apart
_FLAT = 1e-6  # height over longest side of a triangle that has no area
_SAME_AREA = 1e-8
_LONGEST = 3.0  # xi: longer edges do not see the order parameter


def mended(points: Floats, triangles: Integers) -> tuple[Floats, Integers, int]:
    """Return points (n, 2) and triangles (m, 3) that make one proper mesh, in their order.

    The third number is how many points were given more than once and are now one.

    Raises:
        ParameterError: a triangle has no area, triangles overlap, a vertex lies on a side of
            another triangle, or the mesh falls to pieces.
    """
    points, triangles, merged = _merged(points, triangles)
    triangles = _turned(points, triangles)
    _check_hanging(points, triangles)
    _check_overlap(points, triangles)
    _check_connected(points, triangles)
    return points, triangles, merged


def check_extent(points: Floats, triangles: Integers) -> None:
    """Refuse a mesh in xi that cannot be meant: smaller than xi, or with edges of several xi.

    Raises:
        ParameterError: with the sizes.
    """
    width, height = np.ptp(points, axis=0)
    edge = float(np.median(_edge_lengths(points, triangles)))
    hint = "coordinates count in xi, in a laboratory file in file_unit"
    if max(width, height) < 1.0:
        raise ParameterError(
            f"the mesh is {width:.2g} x {height:.2g} xi, smaller than one coherence length: {hint}"
        )
    if edge > _LONGEST:
        raise ParameterError(
            f"the edges of the mesh are {edge:.3g} xi long (their median) and the mesh is "
            f"{width:.3g} x {height:.3g} xi; at most {_LONGEST:g} xi resolve anything: {hint}"
        )


def boundary_edges(triangles: Integers) -> Integers:
    """The directed edges (k, 2) that belong to one triangle, the mesh on their left."""
    directed = triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    _, first, count = np.unique(_edge_numbers(triangles), return_index=True, return_counts=True)
    return directed[first[count == 1]]


def pieces(triangles: Integers) -> NDArray[np.int32]:
    """Number of the piece (m,) of each triangle; pieces hang together by edges."""
    edge = _edge_numbers(triangles)
    cells = np.repeat(np.arange(len(triangles)), 3)
    order = np.argsort(edge, kind="stable")
    same = np.flatnonzero(np.diff(edge[order]) == 0)
    one, other = cells[order[same]], cells[order[same + 1]]
    graph = coo_array((np.ones(len(one)), (one, other)), shape=(len(triangles),) * 2)
    return np.asarray(connected_components(graph, directed=False)[1])


def _merged(points: Floats, triangles: Integers) -> tuple[Floats, Integers, int]:
    used, triangles = np.unique(triangles, return_inverse=True)
    points, triangles = points[used], triangles.reshape(-1, 3)
    reach = _SAME_PLACE * float(np.median(_edge_lengths(points, triangles)))
    pairs = cKDTree(points).query_pairs(reach, output_type="ndarray")
    if not len(pairs):
        return points, triangles, 0
    graph = coo_array((np.ones(len(pairs)), tuple(pairs.T)), shape=(len(points),) * 2)
    _, place = connected_components(graph, directed=False)
    _, first, place = np.unique(place, return_index=True, return_inverse=True)
    return points[first], place[triangles], len(points) - len(first)


def _turned(points: Floats, triangles: Integers) -> Integers:
    area = _twice_area(points, triangles)
    flat = np.flatnonzero(np.abs(area) <= _FLAT * _edge_lengths(points, triangles).max(axis=1) ** 2)
    if flat.size:
        raise ParameterError(
            f"{_counted(flat, 'triangle has', 'triangles have')} no area"
            f"{_first(points, triangles, flat)}."
        )
    return np.where(area[:, None] < 0.0, triangles[:, [0, 2, 1]], triangles)


def _check_hanging(points: Floats, triangles: Integers) -> None:
    """Refuse vertices of the boundary that lie on an edge of the boundary, not at its ends."""
    edges = boundary_edges(triangles)
    lines = np.asarray(shapely.linestrings(points[edges]))
    vertices = np.unique(edges)
    reach = _SAME_PLACE * float(np.median(shapely.length(lines)))
    tree = shapely.STRtree(lines)
    vertex, edge = tree.query(shapely.points(points[vertices]), "dwithin", reach)
    hanging = np.setdiff1d(
        vertices[vertex[(edges[edge] != vertices[vertex, None]).all(axis=1)]], []
    )
    if hanging.size:
        x, y = points[hanging[0]]
        raise ParameterError(
            f"{_counted(hanging, 'vertex lies', 'vertices lie')} on a side of a triangle, not at "
            f"its corners (hanging nodes), the first at ({x:g}, {y:g})."
        )


def _check_overlap(points: Floats, triangles: Integers) -> None:
    """Refuse triangles that lie over each other: their areas must add up to that of the whole."""
    _, edges = np.unique(_edge_numbers(triangles, directed=True), return_counts=True)
    if edges.max() == 1:
        boundary = shapely.unary_union(shapely.linestrings(points[boundary_edges(triangles)]))
        whole = float(shapely.area(shapely.build_area(boundary)))
        if abs(_twice_area(points, triangles).sum() / 2 - whole) <= _SAME_AREA * whole:
            return
    wrong = shapely.coverage_invalid_edges(  # type: ignore[attr-defined]
        shapely.polygons(points[triangles])
    )
    over = np.flatnonzero(~shapely.is_empty(wrong))
    where = _first(points, triangles, over) if over.size else ""
    raise ParameterError(f"{_counted(over, 'triangle lies', 'triangles lie')} over another{where}.")


def _check_connected(points: Floats, triangles: Integers) -> None:
    piece = pieces(triangles)
    sizes = np.bincount(piece)
    if len(sizes) > 1:
        smallest = np.flatnonzero(piece == int(np.argmin(sizes)))
        raise ParameterError(
            f"the mesh falls into {len(sizes)} pieces that share no edge, one connected sample is "
            f"wanted; the smallest has {_counted(smallest, 'triangle', 'triangles')}"
            f"{_first(points, triangles, smallest)}."
        )


def _edge_numbers(triangles: Integers, *, directed: bool = False) -> Integers:
    """A number (3m,) for each edge 0-1, 1-2, 2-0 of each triangle, the same for the same edge."""
    edges = triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    low, high = edges.T if directed else np.sort(edges, axis=1).T
    return np.asarray(low * (triangles.max() + 1) + high)


def _edge_lengths(points: Floats, triangles: Integers) -> Floats:
    corners = points[triangles]
    return np.asarray(np.linalg.norm(np.roll(corners, -1, axis=1) - corners, axis=2))


def _twice_area(points: Floats, triangles: Integers) -> Floats:
    a, b, c = np.moveaxis(points[triangles], 1, 0)
    (ux, uy), (vx, vy) = (b - a).T, (c - a).T
    return np.asarray(ux * vy - uy * vx)


def _counted(found: Sequence[int] | NDArray[np.int64], one: str, several: str) -> str:
    return f"{len(found)} {one if len(found) == 1 else several}"


def _first(points: Floats, triangles: Integers, found: NDArray[np.int64]) -> str:
    x, y = points[triangles[found[0]]].mean(axis=0)
    return f", {'at' if len(found) == 1 else 'the first at'} ({x:g}, {y:g})"
