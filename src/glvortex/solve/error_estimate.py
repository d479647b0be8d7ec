"""How far the energy of a relaxed state is from that on an infinitely fine mesh.

The state is carried over to the mesh whose triangles are quarters of the old ones and relaxed there
by conjugate gradients: what the coarse mesh leaves out has short waves, which some ten steps find.
The error of the energy is of second order in the edge length, so the fine mesh takes away 3/4 of it
(docs/theory.md, section 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem import petsc as fem_petsc
from petsc4py import PETSc

from glvortex import interrupt
from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.transfer import carry_over
from glvortex.geometry.arrays import in_input_order
from glvortex.solve.system import System

_STEPS = 10  # most linear models of the energy; the first one serves where the mesh resolves f
_SETTLED = 0.2  # of the gradient is left, in its root mean square density, when no more are needed
_ITERATIONS = 40  # of conjugate gradients for each
_LITTLE = 1e-2  # of the gradient is left at their end
_SHORTEST = 1e-3  # part of a step that is tried


@dataclass(frozen=True)
class ErrorEstimate:
    """What a mesh leaves out of a state.

    Attributes:
        energy: of the state on its own mesh.
        error: estimate of that energy less the exact one, in Bc^2 xi^2/mu0; mostly positive.
        shares: on the first rank the part of each cell in input order, (cells,), none negative,
            together |error|; empty on the others.
    """

    energy: float
    error: float
    shares: np.ndarray


def estimate_error(coarse: GinzburgLandau, fine: GinzburgLandau) -> ErrorEstimate:
    """Estimate the error of the energy of the state that ``coarse`` holds; collective.

    ``fine`` is the functional on the quarters of its triangles, in their place in the input order;
    it gets a better state.
    """
    energy = sum(coarse.budget().values())
    carry_over(coarse, fine)
    system = System(fine)
    start = system.state()
    first = None
    for _ in range(_STEPS):
        slope = _improve(system)
        first = slope if first is None else first
        if _slope(system) < _SETTLED**2 * first:
            break
    error = 4 / 3 * (energy - system.energy())
    shares = _shares(system, start) + _moved_outlines(coarse, fine)
    system.destroy()
    total = shares.sum()
    return ErrorEstimate(energy, error, shares * (abs(error) / total if total else 1.0))


def _slope(system: System) -> float:
    """Squared norm of the gradient in the inverse of the metric."""
    return system.gradient_norm(system.gradient()) ** 2


def _improve(system: System) -> float:
    """Lower the energy by a step of Newton's method, roughly solved; return the slope before."""
    interrupt.check(system.comm)
    # in the place of the gauge-fixed one, which is not needed: there are millions of unknowns
    matrix, start, energy = system.free_hessian(system.matrix), system.state(), system.energy()
    slope = _slope(system)
    right = system.gradient().copy()
    right.scale(-1.0)
    solver = PETSc.KSP().create(system.comm)
    solver.setOperators(matrix)
    solver.setType("cg")
    solver.getPC().setType("jacobi")  # others would depend on the number of ranks
    solver.setTolerances(rtol=_LITTLE, max_it=_ITERATIONS)
    step = right.duplicate()
    step.set(0.0)
    solver.solve(right, step)
    length = 1.0  # where CG ended at a negative curvature, its last iterate still leads down
    while length > _SHORTEST:
        system.set_state(start + length * step.array_r)
        if system.energy() <= energy:
            break
        length /= 2
    else:
        system.set_state(start)
    for thing in (solver, right, step):
        thing.destroy()
    return slope


def _shares(system: System, start: np.ndarray) -> np.ndarray:
    """Energy of the flow and the field by which the state differs from what it was at the start.

    On the first rank for each coarse cell in input order.
    """
    functional, now = system.functional, system.state()
    system.set_state(now - start)
    change = [u.copy() for u in functional.unknowns]
    system.set_state(now)
    here = functional.interpolant
    flow = [
        sum(ufl.derivative(part, u, d) for u, d in zip(functional.unknowns, change, strict=True))
        for part in (here.grad_re, here.grad_im)
    ]
    density = functional.inside * sum(ufl.inner(part, part) for part in flow)
    if functional.screening:
        curl = ufl.curl(change[1])
        stiffness = fem.Constant(functional.space.mesh, functional.kappa**2)
        density += stiffness * ufl.inner(curl, curl)
    return _by_cell(functional, density).reshape(-1, 4).sum(axis=1)


def _moved_outlines(coarse: GinzburgLandau, fine: GinzburgLandau) -> np.ndarray:
    """What cells gain or lose where the quarters follow a circle better, ordered like `_shares`.

    The condensation energy of the uniform superconductor stands for all energies there.
    """
    one, fine_one = (fem.Constant(here.space.mesh, 1.0) for here in (coarse, fine))
    after = _by_cell(fine, fine_one).reshape(-1, 4).sum(axis=1)
    return coarse.t**2 / 2 * np.abs(after - _by_cell(coarse, one))


def _by_cell(functional: GinzburgLandau, density: Any) -> np.ndarray:
    """Integrals of a density over each cell, in input order on the first rank."""
    one = ufl.TestFunction(functional.magnetisation.function_space)
    vector = fem_petsc.assemble_vector(fem.form(density * one * functional.dx))
    owned = vector.array_r.copy()
    vector.destroy()
    return in_input_order(functional.space.mesh, owned)
