"""Continuous piecewise polynomials of one variable, and Newton's method for what they minimise.

Spectral elements: inside an element the error falls exponentially with the degree, and break points
that grow geometrically reach from a core to any other length in a few dozen elements.
"""

from __future__ import annotations

import math
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
    """Integrals of what is quadratic in k fields and their slopes, as banded matrices.

    Unknown (i, n) of the fields (k, N) is row n k + i of a matrix.
    """

    def __init__(self, elements: Elements, count: int) -> None:
        self.elements = elements
        cells, size = len(elements.breaks) - 1, elements.degree + 1
        self._shape = (count, cells)
        blocks = [
            matrix.data.reshape(cells, -1, size) for matrix in (elements.values, elements.slopes)
        ]
        self._basis = np.concatenate(blocks, axis=1)  # values, then slopes at a cell's points
        node = np.arange(cells)[:, None] * elements.degree + np.arange(size)
        number = node[:, None, :] * count + np.arange(count)[:, None]  # cell, field, node
        rows = np.broadcast_to(number[:, :, None, :, None], (cells, count, count, size, size))
        columns = np.broadcast_to(number[:, None, :, None, :], rows.shape)
        self._upper = columns >= rows
        self._width = count * size - 1
        total = count * len(elements.nodes)
        self._bands = (self._width + 1, total)
        rows, columns = rows[self._upper], columns[self._upper]
        self._places = (self._width - (columns - rows)) * total + columns

    def vector(self, gradient: Array) -> Array:
        """Derivative (k, N) of the integral, from that of the density (2k, Q)."""
        values, slopes = np.split(self.elements.weights * gradient, 2)
        return (self.elements.values.T @ values.T + self.elements.slopes.T @ slopes.T).T

    def matrix(self, hessian: Array) -> Array:
        """Upper bands of the second derivative, from that of the density (2k, 2k, Q).

        In the form of scipy.linalg; the last row is the diagonal.
        """
        count, cells = self._shape
        # value or slope, field, value or slope, field, cell, point
        parts = (self.elements.weights * hessian).reshape(2, count, 2, count, cells, -1)
        half = parts.shape[-1]
        basis = self._basis.reshape(cells, 2, half, -1)
        weighted = np.einsum("sitjcq,ctqn->cijsqn", parts, basis)
        weighted = weighted.reshape(cells, count, count, 2 * half, -1)
        local = self._basis.transpose(0, 2, 1)[:, None, None] @ weighted
        flat = np.bincount(self._places, local[self._upper], minlength=math.prod(self._bands))
        return flat.astype(float).reshape(self._bands)


def _hold(bands: Array, fixed: NDArray[np.intp]) -> None:
    """Take fixed unknowns out of a banded matrix, in place."""
    width = len(bands) - 1
    for unknown in fixed:
        bands[:, unknown] = 0.0
        reach = np.arange(1, min(width, bands.shape[1] - 1 - unknown) + 1)
        bands[width - reach, unknown + reach] = 0.0
        bands[width, unknown] = 1.0


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

    def at_points(fields: Array) -> tuple[Array, Array]:
        return (elements.values @ fields.T).T, (elements.slopes @ fields.T).T

    def integral(fields: Array) -> float:
        return float(elements.weights @ density(*at_points(fields))[0])

    fields: Array = start
    fixed = np.flatnonzero(~free.T.ravel())
    shift = 0.0
    for _ in range(max_steps):
        value, first, second = density(*at_points(fields))
        energy = float(elements.weights @ value)
        gradient, bands = form.vector(first) * free, form.matrix(second)
        _hold(bands, fixed)
        step, shift = _newton_step(bands, gradient.T.ravel(), shift)
        step = step.reshape(-1, len(start)).T
        decrement = -float(np.vdot(gradient, step))
        if shift == 0.0 and decrement < 1e-11 * abs(energy):
            # quadratic convergence: this step brings it down to rounding
            fields = fields + step
            return fields, integral(fields)
        while integral(fields + step) > energy - 0.1 * decrement:
            step, decrement = step / 2, decrement / 2
            if decrement < 1e-15 * abs(energy):
                raise NotConvergedError("Newton's method on elements found no descent.")
        fields = fields + step
    raise NotConvergedError(f"Newton's method on elements stopped after {max_steps} steps.")


def _newton_step(bands: Array, gradient: Array, shift: float) -> tuple[Array, float]:
    """Step by banded Cholesky and the shift (relative to the diagonal) that made it possible."""
    diagonal = np.abs(bands[-1])
    shift = shift / 4 if shift > 1e-3 else 0.0
    while True:
        shifted = bands.copy()
        shifted[-1] += shift * diagonal
        try:
            return -solveh_banded(shifted, gradient), shift
        except LinAlgError:
            shift = max(4 * shift, 1e-3)
