"""What Python leaves in run folders and sweep folders, and finds there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import xarray as xr
from mpi4py import MPI

from glvortex.errors import ParameterError
from glvortex.output.runs import folder, run
from glvortex.output.runs.job import solve_in_folder
from glvortex.output.runs.lock import occupied
from glvortex.output.runs.resume import standing
from glvortex.output.screen.console import Voice
from glvortex.output.searches import search as searches
from glvortex.output.sweeps.sweep import has_begun
from glvortex.output.sweeps.sweep_report import sweep_in_folder
from glvortex.problems.axes import axis
from glvortex.problems.schema import ProblemFile
from glvortex.problems.setup import Setup
from glvortex.problems.solve import Solution
from glvortex.problems.sweep import plan

Values = str | Iterable[float | int | str]


class PythonVoice(Voice):
    """Leaves warnings to Python, which shows them its own way."""

    def __init__(self, comm: MPI.Intracomm, *, progress: bool) -> None:
        super().__init__(comm, "lines" if progress else "quiet")

    def warn(self, line: str) -> None:
        """Write a warning to the log."""
        self.note(f"warning: {line}")


def solve_into(
    path: Path,
    problem: ProblemFile,
    setup: Setup,
    voice: Voice,
    *,
    previous: Solution | None,
    resume: bool,
) -> Solution:
    """Solve into a run folder, or go on there; see `Problem.solve`; collective."""
    comm = voice.comm
    stands = standing(path, problem, setup, comm) if resume else "new"
    if stands == "finished":
        return run.open_run(path, comm).solution
    begun = stands == "begun"
    with _recorded(path, voice, append=begun, strange=(*folder.OF_SWEEPS, *folder.OF_SEARCHES)):
        return solve_in_folder(path, problem, setup, comm, voice, begun=begun, previous=previous)


def sweep_into(
    path: Path,
    problem: ProblemFile,
    over: Mapping[str, Values],
    voice: Voice,
    *,
    continued: bool,
    both_ways: bool,
    resume: bool,
) -> bool:
    """Sweep into a folder, or go on there; see `Problem.sweep`; collective.

    Returns:
        Whether every point reached a minimum.
    """
    axes = [axis(f"{key}={_listed(values)}") for key, values in over.items()]
    points = plan(problem, axes, continued=continued, both_ways=both_ways)
    begun = resume and has_begun(path, points, voice.comm)
    with _recorded(path, voice, append=begun, strange=(*folder.OF_RUNS, *folder.OF_SEARCHES)):
        return not sweep_in_folder(path, points, voice.comm, voice, begun=begun)


def search_into(
    path: Path, problem: ProblemFile, setup: Setup, voice: Voice, *, resume: bool
) -> pd.DataFrame:
    """Search in a folder, or go on there; see `Problem.search`; collective."""
    setup.demand_ginzburg_landau("a search")
    begun = resume and searches.has_begun(path, problem, setup, voice.comm)
    with _recorded(path, voice, append=begun, strange=(*folder.OF_RUNS, *folder.OF_SWEEPS)):
        ranked = searches.search_in_folder(path, problem, setup, voice.comm, voice, begun=begun)
    rows = pd.DataFrame([state.row for state in ranked]).set_index("rank")
    content = json.loads((path / searches.SEARCH).read_text(encoding="utf-8"))
    rows.attrs.update(content["confidence"], trials=content["trials"], ended=content["ended"])
    return rows


def open_sweep(path: str | Path) -> xr.Dataset:
    """Open the folder of a finished sweep: its numbers over the keys, as `Problem.sweep` gives.

    Raises:
        ParameterError: the folder is not that of a finished sweep, or is damaged.
    """
    table = Path(path) / "sweep.nc"
    try:
        return xr.load_dataset(table, engine="netcdf4")
    except FileNotFoundError:
        raise ParameterError(
            f"{path}: is not the folder of a finished sweep, it has no {table.name}."
        ) from None
    except (OSError, ValueError):
        raise ParameterError(f"{table}: is damaged; `glvortex sweep --resume` mends it.") from None


@contextmanager
def _recorded(path: Path, voice: Voice, *, append: bool, strange: Sequence[str]) -> Iterator[None]:
    """Have a folder to oneself, unless it has what is strange, and keep a log in it."""
    folder.prepare(path, voice.comm, strange=strange)
    with occupied(path, voice.comm), voice.recording(path / folder.LOG, append=append):
        yield


def _listed(values: Values) -> str:
    """Values as the command line has them."""
    if isinstance(values, str):
        return values
    return ",".join(v if isinstance(v, str) else f"{v:.12g}" for v in values)
