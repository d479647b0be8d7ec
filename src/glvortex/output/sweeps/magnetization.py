"""What `glvortex magnetization` leaves behind: a table for the screen and for CSV, and a picture.

Fields are in Bc2; where the material is known, the table for the screen has them in mT as well and
the CSV in tesla.
"""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from rich.table import Table

from glvortex.output.papers.figure_parts import DPI
from glvortex.output.ranks import replacing
from glvortex.output.reports.tables import plain_table
from glvortex.problems.magnetization import Equilibrium, MagnetizationCurve
from glvortex.problems.resolved import write_resolved
from glvortex.problems.schema import ProblemFile

_FIELDS = ("B", "H", "M")


def write_curve(folder: Path, problem: ProblemFile, curve: MagnetizationCurve) -> None:
    """Write magnetization.csv, magnetization.png and problem.toml; on one rank.

    The problem is the one the user gave: its cell is scaled to each field.
    """
    write_resolved(problem, curve.setup, folder)
    with replacing(folder / "magnetization.csv") as path, path.open("w", newline="") as file:
        writer = csv.writer(file)
        rows = [curve_row(curve, equilibrium) for equilibrium in curve.equilibria]
        writer.writerow(rows[0])
        writer.writerows(row.values() for row in rows)
    with replacing(folder / "magnetization.png") as path:
        draw_curve(curve).savefig(path, dpi=DPI)


def curve_table(curve: MagnetizationCurve) -> Table:
    """One row per mean field, for the screen."""
    names = [f"{name} (Bc2)" for name in _FIELDS]
    material = curve.setup.coefficients
    si = [f"{name} (mT)" for name in _FIELDS] if material else []
    averages = ["energy density", "mean |f|^2", "beta_A"]
    columns = [*names, *si, *averages]
    title = f"{curve.setup.title}: Hc1 = {curve.hc1:.6g}, Hc2 = {curve.hc2:.6g} Bc2"
    table = plain_table(title, *columns, right=columns)
    for point in curve.equilibria:
        fields = _fields(point)
        found = point.averages
        table.add_row(
            *(f"{value:.6g}" for value in fields),
            *(f"{1e3 * value * material.bc2:.5g}" for value in fields if material),
            *(f"{x:.7g}" for x in (found.energy_density, found.density, found.abrikosov_ratio)),
        )
    return table


def draw_curve(curve: MagnetizationCurve) -> Figure:
    """B(H) and M(H) side by side, Hc1 and Hc2 marked."""
    figure = Figure(figsize=(9.0, 4.2), layout="constrained")
    figure.suptitle(curve.setup.title, fontsize=11, parse_math=False)
    b, h, m = np.array([_fields(point) for point in curve.equilibria]).T
    left, right = figure.subplots(1, 2)
    below, above = min(curve.hc1, h.min()), max(curve.hc2, h.max())
    left.plot([0, curve.hc1], [0, 0], color="C0")
    left.plot(h, b, "o-", color="C0", markersize=4, label="vortex lattice")
    left.plot([0, 1.1 * above], [0, 1.1 * above], color="0.7", linewidth=0.8, label="$B = H$")
    left.set_ylabel("$B$ ($B_{c2}$)")
    right.plot([0, curve.hc1], [0, -curve.hc1], color="C0", label="Meissner state")
    right.plot(h, m, "o-", color="C0", markersize=4)
    if 2 * curve.setup.kappa**2 > 1:
        near = np.array([max(below, 0.7 * curve.hc2), curve.hc2])
        right.plot(near, curve.near_hc2(near), "--", color="C1", label="Abrikosov, near $H_{c2}$")
    right.set_ylabel("$M = B - H$ ($B_{c2}$)")
    for axes in (left, right):
        axes.set(xlabel="$H$ ($B_{c2}$)", xlim=(0, 1.1 * above))
        _mark(axes, curve.hc1, "$H_{c1}$")
        _mark(axes, curve.hc2, "$H_{c2}$")
        axes.legend(fontsize=8, frameon=False)
    return figure


def _mark(axes: Axes, field: float, label: str) -> None:
    axes.axvline(field, color="0.5", linewidth=0.8, linestyle=":")
    axes.annotate(label, (field, 1.01), xycoords=("data", "axes fraction"), ha="center", fontsize=9)


def _fields(point: Equilibrium) -> tuple[float, float, float]:
    return point.mean_field, point.field, point.magnetisation


def curve_row(curve: MagnetizationCurve, point: Equilibrium) -> dict[str, float | str]:
    """A row of the CSV; errors are blank where nothing was extrapolated."""

    def error(value: float | None) -> float | str:
        return value if value is not None and math.isfinite(value) else ""

    material, found = curve.setup.coefficients, point.averages
    row: dict[str, float | str] = dict(zip(_FIELDS, _fields(point), strict=True))
    if material is not None:
        row |= {f"{n}_T": v * material.bc2 for n, v in zip(_FIELDS, _fields(point), strict=True)}
    return (
        row
        | {
            "H_error": error(point.errors.field),
            "energy_density": found.energy_density,
            "energy_density_error": error(point.errors.energy_density),
            "density": found.density,
            "abrikosov_ratio": found.abrikosov_ratio,
        }
        | {
            f"period{i + 1}_{x}": value
            for i, period in enumerate(point.cell.periods)
            for x, value in zip("xy", period, strict=True)
        }
    )
