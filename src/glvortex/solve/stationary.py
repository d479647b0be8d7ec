"""Newton's method to the stationary state nearby, whether a minimum or a saddle."""

from __future__ import annotations

from glvortex.errors import NotConvergedError
from glvortex.solve.system import System

_MOST_STEPS = 15
_DIVERGED = 1e4  # gradient that no state of interest has: MUMPS must not see an overflow
_ROUNDING = 1e-7  # of a gradient that Newton's method no longer lowers


def make_stationary(system: System, gradient_tolerance: float = 1e-10) -> int:
    """Move the system's state to the stationary one nearby; return the steps taken; collective.

    Nothing keeps the energy from rising, so that saddles are found like minima; where the start is
    too far away there is no telling what is found. Where rounding keeps the gradient above the
    tolerance, it ends there.

    Raises:
        NotConvergedError: no stationary state within 15 steps; the state is then of no use.

    """
    direction = system.gradient_vector.duplicate()
    norm = float("inf")
    for step in range(_MOST_STEPS + 1):
        gradient = system.gradient()
        last, norm = norm, system.gradient_norm(gradient)
        if norm < gradient_tolerance or (norm < _ROUNDING and norm > last / 2):
            direction.destroy()
            return step
        if not norm < _DIVERGED:
            break
        system.hessian(hold_phase=True)
        system.factor.factor(0.0)
        system.factor.solve(gradient, direction)
        system.set_state(system.state() - direction.array_r)
    direction.destroy()
    raise NotConvergedError(
        f"no stationary state nearby: after {step} Newton steps the gradient is {norm:.1e}, wanted "
        f"is {gradient_tolerance:.1e}."
    )
