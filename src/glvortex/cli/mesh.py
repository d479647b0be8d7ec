"""`glvortex mesh`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from mpi4py import MPI

from glvortex.cli.application import app
from glvortex.cli.common import File, Overrides, load, speaker


@app.command()
def mesh(
    file: File,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="MSH", help="gmsh file; ./NAME.msh if not given."),
    ] = None,
    overrides: Overrides = None,
) -> None:
    """Write the mesh of a problem as a gmsh file and print how good it is."""
    from glvortex.output import mesh_report
    from glvortex.output.ranks import on_first_rank

    _, reduced = load(file, overrides)
    path = output or Path(f"{reduced.name}.msh")
    voice = speaker()
    for line in on_first_rank(MPI.COMM_WORLD, lambda: mesh_report.write(path, reduced)) or ():
        voice.show(line)
