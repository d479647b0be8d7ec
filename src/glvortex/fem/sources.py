"""The fields inclusions make: the pseudo-gauge field a~ on edges, the magnetisation m^ in cells."""

from __future__ import annotations

import numpy as np
from dolfinx import fem

from glvortex.fem.space import CovariantSpace
from glvortex.geometry.inclusions import Inclusions


def pseudo_gauge_field(space: CovariantSpace, inclusions: Inclusions) -> fem.Function:
    """Return a~ summed over inclusions, in Phi0/(2 pi xi), as a function of the edges.

    Each contributes ``a0 [tanh((r - R + d/2)/w) - tanh((r - R - d/2)/w)]/2`` along phi^: the
    azimuthal field of 003 Sec. II with smooth flanks.
    """

    def field(x: np.ndarray) -> np.ndarray:
        total = np.zeros((space.dim, x.shape[1]))
        half, smoothing = inclusions.edge_width / 2, inclusions.edge_smoothing
        for i in range(len(inclusions)):
            dx, dy = _from_centre(space, x, inclusions, i)
            r = np.maximum(np.hypot(dx, dy), 1e-12)
            depth = r - inclusions.radius[i]
            profile = np.tanh((depth + half) / smoothing) - np.tanh((depth - half) / smoothing)
            size = inclusions.pseudo_gauge[i] * profile / (2 * r)
            total[0] -= size * dy
            total[1] += size * dx
        return total

    result = fem.Function(space.vector_potential, name="pseudo_gauge")
    result.interpolate(field)
    return result


def magnetisation_field(space: CovariantSpace, inclusions: Inclusions) -> fem.Function:
    """Return m^ along z in Bc2/mu0, constant in each cell.

    Each inclusion contributes its value inside its mid-edge radius R, with a tanh flank of the same
    width as that of a~.
    """

    def field(x: np.ndarray) -> np.ndarray:
        total = np.zeros(x.shape[1])
        for i in range(len(inclusions)):
            r = np.hypot(*_from_centre(space, x, inclusions, i))
            inside = (1 - np.tanh((r - inclusions.radius[i]) / inclusions.edge_smoothing)) / 2
            total += inclusions.magnetisation[i] * inside
        return total

    result = fem.Function(fem.functionspace(space.mesh, ("DG", 0)), name="magnetisation")
    result.interpolate(field)
    return result


def _from_centre(
    space: CovariantSpace, x: np.ndarray, inclusions: Inclusions, i: int
) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates from the centre of an inclusion, from that of its nearest image in a cell."""
    away = np.column_stack([x[0] - inclusions.x[i], x[1] - inclusions.y[i]])
    if space.lattice is not None:
        away = space.lattice.nearest_image(away)
    return away[:, 0], away[:, 1]
