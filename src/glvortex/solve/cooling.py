"""Langevin dynamics of f and a: a sample in contact with a heat bath whose temperature changes.

With the diagonal metric M (``System.metric``) and the noise T = k_B T/(eps0 xi^2 length)

    2 M dx/ds = -grad F + eta,   <eta eta> = 4 T M delta(s - s')

so that ``df/ds = D^2 f + t f - |f|^2 f + noise`` and time counts in Ginzburg-Landau times. A step
solves, with the Hessian H and the curl-curl part C of it (docs/theory.md, section 9),

    [2 M/ds + (H + C)/2] delta = -grad F + eta,   <eta eta> = T (4 M/ds + C)

where the covariance is T (2 A - H), A the matrix on the left. That makes the step sample the
Boltzmann distribution of a quadratic F exactly, however long it is, while C damps currents that
are fast on the scale of a step. H needs no gauge fixing (M takes its null directions away), so that
a gauge transformation of the state and of the noise transforms the whole path.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem import petsc as fem_petsc
from petsc4py import PETSc

from glvortex import compat, interrupt
from glvortex.errors import NotConvergedError, ParameterError
from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.linear import removable_phase
from glvortex.fem.numbers import Drawer
from glvortex.solve.factor import ShiftedFactor
from glvortex.solve.starts import follow_field
from glvortex.solve.system import System

TIME_STEP = 0.2
"""Length of a step in Ginzburg-Landau times."""

_MOST = 20  # steps with one factorisation
_LEAST = 5
_WANDER = 0.1  # variance of the phase of a link, by noise, that calls for a new factorisation
_STRONG = 0.05  # variance of the phase of a link that is too much for one step
_SHORTEST = 1e-6  # step at which the matrix should long be positive definite


@dataclass(frozen=True)
class Ramp:
    """What a sample is exposed to, linear in time between moments.

    Attributes:
        times: of the moments, from 0 on, in Ginzburg-Landau times.
        t: reduced temperature 1 - T/Tc at each, of the host.
        noise: k_B T in the unit of energy, times the length along z that fluctuates as one.
        applied_field: b_a along z in Bc2; None leaves the functional its own.

    """

    times: Sequence[float]
    t: Sequence[float]
    noise: Sequence[float]
    applied_field: Sequence[float] | None = None

    def __post_init__(self) -> None:
        tables = [self.t, self.noise] + [self.applied_field] * (self.applied_field is not None)
        if any(len(table or ()) != len(self.times) for table in tables):
            raise ParameterError("a ramp needs as many values of each kind as it has times.")
        if len(self.times) == 0 or self.times[0] != 0 or (np.diff(self.times) < 0).any():
            raise ParameterError("the times of a ramp must begin with 0 and must not fall.")
        if min(self.noise) < 0:
            raise ParameterError("the noise of a ramp must not be negative.")

    @property
    def duration(self) -> float:
        """The last moment."""
        return float(self.times[-1])

    def at(self, time: float) -> tuple[float, float, float | None]:
        """Return t, noise and applied field at a time."""
        t, noise = (float(np.interp(time, self.times, values)) for values in (self.t, self.noise))
        field = self.applied_field
        return t, noise, None if field is None else float(np.interp(time, self.times, field))


@dataclass(frozen=True)
class Moment:
    """How far a cooling has come; with the state itself all that it needs to go on.

    ``steps`` and ``factorisations`` are those so far, ``time`` that of ``duration``.
    """

    steps: int
    time: float
    duration: float
    factorisations: int


def cool(
    system: System,
    ramp: Ramp,
    *,
    seed: int = 0,
    time_step: float = TIME_STEP,
    report: Callable[[Moment], None] = lambda moment: None,
    resumed: Moment | None = None,
) -> Moment:
    """Take the state of a system along a ramp; collective.

    Args:
        system: its functional holds the start (``normal_state``, or any other), and what there is
            at the end of the ramp, with t and applied field of the end.
        ramp: see there.
        seed: of the noise, which is the same on any number of ranks.
        time_step: in Ginzburg-Landau times; steps are shorter where they must be.
        report: called before the first step, every few steps and at the end (on every rank).
        resumed: what was reported of the state that the functional holds, where an earlier
            cooling was interrupted there; this one takes the same way on.

    Returns:
        What was reported at the end.

    Raises:
        NotConvergedError: the noise drives f to infinity.
        Interrupted: the run was asked to stop; what was last reported can be resumed.

    """
    bath = Bath(system, Drawer(system.functional.space, seed))
    moment = resumed or Moment(0, 0.0, ramp.duration, 0)
    try:
        while (left := ramp.duration - moment.time) > 1e-9 * ramp.duration:
            report(moment)
            bath.expose(*ramp.at(moment.time))
            longest = min(time_step, _STRONG / bath.noise) if bath.noise else time_step
            count = min(bath.reuse(longest), math.ceil(left / longest - 1e-9))
            step, tries = bath.prepare(min(longest, left / count))
            for number in range(count):
                interrupt.check(system.comm)
                bath.expose(*ramp.at(moment.time + (number + 0.5) * step))
                bath.step(moment.steps + number)
            moment = Moment(
                moment.steps + count,
                moment.time + count * step,
                ramp.duration,
                moment.factorisations + tries,
            )
        bath.expose(*ramp.at(ramp.duration))
    finally:
        bath.destroy()
    smooth_gauge(system.functional)
    report(moment)
    return moment


def normal_state(functional: GinzburgLandau) -> None:
    """Give the functional f = 0 in the applied field; collective."""
    functional.f.x.array[:] = 0.0
    functional.apply_field()


def smooth_gauge(functional: GinzburgLandau) -> None:
    """Turn phases so that a is as near to the applied field's as gauge allows; collective.

    Noise lets gauge diffuse, which no observable feels; pictures of the phase would.
    """
    if not functional.screening:
        return
    space, a = functional.space, functional.a.x.array.copy()
    functional.apply_field()
    change = fem.Function(space.vector_potential)
    change.x.array[:] = a - functional.a.x.array
    chi = removable_phase(space, change)
    functional.a.x.array[:] = a
    functional.a.x.array[: space.owned_edges] += space.vertex_differences @ chi
    functional.a.x.scatter_forward()
    f = functional.f.x.array.reshape(-1, 2) @ [1, 1j] * np.exp(-1j * chi)
    functional.f.x.array[:] = np.column_stack([f.real, f.imag]).ravel()


class Bath:
    """Steps of the Langevin equation for the state that a system holds.

    Args:
        system: the state.
        drawer: where the noise comes from.
    """

    def __init__(self, system: System, drawer: Drawer) -> None:
        self.system, self.drawer = system, drawer
        functional = system.functional
        self.noise = 0.0
        self._ds = 0.0
        self._matrix = system.free_hessian()
        self._matrix.setOption(PETSc.Mat.Option.SYMMETRIC, True)
        self._matrix.setOption(PETSc.Mat.Option.SYMMETRY_ETERNAL, True)
        self._factor = ShiftedFactor(self._matrix, system.metric)
        self._right = system.gradient_vector.duplicate()
        self._move = system.gradient_vector.duplicate()
        medium = functional.medium
        owned = functional.space.owned_vertices
        self._free = np.ones(owned) if medium is None else 1.0 - medium.held.x.array[:owned]
        self._curl_curl = self._field_stiffness() if functional.screening else None

    def _field_stiffness(self) -> PETSc.Mat:
        """C, and what is needed to draw from N(0, C): a random magnetisation of every cell."""
        functional, space = self.system.functional, self.system.functional.space
        stiffness = fem.Constant(space.mesh, 2 * float(functional.kappa) ** 2)
        f, a = (
            (ufl.TrialFunction(space_), ufl.TestFunction(space_))
            for space_ in (space.order_parameter, space.vector_potential)
        )
        nothing = fem.Constant(space.mesh, 0.0) * ufl.inner(*f) * functional.dx(degree=0)
        curl = stiffness * ufl.inner(ufl.curl(a[0]), ufl.curl(a[1])) * functional.dx
        blocks = [[fem.form(nothing), None], [None, fem.form(curl)]]
        matrix = compat.create_block_matrix(blocks)
        compat.assemble_block_matrix(matrix, blocks)
        shape = () if space.dim == 2 else (space.dim,)
        self._magnetisation = fem.Function(fem.functionspace(space.mesh, ("DG", 0, shape)))
        source = stiffness * ufl.inner(self._magnetisation, ufl.curl(a[1])) * functional.dx
        self._source = fem.form(source)
        volume = ufl.TestFunction(fem.functionspace(space.mesh, ("DG", 0))) * functional.dx
        volumes = fem.Function(fem.functionspace(space.mesh, ("DG", 0)))
        fem_petsc.assemble_vector(volumes.x.petsc_vec, fem.form(volume))
        volumes.x.scatter_forward()
        # variance T/(2 kappa^2 volume), T apart
        self._spread = 1 / np.sqrt(float(stiffness.value) * volumes.x.array)
        return matrix

    def expose(self, t: float, noise: float, applied_field: float | None) -> None:
        """Set what the sample is exposed to; collective."""
        functional = self.system.functional
        functional.t, self.noise = t, noise
        if applied_field is not None and applied_field != functional.applied_field:
            functional.applied_field = applied_field
            if not functional.screening:
                follow_field(functional)

    def reuse(self, time_step: float) -> int:
        """Return for how many steps factors are good.

        The more, the better: a matrix that follows the fluctuations of |f|^2 from step to step
        would be a mobility that depends on the state, which shifts averages. But gauge diffuses,
        the phase of a link by the noise times the time, and the matrix knows that of its state.
        """
        if self._curl_curl is None or not self.noise:
            return _MOST
        return int(np.clip(_WANDER / (self.noise * time_step), _LEAST, _MOST))

    def prepare(self, time_step: float) -> tuple[float, int]:
        """Factor the matrix of a step here; return the step it is for and the tries it took.

        The step is halved until the matrix is positive definite.
        """
        system, tries = self.system, 1
        if not system.comm.allreduce(bool(np.isfinite(system.state()).all()), op=min):
            raise NotConvergedError("the noise is too strong: the order parameter diverges.")
        system.free_hessian(self._matrix)
        if self._curl_curl is not None:
            subset = PETSc.Mat.Structure.SUBSET_NONZERO_PATTERN
            self._matrix.axpy(1.0, self._curl_curl, structure=subset)
        while self._factor.factor(4 / time_step):  # of 2 A
            time_step, tries = time_step / 2, tries + 1
            if time_step < _SHORTEST:
                raise NotConvergedError("the noise is too strong: the order parameter diverges.")
        self._ds = time_step
        return time_step, tries

    def step(self, number: int) -> None:
        """Make a step with the factors that were last prepared; ``number`` chooses its noise."""
        system, right = self.system, self._right
        system.gradient().copy(right)
        right.scale(-1.0)
        if self.noise:
            right.array[:] += self._draw(number)
        self._factor.solve(right, self._move)
        system.set_state(system.state() + 2 * self._move.array_r)

    def _draw(self, number: int) -> np.ndarray:
        """eta of a step, like the unknowns."""
        system, space = self.system, self.system.functional.space
        scale = np.sqrt(4 * self.noise / self._ds * system.metric.array_r)
        f = self._free[:, None] * self.drawer.vertices(number)
        if self._curl_curl is None:
            return scale * f.ravel()
        noise = scale * np.concatenate([f.ravel(), self.drawer.edges(number)])
        spread = math.sqrt(self.noise) * self._spread[:, None] * self.drawer.cells(number)
        self._magnetisation.x.array[:] = spread.ravel()
        vector = fem_petsc.assemble_vector(self._source)
        vector.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
        noise[2 * space.owned_vertices :] += vector.array_r
        vector.destroy()
        return noise

    def destroy(self) -> None:
        """Free factors and matrices; collective."""
        self._factor.destroy()
        for thing in (self._matrix, self._curl_curl, self._right, self._move):
            if thing is not None:
                thing.destroy()
