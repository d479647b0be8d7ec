"""`result.json`: the numbers of a run under the names that tools rely on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from glvortex import __version__
from glvortex.geometry.regions import Hole, Region
from glvortex.observe.fluxoids import Trapped
from glvortex.problems.solve import Solution

_IDENTITY = ("name", "residual", "bound", "expected", "holds")


def result(solution: Solution) -> dict[str, Any]:
    """Return what `result.json` holds: plain numbers, None for what is unknown or not finite.

    Energies in Bc^2 xi^2/mu0 per length along z, lengths of vortices in ``units.length``, fields of
    the threshold in Bc2, moments in A m^2 per layer.
    """
    setup, best = solution.setup, solution.best
    sections = {
        "problem": setup.name,
        "version": __version__,
        "model": setup.model,
        "dofs": solution.dofs,
        "ranks": solution.ranks,
        "units": _units(solution),
        "energy": {"total": sum(solution.budget.values()), "terms": dict(solution.budget)}
        | _extrapolation(solution)
        | _adaptation(solution),
        "states": [
            {
                "start": state.start,
                "energy": state.energy,
                "extrapolated": state.extrapolated,
                "error": state.error,
                "net_charge": state.net_charge,
                "vortices": len(state.vortices),
                "fluxoids": list(state.holes),
                "minimum": state.minimum,
            }
            for state in solution.states
        ],
        "certificate": _certificate(solution),
        "vortices": vortex_rows(solution),
        "net_charge": best.net_charge,
        "flux_phi0": solution.flux,
        "holes": _trapped_rows(solution, setup.holes, solution.holes),
        "regions": _trapped_rows(solution, setup.regions, solution.regions),
        "magnetization": {
            name: getattr(solution.ratios, name)
            for name in ("M_gamma", "M_n", "ratio_analytic", "ratio_field", "total_over_normal")
        },
        "moments": _moments(solution),
        "cell": _cell(solution),
        "threshold": {
            name: getattr(solution.threshold, name) for name in ("h_eff_max", "h_eff_min", "hc1")
        },
        "coefficients": _coefficients(solution),
        "identities": [
            {name: getattr(identity, name) for name in _IDENTITY}
            for identity in solution.identities
        ],
        "seconds": dict(solution.seconds),
    }
    return {name: plain(value) for name, value in sections.items()}


def vortex_rows(solution: Solution) -> list[dict[str, Any]]:
    """Vortices of the best state: x, y, charge, edge_distance, lengths in the user's unit."""
    unit = solution.setup.length_unit_in_xi
    return [
        {
            "x": vortex.x / unit,
            "y": vortex.y / unit,
            "charge": vortex.charge,
            "edge_distance": plain(distance / unit),
        }
        for vortex, distance in zip(solution.best.vortices, solution.edge_distances, strict=True)
    ]


def _trapped_rows(
    solution: Solution, parts: Sequence[Hole | Region], found: Sequence[Trapped]
) -> list[dict[str, Any]]:
    """A point well inside each hole or region in the user's unit, its fluxoid quanta and flux."""
    unit = solution.setup.length_unit_in_xi
    return [
        {"x": x / unit, "y": y / unit, "fluxoid": inside.fluxoid, "flux_phi0": inside.flux}
        for (x, y), inside in zip((p.shape.inner_point for p in parts), found, strict=True)
    ]


def _units(solution: Solution) -> dict[str, Any]:
    setup = solution.setup
    material = setup.coefficients
    return {
        "length": setup.length_unit,
        "xi_m": material.coherence_length if material else None,
        "lambda_m": material.london_lambda if material else None,
        "kappa": setup.kappa,
        "bc2_T": material.bc2 if material else None,
    }


def _certificate(solution: Solution) -> dict[str, Any]:
    names = ("gradient_norm", "negative_eigenvalues", "null_eigenvalues", "newton_steps", "minimum")
    return {name: getattr(solution.best.certificate, name, None) for name in names}


def _extrapolation(solution: Solution) -> dict[str, Any]:
    """Energies on refined meshes; nothing where none was refined."""
    found = solution.extrapolation
    if found is None:
        return {}
    return {
        "meshes": list(found.values),
        "extrapolated": found.limit,
        "error": found.error,
        "order": found.order,
    }


def _adaptation(solution: Solution) -> dict[str, Any]:
    """The energy without a mesh, its error, and the meshes; nothing without mesh.accuracy."""
    found = solution.adaptation
    if found is None:
        return {}
    return {
        "extrapolated": found.limit,
        "error": found.error,
        "condensation": found.condensation,
        "accuracy": found.reached,
        "meshes": [asdict(level) | {"extrapolated": level.extrapolated} for level in found.levels],
    }


def _moments(solution: Solution) -> dict[str, float] | None:
    """Moments along z in Bc2 xi^2/mu0 per length; None in a cell."""
    found = solution.moments
    return asdict(found) | {"total": found.total} if found else None


def _cell(solution: Solution) -> dict[str, Any] | None:
    """The cell of a sample that repeats: periods in the user's unit, averages in reduced units."""
    if solution.cell is None or solution.bulk is None:
        return None
    unit = solution.setup.length_unit_in_xi
    periods = [[x / unit, y / unit] for x, y in solution.cell.periods]
    return {"periods": periods, "flux_quanta": solution.cell.flux_quanta} | asdict(solution.bulk)


def _coefficients(solution: Solution) -> dict[str, Any]:
    setup = solution.setup
    names = ("gamma", "chi", "chi_zeeman")
    peaks = [float(peak) for peak in setup.inclusions.peak]
    found = {name: getattr(setup.coefficients, name, None) for name in names}
    return found | {"pseudo_gauge_peak": max(peaks, key=abs, default=0.0)}


def plain(value: Any) -> Any:
    """Return the value as JSON knows it: no numpy types, None for what is not finite."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
