"""Holes and regions brought into a gmsh drawing, so that no triangle lies across their edges."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

import numpy as np

from glvortex.errors import ParameterError
from glvortex.geometry.regions import Region, enclosed_holes
from glvortex.geometry.sample import Disk, Sample


class CellTag(IntEnum):
    """What a cell belongs to; a region's cells inside an inclusion are the inclusion's."""

    HOST = 1
    CORE = 2
    EDGE = 3
    HOLE = 4
    REGION = 5


def outline(occ: Any, sample: Sample) -> tuple[int, list[int]]:
    """Draw a simple outline; return it as a gmsh curve loop, and its curves."""
    if isinstance(sample, Disk):
        curves = [occ.addCircle(*sample.centre, 0.0, sample.radius)]
    else:
        points = [occ.addPoint(x, y, 0.0) for x, y in sample.corners]  # type: ignore[attr-defined]
        ends = np.roll(points, -1)
        curves = [occ.addLine(a, int(b)) for a, b in zip(points, ends, strict=True)]
    return occ.addCurveLoop(curves), curves


def carve(
    gmsh: Any, surfaces: dict[CellTag, list[int]], sample: Sample, regions: Sequence[Region]
) -> tuple[dict[CellTag, list[int]], list[int]]:
    """Split the drawn surfaces along holes and regions; take away what is cut out.

    Returns the surfaces under their new tags, and the curves on the outside of the sample.

    Raises:
        ParameterError: the sample falls apart.
    """
    occ, model = gmsh.model.occ, gmsh.model
    enclosed = enclosed_holes(sample)
    holes = list(getattr(sample, "holes", ()))
    drawn = [(tag, (2, surface)) for tag, group in surfaces.items() for surface in group]
    shapes = [*(hole.shape for hole in holes), *(region.shape for region in regions)]
    tools = [(2, occ.addPlaneSurface([outline(occ, shape)[0]])) for shape in shapes]
    _, pieces = occ.fragment([surface for _, surface in drawn], tools)
    tag_of = {piece: tag for (tag, _), found in zip(drawn, pieces, strict=False) for piece in found}
    in_shape = pieces[len(drawn) :]
    for piece in [piece for found in in_shape[len(holes) :] for piece in found]:
        if tag_of.get(piece) == CellTag.HOST:
            tag_of[piece] = CellTag.REGION
    for hole, found in zip(holes, in_shape, strict=False):
        for piece in found:
            if hole in enclosed:
                tag_of[piece] = CellTag.HOLE
            else:
                tag_of.pop(piece, None)
    waste = {piece for found in pieces for piece in found} - set(tag_of)
    occ.remove(sorted(waste), recursive=True)
    occ.synchronize()
    if not tag_of:
        raise ParameterError("the holes leave nothing of the sample.")
    _check_connected(model, list(tag_of))
    carved: dict[CellTag, list[int]] = {}
    for (_, surface), tag in sorted(tag_of.items()):
        carved.setdefault(tag, []).append(surface)
    outside = model.getBoundary(sorted(tag_of), combined=True, oriented=False)
    return carved, [abs(curve) for _, curve in outside]


def _check_connected(model: Any, pieces: list[tuple[int, int]]) -> None:
    curves = {
        piece: {curve for _, curve in model.getBoundary([piece], oriented=False)}
        for piece in pieces
    }
    reached, edges = {pieces[0]}, set(curves[pieces[0]])
    while new := [p for p in pieces if p not in reached and curves[p] & edges]:
        reached.update(new)
        edges.update(*(curves[p] for p in new))
    if len(reached) < len(pieces):
        raise ParameterError("the holes cut the sample to pieces: one connected sample is wanted.")
