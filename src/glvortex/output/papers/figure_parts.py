"""What a figure consists of."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

DPI = 160  # of figures wider than the column of a journal


class Series(NamedTuple):
    """One curve or set of symbols: ``kind`` is a key of `STYLES`, ``group`` picks the colour."""

    label: str
    kind: str
    group: int
    x: np.ndarray
    y: np.ndarray


class Regions(NamedTuple):
    """Parts of the plane: ``kind`` (m, n) is the place of a name, at ``x`` (n,), ``y`` (m,)."""

    x: np.ndarray
    y: np.ndarray
    kind: np.ndarray
    names: tuple[str, ...]
    colours: tuple[str, ...]


class Figure(NamedTuple):
    """What a figure shows, ready to draw."""

    title: str
    x_label: str
    y_label: str
    series: list[Series]
    regions: Regions | None = None
