"""Tables for the screen and the log: what a run found, and what a material comes down to."""

from __future__ import annotations

from collections.abc import Iterable

from rich import box
from rich.table import Table

from glvortex.geometry.regions import Hole, Region
from glvortex.geometry.sample import Cell
from glvortex.material.table import coefficient_rows
from glvortex.observe.bulk import Bulk
from glvortex.observe.fluxoids import Trapped
from glvortex.observe.identities import Identity
from glvortex.observe.moments import moment_unit
from glvortex.problems.adaptation import Adaptation
from glvortex.problems.setup import Setup
from glvortex.problems.solve import Solution
from glvortex.solve.extrapolation import Extrapolation


def summary_tables(solution: Solution) -> Iterable[Table]:
    """Yield the tables printed at the end of `glvortex solve`."""
    yield _states(solution)
    yield _energy(solution)
    if solution.extrapolation is not None:
        yield _refined(solution.extrapolation)
    if solution.adaptation is not None:
        yield _adapted(solution.adaptation)
    if solution.cell is not None and solution.bulk is not None:
        yield _bulk(solution.cell, solution.bulk)
    else:
        yield _moments(solution)
    if solution.holes or solution.regions:
        yield _trapped(solution)
    yield _threshold(solution)
    if solution.identities:
        yield _identities(solution.identities)


def coefficients_table(setup: Setup) -> Table:
    """Every coefficient of a setup in laboratory units, with unit and source."""
    assert setup.coefficients is not None
    columns = ("quantity", "symbol", "value", "unit", "source")
    table = plain_table(setup.title, *columns, right=("value",))
    for row in coefficient_rows(setup.coefficients, setup.sources):
        table.add_row(row.name, row.symbol, f"{row.value:.5g}", row.unit, row.source)
    return table


def plain_table(title: str, *columns: str, right: Iterable[str] = ()) -> Table:
    """Return an empty table in the style of all others; columns in ``right`` hold numbers."""
    table = Table(title=title, title_justify="left", title_style="bold")
    table.box, table.header_style, table.pad_edge = box.SIMPLE_HEAD, "", False
    for column in columns:
        number = column in right  # numbers are never cut
        table.add_column(column, justify="right" if number else "left", no_wrap=number)
    return table


def _states(solution: Solution) -> Table:
    limits = ("extrapolated", "error") if solution.adaptation is not None else ()
    numbers = ("energy", *limits, "net charge", "vortices", "steps")
    table = plain_table("States", "start", *numbers, "minimum", "", right=numbers)
    for state in solution.states:
        certificate, limit = state.certificate, ["-", "-"]
        if state.extrapolated is not None and state.error is not None:
            limit = [f"{state.extrapolated:.6f}", f"{state.error:.1g}"]
        table.add_row(
            state.start,
            f"{state.energy:.6f}",
            *limit[: len(limits)],
            f"{state.net_charge:+d}" if state.net_charge else "0",
            str(len(state.vortices)),
            str(certificate.newton_steps) if certificate else "-",
            "yes" if state.minimum else "no",
            "kept" if state.start == solution.best.start else "",
        )
    return table


def _energy(solution: Solution) -> Table:
    unit = "Bc^2 xi^2/mu0 per length"
    model = " in the London model" if solution.setup.model == "london" else ""
    table = plain_table(f"Energy of the kept state{model}", "term", unit, right=[unit])
    for name, energy in solution.budget.items():
        table.add_row(name, f"{energy:.10g}")
    table.add_section()
    table.add_row("total", f"{sum(solution.budget.values()):.10g}")
    return table


def _refined(found: Extrapolation) -> Table:
    """Energies on the meshes, and what they tend to."""
    table = plain_table("Energy on refined meshes", "mesh", "energy", right=["energy"])
    for level, energy in enumerate(found.values):
        table.add_row(f"h/{2**level}" if level else "h", f"{energy:.10g}")
    table.add_section()
    table.add_row("extrapolated", f"{found.limit:.10g}")
    table.add_row("error (estimate)", f"{found.error:.1e}")
    table.add_row("order in h", f"{found.order:.2f}")
    return table


