"""The map of what the kept states hold: vortices inside inclusions, between them, both, none."""

from __future__ import annotations

from typing import get_args

import numpy as np
import xarray
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from glvortex.observe.contents import Content
from glvortex.problems.phase_map import map_point
from glvortex.problems.sweep import Plan

_WORDS: tuple[Content, ...] = get_args(Content)
_COLORS = ("#eeeeee", "#9ecae1", "#fdbe85", "#bcbddc")
_FLUX = "sample.flux_quanta"  # cells of any flux compare: the map has the lowest
_SMALL = 8  # points


def draw_contents(plan: Plan, table: xarray.Dataset) -> Figure | None:
    """Draw contents over area fraction and h~/Hc1, with the lines of London theory.

    None where the sweep is not over one key that changes the area fraction alone and another one
    that changes h~ alone, and at most the flux of the cell besides. Of several fluxes the one of
    lowest energy counts.
    """
    wide = [axis.key for axis in plan.axes if len(axis.values) > 1 and axis.key != _FLUX]
    points = [map_point(point.setup) for point in plan.points]
    thresholds = {(point.near, point.far) for point in points if point}
    if plan.both_ways or len(wide) != 2 or not all(points) or len(thresholds) > 1:
        return None
    ground = lowest(table.isel({a.key: 0 for a in plan.axes if a.key not in (*wide, _FLUX)}))
    fraction, drive = _along(ground["area_fraction"], wide), _along(ground["drive"], wide)
    if fraction is None or drive is None or fraction == drive:
        return None
    figure = Figure(figsize=(6.4, 5.4), layout="constrained")
    axes = figure.add_subplot()
    _squares(axes, ground.transpose(drive, fraction))
    _lines(axes, *thresholds.pop())
    axes.set(
        xlabel=r"area fraction $\varphi$ of the inclusions",
        ylabel=r"$\tilde h/\mu_0 H_{c1}$",
    )
    patches = [
        Patch(facecolor=color, edgecolor="0.6", label=word)
        for color, word in zip(_COLORS, _WORDS, strict=True)
    ]
    handles, _ = axes.get_legend_handles_labels()
    figure.legend(
        handles=[*patches, *handles],
        loc="outside lower center",
        ncols=2,
        fontsize=_SMALL,
        title="lowest state found (vortices inside | between), lines of London theory",
        title_fontsize=_SMALL,
    )
    figure.suptitle(str(table.attrs["title"]), fontsize=11, parse_math=False)
    return figure


def lowest(table: xarray.Dataset) -> xarray.Dataset:
    """Of cells of several fluxes, those of the lowest energy."""
    if _FLUX not in table.dims:
        return table
    energies = table["energy"].fillna(np.inf)
    return table.isel({_FLUX: energies.argmin(_FLUX)})


def _along(values: xarray.DataArray, keys: list[str]) -> str | None:
    """The only key along which values change; None where there is no such key, or two."""
    spread = [
        key for key in keys if not np.allclose(values - values.isel({key: 0}, drop=True), 0.0)
    ]
    return spread[0] if len(spread) == 1 else None


def _squares(axes: Axes, ground: xarray.Dataset) -> None:
    """A square for each point, with its vortices inside and between."""
    x = ground["area_fraction"].to_numpy()[0]
    y = ground["drive"].to_numpy()[:, 0]
    words = ground["content"].to_numpy()
    which = np.array([[_WORDS.index(w) if w in _WORDS else np.nan for w in row] for row in words])
    axes.pcolormesh(
        _bounds(x),
        _bounds(y),
        np.ma.masked_invalid(which),
        cmap=ListedColormap(_COLORS),
        vmin=-0.5,
        vmax=len(_WORDS) - 0.5,
        edgecolors="white",
        linewidth=1.5,
    )
    for i, j in np.ndindex(which.shape):
        if np.isfinite(which[i, j]):
            inside, between = (int(ground[name].values[i, j]) for name in ("inside", "between"))
            axes.text(x[j], y[i], f"{inside} | {between}", ha="center", va="center", fontsize=9)


def _bounds(values: np.ndarray) -> np.ndarray:
    """Half way between values, and as far beyond the outer ones."""
    middles = (values[1:] + values[:-1]) / 2
    return np.concatenate([[2 * values[0] - middles[0]], middles, [2 * values[-1] - middles[-1]]])


def _lines(axes: Axes, near: float, far: float) -> None:
    """What London theory says, within what the squares cover."""
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    fraction = np.linspace(max(left, 1e-3), min(right, 0.999), 400)
    axes.plot(
        fraction,
        1 / (1 - fraction),
        color="C0",
        label=r"first inside, $(1-\varphi)\tilde h=\mu_0H_{c1}$",
    )
    axes.plot(
        fraction, 1 / fraction, color="C1", label=r"first between, $\varphi\tilde h=\mu_0H_{c1}$"
    )
    axes.axhline(near, color="C4", label="pair across an edge region, $d$ apart")
    text = "pair from the middle of a disk to that of a gap"
    axes.axhline(far, color="C4", linestyle="--", label=text)
    axes.set(xlim=(left, right), ylim=(bottom, top))
