"""A state carried over to the mesh whose triangles are quarters of the old ones.

The new state is the old one seen at the new vertices and along the new edges: the covariant
interpolant of f, and the line integrals of a, both exact. Two dimensions.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from dolfinx import fem

from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.space import EDGES, CovariantSpace

# Corners 0, 1, 2 and the middles 3 of 0-1, 4 of 1-2, 5 of 2-0 of a triangle, and the four in it.
_WEIGHTS = np.array([[2, 0, 0], [0, 2, 0], [0, 0, 2], [1, 1, 0], [0, 1, 1], [1, 0, 1]]) / 2
_QUARTERS = np.array([[0, 3, 5], [3, 4, 5], [3, 1, 4], [5, 4, 2]])


class _Cells(NamedTuple):
    """A state cell by cell, in the input order of the cells.

    f: (cells, 3) complex at the corners; a and felt: (cells, 3) integrals of the unknown potential
    and of all that the pairs feel, along the edges of the reference cell.
    """

    f: np.ndarray
    a: np.ndarray
    felt: np.ndarray


def carry_over(coarse: GinzburgLandau, fine: GinzburgLandau) -> None:
    """Give ``fine`` the state of ``coarse``, whose mesh has one refinement less; collective."""
    state = _gathered(coarse)
    space = fine.space
    original = np.asarray(space.mesh.topology.original_cell_index)
    parent, quarter = original // 4, _QUARTERS[original % 4]
    f = np.take_along_axis(_at_points(state)[parent], quarter, axis=1)
    fine_values = f * np.exp(-1j * space.corner_twists)
    unknowns = np.empty((len(space.vertices), 2))
    unknowns[space.scalar.dofmap.list] = np.stack([fine_values.real, fine_values.imag], axis=-1)
    fine.f.x.array[:] = unknowns.ravel()
    ends = np.array(EDGES[2])
    a = _along(state.a[parent], _WEIGHTS[quarter[:, ends[:, 0]]], _WEIGHTS[quarter[:, ends[:, 1]]])
    fine.a.x.array[space.vector_potential.dofmap.list] = space.edge_signs * a


def _gathered(functional: GinzburgLandau) -> _Cells:
    space, comm = functional.space, functional.space.mesh.comm
    owned = space.mesh.topology.index_map(2).size_local
    a, pseudo_gauge = (_integrals(space, u) for u in (functional.a, functional.pseudo_gauge))
    pieces = (
        np.asarray(space.mesh.topology.original_cell_index),
        space.at_corners(functional.f),
        a,
        a + pseudo_gauge + space.background_integrals,
    )
    order, *state = (np.concatenate(comm.allgather(piece[:owned])) for piece in pieces)
    rows = np.argsort(order)
    return _Cells(*(values[rows] for values in state))


def _integrals(space: CovariantSpace, potential: fem.Function) -> np.ndarray:
    """Integrals of a potential along the edges of each cell, (cells, 3)."""
    return space.edge_signs * potential.x.array[space.vector_potential.dofmap.list]


def _at_points(state: _Cells) -> np.ndarray:
    """f at the corners and middles of each cell, (cells, 6)."""
    result = np.zeros((len(state.f), 6), dtype=complex)
    for corner in range(3):
        start = np.broadcast_to(np.eye(3)[corner], (6, 3))
        felt = _along(state.felt, start, _WEIGHTS)
        result += _WEIGHTS[:, corner] * state.f[:, corner, None] * np.exp(-1j * felt)
    return result


def _along(integrals: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Integrals of a Whitney field along straight lines between points given by their weights.

    The lines have the shape (..., lines, 3) of barycentric coordinates; the result (cells, lines).
    """
    total = np.zeros(1)
    for edge, (tail, head) in enumerate(EDGES[2]):
        turn = start[..., tail] * end[..., head] - start[..., head] * end[..., tail]
        total = total + integrals[:, edge, None] * turn
    return total
