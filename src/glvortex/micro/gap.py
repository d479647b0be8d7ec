"""The weak-coupling BCS gap: Delta(T) from the gap equation, Delta(0) from Tc and back."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.constants import k as boltzmann
from scipy.optimize import brentq

from glvortex.micro.checks import POSITIVE, Rule, checked
from glvortex.micro.matsubara import matsubara_sum
from glvortex.micro.sums import COLD

Array = NDArray[np.float64]

GAP_RATIO = float(np.pi * np.exp(-np.euler_gamma))
"""Delta(0)/(k_B Tc) = pi exp(-gamma_Euler) = 1.76388 in weak coupling."""


@checked()
def zero_temperature_gap(critical_temperature: ArrayLike) -> Array:
    """Delta(0) in J for Tc in K (any shape)."""
    return GAP_RATIO * boltzmann * np.asarray(critical_temperature)


@checked(gap=Rule(POSITIVE, "J"))
def critical_temperature(gap: ArrayLike) -> Array:
    """Tc in K for the zero-temperature gap in J (any shape)."""
    return np.asarray(gap) / (GAP_RATIO * boltzmann)


@checked()
def gap_equation(ratio: ArrayLike) -> Array:
    """ln(Tc/T) = pi T sum (1/|w_n| - 1/W) for ``ratio`` = Delta/(k_B T) > 0 of any shape."""
    ratio = np.asarray(ratio, dtype=float)
    result = np.array(np.log(ratio / GAP_RATIO))  # the limit T -> 0, up to exp(-ratio)
    warm = ratio < COLD
    if np.any(warm):
        y = np.atleast_1d(ratio[warm])

        def summand(w: NDArray) -> NDArray:
            root = np.sqrt(w**2 + y[:, None] ** 2)
            return y[:, None] ** 2 / (w * root * (root + w))

        result[warm] = matsubara_sum(summand, np.ones_like(y), y)
    return result[()]


@checked()
def reduced_gap(reduced_temperature: ArrayLike) -> Array:
    """Delta(T)/Delta(0) for T/Tc >= 0 of any shape: the solution of the gap equation, 0 from Tc on.

    Relative accuracy 1e-12 also close to Tc, where it is 1.7367 sqrt(1 - T/Tc).
    """
    return np.vectorize(_reduced_gap, otypes=[float])(reduced_temperature)[()]


@checked()
def gap(
    temperature: ArrayLike, critical_temperature: ArrayLike, zero_gap: ArrayLike | None = None
) -> Array:
    """Delta(T) in J, temperatures in K, all broadcast.

    ``zero_gap`` (J) is the gap at T = 0; without it the weak-coupling value. A measured one that
    differs from it stretches the weak-coupling curve. Zero from Tc on.

    Raises ParameterError for a negative temperature, and for a Tc or ``zero_gap`` not positive.
    """
    if zero_gap is None:
        zero_gap = zero_temperature_gap(critical_temperature)
    return np.asarray(zero_gap) * reduced_gap(np.divide(temperature, critical_temperature))


def _reduced_gap(t: float) -> float:
    if t >= 1.0:
        return 0.0
    if t * COLD <= GAP_RATIO:
        return 1.0
    target = -np.log(t)
    # Delta/kT is below Delta(0)/kT, and its square is nearly linear in ln T
    upper = 1.001 * (GAP_RATIO / t) ** 2
    square = brentq(
        lambda y2: gap_equation(np.sqrt(y2)) - target, 1e-20, upper, xtol=1e-300, rtol=1e-14
    )
    return float(np.sqrt(square) * t / GAP_RATIO)
