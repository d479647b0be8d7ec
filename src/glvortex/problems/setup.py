"""From a problem file to the reduced numbers that the solver takes."""

from __future__ import annotations

from dataclasses import dataclass

from glvortex.errors import ParameterError
from glvortex.geometry.inclusions import Inclusions
from glvortex.geometry.meshed import Meshed
from glvortex.geometry.regions import Hole, Region, check_regions, enclosed_holes
from glvortex.geometry.sample import Sample
from glvortex.geometry.sizes import MeshSizes
from glvortex.material import Coefficients, Sources
from glvortex.problems.cooling import Cooling, cooling_of
from glvortex.problems.inclusions import inclusions_of, warnings_of
from glvortex.problems.mesh_sample import mesh_sample, mesh_warnings, sizes_of_mesh
from glvortex.problems.mesh_sizes import coarse_warnings, sizes_of
from glvortex.problems.scale import Scale, blaming, scale_of
from glvortex.problems.schema import ProblemFile
from glvortex.problems.shapes import outlines_of_shape, regions_of, sample_of, with_holes
from glvortex.problems.units import LENGTH, to_si, written_unit

_MAX_UNKNOWNS = 1_000_000


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
        model: "ginzburg-landau" or "london".
        starts: states to relax, of "uniform", "london", "annealed", "lattice", "file", "cooled".
        vortices: (x, y, charge) of the start "file".
        cooling: of the start "cooled".
        gradient_tolerance: norm of the gradient at which a state has converged.
        max_steps: most Newton steps per start.
        refinements: of the mesh under the kept state.
        accuracy: error of the extrapolated energy over the condensation energy down to which
            meshes are adapted; None leaves the mesh as it is.
        max_unknowns: of an adapted mesh, about.
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
    model: str
    starts: tuple[str, ...]
    vortices: tuple[tuple[float, float, int], ...]
    cooling: Cooling
    gradient_tolerance: float
    max_steps: int
    refinements: int
    accuracy: float | None
    max_unknowns: int
    relax: bool
    fields: bool
    pictures: bool
    coefficients: Coefficients | None
    sources: Sources | None
    length_unit: str
    length_unit_in_xi: float
    warnings: tuple[str, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What the material and its inclusions say about their own assumptions."""
        speakers = (self.coefficients, self.sources)
        return tuple(note for speaker in speakers if speaker for note in speaker.notes)

    def demand_ginzburg_landau(self, what: str) -> None:
        """Refuse the London model for what needs states of the other.

        Raises:
            ParameterError: in the London model.
        """
        if self.model == "london":
            raise ParameterError(
                f'{self.name}: {what} needs solver.model = "ginzburg-landau", not "london".'
            )

    @property
    def holes(self) -> tuple[Hole, ...]:
        """The holes wholly inside the sample."""
        return enclosed_holes(self.sample)

    def refuse_accuracy(self, what: str) -> None:
        """Refuse adapted meshes, of which ``what`` makes no use.

        Raises:
            ParameterError: mesh.accuracy is given.
        """
        if self.accuracy is not None:
            raise ParameterError(
                f"{self.name}: mesh.accuracy is for solve and sweep, {what} makes no use of it; "
                "leave it out and give mesh.size."
            )


def setup_from(problem: ProblemFile) -> Setup:
    """Reduce a problem file to the solver's numbers.

    Raises:
        ParameterError: inclusions that overlap, stick out or do not fit, vortices outside the
            sample, a bad layout file; one sentence with file and key.
    """
    scale, kappa = scale_of(problem)
    sample, regions = _geometry(problem, scale, kappa)
    with blaming(problem, "inclusions", scale):
        inclusions, sources = inclusions_of(problem, sample, scale)
        inclusions.check(sample)
    if isinstance(sample, Meshed):
        sizes = sizes_of_mesh(sample)
    else:
        sizes = sizes_of(problem, sample, inclusions, scale)
    unit = _length_unit(problem)
    return Setup(
        name=problem.source.name,
        title=problem.title or problem.source.name,
        sample=sample,
        inclusions=inclusions,
        regions=regions,
        sizes=sizes,
        kappa=kappa,
        t=problem.superconductor.t,
        screening=problem.superconductor.screening,
        applied_field=problem.field.applied / scale.field,
        model=problem.solver.model,
        starts=_starts(problem),
        vortices=_vortices(problem, sample, scale),
        cooling=cooling_of(problem, scale.coefficients),
        gradient_tolerance=problem.solver.gradient_tolerance,
        max_steps=problem.solver.max_steps,
        refinements=problem.solver.refinements,
        accuracy=problem.mesh.accuracy,
        max_unknowns=problem.mesh.max_unknowns or _MAX_UNKNOWNS,
        relax=bool(problem.sample.relax),
        fields=problem.output.fields,
        pictures=problem.output.pictures,
        coefficients=scale.coefficients,
        sources=sources,
        length_unit=unit,
        length_unit_in_xi=1.0 if unit == "xi" else to_si(f"1 {unit}", LENGTH) / scale.length,
        warnings=(
            *warnings_of(inclusions),
            *mesh_warnings(sample),
            *coarse_warnings(inclusions, sizes),
        ),
    )


def _geometry(
    problem: ProblemFile, scale: Scale, kappa: float
) -> tuple[Sample, tuple[Region, ...]]:
    """The sample with its holes, and the regions."""
    if problem.sample.shape == "mesh":
        with blaming(problem, "sample", scale):
            meshed, areas = mesh_sample(problem, scale)
        return meshed, regions_of(problem, kappa, [[area] for area in areas])
    with blaming(problem, "sample", scale):
        sample = sample_of(problem, scale)
    with blaming(problem, "hole", scale):
        sample = with_holes(sample, problem, scale)
    with blaming(problem, "region", scale):
        outlines = [outlines_of_shape(region, problem, scale) for region in problem.region]
        regions = regions_of(problem, kappa, outlines)
        check_regions(sample, regions)
    return sample, regions


def _starts(problem: ProblemFile) -> tuple[str, ...]:
    """The starts without repetition, or those that go with the sample."""
    if problem.solver.starts:
        return tuple(dict.fromkeys(problem.solver.starts))
    in_london = problem.solver.model == "london"
    if problem.sample.flux_quanta:
        return ("lattice", "annealed") if in_london else ("lattice",)
    return ("uniform", "annealed" if in_london else "london")


def _vortices(
    problem: ProblemFile, sample: Sample, scale: Scale
) -> tuple[tuple[float, float, int], ...]:
    vortices = tuple(
        (x / scale.length, y / scale.length, charge) for x, y, charge in problem.solver.vortices
    )
    for i, (x, y, _) in enumerate(vortices):
        if not sample.contains([(x, y)])[0]:
            where = "lies outside the sample or in a hole"
            raise problem.source.mistake(("solver", "vortices", i), where)
    return vortices


def _length_unit(problem: ProblemFile) -> str:
    """Unit of the first length of the sample."""
    if not problem.laboratory:
        return "xi"
    if problem.sample.file_unit is not None:
        return problem.sample.file_unit
    first = problem.source.data["sample"]
    first = next(first[key] for key in ("size", "radius", "points", "periods") if key in first)
    while isinstance(first, list):
        first = first[0]
    return written_unit(first)
