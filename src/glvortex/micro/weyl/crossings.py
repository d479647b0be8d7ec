"""Narrow crossings of levels in the limit 004 (6), widened without changing their integral.

004 (6) is a sum over levels of <a|J|a><a|P|a>, P the filling of the sites. Where two levels of
different places cross, H = [[x, d], [d, -x]] with a splitting 2 d that may be as small as one
likes, they share velocity and place while |x| < d. The sum over both has a dip
2 <a|J|b><b|P|a> = C d^2/(x^2 + d^2): it is real and its integral pi C d counts, but no quadrature
sees it. For constant C, d and dx/dq_y the dip T = C d^2/r^2 exp(-r^2/w^2), r^2 = x^2 + d^2, has
with u = d/w the moments

    integral of T dx = sqrt(pi) w C m0, m0 = sqrt(pi) u erfc(u),
    integral of T x^2 dx = sqrt(pi) w^3 C m2, m2 = u^2 (exp(-u^2) - m0),

and the same moments has C ((3 m0/2 - m2) + (2 m2 - m0) x^2/w^2) exp(-x^2/w^2). Adding T and taking
this away leaves the integral, and nothing is rougher than w. The error comes from C, d and slopes
that change along w, and falls with a high power of w (measured: the fourth to sixth).

Levels that are degenerate everywhere have no dip, but no states of their own either: there the sum
becomes the trace over both, the limit of 004 (5).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfc

from glvortex.micro.estimate import Array

Index = NDArray[np.intp]

FARTHEST = 6.0  # widths in q_y: pairs of levels farther apart in energy keep their dip


class Crossings(NamedTuple):
    """Pairs of close levels a and b: all (p,), but for ``dip`` (p, c) of every case.

    ``rows`` is their momentum, ``half`` (E_b - E_a)/2 >= 0, ``apart`` half the difference of
    <dH/dq_y>, ``size`` |<a|dH/dq_y|b>| and ``dip`` 2 <a|J|b><b|P|a>.
    """

    rows: Index
    half: Array
    apart: Array
    size: Array
    dip: Array


def widened(count: int, pairs: Crossings, widths: Array) -> Array:
    """What to add to 004 (6) at ``count`` momenta for every width in q_y: (n, w, c)."""
    rows, half, apart, size, dip = pairs
    slope = np.hypot(apart, size)  # of x, in the direction in which q_y moves the pair
    slope = np.where(slope > 0.0, slope, 1.0)
    d = half * size / slope
    ratio = np.divide(half, d, out=np.ones_like(d), where=d > 0.0) ** 2
    total = np.zeros((count, len(widths), dip.shape[1]))
    for i, width in enumerate(widths):
        u, x = d / (width * slope), half * apart / (width * slope**2)
        m0 = np.sqrt(np.pi) * u * erfc(u)
        m2 = u**2 * (np.exp(-(u**2)) - m0)
        wide = (1.5 * m0 - m2 + (2.0 * m2 - m0) * x**2) * np.exp(-(x**2))
        kernel = np.exp(-((half / (width * slope)) ** 2)) - ratio * wide
        np.add.at(total[:, i], rows, kernel[:, None] * dip)
    return total


def near_pairs(energy: Array, width: float) -> tuple[Index, Index, Index]:
    """Row, lower and upper level (p,) of all pairs that ``width`` in q_y concerns."""
    order = np.argsort(energy, axis=1)
    ordered = np.take_along_axis(energy, order, axis=1)
    none: Index = np.zeros(0, dtype=np.intp)
    found: list[tuple[Index, Index, Index]] = [(none, none, none)]
    for offset in range(1, energy.shape[1]):
        close = ordered[:, offset:] - ordered[:, :-offset] < FARTHEST * width
        row, place = np.nonzero(close)
        if len(row) == 0:
            break
        found.append((row, order[row, place], order[row, place + offset]))
    rows, a, b = (np.concatenate(x) for x in zip(*found, strict=True))
    return rows, a, b
