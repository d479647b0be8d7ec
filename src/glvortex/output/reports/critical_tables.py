"""Tables of critical fields and of modes."""

from __future__ import annotations

from rich.table import Table

from glvortex.output.reports.tables import plain_table
from glvortex.problems.critical import CriticalFields
from glvortex.problems.setup import Setup
from glvortex.solve.extrapolation import Extrapolation
from glvortex.solve.modes import Modes


def critical_table(setup: Setup, found: CriticalFields) -> Table:
    """Critical fields in Bc2, where the material is known in mT, and over Hc2."""
    material = setup.coefficients
    columns = ["Bc2"] + (["mT"] if material else []) + ["over Hc2"]
    title = f"Critical fields, kappa = {found.kappa:.6g}"
    table = plain_table(title, "field", *columns, "", right=columns)

    def add(name: str, value: float, note: str) -> None:
        si = [f"{1e3 * value * material.bc2:.5g}"] if material else []
        table.add_row(name, f"{value:.9g}", *si, f"{value / found.upper:.6g}", note)

    add("Hc1", found.lower, "one vortex far from the surface")
    add("Hc", found.thermodynamic, "thermodynamic")
    add("superheating", found.superheating, "plane surface, state without vortices lost")
    add("Hc2", found.upper, "bulk")
    add("Hc3", found.surface, "plane surface along the field")
    table.add_section()
    if found.nucleation is not None:
        charge = "" if found.vortices is None else f", charge {found.vortices:+d}"
        add("nucleation", found.nucleation.limit, f"this sample{charge}{_error(found.nucleation)}")
    if found.entry is not None:
        note = f"this sample, state without vortices lost{_error(found.entry)}"
        add("entry", found.entry.limit, note)
    return table


def _error(found: Extrapolation) -> str:
    """How far the number may be off, where refined meshes tell."""
    return f", +- {found.error:.1e}" if len(found.values) > 1 else ""


def modes_table(modes: Modes) -> Table:
    """Eigenvalues of the modes of a state."""
    numbers = ("eigenvalue", "residual")
    table = plain_table("Lowest modes of the kept state", "mode", *numbers, right=numbers)
    for number, (value, residual) in enumerate(
        zip(modes.values, modes.residuals, strict=True), start=1
    ):
        table.add_row(str(number), f"{value:.6g}", f"{residual:.1e}")
    return table
