"""A memory experiment as xarray/NetCDF, and its summary for the screen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import xarray
from rich.table import Table

from glvortex import __version__
from glvortex.observe.ensembles import Estimate
from glvortex.output.memory.rows import Row
from glvortex.output.memory.summaries import EXPERIMENT, Summary, Vortices
from glvortex.output.reports.tables import plain_table
from glvortex.problems.memory import Experiment
from glvortex.problems.training import blocking_temperature


def dataset(
    found: Experiment,
    rows: Sequence[Row],
    vortices: Sequence[Vortices],
    about: Sequence[Summary],
) -> xarray.Dataset:
    """Everything: rows over `run`, vortices over `vortex`, summaries over `training`."""
    names = [field.name for field in fields(Row)]
    variables: dict[str, Any] = {
        f"run_{name}": ("run", [getattr(row, name) for row in rows]) for name in names
    }
    whole = [(row.point, v) for row, some in zip(rows, vortices, strict=True) for v in some]
    variables["vortex_point"] = ("vortex", [point for point, _ in whole])
    for name in ("x", "y", "charge", "edge_distance"):
        values = [np.nan if v[name] is None else v[name] for _, v in whole]
        variables[f"vortex_{name}"] = ("vortex", np.array(values, dtype=float))
    for name in _estimates():
        found_here = [getattr(summary, name) for summary in about]
        variables[name] = ("training", [estimate.value for estimate in found_here])
        variables[f"{name}_error"] = ("training", [estimate.error for estimate in found_here])
    return xarray.Dataset(variables, {"training": list(found.trainings)}, attributes(found))


def attributes(found: Experiment) -> dict[str, Any]:
    """What holds for the whole experiment."""
    setup = found.setup
    blocking = blocking_temperature(found.treatment) * found.units.temperature
    about: dict[str, Any] = {
        "title": setup.title,
        "problem": setup.name,
        "glvortex": __version__,
        "length_unit": setup.length_unit,
        "blocking_temperature": blocking,
        "experiment_ratio": EXPERIMENT,
    }
    if setup.sources is not None and found.problem.material is not None:
        about["gamma_factor"] = found.problem.material.gamma_factor
        about["M_gamma_over_M_n"] = setup.sources.ratio_analytic
    return about


def _estimates() -> list[str]:
    return [field.name for field in fields(Summary) if field.name not in ("training", "runs")]


def summary_tables(found: Experiment, about: Sequence[Summary]) -> list[Table]:
    """One row per training, for the screen: vortices, and what they are compared with."""
    unit = found.setup.length_unit
    columns = {
        "Vortices": {
            "m_z above Tc": "moment",
            "both signs": "vortices",
            "net": "net",
            f"net per {unit}^2": "density",
            "share outside": "outside",
        },
        "Compared": {
            "moment below/above Tc": "ratio",
            "flux below/above Tc": "ratio_flux",
            "alike: samples": "realisations",
            "cool-downs": "cool_downs",
        },
    }
    tables = []
    for title, names in columns.items():
        table = plain_table(title, "training", "runs", *names, right=("training", "runs", *names))
        for summary in about:
            values = (written(getattr(summary, name)) for name in names.values())
            table.add_row(summary.training, str(summary.runs), *values)
        tables.append(table)
    return tables


def written(estimate: Estimate) -> str:
    """An estimate with its error, both to the digits that mean something."""
    value, error = estimate
    if math.isnan(value):
        return "-"
    if math.isnan(error) or error == 0:
        return f"{value:.3g}"
    digits = max(0, 1 - math.floor(math.log10(error)))
    return f"{value:.{digits}f} +- {error:.{digits}f}"
