"""Small meshes and states that several tests share."""

import numpy as np
from dolfinx.mesh import CellType, DiagonalType, create_box, create_rectangle
from mpi4py import MPI

from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.space import CovariantSpace
from glvortex.geometry.lattice import Lattice
from glvortex.geometry.wrapped import wrapped_mesh


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


def parallelogram(lattice: Lattice, cells: tuple[int, int], *, origin=(0, 0), width=0.0):
    """A structured mesh of a cell; of a strip along y if it has a width.

    ``origin`` is the corner from which the cell is cut, counted in cells of the mesh.
    """
    sides = np.array(([(width, 0.0)] if width else []) + list(lattice.periods))
    steps = [np.arange(first, first + n + 1) / n for first, n in zip(origin, cells, strict=True)]
    points = np.stack(np.meshgrid(*steps, indexing="ij"), axis=-1) @ sides
    rows = np.arange(points.size // 2).reshape(points.shape[:2])
    a, b, c, d = (rows[i : i + cells[0], j : j + cells[1]] for i, j in np.ndindex(2, 2))
    triangles = np.concatenate(
        [np.stack(corners, axis=-1).reshape(-1, 3) for corners in ((a, c, b), (c, d, b))]
    )
    mesh = wrapped_mesh(MPI.COMM_WORLD, points.reshape(-1, 2), triangles, lattice)
    return CovariantSpace(mesh, lattice)


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
