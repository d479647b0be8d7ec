"""Smaller triangles at re-entrant corners, where the flow of the pairs is singular.

At a corner that the sample fills with the angle omega > pi the flow grows like r^(mu - 1), mu =
pi/omega, and uniform triangles of size h would leave an energy error of order h^(2 mu). Edges that
shrink as (r/reach)^(1 - beta), beta < mu, bring the order 2 back (docs/theory.md, section 5).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable

from glvortex.geometry.regions import reflex_corners
from glvortex.geometry.sample import Sample

_REACH = 4.0  # xi around a corner
_BETA = 0.75  # share of mu

Target = Callable[[float, float], float]


def graded(target: Target, sample: Sample, size: float) -> Target:
    """Return the edge length `target` made smaller around the sample's re-entrant corners.

    `size` is the edge length in the host, which says how small the smallest has to be.
    """
    near: dict[tuple[int, int], list[tuple[float, float, float]]] = defaultdict(list)
    for x, y, angle in reflex_corners(sample):
        beta = _BETA * math.pi / angle
        column, row = math.floor(x / _REACH), math.floor(y / _REACH)
        for place in [(column + i, row + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]:
            near[place].append((x, y, beta))
    if not near or size >= _REACH:
        return target

    def smaller(x: float, y: float) -> float:
        factor = 1.0
        for cx, cy, beta in near.get((math.floor(x / _REACH), math.floor(y / _REACH)), ()):
            r = math.hypot(x - cx, y - cy) / _REACH
            smallest = (size / _REACH) ** (1 / beta - 1)
            factor = min(factor, max(r ** (1 - beta), smallest))
        return factor * target(x, y)

    return smaller
