"""Critical fields and currents that follow from kappa and the two lengths."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.constants import e, h, mu_0

from glvortex.errors import ParameterError
from glvortex.material.isolated_vortex import isolated_vortex
from glvortex.material.neutral_vortex import neutral_core_constant

FLUX_QUANTUM = h / (2.0 * e)
"""Phi0 = h/2e in Wb."""


def vortex_line_energy(kappa: ArrayLike) -> NDArray[np.float64]:
    """Line energy e1 of one isolated vortex, in Phi0^2/(4 pi mu0 lambda^2).

    Hc1/Hc2 = e1/(2 kappa^2). ``kappa`` may have any shape; the result has the same. e1 is that of
    `isolated_vortex`, 1 at kappa = 1/sqrt2; above kappa = 1e8 its limit, ln kappa + 0.49681341.

    Raises ParameterError unless every kappa is positive and finite.
    """
    kappa = np.asarray(kappa, dtype=float)
    distinct, which = np.unique(kappa, return_inverse=True)
    energies = np.array([_line_energy(float(k)) for k in distinct])
    return energies[which].reshape(kappa.shape)[()]


def _line_energy(kappa: float) -> float:
    if 1e8 < kappa < np.inf:
        # the core sees no field, and K0(x) -> ln 2 - gamma_E - ln x
        return float(np.log(2.0 * kappa) - np.euler_gamma) + neutral_core_constant()
    return isolated_vortex(kappa).line_energy


def upper_critical_field(coherence_length: ArrayLike) -> NDArray[np.float64]:
    """Bc2 = Phi0/(2 pi xi^2) in T, for xi in m (any shape)."""
    return FLUX_QUANTUM / (2.0 * np.pi * np.square(np.asarray(coherence_length, dtype=float)))


def lower_critical_field(london_lambda: ArrayLike, kappa: ArrayLike) -> NDArray[np.float64]:
    """Hc1 = Phi0 e1(kappa)/(4 pi mu0 lambda^2) in A/m, for lambda in m; the arguments broadcast."""
    area = 4.0 * np.pi * mu_0 * np.square(np.asarray(london_lambda, dtype=float))
    return FLUX_QUANTUM * vortex_line_energy(kappa) / area


def thermodynamic_critical_field(kappa: ArrayLike, t: ArrayLike = 1.0) -> NDArray[np.float64]:
    """Hc = t/(sqrt2 kappa), over Hc2 at t = 1; the arguments broadcast.

    Hc1 < Hc < Hc2 for kappa > 1/sqrt2; the three meet there.

    Raises ParameterError unless every kappa is positive.
    """
    kappa = np.asarray(kappa, dtype=float)
    if not np.all(kappa > 0.0):
        raise ParameterError(f"kappa must be positive, got {kappa.min():g}.")
    return (np.maximum(t, 0.0) / (np.sqrt(2.0) * kappa))[()]


def depairing_current(t: ArrayLike = 1.0) -> NDArray[np.float64]:
    """Largest uniform current ``|f|^2 q = (t - q^2) q``, 2 (t/3)^(3/2), at q = sqrt(t/3).

    In units of Bc2/(mu0 xi kappa^2), any shape; 0 where t < 0.
    """
    return (2.0 * (np.maximum(t, 0.0) / 3.0) ** 1.5)[()]
