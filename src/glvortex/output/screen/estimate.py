"""How long something will still take, said only where what has happened tells."""

from __future__ import annotations

import math
from itertools import pairwise

_CONVERGES = 3.0  # fall of the gradient in two steps each, from which on it counts as converging
_FASTER = 1.4  # growth of the logarithm of the fall per step; it is 2 at the very end
_RECENT = 3  # steps whose times are averaged


class NewtonEstimate:
    """Seconds that a minimisation still needs, from the decay of its gradient.

    Before it converges the gradient wanders, and nothing is said. Then each step makes it fall
    more than the last one did, and takes as long as the recent ones (their geometric mean: steps
    become shorter towards the end). The certificate, a factorisation or two, is not counted.
    """

    def __init__(self) -> None:
        self._times: list[float] = []
        self._norms: list[float] = []

    def step(self, time: float, gradient_norm: float, tolerance: float) -> float | None:
        """Take in a step seen at a time (s); return the seconds left, None where they are unknown.

        ``gradient_norm`` is that before the step, ``tolerance`` that at which the steps end.
        """
        self._times.append(time)
        self._norms.append(gradient_norm)
        if len(self._norms) < 3 or min(self._norms[-3:]) <= 0.0 or gradient_norm < tolerance:
            return None
        first, second, third = self._norms[-3:]
        fall = math.log(second / third)
        if min(math.log(first / second), fall) < math.log(_CONVERGES):
            return None
        recent = self._times[-_RECENT - 1 :]
        seconds = [after - before for before, after in pairwise(recent)]
        per_step = math.exp(sum(math.log(max(s, 1e-9)) for s in seconds) / len(seconds))
        return per_step * _steps_left(fall, math.log(third / tolerance))


def _steps_left(fall: float, left: float) -> float:
    """Steps until ``left`` is used up by falls that grow from ``fall``; one at least."""
    steps = 0.0
    while left > 0.0:
        fall *= _FASTER
        steps += min(1.0, left / fall)
        left -= fall
    return max(1.0, steps)


class CountEstimate:
    """Seconds that the rest of a number of similar things needs: the mean of the finished ones."""

    def __init__(self, time: float, done: int) -> None:
        self._begin = time
        self._before = done  # such as those of an earlier run: they took no time now

    def remaining(self, time: float, done: int, total: int) -> float | None:
        """Return the seconds left at a time (s), None before the first is finished."""
        finished = done - self._before
        if finished <= 0:
            return None
        return (time - self._begin) / finished * (total - done)


def duration(seconds: float | None) -> str:
    """Say an estimate with the accuracy it has: "about 5 s left"; nothing for None."""
    if seconds is None:
        return ""
    for size, unit in ((86400.0, "days"), (3600.0, "h"), (60.0, "min")):
        if seconds >= 1.5 * size:
            return f"about {seconds / size:.0f} {unit} left"
    return f"about {max(1, round(seconds))} s left"
