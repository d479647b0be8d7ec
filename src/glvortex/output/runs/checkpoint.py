"""A state with its mesh in one HDF5 file that any number of ranks can read back.

    mesh/points     (points, d) in xi        state/f    (cells, d+1) complex, at the corners
    mesh/cells      (cells, d+1)             state/a    (cells, edges), integrals along the edges
    mesh/cell_tags  (cells,)                 record     JSON, whatever else belongs to the state

Cells are counted as the mesh generator does, edges as in `glvortex.fem.space.EDGES`. In a cell that
repeats, f has a phase of its own in each triangle, which is why there is a value for each corner.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from mpi4py import MPI

from glvortex.errors import ParameterError
from glvortex.fem.cellwise import CellValues, assign, gathered, input_index
from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.space import EDGES
from glvortex.geometry.arrays import MeshArrays, MeshData, collect
from glvortex.output.ranks import on_first_rank, replacing

_FORMAT = "glvortex state 1"
_SAME_PLACE = 1e-8  # xi: the same mesh has its vertices within this


@dataclass(frozen=True)
class Checkpoint:
    """What a file holds.

    Attributes:
        path: the file.
        mesh: the whole mesh.
        state: f and a on all its cells.
        record: what was kept beside them, as JSON knows it.
    """

    path: Path
    mesh: MeshArrays
    state: CellValues
    record: dict[str, Any]

    def restore(self, functional: GinzburgLandau) -> None:
        """Give the functional, on the same mesh, this state; collective.

        Raises:
            ParameterError: on every rank, where the mesh is another one.
        """
        space = functional.space
        cells, here = input_index(space), space.corner_coordinates
        corners = self.mesh.points[self.mesh.cells]
        count = space.mesh.topology.index_map(space.dim).size_global
        fits = corners.shape == (count, *here.shape[1:])
        if fits and len(cells):
            fits = bool(np.abs(corners[cells] - here).max() < _SAME_PLACE)
        if not space.mesh.comm.allreduce(fits, op=min):
            raise ParameterError(f"{self.path}: belongs to another mesh than this problem's.")
        assign(functional, CellValues(self.state.f[cells], self.state.a[cells]))


def write_checkpoint(
    path: Path,
    mesh_data: MeshData,
    functional: GinzburgLandau,
    record: dict[str, Any] | None = None,
) -> None:
    """Write the state the functional holds on this mesh; collective.

    Raises:
        ParameterError: the file cannot be written.
    """
    mesh, state = collect(mesh_data), gathered(functional)

    def write() -> None:
        assert mesh is not None
        arrays: dict[str, np.ndarray] = {
            "mesh/points": mesh.points,
            "mesh/cells": mesh.cells.astype(np.int32),
            "mesh/cell_tags": mesh.cell_tags.astype(np.int8),
            "state/f": state.f,
            "state/a": state.a,
        }
        image = _image(arrays, json.dumps(record or {}))
        with replacing(path) as temporary:
            temporary.write_bytes(image)

    on_first_rank(mesh_data.mesh.comm, write)


def _image(arrays: dict[str, np.ndarray], record: str) -> bytes:
    """The file made in memory: on a full disk HDF5 would take the whole process down."""
    with h5py.File("image", "w", driver="core", backing_store=False) as file:
        file.attrs["format"] = _FORMAT
        file["record"] = record
        for name, values in arrays.items():
            file.create_dataset(name, data=values, compression="gzip", compression_opts=1)
        file.flush()
        return bytes(file.id.get_file_image())


def read_checkpoint(path: Path, comm: MPI.Intracomm) -> Checkpoint:
    """Read a file and check that it is whole; the same on every rank; collective.

    Raises:
        ParameterError: on every rank, where there is no such file or it is no whole checkpoint.
    """
    return comm.bcast(on_first_rank(comm, lambda: _read(path)))


def _read(path: Path) -> Checkpoint:
    if not path.is_file():
        raise ParameterError(f"{path}: there is no such checkpoint.")
    try:
        with h5py.File(path) as file:
            if file.attrs.get("format") != _FORMAT:
                raise ParameterError(
                    f'{path}: is not a checkpoint of glvortex in the format "{_FORMAT}".'
                )
            mesh = MeshArrays(
                *(file[f"mesh/{name}"][:] for name in ("points", "cells", "cell_tags"))
            )
            state = CellValues(file["state/f"][:], file["state/a"][:])
            record = json.loads(file["record"][()])
    except ParameterError:
        raise
    except (OSError, KeyError, ValueError, TypeError, RuntimeError):
        raise ParameterError(f"{path}: is damaged or not a checkpoint of glvortex.") from None
    if not _whole(mesh, state):
        raise ParameterError(f"{path}: is damaged, its mesh and its state do not fit together.")
    return Checkpoint(path, mesh, state, record)


def _whole(mesh: MeshArrays, state: CellValues) -> bool:
    """Whether the arrays have shapes, rows and numbers that can be a state."""
    cells, dim = len(mesh.cells), mesh.points.shape[-1]
    return (
        dim in EDGES
        and cells > 0
        and mesh.cells.shape == state.f.shape == (cells, dim + 1)
        and mesh.cell_tags.shape == (cells,)
        and state.a.shape == (cells, len(EDGES[dim]))
        and 0 <= mesh.cells.min() <= mesh.cells.max() < len(mesh.points)
        and all(np.isfinite(array).all() for array in (mesh.points, state.f, state.a))
    )
