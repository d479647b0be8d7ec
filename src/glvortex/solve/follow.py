"""Following a state along a parameter to where it loses its stability.

The lowest eigenvalue of the Hessian modulo gauge vanishes there: like the square root of the
distance at a fold, where the state ends, and linearly where it goes on as a saddle. In both cases
the parameter is a smooth function of the eigenvalue, so that its value at zero is extrapolated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from glvortex.errors import NotConvergedError
from glvortex.solve.modes import Modes, lowest_modes
from glvortex.solve.stationary import make_stationary
from glvortex.solve.system import System

_MOST_STEPS = 80
_GROWTH = 1.5  # of the step while the end is not in sight
_APPROACH = 0.3  # share of the eigenvalue that the next step aims at
_POINTS = 4  # through which the parameter is extrapolated
_JUMP = 0.2  # change of |f|^2 in one step that means another state
_NORMAL = 1e-6  # |f|^2 below which the state has become normal (both over the first state's)


@dataclass(frozen=True)
class Point:
    """A parameter and the lowest eigenvalue of the stable state there."""

    parameter: float
    eigenvalue: float


@dataclass(frozen=True)
class Limit:
    """Where a state loses its stability.

    Attributes:
        parameter: at which the lowest eigenvalue vanishes.
        mode: the lowest mode of the last state before.
        trace: the states on the way, parameter ascending.

    """

    parameter: float
    mode: Modes
    trace: tuple[Point, ...]


def stability_limit(
    system: System,
    apply: Callable[[float], None],
    start: float,
    step: float,
    *,
    tolerance: float = 1e-7,
) -> Limit:
    """Raise a parameter until the state the system holds at ``start`` loses its stability.

    Args:
        system: holds the state at ``start``, and the last stable one afterwards.
        apply: sets the parameter in the functional (and may change a with it); collective.
        start: first value.
        step: first step, positive.
        tolerance: relative, of the parameter.

    Raises:
        NotConvergedError: the start is no stable state, or the end could not be reached.

    """
    branch = _Branch(system, apply)
    if not branch.visit(start):
        raise NotConvergedError(f"there is no stable state to follow from {start:g}.")
    guess = np.inf
    for _ in range(_MOST_STEPS):
        here = branch.trace[-1].parameter
        target = branch.extrapolated(_APPROACH * branch.trace[-1].eigenvalue)
        target = min(target if target > here else np.inf, here + step)
        if branch.visit(target):
            step = _GROWTH * (target - here)
            last_guess, guess = guess, branch.extrapolated(0.0)
            if target < guess and abs(guess - last_guess) < tolerance * guess:
                return branch.limit(guess)
        else:
            step = (target - here) / 2
            if step < tolerance * abs(target):
                return branch.limit(here)
    raise NotConvergedError(
        f"the state is still stable at {here:.6g} after {_MOST_STEPS} steps along its parameter."
    )


class _Branch:
    """The states followed so far."""

    def __init__(self, system: System, apply: Callable[[float], None]) -> None:
        self.system, self.apply = system, apply
        self.trace: list[Point] = []
        self.state, self.potential = system.state(), system.functional.a.x.array.copy()
        self.bulk = self._largest(self._density())

    def visit(self, parameter: float) -> bool:
        """Go to a parameter; return whether the state is still there and stable."""
        before = self._density()
        self.apply(parameter)
        if self._converges() and self._same(before):
            modes = lowest_modes(self.system, 1)
            if modes.values[0] > 0:
                self.trace.append(Point(parameter, float(modes.values[0])))
                self.modes = modes
                self.state = self.system.state()
                self.potential = self.system.functional.a.x.array.copy()
                return True
        self._go_back()
        return False

    def limit(self, parameter: float) -> Limit:
        """Return the result, with the last stable state in place."""
        return Limit(float(parameter), self.modes, tuple(self.trace))

    def extrapolated(self, eigenvalue: float) -> float:
        """Parameter at an eigenvalue below the last, inf while the eigenvalue does not fall."""
        points = [self.trace[-1]]
        for point in reversed(self.trace[-_POINTS:-1]):
            if point.eigenvalue <= points[-1].eigenvalue:
                break
            points.append(point)
        if len(points) == 1:
            return np.inf
        # Neville's scheme for the parameter as a polynomial of the eigenvalue
        values, x = [p.parameter for p in points], [p.eigenvalue for p in points]
        for order in range(1, len(points)):
            for i in range(len(points) - order):
                above, below = eigenvalue - x[i + order], eigenvalue - x[i]
                values[i] = (above * values[i] - below * values[i + 1]) / (x[i] - x[i + order])
        return values[0]

    def _converges(self) -> bool:
        try:
            make_stationary(self.system)
        except NotConvergedError:
            return False
        return True

    def _density(self) -> np.ndarray:
        return (self.system.functional.f.x.array.reshape(-1, 2) ** 2).sum(axis=1)

    def _largest(self, values: np.ndarray) -> float:
        return float(self.system.comm.allreduce(values.max(initial=0.0), op=max))

    def _same(self, before: np.ndarray) -> bool:
        """Whether the state is near the last one, and superconducting."""
        density = self._density()
        moved = self._largest(np.abs(density - before))
        return moved < _JUMP * self.bulk and self._largest(density) > _NORMAL * self.bulk

    def _go_back(self) -> None:
        if self.trace:
            self.apply(self.trace[-1].parameter)
            self.system.functional.a.x.array[:] = self.potential
        self.system.set_state(self.state)
