"""The gauge in which a state is shown: the smoothest one, so that equal states have equal files."""

from __future__ import annotations

import sys

import numpy as np

from glvortex.fem.cellwise import input_index
from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.linear import removable_phase


def smooth_gauge(functional: GinzburgLandau) -> None:
    """Bring f and a into the Coulomb gauge (div a = 0, no a through the surface); collective.

    The minimiser leaves the state in whatever gauge it came by. The discretisation is gauge
    covariant, so a gradient may move from a to f without changing anything else. The phase is made
    zero at the first corner of the mesh generator's first cell. Without screening a is given, and
    only that phase changes.
    """
    space = functional.space
    f = functional.f.x.array.reshape(-1, 2) @ [1, 1j]
    if functional.screening:
        chi = removable_phase(space, functional.a)
        functional.a.x.array[: space.owned_edges] += space.vertex_differences @ chi
        functional.a.x.scatter_forward()
        f = f * np.exp(-1j * chi)
    _set(functional, f)
    _set(functional, f * np.exp(-1j * _first_phase(functional)))


def _set(functional: GinzburgLandau, f: np.ndarray) -> None:
    functional.f.x.array[:] = np.column_stack([f.real, f.imag]).ravel()
    functional.f.x.scatter_forward()


def _first_phase(functional: GinzburgLandau) -> float:
    """Phase at the first corner of the cell that the mesh generator counts first."""
    space = functional.space
    cells = input_index(space)
    candidate = (sys.maxsize, 0.0)
    if cells.size:
        first = np.argmin(cells)
        candidate = (int(cells[first]), float(np.angle(space.at_corners(functional.f)[first, 0])))
    return space.mesh.comm.allreduce(candidate, op=min)[1]
