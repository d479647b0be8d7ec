"""Divided differences of the occupation function: what static response sums over levels."""

from __future__ import annotations

from itertools import combinations_with_replacement, permutations

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

from glvortex.errors import ParameterError

Array = NDArray[np.float64]

CIRCLE = np.exp(2j * np.pi * (np.arange(20) + 0.5) / 20)
TRIPLES = tuple(combinations_with_replacement(range(4), 3))
STIRLING = (1.0 / 24.0, -7.0 / 960.0, 31.0 / 8064.0)  # digamma(1/2 + w) - ln w


class Occupation:
    """n(E) = T sum 1/(i w_n + i Gamma sgn w_n - E) and f[a,b], f[a,b,c] without cancellation.

    n is the Fermi function smeared by a Lorentzian of half width ``broadening``, 000 (C3).
    Frequency sums over two or three Green functions are its divided differences, also where levels
    coincide. Zero temperature without broadening needs levels on either side of zero.
    """

    def __init__(self, temperature: float, broadening: float = 0.0) -> None:
        self.temperature = temperature
        self.broadening = broadening
        self.reach = np.pi * temperature + broadening  # distance of the first singularity from R

    def __call__(self, energy: Array) -> Array:
        """n(E), any shape."""
        return (energy < 0.0) + self._rest(energy, energy < 0.0).real

    def pair(self, a: Array, b: Array) -> Array:
        """f[a, b] = (n(a) - n(b))/(a - b), n'(a) where a = b; any one shape."""
        filled_a, filled_b = a < 0.0, b < 0.0
        # 1 and the distance from it apart, so that two filled levels do not cancel
        value = filled_a.astype(float) - filled_b
        step = a - b
        if self.reach == 0.0:
            return value / np.where(value == 0.0, 1.0, step)
        value = value + (self._rest(a, filled_a) - self._rest(b, filled_b)).real
        close = np.abs(step) <= self.reach / 16.0
        result = value / np.where(close, 1.0, step)
        if np.any(close):
            result[close] = self._cauchy(a[close], b[close])
        return result

    def triple(self, a: Array, b: Array, c: Array) -> Array:
        """f[a, b, c], n''/2 where all three coincide; any one shape."""
        low, middle, high = np.sort(np.stack([a, b, c]), axis=0)
        value = self.pair(low, middle) - self.pair(middle, high)
        return self._second(low, middle, high, value)

    def _second(self, low: Array, middle: Array, high: Array, value: Array) -> Array:
        """f[low, middle, high] from the difference of both pairs."""
        close = high - low <= self.reach / 16.0
        result = value / np.where(high > low, low - high, 1.0)
        if self.reach and np.any(close):
            result[close] = self._cauchy(low[close], middle[close], high[close])
        return result

    def pairs(self, left: Array, right: Array) -> Array:
        """f[left_n, right_m] for levels of shape (k, 4) each: (k, 4, 4).

        Raises ParameterError where levels cross zero at zero temperature without broadening.
        """
        self._check(left)
        self._check(right)
        a, b = np.broadcast_arrays(left[:, :, None], right[:, None, :])
        return self.pair(a, b)

    def triples(self, levels: Array) -> Array:
        """f[E_l, E_m, E_n], symmetric, for ascending levels of shape (k, 4): (k, 4, 4, 4).

        Raises as `pairs` does.
        """
        self._check(levels)
        first, second = np.triu_indices(4)
        pair = np.empty((len(levels), 4, 4))
        pair[:, first, second] = self.pair(levels[:, first], levels[:, second])
        low, middle, high = np.array(TRIPLES).T
        step = pair[:, low, middle] - pair[:, middle, high]
        values = self._second(levels[:, low], levels[:, middle], levels[:, high], step)
        result = np.empty((len(levels), 4, 4, 4))
        for column, triple in enumerate(TRIPLES):
            for i, j, k in set(permutations(triple)):
                result[:, i, j, k] = values[:, column]
        return result

    def _check(self, levels: Array) -> None:
        if self.reach == 0.0 and np.any(np.sum(levels < 0.0, axis=-1) != 2):
            raise ParameterError(
                "levels cross zero (exchange or in-plane field beyond the gap), whose response at"
                " zero temperature is a delta function: take a small temperature."
            )

    def _cauchy(self, *points: Array) -> Array:
        """The divided difference of nearby points, as a mean over a circle around them."""
        centre = np.sum(points, axis=0) / len(points)
        offset = self.reach / 4.0 * CIRCLE
        around = centre[:, None] + offset
        values = self._rest(around, (centre < 0.0)[:, None]) * offset
        for point in points:
            values = values / (around - point[:, None])
        return values.mean(axis=1).real

    def _rest(self, energy: NDArray, filled: NDArray[np.bool_]) -> NDArray:
        """n(E) less 1 where ``filled``: falls to zero on its side. Real, or complex and near R."""
        if self.reach == 0.0:
            return np.zeros(energy.shape)
        sign = np.where(filled, -1.0, 1.0)
        return sign * self._tail(sign * energy)

    def _tail(self, energy: NDArray) -> NDArray:
        """n(E) where the real part of E is positive, or not far below zero."""
        thermal, width = self.temperature, self.broadening
        if width == 0.0:
            falling = np.exp(-energy / thermal)
            return falling / (1.0 + falling)
        small = np.abs(energy) < width
        with np.errstate(divide="ignore", invalid="ignore"):
            lorentz = np.where(
                small, 0.5 - np.arctan(energy / width) / np.pi, np.arctan(width / energy) / np.pi
            )
        if thermal == 0.0:
            return lorentz
        up, down = ((width + s * energy) / (2.0 * np.pi * thermal) for s in (1j, -1j))
        far = np.abs(up) > 20.0
        series = sum(
            c * (up ** (-2 * j - 2) - down ** (-2 * j - 2)) for j, c in enumerate(STIRLING)
        )
        near = 0.5 - (digamma(0.5 + up) - digamma(0.5 + down)) / (2j * np.pi)
        return np.where(far, lorentz - series / (2j * np.pi), near)
