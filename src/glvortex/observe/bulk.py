"""What a magnetic cell says about the infinite sample: energy density, field H, stress."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from dolfinx import fem

from glvortex.fem.energy import GinzburgLandau
from glvortex.solve.extrapolation import extrapolate


@dataclass(frozen=True)
class Bulk:
    """Averages over a cell, reduced units.

    Attributes:
        energy_density: free energy per area, Bc^2/mu0, the field's own energy included.
        mean_field: B in Bc2.
        field: the applied field H in Bc2 at which the cell is in equilibrium, by the virial theorem
            (None without flux, or where inclusions feed in momentum).
        density: mean |f|^2.
        abrikosov_ratio: mean |f|^4 over the squared mean |f|^2.
    """

    energy_density: float
    mean_field: float
    field: float | None
    density: float
    abrikosov_ratio: float


def bulk(functional: GinzburgLandau) -> Bulk:
    """Average over the cell; collective.

    ``H = (<|Df|^2> + 2 kappa^2 <b^2>)/(2 kappa^2 B)``: the derivative of the energy density with
    B, from how the energy scales with the cell (Doria, Gubernatis and Rainer 1989).
    """
    lattice, area = functional.space.lattice, functional.area
    assert lattice is not None  # a cell
    budget = functional.budget()
    density = functional.interpolant.density
    mean, square = (_integral(functional, power) / area for power in (density, density**2))
    field = None
    if lattice.flux_quanta and not has_sources(functional):
        twice = (budget["gradient"] + 2 * budget["field"]) / area
        field = twice / (2 * functional.kappa**2 * lattice.mean_field)
    return Bulk(
        energy_density=sum(budget.values()) / area,
        mean_field=lattice.mean_field,
        field=field,
        density=mean,
        abrikosov_ratio=square / mean**2 if mean else float("nan"),
    )


def extrapolated(levels: Sequence[Bulk]) -> tuple[Bulk, Bulk]:
    """Return what the averages on refined meshes tend to, and the errors of that.

    The errors are infinite for a single mesh.
    """
    limits: dict[str, Any] = {}
    errors: dict[str, Any] = {}
    for field in fields(Bulk):
        values = [getattr(level, field.name) for level in levels]
        known = None not in values
        found = extrapolate(values) if known else None
        limits[field.name] = found.limit if found else None
        errors[field.name] = found.error if found else None
    return Bulk(**limits), Bulk(**errors)


def stress(functional: GinzburgLandau) -> np.ndarray:
    """Derivative of the energy with the strain of the cell, (2, 2); the flux is kept.

    ``int -2 Re(D_i f* D_j f) + delta_ij (|Df|^2 + condensation - kappa^2 b^2)``, without sources.
    """
    state, budget = functional.interpolant, functional.budget()
    isotropic = budget["gradient"] + budget["condensation"] - budget["field"]

    def product(i: int, j: int) -> float:
        terms = state.grad_re[i] * state.grad_re[j] + state.grad_im[i] * state.grad_im[j]
        return _integral(functional, terms)

    xy = product(0, 1)
    return isotropic * np.eye(2) - 2 * np.array([[product(0, 0), xy], [xy, product(1, 1)]])


def has_sources(functional: GinzburgLandau) -> bool:
    """Whether there is a pseudo-gauge field or a magnetisation; collective."""
    sources = (functional.pseudo_gauge, functional.magnetisation)
    comm = functional.space.mesh.comm
    return bool(comm.allreduce(any(np.any(source.x.array) for source in sources), op=max))


def _integral(functional: GinzburgLandau, density: Any) -> float:
    return functional.integrate(fem.form(density * functional.dx))
