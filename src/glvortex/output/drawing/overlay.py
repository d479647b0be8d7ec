"""What is drawn on top of a field: outlines, inclusions, vortices, the length scale."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Patch, PathPatch
from matplotlib.patches import Polygon as PolygonPatch
from matplotlib.path import Path
from matplotlib.patheffects import withStroke
from matplotlib.transforms import ScaledTranslation
from mpl_toolkits.axes_grid1.anchored_artists import AnchoredSizeBar
from scipy.spatial import cKDTree

from glvortex.geometry.polygons import Polygons
from glvortex.geometry.sample import Cornered, Disk, Floats, Sample
from glvortex.output.state.gather import GatheredFields
from glvortex.problems.setup import Setup
from glvortex.solve.london import Vortex

_COLOURS = {1: "#d55e00", -1: "#0072b2"}  # told apart by everybody (Okabe and Ito)
_SMALLEST, _LARGEST, _LEGEND = 2.5, 5.0, 6.0  # markers, in points
_BELOW_TICKS = 18  # points from the axes down to the scale bar
Entries = dict[str, Line2D | tuple[Line2D, ...]]
"""Legend: label and what it shows, one line or several on top of each other."""


def draw_inclusions(axes: Axes, setup: Setup, colour: str) -> Entries:
    """Mid-edge lines, and thinner ones around the edge regions; returns what the legend shows."""
    inclusions, unit = setup.inclusions, setup.length_unit_in_xi
    if not len(inclusions):
        lines = [line / unit for line in inclusions.outlines()]
        axes.add_collection(LineCollection(lines, colors=colour, linewidths=0.9))
        shown = Line2D([], [], color=colour, linewidth=0.9)
        return {"half of the potential": shown} if lines else {}
    half = inclusions.edge_width / 2
    for offset, width in ((0.0, 0.9), (-half, 0.5), (half, 0.5)):
        lines = [line / unit for line in inclusions.outlines(offset)]
        axes.add_collection(LineCollection(lines, colors=colour, linewidths=width))
    return {
        "inclusion": Line2D([], [], color=colour, linewidth=0.9),
        "edge region": Line2D([], [], color=colour, linewidth=0.5),
    }


def draw_shapes(axes: Axes, setup: Setup, colour: str, *, filled: bool) -> Entries:
    """Outlines of the sample's holes, filled if wanted, and of its regions; returns the legend."""
    entries: Entries = {}
    holes = [hole.shape for hole in getattr(setup.sample, "holes", ())]
    for hole in holes:
        style: dict[str, Any] = {"facecolor": "0.85" if filled else "none", "edgecolor": colour}
        axes.add_patch(_patch(hole, setup, linewidth=0.9, zorder=3, **style))
        inside = "0.85" if filled else "none"
        style = {"color": colour, "marker": "o", "markerfacecolor": inside, "linestyle": "none"}
        entries["hole"] = Line2D([], [], **style)
    for region in setup.regions:
        style = {"facecolor": "none", "edgecolor": colour, "linestyle": "--"}
        axes.add_patch(_patch(region.shape, setup, linewidth=0.9, zorder=3, **style))
        entries["region"] = Line2D([], [], color=colour, linewidth=0.9, linestyle="--")
    return entries


def _patch(shape: Sample, setup: Setup, **style: Any) -> Patch:
    unit = setup.length_unit_in_xi
    if isinstance(shape, Disk):
        x, y = shape.centre
        return Circle((x / unit, y / unit), shape.radius / unit, **style)
    if isinstance(shape, Polygons):
        rings = [Path(ring / unit, closed=True) for ring in shape.rings]
        return PathPatch(Path.make_compound_path(*rings), **style)
    assert isinstance(shape, Cornered)
    return PolygonPatch(shape.corners / unit, closed=True, **style)


