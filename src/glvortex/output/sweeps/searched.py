"""Points of a sweep that are searches.

points/NNNN/    the search of one of them, see `searches.search`; until search.json has its states
                it is unfinished, and failed.txt says why where no trial reached a minimum
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mpi4py import MPI

from glvortex.errors import ParameterError
from glvortex.output.ranks import on_first_rank
from glvortex.output.runs.run import RESULT
from glvortex.output.searches.search import SEARCH, has_begun, search_in_folder
from glvortex.output.sweeps.points import failure_of, point_folder, recorded
from glvortex.problems.jobs import Job
from glvortex.problems.tasks import Group


def searched(folder: Path, points: Iterable[Job], comm: MPI.Intracomm) -> set[int]:
    """Numbers of the points whose search has ended, with the settings as they are; collective.

    Raises:
        ParameterError: on every rank, where the folder of a point holds another search.
    """

    def ended(point: Job) -> bool:
        found = _content(point_folder(folder, point))
        settings = point.problem.search.model_dump()
        return found is not None and "states" in found and found["settings"] == settings

    return {
        point.number
        for point in points
        if comm.bcast(on_first_rank(comm, lambda: ended(point)))  # noqa: B023
        and has_begun(point_folder(folder, point), point.problem, point.setup, comm)
    }


def search_point(folder: Path, point: Job, group: Group) -> None:
    """Search at one point into its folder, or go on there; collective.

    All ranks of the group work on one trial at a time.

    Raises:
        ParameterError: on every rank of the group, where a file cannot be read or written, or the
            point turns out to be no valid problem, which is named.
    """
    comm, run = group.comm, point_folder(folder, point)
    begun = has_begun(run, point.problem, point.setup, comm)
    recorded(
        folder,
        point,
        group,
        lambda voice: search_in_folder(
            run, point.problem, point.setup, comm, voice, groups=1, begun=begun
        ),
        append=begun,
    )


def lowest_of(folder: Path, point: Job) -> dict[str, Any] | str:
    """What `result.json` of the lowest state of a point holds, or else why there is none.

    Raises:
        ParameterError: it is damaged.
    """
    run = point_folder(folder, point)
    found = _content(run)
    if found is None or "states" not in found:
        return failure_of(folder, point)
    state = next((state["folder"] for state in found["states"] if state["folder"]), None)
    if state is None:
        return "no state of the search is left on the finer mesh"
    try:
        content = json.loads((run / state / RESULT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise _damaged(run / state / RESULT) from None
    return content | {"search": found}


def _content(run: Path) -> dict[str, Any] | None:
    """What search.json of a point holds, None where it is not there."""
    try:
        found: dict[str, Any] = json.loads((run / SEARCH).read_text(encoding="utf-8"))
        return found
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        raise _damaged(run / SEARCH) from None


def _damaged(path: Path) -> ParameterError:
    return ParameterError(
        f"{path}: is damaged; remove the folder of the point and use --resume to do it again."
    )
