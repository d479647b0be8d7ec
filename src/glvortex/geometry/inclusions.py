"""Charged magnetic inclusions: disks, each with an edge region.

An inclusion of mid-edge radius R and edge width d has a core r < R - d/2 and an edge region
R - d/2 < r < R + d/2. All lengths are in coherence lengths xi.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from glvortex.errors import ParameterError
from glvortex.geometry.sample import Floats, Sample


@dataclass(frozen=True)
class Inclusions:
    """n inclusions; arrays have shape (n,).

    Attributes:
        x, y: centres.
        radius: mid-edge radii R.
        sign: sense of the moment, +1 along +z or -1.
        edge_width: width d of the edge regions.
        edge_smoothing: width w of the tanh flanks of the pseudo-gauge field.
        pseudo_gauge: peak of a~, sign included: positive runs along +phi^ (in Phi0/2 pi xi).
        magnetisation: m^ inside, sign included: positive points along +z (in Bc2/mu0).
    """

    x: Floats
    y: Floats
    radius: Floats
    sign: Floats
    edge_width: float
    edge_smoothing: float
    pseudo_gauge: Floats
    magnetisation: Floats

    @staticmethod
    def none() -> Inclusions:
        """A sample without inclusions."""
        empty = np.zeros(0)
        return Inclusions(empty, empty, empty, empty, 0.0, 1.0, empty, empty)

    def __len__(self) -> int:
        return len(self.x)

    @property
    def centres(self) -> Floats:
        """Centres, shape (n, 2)."""
        return np.column_stack([self.x, self.y])

    @property
    def outer_radius(self) -> Floats:
        """Outer radius R + d/2 of each edge region."""
        return self.radius + self.edge_width / 2

    @property
    def core_radius(self) -> Floats:
        """Radius R - d/2 of each core."""
        return self.radius - self.edge_width / 2

    @property
    def peak(self) -> Floats:
        """What a~ reaches at r = R between its flanks, sign included: pseudo_gauge tanh(d/2w)."""
        return self.pseudo_gauge * np.tanh(self.edge_width / (2 * self.edge_smoothing))

    def nearest(self, points: ArrayLike) -> NDArray[np.intp]:
        """Index of the inclusion whose mid-edge circle, or inside, is nearest; -1 without any."""
        return self._nearest(points)[0]

    def edge_distance(self, points: ArrayLike) -> Floats:
        """Distance of the points, shape (n, 2), to the nearest mid-edge circle.

        Negative inside an inclusion, +inf where there are no inclusions at all.
        """
        return self._nearest(points)[1]

    def _nearest(self, points: ArrayLike) -> tuple[NDArray[np.intp], Floats]:
        xy = np.asarray(points, dtype=float).reshape(-1, 2)
        index, distance = np.full(len(xy), -1, dtype=np.intp), np.full(len(xy), np.inf)
        # one sweep per inclusion: radii may differ, so the nearest centre need not be the one
        for i, (x, y, radius) in enumerate(zip(self.x, self.y, self.radius, strict=True)):
            d = np.hypot(xy[:, 0] - x, xy[:, 1] - y) - radius
            closer = d < distance
            index[closer], distance[closer] = i, d[closer]
        return index, distance


def check(sample: Sample, inclusions: Inclusions) -> None:
    """Refuse inclusions without a core, that overlap, or that are not wholly inside the sample.

    Raises:
        ParameterError: naming the inclusion, or the two inclusions, at fault (counted from 1).
    """
    if len(inclusions) == 0:
        return
    coreless = np.flatnonzero(inclusions.core_radius <= 0.0)
    if coreless.size:
        i = coreless[0]
        raise ParameterError(
            f"the edge region of {_name(inclusions, i)} is wider than the disk: half of "
            f"edge_width {inclusions.edge_width:g} xi must be less than its radius "
            f"{inclusions.radius[i]:g} xi."
        )
    for i, j in _close_pairs(inclusions):
        gap = math.dist(inclusions.centres[i], inclusions.centres[j])
        needed = inclusions.outer_radius[i] + inclusions.outer_radius[j]
        if gap <= needed:
            raise ParameterError(
                f"{_name(inclusions, i)} and {_name(inclusions, j)} overlap: their centres are "
                f"{gap:g} xi apart and their edge regions need more than {needed:g} xi."
            )
    inside = sample.contains(inclusions.centres)
    room = sample.boundary_distance(inclusions.centres)
    sticking_out = np.flatnonzero(~inside | (room <= inclusions.outer_radius))
    if sticking_out.size:
        i = sticking_out[0]
        raise ParameterError(
            f"{_name(inclusions, i)} does not lie inside the sample: its edge region reaches "
            f"{inclusions.outer_radius[i]:g} xi from its centre."
        )


def _close_pairs(inclusions: Inclusions) -> Iterator[tuple[int, int]]:
    reach = 2 * float(inclusions.outer_radius.max())
    yield from sorted(cKDTree(inclusions.centres).query_pairs(reach * (1 + 1e-12)))


def _name(inclusions: Inclusions, i: int) -> str:
    return f"inclusion {i + 1} at ({inclusions.x[i]:g}, {inclusions.y[i]:g})"
