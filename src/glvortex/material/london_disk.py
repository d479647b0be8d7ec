"""A uniformly magnetised disk in an infinite superconductor with |f| = 1, in closed form.

``b - kappa^2 lap b = -kappa^2 lap m^`` with ``m^`` inside the radius R only (X units: lengths in
xi, fields in Bc2), and K_n, I_n the modified Bessel functions of lengths over lambda = kappa xi.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import i1e, ive, k1e, kve

from glvortex.errors import ParameterError


@dataclass(frozen=True)
class MagnetisedDisk:
    """Radius in xi, magnetisation m^ in Bc2, and kappa.

    Raises ParameterError unless radius and kappa are positive.
    """

    radius: float
    magnetisation: float
    kappa: float

    def __post_init__(self) -> None:
        for name in ("radius", "kappa"):
            if not 0.0 < getattr(self, name) < np.inf:
                raise ParameterError(
                    f"{name} must be positive and finite, got {getattr(self, name):g}."
                )

    @property
    def _rho(self) -> float:
        return self.radius / self.kappa

    def field(self, r: ArrayLike) -> NDArray[np.float64]:
        """B in Bc2 at the distances r in xi (any shape); it jumps by m^ at the radius.

        Inside ``m^ rho K1(rho) I0(r/kappa)``, outside ``-m^ rho I1(rho) K0(r/kappa)``, with
        rho = R/kappa.
        """
        s, rho = np.asarray(r, dtype=float) / self.kappa, self._rho
        # scaled Bessel functions: nothing overflows in a large disk
        inner, outer = np.minimum(s, rho), np.maximum(s, rho)
        inside = k1e(rho) * ive(0, inner) * np.exp(inner - rho)
        outside = -i1e(rho) * kve(0, outer) * np.exp(rho - outer)
        return (self.magnetisation * rho * np.where(s < rho, inside, outside))[()]

    def effective_field(self, r: ArrayLike) -> NDArray[np.float64]:
        """h_eff = m^ - b in Bc2: what a vortex of charge +1 gains, to be compared with Hc1."""
        inside = np.asarray(r, dtype=float) < self.radius
        return self.magnetisation * inside - self.field(r)

    @property
    def energy(self) -> float:
        """``int a^2 + kappa^2 b^2 - 2 kappa^2 m^ b`` in X units: -kappa^2 times int m^ b."""
        strength = (self.magnetisation * self.kappa**2 * self._rho) ** 2
        return float(-2 * np.pi * strength * k1e(self._rho) * i1e(self._rho))
