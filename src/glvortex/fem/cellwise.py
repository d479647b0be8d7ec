"""A state cell by cell, in the input order of the cells: the same on any ranks, in any gauge.

A vertex belongs to many cells, in a magnetic cell with a phase of its own in each; its value is
written once for each of them. That leaves nothing to number but the cells.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from dolfinx import fem

from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.space import CovariantSpace
from glvortex.geometry.arrays import in_input_order


class CellValues(NamedTuple):
    """A state on a number of cells.

    Attributes:
        f: (cells, d+1) complex, at the corners.
        a: (cells, edges) integrals along the edges of the reference cell (``fem.space.EDGES``).
    """

    f: np.ndarray
    a: np.ndarray


def gathered(functional: GinzburgLandau) -> CellValues:
    """Return the state on all cells of the mesh in their input order on the first rank; collective.

    On the other ranks it is empty.
    """
    space = functional.space
    return CellValues(
        in_input_order(space.mesh, space.at_corners(functional.f)),
        in_input_order(space.mesh, edge_integrals(space, functional.a)),
    )


def assign(functional: GinzburgLandau, state: CellValues) -> None:
    """Give the functional a state on the cells of this rank, ghosts included."""
    space = functional.space
    f = state.f * np.exp(-1j * space.corner_twists)
    values = np.empty((len(space.vertices), 2))
    values[space.scalar.dofmap.list] = np.stack([f.real, f.imag], axis=-1)
    functional.f.x.array[:] = values.ravel()
    functional.a.x.array[space.vector_potential.dofmap.list] = space.edge_signs * state.a


def input_index(space: CovariantSpace) -> np.ndarray:
    """Return the place of this rank's cells, ghosts included, in the input order."""
    return np.asarray(space.mesh.topology.original_cell_index)


def edge_integrals(space: CovariantSpace, potential: fem.Function) -> np.ndarray:
    """Integrals of a potential along the edges of each cell of this rank, (cells, edges)."""
    return space.edge_signs * potential.x.array[space.vector_potential.dofmap.list]
