"""Charge pumping and what it does to the moment: 002 (22)-(24) corrected.

An in-plane m shifts the Dirac point, Delta sigma.m = v sigma.(e A x z) with e A = (Delta/v) z x m
(002 (4)), so that a moment that moves is an electric field for the electrons,

    E_m = -dA/dt = -(Delta/e v) z x dm/dt,

and everything follows from the response to E + E_m: the pumped current and, with
tau_perp, tau_par of `coefficients.torque`, the torque on the moment. Onsager's relation follows,
j_i/(dm/dt)_j = -T_j/E_i at reversed m, with the force -dF/dm on the moment. SI units, ``m`` and
``rate`` = dm/dt in 1/s are (..., 3), fields and sheet currents (in A/m) (..., 2).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.constants import e

from glvortex.micro.estimate import Array
from glvortex.micro.torque.coefficients import Coefficients


def torque_per_area(torques: Coefficients, m: ArrayLike, field: ArrayLike) -> Array:
    """tau_perp m x (z x E) + tau_par m_z m x E in J/m^2, 002 (19): (..., 3)."""
    m, ex, ey = _split(m, field)
    zero = np.zeros_like(ex)
    along = np.stack([ex, ey, zero], axis=-1)
    across = np.stack([-ey, ex, zero], axis=-1)
    perp, par = _columns(torques)
    return np.asarray(np.cross(m, perp * across + par * m[..., 2:] * along))


def motive_field(m_rate: ArrayLike, exchange: ArrayLike, velocity: ArrayLike) -> Array:
    """E_m in V/m: (..., 2)."""
    rate = np.asarray(m_rate, dtype=float)
    scale = np.asarray(exchange) / (e * np.asarray(velocity))
    return scale[..., None] * np.stack([rate[..., 1], -rate[..., 0]], axis=-1)


def pumped_current(torques: Coefficients, m: ArrayLike, rate: ArrayLike) -> Array:
    """-(tau_perp z x dm/dt + tau_par m_z dm/dt) in the plane, in A/m, 002 (22): (..., 2).

    The printed (22) has the other sign: it takes the energy gradient itself, and not its
    negative, for the force on the moment. In units of hbar/2 as its torques, and over d.
    """
    m, x, y = _split(m, np.asarray(rate, dtype=float)[..., :2])
    perp, par = _columns(torques)
    across, along = np.stack([-y, x], axis=-1), np.stack([x, y], axis=-1)
    return -(perp * across + par * m[..., 2:] * along)


def pumped_torque(
    torques: Coefficients,
    m: ArrayLike,
    rate: ArrayLike,
    exchange: ArrayLike,
    velocity: ArrayLike,
) -> Array:
    """(Delta/e v) (tau_perp m x dm_par/dt + tau_par m_z^2 dm/dt) in J/m^2, 002 (23): (..., 3).

    Perpendicular to m. The first part is damping of in-plane motion, the second renormalises the
    precession. (23) has z x (dm/dt x z), the in-plane part, in the second, which is not
    perpendicular to m.
    """
    m, rate = np.asarray(m, dtype=float), np.asarray(rate, dtype=float)
    perp, par = _columns(torques)
    scale = (np.asarray(exchange) / (e * np.asarray(velocity)))[..., None]
    return scale * (perp * np.cross(m, rate * [1.0, 1.0, 0.0]) + par * m[..., 2:] ** 2 * rate)


def damping_torque(damping: ArrayLike, surface: ArrayLike, m: ArrayLike, rate: ArrayLike) -> Array:
    """m x (alpha dm/dt + alpha_D dm_par/dt) in 1/s, 002 (24): (..., 3).

    (24) has no m x, so that it is no torque (m . T is not 0).
    """
    m, rate = np.asarray(m, dtype=float), np.asarray(rate, dtype=float)
    alpha, extra = (np.asarray(a, dtype=float)[..., None] for a in (damping, surface))
    return np.cross(m, alpha * rate + extra * rate * [1.0, 1.0, 0.0])


def _columns(torques: Coefficients) -> tuple[Array, Array]:
    return np.asarray(torques.perp)[..., None], np.asarray(torques.par)[..., None]


def _split(m: ArrayLike, plane: ArrayLike) -> tuple[Array, Array, Array]:
    plane = np.asarray(plane, dtype=float)
    return np.asarray(m, dtype=float), plane[..., 0], plane[..., 1]
