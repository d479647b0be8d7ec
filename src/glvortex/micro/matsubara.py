"""Sums over fermionic Matsubara frequencies to nearly full double precision, at any temperature."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

EXPLICIT = 32  # frequencies summed one by one
PANEL = 4.0  # length of an integration panel in ln(frequency)
NODES, WEIGHTS = np.polynomial.legendre.leggauss(24)
# Euler-Maclaurin for midpoints: h sum g = int g + sum_j MIDPOINT_j h^(2j) g^(2j-1)(a)
MIDPOINT = (1.0 / 24.0, -7.0 / 5760.0, 31.0 / 967680.0)
CIRCLE = np.exp(2j * np.pi * np.arange(16) / 16)


def matsubara_sum(
    summand: Callable[[NDArray], NDArray], thermal_energy: Array, knee: Array
) -> Array:
    """pi T sum over all n of summand(|w_n|), w_n = (2n + 1) pi T, in the unit of the energies.

    ``summand`` takes frequencies of shape ``thermal_energy.shape + (n,)`` (real, or complex with a
    positive real part, where it must be analytic) and falls off at least as w^-3 beyond ``knee``,
    its largest energy scale. ``thermal_energy`` > 0 and ``knee`` have one common shape, that of the
    result.

    The first frequencies are summed; the rest is an integral, taken in ln w where every singularity
    w = +-i x stays pi/2 away from the path, and three Euler-Maclaurin terms. Relative error about
    1e-13 for a summand of one sign, as long as kT is not far below the smallest scale of the
    summand.
    """
    step = 2.0 * np.pi * thermal_energy[..., None]
    head = summand(step * (np.arange(EXPLICIT) + 0.5)).sum(axis=-1) * step[..., 0]
    start = step * EXPLICIT
    return head + _tail_integral(summand, start, knee) + _end_correction(summand, start, step)


def _tail_integral(summand: Callable[[NDArray], NDArray], start: Array, knee: Array) -> Array:
    reach = np.log(np.maximum(1.0, knee[..., None] / start)) + 5.0 * PANEL
    panels = int(np.ceil(reach.max(initial=PANEL) / PANEL))
    offsets = (np.arange(panels)[:, None] + 0.5 * (NODES + 1.0)).ravel() / panels
    weights = np.tile(0.5 * WEIGHTS / panels, panels)
    w = start * np.exp(reach * offsets)
    return (summand(w) * w) @ weights * reach[..., 0]


def _end_correction(summand: Callable[[NDArray], NDArray], start: Array, step: Array) -> Array:
    # odd derivatives at the start of the tail by Cauchy's formula, on a circle inside Re w > 0
    radius = start / 4.0
    values = summand(start + radius * CIRCLE)
    total = np.zeros(start.shape[:-1])
    for j, coefficient in enumerate(MIDPOINT):
        order = 2 * j + 1
        derivative = (values * CIRCLE**-order).mean(axis=-1).real / radius[..., 0] ** order
        factorial = (1, 6, 120)[j]
        total += coefficient * step[..., 0] ** (order + 1) * factorial * derivative
    return total
