"""What a run says: progress on the screen, every step in the log, tables at the end."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mpi4py import MPI
from rich.console import Console
from rich.markup import escape
from rich.status import Status

from glvortex.output.ranks import on_first_rank
from glvortex.solve.minimiser import Step

_PLAIN_WIDTH = 130
_STAGES = {
    "mesh": "meshing",
    "london": "London field",
    "solve": "",
    "identities": "checking identities",
}


class Voice:
    """The `Progress` of a run; only rank 0 speaks.

    On a terminal the present step is shown in place; elsewhere one line per stage is printed. The
    log holds every step.
    """

    def __init__(self, comm: MPI.Intracomm) -> None:
        self.comm = comm
        first = comm.rank == 0
        # mpirun gives its ranks a terminal of their own, whatever their output goes to
        launched = "OMPI_COMM_WORLD_SIZE" in os.environ or comm.size > 1
        terminal = first and not launched and sys.stdout.isatty()
        self.screen = Console(
            quiet=not first,
            highlight=False,
            soft_wrap=not terminal,
            force_terminal=terminal,
            width=None if terminal else _PLAIN_WIDTH,
        )
        self.log: Console | None = None
        self.status: Status | None = self.screen.status("") if terminal else None
        self.begin = time.perf_counter()
        self.last: tuple[str, Step] | None = None

    @contextmanager
    def recording(self, path: Path, *, append: bool = False) -> Iterator[None]:
        """Keep a log in `path` and show the present step, until the block ends; collective.

        With ``append`` what an earlier run has written there stays.

        Raises:
            ParameterError: on every rank, where the log cannot be written.
        """
        mode = "a" if append else "w"
        file = on_first_rank(self.comm, lambda: path.open(mode, encoding="utf-8", buffering=1))
        self.log = Console(file=file, width=_PLAIN_WIDTH) if file else None
        if self.status:
            self.status.start()
        try:
            yield
        except BaseException as error:
            self.note(f"stopped: {str(error) or type(error).__name__}")
            raise
        finally:
            if self.status:
                self.status.stop()
            self.log = None
            if file:
                file.close()

    def stage(self, name: str) -> None:
        """Announce a stage."""
        self._end_of_start()
        text = _STAGES.get(name, name)
        if text:
            self.say(text)

    def step(self, start: str, step: Step) -> None:
        """Announce a Newton step."""
        self.last = (start, step)
        line = _step_line(start, step)
        self.note(line)
        if self.status:
            self.status.update(escape(line))

    def say(self, line: str) -> None:
        """Print a line on the screen and in the log."""
        self._end_of_start()
        self.note(line)
        if self.status:
            self.status.update(escape(line))
        self.screen.print(f"[dim]{self._clock()}[/dim] {escape(line)}")

    def note(self, line: str) -> None:
        """Write a line to the log only."""
        if self.log:
            self.log.print(f"{self._clock()} {line}", markup=False, highlight=False, soft_wrap=True)

    def show(self, thing: Any) -> None:
        """Print a table on the screen and in the log."""
        self.screen.print(thing, markup=False)
        if self.log:
            self.log.print(thing, markup=False, soft_wrap=True)

    def _end_of_start(self) -> None:
        """Where a start has been relaxed, say how that ended."""
        if self.last:
            last, self.last = self.last, None
            self.screen.print(f"[dim]{self._clock()}[/dim] {escape(_step_line(*last))}")

    def _clock(self) -> str:
        return f"{time.perf_counter() - self.begin:7.1f} s"


def _step_line(start: str, step: Step) -> str:
    gradient = f"|gradient| {step.gradient_norm:.1e}"
    return f"{start}: step {step.number}, energy {step.energy:.6f}, {gradient}"
