"""The start "cooled": its ramp from a problem file, and how far it has come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from scipy.constants import Boltzmann, mu_0

from glvortex.material import Coefficients
from glvortex.problems.schema import ProblemFile
from glvortex.solve.cooling import Moment, Ramp

_NOISE = 0.01  # where a reduced file gives none
_NEWS = 10  # announcements in a cooling


@dataclass(frozen=True)
class Cooling:
    """What a sample is exposed to while it cools, and the seed of the noise."""

    ramp: Ramp
    seed: int


def cooling_of(problem: ProblemFile, coefficients: Coefficients | None) -> Cooling:
    """Return the cooling a problem file states; ``coefficients`` of a laboratory file."""
    given, end = problem.cooling, problem.superconductor.t
    t = (given.t_start, end, end)
    if given.noise is not None or coefficients is None:
        noise = [_NOISE if given.noise is None else given.noise] * len(t)
    else:
        noise = [noise_of_layer(coefficients, value) for value in t]
    times = (0.0, given.duration, given.duration + given.waiting)
    return Cooling(Ramp(times, t, tuple(noise)), given.seed)


def noise_of_layer(coefficients: Coefficients, t: float) -> float:
    """k_B T/(Bc^2 xi^2 s/mu0) of one layer at the temperature where the reduced one is ``t``.

    Lengths count at ``coefficients.temperature``, where t = 1, and t is linear in T.
    """
    c = coefficients
    temperature = c.critical_temperature - t * (c.critical_temperature - c.temperature)
    energy = (c.bc2 * c.coherence_length / c.kappa) ** 2 / (2 * mu_0) * c.layer_spacing
    return Boltzmann * temperature / energy


class _Counting(Protocol):
    def count(self, what: str, done: int, total: int) -> None: ...


def announcing(progress: _Counting) -> Callable[[Moment], None]:
    """Return what tells a progress, now and then, how far a cooling has come."""
    last = -1

    def hear(moment: Moment) -> None:
        nonlocal last
        total = max(1, round(moment.duration))
        ended = moment.time > (1 - 1e-9) * moment.duration
        done = total if ended else min(int(moment.time), total - 1)
        if ended or last < 0 or done - last >= total / _NEWS:
            last = done
            progress.count("GL times of cooling", done, total)

    return hear
