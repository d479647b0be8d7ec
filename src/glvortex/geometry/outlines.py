"""Lines of a mesh: the outside of the sample, and where one subdomain ends and another begins."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from glvortex.geometry.arrays import MeshArrays
from glvortex.geometry.carving import CellTag
from glvortex.geometry.lattice import Floats, Integers

_SIDES = np.array([[0, 1], [1, 2], [2, 0]])
# of two subdomains that meet, the one whose outline it is comes later
_PRIORITY = np.argsort([0, CellTag.HOST, CellTag.EDGE, CellTag.CORE, CellTag.REGION, CellTag.HOLE])


def boundary_edges(mesh: MeshArrays) -> tuple[Integers, NDArray[np.int32]]:
    """Return the edges (n, 2) between triangles of unlike tags or on the outside, and their tags.

    An edge has the tag of what it bounds: `CellTag.HOST` on the outside of the sample, which in a
    cell that repeats is that of the flat cell, else that of the inner of its two subdomains.
    """
    edges = np.sort(mesh.cells[:, _SIDES].reshape(-1, 2), axis=1)
    tags = np.repeat(mesh.cell_tags, len(_SIDES))
    unique, which, count = np.unique(edges, axis=0, return_inverse=True, return_counts=True)
    inner = np.zeros(len(unique), dtype=np.int64)
    outer = np.full(len(unique), len(_PRIORITY))
    np.maximum.at(inner, which.ravel(), _PRIORITY[tags])
    np.minimum.at(outer, which.ravel(), _PRIORITY[tags])
    outside = count == 1
    found = np.where(outside, CellTag.HOST, np.argsort(_PRIORITY)[inner]).astype(np.int32)
    kept = outside | (inner != outer)
    return unique[kept], found[kept]


def outlines(mesh: MeshArrays) -> list[tuple[CellTag, Floats]]:
    """Return these edges chained to lines, (points, 2) each; closed ones end where they begin."""
    edges, tags = boundary_edges(mesh)
    found = []
    for tag in CellTag:
        segments = mesh.points[edges[tags == tag]]
        merged = shapely.line_merge(shapely.multilinestrings(segments))
        found += [(tag, shapely.get_coordinates(line)) for line in shapely.get_parts(merged)]
    return found
