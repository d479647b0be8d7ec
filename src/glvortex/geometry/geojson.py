"""Polygons of a GeoJSON file (RFC 7946), with the properties that matter to inclusions."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from glvortex.errors import ParameterError
from glvortex.geometry.tables import WHOLE, check_sign, placed, read_text

Ring = list[tuple[float, float]]
Found = tuple[str, list[Ring], dict[str, float]]

_PROPERTIES = ("sign", "pseudo_gauge", "magnetisation")


def polygons(path: Path) -> list[Found]:
    """Return where each polygon stands in the file, its rings, exterior first, and properties.

    Raises:
        ParameterError: the file is no GeoJSON, or holds something else than polygons.
    """
    try:
        data = json.loads(read_text(path))
    except (json.JSONDecodeError, RecursionError) as error:
        place = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise ParameterError(f"{path}{place}: is no GeoJSON.") from None
    found = list(_objects(path, data, WHOLE, {}))
    if not found:
        raise ParameterError(f"{path}: holds no polygon.")
    return [
        (_numbered(where, i, found), rings, properties)
        for i, (where, rings, properties) in enumerate(found)
    ]


def _numbered(where: str, i: int, found: list[Found]) -> str:
    return where if where != WHOLE or len(found) == 1 else f"polygon {i + 1}"


def _objects(path: Path, data: Any, where: str, properties: dict[str, float]) -> Iterator[Found]:
    kind = data.get("type") if isinstance(data, dict) else None
    if kind == "FeatureCollection":
        for i, feature in enumerate(_list(path, data, "features", where)):
            yield from _objects(path, feature, f"feature {i + 1}", {})
    elif kind == "Feature":
        given = _properties(path, data.get("properties"), where)
        yield from _objects(path, data.get("geometry"), where, given)
    elif kind == "GeometryCollection":
        for geometry in _list(path, data, "geometries", where):
            yield from _objects(path, geometry, where, properties)
    elif kind == "MultiPolygon":
        for rings in _list(path, data, "coordinates", where):
            yield where, _rings(path, rings, where), properties
    elif kind == "Polygon":
        yield where, _rings(path, data.get("coordinates"), where), properties
    else:
        what = f"a {kind}" if isinstance(kind, str) else "no GeoJSON object"
        raise ParameterError(
            f"{path}: {where} is {what}; Polygon and MultiPolygon are wanted, alone or in features."
        )


def _list(path: Path, data: dict[str, Any], key: str, where: str) -> list[Any]:
    value = data.get(key)
    if not isinstance(value, list):
        raise ParameterError(f"{path}: {where} lacks the list {key}.")
    return value


def _properties(path: Path, given: Any, where: str) -> dict[str, float]:
    """The properties that matter; there may be any others."""
    found = {}
    for name in _PROPERTIES:
        value = given.get(name) if isinstance(given, dict) else None
        if value is None:
            continue
        if not _is_number(value):
            raise ParameterError(
                f"{placed(path, where)}: {name} must be a number, got {json.dumps(value)}."
            )
        found[name] = float(value)
    check_sign(path, where, found.get("sign", 1.0))
    return found


def _rings(path: Path, rings: Any, where: str) -> list[Ring]:
    if not isinstance(rings, list) or not rings:
        raise ParameterError(
            f"{placed(path, where)}: a polygon is a list of rings, each of corners."
        )
    return [_ring(path, ring, where) for ring in rings]


def _ring(path: Path, ring: Any, where: str) -> Ring:
    corners = ring if isinstance(ring, list) else [None]
    for corner in corners:
        if not (isinstance(corner, list) and len(corner) >= 2 and all(map(_is_number, corner))):
            raise ParameterError(
                f"{placed(path, where)}: a corner must be [x, y], got {_short(corner)}."
            )
    line = [(float(corner[0]), float(corner[1])) for corner in corners]
    if not line or line[0] != line[-1]:
        raise ParameterError(
            f"{placed(path, where)}: is open, its last corner must be its first one again."
        )
    return line[:-1]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and type(value) is not bool and math.isfinite(value)


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) < 40 else f"{text[:36]} ..."
