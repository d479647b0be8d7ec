"""The reversible magnetisation curve of a bulk vortex lattice: a cell that grows and shrinks.

The flux quanta of the cell are kept, so scaling it changes its mean field B; the equilibrium field
H of each B is that of the virial theorem (`glvortex.observe.bulk`), and M = B - H.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from mpi4py import MPI

from glvortex.errors import ParameterError
from glvortex.geometry.sample import Cell
from glvortex.material.critical import vortex_line_energy
from glvortex.observe.bulk import Bulk, bulk, extrapolated
from glvortex.problems.polish import Polished, moved, polish
from glvortex.problems.setup import Setup
from glvortex.problems.solve import Progress, Silent, solve
from glvortex.solve.minimiser import Step


@dataclass(frozen=True)
class Equilibrium:
    """A vortex lattice at one mean field, fields in Bc2.

    Attributes:
        cell: of the lattice.
        averages: over the cell, extrapolated where the setup refines the mesh.
        errors: of the averages, infinite where they are not extrapolated.
    """

    cell: Cell
    averages: Bulk
    errors: Bulk

    @property
    def mean_field(self) -> float:
        """B."""
        return self.averages.mean_field

    @property
    def field(self) -> float:
        """H, mu0 H in SI."""
        assert self.averages.field is not None  # there is flux, and nothing else
        return self.averages.field

    @property
    def magnetisation(self) -> float:
        """M = B - H, mu0 M in SI; negative in a diamagnet."""
        return self.mean_field - self.field


@dataclass(frozen=True)
class MagnetizationCurve:
    """Equilibria in order of their mean field, and the critical fields H between which they lie."""

    setup: Setup
    equilibria: tuple[Equilibrium, ...]
    hc1: float
    hc2: float

    def near_hc2(self, field: np.ndarray) -> np.ndarray:
        """M at fields H just below Hc2: ``-(Hc2 - H)/((2 kappa^2 - 1) beta_A)``.

        beta_A is that of the equilibrium nearest to Hc2 (Abrikosov 1957).
        """
        ratio = self.equilibria[-1].averages.abrikosov_ratio
        return -(self.hc2 - field) / ((2 * self.setup.kappa**2 - 1) * ratio)


def magnetization_curve(
    setup: Setup,
    fields: Sequence[float],
    comm: MPI.Intracomm = MPI.COMM_WORLD,
    progress: Progress | None = None,
) -> MagnetizationCurve:
    """Relax the cell of a setup at each mean field (Bc2), the lowest first; collective.

    The mesh has the sizes of the setup at the lowest field and shrinks with the cell from there.

    Raises:
        ParameterError: the sample is no cell with positive flux and without inclusions, or a field
            is not between 0 and Hc2.
        NotConvergedError: the lattice could not be followed to a field.
    """
    hc2 = setup.t  # lengths count in xi at t = 1
    _check(setup, fields, hc2)
    progress = progress or Silent()
    setup = _scaled(setup, min(fields))
    kept = _first(setup, comm, progress)
    equilibria: list[Equilibrium] = []
    progress.count("fields", 0, len(fields))
    for mean_field in sorted(fields):
        name = f"B = {mean_field:.6g}"
        progress.stage(name)
        kept, found = _equilibrium(setup, kept, mean_field, partial(progress.step, name))
        equilibria.append(found)
        progress.count("fields", len(equilibria), len(fields))
    hc1 = hc2 * float(vortex_line_energy(setup.kappa)) / (2 * setup.kappa**2)
    return MagnetizationCurve(setup, tuple(equilibria), hc1, hc2)


def _equilibrium(
    setup: Setup, kept: Polished, mean_field: float, report: Callable[[Step], None]
) -> tuple[Polished, Equilibrium]:
    """Take the state to a mean field: the state on the coarsest mesh, and what all meshes say."""
    assert kept.cell is not None
    kept = moved(setup, kept, _at(kept.cell, mean_field), report)
    levels = polish(setup, kept.mesh_data.mesh.comm, kept, report)
    averages, errors = extrapolated([bulk(level.functional) for level in levels])
    cell = levels[-1].cell
    assert cell is not None
    return levels[0], Equilibrium(cell, averages, errors)


def _check(setup: Setup, fields: Sequence[float], hc2: float) -> None:
    setup.demand_ginzburg_landau("a magnetisation curve")
    setup.refuse_accuracy("a magnetisation curve")
    sample = setup.sample
    if not isinstance(sample, Cell) or sample.flux_quanta <= 0 or len(setup.inclusions):
        raise ParameterError(
            f'{setup.name}: a magnetisation curve needs shape = "cell" with positive flux_quanta '
            "and no inclusions."
        )
    wrong = [field for field in fields if not 0 < field < hc2]
    if wrong or not len(fields):
        given = f"got {wrong[0]:g}" if wrong else "none is given"
        raise ParameterError(
            f"{setup.name}: mean fields must lie between 0 and Hc2 = {hc2:g} (in Bc2), {given}."
        )


def _at(cell: Cell, mean_field: float) -> Cell:
    """The cell scaled to a mean field."""
    (ax, ay), (bx, by) = cell.periods
    scale = math.sqrt(cell.lattice.mean_field / mean_field)
    return Cell(((scale * ax, scale * ay), (scale * bx, scale * by)), cell.flux_quanta)


def _scaled(setup: Setup, mean_field: float) -> Setup:
    """The setup with its cell, and vortices in it, scaled to a mean field."""
    assert isinstance(setup.sample, Cell)
    cell = _at(setup.sample, mean_field)
    scale = math.sqrt(cell.area / setup.sample.area)
    vortices = tuple((scale * x, scale * y, charge) for x, y, charge in setup.vortices)
    return replace(setup, sample=cell, vortices=vortices)


def _first(setup: Setup, comm: MPI.Intracomm, progress: Progress) -> Polished:
    """The best of the starts, on the coarsest mesh and in the cell as it is."""
    found = solve(replace(setup, refinements=0, relax=False), comm, progress)
    assert found.best.certificate is not None  # the best is a minimum
    return Polished(found.mesh_data, found.functional, found.best.certificate, found.cell)
