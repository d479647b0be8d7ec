"""Deflation: pushed away from a known state, so that the minimiser ends in another one.

For some steps the energy of a state is raised by how much it resembles the known one where that
has its vortices: by ``int w (|f_0|^2 - |f|^2)``, with a weight w that is large in the cores of the
known state. No gauge changes it, a state whose vortices are elsewhere pays nothing, and unlike a
distance of all densities it cannot be escaped by |f| growing everywhere. Random weights and a
random soft direction decide where the vortices go. Then the term is taken away and the minimiser
goes on (after P. E. Farrell, A. Birkisson and S. W. Funke, SIAM J. Sci. Comput. 37, A2026 (2015),
who deflate the equations instead).
"""

from __future__ import annotations

import numpy as np
from mpi4py import MPI
from petsc4py import PETSc

from glvortex import interrupt
from glvortex.fem.linear import lumped
from glvortex.solve.system import System

_HEIGHT = 4.0  # mean weight in a core
_STEPS = 16
_LENGTH = 0.5  # largest change of f at a vertex in one step
_KICK = 0.3  # of f, by which the known state is left at first
_SHIFT = 0.05  # of the Hessian


def push_away(system: System, rng: np.random.Generator) -> None:
    """Move the state that the system holds away from itself; collective."""
    functional = system.functional
    space = functional.space
    known = _density(system)
    cores = np.maximum(1 - known / functional.t, 0.0) ** 2
    points = space.vertices[: space.owned_vertices, :2]
    spread = 2 * rng.uniform() * (1 + np.cos(points @ rng.normal(size=2) + rng.uniform(0, 6.28)))
    weights = _HEIGHT * spread / 2 * cores * lumped(space)[: space.owned_vertices]
    step, right = (system.gradient_vector.duplicate() for _ in range(2))
    right.array[:] = _noise(system, rng)
    step.pointwiseMult(system.metric, right)
    shift = _solve(system, _SHIFT, step, right)
    _move(system, right.array_r.copy(), _KICK, exactly=True)
    for _ in range(_STEPS):
        interrupt.check(system.comm)
        f = functional.f.x.array.reshape(-1, 2)[: space.owned_vertices]
        right.array[:] = -system.gradient().array_r
        right.array[: 2 * len(f)] += (2 * weights[:, None] * f).ravel()
        shift = _solve(system, shift / 2, right, step)
        _move(system, step.array_r.copy(), _LENGTH)
    for vector in (step, right):
        vector.destroy()


def _solve(system: System, shift: float, right: PETSc.Vec, step: PETSc.Vec) -> float:
    """Solve with the Hessian of the present state and the first shift that makes it positive."""
    system.hessian()
    shift = max(shift, _SHIFT)
    while system.factor.factor(shift):
        shift *= 4
    system.factor.solve(right, step)
    return shift


def _move(system: System, direction: np.ndarray, length: float, *, exactly: bool = False) -> None:
    """Go in a direction, so far that f changes by at most the length, or by exactly that."""
    space = system.functional.space
    f = direction[: 2 * space.owned_vertices].reshape(-1, 2)
    largest = system.comm.allreduce(float(np.hypot(*f.T).max(initial=0.0)), MPI.MAX)
    if largest > 0:
        share = length / largest if exactly else min(1.0, length / largest)
        system.set_state(system.state() + share * direction)


def _density(system: System) -> np.ndarray:
    """|f|^2 at this rank's own vertices."""
    space = system.functional.space
    f = system.functional.f.x.array.reshape(-1, 2)[: space.owned_vertices]
    return np.asarray((f**2).sum(axis=1))


def _noise(system: System, rng: np.random.Generator) -> np.ndarray:
    """Smooth unknowns without symmetry that are the same on any number of ranks."""
    space = system.functional.space
    points = space.vertices[: space.owned_vertices, :2]
    waves, phases = rng.normal(scale=0.5, size=(2, 6, 2)), rng.uniform(0, 2 * np.pi, size=(2, 6))
    parts = [
        np.cos(points @ wave.T + phase).sum(axis=1)
        for wave, phase in zip(waves, phases, strict=True)
    ]
    f = np.column_stack(parts).ravel()
    return np.concatenate([f, np.zeros(system.gradient_vector.getLocalSize() - f.size)])
