"""Magnetic moments and flux, integrated from the fields of a state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import ufl
from dolfinx import fem
from scipy.constants import mu_0

from glvortex.fem.energy import GinzburgLandau
from glvortex.material import Coefficients


@dataclass(frozen=True)
class Moments:
    """Moments along z by origin, in Bc2 xi^2/mu0 per unit length along z (two dimensions).

    Attributes:
        gamma: of the current ``-|f|^2 a~/kappa^2`` that the pseudo-gauge field drives.
        magnetisation: of m^ (spin and chi).
        screening: of the rest of the supercurrent, ``-Im(f* (grad + i a) f)/kappa^2``.

    """

    gamma: float
    magnetisation: float
    screening: float

    @property
    def total(self) -> float:
        """Sum of all."""
        return self.gamma + self.magnetisation + self.screening


def moments(functional: GinzburgLandau) -> Moments:
    """Integrate ``1/2 r x j`` and m^ over the sample (docs/theory.md, section 7); collective."""
    state = functional.interpolant
    density = state.density
    gamma = -functional.inside * density * functional.pseudo_gauge
    screening = -functional.inside * (state.current - density * functional.pseudo_gauge)
    scale = functional.kappa**-2
    return Moments(
        gamma=scale * _moment(functional, gamma),
        magnetisation=_integral(functional, functional.magnetisation),
        screening=scale * _moment(functional, screening),
    )


def flux(functional: GinzburgLandau) -> float:
    """Flux of b through the sample in Phi0; collective."""
    return _integral(functional, functional.b) / (2 * np.pi)


def moment_unit(coefficients: Coefficients) -> float:
    """Bc2 xi^2/mu0 times the layer spacing: the unit of ``Moments`` in A m^2 per layer."""
    c = coefficients
    return c.bc2 * c.coherence_length**2 / mu_0 * c.layer_spacing


def _moment(functional: GinzburgLandau, current: Any) -> float:
    x = ufl.SpatialCoordinate(functional.space.mesh)
    return _integral(functional, (x[0] * current[1] - x[1] * current[0]) / 2)


def _integral(functional: GinzburgLandau, density: Any) -> float:
    return functional.integrate(fem.form(density * functional.dx))
