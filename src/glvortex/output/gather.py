"""A mesh and its fields on one rank, in an order that does not depend on the number of ranks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from dolfinx.mesh import Mesh
from numpy.typing import NDArray

from glvortex.compat import geometry_dofmap
from glvortex.geometry.mesh import CellTag
from glvortex.output.fields import Floats


@dataclass(frozen=True)
class GatheredFields:
    """A whole mesh with its fields, in the order of the mesh generator: the same on any ranks.

    Attributes:
        points: (vertices, d) coordinates in xi.
        cells: (cells, d+1) rows of `points`.
        values: per field (cells, d+1) or (cells, d+1, d), at the corners.
    """

    points: Floats
    cells: NDArray[np.int64]
    values: dict[str, Floats]

    def at_vertices(self, name: str) -> Floats:
        """Means over the cells around each vertex, weighted with their size; phases not allowed."""
        corners = self.values[name]
        flat = corners.reshape(*self.cells.shape, -1)
        # cells of holes count only where there are no others
        size = np.where(self.values["subdomain"][:, 0] == CellTag.HOLE, 1e-9, 1.0) * self._sizes()
        weight = np.repeat(size[:, None], self.cells.shape[1], axis=1).ravel()
        index, count = self.cells.ravel(), len(self.points)
        total = np.bincount(index, weight, count)
        columns = [np.bincount(index, weight * c.ravel(), count) for c in np.moveaxis(flat, 2, 0)]
        means = np.column_stack(columns) / total[:, None]
        return means if corners.ndim == 3 else means[:, 0]

    def _sizes(self) -> Floats:
        corners = self.points[self.cells]
        return np.abs(np.linalg.det(corners[:, 1:] - corners[:, :1]))


def gather(mesh: Mesh, values: dict[str, Floats]) -> GatheredFields | None:
    """Collect corner values from all ranks on rank 0 (None elsewhere); collective."""
    comm, dim = mesh.comm, mesh.topology.dim
    owned = mesh.topology.index_map(dim).size_local
    nodes = geometry_dofmap(mesh)[:owned]
    local = {
        "order": np.asarray(mesh.topology.original_cell_index[:owned]),
        "nodes": np.asarray(mesh.geometry.input_global_indices)[nodes],
        "corners": mesh.geometry.x[nodes][:, :, :dim],
    }
    pieces = {name: comm.gather(rows) for name, rows in local.items()}
    value_pieces = {name: comm.gather(value[:owned]) for name, value in values.items()}
    if comm.rank != 0:
        return None
    whole = {name: np.concatenate(rows) for name, rows in pieces.items() if rows}
    order = np.argsort(whole["order"], kind="stable")
    corners, nodes = whole["corners"][order], whole["nodes"][order]
    _, first, rows = np.unique(nodes, return_index=True, return_inverse=True)
    sorted_values = {n: np.concatenate(rows)[order] for n, rows in value_pieces.items() if rows}
    return GatheredFields(
        corners.reshape(-1, dim)[first], rows.reshape(nodes.shape), sorted_values
    )
