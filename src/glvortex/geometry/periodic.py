"""Cells and strips in gmsh: opposite sides are meshed alike, and plain cells regularly."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from glvortex.geometry.lattice import Floats, Lattice


def match_sides(gmsh: Any, corners: Floats, lattice: Lattice) -> None:
    """Make gmsh mesh opposite sides of a drawn parallelogram alike, those a period apart."""
    sides = _sides(gmsh, corners)
    for side in range(len(lattice.periods)):
        x, y = corners[(side + 3) % 4] - corners[side]
        translation = [1, 0, 0, x, 0, 1, 0, y, 0, 0, 1, 0, 0, 0, 0, 1]
        gmsh.model.mesh.setPeriodic(1, [sides[side + 2]], [sides[side]], translation)


def mesh_regularly(gmsh: Any, corners: Floats, size: float) -> None:
    """Ask for equal triangles if the parallelogram is a single surface, short diagonals drawn."""
    surfaces = gmsh.model.getEntities(2)
    if len(surfaces) > 1:
        return
    for side, curve in enumerate(_sides(gmsh, corners)):
        length = math.dist(corners[side], corners[(side + 1) % 4])
        gmsh.model.mesh.setTransfiniteCurve(curve, max(math.ceil(length / size), 3) + 1)
    first, second = corners[2] - corners[0], corners[3] - corners[1]
    short = "Left" if np.linalg.norm(first) > np.linalg.norm(second) else "Right"
    gmsh.model.mesh.setTransfiniteSurface(surfaces[0][1], short)


def _sides(gmsh: Any, corners: Floats) -> list[int]:
    """The curve of each side, from corner to corner."""
    curves = [tag for _, tag in gmsh.model.getEntities(1)]
    middles = np.array([gmsh.model.occ.getCenterOfMass(1, tag)[:2] for tag in curves])
    wanted = (corners + np.roll(corners, -1, axis=0)) / 2
    return [curves[np.argmin(np.hypot(*(middles - middle).T))] for middle in wanted]
