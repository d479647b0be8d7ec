"""Every triangle of a mesh cut into four."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from glvortex.geometry.arrays import MeshArrays
from glvortex.geometry.sample import Disk, Floats, Sample

QUARTERS = np.array([[0, 3, 5], [3, 4, 5], [3, 1, 4], [5, 4, 2]])
"""Corners 0, 1, 2 and middles 3 of 0-1, 4 of 1-2, 5 of 2-0: the four, as gmsh orders them."""

_ON_CIRCLE = 1e-8  # of the radius


def quartered(mesh: MeshArrays, curved: Iterable[Sample] = ()) -> MeshArrays:
    """Return the mesh of the quarters, which follow each other in the place of their triangle.

    The middles of edges along the circles among the ``curved`` shapes, which are on the boundary or
    between different tags, move onto them.
    """
    points, cells = mesh.points, mesh.cells
    edges = np.sort(cells[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    number = edges[:, 0].astype(np.int64) * len(points) + edges[:, 1]
    _, first, middle = np.unique(number, return_index=True, return_inverse=True)
    nodes = np.hstack([cells, len(points) + middle.reshape(-1, 3)])
    ends = edges[first]
    middles = points[ends].mean(axis=1)
    tags = np.repeat(mesh.cell_tags, 3)
    alone = np.bincount(middle) == 1
    between = np.bincount(middle, tags != tags[first][middle]) > 0
    line = np.flatnonzero(alone | between)
    for shape in curved:
        if isinstance(shape, Disk):
            _move_onto(shape, middles, points[ends], line)
    return MeshArrays(
        np.vstack([points, middles]),
        nodes[:, QUARTERS].reshape(-1, 3),
        np.repeat(mesh.cell_tags, 4),
    )


def _move_onto(disk: Disk, middles: Floats, ends: Floats, line: np.ndarray) -> None:
    """Move the middles of those edges with both ends (edges, 2, 2) on the circle onto it."""
    away = np.abs(np.hypot(*np.moveaxis(ends[line] - disk.centre, -1, 0)) - disk.radius)
    chosen = line[(away < _ON_CIRCLE * disk.radius).all(axis=1)]
    arms = middles[chosen] - disk.centre
    middles[chosen] = disk.centre + disk.radius * arms / np.hypot(*arms.T)[:, None]
