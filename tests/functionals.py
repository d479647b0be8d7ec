"""Small meshes and states that several tests share."""

import basix.ufl
import numpy as np
from dolfinx.mesh import CellType, DiagonalType, create_box, create_mesh, create_rectangle
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


def ring(inner: float, outer: float, across: int, around: int) -> CovariantSpace:
    """An annulus about the origin, ``across`` by ``around`` cells, each cut in two."""
    radius, angle = np.meshgrid(
        np.linspace(inner, outer, across + 1),
        2 * np.pi * np.arange(around) / around,
        indexing="ij",
    )
    i, j = np.meshgrid(np.arange(across), np.arange(around), indexing="ij")
    near, far = i * around + j, i * around + (j + 1) % around
    cells = np.stack([near, far, near + around, far, far + around, near + around], axis=-1)
    return _triangles(radius * np.cos(angle), radius * np.sin(angle), cells)


def disk(radius: float, rings: int) -> CovariantSpace:
    """A disk about the origin of ``rings`` rings with 6, 12, 18, ... vertices."""
    x, y, cells = [0.0], [0.0], []
    for k in range(1, rings + 1):
        angle = 2 * np.pi * np.arange(6 * k) / (6 * k)
        outside, inside = len(x), len(x) - 6 * (k - 1)
        x.extend(radius * k / rings * np.cos(angle))
        y.extend(radius * k / rings * np.sin(angle))
        for j in range(6 * k):
            sector, step = divmod(j, k)
            here, there = (
                inside + (sector * (k - 1) + s) % max(6 * (k - 1), 1) if k > 1 else 0
                for s in (step, step + 1)
            )
            out = outside + (j + 1) % (6 * k)
            cells.append((outside + j, out, here))
            if step < k - 1:
                cells.append((here, out, there))
    return _triangles(x, y, cells)


def _triangles(x, y, cells) -> CovariantSpace:
    points = np.column_stack([np.ravel(x), np.ravel(y)])
    cells = np.reshape(cells, (-1, 3)).astype(np.int64)
    if MPI.COMM_WORLD.rank:
        points, cells = points[:0], cells[:0]
    element = basix.ufl.element("Lagrange", "triangle", 1, shape=(2,))
    return CovariantSpace(create_mesh(MPI.COMM_WORLD, cells=cells, x=points, e=element))


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
