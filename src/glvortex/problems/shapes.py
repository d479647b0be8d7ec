"""Sample, holes and regions from their sections of a problem file; lengths in xi."""

from __future__ import annotations

from collections.abc import Sequence

from glvortex.geometry.regions import Hole, Perforated, Region
from glvortex.geometry.sample import Cell, Disk, Polygon, Rectangle, Sample, Strip
from glvortex.problems.schema import ProblemFile
from glvortex.problems.sections import SampleOutline, Shape


def outline(given: SampleOutline | Shape, xi: float) -> Sample:
    """The shape of a section, `xi` being one coherence length in its unit."""
    x, y = getattr(given, "centre", None) or (0.0, 0.0)
    centre = (x / xi, y / xi)
    if given.shape in ("rectangle", "strip") and given.size is not None:
        kind = Rectangle if given.shape == "rectangle" else Strip
        return kind(given.size[0] / xi, given.size[1] / xi, centre)
    if isinstance(given, SampleOutline) and given.periods is not None:
        first, second = ((x / xi, y / xi) for x, y in given.periods)
        return Cell((first, second), given.flux_quanta or 0)
    if given.shape == "disk" and given.radius is not None:
        return Disk(given.radius / xi, centre)
    return Polygon(tuple((x / xi, y / xi) for x, y in given.points or ()))


def with_holes(sample: Sample, problem: ProblemFile, xi: float) -> Sample:
    """The sample less its holes.

    Raises:
        ParameterError: as `Perforated`.
    """
    holes = tuple(Hole(outline(hole, xi), hole.fluxoid) for hole in problem.hole)
    return Perforated(sample, holes) if holes else sample


def regions(
    problem: ProblemFile, kappa: float, outlines: Sequence[Sample]
) -> tuple[Region, ...]:
    """The regions within the outlines, with the sample's values where they give none of their own.

    There is one outline for each [[region]] of the problem.
    """
    t = problem.superconductor.t
    return tuple(
        Region(
            outline,
            t=t if region.t is None else region.t,
            quartic=1.0 if region.kappa is None else (region.kappa / kappa) ** 2,
        )
        for region, outline in zip(problem.region, outlines, strict=True)
    )
