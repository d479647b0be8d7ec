"""Periods of a magnetic cell and what they do to the order parameter.

A cell that repeats along its periods R and holds N flux quanta has the mean field B = 2 pi N/area
(Bc2, area in xi^2). With the potential ``(B/2) z x r`` of that field the rest of the vector
potential is periodic, and the order parameter is periodic up to a gauge transformation,

    f(r + R) = f(r) exp(-i [(B/2) (R x r)_z + pi N n_1 n_2]),    R = n_1 R_1 + n_2 R_2

(the last term makes the two ways round a cell agree). One period makes a strip: nothing is twisted
there, since the periodic potential holds any flux.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glvortex.errors import ParameterError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_ON_BOUNDARY = 1e-9  # of a period: closer to the next cell counts as in it


@dataclass(frozen=True)
class Lattice:
    """One or two periods in xi, and the flux quanta in the cell they span (two periods only).

    Raises:
        ParameterError: periods that are not finite or span no area, flux in a strip.
    """

    periods: tuple[tuple[float, float], ...]
    flux_quanta: int = 0

    def __post_init__(self) -> None:
        matrix = np.asarray(self.periods, dtype=float)
        if matrix.shape not in ((1, 2), (2, 2)) or not np.isfinite(matrix).all():
            raise ParameterError("a cell needs one or two finite periods [x, y].")
        lengths = np.hypot(*matrix.T)
        if lengths.min() == 0.0 or (len(matrix) == 2 and self.area < 1e-6 * lengths.prod()):
            raise ParameterError("the periods of a cell must not be zero or parallel.")
        if len(matrix) == 1 and self.flux_quanta:
            raise ParameterError("a strip holds any flux: only a cell has flux quanta.")

    @property
    def matrix(self) -> Floats:
        """The periods as rows, shape (1, 2) or (2, 2)."""
        return np.asarray(self.periods, dtype=float)

    @property
    def area(self) -> float:
        """Area of the cell in xi^2 (two periods)."""
        return abs(float(np.linalg.det(self.matrix)))

    @property
    def mean_field(self) -> float:
        """B in Bc2 (0 in a strip)."""
        return 2 * math.pi * self.flux_quanta / self.area if self.flux_quanta else 0.0

    def split(self, points: ArrayLike) -> tuple[Floats, Integers]:
        """Return the points, shape (..., 2), moved into the home cell, and by how many periods."""
        points = np.asarray(points, dtype=float)
        fractions = points @ np.linalg.pinv(self.matrix)
        counts = np.floor(fractions + _ON_BOUNDARY).astype(np.int64)
        return points - counts @ self.matrix, counts

    def nearest_image(self, displacements: ArrayLike) -> Floats:
        """Return the shortest of the equivalents of each displacement, shape (..., 2)."""
        images = self.near_images(displacements)
        shortest = np.argmin((images**2).sum(axis=-1), axis=-1)
        return np.take_along_axis(images, shortest[..., None, None], axis=-2)[..., 0, :]

    def near_images(self, displacements: ArrayLike) -> Floats:
        """Return the equivalents (..., 3 or 9, 2) of each displacement in the cells about zero.

        All that are left out are more than 1.5 `height` away.
        """
        displacements = np.asarray(displacements, dtype=float)
        fractions = displacements @ np.linalg.pinv(self.matrix)
        reduced = displacements - np.rint(fractions) @ self.matrix
        steps = np.stack(np.meshgrid(*[[-1, 0, 1]] * len(self.periods)), axis=-1)
        return np.asarray(
            reduced[..., None, :] + steps.reshape(-1, len(self.periods)) @ self.matrix
        )

    @property
    def height(self) -> float:
        """Smallest distance between opposite sides, in xi; the period of a strip."""
        lengths = np.hypot(*self.matrix.T)
        return float(lengths[0] if len(self.periods) == 1 else self.area / lengths.max())

    def spread(self, count: int) -> Floats:
        """Return as many places (count, 2) in the home cell, as evenly as a lattice of them can."""
        steps = np.arange(count)

        def places(stride: int) -> Floats:
            return np.column_stack([steps, stride * steps % count]) / count @ self.matrix

        def nearest(stride: int) -> float:
            return float(np.hypot(*self.nearest_image(places(stride)[1:]).T).min(initial=np.inf))

        return places(max(range(count), key=nearest, default=0))

    def twist(self, home: Floats, counts: Integers) -> Floats:
        """Phase of f at ``home + counts @ periods`` less that at ``home`` (n, 2), shape (n,)."""
        if not self.flux_quanta:
            return np.zeros(home.shape[:-1])
        way = self.mean_field / 2 * _cross(counts @ self.matrix, home)
        return -way - math.pi * self.flux_quanta * counts[..., 0] * counts[..., 1]

    def vortex_phase(self, displacements: Floats) -> Floats:
        """Phase of winding +1 about zero and all its images, at displacements (n, 2).

        Along a period R it grows by ``pi (R x r)_z/area`` and a constant: Jacobi's theta function
        (two periods) or a sine (one).
        """
        along = complex(*self.periods[0])
        z = math.pi / along * (displacements[..., 0] + 1j * displacements[..., 1])
        if len(self.periods) == 1:
            return np.asarray(np.angle(np.sin(z)))
        handed = np.sign(np.linalg.det(self.matrix))  # the series wants counterclockwise periods
        ratio = handed * complex(*self.periods[1]) / along
        turned = z / math.pi * abs(along)
        quadratic = math.pi / self.area * turned.real * turned.imag
        return np.asarray(np.angle(_theta(z, ratio)) + quadratic)

    def smooth_twist(self, charges: Floats, centres: Floats) -> Floats:
        """Wave vector q: with it ``-sum charge vortex_phase - q.r`` is twisted as f must be."""
        steps = []
        for period in self.matrix:
            ends = np.array([[0.0, 0.0], period])
            phases = [
                -float(charges @ self.vortex_phase(end - centres)) if len(centres) else 0.0
                for end in ends
            ]
            counts = (np.asarray(self.matrix) == period).all(axis=1).astype(np.int64)
            wanted = self.twist(ends[:1], counts[None])[0]
            steps.append(math.remainder(phases[1] - phases[0] - wanted, 2 * math.pi))
        return np.linalg.pinv(self.matrix) @ steps


def _cross(one: Floats, other: Floats) -> Floats:
    return one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0]


def _theta(z: NDArray[np.complex128], ratio: complex) -> NDArray[np.complex128]:
    """Jacobi's theta_1(z | ratio) up to a positive factor that depends on z."""
    # the largest term of the series is the one nearest to this; the others fall off from there
    peak = np.rint(z.imag / (math.pi * ratio.imag)) if z.size else z.imag
    reach = math.ceil(math.sqrt(40 / (math.pi * ratio.imag))) + 1
    total = np.zeros_like(z)
    for k in range(-reach, reach):
        n = k - peak + 0.5  # half-integer exponents
        exponent = 1j * math.pi * ratio * n**2 + 2j * n * z
        largest = math.pi * ratio.imag * peak**2 - 2 * peak * z.imag
        total += np.cos(math.pi * (n - 0.5)) * np.exp(exponent + largest)
    return -1j * total
