"""A mesh as plain arrays on one rank, and spread over all: the one way from either to the other.

Whatever makes a mesh (gmsh, a file, a checkpoint) ends in `MeshArrays`. Points and cells keep the
order they have there, the input order, which is the same on any number of ranks.
"""

from __future__ import annotations

from dataclasses import dataclass

import basix.ufl
import numpy as np
from dolfinx.mesh import Mesh, MeshTags, create_mesh, meshtags
from mpi4py import MPI
from numpy.typing import NDArray

from glvortex.compat import geometry_dofmap, partitioner
from glvortex.geometry.lattice import Floats, Integers, Lattice
from glvortex.geometry.wrapped import wrapped_mesh

_SIMPLEX = {2: "triangle", 3: "tetrahedron"}


@dataclass(frozen=True)
class MeshArrays:
    """A whole mesh.

    Attributes:
        points: (points, d) coordinates in xi; of a sample that repeats those of the flat cell.
        cells: (cells, d+1) rows of ``points``.
        cell_tags: (cells,) the `CellTag` of each cell.
    """

    points: Floats
    cells: Integers
    cell_tags: NDArray[np.int32]


@dataclass(frozen=True)
class MeshData:
    """A mesh with its markers.

    Attributes:
        mesh: straight simplices, ghosted over shared facets.
        cell_tags: a `CellTag` for every cell.
    """

    mesh: Mesh
    cell_tags: MeshTags


def distribute(
    arrays: MeshArrays | None, comm: MPI.Intracomm, lattice: Lattice | None = None
) -> MeshData:
    """Spread the mesh of the first rank (None on the others) over all ranks; collective.

    Raises:
        ParameterError: the sides of a cell that repeats do not match.
    """
    if lattice is not None:
        arrays = comm.bcast(arrays)
        assert arrays is not None
        mesh = wrapped_mesh(comm, arrays.points, arrays.cells, lattice)
        return MeshData(mesh, _tagged(mesh, arrays.cell_tags))
    dim, tags = comm.bcast((arrays.points.shape[1], arrays.cell_tags) if arrays else None)
    mesh = create_mesh(
        comm=comm,
        cells=arrays.cells if arrays else np.empty((0, dim + 1), dtype=np.int64),
        x=arrays.points if arrays else np.empty((0, dim)),
        e=basix.ufl.element("Lagrange", _SIMPLEX[dim], 1, shape=(dim,)),
        partitioner=partitioner(),
    )
    return MeshData(mesh, _tagged(mesh, tags))


def _tagged(mesh: Mesh, values: NDArray[np.int32]) -> MeshTags:
    """Tag this rank's cells, ghosts included."""
    original = np.asarray(mesh.topology.original_cell_index)
    index = np.arange(len(original), dtype=np.int32)
    return meshtags(mesh, mesh.topology.dim, index, values[original].astype(np.int32))


def collect(mesh_data: MeshData) -> MeshArrays | None:
    """Bring a mesh to the first rank (None on the others), in input order; collective."""
    mesh = mesh_data.mesh
    dim = mesh.topology.dim
    owned = mesh.topology.index_map(dim).size_local
    local = geometry_dofmap(mesh)[:owned]
    whole = [
        in_input_order(mesh, values)
        for values in (
            np.asarray(mesh.geometry.input_global_indices)[local],
            mesh.geometry.x[local][:, :, :dim],
            mesh_data.cell_tags.values[:owned],
        )
    ]
    if mesh.comm.rank != 0:
        return None
    nodes, corners, tags = whole
    _, first, rows = np.unique(nodes, return_index=True, return_inverse=True)
    return MeshArrays(corners.reshape(-1, dim)[first], rows.reshape(nodes.shape), tags)


def in_input_order(mesh: Mesh, values: np.ndarray) -> np.ndarray:
    """Collect values (owned cells of this rank, ...) of all cells on the first rank; collective.

    On the other ranks the result is empty.
    """
    comm, topology = mesh.comm, mesh.topology
    owned = topology.index_map(topology.dim).size_local
    order = comm.gather(np.asarray(topology.original_cell_index[:owned]))
    pieces = comm.gather(values[:owned])
    if order is None or pieces is None:
        return values[:0]
    return np.concatenate(pieces)[np.argsort(np.concatenate(order), kind="stable")]
