"""The ``glvortex`` command.

Exit status: 0, 1 for a computation that did not converge, 2 for a mistake in a file or on the
command line, 130 when interrupted. Under ``mpirun`` only the first rank speaks.
"""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import click
import typer
from mpi4py import MPI

from glvortex import __version__
from glvortex.errors import NotConvergedError, ParameterError

if TYPE_CHECKING:
    from glvortex.output.console import Voice
    from glvortex.problems.schema import ProblemFile
    from glvortex.problems.setup import Setup
    from glvortex.problems.solve import Solution

INTERRUPTED = 130
_PATIENCE = 5.0  # seconds to wait for the other ranks to fail as well

app = typer.Typer(
    name="glvortex",
    help="Ginzburg-Landau vortices in superconductors with charged magnetic inclusions.",
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
)

File = Annotated[Path, typer.Argument(metavar="FILE", help="Problem file (TOML).")]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Replace a value of the file, as in mesh.size=2; repeatable.",
    ),
]


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"glvortex {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_print_version, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Options of the command itself."""


def _load(file: Path, overrides: list[str] | None) -> tuple[ProblemFile, Setup]:
    """Read a problem file and reduce it."""
    from glvortex.problems import schema, setup

    problem = schema.load(file, overrides or ())
    return problem, setup.setup_from(problem)


@app.command()
def solve(
    file: File,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="Run folder; runs/NAME if not given."),
    ] = None,
    overrides: Overrides = None,
) -> None:
    """Relax the starts of a problem to certified states and write a run folder."""

    problem, reduced = _load(file, overrides)
    run = output or Path("runs") / reduced.name
    with _run_folder(run, file, reduced) as voice:
        _solve(run, problem, reduced, voice)


def _solve(run: Path, problem: ProblemFile, reduced: Setup, voice: Voice) -> Solution:
    """Solve a problem, fill its run folder and show what was found."""
    from glvortex.output import folder, tables
    from glvortex.problems.solve import solve as solve_setup

    solution = solve_setup(reduced, MPI.COMM_WORLD, voice)
    for identity in solution.identities:
        if not identity.holds:
            voice.say(f"warning: {identity.warning}")
    voice.say("writing")
    folder.write_run(run, problem, solution, voice.say)
    for table in tables.summary_tables(solution):
        voice.show(table)
    return solution


@app.command()
def magnetization(
    file: File,
    fields: Annotated[
        str,
        typer.Option(
            "--fields",
            metavar="FIRST:LAST:COUNT",
            help="Mean fields B in Bc2, also as a list ONE,TWO,THREE.",
        ),
    ] = "0.1:0.9:9",
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="DIR", help="Folder; runs/NAME-magnetization if not given."
        ),
    ] = None,
    overrides: Overrides = None,
) -> None:
    """Scale the cell of a bulk vortex lattice to mean fields B and print H, M and averages."""
    from glvortex.output.magnetization import curve_table, write_curve
    from glvortex.output.ranks import on_first_rank
    from glvortex.problems.magnetization import magnetization_curve
    from glvortex.problems.numbers import numbers

    comm = MPI.COMM_WORLD
    problem, reduced = _load(file, overrides)
    wanted = numbers(fields, "mean fields")
    run = output or Path("runs") / f"{reduced.name}-magnetization"
    with _run_folder(run, file, reduced) as voice:
        curve = magnetization_curve(reduced, wanted, comm, voice)
        voice.say("writing")
        on_first_rank(comm, lambda: write_curve(run, problem, curve))
        voice.show(curve_table(curve))


