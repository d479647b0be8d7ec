"""Inclusions of any outline from the files that a problem names: polygons, or an image."""

from __future__ import annotations

import math

import shapely

from glvortex.errors import ParameterError
from glvortex.geometry.images import islands
from glvortex.geometry.outline_files import STRENGTHS, Outline, column, read_outlines
from glvortex.geometry.outlined import Outlines, outlined
from glvortex.problems.scale import Scale, unit_of_file
from glvortex.problems.schema import ProblemFile
from glvortex.problems.sections import InclusionLayout
from glvortex.problems.shapes import check_extent


def outlines_of(
    problem: ProblemFile,
    given: InclusionLayout,
    scale: Scale,
    *,
    edge_width: float,
    edge_smoothing: float,
    pseudo_gauge: float,
    magnetisation: float,
) -> Outlines:
    """The inclusions of a file or an image, of this strength where the file gives no other.

    Raises:
        ParameterError: a bad file, or outlines without room for an edge region.
    """
    path = problem.source.folder / str(given.file)
    if given.layout == "image":
        found = _in_image(problem, given, scale)
    else:
        unit = unit_of_file(problem, given.file_unit, scale)
        found = [outline.scaled(unit) for outline in read_outlines(path, given.layers)]
        _check_strengths(problem, given, found)
    polygons = [outline.polygon for outline in found]
    check_extent(shapely.MultiPolygon(polygons).bounds, str(path))
    sign = column(found, "sign", 1.0)
    return outlined(
        polygons,
        sign=sign,
        edge_width=edge_width,
        edge_smoothing=edge_smoothing,
        pseudo_gauge=sign * column(found, "pseudo_gauge", pseudo_gauge),
        magnetisation=sign * column(found, "magnetisation", magnetisation),
    )


def image_defaults(given: InclusionLayout) -> dict[str, float | str]:
    """How an image is read where the problem does not say it; the area in the problem's unit."""
    return {
        "threshold": 0.5,
        "inside": "bright",
        "smoothing": 1.0,
        "minimum_area": math.pi * (given.edge_width or 0.0) ** 2 / 4,  # below, there is no core
    }


def _in_image(problem: ProblemFile, given: InclusionLayout, scale: Scale) -> list[Outline]:
    how = image_defaults(given)
    how |= {name: value for name in how if (value := getattr(given, name)) is not None}
    found = islands(
        problem.source.folder / str(given.file),
        pixel=scale.reduced(given.pixel),
        threshold=float(how["threshold"]),
        inside=str(how["inside"]),
        smoothing=float(how["smoothing"]),
        minimum_area=float(how["minimum_area"]) / scale.length**2,
    )
    return [Outline(polygon) for polygon in found]


def _check_strengths(problem: ProblemFile, given: InclusionLayout, found: list[Outline]) -> None:
    named = {name for outline in found for name in outline.properties}
    if problem.laboratory and named & set(STRENGTHS):
        raise ParameterError(
            f"{given.file} must not say {' and '.join(STRENGTHS)} in a laboratory file, where "
            "exchange_field and potential_step give them"
        )
