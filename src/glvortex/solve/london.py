"""The London limit |f|^2 = t: the field h_eff that lets vortices in, and what each adds to it.

With ``h_eff = t g/kappa^2`` (docs/theory.md, section 4; there t = 1)

    (t/kappa^2 - lap) g = b_a + m^ + curl a~,   g = 0 on the boundary  (screening off: no t/kappa^2)

a vortex of charge s at r0 lowers the energy where ``s g > (e1 + G_reg(r0, r0))/2`` and then adds
``-s G(r, r0)`` to g. ``G = K0(sqrt(t) |r - r0|/kappa) + G_reg`` is 2 pi times the Green function of
the same equation; its regular part holds the image vortices. Screening off K0 becomes -ln r and e1
becomes ``c + ln sqrt(t)`` with c = 0.3809, the core constant of a neutral vortex.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import ufl
from dolfinx import fem, mesh
from dolfinx.fem import petsc as fem_petsc
from petsc4py import PETSc
from scipy.spatial import cKDTree
from scipy.special import k0

from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.linear import direct_solver
from glvortex.material.critical import vortex_line_energy
from glvortex.material.neutral_vortex import neutral_core_constant


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
    """The London problem on a functional's mesh, factored once."""

    def __init__(self, functional: GinzburgLandau) -> None:
        space = functional.space
        self.functional = functional
        self.space = space
        self.t = functional.t
        self.kappa = functional.kappa
        self.coherence_length = 1 / np.sqrt(self.t)
        # 1/lambda^2 at this t; the kernel of an infinite sample is K0(r/lambda)
        self.inverse_square = self.t / self.kappa**2 if functional.screening else 0.0
        trial, test = ufl.TrialFunction(space.scalar), ufl.TestFunction(space.scalar)
        inverse_square = fem.Constant(space.mesh, self.inverse_square)
        operator = ufl.inner(ufl.grad(trial), ufl.grad(test)) + inverse_square * trial * test
        self._operator = fem.form(operator * ufl.dx)
        space.mesh.topology.create_connectivity(space.dim - 1, space.dim)
        facets = mesh.exterior_facet_indices(space.mesh.topology)
        self._boundary_dofs = fem.locate_dofs_topological(space.scalar, space.dim - 1, facets)
        self._boundary_values = fem.Function(space.scalar)
        self._condition = fem.dirichletbc(self._boundary_values, self._boundary_dofs)
        matrix = fem_petsc.assemble_matrix(self._operator, bcs=[self._condition])
        matrix.assemble()
        self._solver = direct_solver(matrix)
        zero = fem.Constant(space.mesh, 0.0)
        self._no_source = fem.form(zero * test * ufl.dx)

    def field(self, *, depairing: bool = False) -> fem.Function:
        """g of the sources, without vortices.

        With ``depairing`` the source is ``(1 - a~^2/t) a~``: what flows where a~ weakens the pairs
        it drives. Without, it is a~ as given, an upper bound.
        """
        functional, test = self.functional, ufl.TestFunction(self.space.scalar)
        uniform = (functional.applied_field + functional.magnetisation) * test
        flow = functional.pseudo_gauge
        if depairing:
            flow = (1 - ufl.dot(flow, flow) / self.t) * flow
        # curl a~ by parts (the test functions vanish on the boundary): a~ lives on edges
        curl = -ufl.inner(flow, ufl.perp(ufl.grad(test)))
        return self._solve(fem.form((uniform + curl) * ufl.dx), 0.0)

    def green(self, x: float, y: float) -> tuple[np.ndarray, float]:
        """Return G(r, r0) at the vertices (cut off in the core) and G_reg(r0, r0), r0 = (x, y)."""
        vertices = self.space.vertices
        distance = np.hypot(vertices[:, 0] - x, vertices[:, 1] - y)
        regular = self._solve(self._no_source, -self.bulk(distance[self._boundary_dofs]))
        nearest = (np.inf, 0.0)
        if distance.size:
            i = np.argmin(distance)
            nearest = (float(distance[i]), float(regular.x.array[i]))
        _, at_vortex = self.space.mesh.comm.allreduce(nearest, op=min)
        return self.bulk(np.maximum(distance, self.coherence_length)) + regular.x.array, at_vortex

    def self_energy(self, regular: np.ndarray | float) -> np.ndarray | float:
        """Half of e1 + G_reg: what s g must exceed."""
        screened = self.functional.screening
        core = (
            vortex_line_energy(self.kappa)
            if screened
            else neutral_core_constant() - np.log(self.coherence_length)
        )
        return (core + regular) / 2

    def bulk(self, distance: np.ndarray) -> np.ndarray:
        """G of an infinite sample, at distances in xi."""
        if self.functional.screening:
            return k0(distance * np.sqrt(self.inverse_square))
        return -np.log(distance)

    def _solve(self, source: fem.Form, boundary_values: np.ndarray | float) -> fem.Function:
        self._boundary_values.x.array[self._boundary_dofs] = boundary_values
        self._boundary_values.x.scatter_forward()
        right = fem_petsc.assemble_vector(source)
        fem_petsc.apply_lifting(right, [self._operator], [[self._condition]])
        right.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
        fem_petsc.set_bc(right, [self._condition])
        solution = fem.Function(self.space.scalar)
        self._solver.solve(right, solution.x.petsc_vec)
        solution.x.scatter_forward()
        right.destroy()
        return solution

    def threshold(self) -> Threshold:
        """Extrema of h_eff without vortices, beside Hc1 ."""
        g = self.field().x.array
        comm = self.space.mesh.comm
        scale = self.t / self.kappa**2
        return Threshold(
            h_eff_max=scale * float(comm.allreduce(g.max(initial=-np.inf), op=max)),
            h_eff_min=scale * float(comm.allreduce(g.min(initial=np.inf), op=min)),
            hc1=float(vortex_line_energy(self.kappa)) * scale / 2,
        )

    def boundary_distance(self) -> np.ndarray:
        """Distance in xi of this rank's vertices to the nearest boundary vertex of any rank."""
        here = self.space.vertices[self._boundary_dofs]
        boundary = np.vstack(self.space.mesh.comm.allgather(here))
        return cKDTree(boundary).query(self.space.vertices)[0]
