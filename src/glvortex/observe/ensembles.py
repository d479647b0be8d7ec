"""Many states of one kind: means with errors, ratios of means, resemblance of vortex maps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


class Estimate(NamedTuple):
    """A number and its standard error; NaN where it is unknown."""

    value: float
    error: float


UNKNOWN = Estimate(math.nan, math.nan)


def mean(values: ArrayLike) -> Estimate:
    """Mean of independent values (n,) and its standard error, NaN for one value."""
    found = np.asarray(values, dtype=float)
    if found.size == 0:
        return UNKNOWN
    error = found.std(ddof=1) / math.sqrt(found.size) if found.size > 1 else math.nan
    return Estimate(float(found.mean()), float(error))


def ratio(above: ArrayLike, below: ArrayLike) -> Estimate:
    """Ratio of two means over the same samples, (n,) each, with its error by the jackknife.

    NaN where what is below the line does not differ from 0 by three standard errors.
    """
    top, bottom = np.asarray(above, dtype=float), np.asarray(below, dtype=float)
    centre = mean(bottom)
    if top.size == 0 or centre.value == 0 or abs(centre.value) <= 3 * np.nan_to_num(centre.error):
        return UNKNOWN
    value = float(top.mean() / bottom.mean())
    n = top.size
    if n == 1:
        return Estimate(value, math.nan)
    left_out = (top.sum() - top) / (bottom.sum() - bottom)
    error = math.sqrt((n - 1) / n * float(((left_out - left_out.mean()) ** 2).sum()))
    return Estimate(value, error)


def vortex_map(places: ArrayLike, charges: ArrayLike, points: Floats, width: float) -> Floats:
    """Density (m,) at the points (m, 2) of vortices at (n, 2), each a Gaussian times its charge.

    ``width`` is its standard deviation: vortices closer than that count as at the same place.
    """
    away = points[:, None] - np.asarray(places, dtype=float).reshape(-1, 2)
    bells = np.exp(-(away**2).sum(axis=2) / (2 * width**2)) / (2 * np.pi * width**2)
    found: Floats = bells @ np.asarray(charges, dtype=float)
    return found


def resemblance(maps: Sequence[Floats]) -> Estimate:
    """Pearson's correlation of maps (m,), mean over all pairs, with its error by the jackknife.

    Maps without any contrast resemble nothing: their pairs count as 0. NaN for fewer than two maps;
    the error needs three.
    """
    n = len(maps)
    if n < 2:
        return UNKNOWN
    table = np.zeros((n, n))
    for i, j in combinations(range(n), 2):
        table[i, j] = table[j, i] = _correlation(maps[i], maps[j])
    value = table.sum() / (n * (n - 1))
    if n == 2:
        return Estimate(float(value), math.nan)
    left_out = (table.sum() - 2 * table.sum(axis=1)) / ((n - 1) * (n - 2))
    error = math.sqrt((n - 1) / n * float(((left_out - left_out.mean()) ** 2).sum()))
    return Estimate(float(value), error)


def _correlation(one: Floats, other: Floats) -> float:
    a, b = one - one.mean(), other - other.mean()
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / size if size > 0 else 0.0
