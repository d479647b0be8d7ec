"""A run folder opened again: the solution as the solver returned it, on any number of ranks.

The checkpoint holds the mesh, the state and every number of the solution, the problem file the
rest; nothing is meshed or solved again.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, get_type_hints

from mpi4py import MPI
from pydantic import TypeAdapter, ValidationError

from glvortex.errors import ParameterError
from glvortex.geometry.arrays import distribute
from glvortex.output.ranks import on_first_rank
from glvortex.output.runs.checkpoint import read_checkpoint, write_checkpoint
from glvortex.output.runs.identity import difference, identity
from glvortex.problems.build import free_energy
from glvortex.problems.files import named_files
from glvortex.problems.schema import ProblemFile, check, load
from glvortex.problems.setup import setup_from
from glvortex.problems.solve import Solution

PROBLEM = "problem.toml"
RESULT = "result.json"
CHECKPOINT = "checkpoint"
STATE = Path(CHECKPOINT) / "state.h5"
_MADE = ("setup", "mesh_data", "functional")  # of a solution, from the other files
_NUMBERS = {
    field.name: TypeAdapter(get_type_hints(Solution)[field.name])
    for field in fields(Solution)
    if field.name not in _MADE
}


@dataclass(frozen=True)
class Run:
    """A finished run.

    Attributes:
        folder: where it is.
        problem: the problem as it was solved.
        solution: what was found.
    """

    folder: Path
    problem: ProblemFile
    solution: Solution


def write_solution(folder: Path, solution: Solution) -> None:
    """Write what `open_run` needs besides the problem file, which is there; collective.

    Raises:
        ParameterError: the file cannot be written.
    """
    record: dict[str, Any] = {"name": solution.setup.name} | {
        name: adapter.dump_python(getattr(solution, name), mode="json")
        for name, adapter in _NUMBERS.items()
    }
    comm = solution.mesh_data.mesh.comm
    record["problem"] = on_first_rank(comm, lambda: _identity(folder, load(folder / PROBLEM)))
    write_checkpoint(folder / STATE, solution.mesh_data, solution.functional, record)


def open_run(folder: Path, comm: MPI.Intracomm = MPI.COMM_WORLD) -> Run:
    """Open the folder of a finished run; collective.

    Raises:
        ParameterError: on every rank, where the folder is not that of a finished run, is
            damaged, or its problem file is not that of its state.
    """
    problem = problem_of(folder)
    checkpoint = read_checkpoint(folder / STATE, comm)
    try:
        numbers = {
            name: adapter.validate_python(checkpoint.record[name])
            for name, adapter in _NUMBERS.items()
        }
        solved = checkpoint.record["problem"]
        problem = check(replace(problem.source, name=str(checkpoint.record["name"])))
    except (KeyError, ValidationError):
        raise ParameterError(
            f"{folder / STATE}: holds no solution that this version of glvortex can read."
        ) from None
    on_first_rank(comm, lambda: _check_problem(folder, problem, solved))
    setup = setup_from(problem)
    sample = numbers["cell"] or setup.sample
    mesh_data = distribute(checkpoint.mesh if comm.rank == 0 else None, comm, sample.lattice)
    functional = free_energy(setup, mesh_data, sample)
    checkpoint.restore(functional)
    return Run(folder, problem, Solution(setup, mesh_data, functional, **numbers))


def _identity(folder: Path, problem: ProblemFile) -> dict[str, Any]:
    return identity(folder / PROBLEM, [file.path.name for file in named_files(problem)])


def _check_problem(folder: Path, problem: ProblemFile, solved: dict[str, Any]) -> None:
    """Refuse a problem file that was changed after the state was found."""
    differs = difference(_identity(folder, problem), solved, ("there", f"in {STATE}"))
    if differs:
        raise ParameterError(
            f"{folder / PROBLEM}: is not the problem that was solved here, {differs}; put back the "
            "old file, or solve the new one into another folder."
        )


def problem_of(folder: Path) -> ProblemFile:
    """Read the problem of a finished run, from its folder.

    Raises:
        ParameterError: the folder is not that of a finished run.
    """
    if not folder.is_dir():
        raise ParameterError(f"{folder}: there is no such run folder.")
    if not (folder / PROBLEM).is_file():
        raise ParameterError(f"{folder}: is not a run folder, it has no {PROBLEM}.")
    if not (folder / RESULT).is_file():
        raise ParameterError(f"{folder}: is a run that has not finished, it has no {RESULT}.")
    return load(folder / PROBLEM)
