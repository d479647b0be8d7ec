"""Adaptive integrals over rectangles of momenta, many values at once: along q_y, then q_z.

One after the other, since what is rough lies along lines q_y(q_z), smooth once integrated over q_y.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glvortex.errors import NotConvergedError, ParameterError
from glvortex.micro.estimate import Array, Estimate
from glvortex.micro.momentum import G7, K15, X15

Function = Callable[[Array, Array], Array]
"""q_y, q_z of shape (n,) -> values (n, m)."""

MOST_PANELS = 12_000
SCALE = 1e-3  # of the largest of several results counts as the size of a small one
CAUTION = 10.0  # in how much the Kronrod rule is better than the Gauss rule
# shares of the goal: a stripe is only halved when its error exceeds NOISE times that of its panels
STRIPES, PANELS, NOISE = 0.6, 0.5, 1.0


def _interpolating(nodes: Array) -> Array:
    """Weights (n,) on [-1, 1] that integrate polynomials of n terms."""
    powers = np.arange(len(nodes))
    moments = np.where(powers % 2 == 0, 2.0 / (powers + 1.0), 0.0)
    weights: Array = np.linalg.solve(np.vander(nodes, increasing=True).T, moments)
    return weights


FIVE = slice(1, 14, 3)  # of the 15 points
N5 = np.zeros(15)
N5[FIVE] = _interpolating(X15[FIVE])
THREE = (0, 7, 14)
N3 = np.zeros(15)
N3[list(THREE)] = _interpolating(X15[list(THREE)])


@dataclass
class Panels:
    """15 points each along q_y at one q_z: ends (p, 2), ``qz`` and its ``weight`` (p,) in the sum
    over its stripe; integral and error (p, m), and the stripe and its node, integers (p,)."""

    ends: Array
    stripe: np.ndarray
    node: np.ndarray
    qz: Array
    weight: Array
    value: Array
    error: Array

    def chosen(self, which: np.ndarray) -> Panels:
        """Some of the panels."""
        return Panels(*(getattr(self, name)[which] for name in self.__dataclass_fields__))

    def joined(self, others: Panels) -> Panels:
        """These and others."""
        pairs = ((getattr(self, n), getattr(others, n)) for n in self.__dataclass_fields__)
        return Panels(*(np.concatenate(pair) for pair in pairs))


def sizes(values: Array) -> Array:
    """What errors of several results are relative to."""
    size = np.maximum(np.abs(values), SCALE * np.max(np.abs(values)))
    return np.where(size > 0.0, size, 1.0)


def integrate(
    function: Function,
    edges: tuple[Sequence[float], Sequence[float]],
    accuracy: float,
    comm: Any = None,
    most_panels: int = MOST_PANELS,
) -> Estimate:
    """Integral of ``function`` over q_y and q_z, of relative error about ``accuracy``.

    ``edges`` cut q_y into first panels and q_z into first stripes, each of Gauss-Kronrod points.
    Panels and stripes are halved where their errors are largest. These are of either sign, so that
    the error is the root of the sum of their squares.
    Ranks of an MPI communicator ``comm`` share the panels and all get the same result.

    Raises NotConvergedError when ``most_panels`` do not suffice, ParameterError for another
    accuracy.
    """
    if not 0.0 < accuracy < 1.0:
        raise ParameterError(f"accuracy must be between 0 and 1, got {accuracy:g}.")
    stripes = np.stack([edges[1][:-1], edges[1][1:]], axis=1).astype(float)
    columns = np.stack([edges[0][:-1], edges[0][1:]], axis=1).astype(float)
    panels, used = _first(function, stripes, columns, accuracy, comm)
    while True:
        total, along_z, along_y = _errors(panels, len(stripes))
        error = np.sqrt(np.sum(along_z**2, axis=0) + np.sum(along_y**2, axis=0))
        goal = accuracy * sizes(total)
        if np.all(error <= goal):
            return Estimate(total, error, 15 * used)
        if used > most_panels:
            raise NotConvergedError(
                "the integral over momenta has a relative error of"
                f" {np.max(error / goal) * accuracy:.2g} after {15 * used} momenta: ask for"
                " less accuracy, or raise the temperature or the coupling."
            )
        noise = np.zeros_like(along_z)
        np.add.at(noise, panels.stripe, along_y**2)
        clear = np.any(along_z > NOISE * np.sqrt(noise), axis=1)
        wide = _largest(along_z, STRIPES * goal) & clear
        going = wide[panels.stripe]
        poor = _largest(along_y, PANELS * goal) & ~going
        fresh = _halves(panels.chosen(poor))
        if np.any(wide):
            # new stripes start with the panels of the nearest momentum of the old
            old, first = np.flatnonzero(wide), len(stripes)
            new = _halved(stripes[old])
            parents = np.repeat(old, 2)
            kept = [_inherited(panels, int(parents[i]), new[i]) for i in range(len(new))]
            fresh = fresh.joined(_across(new, kept, first))
            stripes = np.concatenate([stripes, new])
        fresh = _evaluated(function, fresh, comm)
        used += len(fresh.qz)
        panels = panels.chosen(~(poor | going)).joined(fresh)


def _first(
    function: Function, stripes: Array, column: Array, accuracy: float, comm: Any
) -> tuple[Panels, int]:
    """Panels of all stripes and how many it took.

    q_y is cut at three momenta q_z first: those between take over the panels of the nearest.
    """
    empty = column[:0]
    start = [column if j in THREE else empty for j in range(15)]
    panels = _evaluated(function, _across(stripes, [start] * len(stripes), 0), comm)
    used = len(panels.qz)
    while used <= MOST_PANELS:
        weight = (panels.weight * N3[panels.node] / K15[panels.node])[:, None]
        goal = accuracy * sizes(np.sum(panels.value * weight, axis=0))
        # five times as many momenta with a fifth of the weight will have a smaller error
        poor = _largest(panels.error * weight, np.sqrt(5.0) * PANELS * goal)
        if not np.any(poor):
            break
        fresh = _evaluated(function, _halves(panels.chosen(poor)), comm)
        used += len(fresh.qz)
        panels = panels.chosen(~poor).joined(fresh)
    columns = [_inherited(panels, s, stripes[s]) for s in range(len(stripes))]
    columns = [[empty if j in THREE else c for j, c in enumerate(row)] for row in columns]
    fresh = _evaluated(function, _across(stripes, columns, 0), comm)
    return panels.joined(fresh), used + len(fresh.qz)


def _largest(errors: Array, goal: Array) -> np.ndarray:
    """Which of (k, m) errors to reduce so that the rest, as a sum of squares, is below the goal."""
    size = np.max(errors / goal, axis=1)
    order = np.argsort(size)
    rest = np.cumsum(size[order] ** 2)
    which = np.zeros(len(size), dtype=bool)
    which[order[rest > 1.0]] = True
    return which


def _errors(panels: Panels, stripes: int) -> tuple[Array, Array, Array]:
    """The integral (m,), and the errors of all stripes (s, m) and panels (p, m)."""
    at_node = np.zeros((stripes, 15, panels.value.shape[1]))
    np.add.at(at_node, (panels.stripe, panels.node), panels.value)
    half = np.zeros(stripes)
    half[panels.stripe] = panels.weight / K15[panels.node]
    along_z = _uncertain(at_node.swapaxes(0, 1)) * half[:, None]
    total = np.einsum("j,sjm->m", K15, at_node * half[:, None, None])
    return total, along_z, panels.error * panels.weight[:, None]


def _across(stripes: Array, columns: list[list[Array]], first: int) -> Panels:
    """Panels not yet evaluated, of ``columns`` (p, 2) at all 15 momenta q_z of every stripe."""
    counts: NDArray[np.intp] = np.array([[len(c) for c in of_nodes] for of_nodes in columns])
    s, j = (np.repeat(x.ravel(), counts.ravel()) for x in np.indices(counts.shape))
    ends = np.concatenate([c for of_nodes in columns for c in of_nodes])
    half = 0.5 * (stripes[s, 1] - stripes[s, 0])
    qz = stripes[s, 0] + half * (X15[j] + 1.0)
    none = np.zeros((len(s), 0))
    return Panels(ends, s + first, j, qz, half * K15[j], none, none)


def _inherited(panels: Panels, old: int, stripe: Array) -> list[Array]:
    """For all momenta q_z of a stripe, ends of the panels at the nearest one of the old stripe."""
    here = panels.chosen(panels.stripe == old)
    places = np.unique(here.qz)
    nodes = stripe[0] + 0.5 * (stripe[1] - stripe[0]) * (X15 + 1.0)
    nearest = places[np.argmin(np.abs(places - nodes[:, None]), axis=1)]
    return [here.ends[here.qz == z] for z in nearest]


def _halved(ends: Array) -> Array:
    """Both halves of intervals (p, 2), one after the other: (2 p, 2)."""
    low, high = ends.T
    middle = 0.5 * (low + high)
    return np.stack([low, middle, middle, high], axis=1).reshape(-1, 2)


def _halves(panels: Panels) -> Panels:
    """Both halves of all panels, not yet evaluated."""
    twice = panels.chosen(np.repeat(np.arange(len(panels.qz)), 2))
    twice.ends = _halved(panels.ends)
    twice.value = twice.error = np.zeros((len(twice.qz), 0))
    return twice


def _evaluated(function: Function, panels: Panels, comm: Any) -> Panels:
    """Integral and error of all panels, every rank taking some."""
    ranks, rank = (1, 0) if comm is None else (comm.size, comm.rank)
    count = len(panels.qz)
    mine = [_panel(function, panels.ends[i], panels.qz[i]) for i in range(rank, count, ranks)]
    if ranks > 1:
        shares = comm.allgather(mine)
        mine = [shares[i % ranks][i // ranks] for i in range(count)]
    panels.value, panels.error = (np.array(x) for x in zip(*mine, strict=True))
    return panels


def _panel(function: Function, ends: Array, qz: float) -> tuple[Array, Array]:
    low, half = ends[0], 0.5 * (ends[1] - ends[0])
    samples = function(low + half * (X15 + 1.0), np.full(15, qz)) * half
    return K15 @ samples, _uncertain(samples)


def _uncertain(samples: Array) -> Array:
    """Error of the Kronrod rule for samples (15, ...).

    Its difference from the Gauss rule, of degree 13, is the error of the latter; by how much that
    is below the difference from a rule of degree 5 tells how much better degree 23 must be.
    """
    gauss, five = (np.abs(np.tensordot(K15 - rule, samples, axes=1)) for rule in (G7, N5))
    ratio = np.divide(gauss, five, out=np.ones_like(gauss), where=five > 0.0)
    return np.asarray(gauss * np.minimum(1.0, CAUTION * ratio))
