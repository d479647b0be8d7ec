"""A mesh and its fields on one rank, in an order that does not depend on the number of ranks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glvortex.geometry.arrays import MeshData, collect, in_input_order
from glvortex.geometry.mesh import CellTag
from glvortex.output.state.fields import Floats


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


def gather(mesh_data: MeshData, values: dict[str, Floats]) -> GatheredFields | None:
    """Collect corner values from all ranks on rank 0 (None elsewhere); collective."""
    arrays = collect(mesh_data)
    whole = {name: in_input_order(mesh_data.mesh, value) for name, value in values.items()}
    return GatheredFields(arrays.points, arrays.cells, whole) if arrays else None
