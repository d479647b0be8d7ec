"""The main job: relax each start of a problem to a certified minimum and keep the lowest."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import numpy as np
from dolfinx import fem
from mpi4py import MPI

from glvortex import interrupt
from glvortex.errors import NotConvergedError
from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.sources import magnetisation_field
from glvortex.geometry.mesh import MeshData
from glvortex.geometry.sample import Cell
from glvortex.observe.bulk import Bulk, bulk
from glvortex.observe.fluxoids import Trapped, trapped
from glvortex.observe.identities import Identity, identities
from glvortex.observe.moments import Moments, flux, moment_unit, moments
from glvortex.problems.adapt import Watcher, adapt, unknowns_of
from glvortex.problems.adaptation import Adaptation
from glvortex.problems.build import build
from glvortex.problems.cooling import announcing
from glvortex.problems.london_model import relax_as_particles
from glvortex.problems.polish import Polished, polish
from glvortex.problems.setup import Setup
from glvortex.problems.starts import (
    Forgetful,
    Keeper,
    Start,
    State,
    continued,
    relax,
    starts_of,
    state_of,
)
from glvortex.solve.extrapolation import Extrapolation, extrapolate
from glvortex.solve.london import London, Threshold
from glvortex.solve.minimiser import Step
from glvortex.solve.system import System

_EQUAL = 1e-10  # relative difference of energies that says nothing


class Progress(Protocol):
    """Who wants to know how far a run is; called on every rank."""

    def stage(self, name: str) -> None:
        """Announce a new stage, such as "mesh" or "relaxing from london"."""

    def step(self, start: str, step: Step) -> None:
        """Announce a Newton step."""

    def count(self, what: str, done: int, total: int) -> None:
        """Announce how many are done of things such as "starts", first with those done before."""


class Silent:
    """Nobody does."""

    def stage(self, name: str) -> None:
        """Say nothing."""

    def step(self, start: str, step: Step) -> None:
        """Say nothing."""

    def count(self, what: str, done: int, total: int) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class MomentRatios:
    """Moments in A m^2 per layer and their ratios (003 (7)-(10)); None where M_n is unknown or 0.

    Attributes:
        M_gamma: of the gamma current, integrated from the fields.
        M_n: of the spins in the normal state, over the same smooth disks.
        ratio_analytic: gamma V/(mu_B chi_spin).
        ratio_field: M_gamma/M_n of the two above.
        total_over_normal: all moments over M_n.

    """

    M_gamma: float | None = None
    M_n: float | None = None
    ratio_analytic: float | None = None
    ratio_field: float | None = None
    total_over_normal: float | None = None


@dataclass(frozen=True)
class Solution:
    """What ``solve`` found; the functional holds the best state.

    Attributes:
        setup: the problem in reduced numbers.
        mesh_data: mesh and tags.
        functional: energy, with f and a of the best state.
        states: every start, relaxed, in the order of the problem file.
        best: the certified state of lowest energy, as it is on the finest mesh; in the London
            model the settled one, the functional holding f and a that its vortices make.
        cell: the cell of a sample that repeats both ways, sheared if that was asked for, or None.
        bulk: averages over that cell, or None.
        extrapolation: of the energy from refined meshes, or None.
        adaptation: how the mesh was adapted, with what the energy tends to, or None.
        budget: energy per term; in the London model those of `london_model`.
        moments: reduced, None in a cell, whose currents have no moment of their own; ratios: in
            A m^2 and over the normal moment.
        flux: of b in Phi0.
        holes, regions: what each hole and each region holds.
        threshold: London field without vortices against Hc1.
        identities: what a converged state obeys, and how well this one does; none in the London
            model.
        dofs: number of unknowns; ranks: number of processes.
        seconds: wall time per stage.

    """

    setup: Setup
    mesh_data: MeshData
    functional: GinzburgLandau
    states: tuple[State, ...]
    best: State
    cell: Cell | None
    bulk: Bulk | None
    extrapolation: Extrapolation | None
    adaptation: Adaptation | None
    budget: dict[str, float]
    moments: Moments | None
    ratios: MomentRatios
    flux: float
    holes: tuple[Trapped, ...]
    regions: tuple[Trapped, ...]
    threshold: Threshold
    identities: tuple[Identity, ...]
    dofs: int
    ranks: int
    seconds: dict[str, float]

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences about the result that the user should read."""
        unmet = tuple(identity.warning for identity in self.identities if not identity.holds)
        return unmet + (self.adaptation.warnings if self.adaptation else ())

    @property
    def edge_distances(self) -> np.ndarray:
        """Of ``best.vortices`` to the nearest mid-edge line, negative inside, in xi."""
        places = np.array([(vortex.x, vortex.y) for vortex in self.best.vortices])
        return self.setup.inclusions.edge_distance(places.reshape(-1, 2))


