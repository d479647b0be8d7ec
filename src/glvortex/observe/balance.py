"""Balances of force, torque and size of a state, cell by cell (docs/theory.md, section 8)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import ufl
from dolfinx import fem, la
from dolfinx.mesh import exterior_facet_indices
from mpi4py import MPI
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.linear import lumped
from glvortex.fem.space import EDGES, CovariantSpace

Floats = NDArray[np.floating[Any]]

FORCE, TORQUE, VIRIAL = slice(0, 2), slice(2, 3), slice(3, 4)
"""The flows v: two translations, the rotation and the dilation about the middle of the sample."""

_DIVERGENCE = np.array([0.0, 0.0, 0.0, 2.0])


@dataclass(frozen=True)
class Balance:
    """Terms that add up to zero in a smooth state.

    Attributes:
        value: length of their sum.
        scale: sum of their lengths, cell by cell.
        error: the same sum, each weighted with h^2/8, h the longest edge of the cell in xi: what
            linear interpolation makes of fields that change over xi.

    """

    value: float
    scale: float
    error: float


class _Forces(NamedTuple):
    """What the order parameter does in each cell, (cells, flows), with ``J = Im(f* D f)``.

    lorentz is ``2 (v_x J_y - v_y J_x)``; faded the same for the flow that fades out towards the
    surface, stress the stress times the gradient of that flow; moment, (cells, 1), is ``w.J`` with
    a field w of curl 1.
    """

    lorentz: Floats
    faded: Floats
    stress: Floats
    moment: Floats


class Balances:
    """The balances of the state a functional holds, two dimensions; all of it is collective."""

    def __init__(self, functional: GinzburgLandau) -> None:
        self._functional = functional
        space = functional.space
        self._mesh = space.mesh
        self._owned = self._mesh.topology.index_map(2).size_local
        corners = space.corner_coordinates[: self._owned]
        edges = [corners[:, tail] - corners[:, head] for tail, head in EDGES[2]]
        self._squared_size = np.max([(edge**2).sum(axis=1) for edge in edges], axis=0)
        self._area = np.abs(np.linalg.det(np.diff(corners, axis=1)))[:, None] / 2
        middle = self._total(self._area * corners.mean(axis=1)) / self._total(self._area)
        self._offset = ufl.SpatialCoordinate(self._mesh) - fem.Constant(self._mesh, middle)
        x, y = self._offset
        self._flows = [ufl.as_vector(v) for v in ((1, 0), (0, 1), (-y, x), (x, y))]
        fields = (functional.b, ufl.curl(functional.pseudo_gauge), functional.magnetisation)
        # all three are constant in each cell
        constant = self._per_cell(list(fields), functional.dx) / self._area
        self._b, self._source, self._m = np.split(constant, 3, axis=1)
        lattice = space.lattice
        closed = lattice is not None and len(lattice.periods) == 2
        self._reference = lattice.mean_field if lattice and closed else functional.applied_field

    def flux(self) -> float:
        """Flux of b + curl a~ through the sample, in xi^2 Bc2."""
        return float(self._total((self._b + self._source) * self._area)[0])

    def condensate(self, flows: slice) -> Balance:
        """Stress of the order parameter against the force of the field on it."""
        force = (self._b + self._source) * self._forces.faded
        return self._balance(self._forces.stress[:, flows], force[:, flows])

    def field(self, flows: slice) -> Balance:
        """Force of the field on currents and magnetisation against the field's own stress."""
        stiffness, excess = self._functional.kappa**2, self._b - self._reference
        pressure = stiffness * excess**2 * self._area * _DIVERGENCE
        terms = [excess * self._forces.lorentz, pressure, *self._magnetic()]
        return self._balance(*(term[:, flows] for term in terms))

    def ampere(self) -> Balance:
        """Moment of currents and magnetisation against the field they make."""
        functional = self._functional
        made = (self._b - functional.applied_field) * self._area
        moment = self._forces.moment / functional.kappa**2
        return self._balance(made, moment, -self._m * self._area)

    def self_dual(self) -> tuple[Balance, Balance]:
        """Energy and density of vortices of one sign in a cell, kappa = 1/sqrt2, against t B, B.

        There the energy above the uniform state's is ``t |b|`` plus squares that vanish, one of
        them that of ``|b| - (t - |f|^2)`` (Bogomolny 1976).
        """
        functional = self._functional
        state, t, b = functional.interpolant, functional.t, np.abs(self._reference) * self._area
        lack = t - state.density
        field = functional.kappa**2 * functional.b**2
        parts = [state.gradient_density + lack**2 / 2 + field, lack]
        energy, density = np.split(self._per_cell(parts, functional.dx), 2, axis=1)
        return self._balance(energy, -t * b), self._balance(density, -b)

    @cached_property
    def _forces(self) -> _Forces:
        functional, flows = self._functional, self._flows
        state, fade = functional.interpolant, _fade(functional)
        current = functional.inside * state.current
        stress = functional.inside * (
            _condensation(functional, state.density) * ufl.Identity(2)
            + _tension(state.grad_re)
            + _tension(state.grad_im)
        )
        lorentz = [2 * (v[0] * current[1] - v[1] * current[0]) for v in flows]
        faded = [fade * force for force in lorentz]
        stretch = [ufl.inner(stress, ufl.grad(fade * v)) for v in flows]
        turning = ufl.inner(_turning(functional.space, self._offset), current)
        values = self._per_cell([*lorentz, *faded, *stretch, turning], functional.dx)
        return _Forces(*np.split(values, len(flows) * np.arange(1, 4), axis=1))

    def _magnetic(self) -> list[Floats]:
        """Force on the magnetisation: where it steps from cell to cell, and at the surface."""
        functional, n = self._functional, ufl.FacetNormal(self._mesh)
        m, stiffness = functional.magnetisation, functional.kappa**2
        if not self._mesh.comm.allreduce(bool(np.any(m.x.array)), MPI.LOR):
            return []
        between, around = ufl.Measure("dS", self._mesh), ufl.Measure("ds", self._mesh)
        excess = functional.b - fem.Constant(self._mesh, self._reference)
        step = 2 * ufl.avg(excess) * (m("-") - m("+"))
        inner = [step * ufl.dot(v("+"), n("+")) for v in self._flows]
        outer = [-(m**2) * ufl.dot(v, n) for v in self._flows]
        return [stiffness * self._per_cell(*pair) for pair in ((inner, between), (outer, around))]

    def _balance(self, *terms: Floats) -> Balance:
        """Compare terms (cells, components)."""
        lengths = np.sum([np.linalg.norm(term, axis=1) for term in terms], axis=0)
        return Balance(
            value=float(np.linalg.norm(self._total(np.sum(terms, axis=0)))),
            scale=float(self._total(lengths)),
            error=float(self._total(lengths * self._squared_size)) / 8,
        )

    def _total(self, values: Floats) -> Any:
        """Sum over the cells of all ranks."""
        return self._mesh.comm.allreduce(values.sum(axis=0), MPI.SUM)

    def _per_cell(self, integrands: list[Any], measure: Any) -> Floats:
        """Integrals of scalars over the cells this rank owns, (cells, integrands).

        Those over facets are shared equally by the cells at a facet.
        """
        space = fem.functionspace(self._mesh, ("DG", 0, (len(integrands),)))
        test = ufl.TestFunction(space)
        if measure.integral_type() == "interior_facet":
            test = ufl.avg(test)
        values = fem.assemble_vector(fem.form(ufl.dot(ufl.as_vector(integrands), test) * measure))
        values.scatter_reverse(la.InsertMode.add)
        rows = values.array.reshape(-1, len(integrands))
        return np.array(rows[space.dofmap.list[: self._owned, 0]])


