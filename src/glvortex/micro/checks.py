"""What arguments of the closed forms must be."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glvortex.errors import ParameterError


def positive(value: ArrayLike, name: str, unit: str, why: str = "") -> NDArray[np.float64]:
    """``value`` as an array; raises ParameterError unless all of it is above zero."""
    array = np.asarray(value, dtype=float)
    if not np.all(array > 0.0):
        raise ParameterError(f"{name} must be positive, got {np.min(array):g} {unit}{why}.")
    return array
