"""What one process does for all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from mpi4py import MPI

from glvortex.errors import ParameterError

_PARTIAL = ".partial-"
Result = TypeVar("Result")


def on_first_rank(comm: MPI.Intracomm, action: Callable[[], Result]) -> Result | None:
    """Run `action` on rank 0 and return its result there, None elsewhere; collective.

    Raises:
        ParameterError: on every rank, where a file cannot be written or the action raises one.
    """
    result: Result | None = None
    error: Exception | None = None
    if comm.rank == 0:
        try:
            result = action()
        except OSError as failure:
            where = str(failure.filename or "a file").replace(_PARTIAL, "")
            error = ParameterError(f"{where}: cannot be written ({failure.strerror}).")
        except Exception as failure:  # the other ranks are waiting for it
            error = failure
    error = comm.bcast(error, root=0)
    if error is not None:
        raise error
    return result


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path to write to, which takes the name `path` once all has gone well."""
    temporary = partial(path)
    try:
        yield temporary
    except OSError as failure:
        failure.filename = failure.filename or str(path)  # a full disk does not say whose write
        raise
    os.replace(temporary, path)


@contextmanager
def replacing_together(path: Path, comm: MPI.Intracomm) -> Iterator[Path]:
    """Give all ranks the temporary path of a file or folder that they write together; collective.

    Raises:
        ParameterError: on every rank, where it cannot take the name `path` in the end.
    """
    temporary = partial(path)
    yield temporary
    comm.Barrier()

    def rename() -> None:
        if path.is_dir():
            shutil.rmtree(path)
        os.replace(temporary, path)

    on_first_rank(comm, rename)


def partial(path: Path) -> Path:
    """Name of a file or folder that is still being written; it keeps its suffix."""
    return path.with_name(_PARTIAL + path.name)
