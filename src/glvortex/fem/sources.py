"""The fields inclusions make: the pseudo-gauge field a~ on edges, the magnetisation m^ in cells."""

from __future__ import annotations

import numpy as np
from dolfinx import fem

from glvortex.fem.space import CovariantSpace
from glvortex.geometry.inclusions import Inclusions


def pseudo_gauge_field(space: CovariantSpace, inclusions: Inclusions) -> fem.Function:
    """Return a~ of all inclusions, in Phi0/(2 pi xi), as a function of the edges."""

    def field(x: np.ndarray) -> np.ndarray:
        in_space = np.zeros((space.dim, x.shape[1]))
        in_space[:2] = inclusions.pseudo_gauge_at(x[:2].T, space.lattice)
        return in_space

    result = fem.Function(space.vector_potential, name="pseudo_gauge")
    result.interpolate(field)
    return result


def magnetisation_field(space: CovariantSpace, inclusions: Inclusions) -> fem.Function:
    """Return m^ of all inclusions along z, in Bc2/mu0, constant in each cell."""
    result = fem.Function(fem.functionspace(space.mesh, ("DG", 0)), name="magnetisation")
    result.interpolate(lambda x: inclusions.magnetisation_at(x[:2].T, space.lattice))
    return result
