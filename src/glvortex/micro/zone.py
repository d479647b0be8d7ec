"""Integrals over the Brillouin zone of a lattice."""

from __future__ import annotations

from typing import Any

import numpy as np

from glvortex.errors import NotConvergedError
from glvortex.micro.estimate import Array, Estimate, Integrand
from glvortex.micro.nambu import Zone

FIRST, MOST = 16, 1024  # momenta along each reciprocal vector
ROWS = 16  # evaluated together
CANCELLATION = 1e-3  # of the integral of the magnitude counts as size of a result that cancels
QUARTERS = ((0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5))


def integrate_zone(
    integrand: Integrand, zone: Zone, accuracy: float, comm: Any = None, needed: int = 1
) -> Estimate:
    """Integral of ``integrand`` over d^2k/(2 pi)^2 and one cell of reciprocal lattice vectors.

    Equally spaced momenta, which for smooth periodic functions converge exponentially once they
    resolve temperature, gap or level width; at least ``needed`` along each vector, doubled both
    ways until the mean stays twice. The ranks of an MPI communicator ``comm`` share the rows of
    momenta and all get the same result.

    Raises NotConvergedError where 1024 x 1024 momenta do not resolve the integrand.
    """
    area = abs(np.linalg.det(np.asarray(zone))) / (2.0 * np.pi) ** 2
    count = FIRST
    while count < needed:
        count *= 2
    before: Array | float = np.inf
    mean, size = _mean(integrand, zone, count, QUARTERS[0], comm)
    while count < MOST:
        parts = [_mean(integrand, zone, count, offset, comm) for offset in QUARTERS[1:]]
        finer, size = (0.25 * (x + sum(p[i] for p in parts)) for i, x in enumerate((mean, size)))
        change, mean = np.abs(finer - mean), finer
        count *= 2
        # one small change may be chance, so that the one before counts as well
        left, before = 2.0 * np.maximum(change, 0.25 * before), change
        if np.all(left <= accuracy * np.maximum(np.abs(mean), CANCELLATION * size)):
            return Estimate(area * mean, area * left, count**2)
    raise NotConvergedError(
        f"the sum over the zone still changes by {area * np.max(change):.2g} at {count} x {count}"
        " momenta: ask for less accuracy, or raise temperature, gap or broadening."
    )


def _mean(
    integrand: Integrand, zone: Zone, count: int, offset: tuple[float, float], comm: Any
) -> tuple[Array, Array]:
    """Mean of values and sizes over one grid, (m,) each."""
    along = (np.arange(count) + offset[0]) / count
    across = (np.arange(count) + offset[1]) / count
    blocks = [across[i : i + ROWS] for i in range(0, count, ROWS)]
    ranks, rank = (1, 0) if comm is None else (comm.size, comm.rank)
    sums = []
    for block in blocks[rank::ranks]:
        a, b = (x.ravel() for x in np.meshgrid(along, block))
        kx, ky = (a * zone[0][i] + b * zone[1][i] for i in range(2))
        value, _ = integrand(kx, ky)
        sums.append((value.sum(axis=0), np.abs(value).sum(axis=0)))
    if ranks > 1:
        shares = comm.allgather(sums)  # in the order of one rank, whatever their number
        sums = [shares[i % ranks][i // ranks] for i in range(len(blocks))]
    total, size = (sum(s[i] for s in sums) / count**2 for i in range(2))
    return total, size
