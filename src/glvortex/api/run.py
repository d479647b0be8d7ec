"""A run: what solving a problem found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.tri import Triangulation
from mpi4py import MPI

from glvortex.errors import ParameterError
from glvortex.observe.stray_field import StrayField, stray_field
from glvortex.output.drawing import pictures, plots
from glvortex.output.drawing.layers import LAYERS, View
from glvortex.output.drawing.pictures import Drawing
from glvortex.output.formats.export import export_solution
from glvortex.output.reports import frames, notebook, tables
from glvortex.output.runs import folder
from glvortex.output.runs import run as saved
from glvortex.output.runs.result import result
from glvortex.output.state import sampling
from glvortex.output.state.gather import GatheredFields
from glvortex.output.state.gauge import smooth_gauge
from glvortex.output.state.sampling import SampledField
from glvortex.problems.adaptation import Adaptation
from glvortex.problems.solve import MomentRatios, Solution
from glvortex.solve.extrapolation import Extrapolation
from glvortex.solve.london import Threshold
from glvortex.solve.minimiser import Certificate

if TYPE_CHECKING:
    from glvortex.api.problem import Problem

_SCREEN = 150  # dots per inch of figures that a notebook shows


@dataclass(frozen=True)
class Energy:
    """Free energy of the state that was kept, in Bc^2 xi^2/mu0 per length along z.

    Attributes:
        total: the sum.
        terms: condensation, gradient, field, magnetisation.
        extrapolated: to a mesh without end, with ``limit`` and ``error``; None where the mesh was
            neither refined nor adapted.
        per_layer: total in J per superconducting layer, None without a material.
    """

    total: float
    terms: dict[str, float]
    extrapolated: Extrapolation | Adaptation | None
    per_layer: float | None


class Run:
    """What solving a problem found: the state of lowest energy, and the others.

    Tables are pandas'; ``table.attrs["units"]`` has their units. Lengths are in the unit of the
    problem, fields reduced or, where the material is known, in SI units.

    Attributes:
        problem: what was solved.
        solution: all that the solver returned, `glvortex.problems.solve.Solution`.
    """

    def __init__(self, problem: Problem, solution: Solution) -> None:
        self.problem, self.solution = problem, solution

    @property
    def energy(self) -> Energy:
        """Free energy: ``total``, ``terms``, ``extrapolated`` and ``per_layer``."""
        terms, material = dict(self.solution.budget), self.solution.setup.coefficients
        total = sum(terms.values())
        # Bc^2 xi^2/mu0 times the layer spacing is half the stiffness of 003 (3)
        per_layer = None if material is None else total * material.stiffness / 2
        extrapolated = self.solution.extrapolation or self.solution.adaptation
        return Energy(total, terms, extrapolated, per_layer)

    @property
    def vortices(self) -> pd.DataFrame:
        """One row per vortex: x, y, charge (1: flux along +z), edge_distance (negative inside)."""
        return frames.vortices(self.solution)

    @property
    def states(self) -> pd.DataFrame:
        """One row per start: energy, net_charge, vortices, fluxoids of holes, minimum, kept."""
        return frames.states(self.solution)

    @property
    def certificate(self) -> Certificate:
        """Why the state is a minimum: gradient_norm, negative_eigenvalues, newton_steps.

        Raises:
            ParameterError: in the London model, which has none.
        """
        self.solution.setup.demand_ginzburg_landau("a certificate")
        certificate = self.solution.best.certificate
        assert certificate is not None  # the kept state is a minimum
        return certificate

    @property
    def moments(self) -> pd.DataFrame:
        """Moments along z of gamma current, magnetisation, screening, total; empty in a cell."""
        return frames.moments(self.solution)

    @property
    def ratios(self) -> MomentRatios:
        """M_gamma and M_n in A m^2 per layer and their ratios, None without a material."""
        return self.solution.ratios

    @property
    def flux(self) -> float:
        """Flux through the sample in Phi0."""
        return self.solution.flux

    @property
    def threshold(self) -> Threshold:
        """London field without vortices: h_eff_max, h_eff_min and hc1, in Bc2."""
        return self.solution.threshold

    @property
    def identities(self) -> pd.DataFrame:
        """What a converged state obeys: residual, bound, where that comes from, holds."""
        return frames.identities(self.solution)

    @property
    def result(self) -> dict[str, Any]:
        """All numbers, as `result.json` has them (docs/run_folder.md)."""
        return result(self.solution)

    def field(self, name: str) -> SampledField:
        """One field of the state, such as "flux_density", as numbers; collective.

        Args:
            name: order_parameter, phase, flux_density, vector_potential, supercurrent,
                pseudo_gauge, magnetisation or subdomain.

        Raises:
            ParameterError: there is no such field.
        """
        row = sampling.field_named(name)
        return SampledField(row, self._fields, self._triangulation, self.solution.setup)

    def plot(self, name: str = "order_parameter", height: str | float | None = None) -> Figure:
        """A picture of the state; collective.

        Args:
            name: order_parameter, phase, flux_density, supercurrent, pseudo_gauge, magnetisation,
                stray_field, or states: the vortices of every start.
            height: of stray_field above the surface, such as "500 nm", or a number of xi in
                reduced units.

        Returns:
            A matplotlib figure, which a notebook shows and ``savefig`` writes.

        Raises:
            ParameterError: there is no such picture, or no such height.
        """
        notebook.show_figures()
        if name == "states":
            figure = pictures.draw_states(self.solution)
        else:
            figure = Drawing(_known(name), [self._view(name, height)]).single()
        figure.set_dpi(_SCREEN)
        return figure

    def stray_field(self, height: str | float) -> xr.DataArray:
        """B_z on a grid above the surface, the applied field included; collective.

        Args:
            height: above the surface, such as "500 nm", or a number of xi in reduced units.

        Returns:
            Dimensions y and x, coordinates in the problem's unit (`sampling.stray_map`).

        Raises:
            ParameterError: there is no such height, or no screening.
        """
        return sampling.stray_map(self._above(height), self.solution.setup)

    def save(self, path: str | Path) -> None:
        """Write the run folder that `glvortex solve` writes, but for its log; collective.

        Raises:
            ParameterError: it cannot be written.
        """
        folder.prepare(Path(path), self._comm)
        folder.write_run(Path(path), self.problem.file, self.solution)

    def export(self, path: str | Path, *formats: str) -> list[Path]:
        """Write the fields for ParaView, gmsh and others, as `glvortex export`; collective.

        Args:
            path: folder, made where it is missing.
            formats: vtu (if none is given), xdmf, vtkhdf, bp or msh.

        Returns:
            The files.

        Raises:
            ParameterError: there is no such format, or a file cannot be written.
        """
        smooth_gauge(self.solution.functional)
        return export_solution(Path(path), self.solution, formats or ("vtu",))

    def _view(self, name: str, height: str | float | None) -> View:
        stray = self._above(height) if name == plots.STRAY else None
        return View(self.solution.setup, self._fields, self.solution.best.vortices, stray)

    def _above(self, height: str | float | None) -> StrayField:
        if height is None:
            raise ParameterError("the stray field needs a height.")
        above = plots.height_in_xi(str(height), self.solution.setup)
        return stray_field(self.solution.functional, above)

    @property
    def _comm(self) -> MPI.Intracomm:
        return self.solution.mesh_data.mesh.comm

    @cached_property
    def _fields(self) -> GatheredFields:
        return sampling.gather_everywhere(self.solution)

    @cached_property
    def _triangulation(self) -> Triangulation:
        return sampling.triangulation(self._fields, self.solution.setup)

    def __repr__(self) -> str:
        best = self.solution.best
        plus, minus = (sum(v.charge * sign > 0 for v in best.vortices) for sign in (1, -1))
        return (
            f"<Run {self.solution.setup.name}: energy {self.energy.total:.6f} from {best.start}, "
            f"vortices {plus} along +z and {minus} along -z>"
        )

    def __str__(self) -> str:
        return notebook.text(tables.summary_tables(self.solution))

    def _repr_html_(self) -> str:
        return notebook.html(tables.summary_tables(self.solution))


def compare(
    runs: Sequence[Run],
    name: str = "order_parameter",
    *,
    height: str | float | None = None,
    captions: Sequence[str] | None = None,
) -> Figure:
    """One picture of several runs side by side, on one colour scale; collective.

    Args:
        runs: two or more, all in reduced units or all in laboratory units.
        name, height: as of `Run.plot`, without "states".
        captions: of each run; if not given the values in which their problems differ.

    Raises:
        ParameterError: there is no such picture, or the runs cannot share a scale.
    """
    notebook.show_figures()
    named = [saved.Run(Path(run.problem.name), run.problem.file, run.solution) for run in runs]
    plots.check_comparable(named)
    views, texts = plots.counted(named, [run._view(_known(name), height) for run in runs])
    figure = Drawing(name, views).side_by_side(captions or texts)
    figure.set_dpi(_SCREEN)
    return figure


def _known(name: str) -> str:
    if name not in LAYERS:
        known = ", ".join((*LAYERS, "states"))
        raise ParameterError(f'there is no picture "{name}"; the pictures are {known}.')
    return name
