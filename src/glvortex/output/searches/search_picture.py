"""The picture of a search: thumbnails of its lowest states."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.figure import Figure

from glvortex.output.drawing.overlay import (
    Entries,
    draw_inclusions,
    draw_shapes,
    draw_vortices,
    vortex_entries,
)
from glvortex.output.drawing.pictures import add_legend
from glvortex.output.searches.search_table import Ranked
from glvortex.problems.setup import Setup

_MOST, _ACROSS = 12, 3  # thumbnails in all, in a row
_WIDTH = 2.4  # inches
_TEXT = 0.3  # inches for the lines above a thumbnail
_SMALL, _LARGE = 8, 9  # points


def draw_search(setup: Setup, ranked: Sequence[Ranked]) -> Figure:
    """Vortices and inclusions of the lowest states, the lowest first."""
    shown = ranked[:_MOST]
    across = min(_ACROSS, max(len(shown), 2))
    down = math.ceil(len(shown) / across)
    unit = setup.length_unit_in_xi
    x0, y0, x1, y1 = (bound / unit for bound in setup.sample.bounds)
    height = min((y1 - y0) / (x1 - x0), 2.0) * _WIDTH + _TEXT
    figure = Figure(figsize=(across * _WIDTH, down * height + 0.6), layout="constrained")
    figure.suptitle(setup.title, fontsize=_LARGE, parse_math=False)
    legend: Entries = {}
    panels = figure.subplots(down, across, squeeze=False).ravel()
    for axes in panels[len(shown) :]:
        axes.set_axis_off()
    lowest = ranked[0].entry.best.energy
    for axes, state in zip(panels, shown, strict=False):
        best = state.entry.best
        axes.set(xlim=(x0, x1), ylim=(y0, y1), aspect="equal", xticks=[], yticks=[])
        legend |= draw_shapes(axes, setup, "0.4", filled=True)
        legend |= draw_inclusions(axes, setup, "0.4")
        draw_vortices(axes, setup, best.vortices, 0.8)
        above = f" (+{best.energy - lowest:.4f})" if state.rank > 1 else ""
        found = len(state.entry.found)
        times = "once" if found == 1 else f"{found} times"
        texts = [
            f"{state.rank}: {best.energy:.4f}{above}",
            f"charge {best.net_charge:+d} of {best.total_charge}, found {times}",
        ]
        axes.set_title("\n".join(texts), fontsize=_SMALL)
    legend |= vortex_entries(v for state in shown for v in state.entry.best.vortices)
    add_legend(figure, legend, 2 * across)
    return figure
