"""What surface, holes, regions and the images of a cell add to the energy of London vortices.

The kernels k = sum_j s_j K_j(r - r_j) of the vortices are known (`VortexKernel`); what is missing
is one smooth field h for all of them together. With a(., .) the form of the London equation
(`glvortex.solve.london`) and m(k, .) what a(k, .) holds beyond the vortices and the boundary, h
minimises ``a(h, h)/2 + m(k, h)`` with h = -k on the boundary, and by Green's theorem

    2 pi sum_i s_i h(r_i) = -a(h, h) - 2 m(k, h) - m(k, k) + int k sum_j s_j dK_j/dn /rho_j

with the integral over the boundary. Since h minimises, the derivative of the right-hand side with
all r_i needs no other solve; and it is exact for the discrete energy, which is smooth in all r_i.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem import petsc as fem_petsc
from mpi4py import MPI
from numpy.typing import NDArray
from petsc4py import PETSc

from glvortex.solve.london import London
from glvortex.solve.vortex_kernel import VortexKernel

Floats = NDArray[np.float64]

_IMAGED_CORE = 3.0  # coherence lengths: core of kernels that the mesh must resolve


class Species(NamedTuple):
    """Vortices in material of one density.

    Attributes:
        kernel: K of each.
        own: sum of K over the images of a vortex at itself, beyond K of an infinite sample.
        mismatch: m of such a kernel as a matrix over vertices, None where it vanishes.
        lost: what m(k, k) misses for each since the kernel is rounded off.
    """

    kernel: VortexKernel
    own: float
    mismatch: PETSc.Mat | None
    lost: float


class _Part(NamedTuple):
    """The vortices of one species, and their kernels at this rank's own vertices."""

    kind: Species
    which: NDArray[np.int64]  # of all vortices
    charges: Floats
    k: Floats  # at all vertices, 0 where it is not needed
    flow: Floats  # dk/dn/rho with the hat functions, integrated over the boundary
    away: Floats  # (needed vertices, vortices, images, 2)
    slope: Floats  # K'/r
    bend: Floats  # (K'/r)'/r times the way along the normal, at the boundary
    boundary: slice | NDArray[np.int64]  # those of the needed vertices that are on it


