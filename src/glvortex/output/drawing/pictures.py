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
from glvortex.output.drawing.layers import LAYERS, View, label
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
FORMATS = ("png", "pdf", "svg")
DPI = 300
_MARGIN = 0.015  # around the sample, of its longer side
_WIDTH, _FULL_WIDTH = 4.2, 7.0  # inches: set for one column of a journal, or two
_BAR = 1.2  # inches for the colour bar and the labels of y
_AXIS, _LINE = 0.5, 0.17  # inches for the labels of x, for a line of text
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

    def single(self, number: int = 0, caption: str = "") -> Figure:
        """The picture of one of the states, with the number of its vortices or a caption.

        With captions, all pictures have the same legend and the same layout.
        """
        view = self.views[number]
        title = _lines(_WIDTH, view.setup.title, self.layer.title(view), *caption.splitlines())
        figure = self._figure(_WIDTH, 1, 1, title)
        axes = figure.add_subplot()
        legend, drawn = self._panel(axes, number)
        if caption:
            legend = self._legend(legend)
        axes.set_ylabel(f"$y$ ({unit_text(view.setup)})", fontsize=_SMALL)
        self._colour_bar(drawn, figure, axes.inset_axes((1.02, 0.0, 0.035, 1.0)))
        axes.set_title(title, fontsize=_LARGE, parse_math=False)
        _add_legend(figure, legend, 2)
        return figure

    def side_by_side(self, captions: Sequence[str]) -> Figure:
        """All states in one picture, each with its caption."""
        count = len(self.views)
        columns = count if count <= 3 else min(math.ceil(math.sqrt(count)), 4)
        rows = -(-count // columns)
        texts = [_lines((_FULL_WIDTH - _BAR) / columns, *c.splitlines()) for c in captions]
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
            entries, drawn = self._panel(axes, number)
            legend |= entries
            axes.set_title(texts[number], fontsize=_SMALL, parse_math=False)
        for axes, view in zip(panels[:, 0], self.views[::columns], strict=True):
            axes.set_ylabel(f"$y$ ({unit_text(view.setup)})", fontsize=_SMALL)
        bar = figure.colorbar(drawn, ax=list(panels.flat), aspect=30, **self._bar_style())
        self._dress(bar)
        _add_legend(figure, self._legend(legend), 4)
        return figure

    def _figure(self, width: float, rows: int, columns: int, title: str, above: str = "") -> Figure:
        """A figure as high as panels with a title each, a title of all and a legend need it."""
        shape = max(float(np.ptp(sheet.y) / np.ptp(sheet.x)) for sheet in self.sheets)
        panel = (width - _BAR) / columns * min(max(shape, 0.25), 1.4) + _AXIS
        lines = title.count("\n") + 1 + rows * (above.count("\n") + 1) * bool(above)
        inclusions = any(len(view.setup.inclusions) for view in self.views)
        signs = {vortex.charge > 0 for view in self.views for vortex in view.vortices}
        rows_below = 1 + math.ceil((2 * inclusions + len(signs)) / (2 if columns == 1 else 4))
        height = rows * panel + _LINE * (lines + rows_below) + _AXIS / 2
        return Figure(figsize=(width, height), layout="constrained")

    def _panel(self, axes: Axes, number: int) -> tuple[Entries, Any]:
        """Draw one state with everything on top; return the legend and what has the colours."""
        view, sheet, outline = self.views[number], self.sheets[number], self.layer.outline
        setup = view.setup
        margin = _MARGIN * max(float(np.ptp(sheet.x)), float(np.ptp(sheet.y)))
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
    """Yield (name, figure) for each of `PICTURES`, two dimensions; call it on one rank."""
    for name in PICTURES:
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
    _add_legend(figure, legend, 2 * len(states))
    return figure


def count(vortices: Sequence[Vortex]) -> str:
    """How many vortices there are, of either sign, for captions."""
    positive = sum(vortex.charge > 0 for vortex in vortices)
    return f"vortices: {positive} (+), {len(vortices) - positive} (-)"


def _lines(width: float, *texts: str) -> str:
    """Texts one below the other, broken to fit into a number of inches."""
    return "\n".join(line for text in texts for line in textwrap.wrap(text, int(_LETTERS * width)))


def _add_legend(figure: Figure, entries: Entries, columns: int) -> None:
    if entries:
        style: dict[str, Any] = {"ncols": columns, "frameon": False, "fontsize": _SMALL}
        style |= {"handles": list(entries.values()), "labels": list(entries)}
        figure.legend(loc="outside lower center", **style)
