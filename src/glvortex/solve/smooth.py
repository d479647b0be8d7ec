"""A field known at scattered points, with a continuous slope between them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CloughTocher2DInterpolator

from glvortex.geometry.lattice import Lattice

Floats = NDArray[np.float64]

_MARGIN = 0.3  # of a period: what is known beyond the home cell
_STEP = 1e-4  # of lengths of one: differences that give the slope


class SmoothField:
    """The cubic interpolant of Clough and Tocher through values at points (n, 2), 0 outside."""

    def __init__(self, points: Floats, values: Floats, lattice: Lattice | None = None) -> None:
        if lattice is not None:
            steps = np.stack(np.meshgrid(*[[-1, 0, 1]] * len(lattice.periods)), axis=-1)
            shifts = steps.reshape(-1, len(lattice.periods)) @ lattice.matrix
            points = (points[:, None] + shifts).reshape(-1, 2)
            values = np.repeat(values, len(shifts))
            fractions = points @ np.linalg.pinv(lattice.matrix)
            near = (np.abs(fractions - 0.5) < 0.5 + _MARGIN).all(axis=1)
            points, values = points[near], values[near]
        self._interpolant = CloughTocher2DInterpolator(points, values, fill_value=0.0)

    def __call__(self, places: Floats) -> tuple[Floats, Floats]:
        """Return values (n,) and slopes (n, 2) at places (n, 2)."""
        steps = _STEP * np.array([[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]])
        here, right, left, up, down = self._interpolant(places + steps[:, None])
        return here, np.column_stack([right - left, up - down]) / (2 * _STEP)
