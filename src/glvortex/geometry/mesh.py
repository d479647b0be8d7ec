"""Triangle meshes that follow the inclusions.

Every core, every edge region and the host between them is a region of its own, so no triangle lies
across two of them. The same input gives the same mesh: one thread, fixed seed, fixed algorithm.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from mpi4py import MPI

from glvortex.errors import ParameterError
from glvortex.geometry.arrays import MeshArrays, MeshData, distribute
from glvortex.geometry.carving import CellTag, carve, outline
from glvortex.geometry.grading import GROWTH, graded, resolved
from glvortex.geometry.inclusions import Inclusions, check
from glvortex.geometry.periodic import match_sides, mesh_regularly
from glvortex.geometry.regions import Perforated, Region, outline_of
from glvortex.geometry.sample import Sample

BOUNDARY_TAG = 1  # of the curves on the outside of the sample, in gmsh files
_TRIANGLE = 2  # what gmsh calls it


@dataclass(frozen=True)
class MeshSizes:
    """Edge lengths aimed at, in xi; single edges come out up to 1.4 times as long.

    Attributes:
        size: in the host.
        edge_size: in the edge regions of the inclusions.
        core_size: in the cores of the inclusions.
    """

    size: float
    edge_size: float
    core_size: float

    @staticmethod
    def of(
        size: float | None, edge_size: float | None, core_size: float | None, edge_width: float
    ) -> MeshSizes:
        """Fill in what is None: size 1 xi, four triangles across an edge region, cores as the host.

        Without inclusions (`edge_width` 0) the three are equal.
        """
        host = 1.0 if size is None else size
        resolved = min(host, edge_width / 4) if edge_width > 0.0 else host
        return MeshSizes(
            host,
            resolved if edge_size is None else edge_size,
            host if core_size is None else core_size,
        )


def make_mesh(
    comm: MPI.Intracomm,
    sample: Sample,
    inclusions: Inclusions,
    sizes: MeshSizes,
    regions: Sequence[Region] = (),
    *,
    refinements: int = 0,
) -> MeshData:
    """Mesh the sample on the first rank of `comm` and distribute it; collective.

    Every refinement cuts each triangle into four, which come one after the other in its place in
    the input order, and puts new points on a curved line onto that line.

    Raises:
        ParameterError: on every rank, where inclusions overlap or stick out, a size is not
            positive, the sample falls apart, or gmsh cannot mesh it with these sizes.
    """
    arrays, error = None, None
    if comm.rank == 0:
        try:
            arrays = _mesh_arrays(sample, inclusions, sizes, regions, refinements)
        except Exception as exception:  # whatever it is, the other ranks are waiting for it
            error = exception
    error = comm.bcast(error)
    if error is not None:
        raise error
    return distribute(arrays, comm, sample.lattice)


def _mesh_arrays(
    sample: Sample,
    inclusions: Inclusions,
    sizes: MeshSizes,
    regions: Sequence[Region],
    refinements: int,
) -> MeshArrays:
    with _gmsh() as gmsh:
        _generate(gmsh, sample, inclusions, sizes, regions)
        for _ in range(refinements):
            gmsh.model.mesh.refine()
        return _arrays(gmsh.model.mesh, gmsh.model)


def _arrays(mesh: Any, model: Any) -> MeshArrays:
    """The triangles of all tagged surfaces, group by group."""
    numbers, coordinates, _ = mesh.getNodes()
    cells, tags = [], []
    for _, group in model.getPhysicalGroups(2):
        for surface in model.getEntitiesForPhysicalGroup(2, group):
            corners = mesh.getElementsByType(_TRIANGLE, surface)[1].reshape(-1, 3)
            cells.append(corners)
            tags.append(np.full(len(corners), group, dtype=np.int32))
    used, rows = np.unique(np.concatenate(cells), return_inverse=True)
    order = np.argsort(numbers)
    places = order[np.searchsorted(numbers, used, sorter=order)]
    points = coordinates.reshape(-1, 3)[places, :2]
    return MeshArrays(points, rows.reshape(-1, 3), np.concatenate(tags))


def write_msh(
    path: Path,
    sample: Sample,
    inclusions: Inclusions,
    sizes: MeshSizes,
    regions: Sequence[Region] = (),
) -> int:
    """Write the mesh as a gmsh file (call it on one rank) and return its number of triangles.

    Raises:
        ParameterError: as in `make_mesh`.
    """
    with _gmsh() as gmsh:
        _generate(gmsh, sample, inclusions, sizes, regions)
        gmsh.write(str(path))
        return int(sum(len(tags) for tags in gmsh.model.mesh.getElements(2)[1]))


@contextmanager
def _gmsh() -> Iterator[Any]:
    """A quiet, reproducible gmsh with an empty model; leaves a session of the caller as it was."""
    import gmsh

    ours = not gmsh.isInitialized()
    if ours:
        gmsh.initialize(readConfigFiles=False, interruptible=False)
    options = {
        "General.Terminal": 0,
        "General.NumThreads": 1,
        "Mesh.RandomSeed": 1,
        "Mesh.Algorithm": 6,  # frontal Delaunay: the most regular triangles
        "Mesh.MeshSizeExtendFromBoundary": 0,
        "Mesh.MeshSizeFromPoints": 0,
        "Mesh.MeshSizeFromCurvature": 0,
    }
    before = {name: gmsh.option.getNumber(name) for name in options}
    for name, value in options.items():
        gmsh.option.setNumber(name, value)
    gmsh.model.add("glvortex")
    try:
        yield gmsh
    finally:
        gmsh.model.remove()
        for name, value in before.items():
            gmsh.option.setNumber(name, value)
        if ours:
            gmsh.finalize()


def _generate(
    gmsh: Any,
    sample: Sample,
    inclusions: Inclusions,
    sizes: MeshSizes,
    regions: Sequence[Region],
) -> None:
    for name in ("size", "edge_size", "core_size"):
        value = getattr(sizes, name)
        if not (math.isfinite(value) and value > 0.0):
            raise ParameterError(f"the mesh's {name} must be a positive length, got {value:g}.")
    if len(inclusions) and sizes.edge_size > inclusions.edge_width:
        raise ParameterError(
            f"the mesh's edge_size {sizes.edge_size:g} xi must not exceed the edge_width "
            f"{inclusions.edge_width:g} xi of the inclusions."
        )
    check(sample, inclusions)
    target = resolved(_size_function(inclusions, sizes), regions, sizes.size)
    target = graded(target, sample, sizes.size)
    gmsh.model.mesh.setSizeCallback(lambda dim, tag, x, y, z, lc: target(x, y))
    try:
        _draw(gmsh, sample, inclusions, regions)
        if sample.lattice is not None:
            match_sides(gmsh, outline_of(sample).corners, sample.lattice)  # type: ignore[attr-defined]
            mesh_regularly(gmsh, outline_of(sample).corners, sizes.size)  # type: ignore[attr-defined]
        gmsh.model.mesh.generate(2)
    except ParameterError:
        raise
    except Exception as error:
        raise ParameterError(
            f"gmsh cannot mesh this sample with sizes {sizes.size:g}, {sizes.edge_size:g} and "
            f"{sizes.core_size:g} xi: {str(error).strip().rstrip('.')}."
        ) from error
    finally:
        gmsh.model.mesh.removeSizeCallback()


def _draw(gmsh: Any, sample: Sample, inclusions: Inclusions, regions: Sequence[Region]) -> None:
    """Surfaces that share their circles, so that inclusions need no Boolean operation."""
    occ, model = gmsh.model.occ, gmsh.model
    rim, outside = outline(occ, outline_of(sample))
    holes, cores, edges = [], [], []
    circles = zip(
        inclusions.x, inclusions.y, inclusions.core_radius, inclusions.outer_radius, strict=True
    )
    for x, y, inner, outer in circles:
        core = occ.addCurveLoop([occ.addCircle(x, y, 0.0, inner)])
        hole = occ.addCurveLoop([occ.addCircle(x, y, 0.0, outer)])
        cores.append(occ.addPlaneSurface([core]))
        edges.append(occ.addPlaneSurface([hole, core]))
        holes.append(hole)
    host = occ.addPlaneSurface([rim, *holes])
    surfaces = {CellTag.HOST: [host], CellTag.CORE: cores, CellTag.EDGE: edges}
    if regions or isinstance(sample, Perforated):
        surfaces, outside = carve(gmsh, surfaces, sample, regions)
    occ.synchronize()
    for tag, group in surfaces.items():
        if group:
            model.addPhysicalGroup(2, group, tag, name=tag.name.lower())
    model.addPhysicalGroup(1, outside, BOUNDARY_TAG, name="boundary")


def _size_function(inclusions: Inclusions, sizes: MeshSizes) -> Callable[[float, float], float]:
    """Edge length aimed at, as a function of x and y: fixed per region, with smooth growth between.

    gmsh asks for it some ten times per vertex, so it looks only at inclusions near the point.
    """
    if len(inclusions) == 0:
        return lambda x, y: sizes.size
    half = inclusions.edge_width / 2
    influence = half + abs(sizes.size - sizes.edge_size) / GROWTH
    cell = float(inclusions.outer_radius.max()) + influence
    near: dict[tuple[int, int], list[tuple[float, float, float]]] = defaultdict(list)
    for circle in zip(inclusions.x, inclusions.y, inclusions.radius, strict=True):
        x, y, radius = map(float, circle)  # plain floats: the callback is called very often
        reach = radius + influence
        for column in range(math.floor((x - reach) / cell), math.floor((x + reach) / cell) + 1):
            for row in range(math.floor((y - reach) / cell), math.floor((y + reach) / cell) + 1):
                near[column, row].append((x, y, radius))

    def target(x: float, y: float) -> float:
        candidates = near.get((math.floor(x / cell), math.floor(y / cell)))
        if candidates is None:
            return sizes.size
        signed = min(math.hypot(x - cx, y - cy) - radius for cx, cy, radius in candidates)
        away = abs(signed) - half
        if away <= 0.0:
            return sizes.edge_size
        change = (sizes.size if signed > 0.0 else sizes.core_size) - sizes.edge_size
        return sizes.edge_size + math.copysign(min(abs(change), GROWTH * away), change)

    return target
