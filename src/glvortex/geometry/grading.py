"""Smaller triangles where the state changes faster than on the scale of xi.

At a corner that the sample fills with the angle omega > pi the flow grows like r^(mu - 1), mu =
pi/omega, and uniform triangles of size h would leave an energy error of order h^(2 mu). Edges that
shrink as (r/reach)^(1 - beta), beta < mu, bring the order 2 back (docs/theory.md, section 5).

In a region of reduced temperature t the order parameter changes on the scale xi/sqrt|t|; in a
normal one it does so at the edge only.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence

from glvortex.geometry.regions import Region, reflex_corners
from glvortex.geometry.sample import Cornered, Disk, Sample, sides_of

GROWTH = 0.25  # how fast the edge length may change with distance
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


def resolved(target: Target, regions: Sequence[Region], size: float) -> Target:
    """Return the edge length `target` made smaller where regions have a shorter coherence length.

    `size` is what resolves xi.
    """
    for region in regions:
        if abs(region.t) > 1.0:
            target = _resolved(target, region, size)
    return target


def _resolved(target: Target, region: Region, size: float) -> Target:
    smallest = size / math.sqrt(abs(region.t))
    distance = _edge_distance(region.shape)
    reach = (size - smallest) / GROWTH
    xmin, ymin, xmax, ymax = region.shape.bounds

    def smaller(x: float, y: float) -> float:
        wanted = target(x, y)
        if not (xmin - reach < x < xmax + reach and ymin - reach < y < ymax + reach):
            return wanted
        away, inside = distance(x, y)
        if inside and region.t > 0.0:
            away = 0.0
        return min(wanted, smallest + GROWTH * away)

    return smaller


def _edge_distance(shape: Sample) -> Callable[[float, float], tuple[float, bool]]:
    """Distance of a point to the edge of a simple shape, and whether it lies inside.

    gmsh asks for it some ten times per vertex, which numpy would be slow at.
    """
    if isinstance(shape, Disk):
        (cx, cy), radius = shape.centre, shape.radius

        def from_circle(x: float, y: float) -> tuple[float, bool]:
            away = math.hypot(x - cx, y - cy) - radius
            return abs(away), away < 0.0

        return from_circle
    assert isinstance(shape, Cornered)
    sides = [(*map(float, start), *map(float, end)) for start, end in sides_of(shape.corners)]

    def from_sides(x: float, y: float) -> tuple[float, bool]:
        nearest, inside = math.inf, False
        for x0, y0, x1, y1 in sides:
            ux, uy = x1 - x0, y1 - y0
            along = ((x - x0) * ux + (y - y0) * uy) / (ux * ux + uy * uy)
            along = min(max(along, 0.0), 1.0)
            nearest = min(nearest, math.hypot(x - x0 - along * ux, y - y0 - along * uy))
            if (y0 > y) != (y1 > y) and x < x0 + (y - y0) * ux / uy:
                inside = not inside
        return nearest, inside

    return from_sides
