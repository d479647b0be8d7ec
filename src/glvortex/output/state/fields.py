"""The fields of a state: one table of names, symbols and units, and their values at cell corners.

Everything that is written or drawn starts from the values at the corners of each cell, taken from
inside that cell: a field that jumps from cell to cell keeps its jumps, and the order parameter
there is exactly the unknown of that vertex.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.mesh import Mesh, MeshTags
from numpy.typing import NDArray
from scipy.constants import mu_0

from glvortex.fem.energy import GinzburgLandau
from glvortex.material.coefficients import Coefficients
from glvortex.material.critical import FLUX_QUANTUM

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Field:
    """One row of the table.

    Attributes:
        name: in files.
        symbol: in pictures (mathtext).
        unit: reduced unit (mathtext), empty for a plain number.
        si_unit: the unit that `scale` leads to.
        scale: what one reduced unit is in `si_unit`.
        what: one line for tables and the guide.
        per_cell: constant in each cell.
        expression: its UFL expression, None for the subdomain.
    """

    name: str
    symbol: str
    unit: str
    si_unit: str
    scale: Callable[[Coefficients], float]
    what: str
    per_cell: bool = False
    expression: Callable[[GinzburgLandau], Any] | None = None


def _none(coefficients: Coefficients) -> float:
    return 1.0


def _field(coefficients: Coefficients) -> float:
    return 1e3 * coefficients.bc2


def _potential(coefficients: Coefficients) -> float:
    return FLUX_QUANTUM / (2 * np.pi * coefficients.coherence_length)


def _field_in_moments(coefficients: Coefficients) -> float:
    return coefficients.bc2 / mu_0


def _current(coefficients: Coefficients) -> float:
    return coefficients.bc2 / (mu_0 * coefficients.coherence_length)


def _supercurrent(functional: GinzburgLandau) -> Any:
    """Reduced mu0 j of the pairs, the variation of the gradient term with a."""
    return -functional.inside * functional.interpolant.current / functional.kappa**2


BC2, POTENTIAL = r"B_{c2}", r"\Phi_0/2\pi\xi"

FIELDS = (
    Field(
        "order_parameter",
        r"|f|",
        "",
        "",
        _none,
        "modulus of the order parameter over its bulk value",
        expression=lambda gl: gl.inside * ufl.sqrt(gl.interpolant.density),
    ),
    Field(
        "phase",
        r"\theta",
        r"\mathrm{rad}",
        r"\mathrm{rad}",
        _none,
        "phase of the order parameter, where vector_potential has no divergence",
        expression=lambda gl: ufl.atan2(gl.interpolant.im, gl.interpolant.re),
    ),
    Field(
        "flux_density",
        "b",
        BC2,
        r"\mathrm{mT}",
        _field,
        "flux density along z",
        per_cell=True,
        expression=lambda gl: gl.b,
    ),
    Field(
        "vector_potential",
        "a",
        POTENTIAL,
        r"\mathrm{T\,m}",
        _potential,
        "vector potential of flux_density",
        expression=lambda gl: gl.vector_potential,
    ),
    Field(
        "supercurrent",
        r"\mu_0 j",
        r"B_{c2}/\xi",
        r"\mathrm{A/m^2}",
        _current,
        "current of the pairs, gamma current and screening current together",
        expression=_supercurrent,
    ),
    Field(
        "pseudo_gauge",
        r"\tilde a",
        POTENTIAL,
        r"\mathrm{T\,m}",
        _potential,
        "pseudo-gauge field of the inclusions",
        expression=lambda gl: gl.pseudo_gauge,
    ),
    Field(
        "magnetisation",
        r"\hat m",
        r"B_{c2}/\mu_0",
        r"\mathrm{A/m}",
        _field_in_moments,
        "magnetisation along z that is no screening current",
        per_cell=True,
        expression=lambda gl: gl.magnetisation,
    ),
    Field(
        "subdomain",
        "",
        "",
        "",
        _none,
        "what the cell belongs to: 1 host, 2 core of an inclusion, 3 edge region, 4 hole, 5 region",
        per_cell=True,
    ),
)


def corner_values(functional: GinzburgLandau, cell_tags: MeshTags) -> dict[str, Floats]:
    """Return every field of `FIELDS` at the corners of this rank's cells, ghosts included.

    Values have the shape (cells, d+1) for scalars and (cells, d+1, d) for vectors, reduced units.
    """
    mesh = functional.space.mesh
    dim = mesh.topology.dim
    index_map = mesh.topology.index_map(dim)
    cells = np.arange(index_map.size_local + index_map.num_ghosts, dtype=np.int32)
    given = {f.name: f.expression(functional) for f in FIELDS if f.expression is not None}
    parts = [part for expression in given.values() for part in _components(expression)]
    corners = np.vstack([np.zeros(dim), np.eye(dim)])
    # one compiled expression for all of them
    flat = fem.Expression(ufl.as_vector(parts), corners).eval(mesh, cells)
    flat = flat.reshape(len(cells), dim + 1, len(parts))

    values: dict[str, Floats] = {}
    start = 0
    for name, expression in given.items():
        size = len(_components(expression))
        piece = flat[:, :, start : start + size]
        values[name] = piece if expression.ufl_shape else piece[:, :, 0]
        start += size
    values["subdomain"] = subdomain_values(mesh, cell_tags)
    return values


def subdomain_values(mesh: Mesh, cell_tags: MeshTags) -> Floats:
    """Return the tag of this rank's cells, ghosts included, at their corners: (cells, d+1)."""
    index_map = mesh.topology.index_map(mesh.topology.dim)
    subdomain = np.zeros(index_map.size_local + index_map.num_ghosts)
    subdomain[cell_tags.indices] = cell_tags.values
    return np.repeat(subdomain[:, None], mesh.topology.dim + 1, axis=1)


def _components(expression: Any) -> list[Any]:
    shape = expression.ufl_shape
    return [expression[i] for i in range(shape[0])] if shape else [expression]