def _adapted(found: Adaptation) -> Table:
    """Energies of the kept state on its meshes, and what they tend to, with its error."""
    columns = ("unknowns", "energy", "extrapolated", "error", "over condensation", "vortices")
    table = plain_table("Adapted meshes", "mesh", *columns, right=columns)
    for number, level in enumerate(found.levels, start=1):
        table.add_row(
            str(number),
            str(level.unknowns),
            f"{level.energy:.8g}",
            f"{level.extrapolated:.8g}",
            f"{level.error:.2g}",
            f"{level.error / found.condensation:.1e}",
            str(level.vortices),
        )
    return table


def _bulk(cell: Cell, found: Bulk) -> Table:
    """Averages over a cell."""
    table = plain_table("Cell", "quantity", "value", right=["value"])
    for i, (x, y) in enumerate(cell.periods):
        table.add_row(f"period {i + 1} (xi)", f"[{x:.6g}, {y:.6g}]")
    for label, value in (
        ("mean field B (Bc2)", found.mean_field),
        ("applied field H in equilibrium (Bc2)", found.field),
        ("energy density (Bc^2/mu0)", found.energy_density),
        ("mean |f|^2", found.density),
        ("mean |f|^4 / (mean |f|^2)^2", found.abrikosov_ratio),
    ):
        if value is not None:
            table.add_row(label, f"{value:.8g}")
    return table


def _moments(solution: Solution) -> Table:
    """Moments along z; A m^2 per layer and ratios where the material is known."""
    material, found, ratios = solution.setup.coefficients, solution.moments, solution.ratios
    assert found is not None  # no cell
    columns = ["moment", "Bc2 xi^2/mu0 per length"] + (["A m^2 per layer"] if material else [])
    table = plain_table("Magnetic moments and flux", *columns, right=columns[1:])
    scale = moment_unit(material) if material else None
    for name in ("gamma", "magnetisation", "screening", "total"):
        value = getattr(found, name)
        table.add_row(name, f"{value:.6g}", *([f"{value * scale:.6g}"] if scale else []))
    table.add_section()
    for label, number in (
        ("flux (Phi0)", solution.flux),
        ("M_gamma/M_n, analytic", ratios.ratio_analytic),
        ("M_gamma/M_n, fields", ratios.ratio_field),
        ("total/M_n", ratios.total_over_normal),
    ):
        if number is not None:
            table.add_row(label, f"{number:.6g}")
    return table


def _trapped(solution: Solution) -> Table:
    """What holes and regions hold, at a point inside each."""
    setup = solution.setup
    place, numbers = f"inside ({setup.length_unit})", ("fluxoid", "flux (Phi0)")
    table = plain_table("Holes and regions", "", place, *numbers, right=numbers)
    rows: list[tuple[Hole | Region, Trapped]] = [*zip(setup.holes, solution.holes, strict=True)]
    rows += [*zip(setup.regions, solution.regions, strict=True)]
    for part, found in rows:
        x, y = (c / setup.length_unit_in_xi for c in part.shape.inner_point)
        name = type(part).__name__.lower()
        table.add_row(name, f"({x:.4g}, {y:.4g})", f"{found.fluxoid:+d}", f"{found.flux:.6g}")
    return table


def _threshold(solution: Solution) -> Table:
    """The London field without vortices against Hc1."""
    material, threshold = solution.setup.coefficients, solution.threshold
    columns = ["field", "Bc2"] + (["mT"] if material else []) + ["over Hc1"]
    table = plain_table("London field without vortices", *columns, right=columns[1:])
    rows = (
        ("h_eff, largest", threshold.h_eff_max),
        ("h_eff, smallest", threshold.h_eff_min),
        ("Hc1", threshold.hc1),
    )
    for label, value in rows:
        si = [f"{1e3 * value * material.bc2:.4g}"] if material else []
        table.add_row(label, f"{value:.4g}", *si, f"{value / threshold.hc1:.3f}")
    return table


def _identities(found: Iterable[Identity]) -> Table:
    """Left side less right side over the size of the terms, and what that may be."""
    numbers = ("residual", "bound")
    table = plain_table("Identities", "identity", *numbers, "from", "holds", right=numbers)
    for identity in found:
        table.add_row(
            identity.name,
            f"{identity.residual:.1e}",
            f"{identity.bound:.1e}",
            identity.expected,
            "yes" if identity.holds else "NO",
        )
    return table
