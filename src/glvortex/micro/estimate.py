"""What integrals over momenta take and give."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Integrand = Callable[[Array, Array], tuple[Array, Array]]
"""kx, ky of shape (n,) -> values (n, m) and the size of what cancels in them (n, m)."""


class Estimate(NamedTuple):
    """``value`` with an estimate of its ``error`` and the number of momenta used."""

    value: Array
    error: Array
    evaluations: int