def draw_outline(axes: Axes, fields: GatheredFields, setup: Setup, colour: str) -> None:
    """The sides that only one triangle has: the sample's outline and its cut-outs."""
    edges = np.sort(fields.cells[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    different, count = np.unique(edges, axis=0, return_counts=True)
    lines = fields.points[different[count == 1]] / setup.length_unit_in_xi
    axes.add_collection(LineCollection(list(lines), colors=colour, linewidths=0.5))


def draw_vortices(
    axes: Axes, setup: Setup, vortices: Sequence[Vortex], size: float = 1.0
) -> Entries:
    """Markers in the colour of the sign with the sign on them; returns what the legend shows.

    Set the limits of the axes before: markers keep apart where they can. ``size`` is relative.
    """
    unit = setup.length_unit_in_xi
    places = np.array([(v.x, v.y) for v in vortices]).reshape(-1, 2) / unit
    size *= _marker_size(axes, places)
    entries: Entries = {}
    for sign, name in ((1, "vortex"), (-1, "antivortex")):
        chosen = [i for i, v in enumerate(vortices) if v.charge * sign > 0]
        if not chosen:
            continue
        for layer in _markers(sign, size):
            layer.set_data(*places[chosen].T)
            axes.add_line(layer)
        plural = {"vortex": "vortices", "antivortex": "antivortices"}[name]
        count = f"1 {name}" if len(chosen) == 1 else f"{len(chosen)} {plural}"
        entries[f"{count}, {_flux(sign)}"] = _markers(sign, _LEGEND)
        for i in chosen:
            if abs(vortices[i].charge) > 1:
                axes.annotate(
                    str(abs(vortices[i].charge)),
                    places[i],
                    (size / 2, size / 2),
                    textcoords="offset points",
                    fontsize=7,
                    color=_COLOURS[sign],
                    zorder=6,
                    path_effects=[withStroke(linewidth=2, foreground="white")],
                )
    return entries


def vortex_entries(vortices: Iterable[Vortex]) -> Entries:
    """What the legend shows for the signs among the vortices, without their number."""
    signs = {1 if vortex.charge > 0 else -1 for vortex in vortices}
    return {f"vortex, {_flux(sign)}": _markers(sign, _LEGEND) for sign in sorted(signs)[::-1]}


def _flux(sign: int) -> str:
    return f"flux ${'+' if sign > 0 else '-'}z$"


def _markers(sign: int, size: float) -> tuple[Line2D, ...]:
    """A disk (+) or a square (-) with its sign in white, to be put on top of each other."""
    shape, glyph = ("o", "+") if sign > 0 else ("s", "_")
    style: dict[str, Any] = {"linestyle": "none", "markeredgecolor": "white", "zorder": 5}
    body = Line2D(
        [],
        [],
        marker=shape,
        color=_COLOURS[sign],
        markersize=(1.0 if sign > 0 else 0.9) * size,
        markeredgewidth=0.09 * size,
        **style,
    )
    inner = Line2D(
        [], [], marker=glyph, markersize=0.6 * size, markeredgewidth=0.15 * size, **style
    )
    return body, inner


def draw_scale(axes: Axes, setup: Setup) -> None:
    """A bar under the axes, of a round length, with that in every unit that is known."""
    (left, right), unit = axes.get_xlim(), setup.length_unit_in_xi
    shown = _round_below((right - left) / 5)
    figure = axes.get_figure(root=True)
    assert figure is not None
    below_ticks = ScaledTranslation(0.0, -_BELOW_TICKS / 72, figure.dpi_scale_trans)
    bar = AnchoredSizeBar(
        axes.transData,
        shown,
        " = ".join(_lengths(shown * unit, setup)),
        "upper right",
        bbox_to_anchor=(1.0, 0.0),
        bbox_transform=axes.transAxes + below_ticks,
        frameon=False,
        sep=2,
        pad=0,
        borderpad=0,
        size_vertical=0.006 * (right - left),
        fontproperties=FontProperties(size=8),
    )
    axes.add_artist(bar)


def _lengths(length: float, setup: Setup) -> list[str]:
    """A length in xi, in all units that mean something: xi, lambda, metres."""
    in_xi = rf"{length:.3g} $\xi$"
    lengths = [in_xi]
    if setup.screening:
        lengths.append(rf"{length / setup.kappa:.2g} $\lambda$")
    if setup.length_unit != "xi":
        lengths.insert(0, f"{length / setup.length_unit_in_xi:.3g} {unit_text(setup)}")
    return lengths


def unit_text(setup: Setup) -> str:
    """The user's unit of length, for labels."""
    return r"$\xi$" if setup.length_unit == "xi" else unit_name(setup)


def unit_name(setup: Setup) -> str:
    """The user's unit of length in plain text."""
    names = {"xi": "ξ"} | dict.fromkeys(("um", "micrometer", "micron"), "µm")
    return names.get(setup.length_unit, setup.length_unit)


def _marker_size(axes: Axes, places: Floats) -> float:
    """Diameter in points, from how close most of the vortices are."""
    if len(places) < 2:
        return _LARGEST
    away = cKDTree(places).query(places, k=2)[0][:, 1]
    box, figure = axes.get_position(), axes.get_figure(root=True)
    assert figure is not None
    # the layout may still shrink the axes a little
    points = 72 * np.array([box.width, box.height]) * figure.get_size_inches()
    ranges = np.ptp([axes.get_xlim(), axes.get_ylim()], axis=1)
    close = float(np.percentile(away, 20)) * float((points / ranges).min())
    return min(_LARGEST, max(_SMALLEST, 0.32 * close))


def _round_below(length: float) -> float:
    """The largest 1, 2 or 5 times a power of ten that is not above."""
    power = 10.0 ** math.floor(math.log10(length))
    return max(factor * power for factor in (1, 2, 5) if factor * power <= length * (1 + 1e-9))
