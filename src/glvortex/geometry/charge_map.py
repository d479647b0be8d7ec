"""Sources from a map of the potential instead of disks: a~ = b_z z x grad u.

``u = -D (V_outside - V)/(V_outside - V_inside)`` is the screened potential of a map of charge in
units of what a~ adds up to across an edge, D = a~ d of a disk. With E_par = -grad V this is the
current gamma E_par x (b_z z) of 003 (2), for charges of any shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RectBivariateSpline

from glvortex.errors import ParameterError
from glvortex.geometry.inclusions import Inclusions
from glvortex.geometry.lattice import Floats, Lattice
from glvortex.geometry.sample import Sample

_LEVEL = 1e-3  # of the range of a map: how far its border may differ from constant


@dataclass(frozen=True)
class Grid:
    """Where the numbers of a map are, lengths in xi: in the middles of equal rectangles.

    Attributes:
        size: width and height of the map.
        centre: of the map.
    """

    size: tuple[float, float]
    centre: tuple[float, float] = (0.0, 0.0)

    def spacing(self, shape: tuple[int, ...]) -> tuple[float, float]:
        """Distances of rows and columns of a map (rows, columns)."""
        return self.size[1] / shape[0], self.size[0] / shape[1]

    def axes(self, shape: tuple[int, ...]) -> tuple[Floats, Floats]:
        """Heights of the rows from the last, which is lowest, to the first, and x of columns."""
        rows, columns = (
            centre + (np.arange(n) - (n - 1) / 2) * step
            for centre, n, step in zip(self.centre[::-1], shape, self.spacing(shape), strict=True)
        )
        return rows, columns

    def covers(self, sample: Sample) -> bool:
        """Whether the sample lies within the map."""
        (x, y), (width, height) = self.centre, self.size
        xmin, ymin, xmax, ymax = sample.bounds
        over = 1e-9 * max(width, height)
        return bool(
            x - width / 2 <= xmin + over
            and xmax <= x + width / 2 + over
            and y - height / 2 <= ymin + over
            and ymax <= y + height / 2 + over
        )


class Interpolated:
    """A map between its numbers: cubic splines inside the grid, its border's values outside."""

    def __init__(self, values: Floats, grid: Grid) -> None:
        self._rows, self._columns = grid.axes(values.shape)
        self._spline = RectBivariateSpline(self._rows, self._columns, values[::-1])

    def __call__(self, points: Floats) -> Floats:
        """Values (n,) at points (n, 2)."""
        x, y, _ = self._within(points)
        return np.asarray(self._spline.ev(y, x))

    def gradient(self, points: Floats) -> Floats:
        """Derivatives with x and y, (2, n), at points (n, 2); 0 outside the grid."""
        x, y, inside = self._within(points)
        return np.stack([self._spline.ev(y, x, dy=1), self._spline.ev(y, x, dx=1)]) * inside

    def _within(self, points: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        x = np.clip(points[:, 0], self._columns[0], self._columns[-1])
        y = np.clip(points[:, 1], self._rows[0], self._rows[-1])
        half = np.array([np.diff(axis[:2])[0] for axis in (self._columns, self._rows)]) / 2
        away = np.abs(np.column_stack([x, y]) - points)
        return x, y, np.asarray((away <= half * (1 + 1e-9)).all(axis=1))


@dataclass(frozen=True, eq=False)
class ChargeMap(Inclusions):
    """Sources from maps; there are no inclusions to be counted, so its length is 0.

    ``pseudo_gauge`` (1,) is D, ``magnetisation`` (1,) m^ where b_z has its full value.

    Attributes:
        grid: where the maps are.
        potential: (rows, columns) (V_outside - V)/(V_outside - V_inside), 0 outside and 1 inside.
        exchange: (rows, columns) b_z over its full value; None for 1 everywhere.
    """

    grid: Grid
    potential: Floats
    exchange: Floats | None

    def __len__(self) -> int:
        return 0

    @property
    def peak(self) -> Floats:
        """Largest a~ on the grid, with the sign of D: (1,)."""
        rows, columns = self.grid.axes(self.potential.shape)
        points = np.column_stack([a.ravel() for a in np.meshgrid(columns, rows)])
        size = np.hypot(*self._gradient(points))
        return self.pseudo_gauge * float(size.max())

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
        return Interpolated(self.potential, self.grid)

    @cached_property
    def _exchange(self) -> Interpolated | None:
        return None if self.exchange is None else Interpolated(self.exchange, self.grid)

    def _gradient(self, points: Floats) -> Floats:
        """-b_z grad potential (2, n)."""
        return -self._potential.gradient(points) * self._exchange_at(points)

    def _exchange_at(self, points: Floats) -> Floats:
        return np.ones(len(points)) if self._exchange is None else self._exchange(points)

    def pseudo_gauge_at(self, points: Floats, lattice: Lattice | None = None) -> Floats:
        """Return a~ (2, n) at the points (n, 2)."""
        along_x, along_y = self.pseudo_gauge[0] * self._gradient(points)
        return np.stack([-along_y, along_x])

    def magnetisation_at(self, points: Floats, lattice: Lattice | None = None) -> Floats:
        """Return m^ (n,) along z at the points (n, 2): it follows b_z."""
        return self.magnetisation[0] * self._exchange_at(points)

    def _nearest(self, points: Floats) -> tuple[NDArray[np.intp], Floats]:
        return np.full(len(points), -1, dtype=np.intp), np.full(len(points), np.inf)

    def outlines(self, offset: float = 0.0) -> list[Floats]:
        """None."""
        return []

    def check(self, sample: Sample) -> None:
        """Refuse a sample that reaches beyond maps that do not end in a constant, or repeats."""
        if sample.lattice is not None:
            raise ParameterError("a charge map does not go with a sample that repeats.")
        for what, values in (("charge", self.potential), ("magnetic", self.exchange)):
            if values is None or self.grid.covers(sample):
                continue
            border = np.concatenate([values[0], values[-1], values[:, 0], values[:, -1]])
            if np.ptp(border) > _LEVEL * max(float(np.ptp(values)), 1.0):
                (x, y), (width, height) = self.grid.centre, self.grid.size
                raise ParameterError(
                    f"the sample reaches beyond the {what} map, which is not constant along its "
                    f"border and covers {width:g} x {height:g} xi around ({x:g}, {y:g})."
                )
