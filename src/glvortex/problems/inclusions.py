"""The inclusions of a problem file in reduced numbers, and the sources a material makes of them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from glvortex.errors import ParameterError
from glvortex.geometry import layouts
from glvortex.geometry.inclusions import Disks, Inclusions
from glvortex.geometry.mesh_inclusions import mesh_inclusions
from glvortex.geometry.meshed import Meshed
from glvortex.geometry.sample import Floats, Sample
from glvortex.material import Sources
from glvortex.problems.charge_map import charge_map_of
from glvortex.problems.outlines import outlines_of
from glvortex.problems.scale import Scale, unit_of_file
from glvortex.problems.schema import ProblemFile
from glvortex.problems.sections import InclusionLayout

MOST_INCLUSIONS = 100_000
DEPAIRING = 1 / math.sqrt(3)  # uniform superflow faster than this breaks pairs, in Phi0/(2 pi xi)


def inclusions_of(
    problem: ProblemFile, sample: Sample, scale: Scale
) -> tuple[Inclusions, Sources | None]:
    """Place the inclusions; where a material makes them, also the sources of one of them.

    Raises:
        ParameterError: they do not fit, or a bad layout file.
    """
    given = problem.inclusions
    if given is None:
        return Inclusions.none(), None
    if given.layout == "charge-map":
        return charge_map_of(problem, given, scale)
    placed = _placed(problem, given, sample, scale)
    if scale.coefficients is None or problem.material is None:
        return placed, None
    width = given.edge_width
    sources = Sources.of(
        scale.coefficients,
        exchange_field=given.exchange_field or 0.0,
        potential_step=given.potential_step or 0.0,
        radius=scale.length * placed.mean_radius,
        edge_width=scale.length * placed.edge_width if width is None else width,
        spin_moment=problem.material.spin_moment,
    )
    strong = replace(
        placed,
        pseudo_gauge=placed.sign * sources.pseudo_gauge,
        magnetisation=placed.sign * sources.magnetisation_reduced,
    )
    return strong, sources


def _placed(
    problem: ProblemFile, given: InclusionLayout, sample: Sample, scale: Scale
) -> Inclusions:
    """The inclusions of a layout, of the strength that a reduced file gives."""
    if given.layout == "mesh":
        return _of_mesh(given, sample, scale)
    if given.layout in ("outlines", "image"):
        return outlines_of(problem, given, scale, **_edges(given, scale))
    return _disks(problem, given, sample, scale)


def _edges(given: InclusionLayout, scale: Scale) -> dict[str, float]:
    """Width of the edge regions and of their flanks in xi."""
    width = scale.reduced(given.edge_width)
    if given.edge_smoothing is None:
        return {"edge_width": width, "edge_smoothing": min(1.0, width / 8)}
    return {"edge_width": width, "edge_smoothing": given.edge_smoothing / scale.length}


def _disks(problem: ProblemFile, given: InclusionLayout, sample: Sample, scale: Scale) -> Disks:
    """Disks in an array, at random or in a table."""
    if given.layout == "file":
        table = _table(problem, given, scale)
    else:
        centres = _centres(given, sample, scale)
        radius = np.full(len(centres), scale.reduced(given.radius))
        table = layouts.Table(centres[:, 0], centres[:, 1], radius, np.ones(len(centres)))
    peak, moment = given.pseudo_gauge or 0.0, given.magnetisation or 0.0
    return Disks(
        table.x,
        table.y,
        table.radius,
        sign=table.sign,
        pseudo_gauge=table.sign * (peak if table.pseudo_gauge is None else table.pseudo_gauge),
        magnetisation=table.sign * (moment if table.magnetisation is None else table.magnetisation),
        **_edges(given, scale),
    )


def _of_mesh(given: InclusionLayout, sample: Sample, scale: Scale) -> Inclusions:
    """The inclusions that the tags of a mesh define."""
    assert isinstance(sample, Meshed)  # the schema sees to it
    smoothing = given.edge_smoothing
    found = mesh_inclusions(sample.arrays, None if smoothing is None else smoothing / scale.length)
    return replace(
        found,
        pseudo_gauge=found.sign * (given.pseudo_gauge or 0.0),
        magnetisation=found.sign * (given.magnetisation or 0.0),
    )


def _centres(given: InclusionLayout, sample: Sample, scale: Scale) -> Floats:
    if given.layout == "random":
        count = given.count
        if not isinstance(count, int):
            count = round((given.density or 0.0) * scale.length**2 * sample.area)
        outer = scale.reduced(given.radius) + scale.reduced(given.edge_width) / 2
        apart = scale.reduced(given.minimum_distance)
        if apart <= 2 * outer:
            raise ParameterError(
                f"minimum_distance {apart:g} xi lets inclusions overlap, more than twice the outer "
                f"radius of the edge region is needed: {2 * outer:g} xi"
            )
        return layouts.random(sample, outer, count, apart, given.seed or 0)
    assert isinstance(given.count, list)  # the schema sees to it
    if given.count[0] * given.count[1] > MOST_INCLUSIONS:
        raise ParameterError(f"count asks for more than {MOST_INCLUSIONS} inclusions")
    array = layouts.square if given.layout == "square" else layouts.triangular
    spacing = (given.spacing or 0.0) / scale.length
    return array((given.count[0], given.count[1]), spacing)


def _table(problem: ProblemFile, given: InclusionLayout, scale: Scale) -> layouts.Table:
    """The layout file with its lengths in xi."""
    table = layouts.from_csv(problem.source.folder / str(given.file))
    unit = unit_of_file(problem, given.file_unit, scale)
    if not problem.laboratory:
        return table
    if table.pseudo_gauge is not None or table.magnetisation is not None:
        raise ParameterError(
            f"{given.file} must not have the columns pseudo_gauge and magnetisation in a "
            "laboratory file, where exchange_field and potential_step give them"
        )
    return layouts.Table(table.x * unit, table.y * unit, table.radius * unit, table.sign)


def warnings_of(inclusions: Inclusions) -> tuple[str, ...]:
    """What the user should know about the strength of the inclusions."""
    warnings = []
    peak = float(np.abs(inclusions.peak).max(initial=0.0))
    if peak > DEPAIRING:
        warnings.append(
            f"the pseudo-gauge field {peak:.3g} is beyond depairing ({DEPAIRING:.3f} in a uniform "
            "superflow, in Phi0/(2 pi xi)), so superconductivity may break down in the edge "
            "regions."
        )
    kept = math.tanh(inclusions.edge_width / (2 * inclusions.edge_smoothing))
    if len(inclusions) and kept < 0.95:
        warnings.append(
            f"inclusions.edge_smoothing {inclusions.edge_smoothing:.3g} xi is wide for an edge "
            f"region of {inclusions.edge_width:.3g} xi: the pseudo-gauge field reaches only "
            f"{kept:.0%} of its nominal peak."
        )
    return tuple(warnings)
