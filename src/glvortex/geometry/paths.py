"""Points and straight lines on a triangle mesh: in which cells they lie, what runs along them."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from glvortex.geometry.arrays import MeshArrays
from glvortex.geometry.lattice import Floats, Integers

_EDGES = ((1, 2), (0, 2), (0, 1))  # of a cell, each opposite to a corner, as Nedelec counts them
_PARALLEL = 1e-9  # share of a line that it must gain on an edge to cross it


class Paths:
    """The cells of a whole triangle mesh, to be looked up by many points and lines at once.

    Points a little outside, as beyond a chord of a circle, belong to the nearest cell, whose
    fields go on there.
    """

    def __init__(self, mesh: MeshArrays) -> None:
        self._corners = mesh.points[mesh.cells]
        triangles: Any = shapely.polygons(self._corners)
        self._tree = shapely.STRtree(triangles)
        self._neighbours = _neighbours(mesh.cells)
        sides = self._corners[:, 1:] - self._corners[:, :1]
        self._inverse = np.linalg.inv(sides)  # (x - x0) @ inverse are the weights of corners 1, 2

    def locate(self, points: Floats) -> Integers:
        """Return the cell (n,) of each of the points (n, 2)."""
        return np.asarray(self._tree.nearest(shapely.points(points)), dtype=np.int64)

    def weights(self, cells: Integers, points: Floats) -> Floats:
        """Return the barycentric coordinates (n, 3) of the points (n, 2) in their cells (n,)."""
        offset = points - self._corners[cells, 0]
        inner = np.einsum("ni,nij->nj", offset, self._inverse[cells])
        return np.column_stack([1 - inner.sum(axis=1), inner])

    def integrals(self, values: Floats, cells: Integers, starts: Floats, ends: Floats) -> Floats:
        """Return the integrals (n,) of a Whitney field along straight lines, exactly.

        Args:
            values: (cells, 3) integrals of the field along the edges of each cell.
            cells: (n,) those of the starts.
            starts, ends: (n, 2) points.
        """
        total, done, cells = np.zeros(len(starts)), np.zeros(len(starts)), cells.copy()
        active: np.ndarray = np.arange(len(starts))
        while active.size:
            here = cells[active]
            start = self.weights(here, starts[active])
            rate = self.weights(here, ends[active]) - start
            stop, through = self._exit(here, start, rate)
            stop = np.maximum(stop, done[active])
            last = stop >= 1.0
            stop = np.where(last, 1.0, stop)
            one = start + done[active, None] * rate
            other = start + stop[:, None] * rate
            total[active] += along(values[here], one[:, None], other[:, None])[:, 0]
            done[active] = stop
            cells[active] = self._neighbours[here, through]
            active = active[~last]
        return total

    def _exit(self, cells: Integers, start: Floats, rate: Floats) -> tuple[Floats, Integers]:
        """Where on their way (0 to 1) lines leave their cells, and opposite to which corner."""
        leaves = (rate < -_PARALLEL) & (self._neighbours[cells] >= 0)
        at = np.where(leaves, start / np.where(leaves, -rate, 1.0), np.inf)
        through = np.argmin(at, axis=1)
        return np.take_along_axis(at, through[:, None], axis=1)[:, 0], through


def along(integrals: Floats, start: Floats, end: Floats) -> Floats:
    """Integrals of a Whitney field along straight lines between points given by their weights.

    The lines have the shape (..., lines, 3) of barycentric coordinates; the result (cells, lines).
    """
    total: Floats = np.zeros(1)
    for edge, (tail, head) in enumerate(_EDGES):
        turn = start[..., tail] * end[..., head] - start[..., head] * end[..., tail]
        total = total + integrals[:, edge, None] * turn
    return total


def edge_length(mesh: MeshArrays) -> Floats:
    """Return the edge (cells,) of the equilateral triangle as large as each cell."""
    sides = mesh.points[mesh.cells[:, 1:]] - mesh.points[mesh.cells[:, :1]]
    return np.asarray(np.sqrt(2 / np.sqrt(3) * np.abs(np.linalg.det(sides))))


def edges_of(cells: Integers) -> tuple[Integers, Integers]:
    """Return the edges (edges, 2) of triangles, lower point first, and each cell's three (m, 3).

    Those of a cell are counted by the opposite corner.
    """
    pairs = np.sort(cells[:, np.array(_EDGES)].reshape(-1, 2), axis=1)
    number = pairs[:, 0].astype(np.int64) * (cells.max(initial=0) + 1) + pairs[:, 1]
    _, first, which = np.unique(number, return_index=True, return_inverse=True)
    return pairs[first], which.reshape(-1, 3)


def _neighbours(cells: Integers) -> Integers:
    """Cell (m, 3) across the edge opposite to each corner, -1 on the boundary."""
    _, which = edges_of(cells)
    slots = np.argsort(which.ravel(), kind="stable")
    number = which.ravel()[slots]
    twins = np.flatnonzero(number[1:] == number[:-1])
    result = np.full(which.size, -1, dtype=np.int64)
    one, other = slots[twins], slots[twins + 1]
    result[one], result[other] = other // 3, one // 3
    return result.reshape(-1, 3)
