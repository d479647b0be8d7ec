"""A state carried over to the mesh whose triangles are quarters of the old ones.

The new state is the old one seen at the new vertices and along the new edges: the covariant
interpolant of f, and the line integrals of a, both exact. Two dimensions.
"""

from __future__ import annotations

import numpy as np

from glvortex.fem.cellwise import CellValues, assign, edge_integrals, gathered, input_index
from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.space import EDGES
from glvortex.geometry.arrays import in_input_order
from glvortex.geometry.quarters import QUARTERS

_SAME_PLACE = 1e-8  # xi: the same mesh has its vertices within this

# Corners 0, 1, 2 and the middles 3 of 0-1, 4 of 1-2, 5 of 2-0 of a triangle.
_WEIGHTS = np.array([[2, 0, 0], [0, 2, 0], [0, 0, 2], [1, 1, 0], [0, 1, 1], [1, 0, 1]]) / 2


def carry_over(coarse: GinzburgLandau, fine: GinzburgLandau) -> None:
    """Give ``fine`` the state of ``coarse``, whose mesh has one refinement less; collective."""
    state, mesh = gathered(coarse), coarse.space.mesh
    pseudo_gauge = edge_integrals(coarse.space, coarse.pseudo_gauge)
    pseudo_gauge += coarse.space.background_integrals
    felt = state.a + in_input_order(mesh, pseudo_gauge)
    state, felt = mesh.comm.bcast((state, felt))
    parent, which = np.divmod(input_index(fine.space), 4)
    quarter = QUARTERS[which]
    f = np.take_along_axis(_at_points(state.f, felt)[parent], quarter, axis=1)
    tails, heads = np.array(EDGES[2]).T
    a = _along(state.a[parent], _WEIGHTS[quarter[:, tails]], _WEIGHTS[quarter[:, heads]])
    assign(fine, CellValues(f, a))


def take_over(source: GinzburgLandau, target: GinzburgLandau) -> bool:
    """Give ``target`` the state of ``source`` where both have the same mesh; collective.

    Returns whether they have; a cell or strip must be the same as well, with its flux.
    """
    here, there = target.space, source.space
    corners, others = here.corner_coordinates, there.corner_coordinates
    same = here.lattice == there.lattice and corners.shape == others.shape
    same = same and (not corners.size or bool(np.abs(corners - others).max() < _SAME_PLACE))
    if not here.mesh.comm.allreduce(same, op=min):
        return False
    for new, old in zip((target.f, target.a), (source.f, source.a), strict=True):
        new.x.array[:] = old.x.array
    return True


def _at_points(f: np.ndarray, felt: np.ndarray) -> np.ndarray:
    """f at the corners and middles of each cell, (cells, 6), from that at the corners."""
    result = np.zeros((len(f), 6), dtype=complex)
    for corner in range(3):
        start = np.broadcast_to(np.eye(3)[corner], (6, 3))
        phase = np.exp(-1j * _along(felt, start, _WEIGHTS))
        result += _WEIGHTS[:, corner] * f[:, corner, None] * phase
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
