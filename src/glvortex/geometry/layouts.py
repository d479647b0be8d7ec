"""Ways to place inclusions: regular arrays, at random, from a table; lengths in any one unit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from glvortex.errors import ParameterError
from glvortex.geometry.sample import Floats, Sample
from glvortex.geometry.tables import read_table

_PATIENCE = 200  # rounds of a hundred random places, none of them free, before giving up
_NEEDED = ("x", "y", "radius", "sign")
_OPTIONAL = ("moment", "charge", "pseudo_gauge", "magnetisation")


def square(count: tuple[int, int], spacing: float) -> Floats:
    """Centres of a square array of (columns, rows) about the origin, shape (n, 2)."""
    columns, rows = count
    x = (np.arange(columns) - (columns - 1) / 2) * spacing
    y = (np.arange(rows) - (rows - 1) / 2) * spacing
    return np.array([(xi, yi) for yi in y for xi in x]).reshape(-1, 2)


def triangular(count: tuple[int, int], spacing: float) -> Floats:
    """Centres of a triangular array of (columns, rows) about the origin, shape (n, 2).

    Rows run along x; every other row is shifted by half the spacing, so that each inclusion has its
    nearest neighbours at the distance `spacing`.
    """
    centres = square(count, spacing)
    centres[:, 1] *= math.sqrt(3) / 2
    odd = np.repeat(np.arange(count[1]) % 2, count[0])
    shift = np.where(odd == 1, spacing / 4, -spacing / 4) if count[1] > 1 else 0.0
    centres[:, 0] += shift
    return centres


def random(
    sample: Sample, outer_radius: float, count: int, minimum_distance: float, seed: int
) -> Floats:
    """Centres drawn one after the other, uniformly wherever there is still room, shape (count, 2).

    Centres keep `minimum_distance` from each other; edge regions keep half of what that leaves
    between two neighbours from the boundary. The same seed gives the same centres.

    Raises:
        ParameterError: the inclusions do not fit (random placing jams at about half the area).
    """
    xmin, ymin, xmax, ymax = sample.bounds
    margin = max(minimum_distance / 2, outer_radius)
    draw = np.random.default_rng(seed)
    centres: Floats = np.empty((0, 2))
    idle = 0
    while len(centres) < count and idle < _PATIENCE:
        # candidates by the hundred, then one after the other: the same law as one by one, but fast
        candidates = draw.uniform((xmin, ymin), (xmax, ymax), size=(100, 2))
        candidates = candidates[sample.contains(candidates, margin)]
        candidates = candidates[_far(candidates, centres, minimum_distance)]
        new: Floats = np.empty((0, 2))
        for candidate in candidates:
            if _far(candidate[None], new, minimum_distance)[0]:
                new = np.vstack([new, candidate])
        centres = np.vstack([centres, new])[:count]
        idle = 0 if len(new) else idle + 1
    if len(centres) == count:
        return centres
    raise ParameterError(
        f"only {len(centres)} of {count} inclusions could be placed at random with centres "
        f"{minimum_distance:g} xi apart; take fewer, a smaller distance or a larger sample."
    )


def _far(points: Floats, others: Floats, distance: float) -> NDArray[np.bool_]:
    """True for each of the points that is at least `distance` away from all others."""
    return (cdist(points, others) >= distance).all(axis=1)


@dataclass(frozen=True)
class Table:
    """Inclusions read from a file or drawn, arrays (n,); None for a column that is not there.

    Attributes:
        x, y, radius: centres and mid-edge radii.
        sign: sense of the moment, +1 along +z or -1.
        moment: factor on exchange field, pseudo-gauge field and magnetisation.
        charge: factor on the potential step, and so on the pseudo-gauge field alone.
        pseudo_gauge, magnetisation: in place of those that all inclusions have.
    """

    x: Floats
    y: Floats
    radius: Floats
    sign: Floats
    moment: Floats | None = None
    charge: Floats | None = None
    pseudo_gauge: Floats | None = None
    magnetisation: Floats | None = None


def from_csv(path: Path) -> Table:
    """Read a table of inclusions: a header line, then one inclusion per line; # starts a comment.

    Columns in any order: x, y, radius, sign (1 or -1) and, optionally, moment and charge, factors
    that are 1 where they are left out, and pseudo_gauge and magnetisation, both for a full moment
    along +z and a charge of 1 (sign and factors are applied later).

    Raises:
        ParameterError: no such file, or the line and what is wrong with it.
    """
    rows = []
    for number, _, row in read_table(path, _NEEDED, _OPTIONAL, "inclusion"):
        if row["radius"] <= 0.0:
            raise ParameterError(f"{path}, line {number}: radius must be greater than 0.")
        rows.append(row)
    return Table(**{name: np.array([row[name] for row in rows]) for name in rows[0]})


def drawn(
    centres: Floats,
    radius: float,
    seed: int,
    *,
    radius_spread: float = 0.0,
    charge_spread: float = 0.0,
    opposite_charge: float = 0.0,
) -> Table:
    """Inclusions at these centres, each with a radius and a charge of its own.

    Radii and charges are drawn evenly from 1 - spread to 1 + spread times the given radius and a
    charge of 1; each charge is of the other sign with the probability ``opposite_charge``. The same
    seed gives the same inclusions.
    """
    draw = np.random.default_rng([seed, 1])  # centres keep a stream of their own
    sizes, strengths, sides = draw.random((3, len(centres)))
    charge = 1 + charge_spread * (2 * strengths - 1)
    return Table(
        centres[:, 0],
        centres[:, 1],
        radius=radius * (1 + radius_spread * (2 * sizes - 1)),
        sign=np.ones(len(centres)),
        charge=np.where(sides < opposite_charge, -charge, charge),
    )
