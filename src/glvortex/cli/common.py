"""What the commands share: their arguments, the problem file, the run folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import click
import typer
from mpi4py import MPI

from glvortex import interrupt
from glvortex.cli.application import invocation
from glvortex.errors import ParameterError

if TYPE_CHECKING:
    from glvortex.output.screen.console import Voice
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

Groups = Annotated[
    int | None,
    typer.Option(
        "--groups",
        metavar="N",
        help="Groups of ranks that work side by side; as many as can be if not given.",
    ),
]

# many runs leave out what takes room and time, unless --set asks for it
BARE = ("output.fields=false", "output.pictures=false")


def checked_groups(groups: int | None, comm: MPI.Intracomm) -> None:
    """Refuse a number of groups that the ranks cannot make."""
    if groups is not None and not 1 <= groups <= comm.size:
        most = "1, there is one rank" if comm.size == 1 else f"between 1 and {comm.size}, the ranks"
        raise ParameterError(f"--groups must be {most}, got {groups}.")


def target(metavar: str, explanation: str) -> Any:
    """Return the option -o, which says where a command writes."""
    return typer.Option("-o", "--output", metavar=metavar, help=explanation, parser=_named)


def _named(path: str | Path) -> Path:
    # Path("") is the current folder, which nobody means who writes -o "$UNSET"
    if not str(path).strip():
        raise click.UsageError("-o is empty: name what to write, or leave -o out.")
    return Path(path)


def load(file: Path, overrides: list[str] | None) -> tuple[ProblemFile, Setup]:
    """Read a problem file and reduce it."""
    from glvortex.problems import schema, setup

    problem = schema.load(file, overrides or ())
    return problem, setup.setup_from(problem)


def speaker() -> Voice:
    """Return the voice of the running command, as the options of the application want it."""
    from glvortex.output.screen.console import Voice

    return Voice(MPI.COMM_WORLD, invocation().speech)


@contextmanager
def run_folder(
    run: Path, file: Path, reduced: Setup, *, resumed: bool = False, strange: Sequence[str] = ()
) -> Iterator[Voice]:
    """Make the folder of a run and speak about it, on the screen and in its log.

    ``strange`` is what only folders of other kinds hold; those are refused.
    """
    from glvortex.output.runs import folder
    from glvortex.output.runs.lock import occupied

    comm = MPI.COMM_WORLD
    interrupt.check(comm)
    folder.prepare(run, comm, strange=strange)
    voice = speaker()
    with occupied(run, comm), voice.recording(run / folder.LOG, append=resumed):
        voice.note(invocation().line)
        voice.say(reduced.title)
        for warning in reduced.warnings:
            voice.warn(warning)
        for note in reduced.notes:
            voice.say(f"note: {note}")
        yield voice
        voice.folder(run)


@contextmanager
def resumable() -> Iterator[None]:
    """Say, where the block is interrupted, how to go on."""
    try:
        yield
    except KeyboardInterrupt as stop:
        again = invocation().line
        again += "" if "--resume" in invocation().arguments else " --resume"
        raise type(stop)(f"interrupted; `{again}` goes on from here") from None
