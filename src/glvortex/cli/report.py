"""`glvortex report`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from mpi4py import MPI

from glvortex.cli.application import app
from glvortex.cli.common import speaker, target


@app.command()
def report(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Run folder.")],
    output: Annotated[Path | None, target("FILE", "HTML file; RUN/report.html.")] = None,
) -> None:
    """Write everything about a run into one HTML file."""
    from glvortex.output.reports.report import write_report
    from glvortex.output.runs.folder import REPORT
    from glvortex.output.runs.run import RESULT, open_run

    comm = MPI.COMM_WORLD
    path = output or run / REPORT
    voice = speaker()
    with voice.screen.running():
        opened = open_run(run, comm)
        version = json.loads((run / RESULT).read_text(encoding="utf-8"))["version"]
        write_report(path, opened.problem, opened.solution, version)
    voice.show(f"The report is in {path}")
