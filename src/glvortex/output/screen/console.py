"""What a run says: its progress on the screen, every step in the log, tables at the end."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mpi4py import MPI

from glvortex import __version__
from glvortex.output.ranks import on_first_rank
from glvortex.output.screen.estimate import CountEstimate, NewtonEstimate
from glvortex.output.screen.log import Log, versions
from glvortex.output.screen.screens import Speech, count_text, screen_of, step_text
from glvortex.solve.minimiser import Step

_STAGES = {
    "mesh": "meshing",
    "london": "London field",
    "solve": "",
    "refinement": "refining",
    "identities": "checking identities",
}


class Voice:
    """The `Progress` of a run, on the screen and in its log; only rank 0 speaks.

    ``speech`` is what the screen shows: "lines" (with bars on a terminal), "quiet" or "json".
    """

    def __init__(self, comm: MPI.Intracomm, speech: Speech = "lines") -> None:
        self.comm = comm
        self.screen = screen_of(comm.rank == 0, comm.size == 1, speech)
        self.log: Log | None = None
        self._place = "the beginning"
        self._newton = NewtonEstimate()
        self._counts: dict[str, CountEstimate] = {}

    @contextmanager
    def recording(self, path: Path, *, append: bool = False) -> Iterator[None]:
        """Keep a log in `path` and show the present step, until the block ends; collective.

        With ``append`` what an earlier run has written there stays.

        Raises:
            ParameterError: on every rank, where the log cannot be written.
        """
        self.log = on_first_rank(self.comm, lambda: Log(path, append))
        if self.log:
            self.note(f"glvortex {__version__}, ranks: {self.comm.size}; {versions()}")
        try:
            with self.screen.running():
                yield
        except BaseException as error:
            self.note(f"stopped at {self._place}: {str(error) or type(error).__name__}")
            raise
        finally:
            if self.log:
                self.log.close()
            self.log = None

    def stage(self, name: str) -> None:
        """Announce a stage."""
        text = _STAGES.get(name, name)
        if text:
            self._place = text
            self.note(text)
            self.screen.stage(name, text)

    def step(self, start: str, step: Step) -> None:
        """Announce a Newton step."""
        if step.number == 0:
            self._newton = NewtonEstimate()
        left = self._newton.step(time.perf_counter(), step.gradient_norm, step.tolerance)
        self._place = f"{start}, step {step.number}"
        self.note(step_text(start, step))
        self.screen.step(start, step, left)

    def count(self, what: str, done: int, total: int) -> None:
        """Announce that of ``total`` things, such as "starts", so many are done."""
        now = time.perf_counter()
        estimate = self._counts.setdefault(what, CountEstimate(now, done))
        left = estimate.remaining(now, done, total)
        if done == total:
            del self._counts[what]
        self.note(count_text(what, done, total, left))
        self.screen.count(what, done, total, left)

    def say(self, line: str) -> None:
        """Print a line on the screen and in the log."""
        self.note(line)
        self.screen.line(line)

    def warn(self, line: str) -> None:
        """Print a warning on the screen and in the log."""
        self.note(f"warning: {line}")
        self.screen.line(line, "warning")

    def note(self, line: str) -> None:
        """Write a line to the log only."""
        if self.log:
            self.log.line(line)

    def show(self, thing: Any) -> None:
        """Print a table on the screen and in the log."""
        self.screen.table(thing, self.log is not None)
        if self.log:
            self.log.table(thing)

    def numbers(self, result: Mapping[str, Any]) -> None:
        """Give the numbers of `result.json` to who reads objects."""
        self.screen.numbers(result)

    def folder(self, path: Path) -> None:
        """Say where the run is, at its end."""
        self.note("finished")
        self.screen.folder(path)
