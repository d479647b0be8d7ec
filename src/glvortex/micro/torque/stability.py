"""States of rest of a macrospin with its easy axis along z, a field along x and a current along x.

Fields over the anisotropy field. These are what a torque that rises slowly leaves (002 Fig. 2,
quasi-static): a state is lost where it stops to be stable, which does not depend on the damping.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from glvortex.errors import ParameterError
from glvortex.micro.checks import Rule, check
from glvortex.micro.estimate import Array
from glvortex.micro.torque.macrospin import Drive, Macrospins, unit, velocity

STEP = 1e-5  # of the derivative


def growth_rate(spins: Macrospins, drive: Drive, m: ArrayLike) -> Array:
    """Largest real part of the growth of small deviations from a state of rest ``m`` (..., 3).

    Negative where the state is stable; by differences of dm/dt in the tangent plane.
    """
    m = unit(m, "m")
    helper = np.where(np.abs(m[..., :1]) < 0.9, [1.0, 0.0, 0.0], [0.0, 1.0, 0.0])
    first = unit(np.cross(m, helper), "m")
    plane = first, np.cross(m, first)
    columns = [
        (velocity(spins, drive, m + STEP * a) - velocity(spins, drive, m - STEP * a)) / (2.0 * STEP)
        for a in plane
    ]
    matrix = np.stack([np.stack([np.sum(a * c, axis=-1) for c in columns], -1) for a in plane], -2)
    return np.linalg.eigvals(matrix).real.max(axis=-1)


def dirac_states(field: ArrayLike, strength: ArrayLike) -> tuple[Array, Array]:
    """The two states under a Dirac torque, m (..., 3) with m_z > 0 and with m_z < 0.

    m_x = h - d m_z with m_x^2 + m_z^2 = 1: there are two for any strength d if |h| < 1.

    Raises ParameterError for |h| >= 1.
    """
    h, d = _below_one(field), check(strength, "strength", Rule())
    h, d = np.broadcast_arrays(h, d)
    root = np.sqrt(1.0 + d**2 - h**2)
    states = []
    for sign in (1.0, -1.0):
        z = (h * d + sign * root) / (1.0 + d**2)
        states.append(np.stack([h - d * z, np.zeros_like(z), z], axis=-1))
    return states[0], states[1]


def spin_hall_limit(field: ArrayLike) -> Array:
    """The torque |s| at which one of two states is lost under a spin Hall torque, for |h| < 1.

    h = -cos(2 t)/sin t, s = cos t (sin t - h), t between 45 and 90 degrees: a diamond from s = 1/2
    at h = 0 to s = 0 at |h| = 1.

    Raises ParameterError for |h| >= 1.
    """
    h = np.abs(_below_one(field))
    sine = 0.25 * (h + np.sqrt(h**2 + 8.0))  # 2 sin^2 t - h sin t = 1
    return np.sqrt(1.0 - sine**2) * (sine - h)


def _below_one(field: ArrayLike) -> Array:
    h = check(field, "field", Rule())
    if np.any(np.abs(h) >= 1.0):
        raise ParameterError(
            "field must be below the anisotropy field, since there is one state only above it, "
            f"got {np.max(np.abs(h)):g}."
        )
    return h
