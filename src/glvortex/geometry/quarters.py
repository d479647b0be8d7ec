"""Every triangle of a mesh cut into four."""

from __future__ import annotations

import numpy as np

from glvortex.geometry.arrays import MeshArrays

QUARTERS = np.array([[0, 3, 5], [3, 4, 5], [3, 1, 4], [5, 4, 2]])
"""Corners 0, 1, 2 and middles 3 of 0-1, 4 of 1-2, 5 of 2-0: the four, as gmsh orders them."""


def quartered(mesh: MeshArrays) -> MeshArrays:
    """Return the mesh of the quarters, which follow each other in the place of their triangle."""
    points, cells = mesh.points, mesh.cells
    edges = np.sort(cells[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    number = edges[:, 0] * len(points) + edges[:, 1]
    _, first, middle = np.unique(number, return_index=True, return_inverse=True)
    nodes = np.hstack([cells, len(points) + middle.reshape(-1, 3)])
    return MeshArrays(
        np.vstack([points, points[edges[first]].mean(axis=1)]),
        nodes[:, QUARTERS].reshape(-1, 3),
        np.repeat(mesh.cell_tags, 4),
    )
