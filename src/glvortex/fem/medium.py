"""What a sample with holes and regions is made of: coefficients that change from cell to cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from dolfinx import fem, mesh

from glvortex.fem.linear import lumped
from glvortex.fem.space import CovariantSpace
from glvortex.geometry.regions import Hole, Region
from glvortex.geometry.sample import Sample


@dataclass(frozen=True)
class Medium:
    """Piecewise constant coefficients of the energy, and what is where.

    Attributes:
        space: the space of the sample.
        inside: 1 in the sample and 0 in holes.
        t: 1 - T/Tc, negative in a normal metal, 0 in holes.
        quartic: weight of |f|^4/2, (local kappa/kappa)^2.
        held: 1 at vertices that only hole cells meet, where there is no order parameter.
        holes: per hole, this rank's cells in it, ghosts included.
        regions: per region the same.

    """

    space: CovariantSpace
    inside: fem.Function
    t: fem.Function
    quartic: fem.Function
    held: fem.Function
    holes: tuple[np.ndarray, ...]
    regions: tuple[np.ndarray, ...]

    @cached_property
    def density(self) -> fem.Function:
        """|f|^2 of the uniform state of each cell's material, 0 in holes and normal regions."""
        result = fem.Function(self.t.function_space)
        self._fill(result)
        return result

    def _fill(self, density: fem.Function) -> None:
        density.x.array[:] = np.maximum(self.t.x.array, 0.0) / self.quartic.x.array

    def shift(self, change: float) -> None:
        """Add to t everywhere in the sample: the change of a temperature that is the same there."""
        self.t.x.array[:] += change * self.inside.x.array
        self._fill(self.density)

    @property
    def density_at_vertices(self) -> np.ndarray:
        """Mean of ``density`` over the cells of the sample at each vertex of this rank."""
        amount = self._spread(self.density)
        return amount / np.where(self.held.x.array == 1.0, 1.0, self._spread(self.inside))

    def at_vertices(self, coefficient: fem.Function) -> np.ndarray:
        """Mean of a coefficient over all cells at each vertex of this rank."""
        return self._spread(coefficient) / self._spread(1.0)

    def _spread(self, coefficient: Any) -> np.ndarray:
        return lumped(self.space, coefficient)


def make_medium(
    space: CovariantSpace, t: float, holes: Sequence[Hole], regions: Sequence[Region]
) -> Medium | None:
    """Return the medium of a sample of reduced temperature t, None for a uniform one; collective.

    The mesh follows the shapes, so a cell belongs to a shape in which its middle lies.
    """
    if not holes and not regions:
        return None
    index_map = space.mesh.topology.index_map(space.dim)
    cells = np.arange(index_map.size_local + index_map.num_ghosts, dtype=np.int32)
    middles = mesh.compute_midpoints(space.mesh, space.dim, cells)[:, :2]

    def cells_in(shape: Sample) -> np.ndarray:
        return np.flatnonzero(shape.contains(middles))

    in_holes = tuple(cells_in(hole.shape) for hole in holes)
    in_regions = tuple(cells_in(region.shape) for region in regions)
    constants = fem.functionspace(space.mesh, ("DG", 0))
    inside, local_t, quartic = (fem.Function(constants) for _ in range(3))
    inside.x.array[:] = quartic.x.array[:] = 1.0
    local_t.x.array[:] = t
    for region, found in zip(regions, in_regions, strict=True):
        local_t.x.array[found], quartic.x.array[found] = region.t, region.quartic
    for found in in_holes:
        inside.x.array[found], local_t.x.array[found], quartic.x.array[found] = 0.0, 0.0, 1.0
    held = fem.Function(space.weight)
    held.x.array[:] = lumped(space, inside) == 0.0
    return Medium(space, inside, local_t, quartic, held, in_holes, in_regions)
