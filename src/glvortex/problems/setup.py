"""From a problem file to the reduced numbers that the solver takes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from glvortex.errors import ParameterError
from glvortex.geometry import layouts
from glvortex.geometry.inclusions import Inclusions, check
from glvortex.geometry.mesh import MeshSizes
from glvortex.geometry.regions import Hole, Region, check_regions, enclosed_holes
from glvortex.geometry.sample import Floats, Sample
from glvortex.material import Coefficients, Material, Sources
from glvortex.problems import shapes
from glvortex.problems.schema import ProblemFile
from glvortex.problems.sections import InclusionLayout
from glvortex.problems.units import LENGTH, to_si, written_unit

MOST_CELLS = 2e7
MOST_INCLUSIONS = 100_000
DEPAIRING = 1 / math.sqrt(3)  # uniform superflow faster than this breaks pairs, in Phi0/(2 pi xi)


@dataclass(frozen=True)
class Setup:
    """Everything the solver takes; lengths in xi, fields in Bc2, potentials in Phi0/(2 pi xi).

    Attributes:
        name: of the problem, its file's without suffix.
        title: for tables and pictures.
        sample, inclusions, regions, sizes: the geometry and its mesh; the sample holds its holes.
        kappa: London length over coherence length.
        t: 1 - T/Tc.
        screening: false keeps the applied field.
        applied_field: b_a along z.
        starts: states to relax, of "uniform", "london", "lattice", "file".
        vortices: (x, y, charge) of the start "file".
        gradient_tolerance: norm of the gradient at which a state has converged.
        max_steps: most Newton steps per start.
        refinements: of the mesh under the kept state.
        relax: whether the cell may change its shape.
        fields, pictures: whether the run folder gets them.
        coefficients: of the material, SI; None for a reduced file.
        sources: of one inclusion with sign +1 and the root mean square radius, so that moments
            times the sum of signs are right for equal radii; None as above or without inclusions.
        length_unit: unit of lengths the user thinks in, "xi" or such as "nm".
        length_unit_in_xi: that unit in xi.
        warnings: sentences the user should read.
    """

    name: str
    title: str
    sample: Sample
    inclusions: Inclusions
    regions: tuple[Region, ...]
    sizes: MeshSizes
    kappa: float
    t: float
    screening: bool
    applied_field: float
    starts: tuple[str, ...]
    vortices: tuple[tuple[float, float, int], ...]
    gradient_tolerance: float
    max_steps: int
    refinements: int
    relax: bool
    fields: bool
    pictures: bool
    coefficients: Coefficients | None
    sources: Sources | None
    length_unit: str
    length_unit_in_xi: float
    warnings: tuple[str, ...]

    @property
    def holes(self) -> tuple[Hole, ...]:
        """The holes wholly inside the sample."""
        return enclosed_holes(self.sample)


@dataclass(frozen=True)
class _Scale:
    """What divides the file's numbers to make them reduced: 1 for a reduced file, else SI."""

    length: float = 1.0
    field: float = 1.0
    coefficients: Coefficients | None = None


def setup_from(problem: ProblemFile) -> Setup:
    """Reduce a problem file to the solver's numbers.

    Raises:
        ParameterError: inclusions that overlap, stick out or do not fit, vortices outside the
            sample, a bad layout file; one sentence with file and key.
    """
    scale, kappa = _scale(problem)
    with _blaming(problem, "sample", scale):
        sample = shapes.outline(problem.sample, scale.length)
    with _blaming(problem, "hole", scale):
        sample = shapes.with_holes(sample, problem, scale.length)
    with _blaming(problem, "region", scale):
        regions = shapes.regions(problem, kappa, scale.length)
        check_regions(sample, regions)
    with _blaming(problem, "inclusions", scale):
        inclusions, sources = _inclusions(problem, sample, scale)
        check(sample, inclusions)
    unit = _length_unit(problem)
    return Setup(
        name=problem.source.name,
        title=problem.title or problem.source.name,
        sample=sample,
        inclusions=inclusions,
        regions=regions,
        sizes=_sizes(problem, sample, inclusions, scale),
        kappa=kappa,
        t=problem.superconductor.t,
        screening=problem.superconductor.screening,
        applied_field=problem.field.applied / scale.field,
        starts=_starts(problem),
        vortices=_vortices(problem, sample, scale),
        gradient_tolerance=problem.solver.gradient_tolerance,
        max_steps=problem.solver.max_steps,
        refinements=problem.solver.refinements,
        relax=bool(problem.sample.relax),
        fields=problem.output.fields,
        pictures=problem.output.pictures,
        coefficients=scale.coefficients,
        sources=sources,
        length_unit=unit,
        length_unit_in_xi=1.0 if unit == "xi" else to_si(f"1 {unit}", LENGTH) / scale.length,
        warnings=_warnings(inclusions),
    )