class LondonImages:
    """The problem of h on a London problem's mesh; every method is collective.

    Attributes:
        points: (n, 2) places of this rank's own vertices.
    """

    def __init__(self, london: London) -> None:
        self.london = london
        space = london.space
        self.comm = space.mesh.comm
        owned = space.owned_vertices
        self.points = space.vertices[:owned, :2]
        dofs = london.boundary_dofs
        self._boundary = dofs[dofs < owned]
        self._species: dict[float, Species] = {}

    def species(self, density: float) -> Species:
        """Return the species of a density (rounded, since densities are kept apart)."""
        key = float(np.round(density, 9))
        if key not in self._species:
            self._species[key] = self._new_species(key)
        return self._species[key]

    def energy(self, places: Floats, charges: Floats, densities: Floats) -> tuple[float, Floats]:
        """Return sum_i s_i h(r_i) and its gradient with the places (n, 2); on every rank alike."""
        parts = [
            self._part(density, places, charges, np.flatnonzero(densities == density))
            for density in np.unique(densities)
        ]
        total, shares = self._solve(parts)
        flow = np.sum([part.flow for part in parts], axis=0)
        k = np.sum([part.k for part in parts], axis=0)[self._boundary]
        total += float(k @ flow)
        gradient = np.zeros_like(places)
        for part, share in zip(parts, shares, strict=True):
            share[self._boundary] += flow
            gradient[part.which] = self._pull(part, share, k)
        everything = self.comm.reduce(np.append(gradient.ravel(), total), MPI.SUM)
        everything = self.comm.bcast(everything) / (2 * np.pi)
        lost = sum(part.kind.lost * (part.charges**2).sum() for part in parts)
        return float(everything[-1] + lost), everything[:-1].reshape(-1, 2)

    def fields(self, places: Floats, density: float) -> Floats:
        """Return h of one vortex at each place, all in material of one density: (vertices, places).

        The vertices are this rank's own. One call to the factorised matrix serves all places.
        """
        kind, stiffness, owned = self.species(density), self._stiffness, len(self.points)
        where = self._needed(kind)
        away = self.displacements(self.points[where], places)
        k = np.zeros((owned, len(places)))
        k[where] = kind.kernel.value(np.sqrt((away**2).sum(axis=-1))).sum(axis=-1)
        h = np.zeros_like(k)
        h[self._boundary] = -k[self._boundary]
        right = -_times(stiffness, h)
        if kind.mismatch is not None:
            right -= _times(kind.mismatch, k)
        right[self._boundary] = h[self._boundary]
        solver = self.london.solver
        solver.setUp()
        given, result = _dense(stiffness, right), _dense(stiffness, h)
        solver.getPC().getFactorMatrix().matSolve(given, result)
        h = result.getDenseArray().copy()
        given.destroy()
        result.destroy()
        return h

    def _new_species(self, density: float) -> Species:
        london = self.london
        lattice, medium = london.space.lattice, london.functional.medium
        rate, core = london.rate(density), london.coherence_length
        own = london.own_images(density)
        if lattice is None and medium is None:
            return Species(VortexKernel(density, rate, core), own, None, 0.0)
        if lattice is not None:
            core = min(_IMAGED_CORE * core, lattice.height / 4)
        kernel = VortexKernel(density, rate, core)
        excess = rate**2 / density - london.inverse_square
        space = london.space
        trial, test = ufl.TrialFunction(space.scalar), ufl.TestFunction(space.scalar)
        gradients = ufl.inner(ufl.grad(trial), ufl.grad(test))
        one = fem.Constant(space.mesh, 1 / density)
        more = fem.Constant(space.mesh, excess)
        form = (london.flow_weight - one) * gradients * ufl.dx - more * trial * test * ufl.dx
        matrix = fem_petsc.assemble_matrix(fem.form(form))
        matrix.assemble()
        return Species(kernel, own, matrix, excess * kernel.lost_square / (2 * np.pi))

    @cached_property
    def _stiffness(self) -> PETSc.Mat:
        matrix = fem_petsc.assemble_matrix(self.london.operator)
        matrix.assemble()
        return matrix

    def displacements(self, points: Floats, places: Floats) -> Floats:
        """(points, places, images, 2) from places to points."""
        away = points[:, None] - places
        lattice = self.london.space.lattice
        return away[:, :, None] if lattice is None else lattice.near_images(away)

    def _needed(self, kind: Species) -> NDArray[np.int64]:
        """The vertices at which a species is known: those of the boundary, or all."""
        if kind.mismatch is None:
            return self._boundary
        return np.arange(len(self.points))

    def _part(
        self, density: float, places: Floats, charges: Floats, which: NDArray[np.int64]
    ) -> _Part:
        kind = self.species(density)
        where = self._needed(kind)
        away = self.displacements(self.points[where], places[which])
        value, slope, bend = kind.kernel.derivatives(np.sqrt((away**2).sum(axis=-1)))
        k = np.zeros(len(self.points))
        k[where] = value.sum(axis=-1) @ charges[which]
        on_boundary = slice(None) if kind.mismatch is None else self._boundary
        away_there, slope_there = away[on_boundary], slope[on_boundary]
        outward = np.einsum("qpid,qd->qpi", away_there, self._normals)
        flow = (slope_there * outward).sum(axis=-1) @ charges[which] / density
        bend = bend[on_boundary] * outward
        return _Part(kind, which, charges[which], k, flow, away, slope, bend, on_boundary)

    @cached_property
    def _normals(self) -> Floats:
        """Outward normals times the hat function, integrated over the boundary: (vertices, 2)."""
        space = self.london.space
        normal, hat = ufl.FacetNormal(space.mesh), ufl.TestFunction(space.scalar)
        result = []
        for i in range(2):
            vector = fem_petsc.assemble_vector(fem.form(normal[i] * hat * ufl.ds(space.mesh)))
            vector.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
            result.append(vector.array[self._boundary].copy())
            vector.destroy()
        return np.column_stack(result)

    def _solve(self, parts: list[_Part]) -> tuple[float, list[Floats]]:
        """This rank's part of -a(h, h) - 2 m(k, h) - m(k, k), and its derivative with each k."""
        stiffness = self._stiffness
        h, m, right = (stiffness.createVecRight() for _ in range(3))
        ks = []
        for part in parts:
            ks.append(stiffness.createVecRight())
            ks[-1].array[:] = part.k
            if part.kind.mismatch is not None:
                part.kind.mismatch.multAdd(ks[-1], m, m)
        k = np.sum([part.k for part in parts], axis=0)
        h.array[self._boundary] = -k[self._boundary]
        stiffness.mult(h, right)
        right.scale(-1.0)
        right.axpy(-1.0, m)
        right.array[self._boundary] = h.array[self._boundary]
        self.london.solver.solve(right, h)
        stiffness.mult(h, right)
        energy = -(h.array @ right.array) - 2 * (h.array @ m.array) - k @ m.array
        right.axpy(1.0, m)
        shares: list[Floats] = []
        for part, own in zip(parts, ks, strict=True):
            share = np.zeros(len(k))
            share[self._boundary] = 2 * right.array[self._boundary]
            if part.kind.mismatch is not None:
                share -= m.array
                own.axpy(2.0, h)
                product = own.duplicate()
                part.kind.mismatch.mult(own, product)
                share -= product.array
                product.destroy()
            shares.append(share)
        for vector in (h, m, right, *ks):
            vector.destroy()
        return float(energy), shares

    def _pull(self, part: _Part, share: Floats, k: Floats) -> Floats:
        """Derivative of all with the places of a part, given those with its kernels."""
        slope = part.slope * share[self._needed(part.kind), None, None]
        gradient = np.einsum("npi,npid->pd", slope, part.away)
        bend = part.bend * k[:, None, None]
        by_flow = np.einsum("npi,npid->pd", bend, part.away[part.boundary])
        by_flow += part.slope[part.boundary].sum(axis=2).T @ (self._normals * k[:, None])
        return -part.charges[:, None] * (gradient + by_flow / part.kind.kernel.density)


def _dense(like: PETSc.Mat, values: Floats) -> PETSc.Mat:
    """A dense matrix with rows distributed as those of another, of this rank's rows."""
    rows = like.getSizes()[0]
    columns = (PETSc.DECIDE, values.shape[1])
    result = PETSc.Mat().createDense((rows, columns), comm=like.comm)
    result.setUp()
    result.getDenseArray()[:] = values
    result.assemble()
    return result


def _times(matrix: PETSc.Mat, values: Floats) -> Floats:
    """This rank's rows of a product with a dense matrix."""
    dense = _dense(matrix, values)
    product = matrix.matMult(dense)
    result = product.getDenseArray().copy()
    dense.destroy()
    product.destroy()
    return np.asarray(result)
