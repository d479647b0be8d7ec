"""Nucleation field: the largest field at which superconductivity starts from the normal state.

In the normal state f = 0 the applied field H penetrates. A small order parameter costs

    <f| K(H) |f> = int |(grad + i(a + a~)) f|^2 - t |f|^2,    curl a = H + m^

and appears where the lowest eigenvalue E of (K(H), mass) falls through zero. K is half the second
derivative of the whole energy at f = 0, so that t may vary in space and terms of the user count;
the mass is that of the covariant interpolant, so that E is gauge invariant. A plane surface along
the field has H = 1.694610 Hc2 (Saint-James and de Gennes, Phys. Lett. 7, 306 (1963)).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import ufl
from dolfinx import fem
from mpi4py import MPI

from glvortex import compat
from glvortex.errors import NotConvergedError, ParameterError
from glvortex.fem.boundary import boundaries
from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.linear import solve_symmetric
from glvortex.solve.eigen import Pencil

_GROWTH = 1.5  # most of the field from one look to the next
_SMALLEST = 1e-6  # field in Bc2 below which none is looked for
_FLUX_PER_CELL = 1.0  # most flux through one triangle that the mesh can follow, in xi^2 Bc2
_LAST_STEP = 1e-7  # of Newton's method, relative: the next would be the square of it
_MOST_STEPS = 60
_MOST_SCANNED = 64  # fields looked at above a root in a sample with holes


@dataclass(frozen=True)
class Nucleation:
    """The onset of superconductivity in a decreasing applied field.

    Attributes:
        field: the largest applied field with a superconducting state, along +z in Bc2.
        vortices: charge of that state within the outer boundary, positive = flux along +z; None
            in three dimensions and in a strip.

    """

    field: float
    vortices: int | None


class NormalState:
    """The normal state of a sample in an applied field, and what a small order parameter costs."""

    def __init__(self, functional: GinzburgLandau) -> None:
        self.functional = functional
        f, a = functional.f, functional.a
        self.mode = fem.Function(functional.space.order_parameter)
        density = functional.space.interpolant(self.mode, functional.potential).density
        density = functional.inside * density
        cost = ufl.derivative(sum(functional.terms.values()), f, self.mode)
        cost = 0.5 * ufl.derivative(cost, f, self.mode)
        # the potential of a unit field, and what magnetisation adds to that of the field
        self._unit = fem.Function(a.function_space)
        self._offset = self._potential_of_magnetisation()
        for field, factor in ((1.0, 1.0), (0.0, -1.0)):
            functional.applied_field = field
            functional.apply_field()
            self._unit.x.array[:] += factor * a.x.array
        self._offset += a.x.array  # a in no field, but for a sample that has one of its own
        quadratic = (cost, density * functional.dx)
        self._forms = [[[fem.form(_second_derivative(part, self.mode))]] for part in quadratic]
        self._slopes = [fem.form(ufl.derivative(part, a, self._unit)) for part in quadratic]
        self._matrices = [compat.create_block_matrix(form) for form in self._forms]
        self._pencil = Pencil(*self._matrices)
        self.largest_field = _FLUX_PER_CELL / _largest_cell(functional)

    def _potential_of_magnetisation(self) -> np.ndarray:
        """Return what m^ adds to a: the normal state has b = b_a + m^."""
        functional = self.functional
        space = functional.space.vector_potential
        if not functional.screening:
            return np.zeros_like(functional.a.x.array)
        trial, test = ufl.TrialFunction(space), ufl.TestFunction(space)
        gauge = fem.Constant(space.mesh, 1e-9 / functional.area)
        left = ufl.inner(ufl.curl(trial), ufl.curl(test)) + gauge * ufl.inner(trial, test)
        return solve_symmetric(left, ufl.inner(functional.moment, ufl.curl(test)), space).copy()

    def lowest(self, field: float) -> tuple[float, float]:
        """Return E at an applied field in Bc2 and its derivative with the field; collective.

        ``mode`` then holds an eigenvector, of mass one half, and the functional the normal state.
        """
        functional = self.functional
        functional.applied_field = field
        functional.a.x.array[:] = field * self._unit.x.array + self._offset
        functional.f.x.array[:] = 0.0
        for matrix, form in zip(self._matrices, self._forms, strict=True):
            compat.assemble_block_matrix(matrix, form)
        value, vector = self._pencil.lowest_pair()
        self.mode.x.array[: vector.size] = vector
        self.mode.x.scatter_forward()
        # Hellmann and Feynman, with a mass that changes as well
        cost, mass = (functional.integrate(form) for form in self._slopes)
        return value, 2 * (cost - value * mass)


def nucleation_field(functional: GinzburgLandau, near: float | None = None) -> Nucleation:
    """Return the largest applied field with a superconducting state; collective.

    ``near`` is where to look for it, such as the result on a coarser mesh; no other is looked for
    then.

    The functional then holds that field, the normal state's a, and the mode that nucleates as f,
    with its largest modulus 1. On uniformly refined meshes the error of the field goes with the
    square of the cell size.

    Raises:
        ParameterError: the sample is a cell with two periods.
        NotConvergedError: superconductivity starts in no field along +z, or only in one of which
            single cells see a large part of a flux quantum.

    """
    space = functional.space
    if space.lattice is not None and len(space.lattice.periods) == 2:
        raise ParameterError("in a cell the field is that of its flux quanta, and nothing else.")
    normal = NormalState(functional)
    field = _root(normal, *_bracket(normal, near or 1.0))
    curves = boundaries(functional) if space.dim == 2 and space.lattice is None else []
    holes = [curve.area for curve in curves[1:]] + _hole_areas(functional)
    search = bool(curves and holes and near is None)
    while search and (higher := _reentrance(normal, field, curves[0].area, min(holes))):
        field = _root(normal, *higher)
    normal.lowest(field)
    f = normal.mode.x.array
    largest = space.mesh.comm.allreduce(np.hypot(f[::2], f[1::2]).max(), op=max)
    functional.f.x.array[:] = f / largest
    vortices = boundaries(functional)[0].vortices if curves else None
    return Nucleation(field, vortices)


def _bracket(normal: NormalState, start: float) -> tuple[float, float]:
    """Return fields in which superconductivity does and does not nucleate, close together."""
    low, high = 0.0, math.inf
    field = min(start, normal.largest_field / _GROWTH)
    while not low or math.isinf(high):
        if field < _SMALLEST:
            raise NotConvergedError("the normal state is stable in every field along +z.")
        if field > normal.largest_field:
            raise NotConvergedError(
                f"superconductivity starts above {normal.largest_field:.4g} Bc2, where the flux "
                "changes too much from cell to cell: refine the mesh."
            )
        value, slope = normal.lowest(field)
        # a little beyond where the tangent vanishes
        change = abs(1.1 * value / (slope * field)) if slope > 0 else math.inf
        factor = min(max(1 + change, 1.01), _GROWTH)
        if value > 0:
            high, field = field, field / factor
        else:
            low, field = field, field * factor
    return low, high


def _hole_areas(functional: GinzburgLandau) -> list[float]:
    """Areas of the holes that are meshed."""
    medium, comm = functional.medium, functional.space.mesh.comm
    if medium is None:
        return []
    areas = _cell_areas(functional)
    return [
        comm.allreduce(float(areas[cells[cells < len(areas)]].sum()), op=MPI.SUM)
        for cells in medium.holes
    ]


def _reentrance(
    normal: NormalState, field: float, outside: float, smallest: float
) -> tuple[float, float] | None:
    """Bracket a higher nucleation field in a sample with holes, where E oscillates with the flux.

    Looked for within one flux quantum through the smallest hole, in steps of about a quarter of a
    quantum through the whole sample, from above.
    """
    quantum = 2 * np.pi
    reach = min(quantum / smallest, normal.largest_field - field)
    steps = min(int(np.ceil(4 * reach * outside / quantum)), _MOST_SCANNED)
    fields = field + reach * np.arange(1, steps + 1) / max(steps, 1)
    for low, high in zip(fields[:-1][::-1], fields[1:][::-1], strict=True):
        if normal.lowest(low)[0] <= 0:
            return low, high
    return None


def _root(normal: NormalState, low: float, high: float) -> float:
    """Newton's method from above, kept between low (E <= 0) and high (E > 0)."""
    field = high
    for _ in range(_MOST_STEPS):
        value, slope = normal.lowest(field)
        low, high = (low, field) if value > 0 else (field, high)
        last, field = field, field - value / slope if slope > 0 else (low + high) / 2
        if abs(field - last) < _LAST_STEP * field:
            return float(field)
        if not low < field < high:
            field = (low + high) / 2
    raise NotConvergedError(f"the nucleation field near {field:.6g} Bc2 could not be found.")


def _second_derivative(form: ufl.Form, u: fem.Function) -> ufl.Form:
    return ufl.derivative(ufl.derivative(form, u), u)


def _largest_cell(functional: GinzburgLandau) -> float:
    """Area (volume) of the largest cell of any rank."""
    largest = _cell_areas(functional).max(initial=0.0)
    return float(functional.space.mesh.comm.allreduce(largest, op=MPI.MAX))


def _cell_areas(functional: GinzburgLandau) -> np.ndarray:
    """Areas (volumes) of the cells this rank owns."""
    mesh = functional.space.mesh
    share = ufl.TestFunction(fem.functionspace(mesh, ("DG", 0)))
    areas = fem.assemble_vector(fem.form(share * functional.dx)).array
    return areas[: mesh.topology.index_map(mesh.topology.dim).size_local]
