"""The unknowns of a state in one file that any number of ranks can read back.

`state.npz` counts vertices as the mesh generator does: `points` (n, d) in xi, `f` (n, 2), `edges`
(m, 2) with the lower vertex first, `a` (m,) the line integral of a from the first to the second.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glvortex.errors import ParameterError
from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.space import CovariantSpace
from glvortex.output.fields import Floats
from glvortex.output.gather import input_vertices
from glvortex.output.ranks import on_first_rank, replacing

_SAME_PLACE = 1e-8  # xi: the same mesh has its vertices within this


def write_checkpoint(path: Path, functional: GinzburgLandau) -> None:
    """Write the state the functional holds; collective.

    Raises:
        ParameterError: the file cannot be written.
    """
    space = functional.space
    owned = space.owned_vertices
    edges, sign = _edges(space)
    pieces = {
        "numbers": input_vertices(space)[:owned],
        "points": space.vertices[:owned, : space.dim],
        "f": functional.f.x.array.reshape(-1, 2)[:owned],
        "edges": edges,
        "a": sign * functional.a.x.array[: space.owned_edges],
    }
    gathered = {name: space.mesh.comm.gather(piece) for name, piece in pieces.items()}

    def write() -> None:
        data = {name: np.concatenate(piece) for name, piece in gathered.items() if piece}
        vertices = np.argsort(data.pop("numbers"))
        order = np.lexsort(data["edges"].T[::-1])
        for names, rows in ((("points", "f"), vertices), (("edges", "a"), order)):
            data.update({name: data[name][rows] for name in names})
        with replacing(path) as temporary:
            np.savez_compressed(temporary, **data)

    on_first_rank(space.mesh.comm, write)


def read_checkpoint(path: Path, functional: GinzburgLandau) -> None:
    """Give the functional the state of a file written on the same mesh; collective.

    Raises:
        ParameterError: no such file, not a checkpoint, or one of another mesh.
    """
    space = functional.space
    data = space.mesh.comm.bcast(_read(path) if space.mesh.comm.rank == 0 else None)
    if isinstance(data, ParameterError):
        raise data
    numbers = input_vertices(space)
    count = len(data["points"])
    fits = count == space.scalar.dofmap.index_map.size_global
    fits = fits and bool(numbers.max(initial=0) < count)
    if fits and numbers.size:
        away = np.abs(data["points"][numbers] - space.vertices[:, : space.dim])
        fits = bool(away.max() < _SAME_PLACE)
    if not space.mesh.comm.allreduce(fits, op=min):
        raise ParameterError(f"{path}: belongs to another mesh than this problem's.")
    functional.f.x.array[:] = data["f"][numbers].ravel()
    edges, sign = _edges(space)
    rows = np.searchsorted(_keys(data["edges"], count), _keys(edges, count))
    functional.a.x.array[: space.owned_edges] = sign * data["a"][rows]
    functional.a.x.scatter_forward()


def _read(path: Path) -> dict[str, NDArray[Any]] | ParameterError:
    try:
        with np.load(path) as data:
            return {name: data[name] for name in ("points", "f", "edges", "a")}
    except OSError as error:
        return ParameterError(f"{path}: cannot be read ({error.strerror or error}).")
    except (KeyError, ValueError, EOFError, zipfile.BadZipFile):
        return ParameterError(f"{path}: is not a checkpoint of glvortex.")


def _edges(space: CovariantSpace) -> tuple[NDArray[np.int64], Floats]:
    """Owned edges as (lower, higher) vertex, and the sign of their unknown in that direction."""
    numbers = input_vertices(space)
    steps = space.vertex_differences.tocoo()
    heads, tails = np.zeros((2, space.owned_edges), dtype=np.int64)
    heads[steps.row[steps.data > 0]] = numbers[steps.col[steps.data > 0]]
    tails[steps.row[steps.data < 0]] = numbers[steps.col[steps.data < 0]]
    ends = np.column_stack([tails, heads])
    return np.sort(ends, axis=1), np.where(heads > tails, 1.0, -1.0)


def _keys(edges: NDArray[np.int64], vertices: int) -> NDArray[np.int64]:
    """One number per edge, increasing in the order of the file."""
    return edges[:, 0] * vertices + edges[:, 1]
