"""gmsh and the function that tells it the edge length aimed at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from mpi4py import MPI

from glvortex import interrupt

_ANY = 1e22  # gmsh's own "no wish": meshing comes to its end soon


@contextmanager
def sized(gmsh: Any, target: Callable[[float, float], float]) -> Iterator[None]:
    """Mesh with edge lengths ``target(x, y)``, or the background field's, until the block ends.

    The smaller one counts.

    What is raised while gmsh asks for them, Ctrl-C above all, could not pass through gmsh: it ends
    the meshing instead, and is raised after the block.
    """
    raised: list[BaseException] = []

    def size(dim: int, tag: int, x: float, y: float, z: float, lc: float) -> float:
        if raised:
            return _ANY
        try:
            interrupt.check(MPI.COMM_SELF)  # the other ranks wait for this one
            return min(lc, target(x, y))
        except BaseException as error:
            raised.append(error)
            return _ANY

    gmsh.model.mesh.setSizeCallback(size)
    try:
        yield
    except Exception:
        if not raised:  # else gmsh could not go on, and it is clear why
            raise
    finally:
        gmsh.model.mesh.removeSizeCallback()
    for error in raised:
        raise error
