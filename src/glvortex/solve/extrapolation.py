"""Energies on refined meshes, extrapolated to a mesh without end.

On meshes whose triangles are cut into four again and again the energy of a smooth state is
``E + c_2 h^2 + c_4 h^4 + ...``: Richardson's extrapolation takes out one power after the other.
Where the observed order is not 2, as at a re-entrant corner, only that one power is taken out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_REGULAR = 0.2  # how far from 2 the observed order of a smooth state may be


@dataclass(frozen=True)
class Extrapolation:
    """What a sequence of numbers on refined meshes tends to.

    Attributes:
        values: on each mesh, h halved every time.
        limit: the extrapolated number.
        error: estimate of its error, what the last step of the extrapolation changed.
        order: power of h observed on the last three meshes, nan for fewer.
    """

    values: tuple[float, ...]
    limit: float
    error: float
    order: float


def extrapolate(values: Sequence[float]) -> Extrapolation:
    """Extrapolate numbers on meshes of sizes h, h/2, h/4, ..."""
    values = tuple(map(float, values))
    if len(values) == 1:
        return Extrapolation(values, values[0], math.inf, math.nan)
    order = _order(values)
    if len(values) > 2 and not abs(order - 2) < _REGULAR:
        if not order > 0.0:  # it does not converge (yet)
            return Extrapolation(values, values[-1], math.inf, order)
        change = (values[-1] - values[-2]) / (2**order - 1)
        return Extrapolation(values, values[-1] + change, abs(change), order)
    row, best = list(values), [values[-1]]
    for power in range(2, 2 * len(values), 2):
        row = [b + (b - a) / (2**power - 1) for a, b in pairwise(row)]
        best.append(row[-1])
    return Extrapolation(values, best[-1], abs(best[-1] - best[-2]), order)


def _order(values: Sequence[float]) -> float:
    """Power of h by which the last change is smaller than the one before."""
    if len(values) < 3:
        return math.nan
    before, last = values[-2] - values[-3], values[-1] - values[-2]
    if last == 0.0:
        return math.inf if before else 2.0
    return math.log2(before / last) if before / last > 0.0 else -math.inf
