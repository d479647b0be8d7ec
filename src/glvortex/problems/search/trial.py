"""One trial of a search: a start made in some way, relaxed to a certified minimum."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from glvortex.errors import NotConvergedError
from glvortex.fem.cellwise import CellValues
from glvortex.observe.fluxoids import trapped
from glvortex.observe.vortices import find_vortices
from glvortex.problems.search.archive import Archive, End, Outcome
from glvortex.problems.search.away import push_away
from glvortex.problems.search.descent import Descent
from glvortex.problems.search.landscape import Landscape
from glvortex.problems.search.moves import (
    Vortices,
    changed,
    random_change,
    random_pattern,
    spliced,
    symmetric_pattern,
)
from glvortex.solve.alteration import Change
from glvortex.solve.cooling import cool, normal_state
from glvortex.solve.minimiser import Certificate, Step, minimise

_DRAWN = 4  # random patterns, of which the one of lowest energy is relaxed
_TRIED = 48  # changes of a state in one hop
_WEIGHED = 12  # changes of a whole state, of which the one of lowest energy is relaxed
_TYPICAL = 4  # vortices, where no state is known
_RECOGNISED = 1e-2  # gradient below which a known state is looked for
_CLOSE = 1e-5  # relative difference to its energy
_HOPE = 3.0  # times what the last step gained may still come
_SETTLED = 4  # steps before a minimisation is judged
_SPLICED = 40  # London states, each of parts of one and of its image
_MAY_FALL = 2.0  # Bc^2 xi^2/mu0 per length: what relaxing such a state may gain
_LOWER = 1e-2  # energy that one must gain
_CHANGES = 20  # drawn until one fits

States = Callable[[int], CellValues]


@dataclass(frozen=True)
class Trial:
    """What is to be done.

    Attributes:
        number: counted from 1.
        kind: name of a proposal of the landscape, or a `Kind`.
        parents: trials whose states it starts from.
        roots: fresh trials it goes back to.
        seed: of its random choices.
    """

    number: int
    kind: str
    parents: tuple[int, ...]
    roots: tuple[int, ...]
    seed: tuple[int, ...]


class _Stopped(Exception):
    """A minimisation need not go on."""

    def __init__(self, end: End, known: int | None = None) -> None:
        super().__init__(end)
        self.end, self.known = end, known


def attempt(
    trial: Trial,
    landscape: Landscape,
    archive: Archive,
    states: States,
    keep: int,
    listen: Callable[[], None] = lambda: None,
) -> Outcome:
    """Do a trial; collective. The landscape then holds its state.

    Args:
        trial: what to do.
        landscape: where.
        archive: what earlier rounds have found.
        states: returns the state of an earlier trial.
        keep: how many of the lowest states are of interest.
        listen: called at every step.

    Raises:
        Interrupted: the run was asked to stop.
    """
    begun = time.perf_counter()
    end: End = "minimum"
    certificate: Certificate | None = None
    known: int | None = None
    watch = _Watch(landscape, archive, keep, listen)
    try:
        _begin(trial, landscape, archive, states)
        certificate = minimise(
            landscape.system,
            gradient_tolerance=landscape.gradient_tolerance,
            max_steps=landscape.max_steps,
            report=watch.step,
        )
    except _Stopped as stop:
        end, known = stop.end, stop.known
    except NotConvergedError:
        end = "failed"
    finally:
        if landscape.ramp is not None:  # where a cooling was broken off
            landscape.functional.t = landscape.ramp.t[-1]
    functional = landscape.functional
    holes = trapped(functional, functional.medium.holes) if functional.medium else ()
    return Outcome(
        number=trial.number,
        kind=trial.kind,
        roots=trial.roots,
        parents=trial.parents,
        end=end,
        energy=certificate.energy if certificate else landscape.system.energy(),
        vortices=tuple(find_vortices(functional)),
        holes=tuple(hole.fluxoid for hole in holes),
        certificate=certificate,
        known=known,
        seconds=time.perf_counter() - begun,
    )


class _Watch:
    """Ends a minimisation that goes to a known state, or stays above those of interest."""

    def __init__(
        self, landscape: Landscape, archive: Archive, keep: int, listen: Callable[[], None]
    ) -> None:
        self.landscape, self.archive, self.listen = landscape, archive, listen
        ranked = archive.ranked
        self.limit = ranked[keep - 1].best.energy if len(ranked) >= keep else np.inf
        self.known = [entry.best for entry in ranked]
        self.last = np.inf

    def step(self, step: Step) -> None:
        """Hear of a Newton step."""
        self.listen()
        gained, self.last = self.last - step.energy, step.energy
        if step.number >= _SETTLED and step.energy - _HOPE * gained > self.limit:
            raise _Stopped("above")
        if step.gradient_norm > _RECOGNISED or step.gradient_norm < step.tolerance:
            return
        near = [o for o in self.known if abs(step.energy / o.energy - 1) < _CLOSE]
        if not near or self.landscape.functional.medium is not None:
            return
        vortices = find_vortices(self.landscape.functional)
        for outcome in near:
            if self.archive.alike(outcome, step.energy, vortices):
                raise _Stopped("known", outcome.number)


def _begin(trial: Trial, landscape: Landscape, archive: Archive, states: States) -> None:
    """Make the start of a trial."""
    rng = np.random.default_rng(trial.seed)
    parents = [archive.outcomes[number] for number in trial.parents]
    if trial.kind in landscape.proposals:
        landscape.begin(landscape.proposals[trial.kind]())
        return
    if trial.kind == "cooled":
        assert landscape.ramp is not None  # the plan sees to it
        normal_state(landscape.functional)
        cool(landscape.system, landscape.ramp, seed=int(rng.integers(2**31)))
        return
    if trial.kind in ("annealed", "mixed"):
        annealed = _annealed(landscape, archive, rng, parents)
        # a mesh may have places for fewer than the flux of a cell
        if landscape.quanta in (None, sum(vortex.charge for vortex in annealed)):
            landscape.begin(annealed)
            return
    if not parents:
        lowest = archive.lowest
        typical = lowest.best.total_charge if lowest else _TYPICAL
        patterns = [random_pattern(landscape, rng, typical) for _ in range(_DRAWN)]
        if trial.kind == "symmetric":
            patterns = [symmetric_pattern(landscape, rng, pattern) for pattern in patterns]
        landscape.begin(landscape.lowest_of(patterns))
        return
    vortices = parents[0].vortices
    if trial.kind == "symmetric":
        if rng.uniform() < 0.5:
            vortices = tuple(changed(vortices, _change(landscape, rng, vortices)))
        landscape.begin(symmetric_pattern(landscape, rng, vortices))
    elif trial.kind == "image":
        which = int(rng.integers(1, len(landscape.symmetry)))
        landscape.begin(landscape.symmetry.image(which, vortices))
    elif trial.kind == "cross":
        landscape.begin(spliced(landscape, rng, vortices, parents[1].vortices))
    else:
        landscape.hold(states(parents[0].number))
        if trial.kind == "away":
            push_away(landscape.system, rng)
        elif landscape.alterable:
            Descent(landscape, rng).run(_TRIED)
        else:
            changes = [_change(landscape, rng, vortices) for _ in range(_WEIGHED)]
            landscape.begin(landscape.lowest_of([changed(vortices, c) for c in changes]))


def _annealed(
    landscape: Landscape, archive: Archive, rng: np.random.Generator, parents: Sequence[Outcome]
) -> Vortices:
    """London vortices annealed, with core energies from the known states.

    If there are parents they may sit close to where those and their images have theirs.
    """
    assert landscape.london is not None  # the plan sees to it
    london, symmetry = landscape.london(), landscape.symmetry
    london.calibrate([(entry.best.energy, entry.best.vortices) for entry in archive.ranked])
    places = np.array([(v.x, v.y) for parent in parents for v in parent.vortices]).reshape(-1, 2)
    images = np.concatenate([symmetry.places(number, places) for number in range(len(symmetry))])
    found = london.anneal(int(rng.integers(2**31)), images if parents else None)
    if len(symmetry) == 1:
        return found
    energy = london.energy(found)
    for _ in range(_SPLICED):  # parts of it may be better in an image of it
        other = spliced(landscape, rng, found, found)
        if london.energy(other) < energy + _MAY_FALL:
            other = london.relax(other)
            if (lower := london.energy(other)) < energy - _LOWER:
                found, energy = other, lower
    return found


def _change(landscape: Landscape, rng: np.random.Generator, vortices: Vortices) -> Change:
    """A random change; none if nothing fits."""
    drawn = (random_change(landscape, rng, vortices) for _ in range(_CHANGES))
    return next((change for change in drawn if change is not None), Change())
