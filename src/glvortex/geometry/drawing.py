"""Inclusions drawn in gmsh: for each a core and an edge region that share their lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from glvortex.geometry.inclusions import Disks, Inclusions


@dataclass(frozen=True)
class Drawn:
    """What was drawn, as gmsh's numbers.

    Attributes:
        loops: curve loops around the edge regions, where the host ends.
        cores, edges: surfaces.
    """

    loops: list[int] = field(default_factory=list)
    cores: list[int] = field(default_factory=list)
    edges: list[int] = field(default_factory=list)


def draw(occ: Any, inclusions: Inclusions) -> Drawn:
    """Draw the inclusions; neighbouring surfaces share their lines."""
    assert isinstance(inclusions, Disks)
    return _disks(occ, inclusions)


def _disks(occ: Any, disks: Disks) -> Drawn:
    drawn = Drawn()
    circles = zip(disks.x, disks.y, disks.core_radius, disks.outer_radius, strict=True)
    for x, y, inner, outer in circles:
        core = occ.addCurveLoop([occ.addCircle(x, y, 0.0, inner)])
        loop = occ.addCurveLoop([occ.addCircle(x, y, 0.0, outer)])
        drawn.cores.append(occ.addPlaneSurface([core]))
        drawn.edges.append(occ.addPlaneSurface([loop, core]))
        drawn.loops.append(loop)
    return drawn
