"""States the minimiser starts from: vortices imprinted at given places, or none."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem import petsc as fem_petsc
from petsc4py import PETSc

from glvortex.fem.energy import GinzburgLandau
from glvortex.solve.factor import direct_solver
from glvortex.solve.london import Vortex


def imprint(functional: GinzburgLandau, vortices: Iterable[Vortex] = ()) -> None:
    """Set f to vortices at the given places, a to the applied field's.

    Each vortex contributes the phase ``-charge arg(r - r0)`` and the core ``r/sqrt(r^2 + 2/t)`` to
    ``|f| = sqrt(t)``. A smooth phase then takes out of the flow whatever a gradient can take out, so
    that no current is forced through the surface. Without vortices this is the uniform state.
    """
    space = functional.space
    x, y, _ = space.vertices.T
    theta, modulus = np.zeros_like(x), np.full_like(x, np.sqrt(functional.t))
    for vortex in vortices:
        dx, dy = x - vortex.x, y - vortex.y
        theta -= vortex.charge * np.arctan2(dy, dx)
        square = dx**2 + dy**2
        modulus *= np.sqrt(square / (square + 2 / functional.t)) ** abs(vortex.charge)
    functional.apply_field()
    theta += _smooth_phase(functional, theta)
    functional.f.x.array[:] = np.column_stack([modulus * np.cos(theta), modulus * np.sin(theta)]).ravel()
    functional.f.x.scatter_forward()


def _smooth_phase(functional: GinzburgLandau, theta: np.ndarray) -> np.ndarray:
    """Return phi at the vertices that minimises the flow grad(theta + phi) + a + a~."""
    space = functional.space
    flow = fem.Function(space.vector_potential)
    steps = space.vertex_differences @ theta
    links = functional.a.x.array + functional.pseudo_gauge.x.array
    # the phase is known up to 2 pi: a link's true step is the one nearest to zero
    flow.x.array[: space.owned_edges] = np.angle(np.exp(1j * steps))
    flow.x.scatter_forward()
    flow.x.array[:] += links

    trial, test = ufl.TrialFunction(space.scalar), ufl.TestFunction(space.scalar)
    tiny = fem.Constant(space.mesh, 1e-8 / functional.area)  # fixes the free constant
    operator = (ufl.inner(ufl.grad(trial), ufl.grad(test)) + tiny * trial * test) * ufl.dx
    matrix = fem_petsc.assemble_matrix(fem.form(operator))
    matrix.assemble()
    right = fem_petsc.assemble_vector(fem.form(-ufl.inner(flow, ufl.grad(test)) * ufl.dx))
    right.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
    solver = direct_solver(matrix)
    phi = fem.Function(space.scalar)
    solver.solve(right, phi.x.petsc_vec)
    phi.x.scatter_forward()
    for thing in (solver, matrix, right):
        thing.destroy()
    return phi.x.array
