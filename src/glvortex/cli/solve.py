"""`glvortex solve`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from mpi4py import MPI

from glvortex.cli.application import app
from glvortex.cli.common import File, Overrides, load, run_folder

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
) -> None:
    """Relax the starts of a problem to certified states and write a run folder."""

    problem, reduced = load(file, overrides)
    run = output or Path("runs") / reduced.name
    with run_folder(run, file, reduced) as voice:
        solve_into(run, problem, reduced, voice)


def solve_into(run: Path, problem: ProblemFile, reduced: Setup, voice: Voice) -> Solution:
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
