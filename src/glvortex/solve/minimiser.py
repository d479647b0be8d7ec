"""Newton's method with a shift, and the certificate that the state it ends in is a minimum.

Each step factors ``H + shift M``, with the gauge-fixed Hessian H and the metric M; the shift is
raised until the matrix is positive definite, which its inertia tells, at once to the norm of the
gradient, and falls again as steps succeed, about as that norm does. The factors then serve as the
first guess of limited-memory BFGS for some further moves, each of which costs a gradient and a
solve instead of a factorisation: soft modes, such as vortices that slide, are followed that way.
The end is quadratic.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from mpi4py import MPI
from scipy.linalg import solve_triangular

from glvortex import interrupt
from glvortex.errors import NotConvergedError
from glvortex.solve.system import System

BAND = 1e-6
"""Eigenvalues of (H, M) within this of zero count as null; also the smallest shift."""

_FIRST_RISE = 1e-3  # the shift tried after the smallest one fails
_RISE = 4.0  # factor by which a shift grows that was too small
_CHANGE = 4.0  # factor by which a shift changes that was not too small
MOST_MOVES = 20  # most moves with one factorisation
_PROGRESS = 0.1  # fall of the gradient that calls for a new factorisation, unless each move does it
_HALVINGS = 4  # of a move that does not lower the energy enough
_ROUNDING = 1e-12  # relative change of the energy below which it says nothing


@dataclass(frozen=True)
class Step:
    """What there is before a step; with the state itself all that a minimisation needs to go on.

    The steps end where the gradient is below ``tolerance``.
    """

    number: int
    energy: float
    gradient_norm: float
    shift: float
    factorisations: int
    tolerance: float


@dataclass(frozen=True)
class Certificate:
    """What is known about a state: how stationary it is, and whether it is a minimum.

    Attributes:
        energy: free energy, reduced.
        gradient_norm: root mean square density of the gradient (``System.gradient_norm``).
        negative_eigenvalues: of the Hessian modulo gauge, below ``-BAND``.
        null_eigenvalues: of the same, within ``BAND`` of zero (soft modes).
        newton_steps: steps taken, each with a new Hessian.
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
    resumed: Step | None = None,
) -> Certificate:
    """Relax the system's state to a minimum near it and certify it; collective.

    Args:
        system: its functional holds the start, and the result afterwards.
        gradient_tolerance: see ``System.gradient_norm``.
        max_steps: most Newton steps.
        report: called before every step (on every rank).
        resumed: what was reported of the state that the functional holds, where an earlier
            minimisation was interrupted there; this one takes the same way on.

    Raises:
        NotConvergedError: no certified minimum within ``max_steps``.
        Interrupted: the run was asked to stop; the system holds what was reached.

    """
    newton = _Newton(system, gradient_tolerance, resumed)
    for number in range(resumed.number if resumed else 0, max_steps + 1):
        norm = newton.norm
        step = Step(
            number, newton.energy, norm, newton.shift, newton.factorisations, gradient_tolerance
        )
        report(step)
        system.hessian()
        if norm < gradient_tolerance:
            null = newton.count_below(BAND)
            negative = newton.count_below(-BAND) if null else 0
            if negative == 0:
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

    def __init__(self, system: System, tolerance: float, resumed: Step | None) -> None:
        self.system = system
        self.tolerance = tolerance
        self.energy = resumed.energy if resumed else system.energy()
        self.shift = resumed.shift if resumed else BAND
        self.factorisations = resumed.factorisations if resumed else 0
        self.at_rounding = False
        self.inverse = InverseHessian(system)
        self.norm = system.gradient_norm(system.gradient())

    def count_below(self, value: float) -> int:
        """Number of eigenvalues of (H, M) below ``value``."""
        interrupt.check(self.system.comm)
        self.factorisations += 1
        return self.system.factor.factor(-value)

    def step(self) -> None:
        """Lower the energy with one positive definite factorisation, and choose the next shift."""
        shift, first_norm = self.shift, self.norm
        while self.count_below(-shift) or not (length := self._descend()):
            shift = max(_RISE * shift, _FIRST_RISE, self.norm)
            if shift > 1e12:
                raise NotConvergedError(
                    "no direction lowers the energy: the state has broken down."
                )
        if length == 1 and self.norm < _PROGRESS * first_norm:
            shift = max(shift / _CHANGE**2, min(shift / _CHANGE, self.norm))
        elif length == 1:
            shift = max(shift / _CHANGE, min(shift, self.norm))
        elif length < 0.4:
            shift *= _CHANGE
        self.shift = shift if shift > 10 * BAND else BAND

    def _descend(self) -> float:
        """Move with the present factors; return the length of the first move, 0 for none."""
        system = self.system
        state, gradient = system.state(), system.gradient_vector.array_r.copy()
        first_norm, first_length = self.norm, 0.0
        inverse = self.inverse
        inverse.forget()
        for _ in range(MOST_MOVES):
            interrupt.check(system.comm)
            direction = -inverse.apply(gradient)
            length = self._search(state, direction, system.dot(gradient, direction))
            if not length:
                break
            first_length = first_length or length
            last_norm, last_gradient = self.norm, gradient
            gradient = system.gradient().array_r.copy()
            self.norm = system.gradient_norm(system.gradient_vector)
            inverse.learn(length * direction, gradient - last_gradient)
            state = state + length * direction
            slow = self.norm > (0.5 if self.at_rounding else _PROGRESS) * last_norm
            advanced = self.at_rounding or self.norm < _PROGRESS * first_norm
            if self.norm < self.tolerance or (slow and advanced):
                break
        return first_length

    def _search(self, state: np.ndarray, direction: np.ndarray, slope: float) -> float:
        """Go along the direction until the energy has fallen enough; return how far, 0 for none."""
        length = 1.0
        self.at_rounding = 0 < -slope < _ROUNDING * abs(self.energy)
        for _ in range(_HALVINGS):
            self.system.set_state(state + length * direction)
            fall = self.system.energy() - self.energy
            if fall <= 0.1 * length * slope < 0 or self.at_rounding:
                self.energy += fall
                return length
            # the minimum of the parabola through value and slope here and the value there
            vertex = (
                -slope * length**2 / (2 * (fall - slope * length)) if np.isfinite(fall) else 0.0
            )
            length = max(0.1 * length, min(0.5 * length, vertex))
        self.system.set_state(state)
        return 0.0

    def leave_saddle(self) -> None:
        """Move along the direction of most negative curvature until the energy has fallen."""
        system, start = self.system, self.system.state()
        shift = _RISE * BAND  # no larger than it must be: the lowest mode then dominates soon
        while self.count_below(-shift):
            shift *= _RISE
        mode, product = (system.gradient_vector.duplicate() for _ in range(2))
        mode.array[:] = system.pattern()
        for _ in range(20):
            product.pointwiseMult(system.metric, mode)
            system.factor.solve(product, mode)
            mode.normalize()
        step = mode.array_r.copy()
        length = 1.0
        while length > 1e-8:
            for signed in (length, -length):
                system.set_state(start + signed * step)
                if (energy := system.energy()) < self.energy:
                    self.energy, self.shift = energy, shift
                    self.norm = system.gradient_norm(system.gradient())
                    return
            length /= 2
        raise NotConvergedError("the state is a saddle point that cannot be left within rounding.")


