"""Meshes adapted to a state until the error of its energy is as small as the user asks.

Each state has meshes of its own. The error is counted over the condensation energy of the sample,
which is the same for all states of a problem and never zero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

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
from glvortex.problems.build import coarsest, free_energy, mesh_of
from glvortex.problems.setup import Setup
from glvortex.problems.starts import Keeper, Start, State, relax
from glvortex.solve.error_estimate import ErrorEstimate, estimate_error
from glvortex.solve.minimiser import Step
from glvortex.solve.system import System

_AIM = 0.75  # of the error asked for: the next mesh should not just miss it
_FALL = 1 / 30  # of the error, at most, from one mesh to the next
_MESHES = 8  # at most
_TRUST = 2.0  # the true error is taken to be within this factor of the estimate
_HARDLY = 1.2  # a mesh with fewer times the unknowns is not worth its while
_SAME = 1e-9  # of the condensation energy: states on the same mesh that differ by less are equal


@dataclass(frozen=True)
class Level:
    """What a state is on one mesh.

    Attributes:
        unknowns: of the mesh.
        energy: of the relaxed state, in Bc^2 xi^2/mu0.
        error: its estimated error (energy less the exact one).
        carried: energy of the state as it came from the mesh before; None on the first one.
        vortices, net_charge: how many there are, and their sum.
    """

    unknowns: int
    energy: float
    error: float
    carried: float | None
    vortices: int
    net_charge: int


@dataclass(frozen=True)
class Adaptation:
    """How the kept state came to its mesh.

    Attributes:
        accuracy: what was asked for, error over condensation energy.
        condensation: energy of the uniform superconductor, int t^2/2, positive.
        levels: on each mesh.
        warnings: sentences the user should read.
    """

    accuracy: float
    condensation: float
    levels: tuple[Level, ...]
    warnings: tuple[str, ...] = ()

    @property
    def error(self) -> float:
        """Estimated error of the kept energy."""
        return self.levels[-1].error

    @property
    def reached(self) -> float:
        """That error over the condensation energy."""
        return abs(self.error) / self.condensation


@dataclass
class _Track:
    """A state on its latest mesh."""

    mesh_data: MeshData
    functional: GinzburgLandau
    state: State
    levels: list[Level]

    @property
    def highest(self) -> float:
        """What its energy without a mesh is at most, if the estimate is to be trusted."""
        return self.state.energy - abs(self.levels[-1].error) / _TRUST

    @property
    def lowest(self) -> float:
        """What it is at least."""
        return self.state.energy - abs(self.levels[-1].error) * _TRUST

    @property
    def exact(self) -> float:
        """What it most likely is."""
        return self.state.energy - self.levels[-1].error


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
    energy cannot be below that of the best so far even if both estimates are wrong by a factor of
    2, or until it has the accuracy, too. States that are no minima, or equal an earlier one on the
    first mesh, are left as they are.

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
        if track.state.minimum and (best is None or track.exact < best.exact):
            best = track
    assert best is not None
    if best.functional is functional:  # which has held other states since
        system.set_state(next(u for s, u in relaxed if s.start == best.state.start))
    system.destroy()
    states = tuple(
        replace(done[s.start].state, start=s.start) if s.start in done else s for s, _ in relaxed
    )
    found = Adaptation(setup.accuracy, scale, tuple(best.levels))
    warnings = (*_shortfall(setup, found), *_rivals(best, done), *_changes(best))
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
        track.levels.append(
            Level(
                unknowns,
                track.state.energy,
                estimate.error,
                carried,
                len(track.state.vortices),
                track.state.net_charge,
            )
        )
        track.state = replace(track.state, error=estimate.error)
        accurate = abs(estimate.error) <= setup.accuracy * scale
        beaten = best is not None and track.lowest > best.highest
        if accurate or beaten or full or len(track.levels) == _MESHES or not track.state.minimum:
            return track
        sizes, full = _next_sizes(setup, track, estimate, setup.accuracy * scale)
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
    setup: Setup, track: _Track, estimate: ErrorEstimate, wanted: float
) -> tuple[SizeMap | None, bool]:
    """Edge lengths of the next mesh on the first rank, and whether it is as large as may be."""
    comm, mesh = track.functional.space.mesh.comm, collect(track.mesh_data)
    triangles = setup.max_unknowns / (2.5 if setup.screening else 1.0)
    sizes, full = None, False
    if mesh is not None:
        goal = max(_AIM * wanted, _FALL * abs(estimate.error))
        wished = sizes_for(mesh, estimate.shares, goal, coarsest(setup), setup.sample.lattice)
        full = wished.triangles > triangles
        sizes = wished.limited(triangles)
    return sizes, comm.bcast(full)


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


def _shortfall(setup: Setup, found: Adaptation) -> list[str]:
    """Say how far the error is from what was asked for, if it is."""
    if found.reached <= found.accuracy:
        return []
    last = found.levels[-1]
    return [
        f"mesh.accuracy {found.accuracy:g} was not reached: the estimated error is "
        f"{found.reached:.1e} of the condensation energy with {last.unknowns} unknowns; raise "
        f"mesh.max_unknowns, now {setup.max_unknowns}."
    ]


def _rivals(best: _Track, done: dict[str, _Track]) -> list[str]:
    """Name the states that may be as low as the kept one."""
    return [
        f"the start {name} ends within the estimated error of the kept state, {best.state.start}: "
        "which of them is lower needs a smaller mesh.accuracy."
        for name, track in done.items()
        if track is not best
        and track.state.minimum
        and not track.lowest > best.highest
        and track.state.start == name
    ]


def _changes(best: _Track) -> list[str]:
    """Say where the vortices became others than those of the mesh before."""
    found = []
    for number, (before, after) in enumerate(pairwise(best.levels), start=2):
        old, new = ((level.vortices, level.net_charge) for level in (before, after))
        if old != new:
            found.append(
                f"on mesh {number} the kept state went over to another one: {old[0]} vortices of "
                f"net charge {old[1]} became {new[0]} of net charge {new[1]}."
            )
    return found
