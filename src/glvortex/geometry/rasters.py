"""Maps of numbers on a regular grid from files: pictures, tables, numpy arrays."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from glvortex.errors import ParameterError
from glvortex.geometry.lattice import Floats

PICTURES = (".png", ".tif", ".tiff", ".bmp", ".jpg", ".jpeg", ".pgm")
TABLES = (".csv", ".txt", ".dat")
ARRAYS = (".npy",)
MOST_NUMBERS = 25_000_000


def read_raster(path: Path) -> Floats:
    """Read a map (rows, columns), its first row at the top; greys of a picture are 0 to 1.

    Tables hold one row per line, numbers separated by commas, semicolons or blanks.

    Raises:
        ParameterError: the file cannot be read, is of another kind or no map of finite numbers.
    """
    kind = path.suffix.lower()
    if kind not in PICTURES + TABLES + ARRAYS:
        known = ", ".join(PICTURES + TABLES + ARRAYS)
        raise ParameterError(f"{path}: is no map, a file is wanted that ends in one of {known}.")
    try:
        path.open("rb").close()
    except (OSError, ValueError) as error:  # a null character in the name is a ValueError
        reason = getattr(error, "strerror", None) or "no such file"
        raise ParameterError(f"{path}: cannot be read ({reason}).") from None
    read = _picture if kind in PICTURES else _table if kind in TABLES else _array
    try:
        values = np.asarray(read(path), dtype=float)
    except Exception as error:  # whatever the readers of others raise
        lines = str(error).strip().splitlines()
        reason = f" ({lines[0].rstrip('.')})" if lines else ""
        what = {_picture: "picture", _table: "table of numbers", _array: "array of numbers"}[read]
        raise ParameterError(f"{path}: is no {what} that can be read{reason}.") from None
    if values.ndim != 2 or min(values.shape) < 4 or values.size > MOST_NUMBERS:
        size = " x ".join(map(str, values.shape))
        raise ParameterError(
            f"{path}: four rows and columns at least and {MOST_NUMBERS} numbers at most are "
            f"wanted, got {size}."
        )
    if not np.isfinite(values).all():
        raise ParameterError(f"{path}: must hold finite numbers only.")
    return values


def _picture(path: Path) -> Floats:
    from PIL import Image

    with Image.open(path) as image:
        if image.mode.startswith("I"):  # 16 bits, in one of several ways
            return np.asarray(image, dtype=float) / 65535.0
        if image.mode == "F":
            return np.asarray(image, dtype=float)
        return np.asarray(image.convert("L"), dtype=float) / 255.0


def _table(path: Path) -> Floats:
    text = path.read_text(encoding="utf-8-sig").replace(";", " ").replace(",", " ")
    return np.loadtxt(text.splitlines(), ndmin=2)


def _array(path: Path) -> Floats:
    return np.asarray(np.load(path, allow_pickle=False), dtype=float)
