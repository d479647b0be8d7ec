"""Adaptive integrals over rectangles of momenta, many values at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from glvortex.errors import NotConvergedError, ParameterError
from glvortex.micro.estimate import Array, Estimate
from glvortex.micro.momentum import G7, K15, X15

Function = Callable[[Array, Array], Array]
"""q_y, q_z of shape (n,) -> values (n, m)."""

MOST_CELLS = 4000
SPLIT_SHARE = 0.3  # of the largest error: cells above are split in one round
SCALE = 1e-3  # of the largest of several results counts as the size of a small one


def integrate(
    function: Function,
    edges: tuple[Sequence[float], Sequence[float]],
    accuracy: float,
    comm: Any = None,
    most_cells: int = MOST_CELLS,
) -> Estimate:
    """Integral of ``function`` over q_y and q_z, of relative error about ``accuracy`` in norm.

    ``edges`` cut both axes into first cells. Each cell has 15 x 15 Gauss-Kronrod points and an
    error for either direction, and is halved along the worse one. Ranks of an MPI communicator
    ``comm`` share the cells and all get the same result.

    Raises NotConvergedError when ``most_cells`` do not suffice, ParameterError for another
    accuracy.
    """
    if not 0.0 < accuracy < 1.0:
        raise ParameterError(f"accuracy must be between 0 and 1, got {accuracy:g}.")
    fresh = np.array(
        [
            (a, b, c, d)
            for a, b in zip(edges[0][:-1], edges[0][1:], strict=True)
            for c, d in zip(edges[1][:-1], edges[1][1:], strict=True)
        ]
    )
    cells, (value, error) = fresh, _shared(function, fresh, comm)
    evaluations = 225 * len(fresh)
    while True:
        total = value.sum(axis=0)
        spread = error.sum(axis=(0, 1))
        size = np.maximum(np.abs(total), SCALE * np.max(np.abs(total)))
        goal = accuracy * np.where(size > 0.0, size, 1.0)
        if np.all(spread <= goal):
            return Estimate(total, spread, evaluations)
        if len(cells) > most_cells:
            raise NotConvergedError(
                "the integral over momenta has a relative error of"
                f" {np.max(spread / goal) * accuracy:.2g} after {evaluations} momenta: ask for"
                " less accuracy, or raise the temperature or the coupling."
            )
        share = np.max(error / goal, axis=2)  # (cells, 2)
        worst = share.sum(axis=1)
        split = worst > max(SPLIT_SHARE * worst.max(), 0.2 / len(cells))
        along_z = share[split, 1] > share[split, 0]
        fresh = _halves(cells[split], along_z)
        new_value, new_error = _shared(function, fresh, comm)
        evaluations += 225 * len(fresh)
        cells = np.concatenate([cells[~split], fresh])
        value = np.concatenate([value[~split], new_value])
        error = np.concatenate([error[~split], new_error])


def _halves(cells: Array, along_z: np.ndarray) -> Array:
    low, high = cells.copy(), cells.copy()
    first = np.where(along_z, 2, 0)
    rows = np.arange(len(cells))
    middle = 0.5 * (cells[rows, first] + cells[rows, first + 1])
    low[rows, first + 1] = middle
    high[rows, first] = middle
    return np.concatenate([low, high])


def _shared(function: Function, cells: Array, comm: Any) -> tuple[Array, Array]:
    """`_cell` for all cells, every rank taking some."""
    ranks, rank = (1, 0) if comm is None else (comm.size, comm.rank)
    mine = [_cell(function, cell) for cell in cells[rank::ranks]]
    if ranks > 1:
        shares = comm.allgather(mine)
        mine = [shares[i % ranks][i // ranks] for i in range(len(cells))]
    return np.array([v for v, _ in mine]), np.array([e for _, e in mine])


def _cell(function: Function, cell: Array) -> tuple[Array, Array]:
    """Integral (m,) over one cell and the error along either direction (2, m)."""
    half_y, half_z = 0.5 * (cell[1] - cell[0]), 0.5 * (cell[3] - cell[2])
    y, z = np.meshgrid(cell[0] + half_y * (X15 + 1.0), cell[2] + half_z * (X15 + 1.0))
    samples = function(y.ravel(), z.ravel()).reshape(15, 15, -1) * (half_y * half_z)
    over_y, over_z = (np.tensordot(K15, samples, axes=(0, axis)) for axis in (1, 0))
    value = K15 @ over_z
    # no power of the difference: near-degenerate levels make integrands rough, not smooth
    errors = np.abs([(K15 - G7) @ over_z, (K15 - G7) @ over_y])
    return value, errors
