"""Pictures of a state: order parameter, phase, flux density, supercurrent.

Inclusions are outlined and vortices marked on each. Lengths are in the unit of the problem file,
fields in reduced units or, where the problem is in laboratory units, in SI.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import CenteredNorm, ListedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter
from matplotlib.tri import LinearTriInterpolator, Triangulation
from numpy.typing import NDArray

from glvortex.output.fields import FIELDS, Field
from glvortex.output.gather import GatheredFields
from glvortex.output.overlay import (
    draw_inclusions,
    draw_scale,
    draw_shapes,
    draw_vortices,
    unit_text,
)
from glvortex.output.subdivide import drawn_order_parameter
from glvortex.problems.setup import Setup
from glvortex.problems.solve import Solution
from glvortex.solve.london import Vortex

PICTURES = ("order_parameter", "phase", "flux_density", "supercurrent")
_OUTLINES = {"supercurrent": "white"}
DPI = 160
_ARROWS = 48  # along the longer side
_MARGIN = 0.015  # around the sample, of its longer side
_TITLE = 76  # letters that fit in a line
_WIDTH = 6.4  # inches of the drawing itself, without the colour bar


def draw_states(solution: Solution) -> Figure:
    """The vortices of every start after relaxing, side by side, with their energies."""
    setup, states = solution.setup, solution.states
    figure = Figure(figsize=(4.2 * len(states), 4.6), layout="constrained")
    figure.suptitle(setup.title, fontsize=11, parse_math=False)
    x0, y0, x1, y1 = (bound / setup.length_unit_in_xi for bound in setup.sample.bounds)
    for axes, state in zip(figure.subplots(1, len(states), squeeze=False)[0], states, strict=True):
        draw_shapes(axes, setup, "0.4", filled=True)
        draw_inclusions(axes, setup, "0.4")
        entries = draw_vortices(axes, setup, state.vortices)
        axes.set(xlim=(x0, x1), ylim=(y0, y1), aspect="equal", xlabel=f"$x$ ({unit_text(setup)})")
        kept = ", kept" if state is solution.best else ""
        axes.set_title(f"{state.start}{kept}\nenergy {state.energy:.4f}", fontsize=9)
        if entries:
            axes.legend(
                list(entries.values()),
                list(entries),
                fontsize=7,
                frameon=False,
                loc="upper center",
                bbox_to_anchor=(0.5, -0.14),
            )
    return figure


class _Canvas:
    """One drawing: the fields as triangles in the user's unit, axes and scales."""

    def __init__(self, fields: GatheredFields, setup: Setup, name: str) -> None:
        self.fields, self.setup = fields, setup
        self.field = next(f for f in FIELDS if f.name == name)
        x, y = (fields.points / setup.length_unit_in_xi).T
        self.triangles = Triangulation(x, y, fields.cells)
        width, height = np.ptp(x), np.ptp(y)
        shape = min(max(height / width, 0.25), 1.4)
        self.figure = Figure(figsize=(_WIDTH + 1.4, _WIDTH * shape + 1.3), layout="constrained")
        self.axes: Axes = self.figure.add_subplot(aspect="equal")
        margin = _MARGIN * max(width, height)
        self.axes.set_xlim(x.min() - margin, x.max() + margin)
        self.axes.set_ylim(y.min() - margin, y.max() + margin)

    @property
    def factor(self) -> float:
        """What one reduced unit of the field is in the unit that is shown."""
        coefficients = self.setup.coefficients
        return 1.0 if coefficients is None else self.field.scale(coefficients)

    def colour(self, values: NDArray[Any], **style: Any) -> Any:
        """Draw vertex values, colours interpolated within each triangle."""
        return self.axes.tripcolor(self.triangles, values, shading="gouraud", **style)

    def colour_bar(self, mappable: Any, **style: Any) -> Any:
        beside = self.axes.inset_axes((1.02, 0.0, 0.035, 1.0))
        formatter = ScalarFormatter(useMathText=True)
        formatter.set_powerlimits((-2, 3))
        defaults: dict[str, Any] = {"format": formatter, "label": label(self.field, self.setup)}
        style = defaults | style
        return self.figure.colorbar(mappable, cax=beside, **style)

    def finish(self, vortices: Sequence[Vortex], outline: str) -> Figure:
        axes, setup = self.axes, self.setup
        legend = draw_shapes(axes, setup, outline, filled=self.field.name != "flux_density")
        legend |= draw_inclusions(axes, setup, outline) | draw_vortices(axes, setup, vortices)
        draw_scale(axes, setup)
        axes.set_xlabel(f"$x$ ({unit_text(setup)})")
        axes.set_ylabel(f"$y$ ({unit_text(setup)})")
        title = [*textwrap.wrap(setup.title, _TITLE), self.field.what.partition(",")[0]]
        axes.set_title("\n".join(title), fontsize=11, parse_math=False)
        if legend:
            style: dict[str, Any] = {"ncols": 4, "frameon": False, "fontsize": 9}
            style |= {"handles": list(legend.values()), "labels": list(legend)}
            self.figure.legend(loc="outside lower center", **style)
        return self.figure


