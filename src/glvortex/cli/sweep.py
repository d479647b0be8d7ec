"""`glvortex sweep`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from mpi4py import MPI

from glvortex.cli.application import app
from glvortex.cli.common import File, Overrides, Resume, load, resumable, run_folder, target
from glvortex.errors import ParameterError

_BARE = ("output.fields=false", "output.pictures=false")  # unless --set asks for them


@app.command()
def sweep(
    file: File,
    over: Annotated[
        list[str] | None,
        typer.Option(
            "--over",
            metavar="KEY=FIRST:LAST:COUNT",
            help="A key and its values, also as a list KEY=ONE,TWO,THREE; with units where the "
            "file has them (0 mT:5 mT:11); repeatable, for all combinations.",
        ),
    ] = None,
    continued: Annotated[
        bool,
        typer.Option(
            "--continue", help="Start each point from the state at the last value of the first key."
        ),
    ] = False,
    both_ways: Annotated[
        bool,
        typer.Option("--up-and-down", help="Continue up the values of the first key, then down."),
    ] = False,
    groups: Annotated[
        int | None,
        typer.Option(
            "--groups",
            metavar="N",
            help="Groups of ranks that work side by side; as many as can be if not given.",
        ),
    ] = None,
    output: Annotated[Path | None, target("DIR", "Folder; runs/NAME-sweep if not given.")] = None,
    overrides: Overrides = None,
    resume: Resume = False,
) -> int:
    """Solve a problem at every point of a grid over some of its keys: table, NetCDF, picture."""
    from glvortex.output.runs.folder import OF_RUNS
    from glvortex.output.sweeps.sweep import has_begun
    from glvortex.output.sweeps.sweep_report import sweep_in_folder
    from glvortex.problems.axes import axis
    from glvortex.problems.sweep import plan

    comm = MPI.COMM_WORLD
    if groups is not None and not 1 <= groups <= comm.size:
        most = "1, there is one rank" if comm.size == 1 else f"between 1 and {comm.size}, the ranks"
        raise ParameterError(f"--groups must be {most}, got {groups}.")
    problem, reduced = load(file, [*_BARE, *(overrides or ())])
    axes = [axis(text) for text in over or ()]
    points = plan(problem, axes, continued=continued, both_ways=both_ways)
    run = output or Path("runs") / f"{reduced.name}-sweep"
    begun = resume and has_begun(run, points, comm)
    with run_folder(run, file, reduced, resumed=begun, strange=OF_RUNS) as voice, resumable():
        return sweep_in_folder(run, points, comm, voice, groups=groups, begun=begun)
