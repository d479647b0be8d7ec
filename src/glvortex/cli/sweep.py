"""`glvortex sweep`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from mpi4py import MPI

from glvortex.cli.application import app
from glvortex.cli.common import (
    BARE,
    File,
    Groups,
    Overrides,
    Resume,
    checked_groups,
    load,
    resumable,
    run_folder,
    target,
)


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
    searched: Annotated[
        bool,
        typer.Option(
            "--search", help="Search every point for its state of lowest energy, as [search] says."
        ),
    ] = False,
    groups: Groups = None,
    output: Annotated[Path | None, target("DIR", "Folder; runs/NAME-sweep if not given.")] = None,
    overrides: Overrides = None,
    resume: Resume = False,
) -> int:
    """Solve a problem at every point of a grid over some of its keys: table, NetCDF, picture."""
    from glvortex.output.runs.folder import OF_RUNS, OF_SEARCHES
    from glvortex.output.sweeps.sweep import has_begun
    from glvortex.output.sweeps.sweep_report import sweep_in_folder
    from glvortex.problems.axes import axis
    from glvortex.problems.sweep import plan

    comm = MPI.COMM_WORLD
    checked_groups(groups, comm)
    problem, reduced = load(file, [*BARE, *(overrides or ())])
    axes = [axis(text) for text in over or ()]
    points = plan(problem, axes, continued=continued, both_ways=both_ways, searched=searched)
    run = output or Path("runs") / f"{reduced.name}-sweep"
    begun = resume and has_begun(run, points, comm)
    with (
        run_folder(run, file, reduced, resumed=begun, strange=(*OF_RUNS, *OF_SEARCHES)) as voice,
        resumable(),
    ):
        return sweep_in_folder(run, points, comm, voice, groups=groups, begun=begun)
