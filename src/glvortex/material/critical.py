"""Line energy of one vortex and the critical fields that follow from kappa and the two lengths."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.constants import e, h, mu_0

from glvortex.errors import ParameterError

FLUX_QUANTUM = h / (2.0 * e)
"""Phi0 = h/2e in Wb."""


def vortex_line_energy(kappa: ArrayLike) -> NDArray[np.float64]:
    """Line energy e1 = ln kappa + alpha of one isolated vortex, in Phi0^2/(4 pi mu0 lambda^2).

    ``kappa`` may have any shape; the result has the same. alpha is a fit to the radial
    Ginzburg-Landau solution: e1 is within 1e-3 of it for kappa from 1/sqrt2 to 50 (largest at
    1/sqrt2), 3e-3 low at kappa = 0.5; for large kappa alpha -> 0.49693. Hc1/Hc2 = e1/(2 kappa^2).
    Below kappa = 0.5 the fit says nothing: nan.

    Raises ParameterError unless every kappa is positive.
    """
    kappa = np.asarray(kappa, dtype=float)
    if not np.all(kappa > 0.0):
        raise ParameterError(f"kappa must be positive, got {kappa.min():g}.")
    log = np.log(kappa)
    alpha = 0.49693 + np.exp(-0.41477 - 0.775 * log - 0.1303 * log**2)
    return np.where(kappa < 0.5, np.nan, log + alpha)[()]


def upper_critical_field(coherence_length: ArrayLike) -> NDArray[np.float64]:
    """Bc2 = Phi0/(2 pi xi^2) in T, for xi in m (any shape)."""
    return FLUX_QUANTUM / (2.0 * np.pi * np.square(np.asarray(coherence_length, dtype=float)))


def lower_critical_field(london_lambda: ArrayLike, kappa: ArrayLike) -> NDArray[np.float64]:
    """Hc1 = Phi0 e1(kappa)/(4 pi mu0 lambda^2) in A/m, for lambda in m; the arguments broadcast."""
    area = 4.0 * np.pi * mu_0 * np.square(np.asarray(london_lambda, dtype=float))
    return FLUX_QUANTUM * vortex_line_energy(kappa) / area
