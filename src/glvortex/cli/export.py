"""`glvortex export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from mpi4py import MPI

from glvortex.cli.application import app
from glvortex.cli.common import speaker, target


@app.command()
def export(
    runs: Annotated[
        list[Path], typer.Argument(metavar="RUN...", help="Folders of runs or sweeps.")
    ],
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="vtu (if not given), xdmf, vtkhdf, bp or msh; repeatable.",
        ),
    ] = None,
    series: Annotated[
        bool,
        typer.Option("--series", help="Write the runs as the steps of one series, into -o DIR."),
    ] = False,
    over: Annotated[
        str | None,
        typer.Option(
            "--over", metavar="KEY", help="Time of a step: a number of its problem; else counted."
        ),
    ] = None,
    output: Annotated[Path | None, target("DIR", "Folder; RUN if not given.")] = None,
) -> None:
    """Write the fields of runs, or a series of runs, for ParaView, gmsh and others."""
    from glvortex.errors import ParameterError
    from glvortex.output.formats.export import check_formats, export_solution
    from glvortex.output.formats.series import runs_in, series_of_runs
    from glvortex.output.runs.run import open_run

    comm = MPI.COMM_WORLD
    voice = speaker()
    if series and (formats or output is None):
        raise ParameterError("a series goes into the folder that -o names, as vtu: no --format.")
    if over is not None and not series:
        raise ParameterError("--over is the time of the steps of a series: give --series, too.")
    runs = [run for folder in runs for run in runs_in(folder)]
    if series and output is not None:
        paths = series_of_runs(output, runs, over, comm)
        voice.show("\n".join(map(str, paths)))
        return
    if output is not None and len(runs) > 1:
        raise ParameterError("-o is the folder of one run, or of a --series of runs.")
    wanted = formats or ["vtu"]
    check_formats(wanted)
    for run in runs:
        for path in export_solution(output or run, open_run(run, comm).solution, wanted):
            voice.show(str(path))
