"""The landscape of a problem file, and the solution that a state of it is."""

from __future__ import annotations

from functools import cache

import numpy as np
from mpi4py import MPI

from glvortex.problems.build import build, free_energy
from glvortex.problems.search.archive import Outcome
from glvortex.problems.search.landscape import Landscape
from glvortex.problems.search.symmetry import symmetry_of
from glvortex.problems.setup import Setup
from glvortex.problems.solve import Silent, Solution, completed
from glvortex.problems.starts import Forgetful, State, in_holes, proposals
from glvortex.solve.calibration import CalibratedLondon
from glvortex.solve.london import London, Threshold
from glvortex.solve.london_gas import LondonGas
from glvortex.solve.system import System

_DEPTH = 1.5  # xi: no vortex is put closer to the boundary


def landscape_of(setup: Setup, comm: MPI.Intracomm) -> Landscape:
    """Mesh a problem and set up its landscape; collective.

    Raises:
        ParameterError: the geometry cannot be meshed, the problem is one of the London model, or
            asks for adapted meshes.
    """
    setup.demand_ginzburg_landau("a search")
    setup.refuse_accuracy("a search")
    mesh_data, functional = build(setup, comm)
    sample = setup.sample

    @cache
    def london() -> London:
        return London(functional, [hole.fluxoid for hole in setup.holes])

    @cache
    def calibrated() -> CalibratedLondon:
        return CalibratedLondon(LondonGas(london()))

    def inside(points: np.ndarray) -> np.ndarray:
        deep = sample.boundary_distance(points) > _DEPTH * (sample.lattice is None)
        return np.asarray(sample.contains(points) & deep)

    return Landscape(
        mesh_data,
        functional,
        inside,
        proposals(setup, london),
        symmetry_of(setup),
        gradient_tolerance=setup.gradient_tolerance,
        max_steps=setup.max_steps,
        in_holes=in_holes(setup),
        centres=setup.inclusions.centres if len(setup.inclusions) else None,
        london=calibrated,
        ramp=setup.cooling.ramp,
        build=lambda part: free_energy(setup, part, sample),
    )


def threshold_of(setup: Setup, landscape: Landscape) -> Threshold:
    """The London field without vortices against Hc1; collective."""
    return London(landscape.functional, [hole.fluxoid for hole in setup.holes]).threshold()


def solution_of(
    setup: Setup, landscape: Landscape, outcome: Outcome, threshold: Threshold
) -> Solution:
    """The solution that a state is, which the landscape holds; collective.

    Its states are this one alone. Where the problem asks for finer meshes or for a cell that
    shears itself, the state is polished as `solve` does it.

    Raises:
        NotConvergedError: the state is lost on a finer mesh.
    """
    state = State(
        outcome.kind, outcome.energy, outcome.vortices, outcome.certificate, outcome.holes
    )
    # an adaptation destroys what it gets
    system = landscape.system if setup.accuracy is None else System(landscape.functional)
    return completed(
        setup,
        landscape.mesh_data,
        system,
        [(state, system.state())],
        state,
        threshold,
        Silent(),
        Forgetful(),
        {"solve": outcome.seconds},
    )
