"""Ctrl-C, SIGTERM and SIGUSR1: noted when they come, acted on where all ranks can act together.

mpirun kills its ranks half a second after Ctrl-C; SIGUSR1, which it passes on, is the way to stop
them in good order (docker/bin/mpirun makes one of the other, a scheduler may send it itself).

A signal reaches each rank at a moment of its own, where nothing collective is possible, such as
writing a checkpoint. So it is only noted; at the next `check`, which each Newton step has, all
ranks raise `Interrupted` together. What does not come to a `check` within `PATIENCE`, or a second
signal, raises a plain KeyboardInterrupt wherever the rank is.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from mpi4py import MPI

PATIENCE = 5.0
"""Seconds from the signal to the moment at which a rank gives up to wait for a `check`."""


class Interrupted(KeyboardInterrupt):
    """The run was asked to stop; raised on every rank, at the same place."""


class _Listener:
    """Notes the signals."""

    def __init__(self) -> None:
        self.asked = False

    def note(self, number: int, frame: FrameType | None) -> None:
        """Handle the signals that ask to stop."""
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        signal.setitimer(signal.ITIMER_REAL, PATIENCE)

    def give_up(self, number: int, frame: FrameType | None) -> None:
        """Handle SIGALRM."""
        raise KeyboardInterrupt


_listener: _Listener | None = None


@contextmanager
def listening() -> Iterator[None]:
    """Note signals for `check` until the block ends, which leaves the handlers as they were.

    A signal that is ignored (Ctrl-C, by what a shell runs in the background) stays so. Python
    handles signals in its main thread only; in another one nothing is changed.
    """
    global _listener
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _listener = _Listener()
    asking = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)
    handlers = {number: _listener.note for number in asking} | {signal.SIGALRM: _listener.give_up}
    before = {number: signal.getsignal(number) for number in handlers}
    for number, handler in handlers.items():
        if before[number] is not signal.SIG_IGN:
            signal.signal(number, handler)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        for number, old in before.items():
            signal.signal(number, old)
        _listener = None


def check(comm: MPI.Intracomm) -> None:
    """Raise `Interrupted` on every rank if any was asked to stop; collective.

    Nothing happens outside `listening`, where Python's own KeyboardInterrupt comes at once.
    """
    if _listener is None:
        return
    if comm.allreduce(_listener.asked, op=MPI.LOR):
        signal.setitimer(signal.ITIMER_REAL, 0.0)  # all are on their way out
        raise Interrupted("interrupted")
