"""The inclusions of a problem file in reduced numbers, and the sources a material makes of them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

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
    # a laboratory file has placed them with the strength 1
    strong = replace(
        placed,
        pseudo_gauge=placed.pseudo_gauge * sources.pseudo_gauge,
        magnetisation=placed.magnetisation * sources.magnetisation_reduced,
    )
    return strong, sources


def _placed(
    problem: ProblemFile, given: InclusionLayout, sample: Sample, scale: Scale
) -> Inclusions:
    """The inclusions of a layout, of the strength that a reduced file gives, else 1."""
    strength = Strength(1.0, 1.0)
    if not problem.laboratory:
        strength = Strength(given.pseudo_gauge or 0.0, given.magnetisation or 0.0)
    if given.layout == "mesh":
        return _of_mesh(given, sample, scale, strength)
    if given.layout in ("outlines", "image"):
        edges = _edges(given, scale)
        return outlines_of(problem, given, scale, **edges, **strength._asdict())
    return _disks(problem, given, sample, scale, strength)


class Strength(NamedTuple):
    """Of an inclusion with a full moment along +z: peak of a~, and m^ inside."""

    pseudo_gauge: float
    magnetisation: float


def _edges(given: InclusionLayout, scale: Scale) -> dict[str, float]:
    """Width of the edge regions and of their flanks in xi."""
    width = scale.reduced(given.edge_width)
    if given.edge_smoothing is None:
        return {"edge_width": width, "edge_smoothing": min(1.0, width / 8)}
    return {"edge_width": width, "edge_smoothing": given.edge_smoothing / scale.length}


def table_of(
    problem: ProblemFile, given: InclusionLayout, sample: Sample, scale: Scale
) -> layouts.Table:
    """Disks in an array, at random or in a file, with lengths in xi.

    Raises:
        ParameterError: they do not fit, or a bad layout file.
    """
    if given.layout == "file":
        return _table(problem, given, scale)
    return layouts.drawn(
        _centres(given, sample, scale),
        scale.reduced(given.radius),
        given.seed or 0,
        radius_spread=given.radius_spread or 0.0,
        charge_spread=given.charge_spread or 0.0,
        opposite_charge=given.opposite_charge or 0.0,
    )


def _disks(
    problem: ProblemFile, given: InclusionLayout, sample: Sample, scale: Scale, strength: Strength
) -> Disks:
    table = table_of(problem, given, sample, scale)
    moment = table.sign * (1.0 if table.moment is None else table.moment)
    charge = 1.0 if table.charge is None else table.charge
    peak, inside = table.pseudo_gauge, table.magnetisation
    return Disks(
        table.x,
        table.y,
        table.radius,
        sign=moment,
        pseudo_gauge=moment * charge * (strength.pseudo_gauge if peak is None else peak),
        magnetisation=moment * (strength.magnetisation if inside is None else inside),
        **_edges(given, scale),
    )


def _of_mesh(
    given: InclusionLayout, sample: Sample, scale: Scale, strength: Strength
) -> Inclusions:
    """The inclusions that the tags of a mesh define."""
    assert isinstance(sample, Meshed)  # the schema sees to it
    smoothing = given.edge_smoothing
    found = mesh_inclusions(sample.arrays, None if smoothing is None else smoothing / scale.length)
    return replace(
        found,
        pseudo_gauge=found.sign * strength.pseudo_gauge,
        magnetisation=found.sign * strength.magnetisation,
    )


def _centres(given: InclusionLayout, sample: Sample, scale: Scale) -> Floats:
    if given.layout == "random":
        count = given.count
        if not isinstance(count, int):
            count = round((given.density or 0.0) * scale.length**2 * sample.area)
        largest = scale.reduced(given.radius) * (1 + (given.radius_spread or 0.0))
        outer = largest + scale.reduced(given.edge_width) / 2
        apart = scale.reduced(given.minimum_distance)
        if apart <= 2 * outer:
            raise ParameterError(
                f"minimum_distance {apart:g} xi lets inclusions overlap, more than twice the outer "
                f"radius of the largest edge region is needed: {2 * outer:g} xi"
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
    lengths = {name: getattr(table, name) * unit for name in ("x", "y", "radius")}
    return replace(table, **lengths)


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
