"""The folder of a sweep: a run folder for every point, and the tables made of them.

points/NNNN/    the run of one point, numbered from 1; without result.json it is unfinished, and
                failed.txt says why where it reached no minimum; or a search, see `searched`
sweep.json      the keys and values that the points belong to
problem.toml    the problem that they are changed in
sweep.nc, sweep.csv, sweep.png, contents.png, run.log
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mpi4py import MPI

from glvortex.errors import ParameterError
from glvortex.output.ranks import on_first_rank, replacing
from glvortex.output.runs.resume import standing
from glvortex.output.runs.run import PROBLEM, open_run
from glvortex.output.sweeps.points import (
    POINTS,
    collect_garbage,
    finished,
    point_folder,
    solve_point,
)
from glvortex.output.sweeps.searched import search_point, searched
from glvortex.problems.resolved import write_resolved
from glvortex.problems.setup import setup_from
from glvortex.problems.solve import Solution
from glvortex.problems.sweep import Chain, Plan, Point
from glvortex.problems.tasks import Group, run_tasks

PLAN = "sweep.json"


def has_begun(folder: Path, plan: Plan, comm: MPI.Intracomm) -> bool:
    """Whether a folder holds this sweep, done in part or whole; collective.

    Raises:
        ParameterError: on every rank, where it holds another one.
    """
    setup = setup_from(plan.problem)
    if standing(folder, plan.problem, setup, comm) != "begun":
        return False
    on_first_rank(comm, lambda: _check_plan(folder, plan))
    return True


def begin_sweep(folder: Path, plan: Plan, comm: MPI.Intracomm) -> None:
    """Write the plan of a sweep into a folder, and forget that of another; collective.

    Raises:
        ParameterError: on every rank, where a file cannot be written, or the folder has points
            that are not of a sweep.
    """

    def begin() -> None:
        points, said = folder / POINTS, folder / PLAN
        if points.exists() and not said.exists():
            raise ParameterError(
                f"{folder}: has a folder {POINTS} that is not of a sweep; choose another with -o."
            )
        for name in (PROBLEM, "sweep.nc", "sweep.csv", "sweep.png", "contents.png"):
            (folder / name).unlink(missing_ok=True)
        if points.exists():
            shutil.rmtree(points)
        with replacing(said) as path:
            path.write_text(json.dumps(_said(plan), indent=2) + "\n", encoding="utf-8")
        write_resolved(plan.problem, setup_from(plan.problem), folder)

    on_first_rank(comm, begin)


def finished_points(folder: Path, plan: Plan, comm: MPI.Intracomm) -> set[int]:
    """Numbers of the points that have been done; collective.

    Raises:
        ParameterError: on every rank, where the folder of a point holds another problem.
    """
    return (searched if plan.searched else finished)(folder, plan.points, comm)


def run_sweep(
    folder: Path,
    plan: Plan,
    comm: MPI.Intracomm,
    *,
    groups: int | None = None,
    heard: Callable[[Point], None] = lambda point: None,
) -> None:
    """Do what is left of a sweep in a folder where it has begun; collective.

    Chains are done side by side on groups of ranks, by default as many as there are. A point that
    reaches no minimum is recorded, and the next one of its chain starts from the last that did.

    Args:
        folder: of the sweep.
        plan: its points.
        comm: the ranks.
        groups: of ranks, how many.
        heard: called on the first rank with every point that is done now.

    Raises:
        ParameterError: on every rank, where a file cannot be read or written, or a point turns out
            to be no valid problem, which is named.
    """
    points, done = plan.points, finished_points(folder, plan, comm)
    left = [chain for chain in plan.chains if {point.number for point in chain} - done]

    def work(chain: Chain, group: Group) -> None:
        last: Point | None = None
        previous: Solution | None = None
        for point in chain:
            if point.number in done:
                last, previous = point, None
                continue
            if plan.searched:
                search_point(folder, point, group)
                collect_garbage(group.comm)
                group.tell(point.number)
                continue
            if plan.continued and last and not previous:
                previous = open_run(point_folder(folder, last), group.comm).solution
            solution = solve_point(folder, point, group, previous)
            if plan.continued and solution:
                last, previous = point, solution
            collect_garbage(group.comm)
            group.tell(point.number)

    run_tasks(left, work, comm, groups=groups, heard=lambda number: heard(points[number - 1]))


def _said(plan: Plan) -> dict[str, Any]:
    """The plan as `sweep.json` has it."""
    axes = [asdict(axis) | {"values": list(axis.values)} for axis in plan.axes]
    ways = {"continued": plan.continued, "both_ways": plan.both_ways}
    return {"axes": axes} | ways | ({"searched": True} if plan.searched else {})


def _check_plan(folder: Path, plan: Plan) -> None:
    try:
        there = json.loads((folder / PLAN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        there = None
    if there != _said(plan):
        raise ParameterError(
            f"{folder}: holds another sweep, with other keys, values, branches or points (see "
            f"{PLAN} there); leave --resume out to begin anew, or choose another folder with -o."
        )
