"""The unknowns of a state in one file that any number of ranks can read back.

`state.npz` counts cells as the mesh generator does: `corners` (cells, d+1, d) in xi, `f` (cells,
d+1) complex at the corners, `a` (cells, edges) the line integrals along the edges from corner to
corner, in the order of `glvortex.fem.space.EDGES`.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glvortex.errors import ParameterError
from glvortex.fem.cellwise import CellValues, assign, gathered, in_input_order, input_index
from glvortex.fem.energy import GinzburgLandau
from glvortex.output.ranks import on_first_rank, replacing

_SAME_PLACE = 1e-8  # xi: the same mesh has its vertices within this


def write_checkpoint(path: Path, functional: GinzburgLandau) -> None:
    """Write the state the functional holds; collective.

    Raises:
        ParameterError: the file cannot be written.
    """
    space = functional.space
    state = gathered(functional)
    corners = in_input_order(space, space.corner_coordinates)

    def write() -> None:
        with replacing(path) as temporary:
            np.savez_compressed(temporary, corners=corners, f=state.f, a=state.a)

    on_first_rank(space.mesh.comm, write)


def read_checkpoint(path: Path, functional: GinzburgLandau) -> None:
    """Give the functional the state of a file written on the same mesh; collective.

    Raises:
        ParameterError: no such file, not a checkpoint, or one of another mesh.
    """
    space, comm = functional.space, functional.space.mesh.comm
    data = comm.bcast(_read(path) if comm.rank == 0 else None)
    if isinstance(data, ParameterError):
        raise data
    here, cells = space.corner_coordinates, input_index(space)
    count = space.mesh.topology.index_map(space.dim).size_global
    fits = data["corners"].shape == (count, *here.shape[1:])
    if fits and len(cells):
        fits = bool(np.abs(data["corners"][cells] - here).max() < _SAME_PLACE)
    if not comm.allreduce(fits, op=min):
        raise ParameterError(f"{path}: belongs to another mesh than this problem's.")
    assign(functional, CellValues(data["f"][cells], data["a"][cells]))


def _read(path: Path) -> dict[str, NDArray[Any]] | ParameterError:
    try:
        with np.load(path) as data:
            return {name: data[name] for name in ("corners", "f", "a")}
    except OSError as error:
        return ParameterError(f"{path}: cannot be read ({error.strerror or error}).")
    except (KeyError, ValueError, EOFError, zipfile.BadZipFile):
        return ParameterError(f"{path}: is not a checkpoint of glvortex.")
