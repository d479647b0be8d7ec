"""Continuous piecewise polynomials of one variable, and Newton's method for what they minimise.

Spectral elements: inside an element the error falls exponentially with the degree, and break points
that grow geometrically reach from a core to any other length in a few dozen elements.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.linalg import LinAlgError, solveh_banded

from glvortex.errors import NotConvergedError

Array = NDArray[np.float64]

Density = Callable[[Array, Array], tuple[Array, Array, Array]]
"""From k fields and their slopes at the Gauss points, (k, Q) each: the density (Q,), its gradient
(2k, Q) and Hessian (2k, 2k, Q) with respect to the k values, then the k slopes."""


class Elements:
    """Polynomials of one degree between break points, continuous across them.

    Attributes:
        breaks: (E + 1,), increasing.
        nodes: (N,), N = degree E + 1: Gauss-Lobatto points, where the unknowns live.
        points, weights: (Q,), Gauss quadrature that is exact up to four times the degree.
        values, slopes: sparse (Q, N), from unknowns to values and derivatives at the points.
    """

    def __init__(self, breaks: ArrayLike, degree: int) -> None:
        self.breaks = np.asarray(breaks, dtype=float)
        self.degree = degree
        inner = legendre.Legendre.basis(degree).deriv().roots()
        reference = np.concatenate([[-1.0], np.sort(inner.real), [1.0]])
        self._modes = np.linalg.inv(legendre.legvander(reference, degree))
        gauss, weights = legendre.leggauss(2 * degree + 1)
        self.nodes = np.append(self._map(reference[:-1]), self.breaks[-1])
        self.points = self._map(gauss)
        self.weights = (np.diff(self.breaks)[:, None] / 2 * weights).ravel()
        self.values, self.slopes = self.at(self.points)

    def _map(self, reference: Array) -> Array:
        left, width = self.breaks[:-1, None], np.diff(self.breaks)[:, None]
        return (left + width * (reference + 1) / 2).ravel()

    def at(self, x: ArrayLike) -> tuple[sparse.csr_array, sparse.csr_array]:
        """Matrices (len(x), N) from unknowns to values and to derivatives at the places x."""
        x = np.atleast_1d(np.asarray(x, dtype=float))
        cell = np.clip(np.searchsorted(self.breaks, x, "right") - 1, 0, len(self.breaks) - 2)
        width = np.diff(self.breaks)[cell]
        local = 2 * (x - self.breaks[cell]) / width - 1
        values = legendre.legvander(local, self.degree) @ self._modes
        slopes = legendre.legvander(local, self.degree - 1) @ legendre.legder(self._modes)
        columns = (cell[:, None] * self.degree + np.arange(self.degree + 1)).ravel()
        starts = np.arange(len(x) + 1) * (self.degree + 1)
        shape = (len(x), len(self.nodes))

        def rows(entries: Array) -> sparse.csr_array:
            return sparse.csr_array((entries.ravel(), columns, starts), shape=shape)

        return rows(values), rows(slopes * (2 / width)[:, None])

    def mass(self, coefficient: Array | float = 1.0) -> Array:
        """Dense (N, N) matrix of the form int c u v, c a number or at the Gauss points."""
        weighted = sparse.diags_array(self.weights * coefficient)
        return (self.values.T @ weighted @ self.values).toarray()

    def stiffness(self, coefficient: Array | float = 1.0) -> Array:
        """Dense (N, N) matrix of the form int c u' v', c a number or at the Gauss points."""
        weighted = sparse.diags_array(self.weights * coefficient)
        return (self.slopes.T @ weighted @ self.slopes).toarray()


def graded_breaks(first: float, cap: float, uniform: float, end: float) -> Array:
    """Break points from 0 to at least `end`.

    The first element has the width `first`, then each doubles x, but is no wider than `cap` up to
    `uniform`.
    """
    breaks = [0.0]
    while breaks[-1] < end:
        x = breaks[-1]
        width = max(first, x)
        breaks.append(x + (min(width, cap) if x < uniform else width))
    return np.array(breaks)


class QuadraticForm:
    """Integrals of what is quadratic in k fields and their slopes.

    The unknowns (k N,) are ordered node by node, so that matrices are banded.
    """

    def __init__(self, elements: Elements, count: int) -> None:
        self.elements, self.count = elements, count
        eye = sparse.eye_array(count).tocsr()
        parts = (elements.values, elements.slopes)
        rows = [sparse.kron(matrix, eye[[i]]) for matrix in parts for i in range(count)]
        self._basis = sparse.csr_array(sparse.vstack(rows))

    def at_points(self, unknowns: Array) -> tuple[Array, Array]:
        """Values and slopes (k, Q) at the Gauss points."""
        rows = (self._basis @ unknowns).reshape(2 * self.count, -1)
        return rows[: self.count], rows[self.count :]

    def vector(self, gradient: Array) -> Array:
        """Derivative (k N,) of the integral, from that of the density (2k, Q)."""
        return self._basis.T @ (self.elements.weights * gradient).ravel()

    def matrix(self, hessian: Array) -> sparse.csr_array:
        """Second derivative (k N, k N), from that of the density (2k, 2k, Q)."""
        w = self.elements.weights
        middle = sparse.block_array([[sparse.diags_array(w * h) for h in row] for row in hessian])
        return sparse.csr_array(self._basis.T @ (middle.tocsr() @ self._basis))


def upper_bands(matrix: sparse.csr_array) -> Array:
    """Upper triangle of a symmetric matrix in the banded form of scipy.linalg."""
    entries = matrix.tocoo()
    offset = entries.col - entries.row
    upper = offset >= 0
    width = int(offset.max())
    banded = np.zeros((width + 1, matrix.shape[0]))
    banded[width - offset[upper], entries.col[upper]] = entries.data[upper]
    return banded


def minimise(
    elements: Elements,
    density: Density,
    start: Array,
    free: NDArray[np.bool_],
    *,
    max_steps: int = 200,
) -> tuple[Array, float]:
    """Minimise the integral of a density over k fields, from the unknowns ``start`` (k, N).

    ``free`` (k, N) says which unknowns may move. Newton down to rounding, with a shift while the
    Hessian is not positive. Returns the unknowns (k, N) and the integral.

    Raises NotConvergedError after ``max_steps``.
    """
    form = QuadraticForm(elements, len(start))

    def integral(unknowns: Array) -> float:
        return float(elements.weights @ density(*form.at_points(unknowns))[0])

    moving = free.T.ravel()
    unknowns: Array = start.T.ravel()
    shift = 0.0
    for _ in range(max_steps):
        value, first, second = density(*form.at_points(unknowns))
        energy = float(elements.weights @ value)
        gradient, hessian = form.vector(first), form.matrix(second)
        step = np.zeros_like(unknowns)
        step[moving], shift = _newton_step(hessian[moving][:, moving], gradient[moving], shift)
        decrement = -float(gradient @ step)
        if shift == 0.0 and decrement < 1e-11 * abs(energy):
            # quadratic convergence: this step brings it down to rounding
            unknowns = unknowns + step
            return unknowns.reshape(-1, len(start)).T, integral(unknowns)
        while integral(unknowns + step) > energy - 0.1 * decrement:
            step, decrement = step / 2, decrement / 2
            if decrement < 1e-15 * abs(energy):
                raise NotConvergedError("Newton's method on elements found no descent.")
        unknowns = unknowns + step
    raise NotConvergedError(f"Newton's method on elements stopped after {max_steps} steps.")


def _newton_step(hessian: sparse.csr_array, gradient: Array, shift: float) -> tuple[Array, float]:
    """Step by banded Cholesky and the shift (relative to the diagonal) that made it possible."""
    banded = upper_bands(hessian)
    diagonal = np.abs(banded[-1])
    shift = shift / 4 if shift > 1e-3 else 0.0
    while True:
        shifted = banded.copy()
        shifted[-1] += shift * diagonal
        try:
            return -solveh_banded(shifted, gradient), shift
        except LinAlgError:
            shift = max(4 * shift, 1e-3)
