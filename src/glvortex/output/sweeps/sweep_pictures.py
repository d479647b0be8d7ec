"""The picture of a sweep: curves over one key, both branches of a loop, or maps over two."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray
from matplotlib.axes import Axes
from matplotlib.colors import CenteredNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from glvortex.problems.sweep import Plan

_SHOWN = (
    ("net_charge", "net charge"),
    ("magnetisation", r"$M$ ($B_{c2}/\mu_0$)"),
    ("energy", r"energy ($B_c^2 \xi^2/\mu_0$)"),
)
_UNITS = {"Bc2": "$B_{c2}$", "xi": r"$\xi$", "1/xi^2": r"$1/\xi^2$"}
_FEW = 7  # values of a map, each of which has its tick
_BRANCHES = {"up": ("C0", "o-", "up"), "down": ("C3", "s--", "down")}


def draw_sweep(plan: Plan, table: xarray.Dataset) -> Figure | None:
    """Draw net charge, M and energy over the keys that take more than one value.

    None where these are none or more than two.
    """
    wide = [axis.key for axis in plan.axes if len(axis.values) > 1]
    narrow = {axis.key: 0 for axis in plan.axes if axis.key not in wide}
    drawn = table.isel(narrow)
    shown = [(name, label) for name, label in _SHOWN if drawn[name].notnull().any()]
    if len(wide) not in (1, 2) or not shown:
        return None
    if len(wide) == 1:
        figure = Figure(figsize=(4.2 * len(shown), 3.8), layout="constrained")
        for axes, (name, label) in zip(_panels(figure, 1, len(shown)), shown, strict=True):
            _curves(axes, drawn[name], wide[0], drawn)
            axes.set_ylabel(label)
    else:
        rows = drawn.sizes.get("branch", 1)
        figure = Figure(figsize=(4.6 * len(shown), 3.8 * rows), layout="constrained")
        panels = iter(_panels(figure, rows, len(shown)))
        for row in range(rows):
            here = drawn.isel(branch=row) if "branch" in drawn.dims else drawn
            for name, label in shown:
                _map(figure, next(panels), here[name], wide, label, drawn)
    figure.suptitle(str(table.attrs["title"]), fontsize=11, parse_math=False)
    return figure


def _panels(figure: Figure, rows: int, columns: int) -> list[Axes]:
    return list(np.atleast_1d(figure.subplots(rows, columns)).flat)


def _curves(axes: Axes, values: xarray.DataArray, key: str, table: xarray.Dataset) -> None:
    x = _numbers(table[key])
    if "branch" not in values.dims:
        axes.plot(x, values, "o-", color="C0", markersize=4)
    else:
        for branch, (color, style, label) in _BRANCHES.items():
            here = values.sel(branch=branch)
            axes.plot(
                x, here, style, color=color, markersize=4, label=label, markerfacecolor="none"
            )
        axes.legend(frameon=False, fontsize=9)
    axes.axhline(0.0, color="0.8", linewidth=0.8, zorder=0)
    if values.name == "net_charge":
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    if values.name == "energy":
        axes.lines[-1].remove()
    axes.set_xlabel(_label(table[key]))
    if _words(table[key]):
        _name_values(axes.set_xticks, table[key])


def _map(
    figure: Figure,
    axes: Axes,
    values: xarray.DataArray,
    keys: list[str],
    label: str,
    table: xarray.Dataset,
) -> None:
    signed = values.name != "energy" and float(values.min()) < 0.0 < float(values.max())
    mesh = axes.pcolormesh(
        _numbers(table[keys[0]]),
        _numbers(table[keys[1]]),
        values.transpose(keys[1], keys[0]),
        shading="nearest",
        cmap="RdBu_r" if signed else "viridis",
        norm=CenteredNorm() if signed else None,
    )
    way = f" ({values['branch'].item()})" if "branch" in values.coords else ""
    figure.colorbar(mesh, ax=axes, label=label + way)
    axes.set_xlabel(_label(table[keys[0]]))
    axes.set_ylabel(_label(table[keys[1]]))
    for set_ticks, key in zip((axes.set_xticks, axes.set_yticks), keys, strict=True):
        if _words(table[key]) or table[key].size <= _FEW:
            _name_values(set_ticks, table[key])


def _words(values: xarray.DataArray) -> bool:
    return values.dtype.kind not in "if"


def _numbers(values: xarray.DataArray) -> np.ndarray:
    """The values of a key, words counted from 0."""
    return np.arange(values.size) if _words(values) else values.to_numpy()


def _name_values(set_ticks: Any, values: xarray.DataArray) -> None:
    """Put the ticks at the values, and nowhere between."""
    shown = [str(v) if _words(values) else f"{v:.4g}" for v in values.to_numpy()]
    set_ticks(_numbers(values), shown)


def _label(values: xarray.DataArray) -> str:
    unit = values.attrs.get("units")
    return f"{values.name} ({_UNITS.get(unit, unit)})" if unit else str(values.name)
