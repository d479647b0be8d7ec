"""Symmetric factorisation of a shifted matrix, with its inertia."""

from __future__ import annotations

from petsc4py import PETSc

from glvortex.fem.linear import direct_solver

_PREFIX = "glvortex_newton_"


def counting_solver(matrix: PETSc.Mat) -> PETSc.KSP:
    """Return a solver that factors a symmetric matrix by MUMPS such that its inertia is right."""
    options = PETSc.Options(_PREFIX)
    options["mat_mumps_icntl_13"] = 1  # a ScaLAPACK root would hide pivots from the count
    options["mat_mumps_icntl_24"] = 1  # PETSc counts pivots only where null ones are looked for
    options["mat_mumps_icntl_8"] = 0  # automatic scaling overflows where kappa^2 is large
    return direct_solver(matrix, _PREFIX)


def negative_eigenvalues(solver: PETSc.KSP) -> int:
    """Return how many eigenvalues of a matrix are negative, from its factors (Sylvester)."""
    return solver.getPC().getFactorMatrix().getInertia()[0]


class ShiftedFactor:
    """LDL^T factors of ``matrix + shift * diagonal`` by MUMPS; the symbolic part is done once."""

    def __init__(self, matrix: PETSc.Mat, diagonal: PETSc.Vec) -> None:
        self._matrix = matrix
        self._diagonal = diagonal
        self._ksp = counting_solver(matrix)

    def factor(self, shift: float) -> int:
        """Factor ``matrix + shift * diagonal`` and return its number of negative eigenvalues.

        The matrix is left as it was.
        """
        original = self._matrix.getDiagonal()
        shifted = original.copy()
        shifted.axpy(shift, self._diagonal)
        self._matrix.setDiagonal(shifted)
        self._ksp.setOperators(self._matrix)
        self._ksp.setUp()
        self._matrix.setDiagonal(original)
        original.destroy()
        shifted.destroy()
        return negative_eigenvalues(self._ksp)

    def solve(self, right: PETSc.Vec, solution: PETSc.Vec) -> None:
        """Solve with the factors of the last ``factor``."""
        # not through the KSP, which would notice the restored diagonal and factor anew
        self._ksp.getPC().getFactorMatrix().solve(right, solution)

    def destroy(self) -> None:
        """Free the factors (collective)."""
        self._ksp.destroy()
