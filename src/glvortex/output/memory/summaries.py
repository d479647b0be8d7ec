"""What all cool-downs by one training have in common, with errors over the realisations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.constants import mu_0

from glvortex.geometry.regions import outline_of
from glvortex.geometry.sample import Floats
from glvortex.material.critical import FLUX_QUANTUM
from glvortex.observe.ensembles import UNKNOWN, Estimate, mean, ratio, resemblance, vortex_map
from glvortex.output.memory.rows import Row
from glvortex.problems.memory import Experiment

Vortices = Sequence[dict[str, float]]
"""Those of one state, as `result.json` has them."""

EXPERIMENT = 1e3
"""By how much the vortices exceed the moment of the normal state, at least (003, Sec. IV)."""
_GRID = 64  # points along each side of the maps that are compared


@dataclass(frozen=True)
class Summary:
    """All cool-downs by one training.

    Attributes:
        training: as the file has it; runs: how many have a state.
        moment: mean m_z above Tc.
        net: vortices less antivortices; density: of them per area, in 1/(user's unit)^2.
        vortices: of both signs.
        outside: share of vortices outside the inclusions; edge_distance: mean, in the user's unit.
        ratio: moment below Tc over that of the electrons above it.
        ratio_all: the same with the local moments on both sides.
        ratio_flux: flux of the vortices over that of the moment above Tc: what the experiment
            finds to be at least `EXPERIMENT`.
        realisations, cool_downs: resemblance of vortex maps.
    """

    training: str
    runs: int
    moment: Estimate
    net: Estimate
    density: Estimate
    vortices: Estimate
    outside: Estimate
    edge_distance: Estimate
    ratio: Estimate
    ratio_all: Estimate
    ratio_flux: Estimate
    realisations: Estimate
    cool_downs: Estimate


def summaries(
    found: Experiment, rows: Sequence[Row], vortices: Sequence[Vortices]
) -> list[Summary]:
    """One summary per training, of the rows and the vortices of each in the same order."""
    return [_summary(found, training, rows, vortices) for training in found.trainings]


def _summary(
    found: Experiment,
    training: str,
    rows: Sequence[Row],
    vortices: Sequence[Vortices],
) -> Summary:
    pairs = zip(rows, vortices, strict=True)
    chosen = [(row, some) for row, some in pairs if row.training == training and not row.failed]
    here = [row for row, _ in chosen]
    # cool-downs of one realisation are not independent: they count as one
    samples = _by_realisation(here)
    unit = found.setup.length_unit_in_xi
    area = outline_of(found.setup.sample).area / unit**2
    net = mean([_average(sample, "net") for sample in samples])
    maps = _maps(found, chosen)
    firsts = [next(iter(group.values())) for group in maps.values()]
    again = [resemblance(list(group.values())).value for group in maps.values() if len(group) > 1]
    return Summary(
        training=training,
        runs=len(here),
        moment=mean([_average(sample, "moment_above") for sample in samples]),
        net=net,
        density=Estimate(net.value / area, net.error / area),
        vortices=mean([_average(s, "vortices") + _average(s, "antivortices") for s in samples]),
        outside=_share(samples, "outside"),
        edge_distance=mean([d for row in here if not math.isnan(d := row.edge_distance)]),
        ratio=_ratio(samples, ("superconducting",), ("normal",)),
        ratio_all=_ratio(samples, ("superconducting", "local"), ("normal", "local")),
        ratio_flux=_flux_ratio(found, samples),
        realisations=resemblance(firsts),
        cool_downs=mean(again),
    )


def _by_realisation(rows: Sequence[Row]) -> list[list[Row]]:
    numbers = dict.fromkeys(row.realisation for row in rows)
    return [[row for row in rows if row.realisation == number] for number in numbers]


def _average(sample: Sequence[Row], name: str) -> float:
    return float(np.mean([getattr(row, name) for row in sample]))


def _share(samples: Sequence[Sequence[Row]], name: str) -> Estimate:
    """Of all vortices."""
    some = [_average(sample, name) for sample in samples]
    whole = [_average(s, "vortices") + _average(s, "antivortices") for s in samples]
    return ratio(some, whole)


def _ratio(
    samples: Sequence[Sequence[Row]], above: Sequence[str], below: Sequence[str]
) -> Estimate:
    """Ratio of sums of moments; unknown in reduced files."""
    tops = [sum(_average(sample, name) for name in above) for sample in samples]
    bottoms = [sum(_average(sample, name) for name in below) for sample in samples]
    return UNKNOWN if not np.isfinite(tops + bottoms).all() else ratio(tops, bottoms)


def _flux_ratio(found: Experiment, samples: Sequence[Sequence[Row]]) -> Estimate:
    coefficients = found.setup.coefficients
    if coefficients is None:
        return UNKNOWN
    layers = mu_0 / coefficients.layer_spacing / FLUX_QUANTUM
    quanta = [layers * _average(sample, "normal") for sample in samples]
    return ratio([_average(sample, "net") for sample in samples], quanta)


def _maps(
    found: Experiment, chosen: Sequence[tuple[Row, Vortices]]
) -> dict[int, dict[int, Floats]]:
    """Vortex maps by realisation and cool-down, on a grid over the sample."""
    setup = found.setup
    unit = setup.length_unit_in_xi
    x0, y0, x1, y1 = setup.sample.bounds
    x, y = np.meshgrid(np.linspace(x0, x1, _GRID), np.linspace(y0, y1, _GRID))
    grid = np.column_stack([x.ravel(), y.ravel()])
    grid = grid[setup.sample.contains(grid)]
    width = setup.inclusions.mean_radius
    maps: dict[int, dict[int, Floats]] = {}
    for row, vortices in chosen:
        places = [(vortex["x"] * unit, vortex["y"] * unit) for vortex in vortices]
        charges = [vortex["charge"] for vortex in vortices]
        there = maps.setdefault(row.realisation, {})
        there[row.cool_down] = vortex_map(places, charges, grid, width)
    return maps
