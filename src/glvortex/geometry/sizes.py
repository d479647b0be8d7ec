"""Edge lengths of the mesh: fixed in each part of an inclusion and the host, growing in between."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

from glvortex.geometry.grading import GROWTH, Target
from glvortex.geometry.inclusions import Disks, Inclusions


@dataclass(frozen=True)
class MeshSizes:
    """Edge lengths aimed at, in xi; single edges come out up to 1.4 times as long.

    Attributes:
        size: in the host.
        edge_size: in the edge regions of the inclusions.
        core_size: in the cores of the inclusions.
    """

    size: float
    edge_size: float
    core_size: float

    @staticmethod
    def of(
        size: float | None, edge_size: float | None, core_size: float | None, edge_width: float
    ) -> MeshSizes:
        """Fill in what is None: size 1 xi, four triangles across an edge region, cores as the host.

        Without inclusions (`edge_width` 0) the three are equal.
        """
        host = 1.0 if size is None else size
        resolved = min(host, edge_width / 4) if edge_width > 0.0 else host
        return MeshSizes(
            host,
            resolved if edge_size is None else edge_size,
            host if core_size is None else core_size,
        )


def around_inclusions(inclusions: Inclusions, sizes: MeshSizes) -> Target:
    """Edge length aimed at, as a function of x and y: fixed per region, with smooth growth between.

    gmsh asks for it some ten times per vertex, so it must answer fast.
    """
    if len(inclusions) == 0:
        return lambda x, y: sizes.size
    half = inclusions.edge_width / 2
    distance = _edge_distance(inclusions, half + abs(sizes.size - sizes.edge_size) / GROWTH)

    def target(x: float, y: float) -> float:
        signed = distance(x, y)
        if signed == math.inf:
            return sizes.size
        away = abs(signed) - half
        if away <= 0.0:
            return sizes.edge_size
        change = (sizes.size if signed > 0.0 else sizes.core_size) - sizes.edge_size
        return sizes.edge_size + math.copysign(min(abs(change), GROWTH * away), change)

    return target


def _edge_distance(inclusions: Inclusions, reach: float) -> Target:
    """Distance to the nearest mid-edge line, negative inside; inf where it may exceed `reach`."""
    assert isinstance(inclusions, Disks)
    return _from_circles(inclusions, reach)


def _from_circles(disks: Disks, reach: float) -> Target:
    """The distance by looking only at circles near the point."""
    cell = float(disks.outer_radius.max()) - disks.edge_width / 2 + reach
    near: dict[tuple[int, int], list[tuple[float, float, float]]] = defaultdict(list)
    for circle in zip(disks.x, disks.y, disks.radius, strict=True):
        x, y, radius = map(float, circle)  # plain floats: the callback is called very often
        far = radius + reach
        for column in range(math.floor((x - far) / cell), math.floor((x + far) / cell) + 1):
            for row in range(math.floor((y - far) / cell), math.floor((y + far) / cell) + 1):
                near[column, row].append((x, y, radius))

    def distance(x: float, y: float) -> float:
        candidates = near.get((math.floor(x / cell), math.floor(y / cell)))
        if candidates is None:
            return math.inf
        return min(math.hypot(x - cx, y - cy) - radius for cx, cy, radius in candidates)

    return distance
