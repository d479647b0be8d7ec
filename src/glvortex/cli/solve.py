"""`glvortex solve`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from mpi4py import MPI

from glvortex.cli.application import app, invocation
from glvortex.cli.common import (
    File,
    Overrides,
    Resume,
    load,
    resumable,
    run_folder,
    speaker,
    target,
)

if TYPE_CHECKING:
    from glvortex.output.screen.console import Voice
    from glvortex.problems.schema import ProblemFile
    from glvortex.problems.setup import Setup
    from glvortex.problems.solve import Solution


@app.command()
def solve(
    file: File,
    output: Annotated[Path | None, target("DIR", "Run folder; runs/NAME if not given.")] = None,
    overrides: Overrides = None,
    resume: Resume = False,
) -> None:
    """Relax the starts of a problem to certified states and write a run folder."""
    from glvortex.output.reports import tables
    from glvortex.output.runs import result
    from glvortex.output.runs.folder import OF_SEARCHES, OF_SWEEPS
    from glvortex.output.runs.resume import standing
    from glvortex.output.runs.run import open_run

    comm = MPI.COMM_WORLD
    problem, reduced = load(file, overrides)
    run = output or Path("runs") / reduced.name
    stands = standing(run, problem, reduced, comm) if resume else "new"
    if stands == "finished":
        voice, found = speaker(), open_run(run, comm).solution
        voice.say("this run had finished before")
        voice.numbers(result.result(found))
        for table in tables.summary_tables(found) if invocation().speech != "quiet" else ():
            voice.show(table)
        voice.folder(run)
        return
    begun = stands == "begun"
    strange = (*OF_SEARCHES, *OF_SWEEPS)
    with run_folder(run, file, reduced, resumed=begun, strange=strange) as voice, resumable():
        solve_into(run, problem, reduced, voice, begun=begun)


def solve_into(
    run: Path, problem: ProblemFile, reduced: Setup, voice: Voice, *, begun: bool = False
) -> Solution:
    """Solve a problem, from where an earlier run began, fill its run folder and show the result."""
    from glvortex.output.reports import tables
    from glvortex.output.runs import result
    from glvortex.output.runs.job import solve_in_folder

    solution = solve_in_folder(run, problem, reduced, MPI.COMM_WORLD, voice, begun=begun)
    voice.numbers(result.result(solution))
    for table in tables.summary_tables(solution):
        voice.show(table)
    return solution
