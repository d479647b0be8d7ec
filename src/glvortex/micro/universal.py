"""The function of delta = Delta/E_R that gamma, chi and the spin susceptibility share at T = 0."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import hyp2f1

from glvortex.micro.checks import checked


@checked()
def universal(delta: ArrayLike) -> NDArray[np.float64]:
    """f = 1 - delta^2/F arccoth F, F = sqrt(1 + delta^2): 003 (18), 000 (48) and 000 (50) alike.

    ``delta`` >= 0 of any shape, the gap over the Rashba energy; dimensionless, same shape. f falls
    from 1 (delta -> 0) to 2/(3 delta^2). Written as the Gauss series (2u/3) 2F1(1/2, 1; 5/2; u) of
    u = 1/(1 + delta^2), which has no cancellation at either end.
    """
    u = 1.0 / (1.0 + np.square(np.asarray(delta, dtype=float)))
    return 2.0 / 3.0 * u * hyp2f1(0.5, 1.0, 2.5, u)


@checked()
def universal_complement(delta: ArrayLike) -> NDArray[np.float64]:
    """1 - f = delta^2/F arcsinh(1/delta), accurate also where f is close to 1; any shape."""
    delta = np.asarray(delta, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        # arcsinh(1/delta) = arccoth F; both limits are taken by hand
        value = delta * (delta / np.hypot(1.0, delta)) * np.arcsinh(1.0 / delta)
    value = np.where(delta == 0.0, 0.0, value)
    return np.where(np.isinf(delta), 1.0, value)[()]