def _tension(gradient: Any) -> Any:
    """Stress of |gradient|^2."""
    return ufl.dot(gradient, gradient) * ufl.Identity(2) - 2 * ufl.outer(gradient, gradient)


def _turning(space: CovariantSpace, offset: Any) -> Any:
    """A field of curl 1: in a strip along it, else round the middle."""
    if space.lattice is not None and len(space.lattice.periods) == 1:
        (along,) = space.lattice.matrix / np.linalg.norm(space.lattice.matrix)
        distance = along[1] * offset[0] - along[0] * offset[1]
        return ufl.as_vector([distance * along[0], distance * along[1]])
    return ufl.as_vector([-offset[1] / 2, offset[0] / 2])


def _condensation(functional: GinzburgLandau, density: Any) -> Any:
    """Condensation energy above that of the uniform state of each place's material."""
    medium = functional.medium
    if medium is None:
        return (density - functional.t) ** 2 / 2
    return medium.quartic * (density**2 + medium.density**2) / 2 - medium.t * density


def _fade(functional: GinzburgLandau) -> fem.Function:
    """1 - exp(-distance), linear in each cell: distance in xi to the surface and to interfaces."""
    space = functional.space
    vertices = space.vertices[:, :2]
    points = np.concatenate(space.mesh.comm.allgather(vertices[_on_edge(functional)]))
    if space.lattice is not None:
        periods = space.lattice.matrix
        counts = np.stack(np.meshgrid(*[[-1, 0, 1]] * len(periods)), axis=-1)
        points = (points + (counts.reshape(-1, len(periods)) @ periods)[:, None]).reshape(-1, 2)
    distance = cKDTree(points).query(vertices)[0] if len(points) else np.inf
    result = fem.Function(space.scalar)
    result.x.array[:] = -np.expm1(-distance)
    return result


def _on_edge(functional: GinzburgLandau) -> NDArray[np.bool_]:
    """Whether this rank's vertices are on the surface or where materials meet."""
    space, medium = functional.space, functional.medium
    topology = space.mesh.topology
    topology.create_connectivity(1, 2)
    surface = fem.locate_dofs_topological(space.scalar, 1, exterior_facet_indices(topology))
    result = np.zeros(len(space.vertices), dtype=bool)
    result[surface] = True
    if medium is not None:
        for coefficient in (medium.inside, medium.t, medium.quartic):
            powers = (1.0, coefficient, coefficient**2)
            area, mean, square = (lumped(space, power) for power in powers)
            result |= square * area - mean**2 > 1e-9 * square * area
    return result
