"""How good the mesh of a problem is."""

from __future__ import annotations

import numpy as np

from glvortex.geometry.arrays import MeshArrays
from glvortex.problems.setup import Setup


def mesh_report(mesh: MeshArrays, setup: Setup) -> list[str]:
    """Return lines about the mesh of a problem."""
    triangles = mesh.cells
    corners = mesh.points[triangles]
    edges = np.linalg.norm(np.roll(corners, -1, axis=1) - corners, axis=2)
    unit = setup.length_unit_in_xi
    shortest, longest = float(edges.min()), float(edges.max())
    lengths = f"{shortest:.3g} to {longest:.3g} xi"
    if setup.length_unit != "xi":
        lengths += f", {shortest / unit:.3g} to {longest / unit:.3g} {setup.length_unit}"
    return [
        f"{setup.title}: mesh, lengths in xi",
        f"cells           {len(triangles)}",
        f"vertices        {len(mesh.points)}",
        f"edges           {lengths}",
        f"smallest angle  {_smallest_angle(edges):.1f} degrees",
    ]


def _smallest_angle(edges: np.ndarray) -> float:
    """Smallest angle in degrees, from the three edge lengths of each triangle."""
    c, a, b = np.sort(edges, axis=1).T  # c is the shortest, opposite to the smallest angle
    cosine = (a**2 + b**2 - c**2) / (2 * a * b)
    return float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))).min())
