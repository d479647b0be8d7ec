"""`glvortex mesh`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from mpi4py import MPI

from glvortex.cli.application import app
from glvortex.cli.common import File, Overrides, load, speaker, target


@app.command()
def mesh(
    file: File,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="msh (if not given), vtu, xdmf or vtkhdf; repeatable.",
        ),
    ] = None,
    output: Annotated[
        Path | None, target("PATH", "File, whose suffix is the format; ./NAME.FORMAT if not given.")
    ] = None,
    overrides: Overrides = None,
) -> None:
    """Write the mesh of a problem for gmsh, ParaView and others, and print how good it is."""
    from glvortex.errors import ParameterError
    from glvortex.geometry.arrays import collect
    from glvortex.output.formats.export import MESH_FORMATS, check_formats, write_mesh
    from glvortex.output.reports.mesh_report import mesh_report
    from glvortex.problems.build import mesh_of

    comm = MPI.COMM_WORLD
    if output is not None and formats:
        raise ParameterError("-o names the file and by its suffix the format: leave out --format.")
    if output is not None and not output.suffix:
        raise ParameterError(
            f"-o {output}: has no suffix to tell the format: end it in one of "
            f"{', '.join(f'.{name}' for name in MESH_FORMATS)}."
        )
    names = [output.suffix.removeprefix(".")] if output else formats or ["msh"]
    check_formats(names, MESH_FORMATS)
    _, reduced = load(file, overrides)
    paths = [output] if output else [Path(f"{reduced.name}.{name}") for name in names]
    voice, made = speaker(), collect(mesh_of(reduced, comm))
    for path in paths:
        write_mesh(path, made, comm)
    for line in mesh_report(made, reduced) if made else ():
        voice.show(line)
    voice.show(f"The mesh is in {' and '.join(map(str, paths))}")
