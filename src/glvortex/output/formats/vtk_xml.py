"""VTK's XML formats: `.vtu` (cells) and `.vtp` (points and lines), each one file of all ranks.

Every array stands as text where the XML has it: packed block by block (zlib), then base64, which
makes four letters of three bytes. A rank packs its own blocks and writes the letters that end
within them, so the file is the same on any number of ranks. `.pvd` lists the steps of a series.
"""

from __future__ import annotations

import base64
import sys
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import numpy as np
from mpi4py import MPI

from glvortex.output.formats.grid import Grid
from glvortex.output.formats.spread import Rows, write_pieces
from glvortex.output.ranks import on_first_rank, replacing, replacing_together

_TYPES = {"f8": "Float64", "i4": "Int32", "i8": "Int64", "u1": "UInt8"}
_SIMPLEX = {2: 5, 3: 10}  # triangle and tetrahedron as VTK counts its cells
_HERE = b"@"  # where an array comes
Sections = dict[str, dict[str, Rows]]


def write_vtu(path: Path, comm: MPI.Intracomm, grid: Grid) -> None:
    """Write a grid; collective.

    Raises:
        ParameterError: on every rank, where the file cannot be written.
    """
    counts = {"NumberOfPoints": grid.points.total, "NumberOfCells": grid.cells.total}
    sections = {
        "Points": {"points": grid.points},
        "Cells": connectivity(grid.cells),
        "PointData": grid.point_data,
        "CellData": grid.cell_data,
    }
    _write(path, comm, "UnstructuredGrid", counts, sections)


def connectivity(cells: Rows) -> dict[str, Rows]:
    """Return VTK's description of simplices: their points, where each ends, their types."""
    count, corners = cells.values.shape
    ends = corners * np.arange(cells.first + 1, cells.first + count + 1)
    types = np.full(count, _SIMPLEX[corners - 1], dtype=np.uint8)
    return {
        "connectivity": cells.flat(),
        "offsets": replace(cells, values=ends),
        "types": replace(cells, values=types),
    }


def write_vtp(
    path: Path,
    points: np.ndarray,
    lines: Sequence[np.ndarray] | None,
    *,
    point_data: dict[str, np.ndarray] | None = None,
    cell_data: dict[str, np.ndarray] | None = None,
) -> None:
    """Write points (n, 3) and lines, numbers of points each, on one rank.

    With None for the lines every point is a cell of its own.
    """
    kind, parts = (
        ("Lines", lines) if lines is not None else ("Verts", np.arange(len(points))[:, None])
    )
    ends = np.cumsum([len(part) for part in parts], dtype=np.int64)
    numbers = np.concatenate([np.zeros(0, dtype=np.int64), *parts])
    sections = {
        "Points": {"points": points},
        kind: {"connectivity": numbers, "offsets": ends},
        "PointData": point_data or {},
        "CellData": cell_data or {},
    }
    counts = {"NumberOfPoints": len(points), f"NumberOf{kind}": len(parts)}
    whole = {
        section: {
            name: Rows(values, 0, len(values), max(len(values), 1))
            for name, values in arrays.items()
        }
        for section, arrays in sections.items()
    }
    _write(path, MPI.COMM_SELF, "PolyData", counts, whole)


def write_pvd(path: Path, steps: Iterable[tuple[float, str]], name: str) -> None:
    """Write a series of files, paths relative to this one, each with its time, on one rank.

    VTK takes no notice of the name of the times; others may.
    """
    root = ElementTree.Element("VTKFile", type="Collection", version="1.0")
    collection = ElementTree.SubElement(root, "Collection", name=name)
    for time, file in steps:
        ElementTree.SubElement(collection, "DataSet", timestep=repr(time), part="0", file=file)
    with replacing(path) as temporary:
        temporary.write_bytes(_text(root))


def _write(
    path: Path, comm: MPI.Intracomm, kind: str, counts: dict[str, int], sections: Sections
) -> None:
    root = _root(kind)
    piece = ElementTree.SubElement(ElementTree.SubElement(root, kind), "Piece")
    piece.attrib.update({name: str(count) for name, count in counts.items()})
    arrays = []
    for section, members in sections.items():
        parent = ElementTree.SubElement(piece, section)
        for name, rows in members.items():
            parent.append(_array(name, rows))
            arrays.append(_packed(rows, comm))
    frame, size, pieces = [], 0, []
    for text, array in zip(_text(root).split(_HERE), [*arrays, _Packed(0, b"", 0)], strict=True):
        frame.append((size, text))
        size += len(text)
        pieces.append((size + array.place, array.letters))
        size += array.total

    def write_frame(temporary: Path) -> None:
        with temporary.open("wb") as file:
            for place, text in frame:
                file.seek(place)
                file.write(text)

    with replacing_together(path, comm) as temporary:
        on_first_rank(comm, lambda: write_frame(temporary))
        write_pieces(temporary, comm, pieces)


class _Packed(NamedTuple):
    """This rank's letters of an array: where they begin, the letters, how many all ranks have."""

    place: int
    letters: bytes
    total: int


def _packed(rows: Rows, comm: MPI.Intracomm) -> _Packed:
    """Pack the blocks of an array, behind VTK's list of their sizes; collective."""
    size, raw = rows.block * rows.row_bytes, rows.values.tobytes()
    packed = [zlib.compress(raw[at : at + size], level=1) for at in range(0, len(raw), size)]
    mine = b"".join(packed)
    sizes, tails = zip(*comm.allgather(([len(each) for each in packed], mine[-2:])), strict=True)
    every = [each for of_rank in sizes for each in of_rank]
    header = np.array([len(every), size, rows.total_bytes % size, *every], dtype=np.uint64)
    head = base64.b64encode(header.tobytes())

    start = sum(map(sum, sizes[: comm.rank]))
    shared = start % 3  # bytes of the ranks before that have no letters yet
    before = b"".join(tails[: comm.rank])
    mine = before[len(before) - shared :] + mine
    if comm.rank < comm.size - 1:
        mine = mine[: len(mine) // 3 * 3]
    letters, place = base64.b64encode(mine), len(head) + (start - shared) // 3 * 4
    if comm.rank == 0:
        letters, place = head + letters, 0
    return _Packed(place, letters, len(head) + -(-sum(every) // 3) * 4)


def _root(kind: str) -> ElementTree.Element:
    order = "LittleEndian" if sys.byteorder == "little" else "BigEndian"
    return ElementTree.Element(
        "VTKFile",
        type=kind,
        version="1.0",
        byte_order=order,
        header_type="UInt64",
        compressor="vtkZLibDataCompressor",
    )


def _array(name: str, rows: Rows) -> ElementTree.Element:
    kind = _TYPES[rows.values.dtype.str[1:]]
    array = ElementTree.Element("DataArray", type=kind, Name=name, format="binary")
    if len(rows.shape) > 1:
        array.set("NumberOfComponents", str(rows.shape[1]))
    array.text = _HERE.decode()
    return array


def _text(root: ElementTree.Element) -> bytes:
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root))
