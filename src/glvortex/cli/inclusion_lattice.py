"""`glvortex inclusion-lattice`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from mpi4py import MPI

from glvortex.cli.application import app
from glvortex.cli.common import File, Overrides, load, run_folder, target


@app.command()
def inclusion_lattice(
    file: File,
    fractions: Annotated[
        str,
        typer.Option(
            "--fractions",
            metavar="FIRST:LAST:COUNT",
            help="Area fractions of the inclusions, also as a list ONE,TWO,THREE.",
        ),
    ] = "0.1:0.5:3",
    output: Annotated[
        Path | None, target("DIR", "Folder; runs/NAME-fractions if not given.")
    ] = None,
    overrides: Overrides = None,
) -> None:
    """Compare vortices inside and between the inclusions of an infinite lattice, with London's."""
    from glvortex.output.ranks import on_first_rank
    from glvortex.output.sweeps.inclusion_lattice import (
        contents_table,
        criteria_table,
        write_lattices,
    )
    from glvortex.problems import inclusion_lattice as lattice
    from glvortex.problems.numbers import numbers

    comm = MPI.COMM_WORLD
    problem, reduced = load(file, overrides)
    wanted = numbers(fractions, "area fractions")
    run = output or Path("runs") / f"{reduced.name}-fractions"
    with run_folder(run, file, reduced) as voice:
        found = lattice.inclusion_lattice(reduced, wanted, comm, voice)
        voice.stage("writing")
        on_first_rank(comm, lambda: write_lattices(run, problem, found))
        voice.show(criteria_table(found))
        voice.show(contents_table(found))
