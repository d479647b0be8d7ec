"""A sample that its mesh defines, with the holes and regions that the tags of its cells name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from glvortex.errors import ParameterError
from glvortex.geometry.arrays import MeshArrays
from glvortex.geometry.carving import CellTag
from glvortex.geometry.mesh_checks import check_extent, mended, pieces
from glvortex.geometry.mesh_files import MeshFile
from glvortex.geometry.polygons import Polygons
from glvortex.geometry.regions import Hole

Key = int | str
"""A group of triangles: its number in the file, or its name."""
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Meshed(Polygons):
    """A sample given by its mesh; ``polygon`` is what the mesh covers less the holes.

    Attributes:
        arrays: the mesh, holes included.
        file: where it comes from.
        roles: the tags in the file that are host, cores and edge regions.
        enclosed: the holes, in the order of the file.
        merged: how many points the file gave more than once.
    """

    arrays: MeshArrays
    file: MeshFile = field(compare=False)
    roles: Mapping[CellTag, tuple[int, ...]]
    enclosed: tuple[Hole, ...] = ()
    merged: int = 0

    @property
    def holes(self) -> tuple[Hole, ...]:
        """The holes, for pictures."""
        return self.enclosed


def covered(arrays: MeshArrays, chosen: Bools) -> Polygons:
    """What the chosen cells (m,) of a mesh cover."""
    triangles = shapely.polygons(arrays.points[arrays.cells[chosen]])
    return Polygons(shapely.coverage_union_all(triangles))


@dataclass(frozen=True)
class Part:
    """A hole or a region of a mesh.

    Attributes:
        keys: its groups of triangles.
        tag: `CellTag.HOLE` or `CellTag.REGION`.
        fluxoid: of a hole.
        name: for messages.
    """

    keys: Sequence[Key]
    tag: CellTag
    name: str
    fluxoid: int = 0


def meshed_sample(
    file: MeshFile,
    unit: float,
    roles: Mapping[CellTag, Sequence[Key]] | None,
    parts: Sequence[Part] = (),
) -> tuple[Meshed, list[Polygons]]:
    """Make a sample of a mesh.

    Args:
        file: the mesh.
        unit: its unit of length, in xi.
        roles: groups of triangles that are host, cores and edge regions; None takes what has the
            names host, core, edge, or all as host where there are no groups.
        parts: its holes and regions.

    Returns the sample, and what each region covers.

    Raises:
        ParameterError: the mesh is not a proper one, groups are not there, given twice or left
            out, a hole reaches the outline.
    """
    points, cells, merged = mended(file.points * unit, file.triangles)
    check_extent(points, cells)
    roles = _roles(file, roles, parts)
    tags, chosen = _assigned(file, roles, parts)
    arrays = MeshArrays(points, cells, tags)
    inside = tags != CellTag.HOLE
    _check_one_piece(arrays, inside)
    whole = covered(arrays, np.ones(len(cells), dtype=bool)).polygon
    _check_filled(whole)
    holes: list[Hole] = []
    regions: list[Polygons] = []
    for part, found in zip(parts, chosen, strict=True):
        area = covered(arrays, found)
        if part.tag == CellTag.REGION:
            regions.append(area)
        else:
            holes += [Hole(one, part.fluxoid) for one in _separate_holes(part, area, whole)]
    polygon = covered(arrays, inside).polygon if holes else whole
    numbers = {r: tuple(n for key in keys for n in file.group(key)) for r, keys in roles.items()}
    return Meshed(polygon, arrays, file, numbers, tuple(holes), merged), regions


def _roles(
    file: MeshFile, roles: Mapping[CellTag, Sequence[Key]] | None, parts: Sequence[Part]
) -> Mapping[CellTag, Sequence[Key]]:
    """The groups as given, or those that go by the usual names."""
    if roles is not None:
        return roles
    present = set(map(int, np.unique(file.tags)))
    usual = (CellTag.HOST, CellTag.CORE, CellTag.EDGE)
    named = {tag: [n for n in file.names if n.lower() == tag.name.lower()] for tag in usual}
    if any(named.values()):
        return named
    taken = {tag for part in parts for key in part.keys for tag in file.group(key)}
    if len(present - taken) > 1:
        raise ParameterError(
            f"{file.path}: has the tags {file.described()}: say with tags which of them are host, "
            "core and edge."
        )
    return {CellTag.HOST: sorted(present - taken)}


def _assigned(
    file: MeshFile, roles: Mapping[CellTag, Sequence[Key]], parts: Sequence[Part]
) -> tuple[NDArray[np.int32], list[Bools]]:
    """Cell tags (m,), and for each part its cells (m,)."""
    owners = [(tag, f"tags.{tag.name.lower()}", keys) for tag, keys in roles.items()]
    owners += [(part.tag, f"{part.name}.tags", part.keys) for part in parts]
    if not file.tags.any() and any(isinstance(k, str) or k for _, _, keys in owners for k in keys):
        raise ParameterError(
            f"{file.path}: its triangles have no tags: make physical groups of its surfaces, or "
            "leave out tags where all of it is host."
        )
    result = np.zeros(len(file.triangles), dtype=np.int32)
    by: dict[str, Bools] = {}
    chosen: list[Bools] = []
    for tag, owner, keys in owners:
        cells = np.zeros(len(result), dtype=bool)
        for key in keys:
            found = np.isin(file.tags, file.group(key))
            if not found.any():
                raise ParameterError(
                    f"{owner} names {_shown(key)}, which no triangle of {file.path} has; there are "
                    f"{file.described()}."
                )
            cells |= found
        twice = np.unique(file.tags[cells & (result != 0)])
        if twice.size:
            other = next(o for o, c in by.items() if c[file.tags == twice[0]].any())
            raise ParameterError(
                f"{owner} and {other} both name the tag {file.described(twice[:1])}: each triangle "
                "belongs to one."
            )
        result[cells] = tag
        by[owner] = cells
        chosen.append(cells)
    left = np.unique(file.tags[result == 0])
    if left.size:
        count = int((result == 0).sum())
        which = f"the tags {file.described(left)}" if left.any() else "no tag"
        raise ParameterError(
            f"{file.path}: {count} of {len(result)} triangles have {which}, which tags does not "
            "map to host, core or edge and no [[hole]] or [[region]] names."
        )
    return result, chosen[len(roles) :]


def _shown(key: Key) -> str:
    return f'"{key}"' if isinstance(key, str) else str(key)


def _check_one_piece(arrays: MeshArrays, inside: Bools) -> None:
    if not inside.any():
        raise ParameterError("the holes leave nothing of the sample.")
    count = len(np.unique(pieces(arrays.cells[inside])))
    if count > 1:
        raise ParameterError(
            f"the holes cut the sample into {count} pieces: one connected sample is wanted."
        )


def _check_filled(whole: BaseGeometry) -> None:
    gaps = [shapely.Polygon(ring) for ring in shapely.get_rings(whole)[1:]]
    if gaps:
        x, y = shapely.get_coordinates(shapely.point_on_surface(gaps[0]))[0]
        raise ParameterError(
            f"the mesh leaves {len(gaps)} holes open, the first at ({x:g}, {y:g}): mesh them too "
            "and name them in [[hole]], since the field in a hole is part of the solution."
        )


def _separate_holes(part: Part, area: Polygons, whole: BaseGeometry) -> list[Polygons]:
    """The holes of one group of triangles, which need not hang together."""
    holes = [Polygons(polygon) for polygon in shapely.get_parts(area.polygon)]
    if any(len(hole.rings) > 1 for hole in holes):
        raise ParameterError(f"{part.name} has something inside it: a hole must be empty.")
    if area.polygon.distance(whole.boundary) == 0.0:
        raise ParameterError(
            f"{part.name} reaches the outline of the mesh: leave its triangles out of the file."
        )
    return holes
