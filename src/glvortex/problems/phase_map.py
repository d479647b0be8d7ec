"""Where a sample stands in the map of vortex contents, and the lines of London theory there.

The map has the area fraction phi of the inclusions across and h~ over Hc1 upwards. Deep inside a
large array with gaps below lambda, h_eff is phi h~ between the inclusions and -(1 - phi) h~ inside
them (003 (11)-(12) with |f| = 1), so that the first vortex enters between them where phi h~ > Hc1,
inside them where (1 - phi) h~ > Hc1, and a pair across an edge region, with its vortices r apart,
where h~ > 2 Hc1 - Phi0 K0(r/lambda)/(2 pi lambda^2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial import Delaunay, QhullError
from scipy.special import k0

from glvortex.geometry.inclusions import Disks
from glvortex.geometry.sample import Cell
from glvortex.material.critical import vortex_line_energy
from glvortex.problems.setup import Setup


@dataclass(frozen=True)
class MapPoint:
    """A sample in the map.

    Attributes:
        fraction: phi, area of the inclusions per area of the array.
        drive: h~ over Hc1, h~ being a~ d/kappa^2 in Bc2.
        near, far: what the drive must exceed for a pair whose vortices are as far apart as the edge
            region is wide, and as far as the middle of a disk is from that of a gap.
    """

    fraction: float
    drive: float
    near: float
    far: float


def map_point(setup: Setup) -> MapPoint | None:
    """Return where a sample stands; None where h~ alone does not say what drives its vortices.

    That takes disks of one sign in a rectangle of rows and columns or in a cell, and neither other
    regions, nor a magnetisation, an applied field or t other than 1, and screening.
    """
    inclusions = setup.inclusions
    if not isinstance(inclusions, Disks) or not len(inclusions):
        return None
    drives = inclusions.pseudo_gauge
    plain = setup.screening and setup.t == 1 and not setup.regions and not setup.holes
    if not plain or setup.applied_field or np.any(inclusions.magnetisation):
        return None
    array = _array(setup)
    if array is None or np.any(drives[0] * drives <= 0):
        return None
    area, gap = array
    e1 = float(vortex_line_energy(setup.kappa))
    return MapPoint(
        fraction=float(np.mean(inclusions.area)) / area,
        drive=float(np.mean(np.abs(drives))) * inclusions.edge_width / (e1 / 2),
        near=pair_drive(setup.kappa, inclusions.edge_width),
        far=pair_drive(setup.kappa, gap),
    )


def pair_drive(kappa: float, distance: ArrayLike) -> float:
    """What h~ over Hc1 must exceed for a pair with its vortices so far apart (in xi)."""
    e1 = float(vortex_line_energy(kappa))
    return float(2 * (e1 - k0(np.asarray(distance) / kappa)) / e1)


def _array(setup: Setup) -> tuple[float, float] | None:
    """Area per inclusion and distance from the middle of a disk to that of a gap; None for few.

    Of the triangles between neighbouring centres, which have half a centre each and whose
    circumcentres are the middles of the gaps: those of typical size count.
    """
    centres, sample = setup.inclusions.centres, setup.sample
    if isinstance(sample, Cell):
        steps = np.stack(np.meshgrid(*[[-1, 0, 1]] * 2), axis=-1).reshape(-1, 2)
        shifts = steps @ sample.lattice.matrix
        centres = (centres[:, None] + shifts[None]).reshape(-1, 2)
    if len(centres) < 4:
        return None
    try:
        corners = centres[Delaunay(centres).simplices]
    except QhullError:
        return None
    sides = corners - np.roll(corners, 1, axis=1)
    areas = np.abs(sides[:, 0, 0] * sides[:, 1, 1] - sides[:, 0, 1] * sides[:, 1, 0]) / 2
    radii = np.prod(np.hypot(sides[..., 0], sides[..., 1]), axis=1) / (4 * areas)
    return 2 * float(np.median(areas)), float(np.median(radii))
