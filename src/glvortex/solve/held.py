"""A system some of whose unknowns are held at the values they have."""

from __future__ import annotations

import numpy as np
from petsc4py import PETSc

from glvortex.fem.energy import GinzburgLandau
from glvortex.solve.system import System


class HeldSystem(System):
    """Energy, gradient and Hessian of a functional in which f and a are held in places.

    The rows of what is held are those of the unit matrix, and its gradient is zero.

    Args:
        functional: the free energy.
        vertices, edges: True where f or a is held, for this rank's vertices and edges with ghosts.
    """

    def __init__(self, functional: GinzburgLandau, vertices: np.ndarray, edges: np.ndarray) -> None:
        super().__init__(functional)
        space = functional.space
        held = [np.repeat(vertices[: space.owned_vertices], 2)]
        if functional.screening:
            held.append(edges[: space.owned_edges])
        self._held = np.flatnonzero(np.concatenate(held)).astype(np.int32)
        self.matrix.setOption(PETSc.Mat.Option.KEEP_NONZERO_PATTERN, True)

    def gradient(self) -> PETSc.Vec:
        """Assemble the derivative of the energy, zero where the state is held."""
        vector = super().gradient()
        vector.array[self._held] = 0.0
        return vector

    def hessian(self, *, hold_phase: bool = False) -> PETSc.Mat:
        """Assemble the gauge-fixed Hessian with unit rows where the state is held."""
        matrix = super().hessian(hold_phase=hold_phase)
        start = matrix.getOwnershipRange()[0]
        matrix.zeroRowsColumns(self._held + start, diag=1.0)
        return matrix

    def pattern(self) -> np.ndarray:
        """Unknowns without any symmetry, zero where the state is held."""
        result = super().pattern()
        result[self._held] = 0.0
        return result
