"""Meshes adapted to a state until its extrapolated energy is as accurate as the user asks.

Each state has meshes of its own. The error is counted over the condensation energy of the sample,
which is the same for all states of a problem and never zero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from dolfinx import fem
from mpi4py import MPI

from glvortex import interrupt
from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.transfer import carry_across
from glvortex.geometry.arrays import MeshArrays, MeshData, collect, distribute
from glvortex.geometry.quarters import quartered
from glvortex.geometry.regions import outline_of
from glvortex.geometry.size_map import SizeMap, sizes_for
from glvortex.problems.adaptation import (
    LEAST_DOUBT,
    Adaptation,
    Level,
    changes,
    level_after,
    shortfall,
)
from glvortex.problems.build import coarsest, free_energy, mesh_of
from glvortex.problems.setup import Setup
from glvortex.problems.starts import Keeper, Start, State, relax
from glvortex.solve.error_estimate import estimate_error
from glvortex.solve.minimiser import Step
from glvortex.solve.system import System

_AIM = 0.75  # of the error asked for: the next mesh should not just miss it
_FALL = 1 / 30  # of the error, at most, from one mesh to the next
_MESHES = 8  # at most
_HALF = 0.5  # of the error, at least: meshes that hardly differ say nothing of each other
_HARDLY = 1.2  # a mesh with fewer times the unknowns is not worth its while
_SAME = 1e-9  # of the condensation energy: states on the same mesh that differ by less are equal


@dataclass
class _Track:
    """A state on its latest mesh."""

    mesh_data: MeshData
    functional: GinzburgLandau
    state: State
    levels: list[Level]

    @property
    def limit(self) -> float:
        """The extrapolated energy."""
        return self.levels[-1].extrapolated

    def above(self, other: _Track) -> bool:
        """Whether its energy without a mesh is above the other's, as far as errors tell."""
        return self.limit - self.levels[-1].error > other.limit + other.levels[-1].error


@dataclass(frozen=True)
class Adapted:
    """All starts after their meshes were adapted, and the kept one with its mesh."""

    mesh_data: MeshData
    functional: GinzburgLandau
    best: State
    states: tuple[State, ...]
    adaptation: Adaptation


@dataclass(frozen=True)
class Watcher:
    """Who hears of stages and Newton steps, and keeps states."""

    stage: Callable[[str], None]
    step: Callable[[str, Step], None]
    keeper: Keeper


def adapt(
    setup: Setup,
    mesh_data: MeshData,
    system: System,
    relaxed: Sequence[tuple[State, np.ndarray]],
    watcher: Watcher,
) -> Adapted:
    """Adapt meshes to the states that may be the lowest, and keep that one; collective.

    The lowest state on the first mesh comes first. Each other one follows, mesh by mesh, until its
    extrapolated energy is above that of the best so far by more than the errors of both, or until
    it has the accuracy, too. States that are no minima, or equal an earlier one on the first mesh,
    are left as they are.

    Args:
        setup: the problem, which asks for an accuracy.
        mesh_data, system: the first mesh, on which all starts were relaxed.
        relaxed: those states with their unknowns (`System.state`); at least one is a minimum.
        watcher: hears what goes on.
    """
    assert setup.accuracy is not None
    functional = system.functional
    scale = condensation_energy(functional)
    done: dict[str, _Track] = {}
    best: _Track | None = None
    order = sorted((s for s in relaxed if s[0].minimum), key=lambda found: found[0].energy)
    for state, unknowns in order:
        twins = [t for t in done.values() if abs(t.levels[0].energy - state.energy) < _SAME * scale]
        if twins:
            done[state.start] = twins[0]
            continue
        system.set_state(unknowns)
        track = _followed(setup, _Track(mesh_data, functional, state, []), scale, best, watcher)
        done[state.start] = track
        if track.state.minimum and (best is None or track.limit < best.limit):
            best = track
    assert best is not None
    if best.functional is functional:  # which has held other states since
        system.set_state(next(u for s, u in relaxed if s.start == best.state.start))
    system.destroy()
    states = tuple(
        replace(done[s.start].state, start=s.start) if s.start in done else s for s, _ in relaxed
    )
    found = Adaptation(setup.accuracy, scale, tuple(best.levels))
    warnings = (
        *shortfall(found, setup.max_unknowns),
        *_rivals(best, done),
        *changes(found),
    )
    kept = next(state for state in states if state.start == best.state.start)
    return Adapted(best.mesh_data, best.functional, kept, states, replace(found, warnings=warnings))


def condensation_energy(functional: GinzburgLandau) -> float:
    """Return what the uniform superconductor gains, int t^2/2, in Bc^2 xi^2/mu0; collective.

    Where materials differ, each counts with its own; normal ones and holes count nothing.
    """
    medium = functional.medium
    if medium is None:
        return functional.t**2 / 2 * functional.area
    gain = medium.density * medium.t / 2
    return functional.integrate(fem.form(gain * functional.dx))


