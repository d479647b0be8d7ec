"""The London model of a problem: the vortices of each start relaxed as particles, |f| given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from dolfinx import fem

from glvortex.fem.energy import GinzburgLandau
from glvortex.problems.setup import Setup
from glvortex.problems.starts import Start, State, imprinted
from glvortex.solve.london import London
from glvortex.solve.london_gas import LondonGas

_FORCE = 1e-2  # in Bc^2 xi/mu0 per length: a state with weaker ones is settled
_EQUAL = 1e-10  # relative difference of energies that says nothing


@dataclass(frozen=True)
class LondonStates:
    """Every start relaxed, the lowest of them, and the terms of its energy."""

    states: tuple[State, ...]
    best: State
    budget: dict[str, float]


def relax_as_particles(
    setup: Setup, london: London, starts: Sequence[Start], hear: Callable[[str, int], None]
) -> LondonStates:
    """Relax the vortices of each start; collective.

    The functional gets f and a that the vortices of the lowest make (`imprint`). ``hear`` is told
    the name of each start and its number before it is relaxed.
    """
    gas, rest = LondonGas(london), without_vortices(london)
    fluxoids = tuple(hole.fluxoid for hole in setup.holes)
    states = []
    for number, start in enumerate(starts):
        hear(start.name, number)
        vortices = gas.relax(start.vortices)
        energy = sum(rest.values()) + gas.energy(vortices)
        settled = bool((np.abs(gas.forces(vortices)) < _FORCE).all())
        states.append(State(start.name, energy, tuple(vortices), None, fluxoids, settled=settled))
    lowest = min(state.energy for state in states)
    best = next(s for s in states if s.energy <= lowest + _EQUAL * abs(lowest))
    imprinted(setup, best.start, best.vortices).begin(london.functional)
    return LondonStates(tuple(states), best, rest | {"vortices": best.energy - sum(rest.values())})


def without_vortices(london: London) -> dict[str, float]:
    """Energy of the London state without vortices, in Bc^2 xi^2/mu0 per length.

    ``condensation`` is that of the uniform state of each material. ``flow`` is what sources and
    applied field add, kinetic energy and that of the field: with rho v = curl(g z)

        int |grad g|^2/rho + g^2/kappa^2 - kappa^2 m^ (m^ + 2 b_a)

    without screening only the first term and -2 kappa^2 m^ b_a.
    """
    functional, g = london.functional, london.field()
    moment, applied = functional.magnetisation, functional.applied_field
    squared = fem.Constant(functional.space.mesh, functional.kappa**2)
    once = fem.Constant(functional.space.mesh, 1.0 if functional.screening else 0.0)
    flow = london.flow_energy(g) - squared * moment * (once * moment + 2 * applied)
    return {
        "condensation": _condensation(functional),
        "flow": functional.integrate(fem.form(flow * functional.dx)),
    }


def _condensation(functional: GinzburgLandau) -> float:
    medium, t = functional.medium, functional.t
    if medium is None:
        return -functional.area * t**2 / 2
    density = -medium.t * medium.density / 2
    return functional.integrate(fem.form(density * functional.dx))
