"""The job of solving a problem into its run folder, begun or begun before."""

from __future__ import annotations

from pathlib import Path

from mpi4py import MPI

from glvortex.output.runs import folder as runs
from glvortex.output.runs.keeper import FolderKeeper
from glvortex.output.runs.run import RESULT, STATE
from glvortex.output.screen.console import Voice
from glvortex.problems.schema import ProblemFile
from glvortex.problems.setup import Setup
from glvortex.problems.solve import Solution, solve


def solve_in_folder(
    folder: Path,
    problem: ProblemFile,
    setup: Setup,
    comm: MPI.Intracomm,
    voice: Voice,
    *,
    begun: bool = False,
    previous: Solution | None = None,
) -> Solution:
    """Solve a problem and fill its folder, which `folder.prepare` has made; collective.

    What is done is kept in the folder as it comes; with ``begun`` it goes on from there. The
    ``previous`` solution is that of `solve`.

    Raises:
        ParameterError: the geometry cannot be meshed, or a file cannot be read or written.
        NotConvergedError: no start reached a minimum.
    """
    if not begun:
        runs.begin(folder, problem, setup, comm)
    keeper = FolderKeeper(folder, comm)
    if begun and not keeper.any_kept():
        voice.say(
            f"note: {folder} keeps no relaxed start and no Newton iterate, and {STATE} counts only "
            f"with {RESULT}: the run begins anew."
        )
    solution = solve(setup, comm, voice, keeper, previous)
    for warning in solution.warnings:
        voice.warn(warning)
    voice.stage("writing")
    runs.write_run(folder, problem, solution, voice.say)
    keeper.forget()
    return solution
