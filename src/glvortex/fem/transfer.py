"""A state carried over to another mesh of the same sample.

The new state is the old one seen at the new vertices and along the new edges: the covariant
interpolant of f, and the line integrals of a, both exact. So a gauge transformation of the old
state is one of the new. Two dimensions.
"""

from __future__ import annotations

import numpy as np

from glvortex.fem.cellwise import CellValues, assign, edge_integrals, gathered, input_index
from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.space import EDGES
from glvortex.geometry.arrays import MeshData, collect, in_input_order
from glvortex.geometry.paths import Paths, along, edges_of
from glvortex.geometry.quarters import QUARTERS

_SAME_PLACE = 1e-8  # xi: the same mesh has its vertices within this

# Corners 0, 1, 2 and the middles 3 of 0-1, 4 of 1-2, 5 of 2-0 of a triangle.
_WEIGHTS = np.array([[2, 0, 0], [0, 2, 0], [0, 0, 2], [1, 1, 0], [0, 1, 1], [1, 0, 1]]) / 2


def carry_over(coarse: GinzburgLandau, fine: GinzburgLandau) -> None:
    """Give ``fine`` the state of ``coarse``, whose mesh has one refinement less; collective."""
    state, felt = coarse.space.mesh.comm.bcast(_whole(coarse))
    parent, which = np.divmod(input_index(fine.space), 4)
    quarter = QUARTERS[which]
    weights = np.broadcast_to(_WEIGHTS, (len(state.f), 6, 3))
    f = np.take_along_axis(_seen(state.f, felt, weights)[parent], quarter, axis=1)
    tails, heads = np.array(EDGES[2]).T
    a = along(state.a[parent], _WEIGHTS[quarter[:, tails]], _WEIGHTS[quarter[:, heads]])
    assign(fine, CellValues(f, a))


def carry_across(
    source: GinzburgLandau, old: MeshData, target: GinzburgLandau, new: MeshData
) -> None:
    """Give ``target`` the state of ``source``, whatever their meshes of one sample; collective.

    The first rank does it.
    """
    comm = target.space.mesh.comm
    before, after = collect(old), collect(new)
    state, felt = _whole(source)
    result = None
    if before is not None and after is not None:
        paths, points = Paths(before), after.points
        cells = paths.locate(points)
        weights = paths.weights(cells, points)
        f = _seen(state.f[cells], felt[cells], weights[:, None])[:, 0]
        edges, of_cell = edges_of(after.cells)
        tails, heads = edges.T
        a = paths.integrals(state.a, cells[tails], points[tails], points[heads])
        first, last = np.array(EDGES[2]).T
        forward = np.where(after.cells[:, first] < after.cells[:, last], 1.0, -1.0)
        result = CellValues(f[after.cells], forward * a[of_cell])
    whole = comm.bcast(result)
    assert whole is not None
    here = input_index(target.space)
    assign(target, CellValues(whole.f[here], whole.a[here]))


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


def _whole(functional: GinzburgLandau) -> tuple[CellValues, np.ndarray]:
    """The state on all cells and the integrals of what the pairs feel there, on the first rank."""
    space = functional.space
    state = gathered(functional)
    pseudo_gauge = edge_integrals(space, functional.pseudo_gauge) + space.background_integrals
    return state, state.a + in_input_order(space.mesh, pseudo_gauge)


def _seen(f: np.ndarray, felt: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """f at points (n, points) of cells, given by their weights (n, points, 3)."""
    result = np.zeros(weights.shape[:2], dtype=complex)
    for corner in range(3):
        start = np.broadcast_to(np.eye(3)[corner], weights.shape)
        phase = np.exp(-1j * along(felt, start, weights))
        result += weights[..., corner] * f[:, corner, None] * phase
    return result
