"""A problem: from a file, or from Python."""

from __future__ import annotations

import html
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr
from mpi4py import MPI

from glvortex.api.folders import (
    PythonVoice,
    Values,
    open_sweep,
    search_into,
    solve_into,
    sweep_into,
)
from glvortex.api.material import Material
from glvortex.api.run import Run
from glvortex.errors import ParameterError
from glvortex.output.reports import frames
from glvortex.output.runs import run as saved
from glvortex.output.sweeps.points import collect_garbage
from glvortex.problems import given, schema
from glvortex.problems.critical import CriticalFields, critical_fields
from glvortex.problems.magnetization import magnetization_curve
from glvortex.problems.resolved import resolved_toml
from glvortex.problems.schema import ProblemFile
from glvortex.problems.setup import Setup, setup_from
from glvortex.problems.solve import solve


class Problem:
    """A checked problem, the same as a problem file; it never changes.

    ::

        disk = gl.Problem(
            "disk",
            superconductor={"kappa": 5.0},
            sample={"shape": "disk", "radius": 12.0},
            field={"applied": 0.3},
        )

    Args:
        name: what messages and results call it.
        sections: the sections of a problem file (docs/problem_file.md) as dictionaries with the
            same keys; ``title`` and ``units``. Lengths count in xi and fields in Bc2, or with
            ``units="laboratory"`` every quantity is text with a unit such as "200 nm". Numbers and
            arrays may be numpy's, ``material`` a `Material`; None is a key that is not given.
            Files that the values name count from the working directory.

    Attributes:
        file: the sections, checked.
        setup: the numbers that the solver takes, all reduced.

    Raises:
        ParameterError: one sentence with the key, what is wrong and what is allowed.
    """

    file: ProblemFile
    setup: Setup

    def __init__(self, name: str = "problem", **sections: Any) -> None:
        self.file = given.from_values(str(name), _values(sections), Path.cwd())
        self.setup = setup_from(self.file)

    @classmethod
    def _of(cls, file: ProblemFile, setup: Setup | None = None) -> Problem:
        """The problem that a checked file states, ``setup`` being what it is reduced to.

        Raises:
            ParameterError: its inclusions, vortices or mesh do not fit its sample.
        """
        problem = cls.__new__(cls)
        problem.file, problem.setup = file, setup or setup_from(file)
        return problem

    @property
    def name(self) -> str:
        """Its name, the file's without suffix."""
        return self.setup.name

    @property
    def toml(self) -> str:
        """The problem file that states it, all defaults filled in."""
        return resolved_toml(self.file, self.setup)

    @property
    def coefficients(self) -> pd.DataFrame:
        """The table of `glvortex coefficients`: per name symbol, value, unit and source.

        Raises:
            ParameterError: the problem is in reduced units and has no material.
        """
        if self.setup.coefficients is None:
            raise ParameterError(f"{self.name}: is in reduced units and has no material.")
        return frames.coefficients(self.setup.coefficients, self.setup.sources)

    def replace(self, **sections: Any) -> Problem:
        """The problem with other values: ``problem.replace(mesh={"size": 2.0})``.

        Args:
            sections: a dictionary changes the keys it holds, anything else takes the place of the
                section, None leaves out a key or a section.

        Raises:
            ParameterError: as the class.
        """
        return Problem._of(given.changed(self.file, _values(sections)))

    def solve(
        self,
        output: str | Path | None = None,
        *,
        previous: Run | None = None,
        resume: bool = False,
        comm: MPI.Intracomm = MPI.COMM_WORLD,
        progress: bool = False,
    ) -> Run:
        """Relax every start and keep the certified minimum of lowest energy; collective.

        What `glvortex solve` warns of is a Python warning here.

        Args:
            output: folder to write the run to (docs/run_folder.md); none is written without it.
            previous: run of another problem whose state is the only start, or where the mesh is
                another one its vortices are: the way to follow a state as a value changes.
            resume: go on where an interrupted run in that folder ended; a finished one is opened.
            comm: the ranks that share the work.
            progress: print stages and energies as they come.

        Raises:
            ParameterError: the sample cannot be meshed, the folder cannot be written, or holds the
                run of another problem that was to be resumed.
            NotConvergedError: no start reached a minimum.
        """
        voice = PythonVoice(comm, progress=progress)
        before = None if previous is None else previous.solution
        if output is None:
            solution = solve(self.setup, comm, voice, previous=before)
        else:
            solution = solve_into(
                Path(output), self.file, self.setup, voice, previous=before, resume=resume
            )
        collect_garbage(comm)
        for warning in (*self.setup.warnings, *solution.warnings) if comm.rank == 0 else ():
            warnings.warn(warning, stacklevel=2)
        return Run(self, solution)

    def sweep(
        self,
        output: str | Path,
        over: Mapping[str, Values],
        *,
        continued: bool = False,
        both_ways: bool = False,
        resume: bool = False,
        comm: MPI.Intracomm = MPI.COMM_WORLD,
        progress: bool = False,
    ) -> xr.Dataset:
        """What `glvortex sweep` does: solve at every point of a grid over some keys; collective.

        ::

            loop = square.sweep("runs/loop", {"field.applied": np.linspace(0, 0.5, 11)})
            loop.energy.plot()

        Args:
            output: folder of the sweep (docs/run_folder.md), with a run folder for every point,
                without pictures and fields.
            over: per dotted key its values, or text such as "0 mT:5 mT:11" (first, last, count).
            continued: start each point from the state at the last value of the first key.
            both_ways: continue up the values of the first key, then down.
            resume: do what is left of an interrupted sweep in that folder.
            comm: the ranks, groups of which work side by side.
            progress: print every point that is done.

        Returns:
            Numbers of every point over the keys; NaN where no minimum was reached, which is
            warned of.

        Raises:
            ParameterError: a point is no valid problem, or the folder cannot be written or holds
                another sweep that was to be resumed.
        """
        complete = sweep_into(
            Path(output),
            self.replace(output={"fields": False, "pictures": False}).file,
            over,
            PythonVoice(comm, progress=progress),
            continued=continued,
            both_ways=both_ways,
            resume=resume,
        )
        if not complete and comm.rank == 0:
            warnings.warn(f"{output}: some points reached no minimum, see failed.", stacklevel=2)
        return open_sweep(output)

    def search(
        self,
        output: str | Path,
        *,
        resume: bool = False,
        comm: MPI.Intracomm = MPI.COMM_WORLD,
        progress: bool = False,
        **settings: Any,
    ) -> pd.DataFrame:
        """What `glvortex search` does: look for the state of lowest energy; collective.

        ::

            states = square.search("runs/states", seed=1, trials=50)
            lowest = gl.open_run("runs/states/" + states.folder[1])

        Args:
            output: folder of the search (docs/run_folder.md), with a run folder for each of the
                lowest states, without pictures and fields.
            resume: do what is left of an interrupted search in that folder.
            comm: the ranks, groups of which work side by side.
            progress: print every round of trials.
            settings: keys of the section ``search`` that replace the problem's.

        Returns:
            One row per state with the columns of search.csv, by rank; ``attrs`` says how sure the
            lowest one is (docs/search.md).

        Raises:
            ParameterError: a setting is wrong, the geometry cannot be meshed, or the folder cannot
                be written or holds another search that was to be resumed.
            NotConvergedError: no trial reached a minimum.
        """
        bare = self.replace(output={"fields": False, "pictures": False}, search=settings)
        voice = PythonVoice(comm, progress=progress)
        return search_into(Path(output), bare.file, bare.setup, voice, resume=resume)

    def critical_fields(
        self, *, entry: bool = False, comm: MPI.Intracomm = MPI.COMM_WORLD
    ) -> CriticalFields:
        """What `glvortex critical` prints, in Bc2: of the material, and of this sample; collective.

        Args:
            entry: find the field at which vortices enter, too, which takes some twenty states.
            comm: the ranks that share the work.

        Raises:
            ParameterError: the entry field of a cell is asked for.
            NotConvergedError: the entry field could not be found.
        """
        return critical_fields(self.setup, comm, entry=entry)

    def magnetization_curve(
        self, fields: Iterable[float], *, comm: MPI.Intracomm = MPI.COMM_WORLD
    ) -> pd.DataFrame:
        """B, H and M of a bulk vortex lattice, one row per mean field; collective.

        Args:
            fields: mean fields B in Bc2.
            comm: the ranks that share the work.

        Returns:
            The columns of magnetization.csv (docs/run_folder.md); ``attrs`` has hc1 and hc2.

        Raises:
            ParameterError: the sample is no cell with flux and without inclusions, or a field is
                not between 0 and Hc2.
            NotConvergedError: the lattice could not be followed to a field.
        """
        curve = magnetization_curve(self.setup, [float(field) for field in fields], comm)
        return frames.magnetization(curve)

    def __repr__(self) -> str:
        sample, count = self.file.sample.shape, len(self.setup.inclusions)
        return f"<Problem {self.name}: {sample}, {count} inclusions, kappa {self.setup.kappa:g}>"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.toml)}</pre>"


def load(path: str | Path, **sections: Any) -> Problem:
    """Read a problem file, some values changed as `Problem.replace` does.

    ::

        gl.load("problems/ring.toml", mesh={"size": 2.0})

    Raises:
        ParameterError: one sentence with the file, the key and what is allowed.
    """
    file = schema.load(path)
    return Problem._of(given.changed(file, _values(sections)) if sections else file)


def open_run(path: str | Path, comm: MPI.Intracomm = MPI.COMM_WORLD) -> Run:
    """Open a run folder: the run as it was when it was solved, on any number of ranks; collective.

    Raises:
        ParameterError: the folder is not that of a finished run, or is damaged.
    """
    found = saved.open_run(Path(path), comm)
    return Run(Problem._of(found.problem, found.solution.setup), found.solution)


def _values(sections: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.given if isinstance(value, Material) else value
        for name, value in sections.items()
    }
