"""Newton's method with a shift, and the certificate that the state it ends in is a minimum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from mpi4py import MPI
from petsc4py import PETSc

from glvortex.errors import NotConvergedError
from glvortex.solve.factor import Inertia, ShiftedFactor
from glvortex.solve.system import System

_ROUNDING = 1e-13   # relative accuracy to which two energies can be compared


@dataclass(frozen=True)
class Step:
    """One line of the minimiser's story."""

    number: int
    energy: float
    gradient_norm: float
    shift: float
    factorisations: int


@dataclass(frozen=True)
class Certificate:
    """What is known about a state: is it stationary, and is it a minimum?

    ``negative_eigenvalues`` and ``null_eigenvalues`` count the unshifted Hessian's pivots modulo
    gauge, at the last iterate.
    """

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
    first_shift: float = 1.0,
    report: Callable[[Step], None] = lambda step: None,
) -> Certificate:
    raise NotImplementedError
