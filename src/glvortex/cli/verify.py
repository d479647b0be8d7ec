"""`glvortex verify`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from mpi4py import MPI

from glvortex.cli.application import app
from glvortex.cli.common import speaker, target


@app.command()
def verify(
    quick: Annotated[bool, typer.Option("--quick", help="The part that takes minutes.")] = False,
    output: Annotated[Path | None, target("MD", "Markdown file for the report.")] = None,
) -> int:
    """Compute exact and independently known numbers anew and print how close they come."""
    from glvortex.output.ranks import on_first_rank
    from glvortex.output.reports import verification

    comm = MPI.COMM_WORLD
    voice = speaker()
    with voice.screen.running():
        finished = verification.verify(quick, voice.show, voice.count)
    if output is not None:
        on_first_rank(comm, lambda: verification.write_markdown(output, finished))
        voice.show(f"The report is in {output}")
    missed = [check.name for each in finished for check in each.checks if not check.passed]
    seconds = sum(each.seconds for each in finished)
    count = sum(len(each.checks) for each in finished)
    voice.show(f"{count - len(missed)} of {count} numbers met in {seconds:.0f} s")
    return 1 if missed else 0
