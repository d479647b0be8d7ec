"""The quasi-classical sums behind gamma, chi and the spin susceptibility at any temperature.

Energies (gap, rashba_energy, thermal_energy = k_B T) come in one common unit, have any shapes and
are broadcast; every result is dimensionless. Notation: W = sqrt(w_n^2 + gap^2), E = rashba_energy,
sums over all fermionic Matsubara frequencies. Valid where gap, E and k_B T are all small against
the chemical potential. At zero temperature the closed forms of 000 and 003 are used; at gap = 0 the
normal state, which at T = 0 is not the limit gap -> 0 (the sums jump there). A level width
``broadening`` = Gamma puts |w_n| + Gamma for |w_n| everywhere: the self-energy i Gamma sgn(w_n)
that 000 (C3) assumes, without its effect on the gap.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import k1

from glvortex.micro.checks import FROM_ZERO, checked
from glvortex.micro.matsubara import matsubara_sum
from glvortex.micro.universal import universal, universal_complement

Array = NDArray[np.float64]

reduced = checked(
    gap=FROM_ZERO, rashba_energy=FROM_ZERO, thermal_energy=FROM_ZERO, broadening=FROM_ZERO
)

COLD = 45.0  # gap/kT above which a sum equals its T = 0 integral to rounding, exp(-45)


@reduced
def current_sum(
    gap: ArrayLike,
    rashba_energy: ArrayLike,
    thermal_energy: ArrayLike = 0.0,
    broadening: ArrayLike = 0.0,
) -> Array:
    """S = pi T sum gap^2 E^2/[W^3 (W^2 + E^2)], which sets gamma and the orbital part of chi.

    At T = 0 the universal function f of 003 (18); zero in the normal state and at E = 0.
    """

    def summand(w: NDArray, gap: Array, rashba: Array) -> NDArray:
        square = w**2 + gap**2
        return gap**2 * rashba**2 / (square * np.sqrt(square) * (square + rashba**2))

    return _evaluate(summand, _current_at_zero, gap, thermal_energy, rashba_energy, broadening)


@reduced
def soc_sum(
    gap: ArrayLike,
    rashba_energy: ArrayLike,
    thermal_energy: ArrayLike = 0.0,
    broadening: ArrayLike = 0.0,
) -> Array:
    """2 pi T sum gap^2 E^2/[W (W^2 + E^2)^2], the spin-orbit part of chi in units of e/(4 pi hbar).

    At T = 0 minus the curly bracket of 000 (46), written [2 (1 - f) - delta^2 f]/(1 + delta^2).
    """

    def summand(w: NDArray, gap: Array, rashba: Array) -> NDArray:
        square = w**2 + gap**2
        return 2.0 * gap**2 * rashba**2 / (np.sqrt(square) * (square + rashba**2) ** 2)

    return _evaluate(summand, _soc_at_zero, gap, thermal_energy, rashba_energy, broadening)


@reduced
def yosida(gap: ArrayLike, thermal_energy: ArrayLike = 0.0, broadening: ArrayLike = 0.0) -> Array:
    """Y = int dxi (-dn_F/dE) = 1 - pi T sum gap^2/W^3, the fraction of excited quasi-particles.

    1 in the normal state, 0 at T = 0; 1 - Y is the clean superfluid fraction n_s/n.
    """
    warm = 1.0 - superfluid_fraction(gap, thermal_energy, broadening)
    ratio = np.where(np.asarray(broadening) == 0.0, _ratio(gap, thermal_energy), 0.0)
    k = np.arange(1, 25)
    x = np.maximum(ratio, 2.0)[..., None] * k
    with np.errstate(invalid="ignore"):
        cold = 2.0 * np.sum((-1.0) ** (k + 1) * np.where(np.isinf(x), 0.0, x * k1(x)), axis=-1)
    return np.where(ratio > 2.0, cold, warm)[()]


@reduced
def superfluid_fraction(
    gap: ArrayLike, thermal_energy: ArrayLike = 0.0, broadening: ArrayLike = 0.0
) -> Array:
    """n_s/n = 1 - Y = pi T sum gap^2/W^3, clean; 1 at T = 0, 0 in the normal state."""

    def summand(w: NDArray, gap: Array, rashba: Array) -> NDArray:
        return gap**2 / (w**2 + gap**2) ** 1.5

    def closed(gap: Array, rashba: Array, thermal: Array, width: Array) -> Array:
        size = np.hypot(width, gap)
        return gap**2 / (size * (size + width))

    return _evaluate(summand, closed, gap, thermal_energy, None, broadening)


@reduced
def spin_sum(
    gap: ArrayLike,
    rashba_energy: ArrayLike,
    thermal_energy: ArrayLike = 0.0,
    broadening: ArrayLike = 0.0,
) -> Array:
    """chi_spin_perp/(2 nu_F) = 1 - pi T sum gap^2/[W (W^2 + E^2)], which is S + Y.

    At T = 0 the universal function, 000 (50); 1 in the normal state.
    """
    # both terms are positive: nothing cancels
    current = current_sum(gap, rashba_energy, thermal_energy, broadening)
    return current + yosida(gap, thermal_energy, broadening)


@reduced
def condensation_sum(gap: ArrayLike, thermal_energy: ArrayLike = 0.0) -> Array:
    """(F_n - F_s)/(nu gap^2) = pi T sum (W - |w|)^2/(W gap^2), nu the density of states per spin.

    The weak-coupling condensation energy at the gap given; 1/2 at T = 0, less the thermal part
    (pi k_B T/gap)^2/3 of the normal state as T rises.
    """

    def summand(w: NDArray, gap: Array, rashba: Array) -> NDArray:
        root = np.sqrt(w**2 + gap**2)
        return gap**2 / ((root + w) ** 2 * root)

    def closed(gap: Array, rashba: Array, thermal: Array, width: Array) -> Array:
        return 0.5 - (np.pi * thermal / gap) ** 2 / 3.0

    return _evaluate(summand, closed, gap, thermal_energy)


def _ratio(gap: ArrayLike, thermal_energy: ArrayLike) -> Array:
    gap, thermal = np.broadcast_arrays(np.asarray(gap, float), np.asarray(thermal_energy, float))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(gap > 0.0, gap / thermal, 0.0)


def _current_at_zero(gap: Array, rashba: Array, thermal: Array, width: Array) -> Array:
    size = np.hypot(width, gap)
    inverse, _ = _inverse_squares(gap, rashba, width)
    broad = gap**2 * (1.0 / (size * (size + width)) - inverse)
    return np.where(width == 0.0, universal(gap / rashba), broad)


def _soc_at_zero(gap: Array, rashba: Array, thermal: Array, width: Array) -> Array:
    delta = gap / rashba
    sharp = 2.0 * universal_complement(delta) - delta**2 * universal(delta)
    inverse, square = _inverse_squares(gap, rashba, width)
    return np.where(width == 0.0, sharp / (1.0 + delta**2), 2.0 * gap**2 * (inverse - square))


def _inverse_squares(gap: Array, rashba: Array, width: Array) -> tuple[Array, Array]:
    """Integrals of (F^2 - E^2 s^2)^-1 and gap^2 times its square, F^2 = gap^2 + E^2, s = w/W.

    From s = width/hypot(width, gap) to 1, without the difference 1 - s, which a small gap loses.
    """
    root, size = np.hypot(gap, rashba), np.hypot(width, gap)
    start = 1.0 + width / size
    rest = size**2 * start - rashba * gap**2 / (rashba + root)
    first = np.log1p(2.0 * rashba * root / rest) / (2.0 * rashba * root)
    ends = (gap**2 / start + rashba**2) / (size**2 + rashba**2)
    return first, (ends + gap**2 * first) / (2.0 * root**2)


def _evaluate(
    summand: Callable[[NDArray, Array, Array], NDArray],
    closed: Callable[[Array, Array, Array, Array], Array],
    gap: ArrayLike,
    thermal_energy: ArrayLike,
    rashba_energy: ArrayLike | None = None,
    broadening: ArrayLike = 0.0,
) -> Array:
    """Closed form where cold, Matsubara sum where warm, 0 without gap or Rashba energy.

    A sum without a Rashba energy gets rashba = 0 and has the gap as its largest energy.
    """
    second = 0.0 if rashba_energy is None else rashba_energy
    gap, thermal, rashba, width = (
        x.copy() for x in np.broadcast_arrays(gap, thermal_energy, second, broadening)
    )
    result = np.zeros(gap.shape)
    active = gap > 0.0 if rashba_energy is None else (gap > 0.0) & (rashba > 0.0)
    # thermal corrections are exponentially small only without level width
    cold = active & np.where(width == 0.0, gap >= COLD * thermal, thermal == 0.0)
    warm = active & ~cold
    result[cold] = closed(gap[cold], rashba[cold], thermal[cold], width[cold])
    if np.any(warm):
        g, r, t, shift = gap[warm], rashba[warm], thermal[warm], width[warm]
        result[warm] = matsubara_sum(
            lambda w: summand(w + shift[:, None], g[:, None], r[:, None]), t, np.hypot(g, r)
        )
    return result[()]
