"""Pictures of states: one, several side by side, or one of a series.

Inclusions are outlined and vortices marked on each. Lengths are in the unit of the problem file,
fields in reduced units or, where the problem is in laboratory units, in SI.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter

from glvortex.observe.stray_field import StrayField
from glvortex.output.drawing.layers import LAYERS, Sheet, View, label
from glvortex.output.drawing.overlay import (
    Entries,
    draw_inclusions,
    draw_outline,
    draw_scale,
    draw_shapes,
    draw_vortices,
    unit_text,
    vortex_entries,
)
from glvortex.output.state.gather import GatheredFields
from glvortex.problems.setup import Setup
from glvortex.problems.solve import Solution
from glvortex.solve.london import Vortex

PICTURES = ("order_parameter", "phase", "flux_density", "supercurrent")
LONDON = "effective_field"  # one more in the London model, where vortices know nothing else
FORMATS = ("png", "pdf", "svg")
DPI = 300
_MARGIN = 0.015  # around the sample, of its longer side
_WIDTH, _FULL_WIDTH = 4.2, 7.0  # inches: set for one column of a journal, or two
_BAR, _BAR_WIDTH = 1.2, 0.1  # inches for the colour bar and the labels of y, of the bar alone
_AXIS, _LINE = 0.5, 0.17  # inches for the labels of x, for a line of text
_STEEPEST = 1.4  # height over width of a panel
_TICK = 0.2  # inches between ticks of y, at least
_LETTERS = 13  # that fit in an inch
_SMALL, _LARGE = 8, 9  # points


class Drawing:
    """A field of several states on a common colour scale.

    Args:
        name: of `LAYERS`.
        views: the states.
    """

    def __init__(self, name: str, views: Sequence[View]) -> None:
        self.layer, self.views = LAYERS[name], views
        self.sheets = [self.layer.sheet(view, self.layer.field) for view in views]
        self.scale = self.layer.scale(self.sheets)
        self._shape = max(_shape(sheet) for sheet in self.sheets)
        self._height: float | None = None

    def single(self, number: int = 0, caption: str = "") -> Figure:
        """The picture of one of the states, with the number of its vortices or a caption.

        With captions, all pictures have the same legend and the same layout.
        """
        view = self.views[number]
        title = _lines(_WIDTH, view.setup.title, self.layer.title(view), *caption.splitlines())
        figure = self._figure(_WIDTH, 1, 1, title)
        axes = figure.add_subplot()
        legend, drawn = self._panel(axes, number, _WIDTH - _BAR)
        if caption:
            legend = self._legend(legend)
        axes.set_ylabel(f"$y$ ({unit_text(view.setup)})", fontsize=_SMALL)
        self._colour_bar(drawn, figure, axes.inset_axes((1.02, 0.0, 0.035, 1.0)))
        axes.set_title(title, fontsize=_LARGE, parse_math=False)
        add_legend(figure, legend, 2, self.layer.outline)
        # frames of an animation are as high as its first one
        self._height = _fit(figure, [axes], self._height if caption else None)
        return figure

    def side_by_side(self, captions: Sequence[str]) -> Figure:
        """All states in one picture, each with its caption."""
        count = len(self.views)
        columns = count if count <= 3 else min(math.ceil(math.sqrt(count)), 4)
        rows = -(-count // columns)
        width = (_FULL_WIDTH - _BAR) / columns
        texts = [_lines(width, *c.splitlines()) for c in captions]
        names = dict.fromkeys(view.setup.title for view in self.views)
        what = " and ".join(dict.fromkeys(self.layer.title(view) for view in self.views))
        title = _lines(_FULL_WIDTH, *(names if len(names) == 1 else ()), what)
        above = max(texts, key=lambda text: text.count("\n"))
        figure = self._figure(_FULL_WIDTH, rows, columns, title, above)
        figure.suptitle(title, fontsize=_LARGE, parse_math=False)
        panels = figure.subplots(rows, columns, squeeze=False)
        legend: Entries = {}
        for number, axes in enumerate(panels.flat):
            if number >= count:
                axes.set_axis_off()
                continue
            entries, drawn = self._panel(axes, number, width)
            legend |= entries
            axes.set_title(texts[number], fontsize=_SMALL, parse_math=False)
        for axes, view in zip(panels[:, 0], self.views[::columns], strict=True):
            axes.set_ylabel(f"$y$ ({unit_text(view.setup)})", fontsize=_SMALL)
        aspect = max(rows * width * min(self._shape, _STEEPEST) / _BAR_WIDTH, 4.0)
        bar = figure.colorbar(drawn, ax=list(panels.flat), aspect=aspect, **self._bar_style())
        self._dress(bar)
        add_legend(figure, self._legend(legend), 4, self.layer.outline)
        _fit(figure, list(panels[:, 0]))
        return figure

    def _figure(self, width: float, rows: int, columns: int, title: str, above: str = "") -> Figure:
        """A figure high enough for panels with a title each, a title of all and a legend."""
        panel = width / columns * self._shape + 2 * _AXIS
        lines = title.count("\n") + 1 + rows * (above.count("\n") + 1) * bool(above)
        inclusions = any(len(view.setup.inclusions) for view in self.views)
        signs = {vortex.charge > 0 for view in self.views for vortex in view.vortices}
        rows_below = 1 + math.ceil((2 * inclusions + len(signs)) / (2 if columns == 1 else 4))
        height = rows * panel + _LINE * (lines + rows_below) + 2 * _AXIS
        return Figure(figsize=(width, height), layout="constrained")

    def _panel(self, axes: Axes, number: int, width: float) -> tuple[Entries, Any]:
        """Draw one state with everything on top; return the legend and what has the colours."""
        view, sheet, outline = self.views[number], self.sheets[number], self.layer.outline
        setup = view.setup
        margin = _margin(sheet)
        axes.set_aspect("equal")
        axes.set_xlim(sheet.x.min() - margin, sheet.x.max() + margin)
        axes.set_ylim(sheet.y.min() - margin, sheet.y.max() + margin)
        drawn = sheet.draw(axes, self.scale)
        draw_outline(axes, view.fields, setup, "0.4")
        legend = draw_shapes(axes, setup, outline, filled=self.layer.filled)
        legend |= draw_inclusions(axes, setup, outline)
        legend |= draw_vortices(axes, setup, view.vortices, self.layer.markers)
        draw_scale(axes, setup)
        axes.set_xlabel(f"$x$ ({unit_text(setup)})", fontsize=_SMALL, loc="left")
        axes.tick_params(labelsize=_SMALL)
        axes.locator_params(nbins=6)
        axes.locator_params(axis="y", nbins=max(1, min(6, int(width * _shape(sheet) / _TICK))))
        return legend, drawn

    def _legend(self, entries: Entries) -> Entries:
        """The same for all states: signs of vortices instead of their numbers."""
        others: Entries = {
            name: entry for name, entry in entries.items() if not isinstance(entry, tuple)
        }
        return others | vortex_entries(v for view in self.views for v in view.vortices)

    def _colour_bar(self, drawn: Any, figure: Figure, beside: Axes) -> None:
        self._dress(figure.colorbar(drawn, cax=beside, **self._bar_style()))

    def _bar_style(self) -> dict[str, Any]:
        formatter = ScalarFormatter(useMathText=True)
        formatter.set_powerlimits((-2, 3))
        style = {name: value for name, value in self.scale.bar.items() if name != "labels"}
        return {"format": formatter} | style

    def _dress(self, bar: Any) -> None:
        if "labels" in self.scale.bar:
            bar.set_ticklabels(self.scale.bar["labels"])
        bar.ax.tick_params(labelsize=_SMALL)
        bar.ax.yaxis.get_offset_text().set_fontsize(_SMALL)
        bar.set_label(label(self.layer.field, self.views[0].setup), fontsize=_LARGE)


def draw_pictures(
    fields: GatheredFields, setup: Setup, vortices: Sequence[Vortex]
) -> Iterator[tuple[str, Figure]]:
    """Yield (name, figure) for each of `PICTURES`, two dimensions; call it on one rank.

    In the London model with screening `LONDON` comes with them.
    """
    others = (LONDON,) if setup.model == "london" and setup.screening else ()
    for name in PICTURES + others:
        yield name, draw_picture(name, fields, setup, vortices)


def draw_picture(
    name: str,
    fields: GatheredFields,
    setup: Setup,
    vortices: Sequence[Vortex],
    stray: StrayField | None = None,
) -> Figure:
    """Draw one field of a state, two dimensions; call it on one rank."""
    return Drawing(name, [View(setup, fields, vortices, stray)]).single()


def draw_states(solution: Solution) -> Figure:
    """The vortices of every start after relaxing, side by side, with their energies."""
    setup, states = solution.setup, solution.states
    x0, y0, x1, y1 = (bound / setup.length_unit_in_xi for bound in setup.sample.bounds)
    width = _FULL_WIDTH / max(len(states), 2)
    title = _lines(width * len(states), setup.title)
    lines = title.count("\n") + 6
    height = min((y1 - y0) / (x1 - x0), 2.0) * (width - 0.5) + _AXIS + lines * _LINE
    figure = Figure(figsize=(width * len(states), height), layout="constrained")
    figure.suptitle(title, fontsize=_LARGE, parse_math=False)
    legend: Entries = {}
    for axes, state in zip(figure.subplots(1, len(states), squeeze=False)[0], states, strict=True):
        axes.set(xlim=(x0, x1), ylim=(y0, y1), aspect="equal")
        axes.set_xlabel(f"$x$ ({unit_text(setup)})", fontsize=_SMALL)
        axes.tick_params(labelsize=_SMALL)
        legend |= draw_shapes(axes, setup, "0.4", filled=True)
        legend |= draw_inclusions(axes, setup, "0.4")
        draw_vortices(axes, setup, state.vortices)
        kept = ", kept" if state.start == solution.best.start else ""
        texts = [f"{state.start}{kept}", f"energy {state.energy:.4f}", count(state.vortices)]
        axes.set_title("\n".join(texts), fontsize=_SMALL)
    legend |= vortex_entries(vortex for state in states for vortex in state.vortices)
    add_legend(figure, legend, 2 * len(states))
    return figure


def count(vortices: Sequence[Vortex]) -> str:
    """How many vortices there are, of either sign, for captions."""
    positive = sum(vortex.charge > 0 for vortex in vortices)
    return f"vortices: {positive} (+), {len(vortices) - positive} (-)"


def _margin(sheet: Sheet) -> float:
    return _MARGIN * max(float(np.ptp(sheet.x)), float(np.ptp(sheet.y)))


def _shape(sheet: Sheet) -> float:
    """Height over width of a panel."""
    around = 2 * _margin(sheet)
    return float((np.ptp(sheet.y) + around) / (np.ptp(sheet.x) + around))


def _fit(figure: Figure, column: Sequence[Axes], height: float | None = None) -> float:
    """Give a figure the height, in inches, that leaves no gap beside its panels; return it.

    Args:
        figure: higher than it needs to be.
        column: panels, one below the other.
        height: to be taken instead.
    """
    if height is None:
        figure.draw_without_rendering()
        width, height = map(float, figure.get_size_inches())
        total = height
        for axes in column:
            slot, drawn, box = axes.get_position(True), axes.get_position(), axes.get_tightbbox()
            assert box is not None
            height -= slot.height * total - box.height / figure.dpi
            height -= max(drawn.height * total - _STEEPEST * slot.width * width, 0.0)
    figure.set_figheight(height)
    return height


def _lines(width: float, *texts: str) -> str:
    """Texts one below the other, broken to fit into a number of inches."""
    return "\n".join(line for text in texts for line in textwrap.wrap(text, int(_LETTERS * width)))


def add_legend(figure: Figure, entries: Entries, columns: int, lines: str = "0.2") -> None:
    """Add the legend, on grey where its lines are white."""
    if entries:
        style: dict[str, Any] = {"ncols": columns, "frameon": lines == "white", "fontsize": _SMALL}
        style |= {"facecolor": "0.7", "edgecolor": "none", "framealpha": 1.0}
        style |= {"handles": list(entries.values()), "labels": list(entries)}
        figure.legend(loc="outside lower center", **style)
