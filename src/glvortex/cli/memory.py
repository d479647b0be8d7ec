"""`glvortex memory`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

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
def memory(
    file: File,
    groups: Groups = None,
    output: Annotated[Path | None, target("DIR", "Folder; runs/NAME-memory if not given.")] = None,
    overrides: Overrides = None,
    resume: Resume = False,
) -> int:
    """Train the moments of many samples, cool each and count vortices: table, NetCDF, picture."""
    from glvortex.output.memory.memory import has_begun, memory_in_folder
    from glvortex.output.runs.folder import OF_RUNS, OF_SEARCHES
    from glvortex.problems.memory import experiment

    comm = MPI.COMM_WORLD
    checked_groups(groups, comm)
    problem, reduced = load(file, [*BARE, *(overrides or ())])
    found = experiment(problem, reduced)
    run = output or Path("runs") / f"{reduced.name}-memory"
    begun = resume and has_begun(run, found, comm)
    strange = (*OF_RUNS, *OF_SEARCHES)
    with run_folder(run, file, reduced, resumed=begun, strange=strange) as voice, resumable():
        return memory_in_folder(run, found, comm, voice, groups=groups, begun=begun)