def solve(
    setup: Setup,
    comm: MPI.Intracomm = MPI.COMM_WORLD,
    progress: Progress | None = None,
    keeper: Keeper | None = None,
    previous: Solution | None = None,
) -> Solution:
    """Relax every start and keep the lowest certified minimum; collective.

    What the ``keeper`` has of an earlier, interrupted run of the same setup is not done again.
    With the ``previous`` solution of another setup its state is the only start, or where the mesh
    is another one its vortices are (in a cell with other flux, the starts of the setup).

    Raises:
        ParameterError: the geometry cannot be meshed.
        NotConvergedError: no start reached a minimum.
        Interrupted: the run was asked to stop.

    """
    progress, keeper = progress or Silent(), keeper or Forgetful()
    seconds: dict[str, float] = {}
    with _timed(comm, seconds, "mesh", progress):
        mesh_data, functional = build(setup, comm)
    with _timed(comm, seconds, "london", progress):
        london = London(functional, [hole.fluxoid for hole in setup.holes])
        threshold = london.threshold()
        follower = previous and continued(
            setup, previous.functional, previous.best.vortices, functional
        )
        starts = [follower] if follower else starts_of(setup, london)
    if setup.model == "london":
        return _as_particles(setup, mesh_data, london, starts, threshold, progress, seconds)
    with _timed(comm, seconds, "solve", progress):
        system = System(functional)
        relaxed: list[tuple[State, np.ndarray]] = []
        for start in starts:
            state = keeper.finished(start.name, functional)
            progress.stage(f"{'relaxing from' if state is None else 'kept:'} {start.name}")
            if state is None:
                progress.count("starts", len(relaxed), len(starts))
                report = partial(progress.step, start.name)
                cooled = announcing(progress)
                state = relax(start, setup, mesh_data, system, report, keeper, cooled)
            relaxed.append((state, system.state()))
        progress.count("starts", len(relaxed), len(starts))
        best, unknowns = _lowest(setup, relaxed)
        system.set_state(unknowns)
    return completed(setup, mesh_data, system, relaxed, best, threshold, progress, keeper, seconds)


def completed(
    setup: Setup,
    mesh_data: MeshData,
    system: System,
    relaxed: list[tuple[State, np.ndarray]],
    best: State,
    threshold: Threshold,
    progress: Progress,
    keeper: Keeper,
    seconds: dict[str, float],
) -> Solution:
    """Polish the best of the relaxed states, which the system holds, and observe it; collective.

    Where the setup asks for an accuracy the system is destroyed.
    """
    comm, functional = mesh_data.mesh.comm, system.functional
    cell, extrapolation = setup.sample if isinstance(setup.sample, Cell) else None, None
    if setup.relax or setup.refinements:
        assert best.certificate is not None
        kept = Polished(mesh_data, functional, best.certificate, cell)
        with _timed(comm, seconds, "refinement", progress):
            levels = polish(setup, comm, kept, partial(progress.step, best.start), keeper)
        kept = levels[-1]
        if setup.refinements:
            extrapolation = extrapolate([level.certificate.energy for level in levels])
        mesh_data, functional, cell = kept.mesh_data, kept.functional, kept.cell
        best = state_of(best.start, functional, kept.certificate)
    states, adaptation = tuple(state for state, _ in relaxed), None
    if setup.accuracy is not None:
        watcher = Watcher(progress.stage, progress.step, keeper)
        with _timed(comm, seconds, "adaptation", progress):
            adapted = adapt(setup, mesh_data, system, relaxed, watcher)
        mesh_data, functional = adapted.mesh_data, adapted.functional
        best, states, adaptation = adapted.best, adapted.states, adapted.adaptation
    with _timed(comm, seconds, "identities", progress):
        checked = identities(
            functional,
            best.vortices,
            gradient_tolerance=setup.gradient_tolerance,
            shape_relaxed=setup.relax,
        )
    solution = _observed(setup, mesh_data, functional, states, best, threshold, seconds)
    return replace(
        solution,
        cell=cell,
        extrapolation=extrapolation,
        adaptation=adaptation,
        identities=checked,
    )