class InverseHessian:
    """Limited-memory BFGS around the factors of a system's Hessian.

    With the moves as rows of S, the changes of gradient they made as rows of Y and the inverse H of
    the factors it is the compact form of Byrd, Nocedal and Schnabel, Math. Program. 63, 129 (1994),
    equation (3.1), of which one solve is enough and S and Y are read twice each.
    """

    def __init__(self, system: System) -> None:
        self._system = system
        self._right, self._solution = (system.gradient_vector.duplicate() for _ in range(2))
        size = system.gradient_vector.getLocalSize()
        # kept from one factorisation to the next: fresh pages cost more than what is done with them
        self._moves, self._changes = np.empty((2, MOST_MOVES, size))
        self._products = np.empty((MOST_MOVES, MOST_MOVES))
        self._count = 0

    def forget(self) -> None:
        """Begin anew with the present factors."""
        self._count = 0

    def learn(self, move: np.ndarray, change: np.ndarray) -> None:
        """Take in a move and the change of gradient it made, where they show positive curvature."""
        count, rows = self._count, slice(self._count + 1)
        self._moves[count], self._changes[count] = move, change
        products = self._sum([*(self._moves[rows] @ change), move @ move, change @ change])
        if products[count] > 1e-10 * np.sqrt(products[-2] * products[-1]):
            self._products[rows, count] = products[:-2]
            self._count += 1

    def apply(self, gradient: np.ndarray) -> np.ndarray:
        """Return the approximate inverse Hessian times the gradient."""
        rows = slice(self._count)
        moves, changes = self._moves[rows], self._changes[rows]
        upper = np.triu(self._products[rows, rows])
        weights = solve_triangular(upper, self._sum(moves @ gradient))
        self._right.array[:] = gradient - weights @ changes
        self._system.factor.solve(self._right, self._solution)
        result = self._solution.array_r
        excess = upper.diagonal() * weights - self._sum(changes @ result)
        return result + solve_triangular(upper, excess, trans="T") @ moves

    def _sum(self, values: Any) -> np.ndarray:
        """Sum over all ranks, number by number."""
        total = np.array(values)
        self._system.comm.Allreduce(MPI.IN_PLACE, total)
        return total
