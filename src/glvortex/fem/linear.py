"""Symmetric linear problems, factored."""

from __future__ import annotations

from typing import Any

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem import petsc as fem_petsc
from petsc4py import PETSc

from glvortex.fem.space import CovariantSpace

WORKSPACE = 100  # per cent: MUMPS runs short of the 20 it asks for when load moves its pivots


def direct_solver(
    matrix: PETSc.Mat, prefix: str = "glvortex_", workspace: int = WORKSPACE
) -> PETSc.KSP:
    """Return a solver for a symmetric matrix that factors it by MUMPS.

    ``workspace`` is what MUMPS allocates beyond its own estimate, in per cent.
    """
    PETSc.Options(prefix)["mat_mumps_icntl_14"] = workspace
    ksp = PETSc.KSP().create(matrix.comm)
    ksp.setOptionsPrefix(prefix)
    ksp.setOperators(matrix)
    ksp.setType("preonly")
    ksp.getPC().setType("cholesky")
    ksp.getPC().setFactorSolverType("mumps")
    ksp.setFromOptions()
    return ksp


def solve_symmetric(left: Any, right: Any, space: fem.FunctionSpace) -> np.ndarray:
    """Solve ``int left = int right`` (UFL); return this rank's unknowns, ghosts included."""
    matrix = fem_petsc.assemble_matrix(fem.form(left * ufl.dx))
    matrix.assemble()
    return _solve(matrix, right, space)


def removable_phase(space: CovariantSpace, field: fem.Function, weight: Any = 1.0) -> np.ndarray:
    """Return chi at the vertices for which int weight |field + grad chi|^2 is smallest (UFL)."""
    trial, test = ufl.TrialFunction(space.scalar), ufl.TestFunction(space.scalar)
    stiffness = weight * ufl.inner(ufl.grad(trial), ufl.grad(test))
    matrix = fem_petsc.assemble_matrix(fem.form(stiffness * ufl.dx))
    # chi is free up to a constant: this makes it zero at one vertex and changes nothing else
    if matrix.getOwnershipRange()[0] == 0 and space.owned_vertices:
        matrix.setValue(0, 0, 1.0, addv=PETSc.InsertMode.ADD)
    matrix.assemble()
    right = -weight * ufl.inner(field, ufl.grad(test))
    return _solve(matrix, right, space.scalar)


def lumped(space: CovariantSpace, coefficient: Any = 1.0) -> np.ndarray:
    """Integrals of a coefficient (UFL) with the hat function of each vertex of this rank."""
    hat = ufl.TestFunction(space.scalar)
    coefficient = ufl.as_ufl(coefficient)
    vector = fem_petsc.assemble_vector(fem.form(coefficient * hat * ufl.dx(space.mesh)))
    vector.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
    vector.ghostUpdate(addv=PETSc.InsertMode.INSERT, mode=PETSc.ScatterMode.FORWARD)
    with vector.localForm() as local:
        result = local.array_r.copy()
    vector.destroy()
    return result


def _solve(matrix: PETSc.Mat, right: Any, space: fem.FunctionSpace) -> np.ndarray:
    vector = fem_petsc.assemble_vector(fem.form(right * ufl.dx))
    vector.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
    solver = direct_solver(matrix)
    solution = fem.Function(space)
    solver.solve(vector, solution.x.petsc_vec)
    solution.x.scatter_forward()
    for thing in (solver, matrix, vector):
        thing.destroy()
    return solution.x.array
