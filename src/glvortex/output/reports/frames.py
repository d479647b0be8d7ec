"""What a run found as pandas tables; ``frame.attrs["units"]`` has the unit of each column."""

from __future__ import annotations

import numpy as np
import pandas as pd

from glvortex.material import Coefficients, Sources
from glvortex.material.table import coefficient_rows
from glvortex.observe.moments import moment_unit
from glvortex.output.runs.result import result, vortex_rows
from glvortex.output.sweeps.magnetization import curve_row
from glvortex.problems.magnetization import MagnetizationCurve
from glvortex.problems.solve import Solution

ENERGY = "Bc^2 xi^2/mu0 per length"


def vortices(solution: Solution) -> pd.DataFrame:
    """One row per vortex: x, y, charge and edge_distance, NaN where there are no inclusions."""
    unit = solution.setup.length_unit
    kinds = {"x": float, "y": float, "charge": int, "edge_distance": float}
    frame = pd.DataFrame(vortex_rows(solution), columns=list(kinds)).astype(kinds)
    return _with_units(frame, x=unit, y=unit, edge_distance=unit)


def states(solution: Solution) -> pd.DataFrame:
    """One row per relaxed start, in the order of the problem; ``kept`` marks the lowest minimum."""
    frame = pd.DataFrame(result(solution)["states"]).set_index("start")
    frame["kept"] = frame.index == solution.best.start
    return _with_units(frame, energy=ENERGY, extrapolated=ENERGY, error=ENERGY)


def moments(solution: Solution) -> pd.DataFrame:
    """Moments along z by origin: reduced, and per layer where the material is known.

    Empty in a cell, whose currents have no moment of their own.
    """
    found, material = solution.moments, solution.setup.coefficients
    names = ("gamma", "magnetisation", "screening", "total")
    units = {"reduced": "Bc2 xi^2/mu0 per length"}
    frame = pd.DataFrame(index=pd.Index(names if found else [], name="origin"))
    frame["reduced"] = [float(getattr(found, name)) for name in frame.index]
    if material is not None:
        frame["per_layer"] = frame["reduced"] * moment_unit(material)
        units["per_layer"] = "A m^2"
    return _with_units(frame, **units)


def identities(solution: Solution) -> pd.DataFrame:
    """One row per identity that a converged state obeys: residual, bound, expected, holds."""
    return pd.DataFrame(result(solution)["identities"]).set_index("name")


def coefficients(material: Coefficients, sources: Sources | None = None) -> pd.DataFrame:
    """One row per coefficient of a material and, if given, of an inclusion in it."""
    rows = coefficient_rows(material, sources)
    return pd.DataFrame(rows).set_index("name")


def magnetization(curve: MagnetizationCurve) -> pd.DataFrame:
    """The rows of magnetization.csv (docs/run_folder.md); ``attrs`` has hc1 and hc2 in Bc2, too."""
    rows = [curve_row(curve, equilibrium) for equilibrium in curve.equilibria]
    frame = pd.DataFrame([{k: np.nan if v == "" else v for k, v in row.items()} for row in rows])
    frame.attrs |= {"hc1": curve.hc1, "hc2": curve.hc2}
    fields, si = ("B", "H", "M", "H_error"), ("B_T", "H_T", "M_T")
    density = ("energy_density", "energy_density_error")
    units = dict.fromkeys(fields, "Bc2") | dict.fromkeys(si, "T")
    return _with_units(frame, **units, **dict.fromkeys(density, "Bc^2/mu0"))


def _with_units(frame: pd.DataFrame, **units: str) -> pd.DataFrame:
    frame.attrs["units"] = {name: unit for name, unit in units.items() if name in frame}
    return frame