def unknowns_of(functional: GinzburgLandau) -> int:
    """Return the number of unknowns over all ranks."""
    maps = [u.function_space.dofmap for u in functional.unknowns]
    return sum(int(dofmap.index_map.size_global * dofmap.index_map_bs) for dofmap in maps)


def _followed(
    setup: Setup, track: _Track, scale: float, best: _Track | None, watcher: Watcher
) -> _Track:
    """Take a state from mesh to mesh until it is accurate, out of reach, or the mesh too large."""
    assert setup.accuracy is not None
    name, carried, full = track.state.start, None, False
    while True:
        watcher.stage(f"error of {name}, mesh {len(track.levels) + 1}")
        unknowns = unknowns_of(track.functional)
        interrupt.check(track.mesh_data.mesh.comm)
        fine_mesh = quarters(setup, track.mesh_data)
        fine = free_energy(setup, fine_mesh, setup.sample)
        estimate = estimate_error(track.functional, fine)
        level = level_after(track.levels, track.state, unknowns, estimate.error, carried)
        track.levels.append(level)
        track.state = replace(track.state, extrapolated=level.extrapolated, error=level.error)
        accurate = level.error <= setup.accuracy * scale
        beaten = best is not None and track.above(best)
        if accurate or beaten or full or len(track.levels) == _MESHES or not track.state.minimum:
            return track
        sizes, full = _next_sizes(setup, track, estimate.shares, setup.accuracy * scale)
        if full and unknowns * _HARDLY > setup.max_unknowns:
            return track
        carried = _move(setup, track, (fine, fine_mesh), sizes, watcher)


def quarters(setup: Setup, mesh_data: MeshData) -> MeshData:
    """Return the mesh of the quarters of all triangles, circles of the setup made rounder."""
    whole, comm = collect(mesh_data), mesh_data.mesh.comm
    curved = [outline_of(setup.sample), *(hole.shape for hole in setup.holes)]
    curved += [region.shape for region in setup.regions]
    fine = quartered(whole, curved) if whole is not None else None
    return distribute(fine, comm, setup.sample.lattice)


def _next_sizes(
    setup: Setup, track: _Track, shares: np.ndarray, wanted: float
) -> tuple[SizeMap | None, bool]:
    """Edge lengths of the next mesh on the first rank, and whether it is as large as may be."""
    comm, mesh = track.functional.space.mesh.comm, collect(track.mesh_data)
    triangles = setup.max_unknowns / (2.5 if setup.screening else 1.0)
    sizes, full = None, False
    if mesh is not None:
        goal = _goal(track.levels[-1], wanted)
        wished = sizes_for(mesh, shares, goal, coarsest(setup), setup.sample.lattice)
        full = wished.triangles > triangles
        sizes = wished.limited(triangles)
    return sizes, comm.bcast(full)


def _goal(last: Level, wanted: float) -> float:
    """Error of the next mesh with which that of the extrapolated energy should be as wanted."""
    now = abs(last.mesh_error)
    known = last.error < now  # else nothing is, and the best is hoped for
    share = last.error / now if known else LEAST_DOUBT
    return max(_FALL * now, min(_AIM * wanted / share, _HALF * now))


def _move(
    setup: Setup,
    track: _Track,
    better: tuple[GinzburgLandau, MeshData],
    sizes: SizeMap | None,
    watcher: Watcher,
) -> float:
    """Mesh with new sizes, carry the state there and relax it; return what its energy was then.

    It is carried over from the quarters of the old mesh, where the estimate has left a better one.
    """
    comm, start = track.functional.space.mesh.comm, track.state.start
    number = len(track.levels) + 1
    name = f"{start}-mesh-{number}"
    kept = watcher.keeper.mesh(name)
    watcher.stage(f"mesh {number} of {start}")
    mesh_data = _mesh(setup, comm, kept, sizes)
    functional = free_energy(setup, mesh_data, setup.sample)
    carry_across(*better, functional, mesh_data)
    carried = sum(functional.budget().values())
    state = watcher.keeper.finished(name, functional)
    if state is None:
        system, report = System(functional), partial(watcher.step, start)
        begun = Start(name, lambda functional: None)  # with what it holds
        state = relax(begun, setup, mesh_data, system, report, watcher.keeper)
        system.destroy()
    track.mesh_data, track.functional = mesh_data, functional
    track.state = replace(state, start=start)
    return carried


def _mesh(
    setup: Setup, comm: MPI.Intracomm, kept: MeshArrays | None, sizes: SizeMap | None
) -> MeshData:
    if kept is not None:
        return distribute(kept, comm, setup.sample.lattice)
    return mesh_of(setup, comm, size_map=sizes)


def _rivals(best: _Track, done: dict[str, _Track]) -> list[str]:
    """Name the states that may be as low as the kept one."""
    return [
        f"the start {name} ends within the estimated errors of it and of the kept state, "
        f"{best.state.start}: which of them is lower needs a smaller mesh.accuracy."
        for name, track in done.items()
        if track is not best
        and track.state.minimum
        and not track.above(best)
        and track.state.start == name
    ]
