"""Whether a run folder is that of a problem, so that a run may go on in it."""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from mpi4py import MPI

from glvortex.errors import ParameterError
from glvortex.output.ranks import on_first_rank
from glvortex.output.runs.run import CHECKPOINT, PROBLEM, RESULT
from glvortex.problems.resolved import write_resolved
from glvortex.problems.schema import ProblemFile
from glvortex.problems.setup import Setup

Standing = Literal["new", "begun", "finished"]

_FREE = ("title", "output")  # what may differ from one part of a run to the next


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
        try:
            theirs = dict(_flat(tomllib.loads(there.read_text(encoding="utf-8"))))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):
            return f"{PROBLEM} there cannot be read"
        ours = dict(_flat(tomllib.loads(here.read_text(encoding="utf-8"))))
        for key in [*ours, *theirs]:
            if key.split(".")[0] not in _FREE and ours.get(key) != theirs.get(key):
                return f"{key} is {_shown(theirs, key)} there and {_shown(ours, key)} here"
        for file in sorted(Path(temporary).iterdir()):
            kept = folder / file.name
            if file != here and (not kept.is_file() or kept.read_bytes() != file.read_bytes()):
                return f"the content of {file.name} is another one there"
    return ""


def _flat(data: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Every value with its dotted key; tables of a list count from 1."""
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{key}.")
        elif isinstance(value, list) and value and all(isinstance(v, dict) for v in value):
            for number, table in enumerate(value, start=1):
                yield from _flat(table, f"{above}{key}.{number}.")
        else:
            yield f"{above}{key}", value


def _shown(values: Mapping[str, Any], key: str) -> str:
    return repr(values[key]) if key in values else "not given"
