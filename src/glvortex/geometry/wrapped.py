"""Meshes that close on themselves: opposite sides of a cell are one and the same line.

The topology knows only the vertices that differ by no period, the geometry keeps the flat cell, so
spaces, assembly and exchange between ranks are those of any other mesh; there is just no boundary
where the cell repeats.
"""

from __future__ import annotations

import basix.ufl
import numpy as np
import ufl
from dolfinx import cpp, mesh
from dolfinx.mesh import Mesh
from mpi4py import MPI
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from glvortex.compat import coordinate_map, geometry_dofmap, partitioner
from glvortex.errors import ParameterError
from glvortex.geometry.lattice import Floats, Integers, Lattice

_SAME_PLACE = 1e-7  # of a period


def wrapped_mesh(comm: MPI.Intracomm, points: Floats, cells: Integers, lattice: Lattice) -> Mesh:
    """Distribute triangles of a flat cell whose opposite sides match; collective.

    Args:
        comm: every rank gives the same arguments.
        points: (n, 2) coordinates in xi.
        cells: (m, 3) rows of ``points``.
        lattice: the periods.

    Raises:
        ParameterError: the sides do not match, or a period has fewer than three triangles.
    """
    vertices = _identified(points, lattice)
    _check_closed(vertices[cells], lattice)
    element = basix.ufl.element("Lagrange", "triangle", 1, shape=(2,))
    first = np.unique(vertices, return_index=True)[1]
    mine = slice(None) if comm.rank == 0 else slice(0)
    topological = mesh.create_mesh(
        comm=comm,
        cells=vertices[cells][mine],
        x=points[first][mine],
        e=element,
        partitioner=partitioner(),
    )
    return _flattened(topological, points, cells, vertices)


def _identified(points: Floats, lattice: Lattice) -> NDArray[np.int64]:
    """Number the points so that those which differ by periods have one number."""
    scale = _SAME_PLACE * np.linalg.norm(lattice.matrix, axis=1).min()
    home, _ = lattice.split(points)
    images = 2 ** len(lattice.periods)
    distance, same = cKDTree(home).query(home, k=images, distance_upper_bound=scale)
    lowest = np.where(np.isfinite(distance), same, len(points)).min(axis=1)
    return np.unique(lowest, return_inverse=True)[1].astype(np.int64)


def _check_closed(cells: Integers, lattice: Lattice) -> None:
    """Refuse identified triangles that make no torus (two periods) or ring (one)."""
    ordered = np.sort(cells, axis=1)
    edges = ordered[:, [[0, 1], [0, 2], [1, 2]]].reshape(-1, 2)
    _, neighbours = np.unique(edges, axis=0, return_counts=True)
    closed = len(np.unique(cells)) - len(neighbours) + len(cells) == 0  # Euler
    if not closed or (len(lattice.periods) == 2 and (neighbours != 2).any()):
        raise ParameterError(
            "the mesh of a cell must have the same points on opposite sides, and at least three "
            "triangles along each period."
        )


def _flattened(topological: Mesh, points: Floats, cells: Integers, vertices: Integers) -> Mesh:
    """Give a mesh of identified vertices the flat cells it was made from."""
    comm, topology = topological.comm, topological.topology
    original = np.asarray(topology.original_cell_index)
    flat = cells[original]
    known = np.asarray(topological.geometry.input_global_indices)[geometry_dofmap(topological)]
    # corner by corner, in the order the mesh has them
    order = (vertices[flat][:, None, :] == known[:, :, None]).argmax(axis=2)
    flat = np.take_along_axis(flat, order, axis=1)
    numbers, nodes = np.unique(flat, return_inverse=True)
    index_map = cpp.common.IndexMap(comm, len(numbers))  # each rank has its own copy of a node
    geometry = cpp.mesh.Geometry_float64(
        index_map,
        nodes.reshape(flat.shape).astype(np.int32),
        coordinate_map(topological),
        points[numbers],
        numbers.astype(np.int64),
    )
    parts = cpp.mesh.Mesh_float64(comm, topology._cpp_object, geometry)
    element = basix.ufl.element("Lagrange", "triangle", 1, shape=(2,))
    return Mesh(parts, ufl.Mesh(element))
