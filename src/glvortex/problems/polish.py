"""What is done to the kept state of a run: the shape of its cell, its energy on finer meshes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from mpi4py import MPI

from glvortex.errors import NotConvergedError
from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.transfer import carry_over
from glvortex.geometry.mesh import MeshData
from glvortex.geometry.sample import Cell
from glvortex.observe.bulk import stress
from glvortex.problems.build import build, free_energy, shear
from glvortex.problems.setup import Setup
from glvortex.problems.starts import Forgetful, Keeper, Start, relax
from glvortex.solve.cell_shape import Strained, relax_cell
from glvortex.solve.minimiser import Certificate, Step, minimise
from glvortex.solve.system import System


@dataclass(frozen=True)
class Polished:
    """A relaxed state: its mesh, its functional, its certificate and the cell, if it has one."""

    mesh_data: MeshData
    functional: GinzburgLandau
    certificate: Certificate
    cell: Cell | None


def polish(
    setup: Setup,
    comm: MPI.Intracomm,
    kept: Polished,
    report: Callable[[Step], None],
    keeper: Keeper | None = None,
) -> list[Polished]:
    """Relax the shape of the cell and refine the mesh, as the setup asks; collective.

    Returns the state on each mesh, the coarsest first. On every mesh the cell takes the shape that
    is best there, so that the energies are those of one state that converges. The ``keeper`` keeps
    the states on refined meshes where the shape stays what it is.

    Raises:
        NotConvergedError: no minimum near the state within the steps allowed.
    """
    levels = [_relaxed_shape(setup, kept, report) if setup.relax else kept]
    for level in range(1, setup.refinements + 1):
        kept = levels[-1]
        mesh_data, functional = build(setup, comm, refinements=level, cell=kept.cell)
        start = Start(f"refinement-{level}", partial(carry_over, kept.functional))
        memory = Forgetful() if setup.relax or keeper is None else keeper
        state = memory.finished(start.name, functional)
        state = state or relax(start, setup, mesh_data, System(functional), report, memory)
        if state.certificate is None:
            raise NotConvergedError(
                f"{setup.name}: no minimum on the mesh refined {level} times within "
                f"{setup.max_steps} Newton steps; raise solver.max_steps."
            )
        kept = Polished(mesh_data, functional, state.certificate, kept.cell)
        levels.append(_relaxed_shape(setup, kept, report) if setup.relax else kept)
    return levels


def moved(setup: Setup, kept: Polished, cell: Cell, report: Callable[[Step], None]) -> Polished:
    """Relax the state in another cell with as much flux, into which its mesh is moved; collective.

    Raises:
        NotConvergedError: no minimum near the state within the steps allowed.
    """
    assert kept.cell is not None
    shear(kept.mesh_data, kept.cell, cell)
    functional = free_energy(setup, kept.mesh_data, cell)
    for new, old in zip(functional.unknowns, kept.functional.unknowns, strict=True):
        new.x.array[:] = old.x.array  # the integrals along the edges go with the vertices
    certificate = _minimise(setup, functional, report)
    return Polished(kept.mesh_data, functional, certificate, cell)


def _relaxed_shape(setup: Setup, kept: Polished, report: Callable[[Step], None]) -> Polished:
    """Shear the cell with its mesh until its energy has a minimum, the state following."""

    def strained(cell: Cell) -> Strained:
        nonlocal kept
        kept = moved(setup, kept, cell, report)
        return Strained(kept.certificate.energy, stress(kept.functional))

    assert kept.cell is not None  # the schema sees to it
    best = relax_cell(kept.cell, strained)
    return moved(setup, kept, best, report)


def _minimise(
    setup: Setup, functional: GinzburgLandau, report: Callable[[Step], None]
) -> Certificate:
    return minimise(
        System(functional),
        gradient_tolerance=setup.gradient_tolerance,
        max_steps=setup.max_steps,
        report=report,
    )
