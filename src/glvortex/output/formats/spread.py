"""Arrays whose rows lie spread over the ranks, and files that all ranks write together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from dolfinx.mesh import Mesh
from mpi4py import MPI

from glvortex.errors import ParameterError

BLOCK = 512  # cells that stay together, so that what is packed does not depend on the ranks


@dataclass(frozen=True)
class Rows:
    """Consecutive rows of an array; the ranks hold them in their order.

    Attributes:
        values: (rows of this rank, ...).
        first: number of rows on the ranks before this one.
        total: number of rows on all ranks.
        block: rows that are packed together; every rank begins with a block.
    """

    values: np.ndarray
    first: int
    total: int
    block: int = BLOCK

    @staticmethod
    def of(values: np.ndarray, comm: MPI.Intracomm, block: int = BLOCK) -> Rows:
        """Rows that follow those of the ranks before; collective."""
        counts = comm.allgather(len(values))
        return Rows(values, sum(counts[: comm.rank]), sum(counts), block)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the whole array."""
        return self.total, *self.values.shape[1:]

    @property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        return self.values.dtype.itemsize * int(np.prod(self.values.shape[1:]))

    @property
    def total_bytes(self) -> int:
        """Bytes of the whole array."""
        return self.total * self.row_bytes

    def flat(self) -> Rows:
        """The same numbers, one in each row."""
        size = int(np.prod(self.values.shape[1:]))
        return Rows(self.values.ravel(), size * self.first, size * self.total, size * self.block)


def in_slabs(mesh: Mesh, values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Exchange rows of cells so that every rank has its part of the input order; collective.

    The parts are whole blocks of cells.

    Args:
        mesh: with an input order that does not depend on the number of ranks.
        values: (cells of this rank, ...) each; those of ghosts, the last, may be missing.
    """
    comm, topology = mesh.comm, mesh.topology
    index_map = topology.index_map(topology.dim)
    place = np.asarray(topology.original_cell_index[: index_map.size_local])
    blocks = -(-index_map.size_global // BLOCK)
    ends = np.arange(1, comm.size + 1) * blocks // comm.size * BLOCK
    target = np.searchsorted(ends, place, side="right")

    def exchange(rows: np.ndarray) -> np.ndarray:
        return np.concatenate(comm.alltoall([rows[target == rank] for rank in range(comm.size)]))

    order = np.argsort(exchange(place))
    return {name: exchange(rows[: len(place)])[order] for name, rows in values.items()}


def write_pieces(path: Path, comm: MPI.Intracomm, pieces: Iterable[tuple[int, Any]]) -> None:
    """Write into a file that is there: bytes or an array, each from a byte on; collective.

    All ranks give equally many pieces.

    Raises:
        ParameterError: on every rank, where one of them cannot write.
    """
    failure = None
    try:
        file = MPI.File.Open(comm, str(path), MPI.MODE_WRONLY)
        try:
            for start, piece in pieces:
                file.Write_at_all(start, np.frombuffer(piece, dtype=np.uint8))
        finally:
            file.Close()
    except MPI.Exception as error:
        failure = error.Get_error_string()
    failure = next((text for text in comm.allgather(failure) if text), None)
    if failure:
        raise ParameterError(f"{path}: cannot be written ({failure}).")
