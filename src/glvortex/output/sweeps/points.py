"""Many problems, each solved into a run folder of its own: the points of a sweep and the like.

points/NNNN/    the run of one of them, numbered from 1; without result.json it is unfinished, and
                failed.txt says why where it reached no minimum
"""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from mpi4py import MPI
from petsc4py import PETSc

from glvortex.errors import NotConvergedError, ParameterError
from glvortex.output.ranks import on_first_rank
from glvortex.output.runs import folder as runs
from glvortex.output.runs.job import solve_in_folder
from glvortex.output.runs.keeper import FolderKeeper
from glvortex.output.runs.resume import standing
from glvortex.output.runs.run import RESULT
from glvortex.output.screen.console import Voice
from glvortex.problems.jobs import Job
from glvortex.problems.solve import Solution
from glvortex.problems.tasks import Group
from glvortex.solve.minimiser import Step

Found = TypeVar("Found")
FAILED = "failed.txt"
POINTS = "points"


def finished(folder: Path, points: Iterable[Job], comm: MPI.Intracomm) -> set[int]:
    """Numbers of the points that have been done; collective.

    Raises:
        ParameterError: on every rank, where the folder of a point holds another problem.
    """
    return {
        point.number
        for point in points
        if comm.bcast(on_first_rank(comm, (point_folder(folder, point) / RESULT).exists))
        and standing(point_folder(folder, point), point.problem, point.setup, comm) == "finished"
    }


def point_folder(folder: Path, point: Job) -> Path:
    """The run folder of a point."""
    return folder / POINTS / f"{point.number:04d}"


def result_of(folder: Path, point: Job) -> dict[str, Any] | str:
    """What `result.json` of a point holds, or else why there is none.

    Raises:
        ParameterError: it is damaged.
    """
    run = point_folder(folder, point)
    try:
        found: dict[str, Any] = json.loads((run / RESULT).read_text(encoding="utf-8"))
        return found
    except FileNotFoundError:
        return failure_of(folder, point)
    except (OSError, ValueError):
        raise ParameterError(
            f"{run / RESULT}: is damaged; remove the folder and use --resume to do the point again."
        ) from None


def failure_of(folder: Path, point: Job) -> str:
    """Why a point has no result."""
    failed = point_folder(folder, point) / FAILED
    return failed.read_text(encoding="utf-8").strip() if failed.exists() else "not done"


def solve_point(
    folder: Path, point: Job, group: Group, previous: Solution | None = None
) -> Solution | None:
    """Solve one point into its folder, or go on there; collective.

    Returns:
        The solution, None where it reaches no minimum.

    Raises:
        ParameterError: on every rank of the group, where a file cannot be read or written, or the
            point turns out to be no valid problem, which is named.
    """
    comm, run = group.comm, point_folder(folder, point)
    begun = standing(run, point.problem, point.setup, comm) == "begun"

    def work(voice: Voice) -> Solution:
        return solve_in_folder(
            run, point.problem, point.setup, comm, voice, begun=begun, previous=previous
        )

    solution = recorded(folder, point, group, work, append=begun)
    if solution is None:
        FolderKeeper(run, comm).forget()
    return solution


def recorded(
    folder: Path,
    point: Job,
    group: Group,
    work: Callable[[Voice], Found],
    *,
    append: bool,
) -> Found | None:
    """Do what is to be done at a point, with a log in its folder; collective.

    Returns:
        What ``work`` returned, None where it reached no minimum, and failed.txt says why.

    Raises:
        ParameterError: on every rank of the group, as ``work`` does, with the point named.
    """
    comm, run = group.comm, point_folder(folder, point)
    runs.prepare(run, comm)
    voice = _PointVoice(comm, group.listen)
    with voice.recording(run / runs.LOG, append=append):
        voice.note(f"point {point.number}: {point.said}")
        on_first_rank(comm, lambda: (run / FAILED).unlink(missing_ok=True))
        try:
            return work(voice)
        except NotConvergedError as error:
            reason = str(error)
            on_first_rank(comm, lambda: (run / FAILED).write_text(reason + "\n", encoding="utf-8"))
            return None
        except ParameterError as error:
            raise ParameterError(
                f"{str(error).rstrip('.')} (point {point.number}: {point.said})."
            ) from None


class _PointVoice(Voice):
    """Says nothing on the screen, and lets the first rank hear of other groups at every step."""

    def __init__(self, comm: MPI.Intracomm, listen: Callable[[], None]) -> None:
        super().__init__(comm, "quiet")
        self._listen = listen

    def step(self, start: str, step: Step) -> None:
        """Log a Newton step."""
        super().step(start, step)
        self._listen()


def collect_garbage(comm: MPI.Intracomm) -> None:
    """Free what PETSc can free on all ranks together only; collective."""
    gc.collect()
    PETSc.garbage_cleanup(comm)
