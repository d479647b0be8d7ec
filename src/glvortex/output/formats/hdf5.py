"""VTKHDF and XDMF: grids in HDF5 files, which all ranks write.

One rank lays the file out with every array in one piece; then all ranks write their rows where
HDF5 says that piece is. That needs no HDF5 built for MPI.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import h5py
import numpy as np
from mpi4py import MPI

from glvortex.output.formats.grid import Grid
from glvortex.output.formats.spread import Rows, write_pieces
from glvortex.output.formats.vtk_xml import connectivity
from glvortex.output.ranks import on_first_rank, replacing, replacing_together

_TOPOLOGY = {3: "Triangle", 4: "Tetrahedron"}
_NUMBER = {"f": "Float", "i": "Int", "u": "UInt"}
_VERSION = (1, 0)  # the first one has all that a grid without steps needs


def write_vtkhdf(path: Path, comm: MPI.Intracomm, grid: Grid) -> None:
    """Write a grid as an unstructured grid in one piece; collective.

    The layout is that of the "VTKHDF file format" in VTK's documentation.

    Raises:
        ParameterError: on every rank, where the file cannot be written.
    """
    cells = connectivity(grid.cells)
    ends = cells["offsets"]
    start = ends.values[:0] if comm.rank else np.zeros(1, dtype=np.int64)
    offsets = Rows.of(np.concatenate([start, ends.values]), comm)
    arrays = {
        "Points": grid.points,
        "Connectivity": cells["connectivity"],
        "Offsets": offsets,
        "Types": cells["types"],
    }
    arrays |= {f"PointData/{name}": rows for name, rows in grid.point_data.items()}
    arrays |= {f"CellData/{name}": rows for name, rows in grid.cell_data.items()}
    counts = {
        "NumberOfPoints": grid.points.total,
        "NumberOfCells": grid.cells.total,
        "NumberOfConnectivityIds": cells["connectivity"].total,
    }

    def describe(file: h5py.File) -> None:
        root = file.create_group("VTKHDF")
        root.attrs["Version"] = np.array(_VERSION)
        root.attrs["Type"] = np.bytes_("UnstructuredGrid")
        for name, count in counts.items():
            root[name] = np.array([count])

    whole = {f"VTKHDF/{name}": rows for name, rows in arrays.items()}
    _write(path, comm, whole, describe)


def write_xdmf(path: Path, comm: MPI.Intracomm, grid: Grid) -> None:
    """Write a grid as an XDMF file, with its arrays in an HDF5 file of the same name; collective.

    Raises:
        ParameterError: on every rank, where a file cannot be written.
    """
    heavy = path.with_suffix(".h5")
    arrays = {"points": grid.points, "cells": grid.cells}
    arrays |= {f"point_data/{name}": rows for name, rows in grid.point_data.items()}
    arrays |= {f"cell_data/{name}": rows for name, rows in grid.cell_data.items()}
    _write(heavy, comm, arrays, lambda file: None)

    root = ElementTree.Element("Xdmf", Version="3.0")
    parts = ElementTree.SubElement(
        ElementTree.SubElement(root, "Domain"), "Grid", Name=path.stem, GridType="Uniform"
    )
    kind = _TOPOLOGY[grid.cells.shape[1]]
    topology = ElementTree.SubElement(
        parts, "Topology", TopologyType=kind, NumberOfElements=str(grid.cells.total)
    )
    topology.append(_item(heavy, "cells", grid.cells))
    geometry = ElementTree.SubElement(parts, "Geometry", GeometryType="XYZ")
    geometry.append(_item(heavy, "points", grid.points))
    for group, centre, fields in (
        ("point_data", "Node", grid.point_data),
        ("cell_data", "Cell", grid.cell_data),
    ):
        for name, rows in fields.items():
            rank = "Vector" if len(rows.shape) > 1 else "Scalar"
            attribute = ElementTree.SubElement(
                parts, "Attribute", Name=name, AttributeType=rank, Center=centre
            )
            attribute.append(_item(heavy, f"{group}/{name}", rows))
    ElementTree.indent(root)

    def write() -> None:
        with replacing(path) as temporary:
            ElementTree.ElementTree(root).write(temporary, xml_declaration=True)

    on_first_rank(comm, write)


def _write(path: Path, comm: MPI.Intracomm, arrays: dict[str, Rows], describe: Any) -> None:
    """Write named arrays, and on one rank what ``describe`` adds to the file."""

    def lay_out(temporary: Path) -> dict[str, int | None]:
        with h5py.File(temporary, "w") as file:
            describe(file)
            return {name: _reserved(file, name, rows) for name, rows in arrays.items()}

    with replacing_together(path, comm) as temporary:
        places = comm.bcast(on_first_rank(comm, lambda: lay_out(temporary)))
        pieces = [
            (places[name] + rows.first * rows.row_bytes, np.ascontiguousarray(rows.values))
            for name, rows in arrays.items()
            if rows.total
        ]
        write_pieces(temporary, comm, pieces)


def _reserved(file: h5py.File, name: str, rows: Rows) -> int | None:
    """Make an array whose room is set aside at once, and return the byte where it begins."""
    layout = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    layout.set_layout(h5py.h5d.CONTIGUOUS)
    layout.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    layout.set_obj_track_times(False)
    layout.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    group, _, last = name.rpartition("/")
    parent = file.require_group(group) if group else file
    kind = h5py.h5t.py_create(rows.values.dtype)
    shape = h5py.h5s.create_simple(rows.shape)
    return h5py.h5d.create(parent.id, last.encode(), kind, shape, layout).get_offset()


def _item(heavy: Path, name: str, rows: Rows) -> ElementTree.Element:
    kind = rows.values.dtype
    item = ElementTree.Element(
        "DataItem",
        Dimensions=" ".join(map(str, rows.shape)),
        NumberType=_NUMBER[kind.kind],
        Precision=str(kind.itemsize),
        Format="HDF",
    )
    item.text = f"{heavy.name}:/{name}"
    return item
