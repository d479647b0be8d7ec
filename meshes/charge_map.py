"""Draw charge_map.png, the charge of a bent island and of a drop beside it: white where it is 1.

    docker/run python3 meshes/charge_map.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

PIXELS, PIXEL = 128, 0.5  # in coherence lengths, for the widths of the edges


def charge() -> np.ndarray:
    """Charge of each pixel, the first row at the top."""
    along = PIXEL * (np.arange(PIXELS) - (PIXELS - 1) / 2)
    x, y = np.meshgrid(along, along[::-1])
    angle = np.clip(np.where(y > -6, np.arctan2(y + 6, x), np.where(x > 0, 0, np.pi)), 0.35, 2.79)
    arc = np.hypot(x - 11 * np.cos(angle), y + 6 - 11 * np.sin(angle))
    drop = np.hypot(x - 1, y + 16)
    return np.maximum(_edge(arc - 6.0, 3.2), 0.8 * _edge(drop - 4.0, 2.4))


def _edge(distance: np.ndarray, width: float) -> np.ndarray:
    return 0.5 - 0.5 * np.tanh(distance / width)


if __name__ == "__main__":
    grey = (255 * charge()).round().astype(np.uint8)
    Image.fromarray(grey).save(Path(__file__).with_name("charge_map.png"), optimize=True)
