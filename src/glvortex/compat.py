"""The calls that differ between releases of DOLFINx (0.9 to 0.11), each behind one name."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
from dolfinx import fem
from dolfinx.common import IndexMap
from dolfinx.fem import petsc as fem_petsc
from dolfinx.graph import adjacencylist
from dolfinx.mesh import GhostMode, Mesh, create_cell_partitioner, create_mesh
from mpi4py import MPI
from petsc4py import PETSc

from glvortex import compile_cache

compile_cache.prepare()

# DOLFINx 0.11 asks how many cells may share a facet: two, in a mesh that does not branch.
_LINKS = "max_facet_to_cell_links" in inspect.signature(create_mesh).parameters
_CELLS_PER_FACET = (2,) if _LINKS else ()
_TAG = (1602,) if "tag: int" in IndexMap.__init__.__doc__ else ()  # of messages, from 0.10 on
_SEPARATE_BLOCK_CALLS = hasattr(fem_petsc, "create_matrix_block")  # DOLFINx 0.9


def partitioner() -> Any:
    """Return what distributes cells over ranks, with ghosts over shared facets."""
    return create_cell_partitioner(GhostMode.shared_facet, *_CELLS_PER_FACET)


def reshaped_space(mesh: Mesh, element: Any, nodal: fem.FunctionSpace) -> fem.FunctionSpace:
    """Pair an element with the dof numbering of another space of equally many unknowns per cell."""
    donor = fem.functionspace(mesh, element)._cpp_object
    return _space(mesh, element, donor, nodal._cpp_object.dofmap)


def _space(mesh: Mesh, element: Any, donor: Any, dofmap: Any) -> fem.FunctionSpace:
    parts = [mesh._cpp_object, donor.element, dofmap]
    if hasattr(donor, "value_shape"):
        parts.append(donor.value_shape)
    return fem.FunctionSpace(mesh, element, type(donor)(*parts))


def numbered_space(mesh: Mesh, element: Any, index_map: Any, dofs: np.ndarray) -> fem.FunctionSpace:
    """Pair an element with a dof numbering, (cells, dofs of a cell) on this rank."""
    donor = fem.functionspace(mesh, element)._cpp_object
    links = adjacencylist(dofs.astype(np.int32))
    links = getattr(links, "_cpp_object", links)
    dofmap = type(donor.dofmap)(donor.dofmap.dof_layout, index_map, 1, links, 1)
    return _space(mesh, element, donor, dofmap)


def index_map(comm: MPI.Comm, size: int, ghosts: np.ndarray, owners: np.ndarray) -> Any:
    """Return the index map of a rank that owns ``size`` indices; collective."""
    return IndexMap(comm, size, ghosts, owners, *_TAG)


def geometry_dofmap(mesh: Mesh) -> Any:
    """Return the (cells, nodes) numbers of each cell's geometry nodes on this rank."""
    geometry = mesh.geometry
    return geometry.dofmaps[0] if hasattr(geometry, "dofmaps") else geometry.dofmap


def coordinate_map(mesh: Mesh) -> Any:
    """Return the C++ map from the reference cell to the cells of a mesh."""
    geometry = mesh.geometry
    element = geometry.cmaps[0] if hasattr(geometry, "cmaps") else geometry.cmap
    return element._cpp_object


def interpolation_points(space: fem.FunctionSpace) -> Any:
    """Return the reference points at which the space's interpolation needs values."""
    points = space.element.interpolation_points
    return points() if callable(points) else points


def create_block_matrix(forms: list[list[Any]]) -> PETSc.Mat:
    """Create a monolithic matrix for a square array of bilinear forms."""
    if _SEPARATE_BLOCK_CALLS:
        return fem_petsc.create_matrix_block(forms)
    return fem_petsc.create_matrix(forms, kind="mpi")


def assemble_block_matrix(matrix: PETSc.Mat, forms: list[list[Any]]) -> None:
    """Overwrite the matrix with the assembled bilinear forms."""
    matrix.zeroEntries()
    if _SEPARATE_BLOCK_CALLS:
        fem_petsc.assemble_matrix_block(matrix, forms)
    else:
        fem_petsc.assemble_matrix(matrix, forms)
    matrix.assemble()
