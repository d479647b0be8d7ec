"""The calls that differ between releases of DOLFINx (0.9 to 0.11), each behind one name."""

from __future__ import annotations

import inspect
from typing import Any

from dolfinx import fem
from dolfinx.fem import petsc as fem_petsc
from dolfinx.mesh import GhostMode, Mesh, create_cell_partitioner, create_mesh
from petsc4py import PETSc

from glvortex import compile_cache

compile_cache.prepare()

# DOLFINx 0.11 asks how many cells may share a facet: two, in a mesh that does not branch.
_LINKS = "max_facet_to_cell_links" in inspect.signature(create_mesh).parameters
_CELLS_PER_FACET = (2,) if _LINKS else ()
_SEPARATE_BLOCK_CALLS = hasattr(fem_petsc, "create_matrix_block")  # DOLFINx 0.9


def partitioner() -> Any:
    """Return what distributes cells over ranks, with ghosts over shared facets."""
    return create_cell_partitioner(GhostMode.shared_facet, *_CELLS_PER_FACET)


def reshaped_space(mesh: Mesh, element: Any, nodal: fem.FunctionSpace) -> fem.FunctionSpace:
    """Pair an element with the dof numbering of another space of equally many unknowns per cell."""
    donor = fem.functionspace(mesh, element)._cpp_object
    parts = [mesh._cpp_object, donor.element, nodal._cpp_object.dofmap]
    if hasattr(donor, "value_shape"):
        parts.append(donor.value_shape)
    return fem.FunctionSpace(mesh, element, type(donor)(*parts))


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


def create_block_vector(forms: list[Any]) -> PETSc.Vec:
    """Create a vector for a list of linear forms, block after block on each rank."""
    if _SEPARATE_BLOCK_CALLS:
        return fem_petsc.create_vector_block(forms)
    return fem_petsc.create_vector(fem.extract_function_spaces(forms), kind="mpi")


def assemble_block_vector(vector: PETSc.Vec, forms: list[Any], jacobian: list[list[Any]]) -> None:
    """Overwrite the vector with the assembled linear forms."""
    with vector.localForm() as local:
        local.set(0.0)
    if _SEPARATE_BLOCK_CALLS:
        fem_petsc.assemble_vector_block(vector, forms, jacobian)
        return
    fem_petsc.assemble_vector(vector, forms)
    vector.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)


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
