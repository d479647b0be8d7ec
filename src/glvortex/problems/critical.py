"""Critical fields of a material and of the sample of a problem; the modes of its kept state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mpi4py import MPI

from glvortex.errors import NotConvergedError, ParameterError
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
from glvortex.solve.nucleation import Nucleation, nucleation_field
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
        unresolved: why there is no nucleation field of the sample, empty where there is.
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
    unresolved: str
    entry: Extrapolation | None


def critical_fields(
    setup: Setup,
    comm: MPI.Intracomm = MPI.COMM_WORLD,
    *,
    entry: bool = False,
    progress: Progress | None = None,
) -> CriticalFields:
    """Find the critical fields of a problem's material and sample; collective.

    The sample's are extrapolated over the refinements the problem asks for, the nucleation field
    over one at least. ``entry`` asks for the entry field, which takes some twenty states.

    Raises:
        ParameterError: the entry field of a cell is asked for.
        NotConvergedError: the entry field could not be found.

    """
    setup.refuse_accuracy("the search for critical fields")
    progress = progress or Silent()
    t, kappa = setup.t, setup.kappa
    if entry and isinstance(setup.sample, Cell):
        raise ParameterError("a cell has no surface through which vortices could enter.")
    nucleation, vortices, unresolved = None, None, ""
    if isinstance(setup.sample, Cell):
        unresolved = "a cell has no surface."
    else:
        progress.stage("nucleation field")
        try:
            found: list[Nucleation] = []
            for functional in _meshes(setup, comm, least=1):
                found.append(nucleation_field(functional, found[-1].field if found else None))
            nucleation, vortices = extrapolate([n.field for n in found]), found[-1].vortices
        except NotConvergedError as error:
            unresolved = str(error)
    return CriticalFields(
        kappa=kappa,
        lower=t * float(vortex_line_energy(kappa)) / (2 * kappa**2),
        thermodynamic=float(thermodynamic_critical_field(kappa, t)),
        superheating=t * superheating_field(kappa).field,
        upper=t,
        surface=t * surface_critical_field(),
        nucleation=nucleation,
        vortices=vortices,
        unresolved=unresolved,
        entry=_entry(setup, comm, progress) if entry else None,
    )


def _entry(setup: Setup, comm: MPI.Intracomm, progress: Progress) -> Extrapolation:
    progress.stage("entry field")
    return extrapolate([entry_field(each).parameter for each in _meshes(setup, comm)])


def _meshes(setup: Setup, comm: MPI.Intracomm, least: int = 0) -> Iterator[GinzburgLandau]:
    """The free energy on the mesh of the problem and on its refinements."""
    for level in range(max(setup.refinements, least) + 1):
        yield build(setup, comm, refinements=level)[1]


def modes_of(solution: Solution, count: int) -> Modes:
    """Return the lowest modes of the kept state, made as stationary as rounding allows; collective.

    Raises:
        ParameterError: ``count`` is not positive, or as large as the number of unknowns; the state
            is one of the London model.
        NotConvergedError: they could not be found.

    """
    solution.setup.demand_ginzburg_landau("the modes of a state")
    if not 0 < count < solution.dofs // 4:
        raise ParameterError(
            f"the number of modes must be between 1 and {solution.dofs // 4 - 1}, got {count}."
        )
    system = System(solution.functional)
    make_stationary(system)
    return lowest_modes(system, count)
