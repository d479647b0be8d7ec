"""Islands in an image, such as an STM map, as polygons."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import shapely
from contourpy import FillType, contour_generator
from PIL import Image
from scipy.ndimage import gaussian_filter
from shapely import Polygon

from glvortex.errors import ParameterError
from glvortex.geometry.outline_files import MOST_OUTLINES
from glvortex.geometry.sample import Floats
from glvortex.geometry.tables import reading

MOST_PIXELS = 10_000_000
_SIMPLER = 0.05  # pixels by which a line may be moved to have fewer corners
_FULL_SCALE = {"I;16": 65535, "I;16B": 65535, "I;16L": 65535, "I;16N": 65535, "I": 65535}


def islands(
    path: Path,
    *,
    pixel: float,
    threshold: float,
    inside: str,
    smoothing: float,
    minimum_area: float,
) -> list[Polygon]:
    """Return the parts of an image that are brighter, or darker, than a threshold.

    Args:
        path: of the image; colours count as grey. Its middle is the origin, its first row on top.
        pixel: side of a pixel; lengths and areas are in the same unit.
        threshold: grey value of the edges, from 0 (black) to 1 (white).
        inside: "bright" or "dark".
        smoothing: standard deviation, in pixels, of the Gaussian that smooths the image first.
        minimum_area: smaller islands, and smaller holes in islands, do not count.

    Raises:
        ParameterError: no image, or no islands in it.
    """
    grey = grey_values(path)
    smooth = gaussian_filter(grey, smoothing, mode="nearest") if smoothing > 0.0 else grey
    depth = (smooth - threshold) * (1 if inside == "bright" else -1)
    _check_contrast(path, smooth, threshold, inside, depth)
    found = [p for p in filled(depth, pixel) if p.area >= minimum_area]
    if not found:
        raise ParameterError(
            f"{path}: no {inside} island is larger than minimum_area {minimum_area:.3g}."
        )
    if len(found) > MOST_OUTLINES:
        raise ParameterError(
            f"{path}: there are {len(found)} {inside} islands, at most {MOST_OUTLINES} are allowed."
        )
    return [_without_small_holes(polygon, minimum_area) for polygon in found]


def grey_values(path: Path) -> Floats:
    """Grey values (rows, columns) from 0 to 1, the first row at the bottom."""

    def read() -> Floats:
        with Image.open(path) as image:
            width, height = image.size
            if width * height > MOST_PIXELS or min(width, height) < 3:
                raise ParameterError(
                    f"{path}: has {width} x {height} pixels: each side must have at least 3, and "
                    f"the image at most {MOST_PIXELS:,} in all."
                )
            if image.mode in _FULL_SCALE:
                return np.asarray(image, dtype=float) / _FULL_SCALE[image.mode]
            if image.mode == "F":
                raise ParameterError(f"{path}: has no grey scale, save it with 8 or 16 bits.")
            return np.asarray(image.convert("L"), dtype=float) / 255

    try:
        return reading(path, read, "not an image")[::-1]
    except Image.DecompressionBombError:
        raise ParameterError(f"{path}: has far too many pixels.") from None


def _check_contrast(path: Path, grey: Floats, threshold: float, inside: str, depth: Floats) -> None:
    if depth.min() < 0.0 < depth.max():
        return
    how = "no" if depth.max() <= 0.0 else "every"
    darker = "brighter" if inside == "bright" else "darker"
    raise ParameterError(
        f"{path}: {how} pixel is {darker} than threshold {threshold:g}, smoothed grey values run "
        f"from {grey.min():.3g} to {grey.max():.3g}."
    )


def filled(depth: Floats, pixel: float) -> list[Polygon]:
    """The polygons in which the depth (rows from the bottom, columns) is positive.

    The middle of the image is the origin.
    """
    rows, columns = depth.shape
    x = (np.arange(columns) - (columns - 1) / 2) * pixel
    y = (np.arange(rows) - (rows - 1) / 2) * pixel
    lines = contour_generator(x, y, depth, fill_type=FillType.OuterOffset)
    polygons: list[Polygon] = []
    for points, offsets in zip(*lines.filled(0.0, np.inf), strict=True):
        rings = [points[a:b] for a, b in pairwise(offsets)]
        simple = Polygon(rings[0], rings[1:]).simplify(_SIMPLER * pixel)
        if isinstance(simple, Polygon) and not simple.is_empty:
            polygons.append(simple)
    return polygons


def _without_small_holes(polygon: Polygon, area: float) -> Polygon:
    kept = [ring for ring in polygon.interiors if shapely.area(Polygon(ring)) >= area]
    return Polygon(polygon.exterior, kept)
