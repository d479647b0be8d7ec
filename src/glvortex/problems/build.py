"""From a setup to its free energy on a mesh, as it stands or refined, in a cell as given or sheared."""

from __future__ import annotations

import numpy as np
from mpi4py import MPI

from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.sources import magnetisation_field, pseudo_gauge_field
from glvortex.fem.space import CovariantSpace
from glvortex.geometry.mesh import MeshData, make_mesh
from glvortex.geometry.sample import Cell
from glvortex.problems.setup import Setup


def build(
    setup: Setup, comm: MPI.Intracomm, *, refinements: int = 0, cell: Cell | None = None
) -> tuple[MeshData, GinzburgLandau]:
    """Mesh the sample and set up its free energy; collective.

    Args:
        setup: the problem.
        comm: its ranks.
        refinements: of the mesh, each into quarters of all triangles.
        cell: shape to which the mesh of the setup's cell is sheared.

    """
    mesh_data = make_mesh(
        comm, setup.sample, setup.inclusions, setup.sizes, refinements=refinements
    )
    sample = setup.sample
    if cell is not None and isinstance(sample, Cell):
        x = mesh_data.mesh.geometry.x
        x[:, :2] = x[:, :2] @ np.linalg.solve(sample.periods, cell.periods)
        sample = cell
    space = CovariantSpace(mesh_data.mesh, sample.lattice)
    functional = GinzburgLandau(
        space,
        kappa=setup.kappa,
        t=setup.t,
        applied_field=setup.applied_field,
        pseudo_gauge=pseudo_gauge_field(space, setup.inclusions),
        magnetisation=magnetisation_field(space, setup.inclusions),
        screening=setup.screening,
    )
    return mesh_data, functional
