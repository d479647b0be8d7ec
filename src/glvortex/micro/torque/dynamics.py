"""Macrospins in time: a second-order scheme that keeps |m| = 1 to rounding, with thermal noise.

Heun's predictor and corrector applied to the rotation of m: with W of `macrospin.rotation`,
m -> Cay(dt W) m first with W(m), then with the mean of W at both ends. The Cayley transform is a
rotation. Without noise it is of second order; with noise it converges to the Stratonovich solution,
first order in averages.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from glvortex.errors import NotConvergedError, ParameterError
from glvortex.micro.estimate import Array
from glvortex.micro.torque.macrospin import Drive, Macrospins, Vector, rotation, unit, velocity

Protocol = Drive | Callable[[float], Drive]
"""What acts, constant or as a function of time."""

STEP = 0.05
"""Of time, in 1/(gamma B): good to 1e-4 for fields of order B."""


def evolve(
    spins: Macrospins,
    m: ArrayLike,
    drive: Protocol,
    duration: float,
    step: float = STEP,
    rng: np.random.Generator | None = None,
    start: float = 0.0,
) -> Array:
    """The moments after ``duration``, from ``m`` (..., 3) at the time ``start``.

    ``drive`` is taken in the middle of every step; steps are shortened to fit. Thermal noise, where
    the drive has a temperature, comes from ``rng``: three numbers for every moment and step, in
    their order, so that a seed gives the same result anywhere.

    Raises ParameterError for a duration below zero, a step that is not positive, shapes that do not
    broadcast, or a temperature without ``rng``.
    """
    if not (np.isfinite(duration) and duration >= 0.0):
        raise ParameterError(f"duration must be finite and not negative, got {duration:g}.")
    if not (np.isfinite(step) and step > 0.0):
        raise ParameterError(f"step must be finite and positive, got {step:g}.")
    count = int(np.ceil(duration / step * (1.0 - 1e-12)))
    dt = duration / max(count, 1)
    at = drive if callable(drive) else lambda time: drive
    parts: Vector = list(np.moveaxis(_whole(spins, at(start), m), -1, 0))
    for i in range(count):
        parts = _step(spins, at(start + (i + 0.5) * dt), parts, dt, rng)
    return unit(np.stack(parts, axis=-1), "m")


def settle(
    spins: Macrospins,
    m: ArrayLike,
    drive: Drive,
    step: float = STEP,
    tolerance: float = 1e-6,
    longest: float = 1e4,
) -> Array:
    """The rest to which the moments come at zero temperature: |dm/dt| below ``tolerance``.

    Raises ParameterError for a drive with a temperature, NotConvergedError after ``longest`` (slow
    damping, or moments that a spin Hall torque keeps going), besides those of `evolve`.
    """
    if np.any(np.asarray(drive.temperature) > 0.0):
        raise ParameterError("moments come to rest at zero temperature only: leave it out.")
    now = _whole(spins, drive, m)
    elapsed, chunk = 0.0, 20.0
    while (speed := np.max(np.abs(velocity(spins, drive, now)), initial=0.0)) > tolerance:
        if elapsed >= longest:
            raise NotConvergedError(f"moments still move at {speed:.2g} after {elapsed:g}.")
        now = evolve(spins, now, drive, chunk, step)
        elapsed += chunk
    return now


def _whole(spins: Macrospins, drive: Drive, m: ArrayLike) -> Array:
    """``m`` at the common shape of moments, drive and itself."""
    vectors = unit(m, "m")
    numbers = (spins.anisotropy, spins.damping, spins.surface_damping, spins.polarization)
    forces = (drive.dirac, drive.fieldlike, drive.spin_hall, drive.temperature)
    shapes = [np.shape(v) for v in (*numbers, *forces)]
    shapes += [np.shape(v)[:-1] for v in (vectors, spins.axis, drive.field, drive.direction)]
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError:
        found = ", ".join(str(s) for s in dict.fromkeys(shapes) if s)
        raise ParameterError(f"moments and what acts on them do not broadcast: {found}.") from None
    return np.array(np.broadcast_to(vectors, (*shape, 3)))


def _step(
    spins: Macrospins, drive: Drive, m: Vector, dt: float, rng: np.random.Generator | None
) -> Vector:
    noise = _noise(drive, m[0].shape, dt, rng)
    first = rotation(spins, drive, m, noise)
    ahead = _turned(m, first, dt)
    second = rotation(spins, drive, ahead, noise)
    return _turned(m, [0.5 * (a + b) for a, b in zip(first, second, strict=True)], dt)


def _noise(
    drive: Drive, shape: tuple[int, ...], dt: float, rng: np.random.Generator | None
) -> Vector | None:
    theta = np.asarray(drive.temperature)
    if not np.any(theta > 0.0):
        return None
    if rng is None:
        raise ParameterError("a temperature needs random numbers: give rng.")
    return list(np.moveaxis(rng.standard_normal((*shape, 3)), -1, 0) * np.sqrt(2.0 * theta / dt))


def _turned(m: Vector, w: Vector, dt: float) -> Vector:
    """Cay(dt w) m: dm/dt = w x m."""
    u = [0.5 * dt * x for x in w]
    size = u[0] * u[0] + u[1] * u[1] + u[2] * u[2]
    shared = 2.0 * (u[0] * m[0] + u[1] * m[1] + u[2] * m[2])
    scale, keep = 1.0 / (1.0 + size), 1.0 - size
    return [
        scale * (keep * m[0] + shared * u[0] + 2.0 * (u[1] * m[2] - u[2] * m[1])),
        scale * (keep * m[1] + shared * u[1] + 2.0 * (u[2] * m[0] - u[0] * m[2])),
        scale * (keep * m[2] + shared * u[2] + 2.0 * (u[0] * m[1] - u[1] * m[0])),
    ]
