"""`glvortex magnetization`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from mpi4py import MPI

from glvortex.cli.application import app
from glvortex.cli.common import File, Overrides, load, run_folder, target


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
        Path | None, target("DIR", "Folder; runs/NAME-magnetization if not given.")
    ] = None,
    overrides: Overrides = None,
) -> None:
    """Scale the cell of a bulk vortex lattice to mean fields B and print H, M and averages."""
    from glvortex.output.ranks import on_first_rank
    from glvortex.output.sweeps.magnetization import curve_table, write_curve
    from glvortex.problems.magnetization import magnetization_curve
    from glvortex.problems.numbers import numbers

    comm = MPI.COMM_WORLD
    problem, reduced = load(file, overrides)
    wanted = numbers(fields, "mean fields")
    run = output or Path("runs") / f"{reduced.name}-magnetization"
    with run_folder(run, file, reduced) as voice:
        curve = magnetization_curve(reduced, wanted, comm, voice)
        voice.stage("writing")
        on_first_rank(comm, lambda: write_curve(run, problem, curve))
        voice.show(curve_table(curve))
