"""The application itself: the options of all commands, the exit status, the last words."""

from __future__ import annotations

import os
import shlex
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, NoReturn

import click
import typer
from mpi4py import MPI

from glvortex import __version__
from glvortex.errors import NotConvergedError, ParameterError
from glvortex.interrupt import listening

if TYPE_CHECKING:
    from glvortex.output.screen.screens import Speech

INTERRUPTED = 130
_PATIENCE = 5.0  # seconds to wait for the other ranks to fail as well

app = typer.Typer(
    name="glvortex",
    help="Ginzburg-Landau vortices in superconductors with charged magnetic inclusions.",
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"glvortex {__version__}")
        raise typer.Exit


@dataclass
class Invocation:
    """What the command line asks for besides the command: how to speak; and the line itself."""

    arguments: Sequence[str]
    speech: Speech = "lines"

    @property
    def line(self) -> str:
        """The command line."""
        return shlex.join(["glvortex", *self.arguments])


def invocation() -> Invocation:
    """Return that of the running command."""
    found = click.get_current_context().find_object(Invocation)
    assert found is not None  # `main` gives it
    return found


@app.callback()
def _options(
    context: typer.Context,
    quiet: Annotated[
        bool,
        typer.Option(
            "--quiet", help="Print errors, what was asked for, and where the run is; no progress."
        ),
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print JSON, an object on each line, for programs.")
    ] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_print_version, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Options of all commands."""
    if quiet and json:
        raise click.UsageError("--quiet and --json exclude each other.")
    if quiet or json:
        context.obj.speech = "quiet" if quiet else "json"


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and exit with its status."""
    # PETSc would answer a closed pipe or Ctrl-C with a page of its own
    os.environ["PETSC_OPTIONS"] = os.environ.get("PETSC_OPTIONS", "") + " -no_signal_handler"
    comm = MPI.COMM_WORLD.Dup()
    if comm.rank > 0:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 (until the end)
    try:
        with listening():
            status = _run(sys.argv[1:] if arguments is None else list(arguments))
    except Exception as error:
        status = _fail(comm, *_verdict(error))
    except KeyboardInterrupt as error:
        status = _fail(comm, f"{str(error) or 'interrupted'}.", INTERRUPTED)
    except SystemExit:  # rich, when nobody reads on
        status = _fail(comm, "", 1)
    sys.exit(status)


def _run(arguments: list[str]) -> int:
    """Run the command; unlike typer's own way, what is raised comes out as it is."""
    command = typer.main.get_command(app)
    try:
        invoked = Invocation(tuple(arguments))
        with command.make_context("glvortex", arguments, obj=invoked) as context:
            return command.invoke(context) or 0
    except click.exceptions.Exit as end:  # --help, --version
        return end.exit_code


def _verdict(error: Exception) -> tuple[str, int]:
    """What to print for an error, and the exit status."""
    match error:
        case ParameterError():
            return str(error), 2
        case NotConvergedError():
            return str(error), 1
        case click.NoSuchOption() if error.option_name in ("--quiet", "--json", "--version"):
            name = error.option_name
            return f"{name} goes before the command, as in glvortex {name} solve FILE.", 2
        case click.ClickException():
            return error.format_message(), error.exit_code
    return "".join(traceback.format_exception(error)), 1


def _fail(comm: MPI.Intracomm, message: str, status: int) -> int:
    """Print the message and return the status, or end all ranks where this one fails alone."""
    everyone = comm.Ibarrier()
    deadline = time.monotonic() + _PATIENCE
    while not (together := everyone.Test()) and time.monotonic() < deadline:
        time.sleep(0.02)
    if message and (comm.rank == 0 or not together):
        print(f"glvortex: {message}", file=sys.stderr, flush=True)
    if not together:
        comm.Abort(status)
    return status
