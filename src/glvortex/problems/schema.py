"""The problem file: reading, overriding, checking (TOML; see the sections for its keys)."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, PrivateAttr, ValidationError

from glvortex.errors import ParameterError
from glvortex.geometry.mesh_files import SCRIPTS
from glvortex.problems.choices import check_inclusions, check_shape
from glvortex.problems.cooling_section import CoolingSection
from glvortex.problems.memory_sections import MomentsSection, ProtocolSection, check_memory
from glvortex.problems.messages import Key, Source, explain
from glvortex.problems.search_section import SearchSection
from glvortex.problems.sections import (
    AppliedField,
    InclusionLayout,
    MaterialSection,
    MeshSection,
    OutputSection,
    Section,
    SolverSection,
    Superconductor,
)
from glvortex.problems.shape_sections import HoleSection, RegionSection, SampleOutline

# Keys of one system of units only.
_NEEDED = {
    "reduced": ("superconductor.kappa",),
    "laboratory": ("material", "inclusions.exchange_field", "inclusions.potential_step"),
}
_FOREIGN = {
    "reduced": {
        "material": "give superconductor.kappa",
        "inclusions.exchange_field": "give pseudo_gauge and magnetisation",
        "inclusions.potential_step": "give pseudo_gauge and magnetisation",
        "inclusions.file_unit": "lengths there are in xi",
        "sample.file_unit": "lengths there are in xi",
    },
    "laboratory": {
        "superconductor.kappa": "[material] gives kappa",
        "inclusions.pseudo_gauge": "give exchange_field and potential_step",
        "inclusions.magnetisation": "give exchange_field and potential_step",
        "inclusions.pseudo_gauge_step": "give charge and exchange_field",
        "inclusions.screening_wavenumber": "[material] gives it",
    },
}


class ProblemFile(Section):
    """A problem as its file states it; numbers are reduced or SI, according to `units`."""

    title: str = Field(default="", description="title for tables and pictures")
    units: Literal["reduced", "laboratory"] = Field(
        default="reduced",
        description="reduced: plain numbers, lengths in xi and fields in Bc2; laboratory: strings "
        "with units such as '200 nm'",
    )
    superconductor: Superconductor = Superconductor()
    material: MaterialSection | None = None
    sample: SampleOutline
    hole: list[HoleSection] = Field(default=[])
    region: list[RegionSection] = Field(default=[])
    inclusions: InclusionLayout | None = None
    field: AppliedField = AppliedField()
    mesh: MeshSection = MeshSection()
    solver: SolverSection = SolverSection()
    cooling: CoolingSection = CoolingSection()
    search: SearchSection = SearchSection()
    moments: MomentsSection | None = None
    protocol: ProtocolSection | None = None
    output: OutputSection = OutputSection()

    _source: Source = PrivateAttr()

    @property
    def source(self) -> Source:
        """Where it came from, and the values as written."""
        return self._source

    @property
    def laboratory(self) -> bool:
        """True for a file in laboratory units."""
        return self.units == "laboratory"


def load(path: str | Path, overrides: Sequence[str] = ()) -> ProblemFile:
    """Read and check a problem file.

    Args:
        path: the TOML file.
        overrides: "section.key=value" each, the value as in TOML or else taken as text.

    Raises:
        ParameterError: one sentence with the file, the key and what is allowed.
    """
    path = Path(path)
    text = _read(path)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ParameterError(_syntax_message(path, str(error))) from None
    changed = frozenset(_override(str(path), data, override) for override in overrides)
    return check(replace(Source.of_file(path, text, data), changed=changed))


def overridden(problem: ProblemFile, overrides: Sequence[str], option: str) -> ProblemFile:
    """Check the problem that more overrides make of one; messages name the ``option`` they are of.

    Raises:
        ParameterError: as `load`.
    """
    source = problem.source
    data = copy.deepcopy(source.data)
    keys = frozenset(_override(source.place, data, override, option) for override in overrides)
    return check(replace(source, data=data, changed=source.changed | keys, change=option))


def check(source: Source) -> ProblemFile:
    """Check the values of a source: the problem they state.

    Raises:
        ParameterError: one sentence with the source, the key and what is allowed.
    """
    data = source.data
    _refuse_foreign_keys(source)
    try:
        problem = ProblemFile.model_validate(data, context={"units": data.get("units")})
    except ValidationError as error:
        raise explain(source, error.errors(), ProblemFile) from None
    problem._source = source
    _demand_keys(problem)
    check_shape(source, ("sample",), problem.sample)
    for name in ("hole", "region"):
        for i, part in enumerate(getattr(problem, name)):
            check_shape(source, (name, i), part)
    if problem.inclusions is not None:
        check_inclusions(source, problem.inclusions)
    if problem.sample.shape == "cell":
        _check_cell(problem)
    _check_mesh(problem)
    _check_accuracy(problem)
    _check_starts(problem)
    check_memory(source, problem.moments, problem.protocol)
    if problem.solver.model == "london":
        _check_london(problem)
    return problem


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ParameterError(f"{path}: there is no such problem file.") from None
    except IsADirectoryError:
        raise ParameterError(f"{path}: is a directory, a problem file (TOML) is wanted.") from None
    except UnicodeDecodeError:
        raise ParameterError(f"{path}: is not a text file in UTF-8.") from None
    except OSError as error:
        raise ParameterError(f"{path}: cannot be read ({error.strerror}).") from None


def _syntax_message(path: Path, message: str) -> str:
    what, _, where = message.partition(" (at ")
    place = f", {where.rstrip(')')}" if where else ""
    return f"{path}{place}: not valid TOML: {what[:1].lower()}{what[1:]}."


def _override(place: str, data: Any, override: str, option: str = "--set") -> Key:
    """Set one value in the parsed file and return its key."""
    name, equals, text = override.partition("=")
    parts = [part.strip() for part in name.split(".")]
    if not equals or not all(parts):
        raise ParameterError(f'{place} with {option} {override}: write it as "section.key=value".')
    try:
        parsed = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        parsed = {}
    value = parsed["value"] if set(parsed) == {"value"} else text.strip()
    key: list[str | int] = []
    for part in parts[:-1]:
        below = data.setdefault(part, {}) if isinstance(data, dict) else _entry(data, part)
        if not isinstance(below, dict | list):
            raise ParameterError(f"{place} with {option} {override}: {part} is not a section.")
        key.append(int(part) - 1 if isinstance(data, list) else part)
        data = below
    if not isinstance(data, dict):
        raise ParameterError(
            f'{place} with {option} {override}: say which one by its number, as in "{parts[0]}.1".'
        )
    data[parts[-1]] = value
    return (*key, parts[-1])


def _entry(tables: list[Any], number: str) -> Any:
    """The table of a list that an override names by its number, counted from 1."""
    known = number.isdecimal() and 1 <= int(number) <= len(tables)
    return tables[int(number) - 1] if known else None


def _refuse_foreign_keys(source: Source) -> None:
    """Keys of the other system of units, before their values are found to be of the wrong sort."""
    units = source.data.get("units", "reduced")
    for key, instead in _FOREIGN[units].items() if units in list(_FOREIGN) else ():
        if source.holds(key):
            text = f'does not belong in a file with units = "{units}"; {instead}'
            raise source.mistake(key, text)


def _demand_keys(problem: ProblemFile) -> None:
    """Keys that this system of units cannot do without."""
    for key in _NEEDED[problem.units]:
        section = key.partition(".")[0]
        wanted = section != "inclusions" or problem.inclusions is not None
        if key == "inclusions.potential_step" and problem.inclusions is not None:
            wanted = problem.inclusions.layout != "charge-map"
        if wanted and not problem.source.holds(key):
            raise problem.source.mistake(key, f'is missing (needed with units = "{problem.units}")')


def _check_mesh(problem: ProblemFile) -> None:
    """What goes with a sample that is given by its mesh, and what with no other."""
    source, meshed = problem.source, problem.sample.shape == "mesh"
    for name in ("hole", "region"):
        for i, part in enumerate(getattr(problem, name)):
            if (part.shape == "mesh") != meshed:
                word = "must be" if meshed else "can be"
                text = f'{word} "mesh" {"" if meshed else "only "}with sample.shape = "mesh"'
                raise source.mistake((name, i, "shape"), text)
    if problem.inclusions is not None and problem.inclusions.layout == "mesh" and not meshed:
        raise source.mistake("inclusions.layout", 'can be "mesh" only with sample.shape = "mesh"')
    script = meshed and Path(str(problem.sample.file)).suffix.lower() in SCRIPTS
    if problem.mesh.size_factor is not None and not script:
        raise source.mistake("mesh.size_factor", "is used only with a sample from a gmsh script")
    for key in ("size", "edge_size", "core_size"):
        if meshed and getattr(problem.mesh, key) is not None:
            instead = "give size_factor" if script else "the file has its own"
            text = f'is not used with sample.shape = "mesh": {instead}'
            raise source.mistake(f"mesh.{key}", text)


def _check_accuracy(problem: ProblemFile) -> None:
    """Adapted meshes have no regular refinements, and those of a cell keep its shape."""
    source, mesh = problem.source, problem.mesh
    if mesh.accuracy is None:
        if mesh.max_unknowns is not None:
            raise source.mistake("mesh.max_unknowns", "is used only with mesh.accuracy")
        return
    if problem.solver.refinements:
        text = "does not go with mesh.accuracy, which refines the mesh where it is needed"
        raise source.mistake("solver.refinements", text)
    if problem.sample.relax:
        text = "does not go with mesh.accuracy; solver.refinements gives the energy's error"
        raise source.mistake("sample.relax", text)


def _check_cell(problem: ProblemFile) -> None:
    """A cell has its mean field from its flux, and its starts must fit that flux."""
    source, flux = problem.source, problem.sample.flux_quanta
    for part in ("hole", "region"):
        if getattr(problem, part):
            raise source.mistake((part, 0), 'does not go with shape = "cell"')
    if problem.field.applied:
        raise source.mistake("field.applied", 'must be 0 with shape = "cell", give flux_quanta')
    if not problem.superconductor.screening:
        raise source.mistake("superconductor.screening", 'must be true with shape = "cell"')
    if problem.sample.relax and (problem.inclusions is not None or not flux):
        raise source.mistake("sample.relax", "needs a cell with flux and without inclusions")
    for start in problem.solver.starts or ():
        if start == "uniform" and flux:
            raise source.mistake(
                "solver.starts", f'must not hold "{start}" with shape = "cell" and this flux'
            )
    total = sum(charge for _, _, charge in problem.solver.vortices)
    if problem.solver.vortices and total != flux:
        text = f"must have charges that add up to flux_quanta {flux}, not {total}"
        raise source.mistake("solver.vortices", text)


def _check_starts(problem: ProblemFile) -> None:
    solver, source = problem.solver, problem.source
    starts = solver.starts or ()
    if "lattice" in starts and not problem.sample.flux_quanta:
        raise source.mistake("solver.starts", 'holds "lattice", which needs a cell with flux')
    if "file" in starts and not solver.vortices:
        raise source.mistake("solver.vortices", 'must list [x, y, charge] for the start "file"')
    if solver.vortices and "file" not in starts:
        raise source.mistake("solver.vortices", 'is used only with "file" among solver.starts')
    for i, (_, _, charge) in enumerate(solver.vortices):
        if charge == 0:
            raise source.mistake(("solver", "vortices", i), "must have a charge other than 0")


def _check_london(problem: ProblemFile) -> None:
    """What only Ginzburg-Landau states can do."""
    solver, source = problem.solver, problem.source
    foreign = {
        "solver.refinements": solver.refinements > 0,
        "mesh.accuracy": problem.mesh.accuracy is not None,
        "sample.relax": bool(problem.sample.relax),
    }
    for key, given in foreign.items():
        if given:
            raise source.mistake(key, 'is used only with solver.model = "ginzburg-landau"')
    if "cooled" in (solver.starts or ()):
        raise source.mistake("solver.starts", 'must not hold "cooled" with solver.model = "london"')
    for i, (_, _, charge) in enumerate(solver.vortices):
        if abs(charge) != 1:
            text = 'must have the charge 1 or -1 with solver.model = "london"'
            raise source.mistake(("solver", "vortices", i), text)
