"""The order parameter between the corners of the cells, as the covariant interpolant has it.

From corner to corner its phase may turn by more than a colour scale can follow; the interpolant
(`glvortex.fem.space`) says how, so cells are cut into pieces small enough to draw.
"""

from __future__ import annotations

import math

import numpy as np
from matplotlib.tri import Triangulation
from numpy.typing import NDArray

from glvortex.output.state.fields import Floats
from glvortex.output.state.gather import GatheredFields

_TURN = 0.5  # radians from corner to corner of a piece
_MOST_PIECES = 1_000_000


def drawn_order_parameter(fields: GatheredFields) -> tuple[Triangulation, NDArray[np.complex128]]:
    """Return pieces of all triangles, in xi, and f at their corners (two dimensions)."""
    corners = fields.points[fields.cells]
    potential = fields.values["vector_potential"] + fields.values["pseudo_gauge"]
    f = fields.values["order_parameter"] * np.exp(1j * fields.values["phase"])
    weights, pieces = _lattice(_cuts(corners, potential))

    x = np.einsum("pk,ckd->cpd", weights, corners)
    felt = np.einsum("pk,ckd->cpd", weights, potential)
    value = np.zeros(x.shape[:2], dtype=complex)
    for i in range(3):
        angle = np.einsum("cpd,cpd->cp", felt, x - corners[:, i : i + 1])
        value += weights[:, i] * f[:, i : i + 1] * np.exp(-1j * angle)
    first = len(weights) * np.arange(len(corners))
    cells = (first[:, None, None] + pieces).reshape(-1, 3)
    points = x.reshape(-1, 2)
    return Triangulation(points[:, 0], points[:, 1], cells), value.ravel()


def _cuts(corners: Floats, potential: Floats) -> int:
    """Into how many parts each edge is cut."""
    edges = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    turn = float((edges * np.linalg.norm(potential, axis=2).max(axis=1)).max())
    most = math.isqrt(max(_MOST_PIECES // len(corners), 1))
    return min(max(math.ceil(turn / _TURN), 1), most)


def _lattice(cuts: int) -> tuple[Floats, NDArray[np.int64]]:
    """Barycentric coordinates of the points of a cut triangle, and its pieces."""
    places = [(i, j) for j in range(cuts + 1) for i in range(cuts + 1 - j)]
    number = {place: n for n, place in enumerate(places)}
    pieces = []
    for i, j in places:
        if i + j < cuts:
            pieces.append([number[i, j], number[i + 1, j], number[i, j + 1]])
        if i + j < cuts - 1:
            pieces.append([number[i + 1, j], number[i + 1, j + 1], number[i, j + 1]])
    weights = np.array([(cuts - i - j, i, j) for i, j in places]) / cuts
    return weights, np.array(pieces)
