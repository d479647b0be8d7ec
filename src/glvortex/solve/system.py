"""The free energy as the minimiser sees it: one vector of unknowns, a gradient, a Hessian."""

from __future__ import annotations

import ctypes
from functools import cached_property
from typing import Any

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem import petsc as fem_petsc
from mpi4py import MPI
from petsc4py import PETSc

from glvortex import compat
from glvortex.fem.assembly import Assembler
from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.joint import JointSpace
from glvortex.fem.linear import lumped
from glvortex.solve.factor import ShiftedFactor
from glvortex.solve.gauge import Forest

# Below this share of the largest |f|^2 the phase of a vertex is not used to fix the gauge.
_NO_PHASE = 1e-4
_HOLD = 100.0  # how much stronger the gauge is fixed where phases are to be held


class System:
    """Energy, gradient and gauge-fixed Hessian of a functional, in one block vector [f, a].

    The Hessian has a null direction for every gauge transformation. It is removed without bias by
    a term that changes neither energy nor gradient, ``(Re f_i d Im f_i - Im f_i d Re f_i)^2`` over
    |f_i|^2 at every vertex, since a phase rotation there can always be traded for a change of a.
    That says nothing where f is nearly 0 (vortex centres, holes, normal regions): there one edge
    for each vertex is held instead (`Forest`). Without screening only the global phase is free,
    and the term is added at a single vertex.

    Attributes:
        metric: positive diagonal (a vector) of ``mass`` that measures steps and shifts the Hessian.

    """

    def __init__(self, functional: GinzburgLandau) -> None:
        self.functional = functional
        self.comm = functional.space.mesh.comm
        unknowns = functional.unknowns
        joint = JointSpace([u.function_space for u in unknowns])
        tests, trials = (joint.directions(kind) for kind in (ufl.TestFunction, ufl.TrialFunction))
        energy = sum(functional.terms.values())
        gradient = sum(map(ufl.derivative, [energy] * len(tests), unknowns, tests))
        hessian = sum(map(ufl.derivative, [gradient] * len(trials), unknowns, trials))
        self._gauge_weight = fem.Function(functional.space.weight)
        self._volumes = lumped(functional.space)
        self._forest = Forest(functional.space)
        hessian += self._gauge_term(tests[0], trials[0])
        self._energy, self._gradient, self._hessian = map(fem.form, (energy, gradient, hessian))
        self._assembler = Assembler()
        like = fem.Function(joint.space)  # whose vector lives no longer than it
        self.gradient_vector = like.x.petsc_vec.duplicate()
        self.matrix = fem_petsc.create_matrix(self._hessian)
        self.matrix.setOption(PETSc.Mat.Option.SYMMETRIC, True)
        self.matrix.setOption(PETSc.Mat.Option.SYMMETRY_ETERNAL, True)
        _return_memory()

    def _gauge_term(self, test: Any, trial: Any) -> Any:
        """Squared change of phase times |f|^4, the volume and a weight, at every vertex."""
        f, corners = self.functional.f, range(self.functional.space.dim + 1)
        turn = [[f[i, 0] * v[i, 1] - f[i, 1] * v[i, 0] for i in corners] for v in (trial, test)]
        products = [self._gauge_weight[i] * turn[0][i] * turn[1][i] for i in corners]
        return sum(products) / len(products) * self.functional.dx(degree=0)

    def mass(self) -> PETSc.Mat:
        """Assemble int |df|^2 + |da|^2, the first part by the vertex volumes, as a new matrix."""
        forms = []
        for u in self.functional.unknowns:
            trial, test = ufl.TrialFunction(u.function_space), ufl.TestFunction(u.function_space)
            share = 1 / (self.functional.space.dim + 1) if u is self.functional.f else 1
            forms.append(share * ufl.inner(trial, test) * self.functional.dx(degree=2))
        blocks = [
            [fem.form(form) if i == j else None for j in range(len(forms))]
            for i, form in enumerate(forms)
        ]
        matrix = compat.create_block_matrix(blocks)
        compat.assemble_block_matrix(matrix, blocks)
        return matrix

    @cached_property
    def metric(self) -> PETSc.Vec:
        """See the class."""
        mass = self.mass()  # as large as the Hessian and not needed again
        diagonal = mass.getDiagonal()
        mass.destroy()
        _return_memory()
        return diagonal

    @cached_property
    def factor(self) -> ShiftedFactor:
        """Factors of the Hessian plus a multiple of the metric."""
        return ShiftedFactor(self.matrix, self.metric)

    @property
    def size(self) -> int:
        """Number of unknowns over all ranks."""
        return self.gradient_vector.getSize()

    def state(self) -> np.ndarray:
        """Return a copy of this rank's unknowns, [f, a]."""
        return np.concatenate([u.x.array[: _owned(u)] for u in self.functional.unknowns])

    def set_state(self, state: np.ndarray) -> None:
        """Make ``state`` the current values of f and a, ghosts included."""
        start = 0
        for u in self.functional.unknowns:
            stop = start + _owned(u)
            u.x.array[: stop - start] = state[start:stop]
            u.x.scatter_forward()
            start = stop

    def dot(self, one: np.ndarray, other: np.ndarray) -> float:
        """Scalar product over all ranks of two arrays like ``state``."""
        return self.comm.allreduce(float(one @ other), MPI.SUM)

    def pattern(self) -> np.ndarray:
        """Unknowns without any symmetry, the same on any number of ranks."""
        space = self.functional.space
        x, y, z = space.vertices[: space.owned_vertices].T
        wave = 12.9898 * x + 78.233 * y + 37.719 * z
        f = np.column_stack([np.sin(wave), np.cos(1.7 * wave)]).ravel()
        return np.concatenate([f, np.zeros(self.gradient_vector.getLocalSize() - f.size)])

    def energy(self) -> float:
        """Free energy of the current state."""
        return float(self.comm.allreduce(self._assembler.scalar(self._energy), MPI.SUM))

    def gradient(self) -> PETSc.Vec:
        """Assemble the derivative of the energy; the vector is reused by the next call."""
        self.assemble(self.gradient_vector, self._gradient)
        return self.gradient_vector

    def assemble(self, vector: PETSc.Vec, form: Any) -> None:
        """Overwrite a vector like the gradient with a compiled linear form of the unknowns."""
        self._assembler.vector(vector, form)

    def gradient_norm(self, gradient: PETSc.Vec) -> float:
        """Root mean square of the gradient's density, sqrt(g.M^-1 g/area), whatever the mesh."""
        square = gradient.copy()
        square.pointwiseDivide(gradient, self.metric)
        value = square.dot(gradient)
        square.destroy()
        return float(np.sqrt(value / self.functional.area))

    def hessian(self, *, hold_phase: bool = False) -> PETSc.Mat:
        """Assemble the gauge-fixed Hessian; the matrix is reused by the next call.

        Away from stationary states gauge directions bend the energy, and where |f| is small they
        may outweigh the term that fixes the gauge. With ``hold_phase`` it is strong at every |f|.
        """
        strength = _HOLD if hold_phase else 1.0
        held = self._fix_gauge(strength)
        self._assembler.matrix(self.matrix, self._hessian)
        if self.comm.allreduce(held.size):
            rows = held + 2 * self.functional.space.owned_vertices
            diagonal = self.matrix.getDiagonal()
            # as stiff as the edge is already: the positive curvature of curl a
            diagonal.array[rows] *= 1 + strength
            self.matrix.setDiagonal(diagonal)
            diagonal.destroy()
        return self.matrix

    def destroy(self) -> None:
        """Free matrices and factors, after which the system is of no use (collective)."""
        parts = [self.__dict__.get(name) for name in ("factor", "metric")]
        for part in (*parts, self.matrix, self.gradient_vector):
            if part is not None:
                part.destroy()
        _return_memory()

    def free_hessian(self, matrix: PETSc.Mat | None = None) -> PETSc.Mat:
        """Assemble the Hessian itself, with the null directions of gauge, in a new matrix or this.

        ``matrix`` is one that an earlier call returned.
        """
        self._gauge_weight.x.array[:] = 0.0
        if matrix is None:
            matrix = fem_petsc.create_matrix(self._hessian)
        self._assembler.matrix(matrix, self._hessian)
        return matrix

    def _fix_gauge(self, strength: float) -> np.ndarray:
        """Weight the phases that are held; return the edges held where there is no phase."""
        functional, weight = self.functional, self._gauge_weight.x.array
        f = functional.f.x.array.reshape(-1, 2)
        density = (f**2).sum(axis=1)
        owned = density[: functional.space.owned_vertices]
        largest, rank = self.comm.allreduce((owned.max(initial=0.0), -self.comm.rank), op=max)
        if not functional.screening:
            weight[:] = 0.0
            if rank == -self.comm.rank and owned.size:
                weight[np.argmax(owned)] = owned.size
            self._gauge_weight.x.scatter_forward()
            return np.empty(0, dtype=int)
        phaseless = density <= _NO_PHASE * largest
        weight[:] = strength * ~phaseless / (self._volumes * np.where(phaseless, 1.0, density))
        if largest == 0.0 and rank == -self.comm.rank and owned.size:
            phaseless[0] = False  # the trees of the normal state need a root, too
        return self._forest.edges(phaseless)


def _return_memory() -> None:
    """Give back what was freed, which glibc keeps: gigabytes of sparsity patterns and factors."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _owned(u: fem.Function) -> int:
    space = u.function_space.dofmap
    return space.index_map.size_local * space.index_map_bs
