"""The London energy of vortices beside the Ginzburg-Landau one, far from the limit and near it.

What vortices add to the energy in a square: both theories start from the state without vortices
and relax the places. London theory leaves out that flow weakens the pairs, to lowest order -v^4/2
per area: where the flow v of the field, of the sources and of all vortices adds up, and as the
square of the size at given flux.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import ufl
from dolfinx import fem

from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.sources import pseudo_gauge_field
from glvortex.geometry.inclusions import Disks, Inclusions
from glvortex.geometry.sample import Rectangle
from glvortex.solve.extrapolation import Extrapolation, extrapolate
from glvortex.solve.london import London, Vortex
from glvortex.solve.london_gas import LondonGas
from glvortex.solve.starts import imprint
from glvortex.verify.checks import Check, Run, functionals, states
from glvortex.verify.london import SECTION

_LEVELS = 3
_APART = 0.2  # of the side: coordinates at the start
_PLACES = {1: [(0, 0)], 2: [(-1, 0), (1, 0)], 4: [(-1, 1), (1, 1), (-1, -1), (1, -1)]}
_FLUX = {1: 8.0, 2: 24.0, 4: 34.0}  # b_a side^2 at which so many are stable
_KAPPAS = (50.0, 100.0)
_RING = 8.0, 4.0  # radius and width of an edge region, in xi


@dataclass(frozen=True)
class Square:
    """A square with vortices in an applied field, and a ring of a~ about its middle or none.

    Attributes:
        side: in xi.
        count: of the vortices.
        kappa: None without screening.
        pseudo_gauge: a~ of the ring.
    """

    side: float
    count: int
    kappa: float | None = None
    pseudo_gauge: float = 0.0

    @property
    def name(self) -> str:
        """For the report."""
        vortices = "one vortex" if self.count == 1 else f"{self.count} vortices"
        screening = "no screening" if self.kappa is None else f"kappa {self.kappa:g}"
        ring = f", a~ {self.pseudo_gauge:g}" if self.pseudo_gauge else ""
        return f"London energy of {vortices}, side {self.side:g} xi, {screening}{ring}"

    @property
    def start(self) -> list[Vortex]:
        """The vortices before they relax."""
        step = _APART * self.side
        return [Vortex(step * x, step * y, 1) for x, y in _PLACES[self.count]]

    def meshes(self) -> Iterator[GinzburgLandau]:
        """The free energy on mesh after mesh."""
        ring = _ring(self.pseudo_gauge)
        for functional in functionals(
            Rectangle(self.side, self.side),
            self.side / (20 if self.side < 40 else 30),
            _LEVELS,
            inclusions=ring if self.pseudo_gauge else None,
            kappa=self.kappa or 1.0,
            screening=self.kappa is not None,
            applied_field=_FLUX[self.count] / self.side**2,
        ):
            if self.pseudo_gauge:
                flow = pseudo_gauge_field(functional.space, ring)
                functional.pseudo_gauge.x.array[:] = flow.x.array
            yield functional

    def added(self) -> tuple[Extrapolation, Extrapolation]:
        """What the vortices add, in Ginzburg-Landau and in London theory."""
        alone = _energies(self.meshes(), [])
        with_vortices = _energies(self.meshes(), self.start)
        london = []
        for functional in self.meshes():
            gas = LondonGas(London(functional))
            london.append(gas.energy(gas.relax(self.start)))
        return extrapolate(
            [e - e0 for e, e0 in zip(with_vortices, alone, strict=True)]
        ), extrapolate(london)


def added_energy(square: Square, tolerance: float) -> Sequence[Check]:
    """The London energy of vortices, beside that of the relaxed Ginzburg-Landau states."""
    full, london = square.added()
    return [Check(square.name, full.limit, london.limit, tolerance, london.order)]


def depairing() -> Sequence[Check]:
    """What the flow of the field alone takes from the London energy: the integral of v^4/2."""
    square = Square(24.0, 1)
    shifts, losses = [], []
    for functional in states(square.meshes(), imprint):
        g = London(functional).field()
        flow = ufl.inner(ufl.grad(g), ufl.grad(g))
        parts = [functional.integrate(fem.form(part * functional.dx)) for part in (flow, flow**2)]
        energy = sum(functional.budget().values()) + functional.area / 2
        shifts.append(parts[0] - energy)
        losses.append(parts[1] / 2)
    shift, loss = extrapolate(shifts), extrapolate(losses)
    name = "London less Ginzburg-Landau energy without vortices, v^4/2"
    return [Check(name, loss.limit, shift.limit, 0.05, shift.order)]


def _energies(meshes: Iterator[GinzburgLandau], start: list[Vortex]) -> list[float]:
    begun = states(meshes, lambda functional: imprint(functional, start))
    return [sum(functional.budget().values()) for functional in begun]


def _ring(strength: float) -> Inclusions:
    one, zero = np.ones(1), np.zeros(1)
    radius, width = _RING
    return Disks(
        x=zero,
        y=zero,
        radius=radius * one,
        sign=one,
        edge_width=width,
        edge_smoothing=1.0,
        pseudo_gauge=strength * one,
        magnetisation=zero,
    )


# and the largest relative difference of the two theories
_SQUARES = (
    (Square(24.0, 1), 0.03),
    (Square(48.0, 1), 0.01),
    (Square(48.0, 2), 0.1),
    (Square(48.0, 4), 0.15),
    *((Square(36.0, 1, kappa), 0.02) for kappa in _KAPPAS),
    *((Square(36.0, 2, kappa), 0.12) for kappa in _KAPPAS),
    (Square(48.0, 4, 50.0), 0.15),
    *((Square(36.0, 1, None, strength), 0.1) for strength in (0.05, 0.1, 0.2)),
)

RUNS = (
    Run(SECTION, "depairing", True, depairing),
    *(
        Run(SECTION, square.name, square == Square(24.0, 1), partial(added_energy, square, allowed))
        for square, allowed in _SQUARES
    ),
)
