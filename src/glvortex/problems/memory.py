"""A memory experiment: many samples, each trained in several ways and cooled several times."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from glvortex.errors import ParameterError
from glvortex.geometry.layouts import Table
from glvortex.geometry.sample import Floats
from glvortex.problems.inclusions import table_of
from glvortex.problems.jobs import Job
from glvortex.problems.memory_sections import MomentsSection, ProtocolSection
from glvortex.problems.scale import scale_of
from glvortex.problems.schema import ProblemFile, check
from glvortex.problems.setup import Setup, setup_from
from glvortex.problems.training import MomentUnits, Treatment

_LAYOUTS = ("square", "triangular", "random", "file")
_KEPT = (  # keys of [inclusions] that a table of them does not replace
    *("edge_width", "edge_smoothing", "pseudo_gauge", "magnetisation"),
    *("exchange_field", "potential_step"),
)
_MOST = 10_000
_NEGLIGIBLE = 0.1  # of Hc1: a field that brings no vortices in


@dataclass(frozen=True)
class Experiment:
    """What `glvortex memory` does with a problem.

    Attributes:
        problem: as its file states it.
        setup: of the first realisation with full moments.
        moments, protocol: its sections.
        treatment: of the moments, in reduced numbers.
        units: of those numbers.
        trainings: values of the training as the file has them, in words.
    """

    problem: ProblemFile
    setup: Setup
    moments: MomentsSection
    protocol: ProtocolSection
    treatment: Treatment
    units: MomentUnits
    trainings: tuple[str, ...]

    @property
    def values(self) -> tuple[float, ...]:
        """Values of the training in B_K."""
        return tuple(value / self.units.field for value in self.protocol.training)

    @property
    def local_moment(self) -> float:
        """Moment of the grains of an inclusion in one layer, all along z, A m^2; 0 if reduced."""
        return self.moments.grains * (self.moments.moment or 0.0) / self.moments.layers

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know about what is left out."""
        coefficients, inclusions = self.setup.coefficients, self.setup.inclusions
        if coefficients is None:
            return ()
        smallest = inclusions.area.min() * coefficients.coherence_length**2
        magnetisation = self.local_moment / (smallest * coefficients.layer_spacing)
        if magnetisation < _NEGLIGIBLE * coefficients.hc1:
            return ()
        return (
            f"the local moments have a magnetisation of up to {magnetisation:.3g} A/m of their "
            "own, which is not in the Ginzburg-Landau solution; Hc1 is "
            f"{coefficients.hc1:.3g} A/m.",
        )

    @property
    def realisations(self) -> range:
        """Numbers of the samples."""
        return range(1, self.protocol.realisations + 1)

    @property
    def trained(self) -> list[tuple[int, int]]:
        """Number of the sample and place of the training of all trained samples."""
        return list(itertools.product(self.realisations, range(len(self.trainings))))


@dataclass(frozen=True)
class CoolDown(Job):
    """One cool-down of a trained sample.

    Attributes:
        realisation: number of the sample, from 1.
        place: of its training.
        cool_down: number of the cool-down, from 1.
    """

    realisation: int
    place: int
    cool_down: int


def experiment(problem: ProblemFile, setup: Setup) -> Experiment:
    """Read a memory experiment.

    Raises:
        ParameterError: sections that are missing, or that do not go with a memory experiment.
    """
    source, given = problem.source, problem.inclusions
    for section in ("inclusions", "moments", "protocol"):
        if getattr(problem, section) is None:
            raise source.mistake(section, "is missing (needed for a memory experiment)")
    assert given is not None and problem.moments is not None and problem.protocol is not None
    if given.layout not in _LAYOUTS:
        text = f"must be one of {', '.join(_LAYOUTS)} for a memory experiment"
        raise source.mistake("inclusions.layout", text)
    protocol = problem.protocol
    count = protocol.realisations * len(protocol.training) * protocol.cool_downs
    if count > _MOST:
        text = f"asks for {count} cool-downs in all, at most {_MOST} are allowed"
        raise source.mistake("protocol.realisations", text)
    if protocol.cool_downs > 1 and "cooled" not in setup.starts:
        text = 'are all the same without "cooled" in solver.starts'
        raise source.mistake("protocol.cool_downs", text)
    return Experiment(
        problem=problem,
        setup=setup,
        moments=problem.moments,
        protocol=protocol,
        treatment=Treatment.of(problem, problem.moments, protocol),
        units=MomentUnits.of(problem.moments),
        trainings=tuple(str(value) for value in source.data["protocol"]["training"]),
    )


