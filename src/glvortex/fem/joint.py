"""Several spaces as one, so that one kernel gives all blocks of a gradient or a Hessian."""

from __future__ import annotations

from typing import Any

import basix.ufl
import numpy as np
import ufl
from dolfinx import fem

from glvortex import compat


class JointSpace:
    """The space of all unknowns, numbered block after block on each rank.

    On a rank come what it owns of the first space, of the second and so on, then the ghosts of the
    first, of the second and so on.

    Attributes:
        space: the joint space; the space itself where there is only one.

    """

    def __init__(self, spaces: list[fem.FunctionSpace]) -> None:
        self._single = len(spaces) == 1
        self.space = spaces[0] if self._single else _join(spaces)

    def directions(self, argument: Any) -> list[Any]:
        """Split ``ufl.TestFunction`` or ``ufl.TrialFunction`` into its part of each space (UFL)."""
        whole = argument(self.space)
        return [whole] if self._single else list(ufl.split(whole))


def _join(spaces: list[fem.FunctionSpace]) -> fem.FunctionSpace:
    mesh = spaces[0].mesh
    comm, dofmaps = mesh.comm, [space.dofmap for space in spaces]
    sizes = [dofmap.index_map.size_local * dofmap.index_map_bs for dofmap in dofmaps]
    # where each block begins: (ranks, blocks), among all unknowns and in the block's own numbers
    all_sizes = np.array(comm.allgather(sizes))
    begins = np.cumsum(all_sizes).reshape(all_sizes.shape) - all_sizes
    own_begins = np.cumsum(all_sizes, axis=0) - all_sizes
    columns, ghosts, owners = [], [], []
    ghost = sum(sizes)
    for i, dofmap in enumerate(dofmaps):
        owner = np.repeat(dofmap.index_map.owners, dofmap.index_map_bs)
        numbers = _unblocked(dofmap.index_map.ghosts, dofmap.index_map_bs)
        ghosts.append(numbers - own_begins[owner, i] + begins[owner, i])
        owners.append(owner)
        cells, width = dofmap.list.shape
        local = _unblocked(dofmap.list, dofmap.bs).reshape(cells, width * dofmap.bs)
        start = sum(sizes[:i])
        columns.append(np.where(local < sizes[i], start + local, ghost + local - sizes[i]))
        ghost += len(owner)
    index_map = compat.index_map(
        comm, sum(sizes), np.concatenate(ghosts), np.concatenate(owners).astype(np.int32)
    )
    element = basix.ufl.mixed_element([space.ufl_element() for space in spaces])
    return compat.numbered_space(mesh, element, index_map, np.hstack(columns))


def _unblocked(numbers: np.ndarray, block: int) -> np.ndarray:
    """Return the numbers (n,) of the single unknowns of blocks, one after the other."""
    return (block * numbers[..., None].astype(np.int64) + np.arange(block)).ravel()
