"""What the commands share: their arguments, the problem file, the run folder."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from mpi4py import MPI

from glvortex import __version__

if TYPE_CHECKING:
    from glvortex.output.console import Voice
    from glvortex.problems.schema import ProblemFile
    from glvortex.problems.setup import Setup

File = Annotated[Path, typer.Argument(metavar="FILE", help="Problem file (TOML).")]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Replace a value of the file, as in mesh.size=2; repeatable.",
    ),
]

Resume = Annotated[
    bool,
    typer.Option("--resume", help="Go on where an earlier, interrupted run in this folder ended."),
]


def load(file: Path, overrides: list[str] | None) -> tuple[ProblemFile, Setup]:
    """Read a problem file and reduce it."""
    from glvortex.problems import schema, setup

    problem = schema.load(file, overrides or ())
    return problem, setup.setup_from(problem)


@contextmanager
def run_folder(run: Path, file: Path, reduced: Setup, *, resumed: bool = False) -> Iterator[Voice]:
    """Make the folder of a run and speak about it, on the screen and in its log."""
    from glvortex.output import console, folder
    from glvortex.output.lock import occupied

    comm = MPI.COMM_WORLD
    folder.prepare(run, comm)
    voice = console.Voice(comm)
    with occupied(run, comm), voice.recording(run / folder.LOG, append=resumed):
        voice.note(f"glvortex {__version__}, {file}, {comm.size} ranks, {time.strftime('%F %T')}")
        voice.say(reduced.title)
        for warning in reduced.warnings:
            voice.say(f"warning: {warning}")
        for note in notes(reduced):
            voice.say(f"note: {note}")
        yield voice
        voice.say(f"The run is in {run}{os.sep}")


def notes(reduced: Setup) -> tuple[str, ...]:
    """What the material and its inclusions say about their own assumptions."""
    speakers = (reduced.coefficients, reduced.sources)
    return tuple(note for speaker in speakers if speaker for note in speaker.notes)
