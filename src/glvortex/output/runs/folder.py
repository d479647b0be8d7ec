"""The run folder: everything one run leaves behind.

    result.json      the numbers (see `runs.result`); a folder without it is unfinished
    vortices.csv     x, y, charge, distance to the nearest inclusion edge
    problem.toml     the problem as it was solved, defaults filled in
    fields.*, vortices.vtp, outlines.vtp, paraview_state.py
                     fields for ParaView and all that goes with them, see `formats.export`
    *.png            pictures of the kept state, and states.png: the vortices of every start;
                     mode-NN.png: its modes, from `glvortex critical --modes`
    checkpoint/      the state with its mesh, from which `runs.run` makes the run again
    run.log          what happened when
    report.html      all of it in one file, from `glvortex report`

Each file is written under another name first, so that what bears its name is whole.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from mpi4py import MPI

from glvortex.errors import ParameterError
from glvortex.output.drawing import pictures
from glvortex.output.drawing.layers import LAYERS
from glvortex.output.formats.bp import bp_available
from glvortex.output.formats.export import (
    FORMATS,
    SURROUNDINGS,
    Fields,
    write_fields,
    write_surroundings,
)
from glvortex.output.ranks import on_first_rank, replacing
from glvortex.output.runs.result import result, vortex_rows
from glvortex.output.runs.run import CHECKPOINT, PROBLEM, RESULT, write_solution
from glvortex.output.state.fields import corner_values
from glvortex.output.state.gather import GatheredFields, gather
from glvortex.output.state.gauge import smooth_gauge
from glvortex.problems.resolved import write_resolved
from glvortex.problems.schema import ProblemFile
from glvortex.problems.setup import Setup
from glvortex.problems.solve import Solution

LOG = "run.log"
# what only their folders hold
OF_RUNS, OF_SEARCHES = (RESULT, CHECKPOINT), ("search.json",)
OF_SWEEPS = ("sweep.json", "memory.json")
REPORT = "report.html"  # of `glvortex report`
_FIELDS = (*(f"fields.{name}" for name in (*FORMATS, "h5")), *SURROUNDINGS)


def prepare(folder: Path, comm: MPI.Intracomm, *, strange: Sequence[str] = ()) -> None:
    """Make the folder and see that it can be written, before anything long starts; collective.

    Args:
        folder: of the run.
        comm: the ranks.
        strange: what only folders of other kinds hold.

    Raises:
        ParameterError: on every rank, where it cannot, or the folder is of another kind.
    """

    def make() -> None:
        for name in strange:
            if (folder / name).exists():
                raise ParameterError(
                    f"{folder}: has {name}, it belongs to something else; choose another with -o."
                )
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise ParameterError(
                f"the run folder {folder} cannot be written ({error.strerror}); "
                "choose another with -o."
            ) from None

    on_first_rank(comm, make)


def begin(folder: Path, problem: ProblemFile, setup: Setup, comm: MPI.Intracomm) -> None:
    """Write the problem into a folder without a result, and forget that of others; collective.

    Raises:
        ParameterError: on every rank, where a file cannot be written.
    """

    def write() -> None:
        (folder / RESULT).unlink(missing_ok=True)
        for path in (folder / CHECKPOINT).rglob("*.h5"):  # nothing that others have put there
            path.unlink()
        (folder / PROBLEM).unlink(missing_ok=True)
        _write_problem(folder, problem, setup)

    on_first_rank(comm, write)


def write_run(
    folder: Path,
    problem: ProblemFile,
    solution: Solution,
    say: Callable[[str], None] = lambda line: None,
) -> None:
    """Write everything but the log into a folder that `prepare` has made; collective.

    The state is brought into the gauge of `smooth_gauge`. ``say`` hears what is left out and why.

    Raises:
        ParameterError: on every rank, where a file cannot be written.
    """
    comm = solution.mesh_data.mesh.comm
    smooth_gauge(solution.functional)

    def write_numbers() -> None:
        _clear(folder)
        (folder / CHECKPOINT).mkdir(exist_ok=True)
        _write_problem(folder, problem, solution.setup)
        _write_vortices(folder / "vortices.csv", solution)

    on_first_rank(comm, write_numbers)
    write_solution(folder, solution)
    try:
        if solution.setup.fields or solution.setup.pictures:
            _write_fields(folder, solution, say)
    finally:  # the numbers survive a picture that cannot be drawn
        on_first_rank(comm, lambda: _write_result(folder / RESULT, solution))


def _clear(folder: Path) -> None:
    """Remove what an earlier run, finished or not, left, so that all files belong together."""
    names = [RESULT, REPORT, *_FIELDS, "states.png"]
    names += [f"{layer}.{suffix}" for layer in LAYERS for suffix in (*pictures.FORMATS, "npz")]
    patterns = ("mode-*.png", ".partial-*")
    others = [path for pattern in patterns for path in folder.glob(pattern)]
    for path in [*(folder / name for name in names), *others]:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _write_problem(folder: Path, problem: ProblemFile, setup: Setup) -> None:
    with tempfile.TemporaryDirectory(dir=folder, prefix=".partial-") as temporary:
        write_resolved(problem, setup, Path(temporary))
        others_first = sorted(Path(temporary).iterdir(), key=lambda path: path.name == PROBLEM)
        for path in others_first:
            os.replace(path, folder / path.name)


def _write_vortices(path: Path, solution: Solution) -> None:
    """One row per vortex: lengths in the user's unit, then in xi."""
    unit = solution.setup.length_unit_in_xi
    lengths = ("x", "y", "edge_distance")
    columns = ["x", "y", "charge", "edge_distance", *(f"{n}_xi" for n in lengths), "length_unit"]
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        for row in vortex_rows(solution):
            known = [name for name in lengths if row[name] is not None]
            in_xi = {f"{name}_xi": row[name] * unit for name in known}
            writer.writerow(row | in_xi | {"length_unit": solution.setup.length_unit})


def _write_result(path: Path, solution: Solution) -> None:
    with replacing(path) as temporary:
        text = json.dumps(result(solution), indent=2, allow_nan=False)
        temporary.write_text(text + "\n", encoding="utf-8")


def _write_fields(folder: Path, solution: Solution, say: Callable[[str], None]) -> None:
    setup, mesh_data = solution.setup, solution.mesh_data
    values = corner_values(solution.functional, mesh_data.cell_tags)
    if setup.fields:
        formats = ["vtu", "bp"] if bp_available() else ["vtu"]
        write_fields(folder, Fields(mesh_data, values), formats)
        write_surroundings(folder, solution)
        if not bp_available():
            say("fields.bp is left out: this DOLFINx was built without ADIOS2; use fields.vtu.")
    if setup.pictures:
        gathered = gather(mesh_data, values)
        on_first_rank(mesh_data.mesh.comm, lambda: _draw(folder, solution, gathered))


def _draw(folder: Path, solution: Solution, fields: GatheredFields | None) -> None:
    """Draw the pictures, on the rank that has the fields."""
    assert fields is not None
    drawn = pictures.draw_pictures(fields, solution.setup, solution.best.vortices)
    for name, figure in (*drawn, ("states", pictures.draw_states(solution))):
        with replacing(folder / f"{name}.png") as path:
            figure.savefig(path, dpi=pictures.DPI)
