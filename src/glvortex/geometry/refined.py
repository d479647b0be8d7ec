"""A mesh that was given, its triangles cut where shorter edges are wished for."""

from __future__ import annotations

from dataclasses import replace

import basix.ufl
import numpy as np
from dolfinx.mesh import create_mesh, refine
from mpi4py import MPI

from glvortex.compat import geometry_dofmap
from glvortex.geometry.arrays import MeshArrays
from glvortex.geometry.paths import Paths, edge_length
from glvortex.geometry.size_map import SizeMap

_TOO_LONG = 2**0.5  # times the length wished for
_ROUNDS = 10  # at most: each halves the edges of what it cuts


def refined(wished: SizeMap) -> MeshArrays:
    """Return the mesh of a size map with triangles cut until they are about as small as wished.

    Lines stay as they are, also where they stand for curved ones.
    """
    mesh, paths = wished.mesh, Paths(wished.mesh)
    for _ in range(_ROUNDS):
        middles = mesh.points[mesh.cells].mean(axis=1)
        within = paths.locate(middles)
        mesh = replace(mesh, cell_tags=wished.mesh.cell_tags[within])
        corners = wished.mesh.cells[within]
        sizes = (paths.weights(within, middles) * wished.sizes[corners]).sum(axis=1)
        chosen = np.flatnonzero(edge_length(mesh) > _TOO_LONG * sizes)
        if not chosen.size:
            return mesh
        mesh = _cut(mesh, chosen)
    middles = mesh.points[mesh.cells].mean(axis=1)
    return replace(mesh, cell_tags=wished.mesh.cell_tags[paths.locate(middles)])


def _cut(arrays: MeshArrays, chosen: np.ndarray) -> MeshArrays:
    """The mesh with the chosen triangles cut at all edges, and their neighbours to fit; no tags."""
    element = basix.ufl.element("Lagrange", "triangle", 1, shape=(2,))
    mesh = create_mesh(comm=MPI.COMM_SELF, cells=arrays.cells, x=arrays.points, e=element)
    topology = mesh.topology
    topology.create_entities(1)
    number = np.argsort(topology.original_cell_index)  # here of each cell in input order
    edges = topology.connectivity(2, 1).array.reshape(-1, 3)[number[chosen]]
    finer = refine(mesh, np.unique(edges).astype(np.int32))[0]
    cells = np.array(geometry_dofmap(finer), dtype=np.int64)
    return MeshArrays(finer.geometry.x[:, :2].copy(), cells, np.zeros(len(cells), dtype=np.int32))
