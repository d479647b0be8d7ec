"""Symmetric factorisation of a shifted matrix, with its inertia."""

from __future__ import annotations

from typing import NamedTuple

from petsc4py import PETSc


class Inertia(NamedTuple):
    """Numbers of negative and of null pivots (Sylvester: of eigenvalues)."""

    negative: int
    null: int


class ShiftedFactor:
    """LDL^T factors of ``matrix + shift * diagonal`` by MUMPS; the symbolic part is done once."""

    def __init__(self, matrix: PETSc.Mat, diagonal: PETSc.Vec) -> None:
        self._matrix = matrix
        self._diagonal = diagonal
        self._ksp = PETSc.KSP().create(matrix.comm)
        self._ksp.setType("preonly")
        preconditioner = self._ksp.getPC()
        preconditioner.setType("cholesky")
        preconditioner.setFactorSolverType("mumps")
        self._ksp.setOptionsPrefix("glvortex_newton_")
        options = PETSc.Options("glvortex_newton_")
        for name, value in {
            "mat_mumps_icntl_13": 1,  # no ScaLAPACK root: it would hide pivots from the count
            "mat_mumps_icntl_24": 1,  # detect null pivots
        }.items():
            if not options.hasName(name):
                options[name] = value
        self._ksp.setFromOptions()

    def factor(self, shift: float) -> Inertia:
        """Factor ``matrix + shift * diagonal`` (the matrix itself is left as it was)."""
        original = self._matrix.getDiagonal()
        shifted = original.copy()
        shifted.axpy(shift, self._diagonal)
        self._matrix.setDiagonal(shifted)
        self._ksp.setOperators(self._matrix)
        self._ksp.setUp()
        negative, null, _ = self._ksp.getPC().getFactorMatrix().getInertia()
        self._matrix.setDiagonal(original)
        original.destroy()
        shifted.destroy()
        return Inertia(negative, null)

    def solve(self, right: PETSc.Vec, solution: PETSc.Vec) -> None:
        """Solve with the factors of the last ``factor``."""
        # not through the KSP, which would see the restored matrix and factor that
        self._ksp.getPC().getFactorMatrix().solve(right, solution)

    def destroy(self) -> None:
        """Free the factors (collective)."""
        self._ksp.destroy()
