"""Symmetric factorisation of a shifted matrix, with its inertia."""

from __future__ import annotations

from petsc4py import PETSc

from glvortex.errors import NotConvergedError
from glvortex.fem.linear import WORKSPACE, direct_solver

_PREFIX = "glvortex_newton_"
_SHORT = (-8, -9)  # what MUMPS says when its workspace is too small
_MOST = 10_000  # per cent of workspace


def counting_solver(matrix: PETSc.Mat, workspace: int = WORKSPACE) -> PETSc.KSP:
    """Return a solver that factors a symmetric matrix by MUMPS such that its inertia is right."""
    options = PETSc.Options(_PREFIX)
    options["mat_mumps_icntl_13"] = 1  # a ScaLAPACK root would hide pivots from the count
    options["mat_mumps_icntl_24"] = 1  # PETSc counts pivots only where null ones are looked for
    options["mat_mumps_icntl_8"] = 0  # automatic scaling overflows where kappa^2 is large
    return direct_solver(matrix, _PREFIX, workspace)


def negative_eigenvalues(solver: PETSc.KSP) -> int:
    """Return how many eigenvalues of a matrix are negative, from its factors (Sylvester)."""
    return solver.getPC().getFactorMatrix().getInertia()[0]


class ShiftedFactor:
    """LDL^T factors of ``matrix + shift * diagonal`` by MUMPS; the symbolic part is done once."""

    def __init__(self, matrix: PETSc.Mat, diagonal: PETSc.Vec) -> None:
        self._matrix = matrix
        self._diagonal = diagonal
        self._workspace = WORKSPACE
        self._ksp = counting_solver(matrix, self._workspace)

    def factor(self, shift: float) -> int:
        """Factor ``matrix + shift * diagonal`` and return its number of negative eigenvalues.

        The matrix is left as it was.

        Raises:
            NotConvergedError: MUMPS has no memory for the factors.
        """
        original = self._matrix.getDiagonal()
        shifted = original.copy()
        shifted.axpy(shift, self._diagonal)
        self._matrix.setDiagonal(shifted)
        self._set_up()
        self._matrix.setDiagonal(original)
        original.destroy()
        shifted.destroy()
        return negative_eigenvalues(self._ksp)

    def _set_up(self) -> None:
        """Factor the matrix as it is, with more workspace where it was too small."""
        while True:
            self._ksp.setOperators(self._matrix)
            self._ksp.setUp()
            code = self._ksp.getPC().getFactorMatrix().getMumpsInfog(1)
            if code >= 0:
                return
            self._workspace = 4 * max(self._workspace, 25)
            if code not in _SHORT or self._workspace > _MOST:
                raise NotConvergedError(f"the factorisation failed (MUMPS error {code}).")
            # a solver that has failed once never factors again
            self._ksp.destroy()
            self._ksp = counting_solver(self._matrix, self._workspace)

    def solve(self, right: PETSc.Vec, solution: PETSc.Vec) -> None:
        """Solve with the factors of the last ``factor``."""
        # not through the KSP, which would notice the restored diagonal and factor anew
        self._ksp.getPC().getFactorMatrix().solve(right, solution)

    def destroy(self) -> None:
        """Free the factors (collective)."""
        self._ksp.destroy()