@contextmanager
def _blaming(problem: ProblemFile, key: str, scale: _Scale) -> Iterator[None]:
    """Name file and section in errors of the rooms to the left, which know neither."""
    try:
        yield
    except ParameterError as error:
        in_metres = f" (1 xi is {scale.length:.4g} m)" if scale.length != 1.0 else ""
        raise problem.source.mistake(
            key, f"is wrong: {str(error).rstrip('.')}{in_metres}"
        ) from None


def _scale(problem: ProblemFile) -> tuple[_Scale, float]:
    """The units of length and field, and kappa."""
    if problem.material is None:
        assert problem.superconductor.kappa is not None  # the schema sees to it
        return _Scale(), problem.superconductor.kappa
    with _blaming(problem, "material", _Scale()):
        electrons = problem.material.model_dump(exclude={"spin_moment"})
        coefficients = Material(**electrons).coefficients()
    scale = _Scale(coefficients.coherence_length, coefficients.bc2, coefficients)
    return scale, coefficients.kappa


def _inclusions(
    problem: ProblemFile, sample: Sample, scale: _Scale
) -> tuple[Inclusions, Sources | None]:
    given = problem.inclusions
    if given is None:
        return Inclusions.none(), None
    width = given.edge_width / scale.length
    if given.layout == "file":
        table = _table(problem, given, scale)
    else:
        centres = _centres(given, sample, scale)
        radius = np.full(len(centres), _reduced(given.radius, scale))
        table = layouts.Table(centres[:, 0], centres[:, 1], radius, np.ones(len(centres)))
    peak, moment, sources = _strengths(problem, given, table, scale)
    inclusions = Inclusions(
        x=table.x,
        y=table.y,
        radius=table.radius,
        sign=table.sign,
        edge_width=width,
        edge_smoothing=(
            min(1.0, width / 8)
            if given.edge_smoothing is None
            else given.edge_smoothing / scale.length
        ),
        pseudo_gauge=table.sign * peak,
        magnetisation=table.sign * moment,
    )
    return inclusions, sources


def _centres(given: InclusionLayout, sample: Sample, scale: _Scale) -> Floats:
    if given.layout == "random":
        count = given.count
        if not isinstance(count, int):
            count = round((given.density or 0.0) * scale.length**2 * sample.area)
        outer = _reduced(given.radius, scale) + given.edge_width / scale.length / 2
        apart = _reduced(given.minimum_distance, scale)
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


def _table(problem: ProblemFile, given: InclusionLayout, scale: _Scale) -> layouts.Table:
    """The layout file with its lengths in xi."""
    table = layouts.from_csv(problem.source.folder / str(given.file))
    if not problem.laboratory:
        return table
    if given.file_unit is None:
        raise ParameterError(
            'file_unit is missing: say the unit of the lengths in it, such as "nm"'
        )
    if table.pseudo_gauge is not None or table.magnetisation is not None:
        raise ParameterError(
            f"{given.file} must not have the columns pseudo_gauge and magnetisation in a "
            "laboratory file, where exchange_field and potential_step give them"
        )
    try:
        unit = to_si(f"1 {given.file_unit}", LENGTH) / scale.length
    except ValueError:
        raise ParameterError(
            f'file_unit must be a unit of length such as "nm", got "{given.file_unit}"'
        ) from None
    return layouts.Table(table.x * unit, table.y * unit, table.radius * unit, table.sign)