def realisation(found: Experiment, number: int) -> ProblemFile:
    """The problem of one sample with full moments, the first one being that of the file."""
    given = found.problem.inclusions
    assert given is not None
    if given.layout != "random" or number == 1:
        return found.problem
    seed = {"seed": (given.seed or 0) + number - 1}
    return _with(found.problem, {"inclusions": {**found.problem.source.data["inclusions"], **seed}})


def inclusions_of_sample(found: Experiment, number: int) -> Table:
    """The inclusions of one sample, lengths in the user's unit.

    Raises:
        ParameterError: they do not fit, which is said of the sample.
    """
    problem = realisation(found, number)
    assert problem.inclusions is not None
    try:
        sample = setup_from(problem).sample
    except ParameterError as error:
        raise ParameterError(f"{str(error).rstrip('.')} (realisation {number}).") from None
    table = table_of(problem, problem.inclusions, sample, scale_of(problem)[0])
    unit = found.setup.length_unit_in_xi
    lengths = {name: getattr(table, name) / unit for name in ("x", "y", "radius")}
    return replace(table, **lengths)


def layout_text(table: Table, moments: Floats) -> str:
    """A layout file of inclusions whose moments are these."""
    factor = 1.0 if table.moment is None else table.moment
    whole = replace(table, moment=factor * moments)
    named = ((field.name, getattr(whole, field.name)) for field in fields(Table))
    columns = {name: values.tolist() for name, values in named if values is not None}
    rows = zip(*columns.values(), strict=True)
    lines = [", ".join(columns), *(", ".join(map(repr, row)) for row in rows)]
    return "\n".join(lines) + "\n"


def cool_downs(found: Experiment, layouts: Sequence[Path]) -> tuple[CoolDown, ...]:
    """All cool-downs, of trained samples whose inclusions stand in these files.

    Raises:
        ParameterError: a file that is not there or damaged.
    """
    jobs: list[CoolDown] = []
    for (number, place), layout in zip(found.trained, layouts, strict=True):
        for cool_down in range(1, found.protocol.cool_downs + 1):
            said = f"realisation {number}, trained by {found.trainings[place]}"
            if found.protocol.cool_downs > 1:
                said += f", cool-down {cool_down}"
            count = len(jobs) + 1
            problem = _cool_down(found, layout, said, count)
            setup = setup_from(problem)
            jobs.append(CoolDown(count, said, problem, setup, number, place, cool_down))
    return tuple(jobs)


def _cool_down(found: Experiment, layout: Path, said: str, number: int) -> ProblemFile:
    data = found.problem.source.data
    given = {key: value for key, value in data["inclusions"].items() if key in _KEPT}
    given |= {"layout": "file", "file": str(layout.absolute())}
    if found.problem.laboratory:
        given["file_unit"] = found.setup.length_unit
    changes: dict[str, Any] = {
        "title": f"{found.setup.title}: {said}",
        "inclusions": given,
        "moments": None,
        "protocol": None,
    }
    if "cooled" in found.setup.starts:
        cooling = data.get("cooling", {})
        seed = cooling.get("seed", 0) + number - 1  # each has noise of its own
        changes["cooling"] = {**cooling, "seed": seed}
    return _with(found.problem, changes)


def _with(problem: ProblemFile, changes: dict[str, Any]) -> ProblemFile:
    """The problem with other sections, None for one that it shall not have."""
    source = problem.source
    data = {key: value for key, value in {**source.data, **changes}.items() if value is not None}
    changed = source.changed | {(key,) for key in changes}
    return check(replace(source, data=data, changed=changed, change="the memory experiment"))
