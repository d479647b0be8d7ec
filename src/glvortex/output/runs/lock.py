"""One run at a time in a folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mpi4py import MPI

from glvortex.errors import ParameterError
from glvortex.output.ranks import on_first_rank


@contextmanager
def occupied(folder: Path, comm: MPI.Intracomm) -> Iterator[None]:
    """Keep other runs out of a folder; collective.

    The lock ends with the process, however it ends; where the file system has none, nothing is
    locked.

    Raises:
        ParameterError: on every rank, where another run is at work there.
    """
    lock = on_first_rank(comm, lambda: _lock(folder))
    try:
        yield
    finally:
        if lock is not None:
            os.close(lock)


def _lock(folder: Path) -> int:
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise ParameterError(
            f"{folder}: another run is at work in this folder; wait for its end or choose another "
            "with -o."
        ) from None
    except OSError:
        pass
    return lock