def _strengths(
    problem: ProblemFile, given: InclusionLayout, table: layouts.Table, scale: _Scale
) -> tuple[Any, Any, Sources | None]:
    """Peak of a~ and m^ for a moment along +z, and where a material makes them, its sources."""
    if scale.coefficients is None or problem.material is None:
        peak, moment = given.pseudo_gauge or 0.0, given.magnetisation or 0.0
        return (
            peak if table.pseudo_gauge is None else table.pseudo_gauge,
            moment if table.magnetisation is None else table.magnetisation,
            None,
        )
    sources = Sources.of(
        scale.coefficients,
        exchange_field=given.exchange_field or 0.0,
        potential_step=given.potential_step or 0.0,
        radius=scale.length * math.sqrt(np.mean(table.radius**2)),
        edge_width=given.edge_width,
        spin_moment=problem.material.spin_moment,
    )
    return sources.pseudo_gauge, sources.magnetisation_reduced, sources


def _cells(sample: Sample, inclusions: Inclusions, sizes: MeshSizes) -> float:
    """About how many triangles a mesh will have."""
    with np.errstate(all="ignore"):
        edges = np.sum(2 * np.pi * inclusions.radius * inclusions.edge_width)
        cores = np.sum(np.pi * inclusions.core_radius**2)
        regions = np.array([sample.area, edges, cores])
        lengths = np.array([sizes.size, sizes.edge_size, sizes.core_size])
        return float(np.sum(2.3 * regions / lengths**2))


def _sizes(
    problem: ProblemFile, sample: Sample, inclusions: Inclusions, scale: _Scale
) -> MeshSizes:
    wanted = (problem.mesh.size, problem.mesh.edge_size, problem.mesh.core_size)
    size, edge, core = (None if value is None else value / scale.length for value in wanted)
    sizes = MeshSizes.of(size, edge, core, inclusions.edge_width)
    cells = _cells(sample, inclusions, sizes)
    if not cells < MOST_CELLS:
        raise problem.source.mistake(
            "mesh",
            f"asks for about {cells:.1e} triangles, at most {MOST_CELLS:.0e} are allowed: the "
            f"sizes {sizes.size:.3g}, {sizes.edge_size:.3g} and {sizes.core_size:.3g} xi are too "
            "small for this sample",
        )
    if len(inclusions) and sizes.edge_size > inclusions.edge_width:
        raise problem.source.mistake("mesh.edge_size", "must not exceed inclusions.edge_width")
    return sizes


def _starts(problem: ProblemFile) -> tuple[str, ...]:
    """The starts without repetition, or those that go with the sample."""
    if problem.solver.starts:
        return tuple(dict.fromkeys(problem.solver.starts))
    if problem.sample.flux_quanta:
        return ("lattice",)
    return ("uniform", "london")


def _vortices(
    problem: ProblemFile, sample: Sample, scale: _Scale
) -> tuple[tuple[float, float, int], ...]:
    vortices = tuple(
        (x / scale.length, y / scale.length, charge) for x, y, charge in problem.solver.vortices
    )
    for i, (x, y, _) in enumerate(vortices):
        if not sample.contains([(x, y)])[0]:
            where = "lies outside the sample or in a hole"
            raise problem.source.mistake(("solver", "vortices", i), where)
    return vortices


def _reduced(length: float | None, scale: _Scale) -> float:
    assert length is not None  # the schema sees to it
    return length / scale.length


def _length_unit(problem: ProblemFile) -> str:
    """Unit of the first length of the sample."""
    if not problem.laboratory:
        return "xi"
    first = problem.source.data["sample"]
    first = next(first[key] for key in ("size", "radius", "points", "periods") if key in first)
    while isinstance(first, list):
        first = first[0]
    return written_unit(first)


def _warnings(inclusions: Inclusions) -> tuple[str, ...]:
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
