"""The numbers of a sweep: one row per point, as xarray/NetCDF and as CSV."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray
from rich.table import Table

from glvortex import __version__
from glvortex.errors import ParameterError
from glvortex.geometry.regions import outline_of
from glvortex.observe.contents import Contents, contents_of
from glvortex.output.ranks import replacing
from glvortex.output.reports.tables import plain_table
from glvortex.problems.axes import Value, unit_of
from glvortex.problems.phase_map import map_point
from glvortex.problems.sweep import BRANCHES, Plan, Point

Result = dict[str, Any]
Row = dict[str, Any]
_ENERGY = "Bc^2 xi^2/mu0 per length"
_MOMENT = "Bc2 xi^2/mu0 per length"


@dataclass(frozen=True)
class Variable:
    """A number of every point.

    Attributes:
        name: in the files.
        meaning: for people.
        unit: "" for plain numbers.
        of: takes it from a point and its `result.json`; None where it is unknown.
    """

    name: str
    meaning: str
    unit: str
    of: Callable[[Point, Result], Any]


def _magnetisation(point: Point, result: Result) -> float | None:
    """M: the moment per area within the outline of the sample, or B - H of a cell with flux."""
    cell, moments = result["cell"], result["moments"]
    if cell is not None:
        return None if cell["field"] is None else cell["mean_field"] - cell["field"]
    if point.setup.sample.lattice is not None:
        return None  # along a strip, half of r x j is that of the ends, which are nowhere
    return float(moments["total"] / outline_of(point.setup.sample).area)


def _on_map(name: str) -> Callable[[Point, Result], Any]:
    return lambda point, result: getattr(map_point(point.setup), name, None)


def _contents(point: Point, result: Result) -> Contents:
    """Of the vortices; meaningless without inclusions."""
    unit, inclusions = point.setup.length_unit_in_xi, point.setup.inclusions
    return contents_of(
        [v["edge_distance"] * unit for v in result["vortices"]], inclusions.edge_width
    )


def _content(name: str) -> Callable[[Point, Result], Any]:
    return lambda point, result: (
        getattr(_contents(point, result), name) if len(point.setup.inclusions) else None
    )


def _moment(name: str) -> Callable[[Point, Result], Any]:
    return lambda point, result: (result["moments"] or {}).get(name)


VARIABLES = (
    Variable("energy", "energy of the kept state", _ENERGY, lambda p, r: r["energy"]["total"]),
    Variable("vortices", "vortices of both signs", "", lambda p, r: len(r["vortices"])),
    Variable("net_charge", "vortices less antivortices", "", lambda p, r: r["net_charge"]),
    Variable("inside", "vortices of both signs inside inclusions", "", _content("inside")),
    Variable("between", "vortices of both signs between them", "", _content("between")),
    Variable("area_fraction", "of the inclusions in their array", "", _on_map("fraction")),
    Variable("drive", "h~ over Hc1", "", _on_map("drive")),
    Variable("flux", "flux of b through the sample", "Phi0", lambda p, r: r["flux_phi0"]),
    Variable("magnetisation", "M, mean moment per volume", "Bc2/mu0", _magnetisation),
    Variable("moment", "moment along z", _MOMENT, _moment("total")),
    Variable("moment_gamma", "of the gamma current", _MOMENT, _moment("gamma")),
    Variable("moment_spin", "of the magnetisation m^", _MOMENT, _moment("magnetisation")),
    Variable("moment_screening", "of the rest of the current", _MOMENT, _moment("screening")),
    Variable("h_eff_max", "largest London field", "Bc2", lambda p, r: r["threshold"]["h_eff_max"]),
    Variable("h_eff_min", "smallest London field", "Bc2", lambda p, r: r["threshold"]["h_eff_min"]),
    Variable("gradient_norm", "of the energy", "", lambda p, r: r["certificate"]["gradient_norm"]),
    Variable("newton_steps", "Newton steps", "", lambda p, r: r["certificate"]["newton_steps"]),
    Variable("dofs", "unknowns", "", lambda p, r: r["dofs"]),
    Variable("seconds", "wall time", "s", lambda p, r: sum(r["seconds"].values())),
)
# of a search
SEARCHED = (
    Variable("trials", "trials of the search", "", lambda p, r: r["search"]["trials"]),
    Variable(
        "finds",
        "separate beginnings from which the state was found",
        "",
        lambda p, r: r["search"]["confidence"]["finds_from_separate_beginnings"],
    ),
)
TEXTS = (
    Variable("content", "where vortices are: none, inside, between, both", "", _content("word")),
    Variable("start", "start of the kept state", "", lambda p, r: _kept(r)),
    Variable("failed", "why there is no state, empty where there is one", "", lambda p, r: ""),
)


def _kept(result: Result) -> str:
    lowest = min((s for s in result["states"] if s["minimum"]), key=lambda s: s["energy"])
    return str(lowest["start"])


def row_of(point: Point, result: Result | str) -> Row:
    """The numbers of a point; without a result NaN, and the reason.

    Raises:
        ParameterError: the result lacks some of them.
    """
    if isinstance(result, str):
        empty = {variable.name: np.nan for variable in (*VARIABLES, *SEARCHED)}
        texts = {variable.name: "" for variable in TEXTS}
        return empty | texts | {"minimum": False, "failed": result}
    wanted = (*VARIABLES, *(SEARCHED if "search" in result else ()), *TEXTS)
    try:
        found = {variable.name: variable.of(point, result) for variable in wanted}
    except (KeyError, TypeError, ValueError):
        raise ParameterError(
            f"point {point.number} ({point.said}): its result.json is not that of this version; "
            "leave --resume out to begin anew."
        ) from None
    texts = {variable.name: found.pop(variable.name) or "" for variable in TEXTS}
    numbers = {name: np.nan if value is None else value for name, value in found.items()} | texts
    return numbers | {"minimum": bool(result["certificate"]["minimum"])}


def dataset(plan: Plan, rows: Sequence[Row]) -> xarray.Dataset:
    """The table over the swept keys, and over the branch where they go up and down.

    ``rows`` come in the order of the points. The way down begins with the last point of the way up.
    """
    keys = [axis.key for axis in plan.axes]
    shape = [len(axis.values) for axis in plan.axes]
    dims = [*(["branch"] if plan.both_ways else []), *keys]
    shape = [*([len(BRANCHES)] if plan.both_ways else []), *shape]
    places = [_places(plan, point) for point in plan.points]
    variables = {}
    for name, (kind, attributes) in _columns(plan).items():
        values = np.full(shape, {"f": np.nan, "b": False, "O": ""}[np.dtype(kind).kind], dtype=kind)
        for row, where in zip(rows, places, strict=True):
            for place in where:
                values[place] = row[name]
        variables[name] = (dims, values, attributes)
    numbers = np.zeros(shape, dtype=np.int32)
    for point, where in zip(plan.points, places, strict=True):
        for place in where:
            numbers[place] = point.number
    variables["point"] = (dims, numbers, {"long_name": "number of the run folder in points/"})
    coordinates: dict[str, Any] = {}
    for axis in plan.axes:
        unit = unit_of(plan.problem, axis)
        coordinates[axis.key] = (axis.key, list(axis.values), {"units": unit} if unit else {})
    if plan.both_ways:
        coordinates["branch"] = list(BRANCHES)
    about: dict[str, Any] = {
        "title": plan.problem.title or plan.problem.source.name,
        "problem": plan.problem.source.name,
        "continued": int(plan.continued),
        "glvortex": __version__,
    }
    return xarray.Dataset(variables, coordinates, about)


def _places(plan: Plan, point: Point) -> list[tuple[int, ...]]:
    """Where the numbers of a point stand in the arrays."""
    if not plan.both_ways:
        return [point.place]
    here = (BRANCHES.index(point.branch), *point.place)
    turns = point.place[0] == len(plan.axes[0].values) - 1
    return [here, (1, *point.place)] if turns else [here]


def _columns(plan: Plan) -> dict[str, tuple[Any, dict[str, str]]]:
    """Kind and attributes of every variable."""
    columns: dict[str, tuple[Any, dict[str, str]]] = {}
    for variable in (*VARIABLES, *(SEARCHED if plan.searched else ())):
        unit = {"units": variable.unit} if variable.unit else {}
        columns[variable.name] = (float, {"long_name": variable.meaning} | unit)
    columns["minimum"] = (bool, {"long_name": "whether the state is a certified minimum"})
    for variable in TEXTS:
        columns[variable.name] = (object, {"long_name": variable.meaning})
    return columns


def write_netcdf(path: Path, table: xarray.Dataset) -> None:
    """Write the table; on one rank."""
    with replacing(path) as temporary:
        table.to_netcdf(temporary, engine="netcdf4")


def rows_of(plan: Plan, rows: Sequence[Row]) -> list[Row]:
    """The rows with the number of the point, its branch and the values of the keys before them."""
    return [
        {"point": point.number}
        | ({"branch": point.branch} if plan.both_ways else {})
        | {axis.key: value for axis, value in zip(plan.axes, _values(plan, point), strict=True)}
        | {name: row[name] for name in _columns(plan)}
        for point, row in zip(plan.points, rows, strict=True)
    ]


def write_csv(path: Path, plan: Plan, rows: Sequence[Row]) -> None:
    """Write one row per point, NaN as an empty field; on one rank."""
    whole = rows_of(plan, rows)
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(whole[0])
        for row in whole:
            writer.writerow("" if value != value else value for value in row.values())


def sweep_table(plan: Plan, rows: Sequence[Row]) -> Table:
    """One row per point, for the screen."""
    units = [unit_of(plan.problem, axis) for axis in plan.axes]
    keys = [
        f"{axis.key} ({unit})" if unit else axis.key
        for axis, unit in zip(plan.axes, units, strict=True)
    ]
    branch = ["branch"] if plan.both_ways else []
    numbers = ("energy", "vortices", "net charge", "M (Bc2/mu0)")
    title = plan.problem.title or plan.problem.source.name
    words = ("where", "") if any(row["content"] for row in rows) else ("",)
    table = plain_table(title, "point", *branch, *keys, *numbers, *words, right=(*keys, *numbers))
    for point, row in zip(plan.points, rows, strict=True):
        done = not row["failed"]
        found = (
            f"{row['energy']:.6f}" if done else "-",
            f"{row['vortices']:.0f}" if done else "-",
            f"{row['net_charge']:+.0f}" if done else "-",
            f"{row['magnetisation']:.6g}" if row["magnetisation"] == row["magnetisation"] else "-",
        )
        way = [point.branch] if plan.both_ways else []
        values = map(_written, _values(plan, point))
        where = (row["content"], "" if done else "failed")[-len(words) :]
        table.add_row(str(point.number), *way, *values, *found, *where)
    return table


def _written(value: Value) -> str:
    return value if isinstance(value, str) else f"{value:.6g}"


def _values(plan: Plan, point: Point) -> list[Value]:
    return [axis.values[place] for axis, place in zip(plan.axes, point.place, strict=True)]
