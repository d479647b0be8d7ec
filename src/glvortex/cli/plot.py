"""`glvortex plot`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from mpi4py import MPI

from glvortex.cli.application import app
from glvortex.cli.common import speaker, target
from glvortex.errors import ParameterError


@app.command()
def plot(
    folders: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Run folders.")],
    fields: Annotated[
        list[str] | None,
        typer.Option(
            "--field",
            metavar="NAME",
            help="order_parameter, phase, flux_density, supercurrent (these four if none is "
            "given), pseudo_gauge, magnetisation; repeatable.",
        ),
    ] = None,
    height: Annotated[
        str | None,
        typer.Option(
            "--height",
            metavar="LENGTH",
            help="Draw the field B_z at this height above the surface, such as 500nm, or 5 (in xi) "
            "for a run in reduced units; alone unless --field is given.",
        ),
    ] = None,
    data: Annotated[
        bool, typer.Option("--data", help="Write the map of --height as stray_field.npz, too.")
    ] = False,
    compare: Annotated[
        bool, typer.Option("--compare", help="Draw runs side by side on one colour scale.")
    ] = False,
    animate: Annotated[
        bool, typer.Option("--animate", help="Draw runs one after the other, as a GIF.")
    ] = False,
    suffix: Annotated[
        str | None, typer.Option("--format", metavar="FORMAT", help="png (if not given), pdf, svg.")
    ] = None,
    output: Annotated[
        Path | None,
        target("DIR", "Folder; the run's own if not given, ./plots for --compare and --animate."),
    ] = None,
) -> None:
    """Draw the states of runs: fields, the field above the surface, comparisons, animations."""
    from glvortex.output.drawing import plots
    from glvortex.output.drawing.pictures import FORMATS
    from glvortex.output.ranks import on_first_rank
    from glvortex.output.runs.run import open_run

    comm = MPI.COMM_WORLD
    request = plots.Request(tuple(fields or ()), height, suffix or FORMATS[0])
    _check_options(height, suffix, data=data, compare=compare, animate=animate)
    voice = speaker()
    if not (compare or animate):
        for folder, place in zip(folders, _places(folders, output), strict=True):
            view = request.view(open_run(folder, comm))
            paths = on_first_rank(comm, partial(plots.write_pictures, place, view, request, data))
            voice.show("\n".join(map(str, paths or ())))
        return
    runs = [open_run(folder, comm) for folder in folders]
    plots.check_comparable(runs)
    views = [request.view(run) for run in runs]
    write = plots.write_animation if animate else plots.write_comparison
    paths = on_first_rank(comm, lambda: write(output or Path("plots"), runs, views, request))
    voice.show("\n".join(map(str, paths or ())))


def _check_options(
    height: str | None, suffix: str | None, *, data: bool, compare: bool, animate: bool
) -> None:
    """Refuse options that do not go together."""
    if compare and animate:
        raise ParameterError("give --compare or --animate, not both.")
    if data and (height is None or compare or animate):
        raise ParameterError("--data goes with --height and without --compare and --animate.")
    if animate and suffix is not None:
        raise ParameterError("--format does not go with --animate, which writes GIF.")


def _places(folders: list[Path], output: Path | None) -> list[Path]:
    """Where the pictures of each run go."""
    if output is None:
        return folders
    if len(folders) == 1:
        return [output]
    names = [folder.resolve().name for folder in folders]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ParameterError(
            f"-o {output}: two of the runs are called {twice}; draw them one by one."
        )
    return [output / name for name in names]
