"""What `glvortex plot` draws of runs: each one's pictures, comparisons, animations, field maps."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from glvortex.errors import ParameterError
from glvortex.observe.stray_field import stray_field
from glvortex.output.drawing.captions import captions
from glvortex.output.drawing.layers import LAYERS, View
from glvortex.output.drawing.pictures import DPI, FORMATS, PICTURES, Drawing, count
from glvortex.output.ranks import replacing
from glvortex.output.runs.run import Run
from glvortex.output.state.fields import corner_values
from glvortex.output.state.gather import gather
from glvortex.output.state.gauge import smooth_gauge
from glvortex.problems.setup import Setup
from glvortex.problems.solve import Solution
from glvortex.problems.units import LENGTH, to_si

STRAY = "stray_field"
_FRAME = 700  # ms
_FARTHEST = 1e6  # height in xi
_SCREEN = 150  # dots per inch of an animation


@dataclass(frozen=True)
class Request:
    """What is to be drawn of each run.

    Attributes:
        names: keys of `LAYERS`; none stands for the usual pictures, or for the stray field alone
            where there is a height.
        height: of the stray field as the user gave it, None without one.
        suffix: of `FORMATS`.

    Raises:
        ParameterError: there is no such field or format, or no height where one is needed.
    """

    names: tuple[str, ...] = ()
    height: str | None = None
    suffix: str = FORMATS[0]

    def __post_init__(self) -> None:
        for name in self.names:
            if name not in LAYERS:
                known = ", ".join(LAYERS)
                raise ParameterError(f'there is no field "{name}" to draw; known are {known}.')
        if STRAY in self.names and self.height is None:
            raise ParameterError(
                f"--field {STRAY} needs --height, such as 500nm, or 5 (in xi) in reduced units."
            )
        if self.suffix not in FORMATS:
            known = ", ".join(FORMATS)
            raise ParameterError(f'--format must be one of {known}, got "{self.suffix}".')

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of all fields to draw."""
        above = () if self.height is None else (STRAY,)
        return tuple(dict.fromkeys(self.names + above or PICTURES))

    def view(self, run: Run) -> View | None:
        """Gather the state of a run on the first rank, None on others; collective.

        Raises:
            ParameterError: on every rank, where the height is not one in this run's units, or
                there is no field above the surface.
        """
        solution, height = run.solution, None
        if self.height is not None:
            height = height_in_xi(self.height, solution.setup)
        try:
            return view_of(solution, height)
        except ParameterError as error:
            raise ParameterError(f"{run.folder}: {error}") from None


def view_of(solution: Solution, height: float | None = None) -> View | None:
    """Gather a state to be drawn on the first rank, None on others; collective.

    Args:
        solution: of two dimensions; its state is brought into the gauge of run folders.
        height: in xi, for the stray field.

    Raises:
        ParameterError: as `stray_field`.
    """
    stray = None if height is None else stray_field(solution.functional, height)
    smooth_gauge(solution.functional)
    values = corner_values(solution.functional, solution.mesh_data.cell_tags)
    fields = gather(solution.mesh_data, values)
    return View(solution.setup, fields, solution.best.vortices, stray) if fields else None


def height_in_xi(text: str, setup: Setup) -> float:
    """Read a height such as "500 nm", or a plain number where lengths are in xi.

    Raises:
        ParameterError: it is neither, or has no unit where it needs one or the reverse.
    """
    if setup.coefficients is None:
        try:
            height = float(text)
        except ValueError:
            raise ParameterError(
                f'the height must be a plain number (in xi) in reduced units, got "{text}".'
            ) from None
    else:
        try:
            height = to_si(text, LENGTH) / setup.coefficients.coherence_length
        except ValueError as error:
            raise ParameterError(f"the height {error}.") from None
    if not 0.0 <= height <= _FARTHEST:
        raise ParameterError(
            f'the height must be at least 0 and at most {_FARTHEST:g} xi, got "{text}".'
        )
    return height


