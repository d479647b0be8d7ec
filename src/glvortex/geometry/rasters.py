"""Maps of numbers on a regular grid from files: pictures, tables, numpy arrays."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from glvortex.errors import ParameterError
from glvortex.geometry.images import MOST_PIXELS, grey_values
from glvortex.geometry.lattice import Floats
from glvortex.geometry.tables import reading

PICTURES = (".png", ".tif", ".tiff", ".bmp", ".jpg", ".jpeg", ".pgm")
TABLES = (".csv", ".txt", ".dat")
ARRAYS = (".npy",)


def read_raster(path: Path) -> Floats:
    """Read a map (rows, columns), its first row at the top; greys of a picture are 0 to 1.

    Tables hold one row per line, numbers separated by commas, semicolons or blanks.

    Raises:
        ParameterError: the file cannot be read, is of another kind or no map of finite numbers.
    """
    kind = path.suffix.lower()
    if kind in PICTURES:
        values = grey_values(path)[::-1]
    elif kind in TABLES:
        values = reading(path, lambda: _table(path), "not a table of numbers")
    elif kind in ARRAYS:
        values = reading(path, lambda: _array(path), "not an array of numbers")
    else:
        known = ", ".join(PICTURES + TABLES + ARRAYS)
        raise ParameterError(f"{path}: is no map, a file is wanted that ends in one of {known}.")
    if values.ndim != 2 or min(values.shape) < 4 or values.size > MOST_PIXELS:
        size = " x ".join(map(str, values.shape))
        raise ParameterError(
            f"{path}: four rows and columns at least and {MOST_PIXELS:,} numbers at most are "
            f"wanted, got {size}."
        )
    if not np.isfinite(values).all():
        raise ParameterError(f"{path}: must hold finite numbers only.")
    return values


def _table(path: Path) -> Floats:
    text = path.read_text(encoding="utf-8-sig").replace(";", " ").replace(",", " ")
    return np.loadtxt(text.splitlines() or ["nothing"], ndmin=2)


def _array(path: Path) -> Floats:
    try:
        return np.asarray(np.load(path, allow_pickle=False), dtype=float)
    except (EOFError, SyntaxError, TypeError) as error:  # of numpy, for what is no array
        raise ValueError from error
