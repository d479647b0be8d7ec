"""The field of one vortex in an infinite London superconductor, rounded off in its core."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import k0, k1

Floats = NDArray[np.float64]


class VortexKernel:
    """``density K0(rate r)``, or ``-density ln r`` where the rate is 0; lengths in xi.

    For r < core it is the polynomial ``a + b (r/core)^2 + c (r/core)^4`` with the same value and
    slope at the core and the same integral over it, so that a smooth function is multiplied by
    both kernels to nearly the same integral.
    """

    def __init__(self, density: float, rate: float, core: float) -> None:
        self.density = density
        self.rate = rate
        self.core = core

    def bulk(self, distance: ArrayLike) -> Floats:
        """Return what is rounded off, at positive distances."""
        r = np.asarray(distance, dtype=float)
        return self.density * (k0(self.rate * r) if self.rate else -np.log(r))

    def value(self, distance: ArrayLike) -> Floats:
        """Return K at distances of any shape."""
        r, x = self._outside_and_inside(distance)
        a, b, c = self._core
        return np.where(x < 1, a + x * (b + x * c), self.bulk(r))

    def slope(self, distance: ArrayLike) -> Floats:
        """Return K'/r: the gradient of K is this times the displacement."""
        r, x = self._outside_and_inside(distance)
        _, b, c = self._core
        return np.where(x < 1, (2 * b + 4 * c * x) / self.core**2, self._bulk_slope(r))

    def derivatives(self, distance: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """Return K, K'/r and (K'/r)'/r; the gradient of the second is the third times r."""
        r, x = self._outside_and_inside(distance)
        bulk, slope = self.bulk(r), self._bulk_slope(r)
        bend = (self.rate**2 * bulk - 2 * slope) / r**2
        inside = x < 1
        if inside.any():
            a, b, c = self._core
            y = x[inside]
            bulk[inside] = a + y * (b + y * c)
            slope[inside] = (2 * b + 4 * c * y) / self.core**2
            bend[inside] = 8 * c / self.core**4
        return bulk, slope, bend

    def _outside_and_inside(self, distance: ArrayLike) -> tuple[Floats, Floats]:
        r = np.asarray(distance, dtype=float)
        return np.maximum(r, self.core), (r / self.core) ** 2

    def _bulk_slope(self, r: Floats) -> Floats:
        return -self.density * (self.rate * k1(self.rate * r) / r if self.rate else r**-2.0)

    @cached_property
    def _core(self) -> tuple[float, float, float]:
        """The coefficients a, b, c."""
        core, rate = self.core, self.rate
        if rate:
            mean = 2 * (1 - rate * core * k1(rate * core)) / (rate * core) ** 2
        else:
            mean = 0.5 - np.log(core)
        edge = float(self.bulk(core))
        slope = float(self._bulk_slope(np.array(core))) * core**2
        # a + b + c = edge, 2 b + 4 c = slope, a + b/2 + c/3 = mean
        rows = np.array([[1, 1, 1], [0, 2, 4], [1, 1 / 2, 1 / 3]])
        a, b, c = np.linalg.solve(rows, [edge, slope, self.density * mean])
        return float(a), float(b), float(c)

    @cached_property
    def lost_square(self) -> float:
        """Integral over the plane of the square of the true kernel less that of this one."""
        nodes, weights = np.polynomial.legendre.leggauss(40)
        x = (nodes + 1) / 2
        r, jacobian = self.core * x**3, 3 * x**2 * self.core / 2  # clustered at the logarithm
        lost = self.bulk(r) ** 2 - self.value(r) ** 2
        return float(2 * np.pi * weights @ (r * jacobian * lost))
