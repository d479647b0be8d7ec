"""Independent tasks side by side, each on a group of ranks."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
from mpi4py import MPI

Task = TypeVar("Task")
Result = TypeVar("Result")
_NEWS = 1  # tag of what groups tell the first rank
_NAP = 0.01  # seconds between looks for news while others still work


@dataclass
class Group:
    """Ranks that work on one task at a time.

    Attributes:
        comm: their communicator.
        number: counted from 0, the group of the first rank of all.
    """

    comm: MPI.Intracomm
    number: int
    _all: MPI.Intracomm
    _heard: Callable[[Any], None]
    _sent: list[MPI.Request] = field(default_factory=list)

    def tell(self, news: Any) -> None:
        """Let the first rank of all hear something that pickle knows; on every rank of the group.

        The first rank hears what it tells itself at once, and then what has come from others.
        """
        if self._all.rank == 0:
            self._heard(news)
            self.listen()
        elif self.comm.rank == 0:
            self._sent.append(self._all.isend(news, dest=0, tag=_NEWS))

    def listen(self) -> None:
        """Hear what has come, on the first rank of all; nothing happens on the others."""
        while self._all.rank == 0 and self._all.iprobe(tag=_NEWS):
            self._heard(self._all.recv(tag=_NEWS))

    def settle(self) -> None:
        """Wait until all groups are here and all that was told is heard; collective over all."""
        MPI.Request.Waitall(self._sent)
        everyone = self._all.Ibarrier()
        while not everyone.Test():
            self.listen()
            time.sleep(_NAP)
        self.listen()


def run_tasks(
    tasks: Sequence[Task],
    work: Callable[[Task, Group], Result],
    comm: MPI.Intracomm,
    *,
    groups: int | None = None,
    heard: Callable[[Any], None] = lambda news: None,
) -> list[Result]:
    """Do every task on one group of ranks, the next one where a group is free; collective.

    Args:
        tasks: the same on every rank.
        work: does one, collectively over ``group.comm``.
        comm: the ranks.
        groups: how many, by default one for each task and at most one for each rank.
        heard: called on the first rank with what groups tell it.

    Returns:
        What ``work`` returned on the first rank of a group (it must pickle), in the order of the
        tasks, on every rank.

    Where ``work`` raises, no further task is begun, and every rank raises that.
    """
    count = max(1, min(groups or len(tasks), comm.size, len(tasks)))
    return Crew(comm, count).do(tasks, work, heard=heard)


class Crew:
    """All ranks in groups that stay together, for task after task.

    Args:
        comm: the ranks.
        count: of groups, at most one for each rank.

    Attributes:
        comm: all ranks.
        group: that of this rank.
    """

    def __init__(self, comm: MPI.Intracomm, count: int) -> None:
        count = min(count, comm.size)
        number = comm.rank * count // comm.size
        # never freed: what PETSc has on it may be collected later
        mine = comm if count == 1 else MPI.Intracomm(comm.Split(number, comm.rank))
        self.comm = comm
        self.group = Group(mine, number, comm, lambda news: None)

    def do(
        self,
        tasks: Sequence[Task],
        work: Callable[[Task, Group], Result],
        *,
        heard: Callable[[Any], None] = lambda news: None,
    ) -> list[Result]:
        """Do every task on one of the groups, as `run_tasks` does; collective."""
        group = replace(self.group, _heard=heard, _sent=[])
        found: dict[int, Result] = {}
        error: Exception | None = None
        with _Queue(self.comm, group.comm) as queue:
            while (index := queue.next()) < len(tasks):
                try:
                    found[index] = work(tasks[index], group)
                except Exception as failure:  # the other groups must hear of it
                    error = failure
                    queue.close(len(tasks))
                    break
            group.settle()
        everything: list[tuple[dict[int, Result], Exception | None]] = self.comm.allgather(
            (found if group.comm.rank == 0 else {}, error)
        )
        if failed := next((failure for _, failure in everything if failure is not None), None):
            raise failed
        results = {index: result for part, _ in everything for index, result in part.items()}
        return [results[index] for index in range(len(tasks))]


class _Queue:
    """A counter on the first rank that any group raises without its help (one-sided)."""

    def __init__(self, comm: MPI.Intracomm, group: MPI.Intracomm) -> None:
        self._group = group
        self._window = MPI.Win.Allocate(8 if comm.rank == 0 else 0, 8, comm=comm)
        if comm.rank == 0:
            np.frombuffer(self._window, dtype=np.int64)[:] = 0
        comm.Barrier()

    def __enter__(self) -> _Queue:
        return self

    def __exit__(self, *_: object) -> None:
        self._window.Free()

    def next(self) -> int:
        """Take the next number; collective over the group."""
        return self._group.bcast(self._raise(1) if self._group.rank == 0 else None)

    def close(self, end: int) -> None:
        """Leave no number below ``end``."""
        if self._group.rank == 0:
            self._raise(end)

    def _raise(self, by: int) -> int:
        before = np.zeros(1, dtype=np.int64)
        self._window.Lock(0)
        self._window.Fetch_and_op(np.array([by], dtype=np.int64), before, 0)
        self._window.Unlock(0)
        return int(before[0])