def check_comparable(runs: Sequence[Run]) -> None:
    """Refuse runs that cannot share a colour scale.

    Raises:
        ParameterError: there are less than two, or some are in laboratory units and some are not.
    """
    if len(runs) < 2:
        raise ParameterError("a comparison or an animation needs two runs or more.")
    laboratory = [run.problem.laboratory for run in runs]
    if len(set(laboratory)) > 1:
        other = runs[laboratory.index(not laboratory[0])]
        raise ParameterError(
            f"{runs[0].folder} and {other.folder} share no colour scale: one is in reduced units, "
            "the other in laboratory units."
        )


def write_pictures(
    folder: Path, view: View | None, request: Request, data: bool = False
) -> list[Path]:
    """Draw fields of one run into a folder; call it on the first rank.

    With ``data`` the field above the surface is written as numbers, too.
    """
    assert view is not None
    folder.mkdir(parents=True, exist_ok=True)
    drawn = ((name, Drawing(name, [view]).single()) for name in request.fields)
    paths = [_save(figure, folder / f"{name}.{request.suffix}") for name, figure in drawn]
    return [*paths, _write_map(folder, view)] if data else paths


def write_comparison(
    folder: Path, runs: Sequence[Run], views: Sequence[View | None], request: Request
) -> list[Path]:
    """Draw each field of all runs side by side on one colour scale; call it on the first rank."""
    folder.mkdir(parents=True, exist_ok=True)
    known, texts = counted(runs, views)
    drawn = ((name, Drawing(name, known).side_by_side(texts)) for name in request.fields)
    return [_save(figure, folder / f"{name}.{request.suffix}") for name, figure in drawn]


def write_animation(
    folder: Path, runs: Sequence[Run], views: Sequence[View | None], request: Request
) -> list[Path]:
    """Show each field of all runs one after the other, as a GIF; call it on the first rank."""
    folder.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    known, texts = counted(runs, views)
    for name in request.fields:
        drawing = Drawing(name, known)
        frames = [_pixels(drawing.single(n, text)) for n, text in enumerate(texts)]
        paths.append(folder / f"{name}.gif")
        with replacing(paths[-1]) as path:
            options = {"append_images": frames[1:], "duration": _FRAME, "loop": 0}
            frames[0].save(path, format="GIF", save_all=True, **options)
    return paths


def _write_map(folder: Path, view: View) -> Path:
    """Write the field above the surface as numbers, ``stray_field.npz``.

    ``x``, ``y`` and ``height`` in xi, ``B_z`` in Bc2, and where the material is known all of them
    again in SI units as ``x_m``, ``y_m``, ``height_m``, ``B_z_T``.
    """
    setup, stray = view.setup, view.stray
    assert stray is not None
    x, y = np.moveaxis(stray.points, -1, 0)
    arrays = {"x": x, "y": y, "height": np.array(stray.height), "B_z": stray.b}
    if setup.coefficients is not None:
        xi, bc2 = setup.coefficients.coherence_length, setup.coefficients.bc2
        arrays |= {f"{name}_m": arrays[name] * xi for name in ("x", "y", "height")}
        arrays["B_z_T"] = stray.b * bc2
    path = folder / f"{STRAY}.npz"
    with replacing(path) as temporary:
        np.savez_compressed(temporary, allow_pickle=False, **arrays)
    return path


def counted(runs: Sequence[Run], views: Sequence[View | None]) -> tuple[list[View], list[str]]:
    """The views that are here, and captions with the number of vortices in a second line."""
    known = [view for view in views if view is not None]
    pairs = zip(captions(runs), known, strict=True)
    return known, [f"{caption}\n{count(view.vortices)}" for caption, view in pairs]


def _save(figure: Figure, path: Path) -> Path:
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=DPI)
    return path


def _pixels(figure: Figure) -> Image.Image:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=_SCREEN)
    # the 256 colours of a GIF, those of markers and the ends of the colour bar among them
    return Image.open(buffer).convert("RGB").quantize(method=Image.Quantize.MAXCOVERAGE)
