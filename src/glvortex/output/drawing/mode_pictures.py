"""Pictures of the modes of a state: how modulus and phase of the order parameter change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from dolfinx import fem
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.tri import Triangulation
from numpy.typing import NDArray

from glvortex.output.drawing.overlay import draw_inclusions, draw_vortices, unit_text
from glvortex.output.papers.figure_parts import DPI
from glvortex.output.ranks import on_first_rank, replacing
from glvortex.output.state.fields import Floats, subdomain_values
from glvortex.output.state.gather import GatheredFields, gather
from glvortex.problems.solve import Solution
from glvortex.solve.modes import Modes

_SWING = 0.25  # largest |df| of the drawn change, over the largest |f|
_PANELS = ((r"modulus, $\delta|f|$", 0), (r"phase, $|f|\,\delta\theta$", 1))


def write_modes(folder: Path, solution: Solution, modes: Modes) -> None:
    """Draw each mode as ``mode-NN.png`` into a run folder; collective.

    Raises:
        ParameterError: on every rank, where a picture cannot be written.
    """
    fields = gather(solution.mesh_data, _changes(solution, modes))
    width = len(str(len(modes.values)))

    def write() -> None:
        assert fields is not None
        for old in folder.glob("mode-*.png"):
            old.unlink()
        for number, figure in enumerate(_figures(solution, modes, fields), start=1):
            with replacing(folder / f"mode-{number:0{width}}.png") as path:
                figure.savefig(path, dpi=DPI)

    on_first_rank(solution.mesh_data.mesh.comm, write)


def _changes(solution: Solution, modes: Modes) -> dict[str, Floats]:
    """At the corners of the cells what each mode changes: |f|, and |f| times the phase.

    To first order these are Re(f* df)/|f| and Im(f* df)/|f|. Near a vortex, where first order says
    nothing, |f + df| - |f - df| is drawn, and the phase against a |f| that does not vanish.
    """
    space = solution.functional.space
    change = fem.Function(space.order_parameter)
    values = {"subdomain": subdomain_values(space.mesh, solution.mesh_data.cell_tags)}
    f = space.at_corners(solution.functional.f)
    largest = _largest(solution, f)
    for number, mode in enumerate(modes.f):
        change.x.array[: mode.size] = mode.ravel()
        change.x.scatter_forward()
        df = space.at_corners(change)
        df *= _SWING * largest / _largest(solution, df)
        values[f"{number} 0"] = (np.abs(f + df) - np.abs(f - df)) / 2
        values[f"{number} 1"] = (f.conj() * df).imag / np.hypot(np.abs(f), _SWING * largest)
    return values


def _largest(solution: Solution, values: NDArray[np.complex128]) -> float:
    here = float(np.abs(values).max(initial=0.0))
    return max(solution.mesh_data.mesh.comm.allreduce(here, op=max), 1e-300)


def _figures(solution: Solution, modes: Modes, fields: GatheredFields) -> Iterator[Figure]:
    setup, vortices = solution.setup, solution.best.vortices
    x, y = (fields.points / setup.length_unit_in_xi).T
    triangles = Triangulation(x, y, fields.cells)
    height = 5.2 * min(max(np.ptp(y) / np.ptp(x), 0.3), 2.0)
    for number, value in enumerate(modes.values):
        figure = Figure(figsize=(11.0, height + 1.1), layout="constrained")
        figure.suptitle(
            f"{setup.title}\nmode {number + 1}, eigenvalue {value:.4g}",
            fontsize=11,
            parse_math=False,
        )
        panels = [fields.at_vertices(f"{number} {part}") for _, part in _PANELS]
        top = max(float(np.abs(panel).max()) for panel in panels) or 1.0
        style = {"cmap": "RdBu_r", "norm": Normalize(-top, top), "shading": "gouraud"}
        for axes, panel, (name, _) in zip(
            figure.subplots(1, 2, sharey=True), panels, _PANELS, strict=True
        ):
            drawn = axes.tripcolor(triangles, panel, **style)
            draw_inclusions(axes, setup, "0.2")
            draw_vortices(axes, setup, vortices)
            axes.set(aspect="equal", xlabel=f"$x$ ({unit_text(setup)})")
            axes.set_title(name, fontsize=10)
        figure.axes[0].set_ylabel(f"$y$ ({unit_text(setup)})")
        figure.colorbar(drawn, ax=figure.axes, ticks=[-top, 0, top], format="%.2g", shrink=0.8)
        yield figure