def draw_pictures(
    fields: GatheredFields, setup: Setup, vortices: Sequence[Vortex]
) -> Iterator[tuple[str, Figure]]:
    """Yield (name, figure) for each of `PICTURES`, two dimensions; call it on one rank."""
    for name in PICTURES:
        yield name, draw_picture(name, fields, setup, vortices)


def draw_picture(
    name: str, fields: GatheredFields, setup: Setup, vortices: Sequence[Vortex]
) -> Figure:
    """Draw one of `PICTURES`, two dimensions; call it on one rank."""
    draw: dict[str, Callable[[_Canvas], None]] = {
        "order_parameter": _order_parameter,
        "phase": _phase,
        "flux_density": _flux_density,
        "supercurrent": _supercurrent,
    }
    canvas = _Canvas(fields, setup, name)
    draw[name](canvas)
    return canvas.finish(vortices, _OUTLINES.get(name, "0.2"))


def _order_parameter(canvas: _Canvas) -> None:
    modulus = canvas.fields.at_vertices("order_parameter")
    top = max(float(modulus.max()), 1.0)
    canvas.colour_bar(canvas.colour(modulus, cmap="magma", norm=Normalize(0.0, top)))


def _phase(canvas: _Canvas) -> None:
    pieces, f = drawn_order_parameter(canvas.fields)
    unit = canvas.setup.length_unit_in_xi
    canvas.triangles = Triangulation(pieces.x / unit, pieces.y / unit, pieces.triangles)
    # the cyclic map makes colours, not phases, meet at the branch cut: nothing is averaged over it
    style = {"cmap": _light_cycle(), "norm": Normalize(-np.pi, np.pi)}
    drawn = canvas.colour(np.angle(f), **style)
    bar = canvas.colour_bar(drawn, ticks=[-np.pi, -np.pi / 2, 0, np.pi / 2, np.pi], format=None)
    bar.set_ticklabels([r"$-\pi$", r"$-\pi/2$", "0", r"$\pi/2$", r"$\pi$"])


def _light_cycle() -> ListedColormap:
    """A cyclic map, light enough for lines on top."""
    return ListedColormap(0.75 * colormaps["twilight"].resampled(256)(np.arange(256)) + 0.25)


def _flux_density(canvas: _Canvas) -> None:
    b = canvas.fields.at_vertices("flux_density") * canvas.factor
    # red along +z and blue against it, in any case
    if b.min() < 0.0 < b.max():
        style: dict[str, Any] = {"cmap": "RdBu_r", "norm": CenteredNorm()}
    else:
        style = {"cmap": "Blues_r" if b.min() < 0.0 else "Reds", "norm": _spread(b)}
    canvas.colour_bar(canvas.colour(b, **style))


def _supercurrent(canvas: _Canvas) -> None:
    current = canvas.fields.at_vertices("supercurrent") * canvas.factor
    modulus = np.hypot(*current.T)
    # the flow is singular at re-entrant corners, which must not make all the rest look still
    top = min(float(modulus.max()), 2 * float(np.percentile(modulus, 99)))
    drawn = canvas.colour(modulus, cmap="viridis", norm=Normalize(0.0, top or 1.0))
    canvas.colour_bar(drawn, extend="max" if modulus.max() > top else "neither")
    if top > 0.0:
        _arrows(canvas, current, top)


def _arrows(canvas: _Canvas, current: NDArray[Any], top: float) -> None:
    """Arrows along the current on a regular grid, longer where it is stronger."""
    axes, triangles = canvas.axes, canvas.triangles
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    step = max(right - left, high - low) / _ARROWS
    x, y = (np.arange(a + step / 2, b, step) for a, b in ((left, right), (low, high)))
    finder = triangles.get_trifinder()
    grid = np.meshgrid(x, y)
    u, v = (LinearTriInterpolator(triangles, c, finder)(*grid) for c in current.T)
    modulus = np.ma.hypot(u, v)
    stretch = 0.95 * step / np.ma.sqrt(np.ma.masked_less(modulus, 1e-3 * top) * top)
    axes.quiver(
        *grid,
        u * stretch,
        v * stretch,
        angles="xy",
        scale_units="xy",
        scale=1.0,
        pivot="middle",
        units="dots",
        width=1.1,
        headwidth=4,
        headlength=4,
        headaxislength=3.6,
        color=(1, 1, 1, 0.8),
    )


def _spread(values: NDArray[Any]) -> Normalize:
    """From the smallest to the largest value; a constant sits in the middle of a visible range."""
    low, high = float(values.min()), float(values.max())
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        margin = 0.1 * abs(low) or 1.0
        low, high = low - margin, high + margin
    return Normalize(low, high)


def label(field: Field, setup: Setup) -> str:
    """Symbol and unit of a field, as on the colour bars."""
    reduced = setup.coefficients is None
    unit = field.unit if reduced else field.si_unit
    symbol = field.symbol if reduced else field.symbol.replace(r"\mu_0 ", "")
    return f"${symbol}$ (${unit}$)" if unit else f"${symbol}$"