@app.command()
def inclusion_lattice(
    file: File,
    fractions: Annotated[
        str,
        typer.Option(
            "--fractions",
            metavar="FIRST:LAST:COUNT",
            help="Area fractions of the inclusions, also as a list ONE,TWO,THREE.",
        ),
    ] = "0.1:0.5:3",
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="DIR", help="Folder; runs/NAME-fractions if not given."
        ),
    ] = None,
    overrides: Overrides = None,
) -> None:
    """Compare vortices inside and between the inclusions of an infinite lattice, with London's."""
    from glvortex.output.inclusion_lattice import contents_table, criteria_table, write_lattices
    from glvortex.output.ranks import on_first_rank
    from glvortex.problems import inclusion_lattice as lattice
    from glvortex.problems.numbers import numbers

    comm = MPI.COMM_WORLD
    problem, reduced = _load(file, overrides)
    wanted = numbers(fractions, "area fractions")
    run = output or Path("runs") / f"{reduced.name}-fractions"
    with _run_folder(run, file, reduced) as voice:
        found = lattice.inclusion_lattice(reduced, wanted, comm, voice)
        voice.say("writing")
        on_first_rank(comm, lambda: write_lattices(run, problem, found))
        voice.show(criteria_table(found))
        voice.show(contents_table(found))


@contextmanager
def _run_folder(run: Path, file: Path, reduced: Setup) -> Iterator[Voice]:
    """Make the folder of a run and speak about it, on the screen and in its log."""
    from glvortex.output import console, folder

    comm = MPI.COMM_WORLD
    folder.prepare(run, comm)
    voice = console.Voice(comm)
    with voice.recording(run / folder.LOG):
        voice.note(f"glvortex {__version__}, {file}, {comm.size} ranks, {time.strftime('%F %T')}")
        voice.say(reduced.title)
        for warning in reduced.warnings:
            voice.say(f"warning: {warning}")
        for note in _notes(reduced):
            voice.say(f"note: {note}")
        yield voice
        voice.say(f"The run is in {run}{os.sep}")


def _notes(reduced: Setup) -> tuple[str, ...]:
    """What the material and its inclusions say about their own assumptions."""
    speakers = (reduced.coefficients, reduced.sources)
    return tuple(note for speaker in speakers if speaker for note in speaker.notes)


@app.command()
def coefficients(file: File, overrides: Overrides = None) -> None:
    """Print what the material and the inclusions of a problem come down to, with units."""
    from glvortex.output import console, tables

    _, reduced = _load(file, overrides)
    if reduced.coefficients is None:
        raise ParameterError(
            f"{file}: is in reduced units and has no material, so there are no coefficients to "
            'derive; a file with units = "laboratory" and a [material] section has them.'
        )
    voice = console.Voice(MPI.COMM_WORLD)
    voice.show(tables.coefficients_table(reduced))
    for note in (*_notes(reduced), *reduced.warnings):
        voice.show(f"- {note}")


@app.command()
def critical(
    file: File,
    entry: Annotated[
        bool,
        typer.Option("--entry", help="Find the field at which vortices enter the sample, too."),
    ] = False,
    modes: Annotated[
        int | None,
        typer.Option(
            "--modes", metavar="N", help="Solve the problem and draw its N lowest modes, too."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="Run folder of --modes; runs/NAME."),
    ] = None,
    overrides: Overrides = None,
) -> None:
    """Print the critical fields of the material and of the sample of a problem."""
    from glvortex.output import console, critical_tables, mode_pictures
    from glvortex.problems.critical import critical_fields, modes_of

    comm = MPI.COMM_WORLD
    problem, reduced = _load(file, overrides)
    if modes is not None and modes < 1:
        raise ParameterError(f"--modes must be positive, got {modes}.")
    voice = console.Voice(comm)
    found = critical_fields(reduced, comm, entry=entry, progress=voice)
    voice.show(critical_tables.critical_table(reduced, found))
    if found.unresolved:
        voice.show(f"- no nucleation field of this sample: {found.unresolved}")
    if modes is not None:
        run = output or Path("runs") / reduced.name
        with _run_folder(run, file, reduced) as voice:
            solution = _solve(run, problem, reduced, voice)
            voice.say("modes")
            lowest = modes_of(solution, modes)
            mode_pictures.write_modes(run, solution, lowest)
            voice.show(critical_tables.modes_table(lowest))


