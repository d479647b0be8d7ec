"""Draw islands.png, an image like an STM map of islands on a flat terrace: bright, rough, noisy.

    docker/run python3 meshes/islands.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

ROWS, COLUMNS = 120, 160
ISLANDS = ((38, 34, 16), (112, 30, 14), (45, 86, 15), (118, 82, 19))  # column, row, radius


def height() -> np.ndarray:
    """Heights of the pixels, from 0 to about 1."""
    draw = np.random.default_rng(7)
    x, y = np.meshgrid(np.arange(COLUMNS), np.arange(ROWS))
    terrace = np.zeros((ROWS, COLUMNS))
    for column, row, radius in ISLANDS:
        angle = np.arctan2(y - row, x - column)
        edge = radius * np.ones_like(terrace)
        for order in (2, 3, 5):  # each island has an outline of its own
            edge += 0.11 * radius * draw.normal() * np.cos(order * angle + draw.uniform(0, 6.28))
        terrace[np.hypot(x - column, y - row) < edge] = 1.0
    tilt = 0.1 * x / COLUMNS
    return gaussian_filter(0.2 + 0.55 * terrace, 1.2) + tilt + 0.04 * draw.normal(size=x.shape)


if __name__ == "__main__":
    grey = np.clip(255 * height(), 0, 255).astype(np.uint8)
    Image.fromarray(grey).save(Path(__file__).with_name("islands.png"), optimize=True)
