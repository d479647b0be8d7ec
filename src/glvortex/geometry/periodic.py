"""Cells and strips in gmsh: opposite sides are meshed alike, and plain cells regularly."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from dolfinx.mesh import exterior_facet_indices, meshtags
from mpi4py import MPI

from glvortex.compat import geometry_dofmap, model_to_mesh
from glvortex.geometry.lattice import Floats, Lattice
from glvortex.geometry.wrapped import wrapped_mesh


def match_sides(gmsh: Any, corners: Floats, lattice: Lattice) -> None:
    """Make gmsh mesh opposite sides of a drawn parallelogram alike, those a period apart."""
    sides = _sides(gmsh, corners)
    for side in range(len(lattice.periods)):
        x, y = corners[(side + 3) % 4] - corners[side]
        translation = [1, 0, 0, x, 0, 1, 0, y, 0, 0, 1, 0, 0, 0, 0, 1]
        gmsh.model.mesh.setPeriodic(1, [sides[side + 2]], [sides[side]], translation)


def mesh_regularly(gmsh: Any, corners: Floats, size: float) -> None:
    """Ask for equal triangles if the parallelogram is a single surface, short diagonals drawn."""
    surfaces = gmsh.model.getEntities(2)
    if len(surfaces) > 1:
        return
    for side, curve in enumerate(_sides(gmsh, corners)):
        length = math.dist(corners[side], corners[(side + 1) % 4])
        gmsh.model.mesh.setTransfiniteCurve(curve, max(math.ceil(length / size), 3) + 1)
    first, second = corners[2] - corners[0], corners[3] - corners[1]
    short = "Left" if np.linalg.norm(first) > np.linalg.norm(second) else "Right"
    gmsh.model.mesh.setTransfiniteSurface(surfaces[0][1], short)


def _sides(gmsh: Any, corners: Floats) -> list[int]:
    """The curve of each side, from corner to corner."""
    curves = [tag for _, tag in gmsh.model.getEntities(1)]
    middles = np.array([gmsh.model.occ.getCenterOfMass(1, tag)[:2] for tag in curves])
    wanted = (corners + np.roll(corners, -1, axis=0)) / 2
    return [curves[np.argmin(np.hypot(*(middles - middle).T))] for middle in wanted]


def distribute_wrapped(
    model: Any, comm: MPI.Intracomm, lattice: Lattice, boundary: int
) -> tuple[Any, Any, Any]:
    """Turn the gmsh model held by the first rank into a mesh that repeats; collective.

    Returns the mesh, its cell tags and its facet tags: ``boundary`` where it does not repeat.
    """
    arrays = None
    if comm.rank == 0:
        flat, tags, _ = model_to_mesh(model, MPI.COMM_SELF, 0, gdim=2)
        order = np.argsort(flat.topology.original_cell_index)
        cells = np.asarray(geometry_dofmap(flat)[order], dtype=np.int64)
        arrays = flat.geometry.x[:, :2].copy(), cells, tags.values[order]
    points, cells, values = comm.bcast(arrays)
    mesh = wrapped_mesh(comm, points, cells, lattice)
    original = np.asarray(mesh.topology.original_cell_index)
    index = np.arange(len(original), dtype=np.int32)
    mesh.topology.create_connectivity(1, 2)
    facets = exterior_facet_indices(mesh.topology)
    return (
        mesh,
        meshtags(mesh, 2, index, values[original].astype(np.int32)),
        meshtags(mesh, 1, facets, np.full(len(facets), boundary, dtype=np.int32)),
    )
