"""The mesh of a problem as a gmsh file, and how good it is."""

from __future__ import annotations

from pathlib import Path

import meshio
import numpy as np

from glvortex.errors import ParameterError
from glvortex.geometry.mesh import write_msh
from glvortex.output.ranks import partial, replacing
from glvortex.problems.setup import Setup


def write(path: Path, setup: Setup) -> list[str]:
    """Write the mesh (lengths in xi) and return lines about it; call it on one rank.

    Raises:
        ParameterError: the file cannot be written or the sample not be meshed.
    """
    if path.suffix != ".msh":
        raise ParameterError(f"{path}: the mesh is written as a gmsh file, which ends in .msh.")
    partial(path).touch()  # gmsh's own message would not be clear
    with replacing(path) as temporary:
        write_msh(temporary, setup.sample, setup.inclusions, setup.sizes, setup.regions)
        mesh = meshio.gmsh.read(temporary)
    triangles = mesh.get_cells_type("triangle")
    corners = mesh.points[triangles][:, :, :2]
    edges = np.linalg.norm(np.roll(corners, -1, axis=1) - corners, axis=2)
    unit = setup.length_unit_in_xi
    shortest, longest = float(edges.min()), float(edges.max())
    lengths = f"{shortest:.3g} to {longest:.3g} xi"
    if setup.length_unit != "xi":
        lengths += f", {shortest / unit:.3g} to {longest / unit:.3g} {setup.length_unit}"
    return [
        f"{setup.title}: mesh in {path}, lengths in xi",
        f"cells           {len(triangles)}",
        f"vertices        {len(np.unique(triangles))}",
        f"edges           {lengths}",
        f"smallest angle  {_smallest_angle(edges):.1f} degrees",
    ]


def _smallest_angle(edges: np.ndarray) -> float:
    """Smallest angle in degrees, from the three edge lengths of each triangle."""
    c, a, b = np.sort(edges, axis=1).T  # c is the shortest, opposite to the smallest angle
    cosine = (a**2 + b**2 - c**2) / (2 * a * b)
    return float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))).min())
