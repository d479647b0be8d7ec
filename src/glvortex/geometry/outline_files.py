"""Lists of polygons from CSV, GeoJSON and DXF files; lengths in the unit of the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import shapely
from shapely import Polygon
from shapely.affinity import scale
from shapely.validation import explain_validity

from glvortex.errors import ParameterError
from glvortex.geometry.sample import Floats
from glvortex.geometry.tables import placed, read_table

MOST_OUTLINES = 5000
STRENGTHS = ("pseudo_gauge", "magnetisation")
PROPERTIES = ("sign", *STRENGTHS)


@dataclass(frozen=True)
class Outline:
    """A polygon of a file, and what the file says about it: sign, pseudo_gauge, magnetisation."""

    polygon: Polygon
    properties: Mapping[str, float] = field(default_factory=dict)

    def scaled(self, unit: float) -> Outline:
        """The outline with its lengths multiplied."""
        return Outline(scale(self.polygon, unit, unit, origin=(0, 0)), self.properties)


def column(outlines: Sequence[Outline], name: str, default: float) -> Floats:
    """A property of all outlines, `default` where the file does not give it."""
    return np.array([outline.properties.get(name, default) for outline in outlines])


def read_outlines(path: Path, layers: Sequence[str] | None = None) -> list[Outline]:
    """Read the polygons of a file; its suffix says what it is.

    - .csv: columns x, y, one corner per line; the column `outline` tells polygons apart, the
      columns sign, pseudo_gauge and magnetisation must be the same all along an outline.
    - .geojson, .json: Polygons and MultiPolygons, also in features, of which the properties sign,
      pseudo_gauge and magnetisation count.
    - .dxf: closed polylines, circles, ellipses and splines of all `layers`, or of those named;
      a layer whose name ends in "minus" holds outlines of sign -1.

    Raises:
        ParameterError: what is wrong with the file, and where in it.
    """
    readers: dict[str, Callable[[], list[Outline]]] = {
        ".csv": lambda: _from_csv(path),
        ".geojson": lambda: _from_geojson(path),
        ".json": lambda: _from_geojson(path),
        ".dxf": lambda: _from_dxf(path, layers),
    }
    suffix = path.suffix.lower()
    if suffix not in readers:
        raise ParameterError(f"{path}: outlines are read from .csv, .geojson and .dxf files.")
    if layers is not None and suffix != ".dxf":
        raise ParameterError(f"{path}: layers are those of a .dxf file.")
    outlines = readers[suffix]()
    if len(outlines) > MOST_OUTLINES:
        raise ParameterError(
            f"{path}: holds {len(outlines)} outlines, at most {MOST_OUTLINES} are allowed."
        )
    return outlines


def _from_dxf(path: Path, layers: Sequence[str] | None) -> list[Outline]:
    from glvortex.geometry.dxf import closed_lines  # ezdxf takes a second to import

    return [
        Outline(polygon_of(path, where, [line]), {"sign": -1.0} if minus else {})
        for where, line, minus in closed_lines(path, layers)
    ]


def _from_geojson(path: Path) -> list[Outline]:
    from glvortex.geometry.geojson import polygons

    return [
        Outline(polygon_of(path, where, rings), properties)
        for where, rings, properties in polygons(path)
    ]


def _from_csv(path: Path) -> list[Outline]:
    corners: dict[str, list[tuple[float, float]]] = {}
    properties: dict[str, dict[str, float]] = {}
    for number, label, row in read_table(path, ("x", "y"), PROPERTIES, "corner", "outline"):
        corners.setdefault(label, []).append((row.pop("x"), row.pop("y")))
        if properties.setdefault(label, row) != row:
            raise ParameterError(
                f'{path}, line {number}: outline "{label}" has another '
                f"{' or '.join(row)} than on its lines before."
            )
    return [
        Outline(polygon_of(path, f'outline "{label}"' if label else "outline", [line]), values)
        for (label, line), values in zip(corners.items(), properties.values(), strict=True)
    ]


def polygon_of(path: Path, where: str, rings: Sequence[Sequence[Sequence[float]]]) -> Polygon:
    """The polygon within the first ring and outside of the others, corners (x, y).

    Raises:
        ParameterError: fewer than three corners, no area, or sides that cross.
    """
    for ring in rings:
        if len({(corner[0], corner[1]) for corner in ring}) < 3:
            raise ParameterError(f"{placed(path, where)}: fewer than three different corners.")
    polygon = Polygon(rings[0], rings[1:])
    flat = polygon.minimum_rotated_rectangle.area < 1e-9 * polygon.length**2
    if flat:
        raise ParameterError(f"{placed(path, where)}: all corners lie on one line.")
    if not polygon.is_valid:
        reason, _, place = explain_validity(polygon).partition("[")
        words = _REASONS.get(reason, f"it is no simple polygon ({reason.lower()})")
        x, y = (float(number) for number in place.rstrip("]").split()[:2])
        raise ParameterError(f"{placed(path, where)}: {words} at ({x:g}, {y:g}).")
    return shapely.remove_repeated_points(shapely.force_2d(polygon), 1e-9 * polygon.length)


_REASONS = {
    "Self-intersection": "its sides cross",
    "Ring Self-intersection": "its sides touch",
    "Hole lies outside shell": "a hole lies outside of it",
    "Holes are nested": "a hole lies in another",
    "Interior is disconnected": "its holes cut it to pieces",
}
