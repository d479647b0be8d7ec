"""Closed lines of a DXF drawing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import ezdxf
import ezdxf.path
from ezdxf.disassemble import recursive_decompose
from ezdxf.lldxf.const import DXFError

from glvortex.errors import ParameterError
from glvortex.geometry.tables import reading

_LINES = {"LWPOLYLINE", "POLYLINE", "CIRCLE", "ELLIPSE", "SPLINE", "LINE", "ARC"}
_CHORD = 1e-4  # of the extent of a curve: how far its chords may lie from it
_MINUS = "minus"

Line = list[tuple[float, float]]


def closed_lines(path: Path, layers: Sequence[str] | None) -> list[tuple[str, Line, bool]]:
    """Return where each closed line stands, its corners, and whether on a layer of sign -1.

    Text, dimensions, hatches and the like do not count; blocks are taken apart.

    Raises:
        ParameterError: no DXF, an unknown layer, a line that is not closed, no closed line.
    """
    try:
        return reading(path, lambda: _closed_lines(path, layers), "not a proper DXF file")
    except DXFError:
        raise ParameterError(f"{path}: cannot be read (not a proper DXF file).") from None


def _closed_lines(path: Path, layers: Sequence[str] | None) -> list[tuple[str, Line, bool]]:
    drawing = ezdxf.readfile(path)
    _check_layers(path, drawing, layers)
    wanted = None if layers is None else {name.casefold() for name in layers}
    found = []
    for entity in _lines(drawing):
        layer = entity.dxf.layer
        if wanted is None or layer.casefold() in wanted:
            where = f"{entity.dxftype()} {entity.dxf.handle or ''}".strip() + f' on layer "{layer}"'
            line = _closed(path, where, entity)
            found.append((where, line, layer.casefold().endswith(_MINUS)))
    if not found:
        place = "" if layers is None else f" on layer {' or '.join(layers)}"
        raise ParameterError(
            f"{path}: there is no closed polyline, circle, ellipse or spline{place}."
        )
    return found


def _check_layers(path: Path, drawing: Any, layers: Sequence[str] | None) -> None:
    known = {layer.dxf.name for layer in drawing.layers}
    known |= {entity.dxf.layer for entity in drawing.modelspace()}
    for name in layers or ():
        if name.casefold() not in {layer.casefold() for layer in known}:
            raise ParameterError(
                f'{path}: there is no layer "{name}", only {", ".join(sorted(known))}.'
            )


def _lines(drawing: Any) -> Iterator[Any]:
    drawn = (e for e in drawing.modelspace() if e.dxftype() not in ("DIMENSION", "LEADER"))
    for entity in recursive_decompose(drawn):
        if entity.dxftype() in _LINES:
            yield entity


def _closed(path: Path, where: str, entity: Any) -> Line:
    curve = ezdxf.path.make_path(entity)
    if len(curve) == 0 or not curve.is_closed:
        start = curve.start
        raise ParameterError(
            f"{path}: {where} from ({start.x:g}, {start.y:g}) is not closed: join lines to closed "
            "polylines, or choose layers that hold nothing else."
        )
    extent = ezdxf.path.bbox([curve], fast=True).size
    chord = _CHORD * max(extent.x, extent.y)
    return [(corner.x, corner.y) for corner in curve.flattening(chord or 1.0)][:-1]
