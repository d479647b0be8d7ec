"""Whether a run folder is that of a problem, so that a run may go on in it."""

from __future__ import annotations

import tempfile
import tomllib
from pathlib import Path
from typing import Literal

from mpi4py import MPI

from glvortex.errors import ParameterError
from glvortex.output.ranks import on_first_rank
from glvortex.output.runs.identity import difference, identity
from glvortex.output.runs.run import CHECKPOINT, PROBLEM, RESULT
from glvortex.problems.resolved import write_resolved
from glvortex.problems.schema import ProblemFile
from glvortex.problems.setup import Setup

Standing = Literal["new", "begun", "finished"]


def standing(folder: Path, problem: ProblemFile, setup: Setup, comm: MPI.Intracomm) -> Standing:
    """Return how far a folder's run of this problem has come; collective.

    Raises:
        ParameterError: on every rank, where it holds a run of another problem; the message names
            the first key that differs.
    """

    def look() -> Standing:
        difference = _difference(folder, problem, setup)
        if difference:
            raise ParameterError(
                f"{folder}: holds a run of another problem, {difference}; leave --resume out to "
                "begin anew, or choose another folder with -o."
            )
        if (folder / RESULT).exists():
            return "finished"
        return "begun" if (folder / PROBLEM).exists() else "new"

    found: Standing = comm.bcast(on_first_rank(comm, look))
    return found


def _difference(folder: Path, problem: ProblemFile, setup: Setup) -> str:
    """What differs between the problem and that of a folder; empty where it is the same."""
    there = folder / PROBLEM
    if not there.exists():
        strange = next((name for name in (RESULT, CHECKPOINT) if (folder / name).exists()), None)
        return f"there is a {strange} without {PROBLEM}" if strange else ""
    with tempfile.TemporaryDirectory() as temporary:
        here = write_resolved(problem, setup, Path(temporary))
        files = sorted(path.name for path in Path(temporary).iterdir() if path != here)
        try:
            theirs = identity(there, files)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):
            return f"{PROBLEM} there cannot be read"
        return difference(theirs, identity(here, files))
