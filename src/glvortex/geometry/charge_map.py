"""Sources from a map of the potential instead of disks: a~ = b_z z x grad u.

``u = -D (V_outside - V)/(V_outside - V_inside)`` is the screened potential of a map of charge in
units of what a~ adds up to across an edge, D = a~ d of a disk. With E_par = -grad V this is the
current gamma E_par x (b_z z) of 003 (2), for charges of any shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.interpolate import RectBivariateSpline

from glvortex.errors import ParameterError
from glvortex.geometry.images import filled
from glvortex.geometry.inclusions import Inclusions
from glvortex.geometry.lattice import Floats, Lattice
from glvortex.geometry.polygons import Polygons
from glvortex.geometry.sample import Sample

_LEVEL = 1e-3  # of the range of a map: how far its border may differ from constant


class Interpolated:
    """A map between its pixels: cubic splines inside, the values of its border outside.

    Its middle is the origin and its first row is at the top.
    """

    def __init__(self, values: Floats, pixel: float) -> None:
        self._y, self._x = (pixel * (np.arange(n) - (n - 1) / 2) for n in values.shape)
        self._edge = pixel / 2 * (1 + 1e-9)
        self._spline = RectBivariateSpline(self._y, self._x, values[::-1])

    def __call__(self, points: Floats) -> Floats:
        """Values (n,) at points (n, 2)."""
        x, y, _ = self._within(points)
        return np.asarray(self._spline.ev(y, x))

    def gradient(self, points: Floats) -> Floats:
        """Derivatives with x and y, (2, n), at points (n, 2); 0 outside the map."""
        x, y, inside = self._within(points)
        return np.stack([self._spline.ev(y, x, dy=1), self._spline.ev(y, x, dx=1)]) * inside

    def _within(self, points: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        x = np.clip(points[:, 0], self._x[0], self._x[-1])
        y = np.clip(points[:, 1], self._y[0], self._y[-1])
        away = np.abs(np.column_stack([x, y]) - points)
        return x, y, np.asarray((away <= self._edge).all(axis=1))


@dataclass(frozen=True, eq=False)
class ChargeMap(Inclusions):
    """Sources from maps; there are no inclusions to be counted, so its length is 0.

    Distances s are those to the lines on which the potential is half of its extreme.

    ``pseudo_gauge`` (1,) is D, ``magnetisation`` (1,) m^ where b_z has its full value.

    Attributes:
        pixel: side of a pixel in xi; the middle of the maps is the origin.
        potential: (rows, columns) (V_outside - V)/(V_outside - V_inside), 0 outside and 1 inside.
        exchange: (rows, columns) b_z over its full value; None for 1 everywhere.
    """

    pixel: float
    potential: Floats
    exchange: Floats | None

    def __len__(self) -> int:
        return 0

    @property
    def peak(self) -> Floats:
        """Largest a~ in the middle of a pixel, with the sign of D: (1,)."""
        x, y = (self.pixel * (np.arange(n) - (n - 1) / 2) for n in reversed(self.potential.shape))
        points = np.column_stack([axis.ravel() for axis in np.meshgrid(x, y)])
        return self.pseudo_gauge * float(np.hypot(*self._flow(points)).max())

    @property
    def centres(self) -> Floats:
        """None: (0, 2)."""
        return np.zeros((0, 2))

    @property
    def area(self) -> Floats:
        """None: (0,)."""
        return np.zeros(0)

    @property
    def perimeter(self) -> Floats:
        """None: (0,)."""
        return np.zeros(0)

    @cached_property
    def _potential(self) -> Interpolated:
        return Interpolated(self.potential, self.pixel)

    @cached_property
    def _exchange(self) -> Interpolated | None:
        return None if self.exchange is None else Interpolated(self.exchange, self.pixel)

    def _flow(self, points: Floats) -> Floats:
        """-b_z z x grad potential (2, n)."""
        along_x, along_y = self._potential.gradient(points)
        return np.stack([along_y, -along_x]) * self._exchange_at(points)

    def _exchange_at(self, points: Floats) -> Floats:
        return np.ones(len(points)) if self._exchange is None else self._exchange(points)

    def pseudo_gauge_at(self, points: Floats, lattice: Lattice | None = None) -> Floats:
        """Return a~ (2, n) at the points (n, 2)."""
        return np.asarray(self.pseudo_gauge[0] * self._flow(points))

    def magnetisation_at(self, points: Floats, lattice: Lattice | None = None) -> Floats:
        """Return m^ (n,) along z at the points (n, 2): it follows b_z."""
        return np.asarray(self.magnetisation[0] * self._exchange_at(points))

    @cached_property
    def _half(self) -> Polygons:
        return Polygons(shapely.union_all(filled(self.potential[::-1] - 0.5, self.pixel)))

    def _nearest(self, points: Floats) -> tuple[NDArray[np.intp], Floats]:
        return np.full(len(points), -1, dtype=np.intp), self._half.signed_distance(points)[0]

    def outlines(self, offset: float = 0.0) -> list[Floats]:
        """Lines on which the potential is half of its extreme, whatever the offset."""
        return self._half.rings

    def check(self, sample: Sample) -> None:
        """Refuse a sample that reaches beyond maps that do not end in a constant, or repeats."""
        if sample.lattice is not None:
            raise ParameterError("a charge map does not go with a sample that repeats.")
        height, width = (self.pixel * n for n in self.potential.shape)
        over = 1e-9 * max(width, height)
        xmin, ymin, xmax, ymax = sample.bounds
        if max(-xmin, xmax) <= width / 2 + over and max(-ymin, ymax) <= height / 2 + over:
            return
        for what, which, values in (
            ("charge", "its screened potential", self.potential),
            ("magnetic", "it", self.exchange),
        ):
            if values is not None and np.ptp(border(values)) > _LEVEL * max(np.ptp(values), 1.0):
                raise ParameterError(
                    f"the sample reaches beyond the {what} map, which is {width:g} x {height:g} xi "
                    f"large around the origin, and {which} is not constant along its border."
                )


def border(values: Floats) -> Floats:
    """The outermost values of a map (rows, columns)."""
    return np.concatenate([values[0], values[-1], values[:, 0], values[:, -1]])
