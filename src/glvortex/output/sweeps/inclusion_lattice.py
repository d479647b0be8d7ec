"""What `glvortex inclusion-lattice` leaves behind: tables for the screen, a CSV and a picture."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from rich.table import Table

from glvortex.output.papers.figure_parts import DPI
from glvortex.output.ranks import replacing
from glvortex.output.reports.tables import plain_table
from glvortex.problems.inclusion_lattice import Content, Fraction
from glvortex.problems.resolved import write_resolved
from glvortex.problems.schema import ProblemFile


def write_lattices(folder: Path, problem: ProblemFile, found: Sequence[Fraction]) -> None:
    """Write inclusion_lattice.csv, inclusion_lattice.png and problem.toml; on one rank."""
    write_resolved(problem, found[0].setup, folder)
    rows = [_row(lattice, content) for lattice in found for content in lattice.contents]
    with (
        replacing(folder / "inclusion_lattice.csv") as path,
        path.open("w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    with replacing(folder / "inclusion_lattice.png") as path:
        draw_lattices(found).savefig(path, dpi=DPI)


def criteria_table(found: Sequence[Fraction]) -> Table:
    """London's criteria: a sort of vortices enters where its number is above the next one."""
    columns = [
        "area fraction", "h_eff inside", "h_eff between", "Hc1 (e1/2)", "a~ d", "pair threshold",
    ]  # fmt: skip
    table = plain_table("London criteria (kappa^2 h_eff in Bc2)", *columns, right=columns)
    for lattice in found:
        c = lattice.criteria
        values = (lattice.fraction, c.inside, c.between, c.first, c.step, c.pair)
        table.add_row(*(f"{value:.4g}" for value in values))
    return table


def contents_table(found: Sequence[Fraction]) -> Table:
    """Energies of all contents less that of the cell without vortices."""
    columns = [
        "fraction", "seeded: inside", "between", "flux", "energy", "London", "depaired",
        "relaxed: inside", "between ", "",
    ]  # fmt: skip
    title = "Energy per cell less that without vortices (Bc^2 xi^2/mu0 per length)"
    table = plain_table(title, *columns, right=columns)
    for lattice in found:
        lowest = np.nanmin([content.energy for content in lattice.contents])
        for content in lattice.contents:
            gain = lattice.gain(content)
            table.add_row(
                f"{lattice.fraction:.4g}",
                *map(str, (*content.seeded, content.flux_quanta)),
                "no minimum" if math.isnan(gain) else f"{gain:.3f}",
                f"{content.london:.3f}",
                f"{content.depaired:.3f}",
                str(content.inside),
                str(content.between),
                "lowest" if content.energy == lowest else "",
            )
        table.add_section()
    return table


def draw_lattices(found: Sequence[Fraction]) -> Figure:
    """Energies against the area fraction: Ginzburg-Landau as lines, London as dashes."""
    figure = Figure(figsize=(7.2, 4.8), layout="constrained")
    axes = figure.add_subplot()
    fractions = [lattice.fraction for lattice in found]
    for i, (inside, between) in enumerate(c.seeded for c in found[0].contents):
        if not inside + between:
            continue
        contents = [lattice.contents[i] for lattice in found]
        gains = [lattice.gain(content) for lattice, content in zip(found, contents, strict=True)]
        label = f"{inside} inside, {between} between"
        axes.plot(fractions, gains, "o-", color=f"C{i - 1}", markersize=4, label=label)
        depaired = [content.depaired for content in contents]
        axes.plot(fractions, depaired, "--", color=f"C{i - 1}", linewidth=0.9)
    axes.plot([], [], "--", color="0.4", linewidth=0.9, label="London, depaired source")
    axes.axhline(0.0, color="0.6", linewidth=0.8)
    axes.set(
        xlabel="area fraction of the inclusions",
        ylabel=r"energy per cell less that without vortices ($B_c^2 \xi^2/\mu_0$)",
    )
    axes.set_title(found[0].setup.title, fontsize=11, parse_math=False)
    axes.legend(fontsize=8, frameon=False)
    return figure


def _row(lattice: Fraction, content: Content) -> dict[str, float | str]:
    area, c = lattice.setup.sample.area, lattice.criteria
    return {
        "fraction": lattice.fraction,
        "radius": lattice.setup.inclusions.mean_radius,
        "seeded_inside": content.seeded[0],
        "seeded_between": content.seeded[1],
        "flux_quanta": content.flux_quanta,
        "energy": "" if math.isnan(content.energy) else content.energy,
        "energy_density": "" if math.isnan(content.energy) else content.energy / area,
        "gain_london": content.london,
        "gain_london_depaired": content.depaired,
        "inside": content.inside,
        "between": content.between,
        "step": c.step,
        "h_eff_inside": c.inside,
        "h_eff_between": c.between,
        "first_threshold": c.first,
        "pair_threshold": c.pair,
    }
