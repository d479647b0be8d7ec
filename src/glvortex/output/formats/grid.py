"""A mesh with its fields as ParaView's formats have it, spread over the ranks."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from mpi4py import MPI

from glvortex.compat import geometry_dofmap
from glvortex.geometry.arrays import MeshArrays, MeshData
from glvortex.output.formats.spread import BLOCK, Rows, in_slabs
from glvortex.output.state.fields import FIELDS, Floats


@dataclass(frozen=True)
class Grid:
    """Simplices in input order; equal on any number of ranks but for where the rows lie.

    Attributes:
        points: (points, 3) coordinates in xi.
        cells: (cells, d+1) numbers of points.
        point_data: per field (points,) or (points, 3).
        cell_data: per field (cells,).
    """

    points: Rows
    cells: Rows
    point_data: dict[str, Rows] = field(default_factory=dict)
    cell_data: dict[str, Rows] = field(default_factory=dict)


def grid_of_fields(mesh_data: MeshData, values: dict[str, Floats]) -> Grid:
    """Return the grid of corner values (`glvortex.output.state.fields`); collective.

    Every cell has corners of its own, so that jumps between cells survive; what is constant in
    each cell is cell data.
    """
    mesh = mesh_data.mesh
    comm = mesh.comm
    corners = {"corners": mesh.geometry.x[geometry_dofmap(mesh)]}
    rows = in_slabs(mesh, values | corners)
    per_cell = mesh.topology.dim + 1
    points = Rows.of(rows["corners"].reshape(-1, 3), comm, per_cell * BLOCK)
    count = len(points.values)
    numbers = np.arange(points.first, points.first + count).reshape(-1, per_cell)
    point_data, cell_data = {}, {}
    for each in FIELDS:
        value = rows[each.name]
        if each.per_cell:
            kind = np.int32 if each.name == "subdomain" else np.float64
            cell_data[each.name] = Rows.of(value[:, 0].astype(kind), comm)
        else:
            flat = value.reshape(count, *value.shape[2:])
            flat = _padded(flat) if flat.ndim == 2 else flat
            point_data[each.name] = replace(points, values=flat)
    return Grid(points, Rows.of(numbers, comm), point_data, cell_data)


def grid_of_mesh(arrays: MeshArrays | None, comm: MPI.Intracomm) -> Grid:
    """Return the grid of the first rank's mesh (None on the others); collective."""
    dim = comm.bcast(arrays.points.shape[1] if arrays else None)
    if arrays is None:
        nothing = np.zeros(0, dtype=np.int32)
        arrays = MeshArrays(np.zeros((0, dim)), np.zeros((0, dim + 1), dtype=np.int64), nothing)
    return Grid(
        Rows.of(_padded(arrays.points), comm),
        Rows.of(arrays.cells.astype(np.int64), comm),
        cell_data={"subdomain": Rows.of(arrays.cell_tags.astype(np.int32), comm)},
    )


def _padded(vectors: Floats) -> Floats:
    """Vectors with three components, as VTK wants them."""
    return np.pad(vectors, [(0, 0), (0, 3 - vectors.shape[1])])
