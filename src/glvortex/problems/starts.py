"""The starts of a problem, each relaxed to a certified minimum, and who keeps them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np

from glvortex.errors import NotConvergedError
from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.transfer import take_over
from glvortex.geometry.arrays import MeshArrays, MeshData
from glvortex.geometry.sample import Cell
from glvortex.interrupt import Interrupted
from glvortex.observe.fluxoids import trapped
from glvortex.observe.vortices import find_vortices
from glvortex.problems.cooling import Cooling
from glvortex.problems.setup import Setup
from glvortex.solve.annealing import LondonAnnealing
from glvortex.solve.cooling import Moment, cool, normal_state
from glvortex.solve.london import London, Vortex
from glvortex.solve.london_gas import LondonGas
from glvortex.solve.minimiser import Certificate, Step, minimise
from glvortex.solve.proposal import propose
from glvortex.solve.starts import follow_field, imprint
from glvortex.solve.system import System

CONTINUED = "continued"  # name of the start from the state of another problem

Reached = Step | Moment
"""How far a start has come: in its minimisation, or before that in its cooling."""


@dataclass(frozen=True)
class State:
    """One relaxed start; ``certificate`` is None where no minimum was reached.

    ``vortices`` are those in the superconductor; ``holes`` holds the quanta of each hole;
    ``extrapolated`` is what the energy tends to on finer meshes and ``error`` how wrong that may
    be, None where nobody asked for it; ``settled`` says that no force is left in the London model,
    which has no certificates.
    """

    start: str
    energy: float
    vortices: tuple[Vortex, ...]
    certificate: Certificate | None
    holes: tuple[int, ...] = ()
    extrapolated: float | None = None
    error: float | None = None
    settled: bool = False

    @property
    def net_charge(self) -> int:
        """Vortices less antivortices."""
        return sum(vortex.charge for vortex in self.vortices)

    @property
    def minimum(self) -> bool:
        """Whether the state is a certified minimum, or settled in the London model."""
        return self.settled or (self.certificate is not None and self.certificate.minimum)


class Keeper(Protocol):
    """Who keeps what a run has reached, so that a later one goes on from there; collective."""

    def finished(self, start: str, functional: GinzburgLandau) -> State | None:
        """Return what a start was relaxed to and give it to the functional; None if unknown."""

    def mesh(self, start: str) -> MeshArrays | None:
        """Return the mesh on which a start was relaxed or is being; None if unknown."""

    def begun(self, start: str, functional: GinzburgLandau) -> Reached | None:
        """Return how far a start has come and give that to the functional; None if unknown."""

    def reach(
        self,
        start: str,
        step: Reached,
        mesh_data: MeshData,
        functional: GinzburgLandau,
        *,
        last: bool = False,
    ) -> None:
        """Hear that the functional holds what there is before a step of a start.

        After the ``last`` one the run ends, because it was asked to.
        """

    def finish(self, state: State, mesh_data: MeshData, functional: GinzburgLandau) -> None:
        """Hear that the functional holds the relaxed state of a start."""


class Forgetful:
    """Nobody does."""

    def finished(self, start: str, functional: GinzburgLandau) -> State | None:
        """Know nothing."""

    def mesh(self, start: str) -> MeshArrays | None:
        """Know nothing."""

    def begun(self, start: str, functional: GinzburgLandau) -> Reached | None:
        """Know nothing."""

    def reach(
        self,
        start: str,
        step: Reached,
        mesh_data: MeshData,
        functional: GinzburgLandau,
        *,
        last: bool = False,
    ) -> None:
        """Keep nothing."""

    def finish(self, state: State, mesh_data: MeshData, functional: GinzburgLandau) -> None:
        """Keep nothing."""


@dataclass(frozen=True)
class Start:
    """A name, how the functional gets the state to begin with (collective), and how that cools.

    ``vortices`` are those of the state, for the London model.
    """

    name: str
    begin: Callable[[GinzburgLandau], None]
    cooling: Cooling | None = None
    vortices: Sequence[Vortex] = ()


def starts_of(setup: Setup, london: London) -> list[Start]:
    """Return the starts a setup asks for."""
    starts, patterns = [], proposals(setup, lambda: london)
    for asked in setup.starts:
        if asked == "cooled":
            starts.append(Start(asked, normal_state, setup.cooling))
            continue
        vortices = patterns[asked]()
        starts.append(imprinted(setup, asked, vortices))
        other = f"{asked}-depaired"
        if other in patterns and (depaired := patterns[other]()) != vortices:
            starts.append(imprinted(setup, other, depaired))
    return starts


def proposals(setup: Setup, london: Callable[[], London]) -> dict[str, Callable[[], list[Vortex]]]:
    """Return what finds the vortices of each start of a setup, by name; collective when called.

    "cooled" has no vortices to begin with. London theory leaves Ginzburg-Landau a choice, and makes
    two starts.
    """
    found: dict[str, Callable[[], list[Vortex]]] = {}
    for asked in setup.starts:
        if asked in ("london", "annealed"):
            find = partial(_in_london_field, asked, setup, london)
            found[asked] = partial(find, depairing=False)
            if setup.model != "london":  # which takes a~ as given
                found[f"{asked}-depaired"] = partial(find, depairing=True)
        elif asked != "cooled":
            found[asked] = partial(_proposed, asked, setup)
    return found


def imprinted(setup: Setup, name: str, vortices: Sequence[Vortex]) -> Start:
    """Return the start from the London state of some vortices and of the fluxoids of the holes."""
    everything = [*vortices, *in_holes(setup)]
    return Start(name, lambda functional: imprint(functional, everything), vortices=vortices)


def in_holes(setup: Setup) -> tuple[Vortex, ...]:
    """Vortices that stand for the fluxoids of the holes."""
    return tuple(Vortex(*h.shape.inner_point, h.fluxoid) for h in setup.holes if h.fluxoid)


def continued(
    setup: Setup, previous: GinzburgLandau, vortices: Sequence[Vortex], functional: GinzburgLandau
) -> Start | None:
    """Return the start from the state of another problem, None where it cannot be one; collective.

    On the same mesh that is its f and a; else what the sample still holds of its vortices, which
    in a cell must make up its flux.
    """

    def begin(target: GinzburgLandau) -> None:
        take_over(previous, target)
        if not target.screening:
            follow_field(target)

    if take_over(previous, functional):
        return Start(CONTINUED, begin, vortices=vortices)
    left = [v for v in vortices if setup.sample.contains([(v.x, v.y)])[0]]
    charge = sum(vortex.charge for vortex in left)
    if isinstance(setup.sample, Cell) and charge != setup.sample.flux_quanta:
        return None
    return imprinted(setup, CONTINUED, left)


def _proposed(asked: str, setup: Setup) -> list[Vortex]:
    """Return the vortices of a named start that needs no London theory."""
    if asked == "uniform":
        return []
    if asked == "lattice":
        assert isinstance(setup.sample, Cell)  # the schema sees to it
        lattice = setup.sample.lattice
        sign = 1 if lattice.flux_quanta > 0 else -1
        return [Vortex(x, y, sign) for x, y in lattice.spread(abs(lattice.flux_quanta))]
    return [Vortex(*vortex) for vortex in setup.vortices]


def _in_london_field(
    asked: str, setup: Setup, london: Callable[[], London], *, depairing: bool
) -> list[Vortex]:
    """Return the vortices of the starts "london" and "annealed"."""
    if asked == "london":
        return propose(london(), depairing=depairing)
    return LondonAnnealing(LondonGas(london(), depairing=depairing)).run(setup.cooling.seed)


def relax(
    start: Start,
    setup: Setup,
    mesh_data: MeshData,
    system: System,
    report: Callable[[Step], None],
    keeper: Keeper,
    cooled: Callable[[Moment], None] = lambda moment: None,
) -> State:
    """Minimise from a start, or go on from what is kept of it; collective.

    The functional of the system holds the result. ``report`` hears of Newton steps and ``cooled``
    of a cooling before them.

    Raises:
        Interrupted: the run was asked to stop; the keeper has heard how far it came.
    """
    functional = system.functional
    resumed = keeper.begun(start.name, functional)
    if resumed is None:
        start.begin(functional)

    reached: list[tuple[Reached, np.ndarray]] = []  # before the present step

    def hear(step: Reached) -> None:
        reached[:] = [(step, system.state())]
        if isinstance(step, Step):
            report(step)
        else:
            cooled(step)
        keeper.reach(start.name, step, mesh_data, functional)

    try:
        if start.cooling is not None and not isinstance(resumed, Step):
            ramp, seed = start.cooling.ramp, start.cooling.seed
            cool(system, ramp, seed=seed, report=hear, resumed=resumed)
            resumed = None
        assert not isinstance(resumed, Moment)  # only what cools is kept as a moment
        certificate = minimise(
            system,
            gradient_tolerance=setup.gradient_tolerance,
            max_steps=setup.max_steps,
            report=hear,
            resumed=resumed,
        )
    except NotConvergedError:
        certificate, functional.t = None, setup.t
    except Interrupted:
        for step, unknowns in reached:
            system.set_state(unknowns)
            keeper.reach(start.name, step, mesh_data, functional, last=True)
        raise
    state = state_of(start.name, functional, certificate)
    keeper.finish(state, mesh_data, functional)
    return state


def state_of(start: str, functional: GinzburgLandau, certificate: Certificate | None) -> State:
    """Return what the functional holds, relaxed from the named start; collective."""
    energy = certificate.energy if certificate else sum(functional.budget().values())
    medium = functional.medium
    holes = trapped(functional, medium.holes) if medium else ()
    quanta = tuple(hole.fluxoid for hole in holes)
    return State(start, energy, tuple(find_vortices(functional)), certificate, quanta)
