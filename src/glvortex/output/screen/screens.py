"""What the screen shows of a run: lines, bars on a terminal, JSON objects, or next to nothing."""

from __future__ import annotations

import json
import math
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from glvortex.output.reports.rows import rows_of
from glvortex.output.runs.result import plain
from glvortex.output.screen.estimate import duration
from glvortex.output.screen.log import WIDTH
from glvortex.solve.minimiser import Step

Speech = Literal["lines", "quiet", "json"]


class Screen:
    """A screen that shows nothing: that of all ranks but the first."""

    @contextmanager
    def running(self) -> Iterator[None]:
        """Show what goes on until the block ends."""
        yield

    def stage(self, name: str, text: str) -> None:
        """Show that a stage begins."""

    def step(self, start: str, step: Step, remaining: float | None) -> None:
        """Show a Newton step and the seconds that the start still needs."""

    def count(self, what: str, done: int, total: int, remaining: float | None) -> None:
        """Show how many are done and the seconds that the others need."""

    def line(self, text: str, kind: str = "message") -> None:
        """Show a line; of the kind "message" or "warning"."""

    def table(self, thing: Any, in_log: bool) -> None:
        """Show a table or text that a command was asked for; ``in_log``: it is in the log, too."""

    def numbers(self, result: Mapping[str, Any]) -> None:
        """Show what is in `result.json`."""

    def folder(self, path: Path) -> None:
        """Show where the run is."""


class Lines(Screen):
    """A line for each stage, and one for the end of each start."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._begin = time.perf_counter()
        self._last: str = ""  # step of the start that runs

    def stage(self, name: str, text: str) -> None:  # noqa: D102
        self.line(text)

    def step(self, start: str, step: Step, remaining: float | None) -> None:  # noqa: D102
        self._last = step_text(start, step)

    def count(self, what: str, done: int, total: int, remaining: float | None) -> None:  # noqa: D102
        self._end_of_start()
        if done:
            self.line(count_text(what, done, total, remaining))

    def line(self, text: str, kind: str = "message") -> None:  # noqa: D102
        self._end_of_start()
        self._print(f"warning: {text}" if kind == "warning" else text)

    def table(self, thing: Any, in_log: bool) -> None:  # noqa: D102
        self.console.print(thing, markup=False)

    def folder(self, path: Path) -> None:  # noqa: D102
        self.line(f"The run is in {path}{os.sep}")

    def _end_of_start(self) -> None:
        last, self._last = self._last, ""
        if last:
            self._print(last)

    def _print(self, text: str) -> None:
        seconds = time.perf_counter() - self._begin
        self.console.print(f"[dim]{seconds:7.1f} s[/dim] {escape(text)}")


class Bars(Lines):
    """The same, and below it what goes on at present: for a terminal."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self._bars = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(20),
            TextColumn("{task.fields[left]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._present: TaskID | None = None
        self._counts: dict[str, TaskID] = {}
        self._largest = 0.0  # gradient of the start that runs

    @contextmanager
    def running(self) -> Iterator[None]:  # noqa: D102
        with self._bars:
            self._present = self._bars.add_task("preparing", total=None, left="")
            yield

    def stage(self, name: str, text: str) -> None:  # noqa: D102
        super().stage(name, text)
        if self._present is not None:
            self._bars.reset(self._present, total=None, description=text, left="")
            self._bars.refresh()

    def step(self, start: str, step: Step, remaining: float | None) -> None:  # noqa: D102
        super().step(start, step, remaining)
        if self._present is None:
            return
        norm = max(step.gradient_norm, step.tolerance)
        self._largest = norm if step.number == 0 else max(norm, self._largest)
        decades = math.log(self._largest / step.tolerance)
        self._bars.update(
            self._present,
            description=step_text(start, step),
            total=decades or 1.0,
            completed=math.log(self._largest / norm),
            left=duration(remaining),
        )

    def count(self, what: str, done: int, total: int, remaining: float | None) -> None:  # noqa: D102
        super().count(what, done, total, remaining)
        if what not in self._counts:
            self._counts[what] = self._bars.add_task("", total=total, left="")
        text = f"{done} of {total} {what}"
        task, left = self._counts[what], duration(remaining)
        self._bars.update(task, completed=done, total=total, description=text, left=left)
        self._bars.refresh()
        if done == total:
            self._bars.remove_task(self._counts.pop(what))


class Quiet(Screen):
    """The tables of a command that leaves no folder, or the folder; nothing else."""

    def table(self, thing: Any, in_log: bool) -> None:  # noqa: D102
        if not in_log:
            _console(terminal=False).print(thing, markup=False)

    def folder(self, path: Path) -> None:  # noqa: D102
        print(path, flush=True)


class Objects(Screen):
    """A JSON object on each line (docs/command_line.md)."""

    def __init__(self) -> None:
        self._begin = time.perf_counter()

    def stage(self, name: str, text: str) -> None:  # noqa: D102
        self._print("stage", name=name)

    def step(self, start: str, step: Step, remaining: float | None) -> None:  # noqa: D102
        self._print(
            "step",
            start=start,
            number=step.number,
            energy=step.energy,
            gradient_norm=step.gradient_norm,
            tolerance=step.tolerance,
            remaining=remaining,
        )

    def count(self, what: str, done: int, total: int, remaining: float | None) -> None:  # noqa: D102
        self._print("count", what=what, done=done, total=total, remaining=remaining)

    def line(self, text: str, kind: str = "message") -> None:  # noqa: D102
        self._print(kind, text=text)

    def table(self, thing: Any, in_log: bool) -> None:  # noqa: D102
        if isinstance(thing, Table):
            found = rows_of(thing)
            self._print("table", title=found.title, columns=found.columns, rows=found.rows)
        else:
            self.line(str(thing))

    def numbers(self, result: Mapping[str, Any]) -> None:  # noqa: D102
        self._print("result", result=dict(result))

    def folder(self, path: Path) -> None:  # noqa: D102
        self._print("folder", path=str(path))

    def _print(self, event: str, **values: Any) -> None:
        seconds = round(time.perf_counter() - self._begin, 3)
        record = plain({"event": event, "seconds": seconds} | values)
        print(json.dumps(record, allow_nan=False), flush=True)


def screen_of(first: bool, alone: bool, speech: Speech) -> Screen:
    """Return the screen of a rank: ``first`` of all, ``alone`` without others."""
    if not first:
        return Screen()
    if speech == "quiet":
        return Quiet()
    if speech == "json":
        return Objects()
    # mpirun gives its ranks a terminal of their own, whatever their output goes to
    launched = "OMPI_COMM_WORLD_SIZE" in os.environ or not alone
    terminal = not launched and sys.stdout.isatty()
    return Bars(_console(terminal)) if terminal else Lines(_console(terminal))


def step_text(start: str, step: Step) -> str:
    """Say how far a start has come."""
    gradient = f"|gradient| {step.gradient_norm:.1e}"
    return f"{start}: step {step.number}, energy {step.energy:.6f}, {gradient}"


def count_text(what: str, done: int, total: int, remaining: float | None) -> str:
    """Say how many are done, and how long the others need."""
    left = duration(remaining) if done < total else ""
    return f"{done} of {total} {what} done" + (f", {left}" if left else "")


def _console(terminal: bool) -> Console:
    return Console(
        highlight=False,
        soft_wrap=not terminal,
        force_terminal=terminal,
        width=None if terminal else WIDTH,
    )
