"""The picture of a memory experiment: what a probe sees, and what is left of the training."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from glvortex.geometry.regions import outline_of
from glvortex.observe.ensembles import Estimate
from glvortex.output.drawing.layers import LAYERS, View, label
from glvortex.output.drawing.overlay import draw_inclusions, draw_vortices, unit_text
from glvortex.output.drawing.plots import STRAY
from glvortex.output.memory.rows import Row
from glvortex.output.memory.summaries import EXPERIMENT, Summary, Vortices
from glvortex.problems.memory import Experiment
from glvortex.problems.training import Trained, blocking_temperature

_UP, _DOWN, _NONE = "#d55e00", "#0072b2", "0.45"
_SMALL, _LARGE = 8, 9  # points
_BINS = 24
_RATIOS = {"ratio": "moment", "ratio_all": "with\nlocal", "ratio_flux": "flux"}


@dataclass(frozen=True)
class Shown:
    """All that is drawn.

    Attributes:
        rows: of all cool-downs, with the vortices of each.
        about: one summary per training.
        views: of one cool-down of the first realisation, by training.
        first: the moments of the first realisation, by training.
        kept: the same at each of the other temperatures.
    """

    rows: Sequence[Row]
    vortices: Sequence[Vortices]
    about: Sequence[Summary]
    views: dict[int, View]
    first: Sequence[Trained]
    kept: Sequence[Trained]


def places_shown(found: Experiment) -> list[int]:
    """Trainings whose maps are drawn: the strongest each way, and the weakest."""
    values = np.array(found.values)
    chosen = (int(values.argmax()), int(np.abs(values).argmin()), int(values.argmin()))
    return list(dict.fromkeys(chosen))


def draw_memory(found: Experiment, shown: Shown) -> Figure:
    """Draw it; on one rank."""
    figure = Figure(figsize=(12.5, 6.6), layout="constrained")
    figure.suptitle(found.setup.title, fontsize=_LARGE + 2, parse_math=False)
    upper, lower = figure.subfigures(2, 1, height_ratios=(1.08, 1.0))
    maps = upper.subplots(1, 4, width_ratios=(1, 1, 1, 1.15))
    _draw_maps(figure, found, shown, list(maps[:3]))
    _draw_moments(maps[3], found, shown)
    density, distances, ratios, alike = lower.subplots(1, 4, width_ratios=(0.9, 1, 1.3, 0.9))
    _draw_density(density, found, shown)
    _draw_distances(distances, found, shown)
    _draw_ratios(ratios, found, shown.about)
    _draw_resemblance(alike, found, shown.about)
    for axes in (maps[3], density, distances, ratios, alike):
        axes.tick_params(labelsize=_SMALL)
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def _draw_maps(figure: Figure, found: Experiment, shown: Shown, panels: list[Axes]) -> None:
    layer = LAYERS[STRAY]
    sheets = {place: layer.sheet(view, layer.field) for place, view in shown.views.items()}
    for axes in panels[len(sheets) :]:
        axes.set_axis_off()
    if not sheets:
        return
    scale = layer.scale(list(sheets.values()))
    drawn: Any = None
    for axes, (place, sheet) in zip(panels, sheets.items(), strict=False):
        view = shown.views[place]
        axes.set_aspect("equal")
        axes.set(xlim=(sheet.x.min(), sheet.x.max()), ylim=(sheet.y.min(), sheet.y.max()))
        drawn = sheet.draw(axes, scale)
        draw_inclusions(axes, view.setup, layer.outline)
        draw_vortices(axes, view.setup, view.vortices, 1.6)
        charges = [vortex.charge > 0 for vortex in view.vortices]
        counted = f"{sum(charges)} (+), {len(charges) - sum(charges)} (-)"
        axes.set_title(f"trained by {found.trainings[place]}: {counted}", fontsize=_LARGE)
        axes.set_xlabel(f"$x$ ({unit_text(view.setup)})", fontsize=_SMALL)
        axes.tick_params(labelsize=_SMALL)
    first = next(iter(shown.views.values()))
    panels[0].set_ylabel(f"$y$ ({unit_text(first.setup)})", fontsize=_SMALL)
    bar = figure.colorbar(drawn, ax=panels[: len(sheets)], shrink=0.75, aspect=25)
    bar.ax.tick_params(labelsize=_SMALL)
    above = layer.title(first).rpartition(", ")[2]
    bar.set_label(f"{label(layer.field, first.setup)}, {above}", fontsize=_SMALL)


def _draw_moments(axes: Axes, found: Experiment, shown: Shown) -> None:
    """What is kept against the temperature of the training; without that, against time."""
    if shown.kept:
        temperatures = found.protocol.other_temperatures
        left = [float(trained.above.mean()) for trained in shown.kept]
        axes.plot(temperatures, left, "o-", color=_UP, markersize=4, linewidth=1)
        unit = "K" if found.problem.laboratory else r"$M B_K/k_B$"
        axes.set_xlabel(f"temperature of training ({unit})", fontsize=_SMALL)
        _draw_temperatures(axes, found)
        axes.set_ylabel(r"$\langle m_z\rangle$ after waiting", fontsize=_SMALL)
    else:
        for place, trained in enumerate(shown.first):
            times = trained.times * found.units.time * (1e9 if found.problem.laboratory else 1.0)
            axes.plot(times, trained.means, color=_colour(found, place), linewidth=1)
        unit = "ns" if found.problem.laboratory else r"$1/\gamma B_K$"
        axes.set_xlabel(f"time ({unit})", fontsize=_SMALL)
        axes.set_ylabel(r"$\langle m_z\rangle$", fontsize=_SMALL)
    axes.axhline(0.0, color="0.8", linewidth=0.6, zorder=0)
    axes.set_title("what the moments keep", fontsize=_LARGE)


def _draw_temperatures(axes: Axes, found: Experiment) -> None:
    """Marks of Tc, of the temperature of the protocol, and of T* of experiment and model."""
    material, protocol = found.setup.coefficients, found.protocol
    blocking = blocking_temperature(found.treatment) * found.units.temperature
    marks: list[tuple[str, float | None, str]] = [
        (r"$T_c$", material.critical_temperature if material else None, "-"),
        (r"$T$", protocol.temperature, ":"),
        (r"$T^*$", protocol.ordering_temperature, "-"),
        (r"$T_b$", blocking, "--"),
    ]
    low, high = min(protocol.other_temperatures), max(protocol.other_temperatures)
    for place, (name, value, style) in enumerate(marks):
        if value is not None and low <= value <= high:
            axes.axvline(value, color="0.4", linewidth=0.8, linestyle=style)
            axes.annotate(
                name,
                (value, 0.02 + 0.07 * (place % 2)),
                (2, 0),
                xycoords=("data", "axes fraction"),
                textcoords="offset points",
                fontsize=_SMALL,
            )


def _draw_density(axes: Axes, found: Experiment, shown: Shown) -> None:
    """Net vortices per area of every cool-down, and their mean."""
    setup = found.setup
    area = outline_of(setup.sample).area / setup.length_unit_in_xi**2
    spread = np.random.default_rng(0)
    for place, summary in enumerate(shown.about):
        values = [row.net / area for row in shown.rows if row.training == summary.training]
        beside = place + spread.uniform(-0.22, 0.22, len(values))
        colour = _colour(found, place)
        axes.plot(beside, values, ".", color=colour, markersize=4, alpha=0.5, markeredgewidth=0)
        _bar(axes, place, summary.density, colour)
    axes.axhline(0.0, color="0.8", linewidth=0.6, zorder=0)
    _name_trainings(axes, found)
    axes.set_ylabel(f"net vortices per {unit_text(setup)}$^2$", fontsize=_SMALL)
    axes.set_title("vortices against training", fontsize=_LARGE)


def _draw_distances(axes: Axes, found: Experiment, shown: Shown) -> None:
    """Where vortices are, those of one sign and those of the other apart."""
    setup = found.setup
    half = setup.inclusions.edge_width / 2 / setup.length_unit_in_xi
    values = zip(found.trainings, found.values, strict=True)
    signs = {training: math.copysign(1, v) if v else 0 for training, v in values}
    sets: dict[str, list[float]] = {"flux along the training": [], "flux against it": []}
    for row, vortices in zip(shown.rows, shown.vortices, strict=True):
        for vortex in vortices:
            along = vortex["charge"] * signs[row.training] > 0
            if signs[row.training] and vortex["edge_distance"] is not None:
                name = "flux along the training" if along else "flux against it"
                sets[name].append(vortex["edge_distance"])
    everything = np.array([value for some in sets.values() for value in some])
    if len(everything):
        ends = min(everything.min(), -2 * half), max(everything.max(), 2 * half)
        bins = np.linspace(*ends, _BINS + 1)
        colours = (_UP, _DOWN)
        axes.hist(list(sets.values()), list(bins), stacked=True, color=colours, label=list(sets))
        axes.legend(fontsize=_SMALL - 1, frameon=False)
    axes.axvspan(-half, half, color="0.9", zorder=0)
    axes.set_xlabel(f"distance to the nearest edge ({unit_text(setup)})", fontsize=_SMALL)
    axes.set_ylabel("vortices", fontsize=_SMALL)
    axes.set_title("inside (< 0) or between", fontsize=_LARGE)


def _draw_ratios(axes: Axes, found: Experiment, about: Sequence[Summary]) -> None:
    """Sizes of what is below Tc over what is above, on a logarithmic scale."""
    sources, material = found.setup.sources, found.problem.material
    known = [summary for summary in about if not math.isnan(summary.ratio.value)]
    if not known or sources is None or material is None:
        axes.set_axis_off()
        return
    axes.set_title("below over above $T_c$", fontsize=_LARGE)
    names: list[str] = []
    for name, words in _RATIOS.items():
        for summary in known:
            colour = _colour(found, found.trainings.index(summary.training))
            value, error = getattr(summary, name)
            _bar(axes, len(names), Estimate(abs(value), error), colour)
        names.append(words)
    computed = abs(sources.ratio_analytic)
    axes.axhline(EXPERIMENT, color="k", linewidth=1)
    axes.annotate(
        "experiment: at least",
        (0.02, EXPERIMENT),
        (0, -10),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        fontsize=_SMALL,
    )
    factor = abs(material.gamma_factor)
    for word, value in {"assumed": computed, "computed": computed / factor}.items():
        axes.plot(len(names), value, "D", color="0.2", markersize=5)
        names.append(r"$M_\gamma/M_n$" + f"\n{word}")
    axes.set_yscale("log")
    axes.set_xlim(-0.5, len(names) - 0.5)
    axes.set_xticks(range(len(names)), names, fontsize=_SMALL - 1)


def _draw_resemblance(axes: Axes, found: Experiment, about: Sequence[Summary]) -> None:
    """How alike vortex maps are."""
    for place, summary in enumerate(about):
        colour = _colour(found, place)
        _bar(axes, place - 0.12, summary.realisations, colour, "o")
        _bar(axes, place + 0.12, summary.cool_downs, colour, "s")
    for marker, name in (("o", "realisations"), ("s", "cool-downs")):
        axes.plot([], [], marker, color="0.3", markersize=4, label=name)
    axes.legend(fontsize=_SMALL - 1, frameon=False)
    axes.set_ylim(-0.3, 1.05)
    axes.axhline(0.0, color="0.8", linewidth=0.6, zorder=0)
    _name_trainings(axes, found)
    axes.set_ylabel("correlation", fontsize=_SMALL)
    axes.set_title("are vortices at the same places?", fontsize=_LARGE)


def _bar(axes: Axes, x: float, estimate: Estimate, colour: str, marker: str = "o") -> None:
    if not math.isnan(estimate.value):
        error = 0.0 if math.isnan(estimate.error) else estimate.error
        style: dict[str, Any] = {"markersize": 5, "capsize": 3, "linewidth": 1.2}
        axes.errorbar(x, estimate.value, error, fmt=marker, color=colour, **style)


def _name_trainings(axes: Axes, found: Experiment) -> None:
    axes.set_xlim(-0.5, len(found.trainings) - 0.5)
    axes.set_xticks(range(len(found.trainings)), found.trainings)
    axes.set_xlabel("training", fontsize=_SMALL)


def _colour(found: Experiment, place: int) -> str:
    value = found.values[place]
    return _UP if value > 0 else _DOWN if value < 0 else _NONE
