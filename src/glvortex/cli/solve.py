"""`glvortex solve`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from mpi4py import MPI

from glvortex.cli.application import app
from glvortex.cli.common import File, Overrides, Resume, load, run_folder

if TYPE_CHECKING:
    from glvortex.output.console import Voice
    from glvortex.problems.schema import ProblemFile
    from glvortex.problems.setup import Setup
    from glvortex.problems.solve import Solution


@app.command()
def solve(
    file: File,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="Run folder; runs/NAME if not given."),
    ] = None,
    overrides: Overrides = None,
    resume: Resume = False,
) -> None:
    """Relax the starts of a problem to certified states and write a run folder."""
    from glvortex.output import console, tables
    from glvortex.output.resume import standing
    from glvortex.output.run import open_run

    comm = MPI.COMM_WORLD
    problem, reduced = load(file, overrides)
    run = output or Path("runs") / reduced.name
    stands = standing(run, problem, reduced, comm) if resume else "new"
    if stands == "finished":
        voice = console.Voice(comm)
        for table in tables.summary_tables(open_run(run, comm).solution):
            voice.show(table)
        voice.say(f"The run in {run}{os.sep} had finished before.")
        return
    with run_folder(run, file, reduced, resumed=stands == "begun") as voice:
        solve_into(run, problem, reduced, voice, begun=stands == "begun")


def solve_into(
    run: Path, problem: ProblemFile, reduced: Setup, voice: Voice, *, begun: bool = False
) -> Solution:
    """Solve a problem, from where an earlier run began, fill its run folder and show the result."""
    from glvortex.output import folder, tables
    from glvortex.output.keeper import FolderKeeper
    from glvortex.problems.solve import solve as solve_setup

    comm = MPI.COMM_WORLD
    if not begun:
        folder.begin(run, problem, reduced, comm)
    keeper = FolderKeeper(run, comm)
    solution = solve_setup(reduced, comm, voice, keeper)
    for identity in solution.identities:
        if not identity.holds:
            voice.say(f"warning: {identity.warning}")
    voice.say("writing")
    folder.write_run(run, problem, solution, voice.say)
    keeper.forget()
    for table in tables.summary_tables(solution):
        voice.show(table)
    return solution
