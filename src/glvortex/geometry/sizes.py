"""Edge lengths of the mesh: fixed in each part of an inclusion and the host, growing in between."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import shapely

from glvortex.geometry.grading import GROWTH, Target
from glvortex.geometry.inclusions import Disks, Inclusions
from glvortex.geometry.outlined import Outlines
from glvortex.geometry.sample import Floats

_TABLE_SIZE = 1e6  # distances that are tabulated
_Table = tuple[float, float, int, int, memoryview]  # corner of a box, its steps, the distances


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
    if isinstance(inclusions, Disks):
        return _from_circles(inclusions, reach)
    assert isinstance(inclusions, Outlines)
    return _from_tables(inclusions, reach)


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


def _from_tables(outlines: Outlines, reach: float) -> Target:
    """The distance interpolated from a table around each outline."""
    boxes = shapely.bounds(outlines.polygons) + np.array([-reach, -reach, reach, reach])
    area = float(np.prod(boxes[:, 2:] - boxes[:, :2], axis=1).sum())
    step = max(outlines.edge_width / 8, math.sqrt(area / _TABLE_SIZE))
    tables = [_table(outlines, i, box, step) for i, box in enumerate(boxes)]
    cell = float((boxes[:, 2:] - boxes[:, :2]).max())
    near: dict[tuple[int, int], list[_Table]] = defaultdict(list)
    for (x0, y0, x1, y1), table in zip(boxes.tolist(), tables, strict=True):
        for column in range(math.floor(x0 / cell), math.floor(x1 / cell) + 1):
            for row in range(math.floor(y0 / cell), math.floor(y1 / cell) + 1):
                near[column, row].append(table)

    def distance(x: float, y: float) -> float:
        nearest = math.inf
        place = math.floor(x / cell), math.floor(y / cell)
        for x0, y0, columns, rows, values in near.get(place, ()):
            u, v = (x - x0) / step, (y - y0) / step
            if not (0.0 <= u < columns and 0.0 <= v < rows):
                continue
            i, j = int(u), int(v)
            u, v = u - i, v - j
            low = (1 - u) * values[i, j] + u * values[i + 1, j]
            high = (1 - u) * values[i, j + 1] + u * values[i + 1, j + 1]
            nearest = min(nearest, (1 - v) * low + v * high)
        return nearest

    return distance


def _table(outlines: Outlines, i: int, box: Floats, step: float) -> _Table:
    """Distances to one mid-edge line on a grid over a box."""
    columns, rows = (math.ceil(float(box[k + 2] - box[k]) / step) for k in range(2))
    x = box[0] + step * np.arange(columns + 1)
    y = box[1] + step * np.arange(rows + 1)
    grid = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1)
    values = outlines.distance_to(i, grid.reshape(-1, 2)).reshape(columns + 1, rows + 1)
    return float(box[0]), float(box[1]), columns, rows, memoryview(values)
