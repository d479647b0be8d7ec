"""What is drawn on top of a field: inclusions, vortices, the length scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Patch
from matplotlib.patches import Polygon as PolygonPatch
from matplotlib.patheffects import withStroke
from mpl_toolkits.axes_grid1.anchored_artists import AnchoredSizeBar

from glvortex.geometry.sample import Cornered, Disk, Sample
from glvortex.problems.setup import Setup
from glvortex.solve.london import Vortex

POSITIVE, NEGATIVE = "#d62728", "#1f55c4"
Entries = dict[str, Line2D | tuple[Line2D, ...]]
"""Legend: label and what it shows, one line or several on top of each other."""


def draw_inclusions(axes: Axes, setup: Setup, colour: str) -> Entries:
    """Mid-edge lines, and thinner ones around the edge regions; returns what the legend shows."""
    inclusions, unit = setup.inclusions, setup.length_unit_in_xi
    if not len(inclusions):
        return {}
    half = inclusions.edge_width / 2
    for offset, width in ((0.0, 0.9), (-half, 0.5), (half, 0.5)):
        lines = [line / unit for line in inclusions.outlines(offset)]
        axes.add_collection(LineCollection(lines, colors=colour, linewidths=width))
    return {
        "inclusion": Line2D([], [], color="0.2", linewidth=0.9),
        "edge region": Line2D([], [], color="0.2", linewidth=0.5),
    }


def draw_shapes(axes: Axes, setup: Setup, colour: str, *, filled: bool) -> Entries:
    """Outlines of the sample's holes, filled if wanted, and of its regions; returns the legend."""
    entries: Entries = {}
    holes = [hole.shape for hole in getattr(setup.sample, "holes", ())]
    for hole in holes:
        style: dict[str, Any] = {"facecolor": "0.85" if filled else "none", "edgecolor": colour}
        axes.add_patch(_patch(hole, setup, linewidth=0.9, zorder=3, **style))
        marker = Line2D([], [], color="0.2", marker="o", markerfacecolor="0.85", linestyle="none")
        entries["hole"] = marker
    for region in setup.regions:
        style = {"facecolor": "none", "edgecolor": colour, "linestyle": "--"}
        axes.add_patch(_patch(region.shape, setup, linewidth=0.9, zorder=3, **style))
        entries["region"] = Line2D([], [], color="0.2", linewidth=0.9, linestyle="--")
    return entries


def _patch(shape: Sample, setup: Setup, **style: Any) -> Patch:
    unit = setup.length_unit_in_xi
    if isinstance(shape, Disk):
        x, y = shape.centre
        return Circle((x / unit, y / unit), shape.radius / unit, **style)
    assert isinstance(shape, Cornered)
    return PolygonPatch(shape.corners / unit, closed=True, **style)


def draw_vortices(axes: Axes, setup: Setup, vortices: Sequence[Vortex]) -> Entries:
    """Disks in the colour of the sign with the sign on them; returns what the legend shows."""
    size, unit = _marker_size(len(vortices)), setup.length_unit_in_xi
    entries: Entries = {}
    for sign, colour, marker, flux in ((1, POSITIVE, "+", "+"), (-1, NEGATIVE, "_", "-")):
        chosen = [v for v in vortices if v.charge * sign > 0]
        if not chosen:
            continue
        x, y = [v.x / unit for v in chosen], [v.y / unit for v in chosen]
        drawn = []
        for edge, shape, scale, paint in ((0.09, "o", 1.0, colour), (0.14, marker, 0.55, "white")):
            (layer,) = axes.plot(
                x,
                y,
                shape,
                color=paint,
                markersize=scale * size,
                markeredgewidth=edge * size,
                markeredgecolor="white",
                zorder=5,
            )
            drawn.append(layer)
        entries[f"vortices, flux along ${flux}z$: {len(chosen)}"] = tuple(drawn)
        for v in chosen:
            if abs(v.charge) > 1:
                axes.annotate(
                    str(abs(v.charge)),
                    (v.x / unit, v.y / unit),
                    (size / 2, size / 2),
                    textcoords="offset points",
                    fontsize=8,
                    color=colour,
                    zorder=6,
                    path_effects=[withStroke(linewidth=2, foreground="white")],
                )
    return entries


def draw_scale(axes: Axes, setup: Setup) -> None:
    """A bar of a round number of coherence lengths, where the axes have another unit."""
    if setup.length_unit == "xi":
        return
    left, _, right, _ = setup.sample.bounds
    length = _round_below((right - left) / 5)
    shown = length / setup.length_unit_in_xi
    label = rf"${length:g}\,\xi = {shown:.3g}\,${unit_text(setup)}"
    bar = AnchoredSizeBar(
        axes.transData,
        shown,
        label,
        "upper right",
        bbox_to_anchor=(1.0, -0.06),
        bbox_transform=axes.transAxes,
        frameon=False,
        sep=3,
        pad=0,
        borderpad=0,
        size_vertical=0.004 * (right - left) / setup.length_unit_in_xi,
    )
    axes.add_artist(bar)


def unit_text(setup: Setup) -> str:
    """The user's unit of length, for labels."""
    if setup.length_unit == "xi":
        return r"$\xi$"
    unit = setup.length_unit
    return "µm" if unit in ("um", "micrometer", "micron") else unit


def _marker_size(count: int) -> float:
    """Diameter in points: some 200 must stay apart in one picture."""
    return min(7.0, max(3.0, 50.0 / math.sqrt(max(count, 1))))


def _round_below(length: float) -> float:
    """The largest 1, 2 or 5 times a power of ten that is not above."""
    power = 10.0 ** math.floor(math.log10(length))
    return max(factor * power for factor in (1, 2, 5) if factor * power <= length * (1 + 1e-9))
