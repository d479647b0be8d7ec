"""The London limit |f|^2 = rho: the field h_eff that lets vortices in, and what each adds to it.

rho is the density of the uniform state of each place's material, t in a plain sample, and 0 in
holes and normal regions. With ``h_eff = g/kappa^2`` (docs/theory.md, section 4)

    g/kappa^2 - div(grad g/rho) = b_a + m^ + curl a~,   g = 0 on the boundary

(screening off: without g/kappa^2) a vortex of charge s at r0 lowers the energy where
``s g > (rho e1 + G_reg(r0, r0))/2`` and then adds ``-s G(r, r0)`` to g. ``G = rho K0(|r - r0|/
lambda) + G_reg``, lambda = kappa/sqrt(rho) at r0, is 2 pi times the Green function of the same
equation; its regular part holds the image vortices, and in a cell or strip those of all other
cells. Screening off K0 becomes -ln r and e1 becomes ``c + ln sqrt(t)`` with c = 0.3809, the core
constant of a neutral vortex. In a hole g is constant, and N quanta of fluxoid are the source
-2 pi N spread over it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import ufl
from dolfinx import fem, mesh
from dolfinx.fem import petsc as fem_petsc
from petsc4py import PETSc
from scipy.spatial import cKDTree
from scipy.special import k0

from glvortex.errors import ParameterError
from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.linear import direct_solver
from glvortex.material.critical import vortex_line_energy
from glvortex.material.neutral_vortex import neutral_core_constant

_VACUUM = 1e-6  # density that stands for none in holes and normal regions


@dataclass(frozen=True)
class Vortex:
    """A vortex: position in xi and charge (positive = flux along +z, winding -1 of theta)."""

    x: float
    y: float
    charge: int


@dataclass(frozen=True)
class Threshold:
    """Extrema of h_eff without vortices and the bulk Hc1, all in Bc2."""

    h_eff_max: float
    h_eff_min: float
    hc1: float


class London:
    """The London problem on a functional's mesh, factored once.

    ``trapped`` says how many quanta of fluxoid each hole of the functional's medium holds. The
    functional keeps the t that it has now: where that was changed, make another one.

    Attributes:
        density: rho at this rank's vertices.
        core_energy: rho e1 at this rank's vertices.
        flow_weight: 1/rho (UFL), inverse_square: 1/kappa^2, 0 without screening.
        operator: the equation as a compiled form, solver: of it, factored.
        boundary_dofs: this rank's vertices, ghosts included, on the boundary, where g = 0.

    """

    def __init__(self, functional: GinzburgLandau, trapped: Sequence[int] = ()) -> None:
        space = functional.space
        self.functional = functional
        self.space = space
        self.kappa = functional.kappa
        self._t = functional.t
        self.coherence_length = 1 / np.sqrt(functional.t)
        self.density = functional.uniform_density
        self.flow_weight = self._one_over_density()
        self._trapped = _trapped_flux(functional, trapped)
        trial, test = ufl.TrialFunction(space.scalar), ufl.TestFunction(space.scalar)
        self.inverse_square = self.kappa**-2 if functional.screening else 0.0
        inverse_square = fem.Constant(space.mesh, self.inverse_square)
        operator = (
            self.flow_weight * ufl.inner(ufl.grad(trial), ufl.grad(test))
            + inverse_square * trial * test
        )
        self.operator = fem.form(operator * ufl.dx)
        space.mesh.topology.create_connectivity(space.dim - 1, space.dim)
        facets = mesh.exterior_facet_indices(space.mesh.topology)
        self.boundary_dofs = fem.locate_dofs_topological(space.scalar, space.dim - 1, facets)
        self._boundary_values = fem.Function(space.scalar)
        self._condition = fem.dirichletbc(self._boundary_values, self.boundary_dofs)
        matrix = fem_petsc.assemble_matrix(self.operator, bcs=[self._condition])
        matrix.assemble()
        self.solver = direct_solver(matrix)
        # the Green function of a uniform material, and what makes it wrong in others
        self._bulk = fem.Function(space.scalar)
        self._bulk_weight = fem.Constant(space.mesh, 1.0)
        mismatch = self._bulk_weight - self.flow_weight
        if functional.medium is None:
            mismatch = fem.Constant(space.mesh, 0.0)
        self._excess = fem.Constant(space.mesh, 0.0)  # of 1/kappa^2
        self._mismatch = fem.form(
            mismatch * ufl.inner(ufl.grad(self._bulk), ufl.grad(test)) * ufl.dx
            + self._excess * self._bulk * test * ufl.dx
        )

    def _one_over_density(self) -> Any:
        medium, space = self.functional.medium, self.space
        if medium is None:
            return fem.Constant(space.mesh, 1 / self.functional.t)
        result = fem.Function(medium.density.function_space)
        result.x.array[:] = 1 / np.maximum(medium.density.x.array, _VACUUM)
        return result

    def field(self, *, depairing: bool = False) -> fem.Function:
        """g of the sources and of what is trapped in holes, without vortices.

        With ``depairing`` the source is ``(1 - a~^2/t) a~``: what flows where a~ weakens the pairs
        it drives. Without, it is a~ as given, an upper bound.
        """
        functional, test = self.functional, ufl.TestFunction(self.space.scalar)
        uniform = (functional.applied_field - self._trapped) * test
        if functional.screening:  # else the field is given, and m^ drives nothing
            uniform += functional.magnetisation * test
        flow = functional.pseudo_gauge
        if depairing:
            flow = (1 - ufl.dot(flow, flow) / functional.t) * flow
        # curl a~ by parts (the test functions vanish on the boundary): a~ lives on edges
        curl = -ufl.inner(flow, ufl.perp(ufl.grad(test)))
        return self._solve(fem.form((uniform + curl) * ufl.dx), 0.0)

    def flow_energy(self, g: fem.Function) -> Any:
        """Density of the kinetic energy of the flow and of the field it makes, of g (UFL)."""
        gradient = ufl.grad(g)
        return self.flow_weight * ufl.inner(gradient, gradient) + self.inverse_square * g**2

    def green(self, x: float, y: float) -> tuple[np.ndarray, float]:
        """Return G(r, r0) at the vertices (cut off in the core) and G_reg(r0, r0), r0 = (x, y)."""
        comm, away = self.space.mesh.comm, self.space.vertices[:, :2] - [x, y]
        lattice = self.space.lattice
        images = away[:, None] if lattice is None else lattice.near_images(away)
        distance = np.hypot(images[..., 0], images[..., 1])
        nearest = distance.min(axis=1)
        i = int(np.argmin(nearest)) if nearest.size else -1
        here = (float(nearest[i]), comm.rank, float(self.density[i]))
        _, owner, density = comm.allreduce(here if i >= 0 else (np.inf, 0, 0.0), op=min)
        kernel = self._kernel(np.maximum(distance, self.coherence_length), density).sum(axis=1)
        self._bulk.x.array[:] = kernel
        if self.space.lattice is not None:
            # the mesh sees the logarithm in the core as a source: the right one, for cells of a xi
            inner = np.maximum(distance, np.exp(-1.5) * self.coherence_length)
            self._bulk.x.array[:] = self._kernel(inner, density).sum(axis=1)
        self._bulk_weight.value = 1 / density
        self._excess.value = (self.rate(density) ** 2 / density) - self.inverse_square
        boundary = self._kernel(distance[self.boundary_dofs], density).sum(axis=1)
        regular = self._solve(self._mismatch, -boundary).x.array
        at_vortex = comm.bcast(float(regular[i]) if owner == comm.rank else None, root=owner)
        return kernel + regular, at_vortex + self.own_images(density)

    def rate(self, density: float) -> float:
        """How fast the kernel falls off, 1/xi: as in bulk, or faster, so that near images do."""
        bulk = np.sqrt(density) / self.kappa if self.functional.screening else 0.0
        lattice = self.space.lattice
        return float(bulk if lattice is None else max(bulk, 8 / lattice.height))

    def _kernel(self, distance: np.ndarray, density: float) -> np.ndarray:
        """G of an infinite sample, or of one whose screening is stronger in a cell or strip."""
        if self.space.lattice is None:
            return self.bulk(distance, density)
        return np.asarray(density * k0(distance * self.rate(density)))

    def own_images(self, density: float) -> float:
        """What the kernel and its images hold, at the vortex, beyond G of an infinite sample."""
        lattice = self.space.lattice
        if lattice is None:
            return 0.0
        distance = np.hypot(*lattice.near_images(np.zeros(2)).T)
        others = self._kernel(distance[distance > 0], density).sum()
        small = 1e-9 * lattice.height  # both diverge there, with the same logarithm
        ours, bulk = (k(np.array(small), density) for k in (self._kernel, self.bulk))
        return float(others + ours - bulk)

    def energy(self, vortices: Sequence[Vortex], *, depairing: bool = False) -> float:
        """What single vortices at vertices add to the energy, in Bc^2 xi^2/mu0 per length.

        ``2 pi sum_i [rho e1 + G_reg(r_i, r_i) - 2 s_i g(r_i) + sum_(j != i) s_i s_j G(r_i, r_j)]``
        """
        g = self.field(depairing=depairing).x.array.copy()
        total = 0.0
        for vortex in vortices:
            green, regular = self.green(vortex.x, vortex.y)
            total += self.at(self.core_energy, vortex) + regular
            total -= 2 * vortex.charge * self.at(g, vortex)
            g -= vortex.charge * green
        return 2 * np.pi * total

    def at(self, values: np.ndarray, vortex: Vortex) -> float:
        """The value at the vertex nearest to a vortex, of one value per vertex of this rank."""
        away = self.space.vertices[:, :2] - [vortex.x, vortex.y]
        if self.space.lattice is not None:
            away = self.space.lattice.nearest_image(away)
        distance = np.hypot(*away.T)
        i = int(np.argmin(distance)) if distance.size else -1
        here = (float(distance[i]), float(values[i])) if i >= 0 else (np.inf, 0.0)
        return float(self.space.mesh.comm.allreduce(here, op=min)[1])

    @cached_property
    def core_energy(self) -> np.ndarray:
        """See the class; 0 where no vortex is proposed."""
        functional, medium = self.functional, self.functional.medium
        t, quartic = np.full_like(self.density, functional.t), np.ones_like(self.density)
        if medium is not None:
            t, quartic = medium.at_vertices(medium.t), medium.at_vertices(medium.quartic)
        result, here = np.zeros_like(self.density), self.superconducting
        if functional.screening:
            # rounded, since the energy of a vortex is worked out for each kappa that is not equal
            e1 = vortex_line_energy(np.round(self.kappa * np.sqrt(quartic[here]), 9))
        else:
            e1 = neutral_core_constant() + np.log(t[here]) / 2
        result[here] = self.density[here] * e1
        return result

    def bulk(self, distance: np.ndarray, density: np.ndarray | float) -> np.ndarray:
        """G of an infinite sample of a density, at distances in xi."""
        if self.functional.screening:
            return np.asarray(density * k0(distance * np.sqrt(density) / self.kappa))
        return np.asarray(-density * np.log(distance))

    @cached_property
    def room(self) -> float:
        """Number of vortices whose cores have room: one per 2 pi xi^2, the density at Bc2."""
        functional, medium = self.functional, self.functional.medium
        if medium is None:
            return functional.area * functional.t / (2 * np.pi)
        superconducting = ufl.max_value(medium.t, 0.0) * functional.dx
        return functional.integrate(fem.form(superconducting)) / (2 * np.pi)

    @cached_property
    def superconducting(self) -> np.ndarray:
        """True at this rank's vertices around which the material is one and superconducting."""
        medium = self.functional.medium
        if medium is None:
            return np.ones(len(self.density), dtype=bool)
        mean, squared = medium.at_vertices(medium.density), fem.Function(medium.t.function_space)
        squared.x.array[:] = medium.density.x.array**2
        variance = medium.at_vertices(squared) - mean**2
        return (mean > 0) & (variance < 1e-9 * np.maximum(mean, _VACUUM) ** 2)

    def _solve(self, source: fem.Form, boundary_values: np.ndarray | float) -> fem.Function:
        if self.functional.t != self._t:
            raise ParameterError(f"the London problem was made at t = {self._t:g}: make it anew.")
        self._boundary_values.x.array[self.boundary_dofs] = boundary_values
        self._boundary_values.x.scatter_forward()
        right = fem_petsc.assemble_vector(source)
        fem_petsc.apply_lifting(right, [self.operator], [[self._condition]])
        right.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
        fem_petsc.set_bc(right, [self._condition])
        solution = fem.Function(self.space.scalar)
        self.solver.solve(right, solution.x.petsc_vec)
        solution.x.scatter_forward()
        right.destroy()
        return solution

    def threshold(self) -> Threshold:
        """Extrema of h_eff in the superconductor, without vortices, beside Hc1."""
        g = self.field().x.array[self.density > 0]
        comm = self.space.mesh.comm
        scale = self.kappa**-2
        hc1 = self.functional.t * float(vortex_line_energy(self.kappa)) / 2
        return Threshold(
            h_eff_max=scale * float(comm.allreduce(g.max(initial=-np.inf), op=max)),
            h_eff_min=scale * float(comm.allreduce(g.min(initial=np.inf), op=min)),
            hc1=scale * hc1,
        )

    def boundary_distance(self) -> np.ndarray:
        """Distance in xi of this rank's vertices to the nearest boundary vertex of any rank.

        Vertices of holes and normal regions count as boundary.
        """
        boundary = np.zeros(len(self.density), dtype=bool)
        boundary[self.boundary_dofs] = True
        medium = self.functional.medium
        if medium is not None:
            normal = fem.Function(medium.t.function_space)
            normal.x.array[:] = medium.density.x.array == 0.0
            boundary |= medium.at_vertices(normal) > 0
        here = self.space.vertices[boundary]
        everywhere = np.vstack(self.space.mesh.comm.allgather(here))
        return cKDTree(everywhere).query(self.space.vertices)[0]


def _trapped_flux(functional: GinzburgLandau, quanta: Sequence[int]) -> Any:
    """2 pi times the density of fluxoid quanta (UFL), spread evenly over each hole."""
    medium = functional.medium
    if medium is None or not any(quanta):
        return fem.Constant(functional.space.mesh, 0.0)
    result = fem.Function(medium.inside.function_space)
    for cells, number in zip(medium.holes, quanta, strict=True):
        indicator = fem.Function(result.function_space)
        indicator.x.array[cells] = 1.0
        area = functional.integrate(fem.form(indicator * functional.dx))
        result.x.array[cells] = 2 * np.pi * number / area
    return result
