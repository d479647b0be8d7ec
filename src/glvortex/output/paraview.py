"""Fields for ParaView: `fields.bp`, written by all ranks, and `fields.vtu`, written by one.

Lengths are in xi and fields in reduced units; `glvortex.output.fields.FIELDS` names them.
"""

from __future__ import annotations

from pathlib import Path

import dolfinx
import meshio
import numpy as np
from dolfinx import fem
from dolfinx.mesh import Mesh

from glvortex.output.fields import FIELDS, Floats
from glvortex.output.gather import GatheredFields

CELLS = {2: "triangle", 3: "tetra"}


def bp_available() -> bool:
    """Whether this DOLFINx can write `fields.bp` (it can where it was built with ADIOS2)."""
    return bool(dolfinx.has_adios2)


def write_bp(path: Path, mesh: Mesh, values: dict[str, Floats]) -> None:
    """Write corner values of all local cells as one VTX file, a folder; collective.

    Every field is one discontinuous linear function, scalar or vector: those may share a file,
    because VTX asks for the same element, not for the same number of components.
    """
    from dolfinx.io import VTXWriter

    functions = []
    for name, value in values.items():
        components = value.shape[2:]
        space = fem.functionspace(mesh, ("DG", 1, components) if components else ("DG", 1))
        function = fem.Function(space, name=name)
        # the nodes of a linear element are the corners, in their order
        nodes = function.x.array.reshape(-1, *components)
        nodes[space.dofmap.list] = value
        functions.append(function)
    with VTXWriter(mesh.comm, path, functions, engine="BP4") as writer:
        writer.write(0.0)


def write_vtu(path: Path, fields: GatheredFields) -> None:
    """Write gathered fields as one VTU file (call it on one rank).

    Every cell has corners of its own, so that jumps between cells survive; what is constant in
    each cell is cell data.
    """
    dim = fields.points.shape[1]
    corners = _padded(fields.points)[fields.cells.ravel()]
    cells = np.arange(len(corners)).reshape(fields.cells.shape)
    point_data, cell_data = {}, {}
    for field in FIELDS:
        value = fields.values[field.name]
        if value.ndim == 3:
            value = _padded(value)
        if field.name == "subdomain":
            value = value.astype(np.int32)
        if field.per_cell:
            cell_data[field.name] = [value[:, 0]]
        else:
            point_data[field.name] = value.reshape(len(corners), *value.shape[2:])
    mesh = meshio.Mesh(corners, [(CELLS[dim], cells)], point_data=point_data, cell_data=cell_data)
    meshio.write(path, mesh, file_format="vtu")


def _padded(vectors: Floats) -> Floats:
    """Vectors with three components, as VTK wants them."""
    missing = 3 - vectors.shape[-1]
    return np.pad(vectors, [(0, 0)] * (vectors.ndim - 1) + [(0, missing)])
