"""Numbers of vertices, edges and cells that do not depend on the ranks, and random values by them.

Each vertex and edge is counted where it first appears in the cells' input order, and an edge runs
as the reference cell has it there. Values drawn in this order are the same on any number of ranks.
"""

from __future__ import annotations

import numpy as np
from dolfinx import fem
from numpy.typing import NDArray

from glvortex.fem.space import CovariantSpace
from glvortex.geometry.arrays import in_input_order


class Drawer:
    """Draws independent standard normal values for vertices, edges and cells; seeded.

    Every rank draws those of the whole mesh and keeps its own.
    """

    def __init__(self, space: CovariantSpace, seed: int) -> None:
        self._seed = seed
        topology = space.mesh.topology
        ones = np.ones(space.scalar.dofmap.list.shape)
        self._vertices, _, self._vertex_count = _first_seen(space, space.scalar, ones)
        edges = space.vector_potential
        self._edges, self._signs, self._edge_count = _first_seen(space, edges, space.edge_signs)
        self._cells = np.asarray(topology.original_cell_index)
        self._cell_count = topology.index_map(space.dim).size_global
        self._components = 1 if space.dim == 2 else 3

    def vertices(self, step: int) -> NDArray[np.float64]:
        """(owned vertices, 2) values of a step, for the two parts of f."""
        return self._normal(step, 0, (self._vertex_count, 2))[self._vertices]

    def edges(self, step: int) -> NDArray[np.float64]:
        """(owned edges,) values of a step; the sign is that of the integral along the edge."""
        return self._signs * self._normal(step, 1, (self._edge_count,))[self._edges]

    def cells(self, step: int) -> NDArray[np.float64]:
        """(cells, components of a field along z or in space) values, ghosts included."""
        return self._normal(step, 2, (self._cell_count, self._components))[self._cells]

    def _normal(self, step: int, kind: int, shape: tuple[int, ...]) -> NDArray[np.float64]:
        return np.random.default_rng([self._seed, step, kind]).standard_normal(shape)


def _first_seen(
    space: CovariantSpace, nodes: fem.FunctionSpace, signs: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64], int]:
    """Numbers and signs of the owned dofs of ``nodes`` and the count of all; collective.

    ``signs`` are those of the dofs as each cell of this rank sees them, (cells, dofs).
    """
    mesh, index_map = space.mesh, nodes.dofmap.index_map
    dofs = nodes.dofmap.list
    everywhere = index_map.local_to_global(dofs.ravel().astype(np.int32)).reshape(dofs.shape)
    whole, turns = (in_input_order(mesh, values) for values in (everywhere, signs))
    # on the first rank; the others have nothing here
    _, first = np.unique(whole.ravel(), return_index=True)
    counted = (np.argsort(np.argsort(first)), turns.ravel()[first])
    numbers, sign = mesh.comm.bcast(counted)
    start, stop = index_map.local_range
    return numbers[start:stop], sign[start:stop], len(numbers)
