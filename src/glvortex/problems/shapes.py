"""Sample, holes and regions from their sections of a problem file; lengths in xi."""

from __future__ import annotations

import math
from collections.abc import Sequence

import shapely

from glvortex.errors import ParameterError
from glvortex.geometry.outline_files import read_outlines
from glvortex.geometry.regions import Hole, Perforated, Region
from glvortex.geometry.sample import Cell, Disk, Polygon, Rectangle, Sample, Strip
from glvortex.problems.scale import Scale, unit_of_file
from glvortex.problems.schema import ProblemFile
from glvortex.problems.shape_sections import Outlined, SampleOutline, Shape

_SIMPLER = 0.02  # mesh sizes by which the outline of a file may be moved to have fewer corners
_SMALLEST, _LARGEST = 0.01, 1e6  # extents in xi that make sense


def sample_of(problem: ProblemFile, scale: Scale) -> Sample:
    """The sample of a problem, with its holes.

    Raises:
        ParameterError: it is none, or in another unit; its file holds another number of polygons.
    """
    given = problem.sample
    if given.periods is not None:
        first, second = ((x / scale.length, y / scale.length) for x, y in given.periods)
        return Cell((first, second), given.flux_quanta or 0)
    found = outlines_of_shape(given, problem, scale)
    if len(found) > 1:
        raise ParameterError(
            f"{given.file}: holds {len(found)} polygons, the sample is one; its holes go into "
            "[[hole]] tables"
        )
    return found[0]


def with_holes(sample: Sample, problem: ProblemFile, scale: Scale) -> Sample:
    """The sample less its holes.

    Raises:
        ParameterError: as `Perforated`, or a bad file.
    """
    holes = tuple(
        Hole(shape, hole.fluxoid)
        for hole in problem.hole
        for shape in outlines_of_shape(hole, problem, scale)
    )
    return Perforated(sample, holes) if holes else sample


def regions_of(
    problem: ProblemFile, kappa: float, outlines: Sequence[Sequence[Sample]]
) -> tuple[Region, ...]:
    """The regions within the outlines, with the sample's values where they give none of their own.

    There are outlines for each [[region]] of the problem.
    """
    t = problem.superconductor.t
    return tuple(
        Region(
            outline,
            t=t if region.t is None else region.t,
            quartic=1.0 if region.kappa is None else (region.kappa / kappa) ** 2,
        )
        for region, found in zip(problem.region, outlines, strict=True)
        for outline in found
    )


def outlines_of_shape(
    given: SampleOutline | Shape, problem: ProblemFile, scale: Scale
) -> list[Sample]:
    """The shape of a section, or the polygons in its file.

    Raises:
        ParameterError: it is none, or in another unit; a bad file.
    """
    if given.file is not None:
        return _from_file(given, problem, scale)
    xi = scale.length
    x, y = getattr(given, "centre", None) or (0.0, 0.0)
    centre = (x / xi, y / xi)
    if given.shape in ("rectangle", "strip") and given.size is not None:
        kind = Rectangle if given.shape == "rectangle" else Strip
        return [kind(given.size[0] / xi, given.size[1] / xi, centre)]
    if given.shape == "disk" and given.radius is not None:
        return [Disk(given.radius / xi, centre)]
    return [Polygon(tuple((x / xi, y / xi) for x, y in given.points or ()))]


def _from_file(given: Outlined, problem: ProblemFile, scale: Scale) -> list[Sample]:
    path = problem.source.folder / str(given.file)
    unit = unit_of_file(problem, given.file_unit, scale)
    size = 1.0 if problem.mesh.size is None else problem.mesh.size / scale.length
    found: list[Sample] = []
    for outline in read_outlines(path, given.layers):
        polygon = outline.scaled(unit).polygon
        if polygon.interiors:
            raise ParameterError(f"{path}: a polygon has holes, give them as [[hole]] tables")
        check_extent(polygon.bounds, str(path))
        simple = polygon.simplify(_SIMPLER * size)
        corners = shapely.get_coordinates(simple if simple.is_valid else polygon)[:-1]
        found.append(Polygon(tuple((float(x), float(y)) for x, y in corners)))
    return found


def check_extent(bounds: tuple[float, float, float, float], what: str) -> None:
    """Refuse an extent (xmin, ymin, xmax, ymax) in xi that hints at another unit of length.

    Raises:
        ParameterError: it is below 0.01 xi or beyond a million.
    """
    xmin, ymin, xmax, ymax = bounds
    extent = max(xmax - xmin, ymax - ymin)
    if not (math.isfinite(extent) and _SMALLEST <= extent <= _LARGEST):
        raise ParameterError(
            f"{what}: is {extent:.3g} xi wide, {_SMALLEST:g} to {_LARGEST:g} make sense: its "
            "lengths seem to be in another unit"
        )
