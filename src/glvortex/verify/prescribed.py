"""A published benchmark: the unit square in a prescribed vector potential.

The potential stands in a~, which the pairs feel and nothing screens.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np
from dolfinx import fem
from mpi4py import MPI

from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.space import CovariantSpace
from glvortex.fem.transfer import carry_over
from glvortex.geometry.arrays import MeshData
from glvortex.geometry.inclusions import Inclusions
from glvortex.geometry.mesh import make_mesh
from glvortex.geometry.sample import Rectangle
from glvortex.geometry.sizes import MeshSizes
from glvortex.problems.search.landscape import Landscape
from glvortex.problems.search.rounds import MemoryStore, search
from glvortex.problems.search.symmetry import Symmetry, of_square
from glvortex.problems.search_section import SearchSection
from glvortex.solve.london import Vortex
from glvortex.solve.minimiser import minimise
from glvortex.solve.starts import imprint
from glvortex.solve.system import System
from glvortex.verify.checks import Check, Run, extrapolated

SECTION = "5. Prescribed field on the unit square"
SIZE, LEVELS = 0.25, 3  # of the coarsest mesh, in xi; meshes, each with a quarter of the triangles
_SEARCHED = 0.5  # size of the mesh on which states are searched

# start: charge of the vortex put into the centre; kappa: energy of the state reached
_ENERGIES = {(8.0, 0): 0.128520658992, (8.0, -3): 0.116461365695, (10.0, 0): 0.104590637829}
LOWEST = _ENERGIES[8.0, -3]
"""Energy of the lowest state known at kappa = 8."""


def square(
    kappa: float, comm: MPI.Intracomm = MPI.COMM_WORLD, *, size: float = SIZE, refinements: int = 0
) -> tuple[MeshData, GinzburgLandau]:
    """The mesh of the square, in xi, and its free energy; collective."""
    sample, sizes = Rectangle(kappa, kappa), MeshSizes.of(size, None, None, 0.0)
    data = make_mesh(comm, sample, Inclusions.none(), sizes, refinements=refinements)
    space = CovariantSpace(data.mesh)
    potential = fem.Function(space.vector_potential)

    def field(x: np.ndarray) -> np.ndarray:
        # minus the benchmark's potential, whose charges have the other sign
        u, v = (math.pi * (x[i] / kappa + 0.5) for i in (0, 1))
        return -math.sqrt(2) * np.array([np.sin(u) * np.cos(v), -np.cos(u) * np.sin(v)])

    potential.interpolate(field)
    return data, GinzburgLandau(space, kappa=kappa, pseudo_gauge=potential, screening=False)


def landscape(comm: MPI.Intracomm, *, kappa: float = 8.0, size: float = _SEARCHED) -> Landscape:
    """The square as a search sees it, which is told the published start; collective."""
    data, functional = square(kappa, comm, size=size)

    def inside(points: np.ndarray) -> np.ndarray:
        return np.asarray((np.abs(points) < kappa / 2 - 0.5).all(axis=1))

    symmetry = Symmetry(of_square(), np.zeros(2))
    return Landscape(data, functional, inside, {"uniform": list}, symmetry)


def refined(kappa: float, vortices: Sequence[Vortex]) -> list[float]:
    """Return the benchmark's E of the state with some vortices, on mesh after mesh; collective."""
    energies: list[float] = []
    before = None
    for level in range(LEVELS):
        functional = square(kappa, refinements=level)[1]
        if before is None:
            imprint(functional, vortices)
        else:
            carry_over(before, functional)
        energy = minimise(System(functional), gradient_tolerance=1e-8).energy
        energies.append((energy + kappa**2 / 2) / (2 * kappa**2))
        before = functional
    return energies


def energy(kappa: float, charge: int) -> Sequence[Check]:
    """Energy of the state reached from a uniform start, or from one vortex in the centre."""
    energies = refined(kappa, [Vortex(0.0, 0.0, charge)] if charge else [])
    start = f"start with charge {charge}" if charge else "uniform start"
    return [extrapolated(f"E, kappa {kappa:g}, {start}", _ENERGIES[kappa, charge], energies, 1e-6)]


def searched() -> Sequence[Check]:
    """Energy of the lowest state that a search finds which knows the published start alone."""
    found = search(landscape, SearchSection(), MemoryStore(), MPI.COMM_WORLD, groups=1)
    energies = refined(8.0, found.archive.ranked[0].best.vortices)
    return [extrapolated("E, kappa 8, lowest state found", LOWEST, energies, 1e-6)]


_GIVEN = tuple(
    Run(SECTION, f"kappa {kappa:g}, charge {charge}", kappa == 8.0, partial(energy, kappa, charge))
    for kappa, charge in _ENERGIES
)
RUNS = (*_GIVEN, Run(SECTION, "kappa 8, searched", False, searched))
