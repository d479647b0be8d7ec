"""The shape of a cell that no shear at constant area makes better."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import expm, expm_frechet
from scipy.optimize import minimize

from glvortex.geometry.sample import Cell

TOLERANCE = 1e-5
"""Shear stress over energy at which the shape of a cell has converged."""

# Shears at constant area: stretched along x and squeezed along y, and that turned by 45 degrees.
_SHEARS = np.array([[[1.0, 0.0], [0.0, -1.0]], [[0.0, 1.0], [1.0, 0.0]]])


@dataclass(frozen=True)
class Strained:
    """A relaxed cell: its energy and the derivative of it with strain (``observe.bulk.stress``)."""

    energy: float
    stress: np.ndarray


def relax_cell(
    cell: Cell, relaxed: Callable[[Cell], Strained], tolerance: float = TOLERANCE
) -> Cell:
    """Return the sheared cell of lowest energy near the given one.

    Args:
        cell: where to begin.
        relaxed: energy and stress of a cell, for cells that differ little from call to call.
        tolerance: shear stress over energy at which the shape has converged.

    """
    scale = abs(relaxed(cell).energy)

    def at(shear: np.ndarray) -> tuple[float, np.ndarray]:
        exponent = np.tensordot(shear, _SHEARS, 1)
        deformation = expm(exponent)
        found = relaxed(_deformed(cell, deformation))
        # each shear deforms on top of the deformation already there
        gradient = [
            np.sum(
                found.stress
                * (expm_frechet(exponent, each, compute_expm=False) @ np.linalg.inv(deformation))
            )
            for each in _SHEARS
        ]
        return found.energy / scale, np.array(gradient) / scale

    result = minimize(at, np.zeros(2), jac=True, method="BFGS", options={"gtol": tolerance})
    return _deformed(cell, expm(np.tensordot(result.x, _SHEARS, 1)))


def _deformed(cell: Cell, deformation: np.ndarray) -> Cell:
    (ax, ay), (bx, by) = np.array(cell.periods) @ deformation.T
    return Cell(((float(ax), float(ay)), (float(bx), float(by))), cell.flux_quanta)
