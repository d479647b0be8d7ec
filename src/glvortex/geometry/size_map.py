"""Edge lengths for a new mesh from what each cell of an old one adds to the error.

Where the error of a cell of size h is ``c h^4`` (its area times h^2), the fewest triangles keep the
sum of all below a goal when each has the same share of it. So h changes by the fourth root of that
share over the cell's own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from glvortex.geometry.arrays import MeshArrays
from glvortex.geometry.grading import GROWTH
from glvortex.geometry.lattice import Floats, Lattice
from glvortex.geometry.paths import edge_length, edges_of

_LEAST, _MOST = 1 / 6, 2.0  # change of h from one mesh to the next
_STEPS = 8  # for each factor of two: rounding errors then change no size
_NEGLIGIBLE = 1e-3  # of the mean share: smaller ones count as this
_SAME_PLACE = 1e-7  # of a period


@dataclass(frozen=True, eq=False)
class SizeMap:
    """Edge lengths wished for on an old mesh, linear in each of its triangles.

    Attributes:
        mesh: the old mesh.
        sizes: (points,) at its points, in xi.
    """

    mesh: MeshArrays
    sizes: Floats

    @property
    def triangles(self) -> float:
        """About how many a mesh of these sizes has."""
        mean = (1 / self.sizes**2)[self.mesh.cells].mean(axis=1)
        return float(np.sum(edge_length(self.mesh) ** 2 * mean))

    def limited(self, triangles: float) -> SizeMap:
        """Return sizes that are larger by one factor where that many triangles are exceeded."""
        factor = math.sqrt(max(1.0, self.triangles / triangles))
        return SizeMap(self.mesh, self.sizes * factor)

    @contextmanager
    def background(self, gmsh: Any) -> Iterator[None]:
        """Let gmsh mesh its model with these sizes until the block ends."""
        corners, sizes = self.mesh.points[self.mesh.cells], self.sizes[self.mesh.cells]
        columns = [corners[..., 0], corners[..., 1], np.zeros_like(sizes), sizes]
        view = gmsh.view.add("sizes")
        gmsh.view.addListData(view, "ST", len(corners), np.hstack(columns).ravel())
        fields = gmsh.model.mesh.field
        field = fields.add("PostView")
        fields.setNumber(field, "ViewTag", view)
        fields.setAsBackgroundMesh(field)
        try:
            yield
        finally:
            fields.remove(field)
            gmsh.view.remove(view)


def sizes_for(
    mesh: MeshArrays, shares: Floats, goal: float, largest: float, lattice: Lattice | None = None
) -> SizeMap:
    """Return the edge lengths with which the error should come down to ``goal``.

    Args:
        mesh: the old mesh.
        shares: (cells,) error of each of its cells, none negative.
        goal: sum of the errors on the new mesh.
        largest: upper bound of the lengths, in xi.
        lattice: periods of a sample that repeats.
    """
    shares = np.maximum(shares, _NEGLIGIBLE * shares.mean() + np.finfo(float).tiny)
    equal = (goal / np.sqrt(shares).sum()) ** 2
    change = np.clip((equal / shares) ** 0.25, _LEAST, _MOST)
    wished = np.log2(np.minimum(edge_length(mesh) * change, largest))
    at = mesh.cells.ravel()
    mean = np.bincount(at, np.repeat(wished, 3)) / np.bincount(at)
    sizes = 2 ** (np.rint(mean * _STEPS) / _STEPS)
    return SizeMap(mesh, _graded(mesh, sizes, lattice))


def _graded(mesh: MeshArrays, sizes: Floats, lattice: Lattice | None) -> Floats:
    """Smaller sizes, so that they grow slowly along the edges and repeat as the sample does."""
    pairs, _ = edges_of(mesh.cells)
    one, other = pairs.T
    growth = GROWTH * np.hypot(*(mesh.points[one] - mesh.points[other]).T)
    if lattice is not None:
        same = _images(mesh.points, lattice)
        one, other = np.append(one, same[:, 0]), np.append(other, same[:, 1])
        growth = np.append(growth, np.zeros(len(same)))
    while True:
        smaller = sizes.copy()
        np.minimum.at(smaller, one, sizes[other] + growth)
        np.minimum.at(smaller, other, sizes[one] + growth)
        if np.array_equal(smaller, sizes):
            return sizes
        sizes = smaller


def _images(points: Floats, lattice: Lattice) -> np.ndarray:
    """Pairs (n, 2) of points that differ by periods."""
    home, _ = lattice.split(points)
    scale = _SAME_PLACE * np.linalg.norm(lattice.matrix, axis=1).min()
    return cKDTree(home).query_pairs(scale, output_type="ndarray")
