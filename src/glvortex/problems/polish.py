"""What is done to the kept state of a run: the shape of its cell, its energy on finer meshes."""

from __future__ import annotations

from collections.abc import Callable

from mpi4py import MPI

from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.transfer import carry_over
from glvortex.geometry.mesh import MeshData
from glvortex.geometry.sample import Cell
from glvortex.observe.bulk import stress
from glvortex.problems.build import build
from glvortex.problems.setup import Setup
from glvortex.solve.cell_shape import Strained, relax_cell
from glvortex.solve.extrapolation import Extrapolation, extrapolate
from glvortex.solve.minimiser import Certificate, Step, minimise
from glvortex.solve.system import System


def relax_shape(
    setup: Setup, comm: MPI.Intracomm, state: GinzburgLandau, report: Callable[[Step], None]
) -> tuple[Cell, MeshData, GinzburgLandau, Certificate]:
    """Shear the cell until its energy has a minimum, the state following; collective.

    Returns the cell, its mesh, its functional with the relaxed state, and the certificate.

    Raises:
        NotConvergedError: a sheared cell has no minimum within the steps allowed.
    """
    assert isinstance(setup.sample, Cell)  # the schema sees to it

    def moved(cell: Cell) -> tuple[MeshData, GinzburgLandau, Certificate]:
        nonlocal state
        mesh_data, functional = build(setup, comm, cell=cell)
        for ours, theirs in zip(functional.unknowns, state.unknowns, strict=True):
            ours.x.array[:] = theirs.x.array  # the same mesh, and all integrals along its edges
        certificate = _minimise(setup, functional, report)
        state = functional
        return mesh_data, functional, certificate

    def relaxed(cell: Cell) -> Strained:
        _, functional, certificate = moved(cell)
        return Strained(certificate.energy, stress(functional))

    cell = relax_cell(setup.sample, relaxed)
    return (cell, *moved(cell))


def refine(
    setup: Setup,
    comm: MPI.Intracomm,
    state: GinzburgLandau,
    energy: float,
    cell: Cell | None,
    report: Callable[[Step], None],
) -> tuple[MeshData, GinzburgLandau, Certificate, Extrapolation]:
    """Carry the state to finer and finer meshes and extrapolate its energy; collective.

    Returns the finest mesh, its functional with the relaxed state, the certificate, the energies.

    Raises:
        NotConvergedError: no minimum near the state on a finer mesh within the steps allowed.
    """
    energies = [energy]
    for level in range(1, setup.refinements + 1):
        mesh_data, functional = build(setup, comm, refinements=level, cell=cell)
        carry_over(state, functional)
        certificate = _minimise(setup, functional, report)
        energies.append(certificate.energy)
        state = functional
    return mesh_data, state, certificate, extrapolate(energies)


def _minimise(
    setup: Setup, functional: GinzburgLandau, report: Callable[[Step], None]
) -> Certificate:
    return minimise(
        System(functional),
        gradient_tolerance=setup.gradient_tolerance,
        max_steps=setup.max_steps,
        report=report,
    )
