"""Small places where a band comes close to zero, which few rays or momenta could all miss."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from glvortex.errors import NotConvergedError
from glvortex.micro.nambu import Array, Nambu, Zone

DIRECTIONS, DISTANCES = 96, 200  # of the first search
CLOSE = 4.0  # resolutions from zero within which a band matters
SHRINK, STEPS = 0.6, 60  # of the search for an extremum
OFFSETS: Array = np.pi * np.exp2(-np.arange(30.0)[::-1])
STENCIL = np.array([(x, y) for x in (-1.0, 0.0, 1.0) for y in (-1.0, 0.0, 1.0)])


def rays_needed(model: Nambu, most: int, radial_step: float) -> int:
    """Directions that send two rays through every pocket and touching point off the origin.

    Local extrema of the normal-state bands are followed from a polar grid to their place; those
    within a few times the model's resolution of zero must be that wide. 1 where there are none.

    Raises NotConvergedError where more than ``most`` rays are needed, or steps along a ray shorter
    than ``radial_step``.
    """
    step = model.momentum_scale / DISTANCES
    distance = step * np.arange(1.0, DISTANCES + 1.0)
    turn = 2.0 * np.pi * np.arange(DIRECTIONS)[:, None] / DIRECTIONS
    grid = distance * np.cos(turn), distance * np.sin(turn)
    spacing = np.maximum(step, distance * 2.0 * np.pi / DIRECTIONS) + 0.0 * turn
    kx, ky, band, sign = _extrema(model, *grid, spacing, periodic=False)
    k, angle = np.hypot(kx, ky), np.arctan2(ky, kx)
    close = CLOSE * model.resolution
    origin = model.electron_bands(np.zeros(1), np.zeros(1))[0]
    small = (_height(model, kx, ky, band, sign) < close) & (sign * origin[band] > close)
    needed = 1
    for i in np.flatnonzero(small):
        which = band[i : i + 1], sign[i : i + 1]
        turned = [angle[i] + s * OFFSETS for s in (1.0, -1.0)]
        arcs = [(k[i] * np.cos(t), k[i] * np.sin(t)) for t in turned]
        around = sum(_reach(model, *arc, which, close, OFFSETS) for arc in arcs)
        far = k[i] / np.pi * OFFSETS
        lines = [(k[i] + s * far) / k[i] for s in (1.0, -1.0)]
        along = sum(_reach(model, kx[i] * p, ky[i] * p, which, close, far) for p in lines)
        rays = 4.0 * np.pi / around
        if rays > most or along < 2.0 * radial_step:
            raise NotConvergedError(
                f"the bands come close to zero near k = ({kx[i]:.3g}, {ky[i]:.3g}) in a place too"
                " small for rays from the origin: put the origin there, give a zone, or raise"
                " temperature or broadening."
            )
        needed = max(needed, int(np.ceil(rays)))
    return needed


def momenta_needed(model: Nambu, zone: Zone, most: int) -> int:
    """Momenta along each vector of ``zone`` that put two into every pocket and touching point.

    Raises NotConvergedError where more than ``most`` are needed.
    """
    first, second = (np.array(v, dtype=np.float64) for v in zone)
    part = (np.arange(DIRECTIONS) + 0.5) / DIRECTIONS
    x, y = (part * first[i] + part[:, None] * second[i] for i in range(2))
    spacing = (np.hypot(*first) + np.hypot(*second)) / DIRECTIONS + 0.0 * x
    kx, ky, band, sign = _extrema(model, x, y, spacing, periodic=True)
    close = CLOSE * model.resolution
    needed = 1
    for i in np.flatnonzero(_height(model, kx, ky, band, sign) < close):
        which = band[i : i + 1], sign[i : i + 1]
        for vector in (first, second):
            shares: Array = np.asarray(
                OFFSETS / (2.0 * np.pi), dtype=np.float64
            )  # of the vector, up to half of it
            width = 0.0
            for s in (shares, -shares):
                path = kx[i] + s * vector[0], ky[i] + s * vector[1]
                width += _reach(model, *path, which, close, shares)
            needed = max(needed, int(np.ceil(2.0 / width)))
        if needed > most:
            raise NotConvergedError(
                f"the bands come close to zero near k = ({kx[i]:.3g}, {ky[i]:.3g}) in a place too"
                " small for the sum over the zone: raise temperature, gap or broadening."
            )
    return needed


def _extrema(
    model: Nambu, kx: Array, ky: Array, spacing: Array, periodic: bool
) -> tuple[Array, Array, NDArray[np.intp], Array]:
    """Momenta (n,) of local minima of sign * band, with the number of the band and the sign.

    They are looked for on a grid (a, b), periodic in its first index, and from there within twice
    the ``spacing``.
    """
    bands = model.electron_bands(kx, ky)
    found = []
    for sign in (1.0, -1.0):
        height = sign * bands
        lower = np.ones(height.shape, dtype=bool)
        for turn in (-1, 0, 1):
            for step in (-1, 0, 1):
                other = np.roll(height, (turn, step), axis=(0, 1))
                if not periodic and step:
                    other[:, 0 if step == 1 else -1] = np.inf if step == 1 else -np.inf
                lower &= height <= other
        ray, place, band = np.nonzero(lower)
        starts = (c[ray, place] for c in (kx, ky, spacing))
        found.append((*starts, band, sign + 0.0 * ray))
    x, y, reach, band, signs = (np.concatenate(part) for part in zip(*found, strict=True))
    rows = np.arange(len(x))
    for _ in range(STEPS):
        near_x, near_y = (
            c[:, None] + reach[:, None] * s for c, s in zip((x, y), STENCIL.T, strict=True)
        )
        best = np.argmin(_height(model, near_x, near_y, band[:, None], signs[:, None]), axis=1)
        x, y, reach = near_x[rows, best], near_y[rows, best], SHRINK * reach
    return x, y, band, signs


def _height(model: Nambu, kx: Array, ky: Array, band: NDArray[np.intp], sign: Array) -> Array:
    bands = model.electron_bands(kx, ky)
    column = np.broadcast_to(band, kx.shape)[..., None]
    return sign * np.take_along_axis(bands, column, axis=-1)[..., 0]


def _reach(
    model: Nambu,
    kx: Array,
    ky: Array,
    which: tuple[NDArray[np.intp], Array],
    close: float,
    distance: Array,
) -> float:
    """How far along a path of growing ``distance`` the band stays below ``close``."""
    outside = _height(model, kx, ky, *which) > close
    return float(distance[np.argmax(outside)]) if np.any(outside) else float(distance[-1])
