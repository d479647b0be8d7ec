"""Several states as one series that ParaView plays, such as the runs of a sweep.

fields.pvd, vortices.pvd, outlines.pvd    the steps with their times, which open the series
paraview_state.py                         lays it out, as for a single state
steps/                                    what the .pvd files name: fields-0000.vtu, ...
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

from mpi4py import MPI

from glvortex.errors import ParameterError
from glvortex.geometry.arrays import collect
from glvortex.output.formats.export import fields_of, write_outlines, write_script, write_vortices
from glvortex.output.formats.vtk_xml import write_pvd, write_vtu
from glvortex.output.ranks import on_first_rank
from glvortex.output.runs.run import RESULT, open_run, problem_of
from glvortex.output.searches.search import STATES
from glvortex.output.sweeps.points import POINTS
from glvortex.output.sweeps.sweep import PLAN
from glvortex.problems.schema import ProblemFile
from glvortex.problems.solve import Solution

_PARTS = {"fields": "vtu", "vortices": "vtp", "outlines": "vtp"}


def write_series(
    folder: Path, steps: Iterable[tuple[float, Solution]], name: str, comm: MPI.Intracomm
) -> list[Path]:
    """Write solutions with their times into a folder, one after the other; collective.

    Args:
        folder: made if it is not there.
        steps: times, in any order, no two the same, and solutions on all ranks of ``comm``.
        name: of the times, such as "field.applied", which the layout shows.
        comm: the ranks.

    Returns:
        The files that open the series.

    Raises:
        ParameterError: on every rank, where a file cannot be written.
    """
    on_first_rank(comm, lambda: (folder / "steps").mkdir(parents=True, exist_ok=True))
    times = []
    for number, (time, solution) in enumerate(steps):
        times.append(float(time))
        _write_step(folder, number, solution, comm)

    def write() -> list[Path]:
        paths = []
        for part in _PARTS:
            files = [_step(part, number) for number in range(len(times))]
            paths.append(folder / f"{part}.pvd")
            write_pvd(paths[-1], zip(times, files, strict=True), name)
        paths.append(folder / "paraview_state.py")
        write_script(paths[-1])
        return paths

    return list(comm.bcast(on_first_rank(comm, write)))


def series_of_runs(
    folder: Path, runs: Sequence[Path], key: str | None, comm: MPI.Intracomm
) -> list[Path]:
    """Write runs as a series, as `write_series`; collective.

    Args:
        folder: made if it is not there.
        runs: run folders, opened one after the other.
        key: number of the problems that is the time, as in `value_of`; None counts the runs,
            as do numbers that go up and down again.
        comm: the ranks.

    Raises:
        ParameterError: on every rank, where a folder is no finished run, the times are no numbers
            or repeat, or a file cannot be written.
    """
    problems = [problem_of(run) for run in runs]
    times = [float(i) if key is None else value_of(p, key) for i, p in enumerate(problems)]
    if _turns(times):
        times, key = [float(i) for i in range(len(times))], None
    if len(set(times)) < len(times):
        raise ParameterError(f'"{key}" has the same value in several runs: leave out --over.')
    steps = ((time, open_run(run, comm).solution) for time, run in zip(times, runs, strict=True))
    return write_series(folder, steps, key or "run", comm)


def _turns(times: Sequence[float]) -> bool:
    """Whether times go up and then down again, so that they are no order."""
    top = times.index(max(times))
    steps = [b - a for a, b in pairwise(times)]
    return 0 < top < len(steps) and min(steps[:top]) > 0 > max(steps[top:])


def runs_in(folder: Path) -> list[Path]:
    """Return the finished runs of a sweep's folder in their order; any other folder itself.

    Raises:
        ParameterError: none of a sweep's runs has finished.
    """
    if not (folder / PLAN).is_file():
        return [folder]
    points = folder / POINTS
    lowest = f"{STATES}/01/{RESULT}"  # where points are searches
    runs = sorted(path.parent for name in (RESULT, lowest) for path in points.glob(f"*/{name}"))
    if not runs:
        raise ParameterError(f"{folder}: is a sweep of which no run has finished.")
    return runs


def value_of(problem: ProblemFile, key: str) -> float:
    """Return a number of a problem, reduced or SI, by its key such as "field.applied".

    Raises:
        ParameterError: the problem has no such key, or no number there.
    """
    value: object = problem
    for part in key.split("."):
        known = getattr(type(value), "model_fields", ())
        value = getattr(value, part) if part in known else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ParameterError(
            f'{problem.source.place}: "{key}" is no number of this problem by which a series could '
            "be ordered."
        )
    return float(value)


def _step(part: str, number: int) -> str:
    return f"steps/{part}-{number:04d}.{_PARTS[part]}"


def _write_step(folder: Path, number: int, solution: Solution, comm: MPI.Intracomm) -> None:
    write_vtu(folder / _step("fields", number), comm, fields_of(solution).grid)
    mesh = collect(solution.mesh_data)

    def write() -> None:
        assert mesh is not None
        write_vortices(folder / _step("vortices", number), solution)
        write_outlines(folder / _step("outlines", number), mesh)

    on_first_rank(comm, write)
