"""`glvortex search`."""

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
def search(
    file: File,
    seed: Annotated[
        int | None,
        typer.Option("--seed", metavar="N", help="Seed of all random choices; search.seed else."),
    ] = None,
    groups: Groups = None,
    output: Annotated[Path | None, target("DIR", "Folder; runs/NAME-search if not given.")] = None,
    overrides: Overrides = None,
    resume: Resume = False,
) -> None:
    """Look for the state of lowest energy: a ranked table of certified states, and how sure."""
    from glvortex.output.runs.folder import OF_RUNS, OF_SWEEPS
    from glvortex.output.searches.search import has_begun, search_in_folder

    comm = MPI.COMM_WORLD
    checked_groups(groups, comm)
    chosen = [] if seed is None else [f"search.seed={seed}"]
    problem, reduced = load(file, [*BARE, *(overrides or ()), *chosen])
    reduced.demand_ginzburg_landau("a search")
    run = output or Path("runs") / f"{reduced.name}-search"
    begun = resume and has_begun(run, problem, reduced, comm)
    strange = (*OF_RUNS, *OF_SWEEPS)
    with run_folder(run, file, reduced, resumed=begun, strange=strange) as voice, resumable():
        search_in_folder(run, problem, reduced, comm, voice, groups=groups, begun=begun)
