"""Draw bridge.dxf, the drawing of a device in nm: a film with a constriction, one layer per part.

    docker/run python3 meshes/bridge.py
"""

from __future__ import annotations

from pathlib import Path

import ezdxf

# upper half of the film, left to right; the lower one is its mirror image
UPPER = ((-1500, 700), (-500, 700), (-250, 350), (250, 350), (500, 700), (1500, 700))


def drawing() -> ezdxf.document.Drawing:
    """The film on layer "film", a round hole on "hole", inclusions on "plus" and "minus"."""
    document = ezdxf.new("R2000", units=0)
    space = document.modelspace()
    for name in ("film", "hole", "plus", "minus"):
        document.layers.add(name)
    lower = [(x, -y) for x, y in reversed(UPPER)]
    space.add_lwpolyline([*UPPER, *lower], close=True, dxfattribs={"layer": "film"})
    space.add_circle((0, 0), 120, dxfattribs={"layer": "hole"})
    space.add_ellipse((-950, 0), (380, 0), 0.6, dxfattribs={"layer": "plus"})
    # a stadium: half circles are bulges of 1
    stadium = [(700, -220, 0), (1200, -220, 1), (1200, 220, 0), (700, 220, 1)]
    space.add_lwpolyline(stadium, format="xyb", close=True, dxfattribs={"layer": "minus"})
    return document


if __name__ == "__main__":
    drawing().saveas(Path(__file__).with_suffix(".dxf"))
