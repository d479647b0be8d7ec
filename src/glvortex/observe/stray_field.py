"""The field B_z above the end of a sample, as a scanning probe sees it.

The sample is invariant along z up to its end at z = 0. In the vacuum above, the deviation from the
applied field is harmonic, so each of its Fourier components falls off as exp(-k z). At the surface
it is not that of the bulk: vortices spread before they leave. In London theory, in which the
sources inside are straight up to z = 0,

    B_z(k, z) = b(k) tau/(k + tau) exp(-k z),    tau^2 = k^2 + 1/lambda^2

(docs/theory.md, section 7). Sums over the components are fast Fourier transforms on a grid, over
the reciprocal vectors of a sample that repeats and with a wide margin where it does not.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.fft
from mpi4py import MPI
from numpy.typing import NDArray

from glvortex.errors import ParameterError
from glvortex.fem.energy import GinzburgLandau
from glvortex.geometry.lattice import Lattice
from glvortex.observe.fluxoids import cell_flux

Floats = NDArray[np.float64]

_PADDING = 3  # margin in which nothing repeats, of the longer side
_FINENESS = 0.6  # of the spacing: size of pieces of triangles
_AT_ONCE = 100_000  # pieces
_RESOLVED = 8  # grid points: a peak of that width is smooth


@dataclass(frozen=True)
class StrayField:
    """B_z on a grid of points in a plane.

    Attributes:
        height: above the surface, in xi.
        points: (n, m, 2) coordinates in xi.
        b: (n, m) B_z there, the applied field included, in Bc2.
    """

    height: float
    points: Floats
    b: Floats


def stray_field(functional: GinzburgLandau, height: float, *, resolution: int = 384) -> StrayField:
    """Return B_z at a height in xi above the surface, on every rank; collective.

    The grid covers the sample and what is within two heights of it, at most half of its longer
    side; of a sample that repeats it covers one period, both ends included. Its spacing d, the
    longer side over the resolution, smooths the field: components lose (k d)^2/12 of their size.

    Raises:
        ParameterError: the height is not a number of at least 0, or there is no screening and
            so no field but the applied one.
    """
    if not (math.isfinite(height) and height >= 0.0):
        raise ParameterError(f"the height of a stray field must be at least 0, got {height:g}.")
    if not functional.screening:
        raise ParameterError(
            "without screening (superconductor.screening = false) the flux density is the applied "
            "field everywhere, so there is no stray field."
        )
    space = functional.space
    comm, topology = space.mesh.comm, space.mesh.topology
    owned = topology.index_map(space.dim).size_local
    corners, flux = space.corner_coordinates[:owned], cell_flux(functional)[:owned]
    plane = Plane.over(_bounds(corners, comm), space.lattice, height, resolution)
    sides = corners[:, 1:] - corners[:, :1]
    applied = functional.applied_field
    excess = flux - applied * np.abs(np.linalg.det(sides)) / (4 * np.pi)
    spread = plane.deposit(corners, excess)
    comm.Allreduce(MPI.IN_PLACE, spread, MPI.SUM)
    london_length = functional.kappa / math.sqrt(functional.t)
    b = applied + plane.continued(spread, height, london_length)
    return StrayField(height, plane.points, b)


def _bounds(corners: Floats, comm: MPI.Intracomm) -> Floats:
    """Smallest and largest coordinates of the sample, shape (2, 2)."""
    here = corners.reshape(-1, 2)
    ends = np.array([here.min(axis=0, initial=np.inf), -here.max(axis=0, initial=-np.inf)])
    comm.Allreduce(MPI.IN_PLACE, ends, MPI.MIN)
    return ends * [[1.0], [-1.0]]


@dataclass(frozen=True)
class Plane:
    """A grid that repeats, and the part of it to be shown.

    Attributes:
        centre: (2,) the point that the indices (0, 0) stand for.
        periods: (2, 2) sides of the grid as rows, each belonging to one index.
        counts: number of points along each side.
        half: points with indices from -half to half are shown.
        repeats: whether the sample itself repeats along each side.
    """

    centre: Floats
    periods: Floats
    counts: tuple[int, int]
    half: tuple[int, int]
    repeats: tuple[bool, bool]

    @staticmethod
    def over(bounds: Floats, lattice: Lattice | None, height: float, resolution: int) -> Plane:
        """Return a grid for a sample of these bounds, (2, 2), and periods."""
        periods, repeats = np.diag(bounds[1] - bounds[0]), (False, False)
        if lattice is not None:
            repeats = (len(lattice.periods) == 2, True)
            # a strip repeats along y
            periods[0 if repeats[0] else 1 :] = lattice.matrix
        lengths = np.linalg.norm(periods, axis=1)
        margin = min(2 * height, lengths.max() / 2)
        shown = lengths + np.where(repeats, 0.0, 2 * margin)
        half = np.ceil(shown / shown.max() * resolution / 2).astype(int)
        half[np.array(repeats)] = np.maximum(half[np.array(repeats)], 2 * _RESOLVED)
        padded = [
            scipy.fft.next_fast_len(int(2 * n + _PADDING * resolution), real=True) for n in half
        ]
        counts = np.where(repeats, 2 * half, padded)
        # the grid of a side that repeats ends with it
        grown = np.where(repeats, 1.0, counts * shown / (2 * half * lengths))
        return Plane(
            bounds.mean(axis=0),
            periods * grown[:, None],
            (int(counts[0]), int(counts[1])),
            (int(half[0]), int(half[1])),
            repeats,
        )

    @property
    def points(self) -> Floats:
        """The points that are shown, shape (n, m, 2)."""
        steps = [index / count for index, count in zip(self._shown, self.counts, strict=True)]
        return self.centre + np.stack(np.meshgrid(*steps, indexing="ij"), axis=-1) @ self.periods

    @property
    def _shown(self) -> list[NDArray[np.int64]]:
        """Indices of the points that are shown."""
        return [np.arange(-half, half + 1) for half in self.half]

    @property
    def _spacing(self) -> float:
        return float((np.linalg.norm(self.periods, axis=1) / self.counts).min())

    def deposit(self, corners: Floats, flux: Floats) -> Floats:
        """Spread the flux of triangles, (n, 3, 2) and (n,), over the points of the whole grid.

        None is lost: triangles are cut into pieces smaller than the spacing, and each of them is
        shared among the four points around its middle.
        """
        # open sides hold the sample within the points that are shown, and one more
        half = np.array(self.half)
        reach = np.where(self.repeats, self.counts, 2 * half + 2)
        total = np.zeros(reach.prod())
        to_places = np.linalg.inv(self.periods) * self.counts
        for middles, share in _pieces(corners, flux, _FINENESS * self._spacing):
            places = (middles - self.centre) @ to_places + half
            below = np.floor(places)
            part = places - below
            for corner in ((0, 0), (0, 1), (1, 0), (1, 1)):
                first, second = ((below + corner) % reach).astype(np.int64).T
                weight = share * np.abs(1 - np.array(corner) - part).prod(axis=1)
                total += np.bincount(first * reach[1] + second, weight, len(total))
        whole = np.zeros(self.counts)
        indices = (np.arange(n) - h for n, h in zip(reach, half, strict=True))
        whole[self._rows(*indices)] = total.reshape(reach)
        return whole

    def _rows(self, *indices: NDArray[np.int64]) -> tuple[NDArray[np.int64], ...]:
        """Where the points with these indices, which may be negative, are in an array of all."""
        return np.ix_(*(index % count for index, count in zip(indices, self.counts, strict=True)))

    def continued(self, flux: Floats, height: float, london_length: float) -> Floats:
        """Return the field in Bc2 at the points that are shown, of flux in Phi0 at all points.

        The flux is that through the bulk; with a London length of 0 that through the surface.
        """
        k, alone = self._wave_numbers()
        net, area = float(flux.sum()), abs(float(np.linalg.det(self.periods)))
        # What comes out of the whole sample is taken out first, so that the rest falls off before
        # the grid repeats: tau/(k + tau) is (1 + exp(-2 k lambda))/2 up to (k lambda)^3
        depth = max(_RESOLVED * self._spacing - height, 0.0)
        depths = (depth, depth + 2 * london_length)
        x = k * london_length
        spectrum = scipy.fft.rfft2(flux) / (1 + x / np.sqrt(1 + x**2))
        spectrum -= np.where(alone, sum(net / 2 * np.exp(-k * d) for d in depths), 0.0)
        spectrum *= np.exp(-k * height)
        rest = scipy.fft.irfft2(spectrum, self.counts) * flux.size / area
        whole = net / 2 * sum(self._monopole(height + d) for d in depths)
        return 2 * np.pi * (rest[self._rows(*self._shown)] + whole)

    def _wave_numbers(self) -> tuple[Floats, NDArray[np.bool_]]:
        """Return k of each component, and which do not change along a side that repeats."""
        orders = [scipy.fft.fftfreq(self.counts[0], 1 / self.counts[0])]
        orders.append(scipy.fft.rfftfreq(self.counts[1], 1 / self.counts[1]))
        grid = np.stack(np.meshgrid(*orders, indexing="ij"), axis=-1)
        k = 2 * np.pi * np.linalg.norm(grid @ np.linalg.inv(self.periods).T, axis=-1)
        return k, np.all(~np.array(self.repeats) | (grid == 0), axis=-1)

    def _monopole(self, z: float) -> Floats:
        """B_z of one Phi0 in the middle, at a height z above it, in Phi0/xi^2."""
        away = self.points - self.centre
        if all(self.repeats):
            return np.full(away.shape[:2], 1 / abs(float(np.linalg.det(self.periods))))
        if any(self.repeats):  # a line of them, along the second side
            period = float(np.linalg.norm(self.periods[1]))
            return np.asarray(z / (np.pi * period * (away[..., 0] ** 2 + z**2)))
        return np.asarray(z / (2 * np.pi * ((away**2).sum(axis=-1) + z**2) ** 1.5))


def _pieces(corners: Floats, flux: Floats, size: float) -> Iterator[tuple[Floats, Floats]]:
    """Cut triangles until edges are no longer than `size`; yield middles and flux of pieces."""
    edges = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1, initial=0.0)
    cuts = np.maximum(np.ceil(edges / size - 1e-9).astype(int), 1)
    for n in np.unique(cuts):
        weights, alike = _middles(int(n)), np.flatnonzero(cuts == n)
        for some in np.array_split(alike, math.ceil(len(alike) * len(weights) / _AT_ONCE)):
            middles = np.einsum("pk,ckd->cpd", weights, corners[some])
            yield middles.reshape(-1, 2), np.repeat(flux[some] / len(weights), len(weights))


def _middles(cuts: int) -> Floats:
    """Barycentric coordinates of the middles of the pieces of a cut triangle."""
    steps = [(i, j) for j in range(cuts) for i in range(cuts - j)]
    upright = [(i + 1 / 3, j + 1 / 3) for i, j in steps]
    turned = [(i + 2 / 3, j + 2 / 3) for i, j in steps if i + j < cuts - 1]
    first, second = np.array(upright + turned).T / cuts
    return np.column_stack([1 - first - second, first, second])