@app.command()
def mesh(
    file: File,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="MSH", help="gmsh file; ./NAME.msh if not given."),
    ] = None,
    overrides: Overrides = None,
) -> None:
    """Write the mesh of a problem as a gmsh file and print how good it is."""
    from glvortex.output import console, mesh_report
    from glvortex.output.ranks import on_first_rank

    _, reduced = _load(file, overrides)
    path = output or Path(f"{reduced.name}.msh")
    voice = console.Voice(MPI.COMM_WORLD)
    for line in on_first_rank(MPI.COMM_WORLD, lambda: mesh_report.write(path, reduced)) or ():
        voice.show(line)


@app.command()
def figures(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]...", help="Figures such as 003-fig2b; all if none is given."
        ),
    ] = None,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", help="Folder for PNG and CSV.")
    ] = Path("figures"),
) -> None:
    """Draw figures of the papers again: closed forms as curves, exact numbers as symbols."""
    from glvortex.output import console
    from glvortex.output.figures import FIGURES, check, figure
    from glvortex.output.ranks import on_first_rank

    voice = console.Voice(MPI.COMM_WORLD)
    chosen = names or list(FIGURES)
    check(chosen)
    for name in chosen:
        paths = on_first_rank(MPI.COMM_WORLD, partial(figure, name, output))
        voice.show(" and ".join(map(str, paths or ())))


@app.command()
def equations(
    paper: Annotated[
        str | None,
        typer.Argument(metavar="[PAPER]", help="000, 001, 003 or 004; all if not given."),
    ] = None,
) -> None:
    """Print every numbered equation of the papers with printed value, exact value, deviation."""
    from glvortex.micro.equations import equation_table, format_table
    from glvortex.output.ranks import on_first_rank

    print(on_first_rank(MPI.COMM_WORLD, lambda: format_table(equation_table(paper))))


@app.command()
def verify(
    quick: Annotated[bool, typer.Option("--quick", help="The part that takes minutes.")] = False,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="MD", help="Markdown file for the report."),
    ] = None,
) -> int:
    """Compute exact and independently known numbers anew and print how close they come."""
    from glvortex.output import console, verification
    from glvortex.output.ranks import on_first_rank

    comm = MPI.COMM_WORLD
    voice = console.Voice(comm)
    finished = verification.verify(quick, voice.show)
    if output is not None:
        on_first_rank(comm, lambda: verification.write_markdown(output, finished))
        voice.show(f"The report is in {output}")
    missed = [check.name for each in finished for check in each.checks if not check.passed]
    seconds = sum(each.seconds for each in finished)
    count = sum(len(each.checks) for each in finished)
    voice.show(f"{count - len(missed)} of {count} numbers met in {seconds:.0f} s")
    return 1 if missed else 0


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and exit with its status."""
    # PETSc would answer a closed pipe or Ctrl-C with a page of its own
    os.environ["PETSC_OPTIONS"] = os.environ.get("PETSC_OPTIONS", "") + " -no_signal_handler"
    comm = MPI.COMM_WORLD.Dup()
    if comm.rank > 0:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 (until the end)
    try:
        status = app(arguments, prog_name="glvortex", standalone_mode=False) or 0
        if status == INTERRUPTED:  # typer catches Ctrl-C
            raise KeyboardInterrupt
    except Exception as error:
        status = _fail(comm, *_verdict(error))
    except KeyboardInterrupt:
        status = _fail(comm, "interrupted.", INTERRUPTED)
    except SystemExit:  # rich, when nobody reads on
        status = _fail(comm, "", 1)
    sys.exit(status)


def _verdict(error: Exception) -> tuple[str, int]:
    """What to print for an error, and the exit status."""
    match error:
        case ParameterError():
            return str(error), 2
        case NotConvergedError():
            return str(error), 1
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
