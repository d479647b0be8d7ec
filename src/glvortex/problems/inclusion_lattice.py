"""The infinite lattice of inclusions and the vortices it holds, also by London theory.

A cell with one inclusion and no applied field holds vortices inside the inclusion, of the other
sign between the inclusions, or both; its flux is whatever they carry. Each content is seeded where
London theory wants it and relaxed. The energy of the field is part of the energy, so that the
energies of cells with different flux compare as they are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from mpi4py import MPI
from scipy.special import k0

from glvortex.errors import NotConvergedError, ParameterError
from glvortex.geometry.inclusions import Disks
from glvortex.geometry.sample import Cell
from glvortex.material.critical import vortex_line_energy
from glvortex.problems.build import build
from glvortex.problems.setup import Setup
from glvortex.problems.solve import Progress, Silent, Solution, solve
from glvortex.solve.london import London, Vortex
from glvortex.solve.proposal import Wish, place

# Vortices inside and between per cell: none, one sign, both signs.
CONTENTS = ((0, 0), (1, 0), (0, 1), (1, 1), (2, 2), (4, 4))


@dataclass(frozen=True)
class Content:
    """A content of the cell, seeded and relaxed.

    Attributes:
        seeded: vortices inside the inclusion and between the inclusions.
        flux_quanta: of the cell.
        energy: free energy of the cell, extrapolated where the setup refines the mesh; nan where
            no minimum was reached.
        london: what the seeds add to that of the cell without any by London theory.
        depaired: the same with the source (1 - a~^2) a~, weakened as a~ itself breaks pairs.
        vortices: of the relaxed state.
        inside, between: how many vortices of the relaxed state are there.
    """

    seeded: tuple[int, int]
    flux_quanta: int
    energy: float
    london: float
    depaired: float
    vortices: tuple[Vortex, ...]
    inside: int
    between: int


@dataclass(frozen=True)
class Criteria:
    """London theory before the first vortex, all over kappa^2 and in Bc2 as h_eff.

    Attributes:
        step: kappa^2 h~ = a~ d, by which h_eff differs between the two sides of the edge region.
        inside, between: largest kappa^2 h_eff of the sign that enters there, of the cell.
        first: what these must exceed, kappa^2 Hc1/Hc2 = e1/2.
        pair: what the step must exceed for a pair, e1 - K0(r/kappa) at the distance r where the
            pair costs least.
    """

    step: float
    inside: float
    between: float
    first: float
    pair: float


@dataclass(frozen=True)
class Fraction:
    """The cell at one area fraction pi R^2/area of the inclusions."""

    fraction: float
    setup: Setup
    criteria: Criteria
    contents: tuple[Content, ...]

    def gain(self, content: Content) -> float:
        """Energy of a content less that of the cell without vortices."""
        return content.energy - self.contents[0].energy


def inclusion_lattice(
    setup: Setup,
    fractions: Sequence[float],
    comm: MPI.Intracomm = MPI.COMM_WORLD,
    progress: Progress | None = None,
) -> list[Fraction]:
    """Relax the contents of the cell at each area fraction, the radius being adapted; collective.

    Raises:
        ParameterError: the sample is no cell with one inclusion, or that does not fit in.
    """
    setup.demand_ginzburg_landau("a lattice of inclusions")
    setup.refuse_accuracy("a lattice of inclusions")
    if not isinstance(setup.sample, Cell) or len(setup.inclusions) != 1:
        raise ParameterError(
            f'{setup.name}: a lattice of inclusions needs shape = "cell" with one inclusion in it.'
        )
    if not isinstance(setup.inclusions, Disks):
        raise ParameterError(
            f"{setup.name}: the inclusion of a lattice of inclusions must be a disk, whose radius "
            "follows the area fraction."
        )
    cells = [_at(setup, fraction) for fraction in sorted(fractions)]
    progress, found = progress or Silent(), list[Fraction]()
    progress.count("area fractions", 0, len(cells))
    for cell in cells:
        found.append(_relaxed(cell, comm, progress))
        progress.count("area fractions", len(found), len(cells))
    return found


def _at(setup: Setup, fraction: float) -> Setup:
    """The setup with the radius that makes the area fraction, and no flux."""
    assert isinstance(setup.sample, Cell)
    if not 0 < fraction < 1:
        raise ParameterError(
            f"{setup.name}: area fractions must lie between 0 and 1, got {fraction:g}."
        )
    radius = np.array([math.sqrt(fraction * setup.sample.area / math.pi)])
    inclusions = replace(_disks(setup), radius=radius)
    try:
        inclusions.check(setup.sample)
    except ParameterError as error:
        raise ParameterError(
            f"{setup.name}: the area fraction {fraction:g} is wrong: {error}"
        ) from None
    return replace(setup, sample=replace(setup.sample, flux_quanta=0), inclusions=inclusions)


def _disks(setup: Setup) -> Disks:
    assert isinstance(setup.inclusions, Disks)
    return setup.inclusions


def _relaxed(setup: Setup, comm: MPI.Intracomm, progress: Progress) -> Fraction:
    _, functional = build(setup, comm)
    london = London(functional)
    edges = _edge_distance(setup, london.space.vertices[:, :2])
    half = setup.inclusions.edge_width / 2
    g = london.field().x.array
    inside, between = edges < -half, edges > half
    sign = _sign(london, g, inside)
    fraction = math.pi * float(_disks(setup).radius[0]) ** 2 / setup.sample.area

    def largest(values: np.ndarray) -> float:
        return float(comm.allreduce(values.max(initial=-np.inf), op=max))

    contents, pair = [], (Vortex(0, 0, 0), Vortex(0, 0, 0))
    for ins, out in CONTENTS:
        progress.stage(f"area fraction {fraction:.3g}: {ins} inside, {out} between")
        wishes = [Wish(sign, inside)] * ins + [Wish(-sign, between)] * out
        seeds = place(london, wishes)
        if (ins, out) == (1, 1):
            pair = (seeds[0], seeds[1])
        contents.append(_content(london, setup, (ins, out), seeds, progress))
    e1 = float(vortex_line_energy(setup.kappa))
    assert setup.sample.lattice is not None
    away = setup.sample.lattice.nearest_image([pair[0].x - pair[1].x, pair[0].y - pair[1].y])
    criteria = Criteria(
        step=float(abs(setup.inclusions.pseudo_gauge[0])) * setup.inclusions.edge_width,
        inside=largest(sign * g[inside]),
        between=largest(-sign * g[between]),
        first=e1 / 2,
        pair=e1 - float(k0(np.hypot(*away) / setup.kappa)),
    )
    return Fraction(fraction, setup, criteria, tuple(contents))


def _edge_distance(setup: Setup, points: np.ndarray) -> np.ndarray:
    """Distance of points to the mid-edge circle of the nearest image of the inclusion."""
    assert setup.sample.lattice is not None
    away = setup.sample.lattice.nearest_image(points - setup.inclusions.centres[0])
    return np.asarray(np.hypot(away[:, 0], away[:, 1]) - _disks(setup).radius[0])


def _sign(london: London, g: np.ndarray, inside: np.ndarray) -> int:
    """Of the vortices that h_eff wants inside."""
    here = float(np.sum(g[inside][: np.sum(inside[: london.space.owned_vertices])]))
    return 1 if london.space.mesh.comm.allreduce(here) >= 0 else -1


def _content(
    london: London,
    setup: Setup,
    seeded: tuple[int, int],
    seeds: Sequence[Vortex],
    progress: Progress,
) -> Content:
    """Relax the seeds in a cell that holds their flux."""
    assert isinstance(setup.sample, Cell)
    quanta = sum(vortex.charge for vortex in seeds)
    found = None
    try:
        found = solve(
            replace(
                setup,
                sample=replace(setup.sample, flux_quanta=quanta),
                starts=("file",) if seeds else ("uniform",),
                vortices=tuple((v.x, v.y, v.charge) for v in seeds),
            ),
            london.space.mesh.comm,
            _Quiet(progress),
        )
    except NotConvergedError:
        progress.stage("no minimum reached")
    vortices = found.best.vortices if found else ()
    places = np.array([(vortex.x, vortex.y) for vortex in vortices]).reshape(-1, 2)
    inside = int(np.sum(_edge_distance(setup, places) < 0))
    return Content(
        seeded=seeded,
        flux_quanta=quanta,
        energy=_energy(found) if found else math.nan,
        london=london.energy(seeds),
        depaired=london.energy(seeds, depairing=True),
        vortices=vortices,
        inside=inside,
        between=len(vortices) - inside,
    )


def _energy(found: Solution) -> float:
    return found.extrapolation.limit if found.extrapolation else found.best.energy


class _Quiet(Silent):
    """Tells of steps, not of stages."""

    def __init__(self, progress: Progress) -> None:
        self.step = progress.step  # type: ignore[method-assign]
