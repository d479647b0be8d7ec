"""Switching by a torque that sets in suddenly: the protocol under which 002 Fig. 2 can be drawn.

Easy axis along z, field h along x below the anisotropy field, which is the unit; the moment rests
in the field, m = (h, 0, +-sqrt(1 - h^2)). Then the torque of a current along x is there at once and
stays, and m is read when it has come to rest, with the torque still on.

The state from m_z < 0 follows by a turn about y, which sends h to -h and leaves both torques; a
turn about z sends h and the torque to their negatives.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from glvortex.errors import ParameterError
from glvortex.micro.estimate import Array
from glvortex.micro.torque.dynamics import evolve
from glvortex.micro.torque.macrospin import Drive, Macrospins, velocity
from glvortex.micro.torque.stability import dirac_states

TORQUES = ("dirac", "spin_hall")
STEP, CHUNK = 0.1, 20.0
AT_REST = 1e-3  # speed
PATIENCE = 60.0  # over the damping: the longest time


def after_sudden_torque(
    torque: str, strength: ArrayLike, field: ArrayLike, damping: ArrayLike
) -> Array:
    """m_z at rest from m_z > 0; ``torque`` is "dirac" or "spin_hall". Broadcasts.

    At h = 0 moments that leave their side end in the plane, with m_z = 0. What does not come to
    rest in a time of 60/damping, at a threshold, is returned as it is then.

    Raises ParameterError for another torque, |h| >= 1, or a damping that is not positive.
    """
    _check(torque)
    s, h, alpha = np.broadcast_arrays(*(np.asarray(v, float) for v in (strength, field, damping)))
    if not np.all(alpha > 0.0):
        raise ParameterError(f"damping must be positive, got {np.min(alpha):g}.")
    shape = s.shape
    s, h, alpha = s.ravel(), h.ravel(), alpha.ravel()
    m = dirac_states(h, 0.0)[0]
    moving, elapsed = np.arange(s.size), 0.0
    while moving.size:
        zero = np.zeros(moving.size)
        drive = Drive(np.stack([h[moving], zero, zero], axis=-1), **{torque: s[moving]})
        spins = Macrospins(damping=alpha[moving])
        step = STEP / max(1.0, float(np.abs(s[moving]).max()))
        m[moving] = evolve(spins, m[moving], drive, CHUNK, step)
        elapsed += CHUNK
        speed = np.linalg.norm(velocity(spins, drive, m[moving]), axis=-1)
        moving = moving[(speed > AT_REST) & (elapsed < PATIENCE / alpha[moving])]
    return m[:, 2].reshape(shape)[()]


def threshold(torque: str, strengths: ArrayLike, field: ArrayLike, damping: ArrayLike) -> Array:
    """The smallest of rising ``strengths`` (n,) that takes one of the two states away; nan if none.

    Half a step less, between two strengths; shaped as ``field`` and ``damping`` together.

    Raises ParameterError as `after_sudden_torque` does.
    """
    s = np.asarray(strengths, dtype=float)
    h, alpha = np.broadcast_arrays(np.asarray(field, float), np.asarray(damping, float))
    # with a positive torque the state that a field of the other sign favours goes first
    end = after_sudden_torque(torque, s, -np.abs(h)[..., None], alpha[..., None])
    lost = end < 0.01
    first = np.argmax(lost, axis=-1)
    between = 0.5 * (s[first] + s[np.maximum(first - 1, 0)])
    return np.where(lost.any(axis=-1), between, np.nan)


def undamped_threshold(torque: str, field: ArrayLike) -> Array:
    """The limit of `threshold` for damping -> 0, for |h| < 1: shaped like ``field``.

    Without damping (25) gives dm_x/dm_z, whose integral is elementary: with q = h - s m_z

        Dirac torque   m_x = (h ln|q| - q)/s^2 + C
        spin Hall      m_x = -(h + q ln|q|)/s^2 + C q

    and the moment leaves its side where m_y^2 = 1 - m_x^2 - m_z^2 > 0 all the way to m_z = 0. At
    h = 0 the threshold of the Dirac torque is 1, of the spin Hall torque the largest
    -m_z ln m_z/sqrt(1 - m_z^2), 0.4024.

    Raises ParameterError as `after_sudden_torque` does.
    """
    _check(torque)
    h = -np.abs(np.asarray(field, dtype=float))
    low, high = np.full(h.shape, 1e-9), np.full(h.shape, 2.0)
    for _ in range(50):
        middle = 0.5 * (low + high)
        leaves = _leaves(torque, middle, h)
        low, high = np.where(leaves, low, middle), np.where(leaves, middle, high)
    return 0.5 * (low + high)[()]


def _leaves(torque: str, s: Array, h: Array) -> Array:
    start = dirac_states(h, 0.0)[0]
    x0, z0 = start[..., :1], start[..., 2:]
    s, h = s[..., None], h[..., None]
    z = z0 * np.cos(np.linspace(0.0, 0.5 * np.pi, 4001))[1:]
    q, q0 = h - s * z, h - s * z0
    with np.errstate(divide="ignore", invalid="ignore"):
        log, log0 = (np.log(np.abs(v)) for v in (q, q0))
        if torque == "dirac":
            x = x0 - (q - q0 - h * np.where(h == 0.0, 0.0, log - log0)) / s**2
        else:
            shape = np.where(q == 0.0, 0.0, q * log)
            x = -(h + shape) / s**2 + (x0 + (h + q0 * log0) / s**2) * q / q0
    return np.all(x**2 + z**2 < 1.0, axis=-1)


def _check(torque: str) -> None:
    if torque not in TORQUES:
        raise ParameterError(f"there is no torque '{torque}': take one of {', '.join(TORQUES)}.")
