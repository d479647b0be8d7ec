"""A part of a sample in which a state is changed while the rest of it stays as it is.

Energies are sums over cells, so a change within a window costs what it costs within the window: an
upper bound, since the rest could adapt. A minimisation there takes as little time as the window is
small.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from mpi4py import MPI

from glvortex.fem.cellwise import CellValues, assign, gathered, input_index
from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.space import EDGES
from glvortex.geometry.arrays import MeshArrays, MeshData, distribute
from glvortex.solve.alteration import Alteration
from glvortex.solve.held import HeldSystem
from glvortex.solve.system import System


class Whole:
    """A sample that is small enough to be its own window.

    Attributes:
        functional, system: of the sample.
        alteration: changes vortices in it.
    """

    functional: GinzburgLandau
    system: System
    alteration: Alteration

    def __init__(self, system: System) -> None:
        self.system, self.functional = system, system.functional
        self.alteration = Alteration(self.functional)

    def take(self, state: CellValues) -> None:
        """Hold the state of the whole mesh as far as the window goes."""
        here = input_index(self.functional.space)
        assign(self.functional, CellValues(state.f[here], state.a[here]))

    def give(self, state: CellValues) -> CellValues:
        """Return the state of the whole mesh with what the window holds; collective."""
        return self.functional.space.mesh.comm.bcast(gathered(self.functional))


class Window(Whole):
    """The free energy of some cells of a mesh, f and a held where they border on the others.

    Args:
        mesh: the whole mesh, the same on every rank.
        cells: which of its cells, numbers.
        build: sets up the free energy on a mesh.
        comm: the ranks that share the work.

    Attributes:
        functional: on the mesh of the window.
        system: with what is held.
        alteration: changes vortices in it.
    """

    def __init__(
        self,
        mesh: MeshArrays,
        cells: np.ndarray,
        build: Callable[[MeshData], GinzburgLandau],
        comm: MPI.Intracomm,
    ) -> None:
        self._cells, self._comm = cells, comm
        used, rows = np.unique(mesh.cells[cells], return_inverse=True)
        part = MeshArrays(
            mesh.points[used], rows.reshape(-1, mesh.cells.shape[1]), mesh.cell_tags[cells]
        )
        self.functional = build(distribute(part if comm.rank == 0 else None, comm))
        space = self.functional.space
        corners, edges = _borders(mesh, cells)
        self._index = here = input_index(space)
        vertices = np.zeros(len(space.vertices), dtype=bool)
        vertices[space.scalar.dofmap.list[corners[here]]] = True
        lines = np.zeros(len(self.functional.a.x.array), dtype=bool)
        lines[space.vector_potential.dofmap.list[edges[here]]] = True
        self.system = HeldSystem(self.functional, vertices, lines)
        self.alteration = Alteration(self.functional, vertices, _shores(part, edges))

    def take(self, state: CellValues) -> None:
        """Hold the state of the whole mesh as far as the window goes."""
        here = self._cells[self._index]
        assign(self.functional, CellValues(state.f[here], state.a[here]))

    def give(self, state: CellValues) -> CellValues:
        """Return the state of the whole mesh with what the window holds; collective."""
        mine = self._comm.bcast(gathered(self.functional))
        f, a = state.f.copy(), state.a.copy()
        f[self._cells], a[self._cells] = mine.f, mine.a
        return CellValues(f, a)


def _shores(part: MeshArrays, borders: np.ndarray) -> np.ndarray:
    """Middles (n, d) of the facets of a window on the boundary of the sample."""
    lines = part.cells[:, np.array(EDGES[part.points.shape[1]])]
    ends = np.sort(lines, axis=-1).reshape(-1, 2)
    _, first, number = np.unique(ends, axis=0, return_index=True, return_counts=True)
    alone = first[(number == 1) & ~borders.ravel()[first]]
    return np.asarray(part.points[ends[alone]].mean(axis=1))


def _borders(mesh: MeshArrays, cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where a window borders on other cells: (cells, d+1) of corners and (cells, edges)."""
    chosen = np.zeros(len(mesh.cells), dtype=bool)
    chosen[cells] = True
    outside = np.zeros(len(mesh.points), dtype=bool)
    outside[mesh.cells[~chosen]] = True
    ends = np.sort(mesh.cells[:, np.array(EDGES[mesh.points.shape[1]])], axis=-1)
    keys = ends[..., 0] * len(mesh.points) + ends[..., 1]
    return outside[mesh.cells[cells]], np.isin(keys[cells], keys[~chosen])
