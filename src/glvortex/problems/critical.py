"""Critical fields of a material and of the sample of a problem; the modes of its kept state."""

from __future__ import annotations

from dataclasses import dataclass

from mpi4py import MPI

from glvortex.errors import ParameterError
from glvortex.fem.energy import GinzburgLandau
from glvortex.geometry.sample import Cell
from glvortex.material.critical import thermodynamic_critical_field, vortex_line_energy
from glvortex.material.superheating import superheating_field
from glvortex.material.surface_nucleation import surface_critical_field
from glvortex.problems.build import build
from glvortex.problems.setup import Setup
from glvortex.problems.solve import Progress, Silent, Solution
from glvortex.solve.entry import entry_field
from glvortex.solve.extrapolation import Extrapolation, extrapolate
from glvortex.solve.modes import Modes, lowest_modes
from glvortex.solve.nucleation import nucleation_field
from glvortex.solve.stationary import make_stationary
from glvortex.solve.system import System


@dataclass(frozen=True)
class CriticalFields:
    """Critical fields in Bc2 (that of t = 1).

    Attributes:
        kappa: of the material.
        lower: Hc1, of an isolated vortex.
        thermodynamic: Hc.
        superheating: of a plane surface.
        upper: Hc2.
        surface: Hc3, of a plane surface.
        nucleation: of the sample, on every mesh and extrapolated; None in a cell.
        vortices: charge of what nucleates within the outer boundary, None where it has none.
        entry: field at which the state without vortices of the sample is lost, as ``nucleation``;
            None where it was not asked for.

    """

    kappa: float
    lower: float
    thermodynamic: float
    superheating: float
    upper: float
    surface: float
    nucleation: Extrapolation | None
    vortices: int | None
    entry: Extrapolation | None


def critical_fields(
    setup: Setup,
    comm: MPI.Intracomm = MPI.COMM_WORLD,
    *,
    entry: bool = False,
    progress: Progress | None = None,
) -> CriticalFields:
    """Find the critical fields of a problem's material and sample; collective.

    The sample's are extrapolated over the refinements the problem asks for. ``entry`` asks for the
    entry field, which takes some twenty states.

    Raises:
        NotConvergedError: a field of the sample could not be found.

    """
    progress = progress or Silent()
    t, kappa = setup.t, setup.kappa
    nucleation, vortices = None, None
    if not isinstance(setup.sample, Cell):
        progress.stage("nucleation field")
        found = [nucleation_field(functional) for functional in _meshes(setup, comm)]
        nucleation, vortices = extrapolate([n.field for n in found]), found[-1].vortices
    return CriticalFields(
        kappa=kappa,
        lower=t * float(vortex_line_energy(kappa)) / (2 * kappa**2),
        thermodynamic=float(thermodynamic_critical_field(kappa, t)),
        superheating=t * superheating_field(kappa).field,
        upper=t,
        surface=t * surface_critical_field(),
        nucleation=nucleation,
        vortices=vortices,
        entry=_entry(setup, comm, progress) if entry else None,
    )


def _entry(setup: Setup, comm: MPI.Intracomm, progress: Progress) -> Extrapolation:
    if isinstance(setup.sample, Cell):
        raise ParameterError("a cell has no surface through which vortices could enter.")
    progress.stage("entry field")
    return extrapolate([entry_field(each).parameter for each in _meshes(setup, comm)])


def _meshes(setup: Setup, comm: MPI.Intracomm) -> list[GinzburgLandau]:
    """The free energy on the mesh of the problem and on its refinements."""
    levels = range(setup.refinements + 1)
    return [build(setup, comm, refinements=level)[1] for level in levels]


def modes_of(solution: Solution, count: int) -> Modes:
    """Return the lowest modes of the kept state, made as stationary as rounding allows; collective.

    Raises:
        ParameterError: ``count`` is not positive, or as large as the number of unknowns.
        NotConvergedError: they could not be found.

    """
    if not 0 < count < solution.dofs // 4:
        raise ParameterError(
            f"the number of modes must be between 1 and {solution.dofs // 4 - 1}, got {count}."
        )
    system = System(solution.functional)
    make_stationary(system)
    return lowest_modes(system, count)
