"""Charged magnetic inclusions, each with an edge region; lengths in coherence lengths xi.

Whatever the outline of an inclusion, s is the distance to its mid-edge line, negative inside. The
core is s < -d/2, the edge region of width d is |s| < d/2.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from glvortex.errors import ParameterError
from glvortex.geometry.lattice import Lattice
from glvortex.geometry.sample import Floats, Sample

_CIRCLE = np.linspace(0.0, 2 * np.pi, 181)  # polar angles of a circle as it is drawn


@dataclass(frozen=True, kw_only=True)
class Inclusions(ABC):
    """n inclusions; arrays have shape (n,).

    Attributes:
        sign: moment over the full one, +1 along +z, -1 against it, less where it is not full.
        edge_width: width d of the edge regions.
        edge_smoothing: width w of the tanh flanks of the pseudo-gauge field.
        pseudo_gauge: peak of a~, sign included: positive runs counterclockwise, along +phi^ of a
            disk (in Phi0/2 pi xi).
        magnetisation: m^ inside, sign included: positive points along +z (in Bc2/mu0).
    """

    sign: Floats
    edge_width: float
    edge_smoothing: float
    pseudo_gauge: Floats
    magnetisation: Floats

    @staticmethod
    def none() -> Inclusions:
        """A sample without inclusions."""
        empty = np.zeros(0)
        return Disks(
            *(empty, empty, empty),
            sign=empty,
            edge_width=0.0,
            edge_smoothing=1.0,
            pseudo_gauge=empty,
            magnetisation=empty,
        )

    def __len__(self) -> int:
        return len(self.sign)

    @property
    def peak(self) -> Floats:
        """What a~ reaches at s = 0 between its flanks, sign included: pseudo_gauge tanh(d/2w)."""
        return self.pseudo_gauge * np.tanh(self.edge_width / (2 * self.edge_smoothing))

    @property
    @abstractmethod
    def centres(self) -> Floats:
        """Centres of mass, shape (n, 2)."""

    @property
    @abstractmethod
    def area(self) -> Floats:
        """Areas within the mid-edge lines, in xi^2."""

    @property
    @abstractmethod
    def perimeter(self) -> Floats:
        """Lengths of the mid-edge lines."""

    @property
    def mean_radius(self) -> float:
        """Radius of the disk whose area is the mean of all."""
        return math.sqrt(np.mean(self.area) / np.pi)

    def nearest(self, points: ArrayLike) -> NDArray[np.intp]:
        """Index of the inclusion whose mid-edge line, or inside, is nearest; -1 without any."""
        return self._nearest(_as_points(points))[0]

    def edge_distance(self, points: ArrayLike) -> Floats:
        """Distance s of the points, shape (n, 2), to the nearest mid-edge line.

        Negative inside an inclusion, +inf where there are no inclusions at all.
        """
        return self._nearest(_as_points(points))[1]

    @abstractmethod
    def _nearest(self, points: Floats) -> tuple[NDArray[np.intp], Floats]:
        """Index of the nearest inclusion and distance to its mid-edge line, negative inside."""

    @abstractmethod
    def pseudo_gauge_at(self, points: Floats, lattice: Lattice | None = None) -> Floats:
        """Return a~ (2, n) of all inclusions at the points (n, 2), in Phi0/(2 pi xi).

        Each contributes ``a0 [tanh((s + d/2)/w) - tanh((s - d/2)/w)]/2`` along its edge: the field
        of 003 Sec. II with smooth flanks. In a sample that repeats the images count as well.
        """

    @abstractmethod
    def magnetisation_at(self, points: Floats, lattice: Lattice | None = None) -> Floats:
        """Return m^ (n,) along z of all inclusions at the points (n, 2), in Bc2/mu0.

        Each contributes its value inside its mid-edge line, with a tanh flank of the same width as
        that of a~.
        """

    @abstractmethod
    def outlines(self, offset: float = 0.0) -> list[Floats]:
        """Closed lines (m, 2) at the distance s = `offset`, for pictures; first point = last."""

    @abstractmethod
    def check(self, sample: Sample) -> None:
        """Refuse inclusions without a core, that overlap, or are not wholly inside the sample.

        Raises:
            ParameterError: naming the inclusion, or the two, at fault (counted from 1).
        """

    def name(self, i: int) -> str:
        """An inclusion in words, counted from 1."""
        x, y = np.round(self.centres[i], 9) + 0.0
        return f"inclusion {i + 1} at ({x:g}, {y:g})"

    def edge_profile(self, s: Floats) -> Floats:
        """The flanks of a~ at the distances s: 1 in the middle of a wide edge region."""
        half, smoothing = self.edge_width / 2, self.edge_smoothing
        return (np.tanh((s + half) / smoothing) - np.tanh((s - half) / smoothing)) / 2

    def inside_profile(self, s: Floats) -> Floats:
        """The flank of m^ at the distances s: 1 deep inside, 0 outside."""
        return (1 - np.tanh(s / self.edge_smoothing)) / 2


@dataclass(frozen=True)
class Disks(Inclusions):
    """Inclusions that are disks; arrays have shape (n,).

    Attributes:
        x, y: centres.
        radius: mid-edge radii R.
    """

    x: Floats
    y: Floats
    radius: Floats

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
    def area(self) -> Floats:
        """Areas within the mid-edge circles, in xi^2."""
        return np.pi * self.radius**2

    @property
    def perimeter(self) -> Floats:
        """Lengths of the mid-edge circles."""
        return 2 * np.pi * self.radius

    @property
    def mean_radius(self) -> float:
        """Root mean square radius."""
        return math.sqrt(np.mean(self.radius**2))

    def pseudo_gauge_at(self, points: Floats, lattice: Lattice | None = None) -> Floats:
        """Return a~ (2, n) at the points (n, 2), along phi^; see `Inclusions`."""
        total = np.zeros((2, len(points)))
        for i in range(len(self)):
            dx, dy = self._from_centre(i, points, lattice)
            r = np.maximum(np.hypot(dx, dy), 1e-12)
            size = self.pseudo_gauge[i] * self.edge_profile(r - self.radius[i]) / r
            total[0] -= size * dy
            total[1] += size * dx
        return total

    def magnetisation_at(self, points: Floats, lattice: Lattice | None = None) -> Floats:
        """Return m^ (n,) at the points (n, 2); see `Inclusions`."""
        total = np.zeros(len(points))
        for i in range(len(self)):
            r = np.hypot(*self._from_centre(i, points, lattice))
            total += self.magnetisation[i] * self.inside_profile(r - self.radius[i])
        return total

    def _from_centre(
        self, i: int, points: Floats, lattice: Lattice | None
    ) -> tuple[Floats, Floats]:
        """Coordinates from the centre of an inclusion, from that of its nearest image in a cell."""
        away = points - self.centres[i]
        if lattice is not None:
            away = lattice.nearest_image(away)
        return away[:, 0], away[:, 1]

    def _nearest(self, points: Floats) -> tuple[NDArray[np.intp], Floats]:
        index, distance = np.full(len(points), -1, dtype=np.intp), np.full(len(points), np.inf)
        # one sweep per inclusion: radii may differ, so the nearest centre need not be the one
        for i, (x, y, radius) in enumerate(zip(self.x, self.y, self.radius, strict=True)):
            d = np.hypot(points[:, 0] - x, points[:, 1] - y) - radius
            closer = d < distance
            index[closer], distance[closer] = i, d[closer]
        return index, distance

    def outlines(self, offset: float = 0.0) -> list[Floats]:
        """Circles at the distance `offset` from the mid-edge circles."""
        circle = np.column_stack([np.cos(_CIRCLE), np.sin(_CIRCLE)])
        radii = zip(self.centres, self.radius + offset, strict=True)
        return [centre + radius * circle for centre, radius in radii]

    def check(self, sample: Sample) -> None:
        """Refuse disks without a core, that overlap, or that are not wholly inside the sample."""
        if len(self) == 0:
            return
        coreless = np.flatnonzero(self.core_radius <= 0.0)
        if coreless.size:
            i = coreless[0]
            raise ParameterError(
                f"the edge region of {self.name(i)} is wider than the disk: half of "
                f"edge_width {self.edge_width:g} xi must be less than its radius "
                f"{self.radius[i]:g} xi."
            )
        for i, j in self._close_pairs():
            gap = math.dist(self.centres[i], self.centres[j])
            needed = self.outer_radius[i] + self.outer_radius[j]
            if gap <= needed:
                raise ParameterError(
                    f"{self.name(i)} and {self.name(j)} overlap: their centres are "
                    f"{gap:g} xi apart and their edge regions need more than {needed:g} xi."
                )
        inside = sample.contains(self.centres)
        room = sample.boundary_distance(self.centres)
        sticking_out = np.flatnonzero(~inside | (room <= self.outer_radius))
        if sticking_out.size:
            i = sticking_out[0]
            raise ParameterError(
                f"{self.name(i)} does not lie inside the sample: its edge region reaches "
                f"{self.outer_radius[i]:g} xi from its centre."
            )

    def _close_pairs(self) -> Iterator[tuple[int, int]]:
        reach = 2 * float(self.outer_radius.max())
        yield from sorted(cKDTree(self.centres).query_pairs(reach * (1 + 1e-12)))


def _as_points(points: ArrayLike) -> Floats:
    return np.asarray(points, dtype=float).reshape(-1, 2)
