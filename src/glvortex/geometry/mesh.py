"""Triangle meshes that follow the inclusions.

Every core, every edge region and the host between them is a region of its own, so no triangle lies
across two of them. The same input gives the same mesh: one thread, fixed seed, fixed algorithm.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np
from mpi4py import MPI

from glvortex.errors import ParameterError
from glvortex.geometry.arrays import MeshArrays, MeshData, distribute
from glvortex.geometry.carving import CellTag, carve, outline
from glvortex.geometry.drawing import draw
from glvortex.geometry.grading import graded, resolved
from glvortex.geometry.inclusions import Inclusions
from glvortex.geometry.meshed import Meshed
from glvortex.geometry.periodic import match_sides, mesh_regularly
from glvortex.geometry.quarters import quartered
from glvortex.geometry.refined import refined
from glvortex.geometry.regions import Perforated, Region, outline_of
from glvortex.geometry.sample import Sample
from glvortex.geometry.size_map import SizeMap
from glvortex.geometry.sizes import MeshSizes, around_inclusions
from glvortex.geometry.sizing import sized

BOUNDARY_TAG = 1  # of the curves on the outside of the sample, in gmsh files
_TRIANGLE = 2  # what gmsh calls it


def make_mesh(
    comm: MPI.Intracomm,
    sample: Sample,
    inclusions: Inclusions,
    sizes: MeshSizes,
    regions: Sequence[Region] = (),
    *,
    refinements: int = 0,
    size_map: SizeMap | None = None,
) -> MeshData:
    """Mesh the sample on the first rank of `comm` and distribute it; collective.

    With a `size_map`, which the first rank has to give, its edge lengths are taken where they are
    smaller than `sizes`.

    Every refinement cuts each triangle into four, which come one after the other in its place in
    the input order, and puts new points on a curved line onto that line; a mesh that was given
    stays as it is otherwise, its lines straight.

    Raises:
        ParameterError: on every rank, where inclusions overlap or stick out, a size is not
            positive, the sample falls apart, or gmsh cannot mesh it with these sizes.
    """
    arrays, error = None, None
    if comm.rank == 0:
        try:
            arrays = _mesh_arrays(sample, inclusions, sizes, regions, refinements, size_map)
        except BaseException as exception:  # whatever it is, the other ranks are waiting for it
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
    size_map: SizeMap | None,
) -> MeshArrays:
    if isinstance(sample, Meshed):
        arrays = refined(size_map) if size_map else sample.arrays
        for _ in range(refinements):
            arrays = quartered(arrays)
        return arrays
    with gmsh_session() as gmsh:
        _generate(gmsh, sample, inclusions, sizes, regions, size_map)
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


@contextmanager
def gmsh_session() -> Iterator[Any]:
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
    size_map: SizeMap | None,
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
    inclusions.check(sample)
    target = resolved(around_inclusions(inclusions, sizes), regions, sizes.size)
    target = graded(target, sample, sizes.size)
    with sized(gmsh, target):
        try:
            _draw(gmsh, sample, inclusions, regions, sizes.edge_size)
            if sample.lattice is not None:
                match_sides(gmsh, outline_of(sample).corners, sample.lattice)  # type: ignore[attr-defined]
                if size_map is None:
                    mesh_regularly(gmsh, outline_of(sample).corners, sizes.size)  # type: ignore[attr-defined]
            with size_map.background(gmsh) if size_map else nullcontext():
                gmsh.model.mesh.generate(2)
        except ParameterError:
            raise
        except Exception as error:
            reason = str(error).strip().rstrip(".")
            raise ParameterError(
                f"gmsh cannot mesh this sample with sizes {sizes.size:g}, {sizes.edge_size:g} and "
                f"{sizes.core_size:g} xi{': ' + reason if reason else ''}."
            ) from error


def _draw(
    gmsh: Any,
    sample: Sample,
    inclusions: Inclusions,
    regions: Sequence[Region],
    edge_size: float,
) -> None:
    """Surfaces that share their curves, so that inclusions need no Boolean operation."""
    occ, model = gmsh.model.occ, gmsh.model
    rim, outside = outline(occ, outline_of(sample))
    drawn = draw(occ, inclusions, edge_size)
    host = occ.addPlaneSurface([rim, *drawn.loops])
    hosts = [host, *drawn.enclosed]
    surfaces = {CellTag.HOST: hosts, CellTag.CORE: drawn.cores, CellTag.EDGE: drawn.edges}
    if regions or isinstance(sample, Perforated):
        surfaces, outside = carve(gmsh, surfaces, sample, regions)
    occ.synchronize()
    for tag, group in surfaces.items():
        if group:
            model.addPhysicalGroup(2, group, tag, name=tag.name.lower())
    model.addPhysicalGroup(1, outside, BOUNDARY_TAG, name="boundary")
