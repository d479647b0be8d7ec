"""Meshes, with their fields, as gmsh files: subdomains as physical groups, fields as views."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from glvortex.geometry.arrays import MeshArrays
from glvortex.geometry.carving import CellTag
from glvortex.geometry.mesh import BOUNDARY_TAG, gmsh_session
from glvortex.geometry.outlines import boundary_edges
from glvortex.output.ranks import partial, replacing
from glvortex.output.state.fields import FIELDS, Floats

_LINE, _TRIANGLE = 1, 2  # elements as gmsh calls them
_OPTIONS = {"Mesh.Binary": 0, "PostProcessing.SaveMesh": 0}


def write_msh(path: Path, mesh: MeshArrays, values: Mapping[str, Floats] | None = None) -> None:
    """Write a mesh (lengths in xi) and fields at the corners of its cells on one rank.

    The physical surfaces bear the names of `CellTag` in small letters, the outside of the sample is
    the physical curve "boundary". Elements are counted from 1 in input order.

    Raises:
        OSError: the file cannot be written.
    """
    partial(path).touch()  # gmsh's own message would not be clear
    with replacing(path) as temporary, gmsh_session() as gmsh:
        before = {name: gmsh.option.getNumber(name) for name in _OPTIONS}
        try:
            for name, value in _OPTIONS.items():
                gmsh.option.setNumber(name, value)
            _add_mesh(gmsh.model, mesh)
            gmsh.write(str(temporary))
            for field in FIELDS:
                if values and field.name != "subdomain":
                    _append_view(gmsh, temporary, field.name, values[field.name])
        finally:
            for name, value in before.items():
                gmsh.option.setNumber(name, value)


def _add_mesh(model: Any, mesh: MeshArrays) -> None:
    present = [tag for tag in CellTag if (mesh.cell_tags == tag).any()]
    for tag in present:
        model.addDiscreteEntity(2, tag)
    points = np.pad(mesh.points, [(0, 0), (0, 1)])
    model.mesh.addNodes(2, present[0], np.arange(1, len(points) + 1), points.ravel())
    for tag in present:
        (elements,) = np.nonzero(mesh.cell_tags == tag)
        corners = 1 + mesh.cells[elements].ravel()
        model.mesh.addElementsByType(tag, _TRIANGLE, elements + 1, corners)
        model.addPhysicalGroup(2, [tag], tag, name=tag.name.lower())
    edges, tags = boundary_edges(mesh)
    outside = edges[tags == CellTag.HOST]
    model.addDiscreteEntity(1, BOUNDARY_TAG)
    elements = np.arange(len(outside)) + len(mesh.cells) + 1
    model.mesh.addElementsByType(BOUNDARY_TAG, _LINE, elements, 1 + outside.ravel())
    model.addPhysicalGroup(1, [BOUNDARY_TAG], BOUNDARY_TAG, name="boundary")
    model.mesh.reclassifyNodes()


def _append_view(gmsh: Any, path: Path, name: str, values: Floats) -> None:
    """Append a field, with a value for each corner of each element, so that it may jump."""
    vector = values.ndim == 3
    if vector:
        values = np.pad(values, [(0, 0), (0, 0), (0, 3 - values.shape[2])])
    view, elements = gmsh.view.add(name), np.arange(1, len(values) + 1)
    gmsh.view.addHomogeneousModelData(
        view,
        0,
        gmsh.model.getCurrent(),
        "ElementNodeData",
        elements,
        values.ravel(),
        numComponents=3 if vector else 1,
    )
    gmsh.view.write(view, str(path), append=True)
    gmsh.view.remove(view)
