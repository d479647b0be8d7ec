"""The sample of a problem that names a mesh, with its holes and regions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glvortex.geometry.carving import CellTag
from glvortex.geometry.mesh_files import read_mesh
from glvortex.geometry.meshed import Meshed, Part, meshed_sample
from glvortex.geometry.polygons import Polygons
from glvortex.geometry.sample import Sample
from glvortex.geometry.sizes import MeshSizes
from glvortex.problems.given import changed
from glvortex.problems.scale import Scale, unit_of_file
from glvortex.problems.schema import ProblemFile

OWN_MESH = "sample.msh"
"""The mesh of a run in its folder."""


def mesh_sample(problem: ProblemFile, scale: Scale) -> tuple[Meshed, list[Polygons]]:
    """Read the mesh of a problem: the sample, and what each of the regions covers.

    Raises:
        ParameterError: a bad mesh, or tags that do not fit it.
    """
    given = problem.sample
    file = read_mesh(
        problem.source.folder / str(given.file),
        tag_array=given.tag_array,
        size_factor=problem.mesh.size_factor or 1.0,
    )
    tags, roles = given.tags, None
    if tags is not None:
        roles = {CellTag.HOST: tags.host, CellTag.CORE: tags.core, CellTag.EDGE: tags.edge}
        roles = {tag: keys for tag, keys in roles.items() if keys}
    parts = [
        Part(part.tags or (), CellTag.HOLE, f"hole[{i + 1}]", part.fluxoid)
        for i, part in enumerate(problem.hole)
    ] + [
        Part(part.tags or (), CellTag.REGION, f"region[{i + 1}]")
        for i, part in enumerate(problem.region)
    ]
    return meshed_sample(file, unit_of_file(problem, given.file_unit, scale), roles, parts)


def with_own_mesh(problem: ProblemFile, sample: Meshed) -> ProblemFile:
    """The problem with the mesh as it was read for its file (`write_mesh`), and tags as numbers."""

    def numbered(tables: Sequence[Any]) -> list[dict[str, Any]]:
        return [
            {**table, "tags": [n for key in table["tags"] for n in sample.file.group(key)]}
            for table in tables
        ]

    data = problem.source.data
    tags = {tag.name.lower(): list(numbers) for tag, numbers in sample.roles.items() if numbers}
    changes: dict[str, Any] = {"sample": {"file": OWN_MESH, "tags": tags, "tag_array": None}}
    if problem.mesh.size_factor is not None:
        changes["mesh"] = {"size_factor": None}
    changes |= {name: numbered(data[name]) for name in ("hole", "region") if name in data}
    return changed(problem, changes)


def sizes_of_mesh(sample: Meshed) -> MeshSizes:
    """Median edge lengths in host, edge regions and cores; the host's where there are none."""
    corners = sample.arrays.points[sample.arrays.cells]
    lengths = np.linalg.norm(np.roll(corners, -1, axis=1) - corners, axis=2)

    def median(tags: Sequence[CellTag]) -> float | None:
        chosen = lengths[np.isin(sample.arrays.cell_tags, tags)]
        return float(np.median(chosen)) if len(chosen) else None

    host = median([CellTag.HOST, CellTag.REGION]) or median(list(CellTag))
    assert host is not None
    return MeshSizes(host, median([CellTag.EDGE]) or host, median([CellTag.CORE]) or host)


def mesh_warnings(sample: Sample) -> tuple[str, ...]:
    """What was mended in a mesh and could be meant otherwise; nothing for other samples."""
    if not isinstance(sample, Meshed) or not sample.merged:
        return ()
    return (
        f"{sample.file.path.name} gives {sample.merged} points more than once: those at one place "
        "were taken as one.",
    )
