"""`glvortex critical`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from mpi4py import MPI

from glvortex.cli.application import app
from glvortex.cli.common import File, Overrides, load, run_folder, speaker, target
from glvortex.cli.solve import solve_into
from glvortex.errors import ParameterError


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
    output: Annotated[Path | None, target("DIR", "Run folder of --modes; runs/NAME.")] = None,
    overrides: Overrides = None,
) -> None:
    """Print the critical fields of the material and of the sample of a problem."""
    from glvortex.output.drawing import mode_pictures
    from glvortex.output.reports import critical_tables
    from glvortex.problems.critical import critical_fields, modes_of

    comm = MPI.COMM_WORLD
    problem, reduced = load(file, overrides)
    if modes is not None and modes < 1:
        raise ParameterError(f"--modes must be positive, got {modes}.")
    voice = speaker()
    with voice.screen.running():
        found = critical_fields(reduced, comm, entry=entry, progress=voice)
    voice.show(critical_tables.critical_table(reduced, found))
    if found.unresolved:
        voice.show(f"- no nucleation field of this sample: {found.unresolved}")
    if modes is not None:
        run = output or Path("runs") / reduced.name
        with run_folder(run, file, reduced) as voice:
            solution = solve_into(run, problem, reduced, voice)
            voice.stage("modes")
            lowest = modes_of(solution, modes)
            mode_pictures.write_modes(run, solution, lowest)
            voice.show(critical_tables.modes_table(lowest))
