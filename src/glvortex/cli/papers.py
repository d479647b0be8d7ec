"""`glvortex figures` and `glvortex equations`: the papers again."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from mpi4py import MPI

from glvortex.cli.application import app
from glvortex.cli.common import speaker, target


@app.command()
def figures(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]...", help="Figures such as 003-fig2b; all if none is given."
        ),
    ] = None,
    output: Annotated[Path, target("DIR", "Folder for PNG and CSV.")] = Path("figures"),
) -> None:
    """Draw figures of the papers again: closed forms as curves, exact numbers as symbols."""
    from glvortex.output.papers.figures import FIGURES, check, figure
    from glvortex.output.ranks import on_first_rank

    voice = speaker()
    chosen = names or list(FIGURES)
    check(chosen)
    with voice.screen.running():
        for done, name in enumerate(chosen):
            voice.count("figures", done, len(chosen))
            paths = on_first_rank(MPI.COMM_WORLD, partial(figure, name, output))
            voice.show(" and ".join(map(str, paths or ())))


@app.command()
def equations(
    paper: Annotated[
        str | None,
        typer.Argument(metavar="[PAPER]", help="000, 001, 002, 003 or 004; all if not given."),
    ] = None,
) -> None:
    """Print every numbered equation of the papers with printed value, exact value, deviation."""
    from glvortex.micro.equations import equation_table, format_table
    from glvortex.output.ranks import on_first_rank

    table = on_first_rank(MPI.COMM_WORLD, lambda: format_table(equation_table(paper)))
    speaker().show(table)
