"""A memory experiment in its folder, begun or begun before.

moments/        what the training left, see `memory.moments`
points/NNNN/    the run of one cool-down, see `sweeps.points`
problem.toml    the problem as it was read
memory.nc, memory.csv, memory.png, run.log
"""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path

from mpi4py import MPI

from glvortex.errors import ParameterError
from glvortex.output.drawing.layers import View
from glvortex.output.drawing.pictures import DPI
from glvortex.output.drawing.plots import view_of
from glvortex.output.memory.moments import MOMENTS, kept, layouts, train_all, trained
from glvortex.output.memory.picture import Shown, draw_memory, places_shown
from glvortex.output.memory.rows import Row, row_of, write_csv
from glvortex.output.memory.summaries import Vortices, summaries
from glvortex.output.memory.table import attributes, dataset, summary_tables
from glvortex.output.ranks import on_first_rank, replacing
from glvortex.output.runs.resume import standing
from glvortex.output.runs.run import PROBLEM, open_run
from glvortex.output.screen.console import Voice
from glvortex.output.sweeps.points import (
    POINTS,
    collect_garbage,
    finished,
    point_folder,
    result_of,
    solve_point,
)
from glvortex.output.sweeps.sweep_table import write_netcdf
from glvortex.problems.memory import CoolDown, Experiment, cool_downs
from glvortex.problems.resolved import write_resolved
from glvortex.problems.tasks import Group, run_tasks

MEMORY = "memory.json"
_RESULTS = ("memory.nc", "memory.csv", "memory.png")
_HEIGHT = 10.0  # of the probe in xi, if the problem does not say it


def has_begun(folder: Path, found: Experiment, comm: MPI.Intracomm) -> bool:
    """Whether a folder holds this experiment, done in part or whole; collective.

    Raises:
        ParameterError: on every rank, where it holds another one.
    """
    return standing(folder, found.problem, found.setup, comm) == "begun"


def memory_in_folder(
    folder: Path,
    found: Experiment,
    comm: MPI.Intracomm,
    voice: Voice,
    *,
    groups: int | None = None,
    begun: bool = False,
) -> int:
    """Do an experiment into its folder, or with ``begun`` what is left of it; collective.

    Returns:
        1 where cool-downs reached no minimum, else 0.

    Raises:
        ParameterError: on every rank, where inclusions do not fit, or a file cannot be read or
            written.
    """
    if not begun:
        on_first_rank(comm, partial(_begin, folder, found))
    for warning in found.warnings:
        voice.warn(warning)
    voice.stage("training")
    train_all(folder, found, comm, groups=groups, count=partial(voice.count, "samples"))
    jobs = cool_downs(found, layouts(folder, found))
    voice.stage("cooling")
    _solve(folder, found, jobs, comm, voice, groups)
    views = _views(folder, found, jobs, comm)
    status = comm.bcast(on_first_rank(comm, lambda: _conclude(folder, found, jobs, views, voice)))
    assert isinstance(status, int)
    return status


def _begin(folder: Path, found: Experiment) -> None:
    """Write the problem into a folder, and forget another experiment there."""
    for name in (MOMENTS, POINTS):
        if (folder / name).exists() and not (folder / MEMORY).exists():
            raise ParameterError(
                f"{folder}: has a folder {name} that is not of a memory experiment; choose "
                "another with -o."
            )
    for name in (PROBLEM, *_RESULTS):
        (folder / name).unlink(missing_ok=True)
    for name in (MOMENTS, POINTS):
        shutil.rmtree(folder / name, ignore_errors=True)
    with replacing(folder / MEMORY) as path:
        about = {"trainings": found.trainings, **attributes(found)}
        path.write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    write_resolved(found.problem, found.setup, folder)


def _solve(
    folder: Path,
    found: Experiment,
    jobs: tuple[CoolDown, ...],
    comm: MPI.Intracomm,
    voice: Voice,
    groups: int | None,
) -> None:
    done = finished(folder, jobs, comm)
    left = [job for job in jobs if job.number not in done]
    if done:
        voice.say(f"{len(done)} of {len(jobs)} cool-downs had been done before")
    voice.count("cool-downs", len(done), len(jobs))
    heard = [len(done)]

    def hear(number: int) -> None:
        job = jobs[number - 1]
        row = _row(folder, found, job)[0]
        state = row.failed or (
            f"{row.vortices:.0f} vortices and {row.antivortices:.0f} antivortices, "
            f"{row.outside:.0f} of them outside"
        )
        heard[0] += 1
        voice.say(f"{job.said}: {state}")
        voice.count("cool-downs", heard[0], len(jobs))

    def work(job: CoolDown, group: Group) -> None:
        solve_point(folder, job, group)
        collect_garbage(group.comm)
        group.tell(job.number)

    run_tasks(left, work, comm, groups=groups, heard=hear)


def _row(folder: Path, found: Experiment, job: CoolDown) -> tuple[Row, Vortices]:
    """The numbers of a cool-down, and its vortices."""
    result = result_of(folder, job)
    row = row_of(found, job, trained(folder, job.realisation, job.place), result)
    return row, [] if isinstance(result, str) else result["vortices"]


def _views(
    folder: Path, found: Experiment, jobs: tuple[CoolDown, ...], comm: MPI.Intracomm
) -> dict[int, View]:
    """What is drawn of the first realisation, on the first rank; collective."""
    if not found.setup.screening:
        return {}
    height = found.protocol.height
    in_xi = _HEIGHT if height is None else _in_xi(found, height)
    views: dict[int, View] = {}
    for place in places_shown(found):
        job = next(job for job in jobs if (job.realisation, job.place) == (1, place))
        if isinstance(comm.bcast(on_first_rank(comm, partial(result_of, folder, job))), dict):
            view = view_of(open_run(point_folder(folder, job), comm).solution, in_xi)
            if view is not None:
                views[place] = view
    return views


def _in_xi(found: Experiment, length: float) -> float:
    coefficients = found.setup.coefficients
    return length / coefficients.coherence_length if coefficients else length


def _conclude(
    folder: Path,
    found: Experiment,
    jobs: tuple[CoolDown, ...],
    views: dict[int, View],
    voice: Voice,
) -> int:
    """Write and show what came out; on one rank."""
    rows, vortices = zip(*(_row(folder, found, job) for job in jobs), strict=True)
    about = summaries(found, rows, vortices)
    write_csv(folder / "memory.csv", rows)
    write_netcdf(folder / "memory.nc", dataset(found, rows, vortices, about))
    first = [trained(folder, 1, place) for place in range(len(found.trainings))]
    shown = Shown(rows, vortices, about, views, first, kept(folder, found))
    figure = draw_memory(found, shown)
    with replacing(folder / "memory.png") as path:
        figure.savefig(path, dpi=DPI)
    for table in summary_tables(found, about):
        voice.show(table)
    failed = sum(bool(row.failed) for row in rows)
    if failed:
        voice.warn(f"{failed} of {len(rows)} cool-downs reached no minimum, see their run.log.")
    return 1 if failed else 0
