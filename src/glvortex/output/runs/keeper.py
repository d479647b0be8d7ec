"""What an unfinished run keeps in its folder: every relaxed start, and the Newton iterate.

    checkpoint/starts/NAME.h5   a start relaxed to its end, with its certificate
    checkpoint/newton.h5        the state before a recent step of the running start: Newton's or, of
                                the start "cooled", of its cooling

Each file takes its name when it is whole, so a run may be killed at any moment.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from mpi4py import MPI
from pydantic import TypeAdapter, ValidationError

from glvortex import __version__
from glvortex.errors import ParameterError
from glvortex.fem.energy import GinzburgLandau
from glvortex.geometry.arrays import MeshArrays, MeshData
from glvortex.output.ranks import on_first_rank
from glvortex.output.runs.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from glvortex.output.runs.run import CHECKPOINT
from glvortex.problems.starts import Reached, State

_EVERY = 1.0  # seconds, at least, from one kept iterate to the next
_SHARE = 0.02  # of the run that keeping iterates may take
_STATE: TypeAdapter[State] = TypeAdapter(State)
_STEP: TypeAdapter[Reached] = TypeAdapter(Reached)


class FolderKeeper:
    """The `Keeper` of a run in its folder.

    Raises:
        ParameterError: on every rank, from any method, where a file cannot be written or what is
            there cannot be used.
    """

    def __init__(self, folder: Path, comm: MPI.Intracomm) -> None:
        self.comm = comm
        self._starts = folder / CHECKPOINT / "starts"
        self._iterate = folder / CHECKPOINT / "newton.h5"
        self._resting = MPI.Wtime()  # since when nothing has been written or read
        self._cost = 0.0  # seconds that the last iterate took
        self._made = False

    def any_kept(self) -> bool:
        """Whether there is anything to go on from; collective."""

        def look() -> bool:
            return self._iterate.is_file() or any(self._starts.glob("*.h5"))

        return bool(self.comm.bcast(on_first_rank(self.comm, look)))

    def finished(self, start: str, functional: GinzburgLandau) -> State | None:
        """Return what a start was relaxed to and give it to the functional; collective."""
        found = self._read(self._starts / f"{start}.h5")
        return None if found is None else self._take(found, "state", _STATE, functional)

    def mesh(self, start: str) -> MeshArrays | None:
        """Return the mesh on which a start was relaxed or is being; collective."""
        found = self._read(self._starts / f"{start}.h5") or self._read(self._iterate)
        if found is None or start not in (found.record.get("start"), _start_of(found)):
            return None
        return found.mesh

    def begun(self, start: str, functional: GinzburgLandau) -> Reached | None:
        """Return how far a start has come and give that to the functional; collective."""
        found = self._read(self._iterate)
        if found is None or found.record.get("start") != start:
            return None
        self._resting = MPI.Wtime()
        return self._take(found, "step", _STEP, functional)

    def reach(
        self,
        start: str,
        step: Reached,
        mesh_data: MeshData,
        functional: GinzburgLandau,
        *,
        last: bool = False,
    ) -> None:
        """Keep the iterate, unless an earlier one is so fresh that this would cost; collective."""
        now = MPI.Wtime()
        fresh = now - self._resting < max(_EVERY, self._cost / _SHARE)
        if self.comm.bcast(fresh and not last):
            return
        record = {"start": start, "step": _STEP.dump_python(step, mode="json")}
        self._write(self._iterate, record, mesh_data, functional)
        self._resting = MPI.Wtime()
        self._cost = self._resting - now

    def finish(self, state: State, mesh_data: MeshData, functional: GinzburgLandau) -> None:
        """Keep a relaxed start; collective."""
        record = {"state": _STATE.dump_python(state, mode="json")}
        self._write(self._starts / f"{state.start}.h5", record, mesh_data, functional)
        self._resting = MPI.Wtime()

    def forget(self) -> None:
        """Remove all that is kept, once the run has finished; collective."""

        def remove() -> None:
            self._iterate.unlink(missing_ok=True)
            shutil.rmtree(self._starts, ignore_errors=True)

        on_first_rank(self.comm, remove)

    def _write(
        self,
        path: Path,
        record: dict[str, Any],
        mesh_data: MeshData,
        functional: GinzburgLandau,
    ) -> None:
        if not self._made:
            on_first_rank(self.comm, lambda: self._starts.mkdir(parents=True, exist_ok=True))
            self._made = True
        write_checkpoint(path, mesh_data, functional, record | {"version": __version__})

    def _read(self, path: Path) -> Checkpoint | None:
        if not self.comm.bcast(on_first_rank(self.comm, path.is_file)):
            return None
        try:
            found = read_checkpoint(path, self.comm)
        except ParameterError as error:
            raise _useless(str(error)) from None
        version = found.record.get("version")
        if version != __version__:
            raise _useless(f"{path}: was kept by glvortex {version}, this is {__version__}.")
        return found

    def _take(
        self, found: Checkpoint, name: str, adapter: TypeAdapter, functional: GinzburgLandau
    ) -> Any:
        try:
            value = adapter.validate_python(found.record[name])
            found.restore(functional)
        except (KeyError, ValidationError):
            raise _useless(f"{found.path}: does not say what it holds.") from None
        except ParameterError as error:
            raise _useless(str(error)) from None
        return value


def _start_of(found: Checkpoint) -> str | None:
    """Of which start a file keeps the relaxed state."""
    state = found.record.get("state")
    return state.get("start") if isinstance(state, dict) else None


def _useless(message: str) -> ParameterError:
    return ParameterError(f"{message.rstrip('.')}; leave --resume out to begin anew.")
