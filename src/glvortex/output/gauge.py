"""The gauge in which a state is shown: the smoothest one, so that equal states have equal files."""

from __future__ import annotations

import sys

import numpy as np

from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.linear import removable_phase
from glvortex.fem.space import CovariantSpace
from glvortex.output.gather import input_vertices


def smooth_gauge(functional: GinzburgLandau) -> None:
    """Bring f and a into the Coulomb gauge (div a = 0, no a through the surface); collective.

    The minimiser leaves the state in whatever gauge it came by. The discretisation is gauge
    covariant, so a gradient may move from a to f without changing anything else. The phase is made
    zero at the first vertex of the mesh generator. Without screening a is given, and only the phase
    of that vertex changes.
    """
    space = functional.space
    f = functional.f.x.array.reshape(-1, 2) @ [1, 1j]
    if functional.screening:
        chi = removable_phase(space, functional.a)
        functional.a.x.array[: space.owned_edges] += space.vertex_differences @ chi
        functional.a.x.scatter_forward()
        f = f * np.exp(-1j * chi)
    f = f * np.exp(-1j * _first_phase(space, f))
    functional.f.x.array[:] = np.column_stack([f.real, f.imag]).ravel()
    functional.f.x.scatter_forward()


def _first_phase(space: CovariantSpace, f: np.ndarray) -> float:
    """Phase of the vertex that the mesh generator counts first."""
    nodes = input_vertices(space)
    candidate = (sys.maxsize, 0.0)
    if nodes.size:
        first = np.argmin(nodes)
        candidate = (int(nodes[first]), float(np.angle(f[first])))
    return space.mesh.comm.allreduce(candidate, op=min)[1]
