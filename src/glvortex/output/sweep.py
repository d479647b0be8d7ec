"""The folder of a sweep: a run folder for every point, and the tables made of them.

points/NNNN/    the run of one point, numbered from 1; without result.json it is unfinished, and
                failed.txt says why where it reached no minimum
sweep.json      the keys and values that the points belong to
problem.toml    the problem that they are changed in
sweep.nc, sweep.csv, sweep.png, run.log
"""

from __future__ import annotations

import gc
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mpi4py import MPI
from petsc4py import PETSc

from glvortex.errors import NotConvergedError, ParameterError
from glvortex.output import folder as runs
from glvortex.output.console import Voice
from glvortex.output.keeper import FolderKeeper
from glvortex.output.ranks import on_first_rank, replacing
from glvortex.output.resume import standing
from glvortex.output.run import RESULT, open_run
from glvortex.problems.resolved import write_resolved
from glvortex.problems.setup import setup_from
from glvortex.problems.solve import Solution, solve
from glvortex.problems.sweep import Chain, Plan, Point
from glvortex.problems.tasks import Group, run_tasks

PLAN = "sweep.json"
FAILED = "failed.txt"
POINTS = "points"


def prepare_sweep(folder: Path, plan: Plan, comm: MPI.Intracomm, *, resume: bool) -> None:
    """Make a folder ready for a sweep, new or, with ``resume``, for what is left of it; collective.

    Raises:
        ParameterError: on every rank, where it cannot be written, or holds another sweep that was
            to be resumed.
    """
    setup = setup_from(plan.problem)
    if resume and standing(folder, plan.problem, setup, comm) == "begun":
        on_first_rank(comm, lambda: _check_plan(folder, plan))
        return

    def begin() -> None:
        for name in (PLAN, "sweep.nc", "sweep.csv", "sweep.png"):
            (folder / name).unlink(missing_ok=True)
        if (folder / POINTS).exists():
            shutil.rmtree(folder / POINTS)
        with replacing(folder / PLAN) as path:
            path.write_text(json.dumps(_said(plan), indent=2) + "\n", encoding="utf-8")
        write_resolved(plan.problem, setup, folder)

    on_first_rank(comm, begin)


def run_sweep(
    folder: Path,
    plan: Plan,
    comm: MPI.Intracomm,
    *,
    groups: int | None = None,
    heard: Callable[[Point], None] = lambda point: None,
) -> None:
    """Do what is left of a sweep in a folder that `prepare_sweep` has made; collective.

    Chains are done side by side on groups of ranks, by default as many as there are. A point that
    reaches no minimum is recorded, and the next one of its chain starts from the last that did.

    Args:
        folder: of the sweep.
        plan: its points.
        comm: the ranks.
        groups: of ranks, how many.
        heard: called on the first rank with every point that is done or has been done before.

    Raises:
        ParameterError: on every rank, where a file cannot be read or written, or a point turns out
            to be no valid problem, which is named.
    """
    points = plan.points

    def work(chain: Chain, group: Group) -> None:
        last: Point | None = None
        previous: Solution | None = None
        for point in chain:
            run = point_folder(folder, point)
            stands = standing(run, point.problem, point.setup, group.comm)
            if stands == "finished":
                last, previous = point, None
            else:
                if plan.continued and last and not previous:
                    previous = open_run(point_folder(folder, last), group.comm).solution
                solution = _do(run, point, previous, group.comm, begun=stands == "begun")
                if plan.continued and solution:
                    last, previous = point, solution
                _collect_garbage(group.comm)
            group.tell(point.number)

    run_tasks(plan.chains, work, comm, groups=groups, heard=lambda n: heard(points[n - 1]))


def point_folder(folder: Path, point: Point) -> Path:
    """The run folder of a point."""
    return folder / POINTS / f"{point.number:04d}"


def result_of(folder: Path, point: Point) -> dict[str, Any] | str:
    """What `result.json` of a point holds, or else why there is none.

    Raises:
        ParameterError: it is damaged.
    """
    run = point_folder(folder, point)
    try:
        found: dict[str, Any] = json.loads((run / RESULT).read_text(encoding="utf-8"))
        return found
    except FileNotFoundError:
        failed = run / FAILED
        return failed.read_text(encoding="utf-8").strip() if failed.exists() else "not done"
    except (OSError, ValueError):
        raise ParameterError(
            f"{run / RESULT}: is damaged; remove the folder and use --resume to do the point again."
        ) from None


def _do(
    run: Path, point: Point, previous: Solution | None, comm: MPI.Intracomm, *, begun: bool
) -> Solution | None:
    """Solve one point into its folder; None where it reaches no minimum."""
    runs.prepare(run, comm)
    voice = Voice(comm)
    voice.screen.quiet = True
    with voice.recording(run / runs.LOG, append=begun):
        voice.note(point.said)
        if not begun:
            runs.begin(run, point.problem, point.setup, comm)
        keeper = FolderKeeper(run, comm)
        on_first_rank(comm, lambda: (run / FAILED).unlink(missing_ok=True))
        try:
            solution = solve(point.setup, comm, voice, keeper, previous)
        except NotConvergedError as error:
            reason = str(error)
            on_first_rank(comm, lambda: (run / FAILED).write_text(reason + "\n", encoding="utf-8"))
            keeper.forget()
            return None
        except ParameterError as error:
            raise ParameterError(
                f"{str(error).rstrip('.')} (point {point.number}: {point.said})."
            ) from None
        runs.write_run(run, point.problem, solution)
        keeper.forget()
    return solution


def _collect_garbage(comm: MPI.Intracomm) -> None:
    """Free what PETSc can free on all ranks together only; collective."""
    gc.collect()
    PETSc.garbage_cleanup(comm)


def _said(plan: Plan) -> dict[str, Any]:
    """The plan as `sweep.json` has it."""
    axes = [asdict(axis) | {"values": list(axis.values)} for axis in plan.axes]
    return {"axes": axes, "continued": plan.continued, "both_ways": plan.both_ways}


def _check_plan(folder: Path, plan: Plan) -> None:
    try:
        there = json.loads((folder / PLAN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        there = None
    if there != _said(plan):
        raise ParameterError(
            f"{folder}: holds a sweep over other keys, values or branches, see {PLAN} there; leave "
            "--resume out to begin anew, or choose another folder with -o."
        )
