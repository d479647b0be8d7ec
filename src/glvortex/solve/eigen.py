"""The lowest eigenpairs of a symmetric pencil, none of them missed.

A Krylov method with a shift below the spectrum may overlook copies of a degenerate eigenvalue. The
inertia of one more factorisation says how many eigenvalues there are: what is missing is looked for
again, in the complement of what has been found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from petsc4py import PETSc
from slepc4py import SLEPc

from glvortex.errors import NotConvergedError
from glvortex.solve.factor import counting_solver, negative_eigenvalues

_TOLERANCE = 1e-9  # relative residual; the error of an eigenvalue goes with its square
_RESOLUTION = 1e-7  # eigenvalues closer than this are copies of one
_MOST_SEARCHES = 10
_MARGIN = 0.1  # how far below the lowest eigenvalue known the next shift is tried
_DEEPEST = -1e12  # no spectrum of ours begins below


@dataclass(frozen=True)
class Eigenpairs:
    """Eigenpairs of (K, M) in ascending order.

    Attributes:
        values: (count,) eigenvalues.
        vectors: (count, n) this rank's entries of the eigenvectors x, which are M-orthonormal.
        residuals: (count,) norms of K x - value M x.

    """

    values: np.ndarray
    vectors: np.ndarray
    residuals: np.ndarray

    def __getitem__(self, chosen: Any) -> Eigenpairs:
        """Some of the pairs: a slice, a mask or numbers."""
        return Eigenpairs(self.values[chosen], self.vectors[chosen], self.residuals[chosen])

    def with_others(self, others: Eigenpairs) -> Eigenpairs:
        """Return these pairs and others, sorted."""
        order = np.argsort(np.concatenate([self.values, others.values]), kind="stable")
        return Eigenpairs(
            np.concatenate([self.values, others.values])[order],
            np.concatenate([self.vectors, others.vectors])[order],
            np.concatenate([self.residuals, others.residuals])[order],
        )


class Pencil:
    """Symmetric K and M, sparse and alike in their distribution; M has no negative eigenvalue.

    Args:
        matrix: K.
        mass: M.
        null: known null vectors of K, which are left out of the results.
        negative: number of negative eigenvalues of K where M is zero.

    The entries of the matrices may change from one call to the next.

    """

    def __init__(
        self,
        matrix: PETSc.Mat,
        mass: PETSc.Mat,
        *,
        null: Sequence[PETSc.Vec] = (),
        negative: int = 0,
    ) -> None:
        self._matrix, self._mass, self._null, self._negative = matrix, mass, list(null), negative
        self._shift = -_MARGIN

    def lowest(self, count: int) -> Eigenpairs:
        """Return the ``count`` lowest eigenpairs; collective.

        Raises:
            NotConvergedError: fewer were found, or there are others below that were not.

        """
        found = self._search(count)
        for _ in range(_MOST_SEARCHES):
            cut = found.values[count - 1] - _RESOLUTION * (1 + abs(found.values[count - 1]))
            known = int(np.sum(found.values < cut)) + len(self._null) * bool(cut > 0)
            missing = self.count_below(cut) - known
            if missing <= 0:
                return found[:count]
            found = found.with_others(self._search(missing, found.vectors))
        raise NotConvergedError(f"the lowest {count} eigenvalues could not be told apart.")

    def lowest_pair(self) -> tuple[float, np.ndarray]:
        """Return the lowest eigenvalue and an eigenvector, whatever its multiplicity; collective.

        Copies are not looked for, which spares a factorisation.
        """
        found = self._search(1)
        return float(found.values[0]), found.vectors[0]

    def count_below(self, value: float) -> int:
        """Number of eigenvalues below ``value``, those of the null vectors included; collective."""
        shifted = self._matrix.copy()
        shifted.axpy(-value, self._mass)
        solver = counting_solver(shifted)
        solver.setUp()
        number = negative_eigenvalues(solver) - self._negative
        solver.destroy()
        shifted.destroy()
        return number

    def _search(self, count: int, found: Sequence[np.ndarray] | np.ndarray = ()) -> Eigenpairs:
        """Find eigenpairs that are orthogonal to the null vectors and to those found."""
        eps = SLEPc.EPS().create(self._matrix.comm)
        eps.setOperators(self._matrix, self._mass)
        eps.setProblemType(SLEPc.EPS.ProblemType.GHEP)
        eps.setDimensions(count)
        eps.setTolerances(_TOLERANCE)
        eps.setWhichEigenpairs(SLEPc.EPS.Which.TARGET_REAL)
        deflated = [*self._null, *(self._vector(entries) for entries in found)]
        if deflated:
            eps.setDeflationSpace(deflated)
        self._shift_below(eps)
        eps.solve()
        if eps.getConverged() < count:
            raise NotConvergedError(f"only {eps.getConverged()} of {count} eigenvalues converged.")
        result = self._results(eps, count)
        if not len(found):
            self._shift = min([result.values[0], *(0.0 for _ in self._null)]) - _MARGIN
        eps.destroy()
        return result

    def _shift_below(self, eps: SLEPc.EPS) -> None:
        """Factor with a shift below the spectrum, lowered until the inertia proves that it is."""
        st, solver = eps.getST(), counting_solver(self._matrix)
        st.setType(SLEPc.ST.Type.SINVERT)
        st.setKSP(solver)
        drop = 4 * _MARGIN
        while self._shift > _DEEPEST:
            eps.setTarget(self._shift)
            st.setShift(self._shift)
            eps.setUp()
            st.setUp()
            if negative_eigenvalues(solver) == self._negative:
                return
            self._shift, drop = self._shift - drop, 4 * drop
        raise NotConvergedError("the matrix has no lowest eigenvalue: the state has broken down.")

    def _results(self, eps: SLEPc.EPS, count: int) -> Eigenpairs:
        pairs = []
        vector = self._matrix.createVecRight()
        for i in range(count):
            value = eps.getEigenpair(i, vector).real
            residual = eps.computeError(i, SLEPc.EPS.ErrorType.ABSOLUTE)
            pairs.append((value, vector.array_r.copy(), residual))
        values, vectors, residuals = zip(*pairs, strict=True)
        order = np.argsort(values, kind="stable")
        return Eigenpairs(*(np.array(part)[order] for part in (values, vectors, residuals)))

    def _vector(self, entries: np.ndarray) -> PETSc.Vec:
        vector = self._matrix.createVecRight()
        vector.array[:] = entries
        return vector