def _as_particles(
    setup: Setup,
    mesh_data: MeshData,
    london: London,
    starts: Sequence[Start],
    threshold: Threshold,
    progress: Progress,
    seconds: dict[str, float],
) -> Solution:
    """The London model: nothing is minimised but the places of vortices."""

    def hear(name: str, number: int) -> None:
        progress.stage(f"relaxing from {name}")
        progress.count("starts", number, len(starts))

    with _timed(mesh_data.mesh.comm, seconds, "solve", progress):
        found = relax_as_particles(setup, london, starts, hear)
        progress.count("starts", len(starts), len(starts))
    functional = london.functional
    solution = _observed(setup, mesh_data, functional, found.states, found.best, threshold, seconds)
    return replace(solution, budget=found.budget)


def _observed(
    setup: Setup,
    mesh_data: MeshData,
    functional: GinzburgLandau,
    states: tuple[State, ...],
    best: State,
    threshold: Threshold,
    seconds: dict[str, float],
) -> Solution:
    """What there is to say of the state that the functional holds; collective."""
    cell = setup.sample if isinstance(setup.sample, Cell) else None
    found, medium = None if cell else moments(functional), functional.medium
    return Solution(
        setup=setup,
        mesh_data=mesh_data,
        functional=functional,
        states=states,
        best=best,
        cell=cell,
        bulk=bulk(functional) if cell else None,
        extrapolation=None,
        adaptation=None,
        budget=functional.budget(),
        moments=found,
        ratios=_ratios(setup, functional, found),
        flux=flux(functional),
        holes=trapped(functional, medium.holes) if medium else (),
        regions=trapped(functional, medium.regions) if medium else (),
        threshold=threshold,
        identities=(),
        dofs=unknowns_of(functional),
        ranks=mesh_data.mesh.comm.size,
        seconds=seconds,
    )


def _lowest(setup: Setup, relaxed: list[tuple[State, np.ndarray]]) -> tuple[State, np.ndarray]:
    """Return the minimum of lowest energy, of equals the first."""
    minima = [found for found in relaxed if found[0].minimum]
    if not minima:
        energies = ", ".join(f"{state.start} {state.energy:.6f}" for state, _ in relaxed)
        raise NotConvergedError(
            f"{setup.name}: no start reached a minimum within {setup.max_steps} Newton steps "
            f"(energies {energies}); raise solver.max_steps or choose other starts."
        )
    lowest = min(state.energy for state, _ in minima)
    return next(found for found in minima if found[0].energy <= lowest + _EQUAL * abs(lowest))


def _ratios(setup: Setup, functional: GinzburgLandau, found: Moments | None) -> MomentRatios:
    """Compare the moments with the normal state's."""
    coefficients, sources = setup.coefficients, setup.sources
    if coefficients is None or sources is None or found is None:
        return MomentRatios()
    unit = moment_unit(coefficients)
    spins = replace(setup.inclusions, magnetisation=setup.inclusions.sign)
    disks = magnetisation_field(functional.space, spins)  # signed indicator of the inclusions
    area = functional.integrate(fem.form(disks * functional.dx)) * coefficients.coherence_length**2
    normal = sources.M_n / (np.pi * sources.radius**2) * area
    gamma = found.gamma * unit
    known = abs(normal) > 1e-9 * abs(sources.M_n)
    return MomentRatios(
        M_gamma=gamma,
        M_n=normal,
        ratio_analytic=sources.ratio_analytic,
        ratio_field=gamma / normal if known else None,
        total_over_normal=found.total * unit / normal if known else None,
    )


@contextmanager
def _timed(
    comm: MPI.Intracomm, seconds: dict[str, float], name: str, progress: Progress
) -> Iterator[None]:
    interrupt.check(comm)
    progress.stage(name)
    start = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - start
