"""Newton's method with a shift, and the certificate that the state it ends in is a minimum.

Each step solves ``(H + shift M) d = -g`` with the gauge-fixed Hessian H and the metric M. The shift
is raised until the matrix is positive definite, which its inertia tells, and the step does lower the
energy; it falls again as steps succeed, and the end is quadratic.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from glvortex.errors import NotConvergedError
from glvortex.solve.system import System

BAND = 1e-8
"""Eigenvalues of (H, M) within this of zero count as null; also the smallest shift."""

_FIRST_RISE = 1e-3     # the shift tried after the smallest one fails
_RISE = 4.0            # factor by which a shift grows that was too small
_SHORTEST = 0.2        # a shorter step along d calls for a larger shift instead
_LONGEST = 64.0
_ROUNDING = 1e-12      # relative change of the energy below which it says nothing


@dataclass(frozen=True)
class Step:
    """The state before a step and how the step was made."""

    number: int
    energy: float
    gradient_norm: float
    shift: float


@dataclass(frozen=True)
class Certificate:
    """What is known about a state: how stationary it is, and whether it is a minimum.

    Attributes:
        energy: free energy, reduced.
        gradient_norm: root mean square density of the gradient (``System.gradient_norm``).
        negative_eigenvalues: of the Hessian modulo gauge, below ``-BAND``.
        null_eigenvalues: of the same, within ``BAND`` of zero (soft modes).
        newton_steps: steps taken.
        factorisations: factorisations they needed.

    """

    energy: float
    gradient_norm: float
    negative_eigenvalues: int
    null_eigenvalues: int
    newton_steps: int
    factorisations: int

    @property
    def minimum(self) -> bool:
        """Whether no direction lowers the energy."""
        return self.negative_eigenvalues == 0


def minimise(
    system: System,
    *,
    gradient_tolerance: float = 1e-8,
    max_steps: int = 200,
    report: Callable[[Step], None] = lambda step: None,
) -> Certificate:
    """Relax the system's state to a minimum near it and certify it; collective.

    Args:
        system: its functional holds the start, and the result afterwards.
        gradient_tolerance: see ``System.gradient_norm``.
        max_steps: most Newton steps.
        report: called before every step (on every rank).

    Raises:
        NotConvergedError: no certified minimum within ``max_steps``.

    """
    newton = _Newton(system)
    for number in range(max_steps + 1):
        norm = newton.look()
        report(Step(number, newton.energy, norm, newton.shift))
        if norm < gradient_tolerance:
            negative = newton.count_below(-BAND)
            if negative == 0:
                null = newton.count_below(BAND)
                return Certificate(newton.energy, norm, 0, null, number, newton.factorisations)
            newton.leave_saddle()
        else:
            newton.step()
    raise NotConvergedError(
        f"no minimum within {max_steps} Newton steps: the gradient is {norm:.1e}, wanted is "
        f"{gradient_tolerance:.1e}; raise solver.max_steps or start elsewhere."
    )


class _Newton:
    """The moving parts of a minimisation."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.energy = system.energy()
        self.shift = BAND
        self.factorisations = 0
        self.direction = system.gradient_vector.duplicate()
        self.product = system.gradient_vector.duplicate()

    def look(self) -> float:
        """Assemble gradient and Hessian here; return the gradient's norm."""
        self.gradient = self.system.gradient()
        self.matrix = self.system.hessian()
        return self.system.gradient_norm(self.gradient)

    def count_below(self, value: float) -> int:
        """Number of eigenvalues of (H, M) below ``value``."""
        self.factorisations += 1
        return self.system.factor.factor(-value)

    def step(self) -> None:
        """Take one step that lowers the energy, and choose the next shift."""
        shift, tries = self.shift, 1
        while self.count_below(-shift) or not (length := self._descend()):
            shift = max(_RISE * shift, _FIRST_RISE)
            tries += 1
            if shift > 1e12:
                raise NotConvergedError("no direction lowers the energy; the state has broken down.")
        if tries > 1:
            shift *= 0.7
        elif length > 1:
            shift /= 4
        elif length == 1:
            shift /= 3 if self.agreement > 1.1 else 8
        elif length < 0.4:
            shift *= 2
        self.shift = shift if shift > 100 * BAND else BAND

    def _descend(self) -> float:
        """Search along the Newton direction; return the step length, 0 for none."""
        system, start = self.system, self.system.state()
        system.factor.solve(self.gradient, self.direction)
        self.direction.scale(-1)
        self.matrix.mult(self.direction, self.product)
        slope = self.gradient.dot(self.direction)
        curvature = self.direction.dot(self.product)
        step = self.direction.array_r.copy()

        def change(length: float) -> float:
            system.set_state(start + length * step)
            return system.energy() - self.energy

        self.agreement, length, fall = 1.0, 1.0, change(1.0)
        if -slope < _ROUNDING * abs(self.energy):
            self.energy += fall
            return 1.0
        while not fall <= 0.1 * length * slope:
            # the minimum of the parabola through value and slope here and the value there
            vertex = -slope * length**2 / (2 * (fall - slope * length))
            length = max(0.1 * length, min(0.6 * length, vertex)) if np.isfinite(fall) else 0.1 * length
            if length < _SHORTEST:
                system.set_state(start)
                return 0.0
            fall = change(length)
        self.agreement = fall / (length * slope + length**2 * curvature / 2)
        if length == 1 and self.agreement > 0.9 and self.shift > BAND:
            while length < _LONGEST and (further := change(2 * length)) < 1.05 * fall:
                length, fall = 2 * length, further
            system.set_state(start + length * step)
        self.energy += fall
        return length

    def leave_saddle(self) -> None:
        """Move along the direction of most negative curvature until the energy has fallen."""
        system, start = self.system, self.system.state()
        shift = _FIRST_RISE
        while self.count_below(-shift):
            shift *= _RISE
        mode = self.direction
        mode.array[:] = system.pattern()
        for _ in range(20):
            self.product.pointwiseMult(system.metric, mode)
            system.factor.solve(self.product, mode)
            mode.normalize()
        step = mode.array_r.copy()
        length = 1.0
        while length > 1e-8:
            for signed in (length, -length):
                system.set_state(start + signed * step)
                if (energy := system.energy()) < self.energy:
                    self.energy, self.shift = energy, shift
                    return
            length /= 2
        raise NotConvergedError("the state is a saddle point that cannot be left within rounding.")
