"""Which gauge freedom is held where: the phase of a vertex, or the vector potential of an edge."""

from __future__ import annotations

import numpy as np
from dolfinx import fem, la

from glvortex.fem.space import EDGES, CovariantSpace


class Forest:
    """One edge for every vertex without a phase, towards a vertex that has one.

    The edges form trees whose roots have a phase. Holding a on them and the phase at all other
    vertices leaves no gauge freedom, and takes away nothing but gauge freedom, however far the
    region without a phase extends. Edges and vertices are this rank's, ghosts included; each rank
    chooses for the vertices it owns.
    """

    def __init__(self, space: CovariantSpace) -> None:
        self.space = space
        corners, edges = space.scalar.dofmap.list, space.vector_potential.dofmap.list
        ends = np.array(EDGES[space.dim])
        self._ends = np.zeros((edges.max(initial=-1) + 1, 2), dtype=np.int64)
        self._ends[edges.ravel()] = corners[:, ends].reshape(-1, 2)
        self._distance = fem.Function(space.scalar)
        self._chosen = fem.Function(space.vector_potential)
        self._rootless: np.ndarray | None = None

    def edges(self, rootless: np.ndarray) -> np.ndarray:
        """Return the owned edges held for the vertices marked (n,) as without a phase; collective.

        None is held where no path leads to a vertex with a phase.
        """
        comm = self.space.mesh.comm
        same = self._rootless is not None and np.array_equal(rootless, self._rootless)
        if not comm.allreduce(same, op=min):
            self._rootless = rootless.copy()
            self._grow(rootless)
        return np.flatnonzero(self._chosen.x.array[: self.space.owned_edges] > 0.5)

    def _grow(self, rootless: np.ndarray) -> None:
        distance, comm = self._distance.x.array, self.space.mesh.comm
        distance[:] = np.where(rootless, np.inf, 0.0)
        self._distance.x.scatter_forward()
        owned = self.space.owned_vertices
        # each edge in both directions: from a vertex, to its neighbour, through an edge
        number = np.arange(len(self._ends))
        start, end = np.vstack([self._ends, self._ends[:, ::-1]]).T
        through = np.concatenate([number, number])
        wanted = rootless[start] & (start < owned) & (start != end)
        start, end, through = start[wanted], end[wanted], through[wanted]
        level = 0
        parents = np.full(len(rootless), -1)
        found = comm.allreduce(bool(rootless.any()), op=max)
        while found:
            level += 1
            reached = np.isinf(distance[start]) & (distance[end] == level - 1)
            parents[start[reached]] = through[reached]
            distance[start[reached]] = level
            found = comm.allreduce(bool(reached.any()), op=max)
            self._distance.x.scatter_forward()
        self._chosen.x.array[:] = 0.0
        self._chosen.x.array[parents[parents >= 0]] = 1.0
        self._chosen.x.scatter_reverse(la.InsertMode.add)
