"""Small meshes and states that several tests share."""

import numpy as np
from dolfinx.mesh import CellType, DiagonalType, create_box, create_rectangle
from mpi4py import MPI

from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.space import CovariantSpace


def square(side: float, cells: int) -> CovariantSpace:
    corner = side / 2
    mesh = create_rectangle(
        MPI.COMM_WORLD,
        [[-corner, -corner], [corner, corner]],
        [cells, cells],
        diagonal=DiagonalType.crossed,
    )
    return CovariantSpace(mesh)


def box(side: float, cells: int) -> CovariantSpace:
    mesh = create_box(
        MPI.COMM_WORLD, [[0, 0, 0], [side] * 3], [cells] * 3, cell_type=CellType.tetrahedron
    )
    return CovariantSpace(mesh)


def noisy(space: CovariantSpace, **parameters) -> GinzburgLandau:
    """A functional in a state far from any minimum, with all its terms at work."""
    rng = np.random.default_rng(3)
    functional = GinzburgLandau(space, kappa=2.0, applied_field=0.3, t=0.8, **parameters)
    functional.apply_field()
    for u, size in (
        (functional.f, 0.7),
        (functional.a, 0.3),
        (functional.pseudo_gauge, 0.2),
        (functional.magnetisation, 0.1),
    ):
        u.x.array[:] += size * rng.standard_normal(u.x.array.size)
        u.x.scatter_forward()
    return functional
