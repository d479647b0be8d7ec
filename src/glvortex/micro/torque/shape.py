"""How the response of a magnetised Dirac surface depends on the direction of m, 002 (13).

In x = (beta m_z)^2 with the spin polarisation beta = Delta/eps_F: only m_z opens a gap, m_x and m_y
move the Dirac point. Both functions are 1 at x = 0.
"""

from __future__ import annotations

import numpy as np

from glvortex.micro.estimate import Array


def longitudinal(x: Array) -> Array:
    """(1 - x)/(1 + 3 x): conductivity, field-like torque and damping."""
    return (1.0 - x) / (1.0 + 3.0 * x)


def longitudinal_slope(x: Array) -> Array:
    """The derivative of `longitudinal`."""
    return np.asarray(-4.0 / (1.0 + 3.0 * x) ** 2)


def transverse(x: Array) -> Array:
    """(1 + x)/(1 + 3 x)^2: Hall conductivity and damping-like torque, over m_z."""
    return (1.0 + x) / (1.0 + 3.0 * x) ** 2
