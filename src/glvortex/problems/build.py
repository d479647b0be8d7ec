"""From a setup to its free energy on a mesh: plain or refined, in a cell as given or sheared."""

from __future__ import annotations

import numpy as np
from mpi4py import MPI

from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.medium import make_medium
from glvortex.fem.sources import magnetisation_field, pseudo_gauge_field
from glvortex.fem.space import CovariantSpace
from glvortex.geometry.mesh import MeshData, make_mesh
from glvortex.geometry.sample import Cell, Sample
from glvortex.geometry.size_map import SizeMap
from glvortex.geometry.sizes import MeshSizes
from glvortex.problems.setup import Setup

_ACROSS = 8  # least number of edges across a sample


def build(
    setup: Setup, comm: MPI.Intracomm, *, refinements: int = 0, cell: Cell | None = None
) -> tuple[MeshData, GinzburgLandau]:
    """Mesh the sample and set up its free energy; collective.

    Args:
        setup: the problem.
        comm: its ranks.
        refinements: of the mesh, each into quarters of all triangles.
        cell: shape to which the cell of the setup is sheared, with its mesh.

    """
    mesh_data = mesh_of(setup, comm, refinements=refinements)
    if cell is not None and isinstance(setup.sample, Cell):
        shear(mesh_data, setup.sample, cell)
    return mesh_data, free_energy(setup, mesh_data, cell or setup.sample)


def mesh_of(
    setup: Setup, comm: MPI.Intracomm, *, refinements: int = 0, size_map: SizeMap | None = None
) -> MeshData:
    """Mesh the sample; collective.

    With a ``size_map``, which the first rank has to give, only edge regions are still bound to the
    sizes of the setup, so that no mesh overlooks them.

    Raises:
        ParameterError: the sample cannot be meshed.
    """
    return make_mesh(
        comm,
        setup.sample,
        setup.inclusions,
        setup.sizes if size_map is None else _bounds(setup),
        setup.regions,
        refinements=refinements,
        size_map=size_map,
    )


def coarsest(setup: Setup) -> float:
    """Return the longest edges, in xi, that an adapted mesh may have."""
    return setup.sample.characteristic_size / _ACROSS


def _bounds(setup: Setup) -> MeshSizes:
    return MeshSizes(coarsest(setup), setup.sizes.edge_size, coarsest(setup))


def free_energy(setup: Setup, mesh_data: MeshData, sample: Sample) -> GinzburgLandau:
    """Set up the free energy on a mesh of the sample; collective."""
    space = CovariantSpace(mesh_data.mesh, sample.lattice)
    return GinzburgLandau(
        space,
        kappa=setup.kappa,
        t=setup.t,
        applied_field=setup.applied_field,
        pseudo_gauge=pseudo_gauge_field(space, setup.inclusions),
        magnetisation=magnetisation_field(space, setup.inclusions),
        screening=setup.screening,
        medium=make_medium(space, setup.t, setup.holes, setup.regions),
    )


def shear(mesh_data: MeshData, before: Cell, after: Cell) -> None:
    """Move the vertices of a cell's mesh with its periods."""
    x = mesh_data.mesh.geometry.x
    x[:, :2] = x[:, :2] @ np.linalg.solve(before.periods, after.periods)
