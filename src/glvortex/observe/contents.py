"""Vortices inside the inclusions and between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

Content = Literal["none", "inside", "between", "both"]


@dataclass(frozen=True)
class Contents:
    """How many vortices of either sign are inside inclusions, and between them."""

    inside: int
    between: int

    @property
    def word(self) -> Content:
        """Which of the two there are."""
        if not self.inside:
            return "between" if self.between else "none"
        return "both" if self.between else "inside"


def contents_of(edge_distances: ArrayLike, edge_width: float) -> Contents:
    """Count vortices by their distances to the nearest mid-edge line, negative inside.

    Inside is what is closer than half the edge width d/2: the edge region belongs to the inclusion.
    """
    inside = np.asarray(edge_distances, dtype=float) < edge_width / 2
    return Contents(int(inside.sum()), int((~inside).sum()))
