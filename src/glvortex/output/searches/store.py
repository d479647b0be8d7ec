"""The trials of a search on disk, so that any group of ranks and a later run finds them.

trials/NNNN.json    outcome of a trial; it is written last, so what has one is whole
trials/NNNN.npz     its state, while it may be needed: f and a cell by cell
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from mpi4py import MPI
from pydantic import TypeAdapter, ValidationError

from glvortex.errors import ParameterError
from glvortex.fem.cellwise import CellValues
from glvortex.output.ranks import on_first_rank, replacing
from glvortex.problems.search.archive import Outcome

TRIALS = "trials"
_OUTCOME = TypeAdapter(Outcome)


class FolderStore:
    """The `Store` of a search in its folder; every rank sees the same file system.

    Raises:
        ParameterError: from any method, where a file cannot be written or is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / TRIALS

    def outcome(self, number: int) -> Outcome | None:
        """Return that of a trial that is done."""
        path = self._path(number, "json")
        try:
            return _OUTCOME.validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError):
            raise ParameterError(
                f"{path}: is damaged; remove it and use --resume to do the trial again."
            ) from None

    def state(self, number: int, comm: MPI.Intracomm) -> CellValues:
        """Return the state of a trial on every rank; collective."""
        return comm.bcast(on_first_rank(comm, lambda: self._read(number)))

    def _read(self, number: int) -> CellValues:
        path = self._path(number, "npz")
        try:
            with np.load(path) as found:
                return CellValues(found["f"], found["a"])
        except (OSError, ValueError, KeyError):
            raise ParameterError(
                f"{path}: is missing or damaged; leave --resume out to begin anew."
            ) from None

    def save(self, outcome: Outcome, state: CellValues) -> None:
        """Keep a trial that is done; on one rank."""
        self._folder.mkdir(exist_ok=True)
        if outcome.end == "minimum":
            with replacing(self._path(outcome.number, "npz")) as path:
                np.savez(path, f=state.f, a=state.a)
        with replacing(self._path(outcome.number, "json")) as path:
            path.write_bytes(_OUTCOME.dump_json(outcome, indent=2) + b"\n")

    def forget(self, numbers: Sequence[int]) -> None:
        """Remove states that are not needed any more; on one rank."""
        for number in numbers:
            self._path(number, "npz").unlink(missing_ok=True)

    def _path(self, number: int, suffix: str) -> Path:
        return self._folder / f"{number:05d}.{suffix}"
