"""The core energy of a vortex without screening, by the radial equation.

``f(r) exp(-i n phi)`` in a disk of radius R costs ``2 pi (n^2 ln R + c_n)`` for R much larger than
xi (X units, the uniform state at zero): ``int [f'^2 + n^2 f^2/r^2 + (1 - f^2)^2/2] r dr``.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from glvortex.errors import NotConvergedError, ParameterError
from glvortex.material.elements import Array, Elements, graded_breaks, minimise

_DEGREE = 14
_RADIUS = 1e7  # what is left out is of order 1/R^2


@lru_cache
def neutral_core_constant(winding: int = 1) -> float:
    """c_n of a neutral n-vortex, n = winding >= 1; cached.

    Raises ParameterError for a bad winding, NotConvergedError if c_n still changes by 1e-10 with
    the degree of the elements.
    """
    if winding < 1:
        raise ParameterError(f"winding must be a positive integer, got {winding}.")
    breaks = graded_breaks(1.0, 1.0, 1.5 * winding + 2.0, _RADIUS)
    coarse, fine = (_core(Elements(breaks, p), winding) for p in (_DEGREE, _DEGREE + 4))
    if abs(fine - coarse) > 1e-10:
        raise NotConvergedError(f"c_{winding} is known to {abs(fine - coarse):.0e} only.")
    return fine


def _core(elements: Elements, winding: int) -> float:
    r = elements.points

    def density(values: Array, slopes: Array) -> tuple[Array, Array, Array]:
        f, df = values[0], slopes[0]
        flow2 = (winding / r) ** 2
        energy = r * (df**2 + flow2 * f**2 + (1 - f**2) ** 2 / 2)
        gradient = 2 * r * np.array([f * (flow2 - 1 + f**2), df])
        o = np.zeros_like(r)
        return energy, gradient, 2 * np.array([[r * (flow2 - 1 + 3 * f**2), o], [o, r]])

    nodes = elements.nodes
    start = ((nodes / np.hypot(nodes, winding)) ** winding)[None]
    free = np.ones_like(start, dtype=bool)
    free[0, 0] = False  # f = 0 on the axis
    energy = minimise(elements, density, start, free)[1]
    return energy - winding**2 * float(np.log(elements.breaks[-1]))
