"""The edge lengths that a problem asks of its mesh."""

from __future__ import annotations

import numpy as np

from glvortex.geometry.inclusions import Inclusions
from glvortex.geometry.sample import Sample
from glvortex.geometry.sizes import MeshSizes
from glvortex.problems.scale import Scale
from glvortex.problems.schema import ProblemFile

MOST_CELLS = 2e7
_LONGEST = 1.4  # times the length aimed at
_FIRST = 2.0  # xi: edges of the first of several meshes


def _cells(sample: Sample, inclusions: Inclusions, sizes: MeshSizes) -> float:
    """About how many triangles a mesh will have."""
    with np.errstate(all="ignore"):
        edges = np.sum(inclusions.perimeter * inclusions.edge_width)
        cores = np.sum(inclusions.area - inclusions.perimeter * inclusions.edge_width / 2)
        regions = np.array([sample.area, edges, cores])
        lengths = np.array([sizes.size, sizes.edge_size, sizes.core_size])
        return float(np.sum(2.3 * regions / lengths**2))


def coarse_warnings(inclusions: Inclusions, sizes: MeshSizes) -> tuple[str, ...]:
    """Say so where phases cannot be followed from one end of an edge to the other."""
    peak = float(np.abs(inclusions.peak).max(initial=0.0))
    if peak * _LONGEST * sizes.edge_size <= np.pi:
        return ()
    return (
        f"edges of the mesh are up to {_LONGEST * sizes.edge_size:.3g} xi long in the edge regions "
        f"of inclusions, where the pseudo-gauge field {peak:.3g} turns the phase by more than pi "
        "along them: vortices may appear that are none; edges there should be below "
        f"{np.pi / peak / _LONGEST:.3g} xi (mesh.edge_size).",
    )


def sizes_of(
    problem: ProblemFile, sample: Sample, inclusions: Inclusions, scale: Scale
) -> MeshSizes:
    """Return the edge lengths in xi, defaults filled in.

    Raises:
        ParameterError: far too many triangles, or none across an edge region.
    """
    mesh = problem.mesh
    wanted = (mesh.size, mesh.edge_size, mesh.core_size)
    size, edge, core = (None if value is None else value / scale.length for value in wanted)
    if size is None and mesh.accuracy is not None:
        size = _FIRST
    sizes = MeshSizes.of(size, edge, core, inclusions.edge_width)
    cells = _cells(sample, inclusions, sizes)
    if not cells < MOST_CELLS:
        raise problem.source.mistake(
            "mesh",
            f"asks for about {cells:.1e} triangles, at most {MOST_CELLS:.0e} are allowed: the "
            f"sizes {sizes.size:.3g}, {sizes.edge_size:.3g} and {sizes.core_size:.3g} xi are too "
            "small for this sample",
        )
    if len(inclusions) and sizes.edge_size > inclusions.edge_width:
        raise problem.source.mistake("mesh.edge_size", "must not exceed inclusions.edge_width")
    return sizes
