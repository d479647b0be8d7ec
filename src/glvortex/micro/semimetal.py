"""Two bands with any spin-orbit field d(k): the semimetals of 000 (20), for the exact engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from glvortex.errors import ParameterError
from glvortex.micro.nambu import Array, Matrices, Nambu, Zone, combine

Field = Callable[[Array, Array], tuple[Array, Array]]
Energy = Callable[[Array, Array], Array]

STEP = 1e-3  # of the momentum or its scale: differences of fourth order, 1e-12 of a smooth field
DIFFERENCE = ((1.0, 2.0 / 3.0), (2.0, -1.0 / 12.0))  # steps and weights, odd
PROBES = (0.31, 0.17), (-0.22, 0.45), (0.61, -0.38)


@dataclass(frozen=True, kw_only=True)
class Semimetal(Nambu):
    """h(k) = energy(k) - mu + d_x(k) sigma_y - d_y(k) sigma_x, units hbar = e = 1.

    ``field(kx, ky)`` gives (d_x, d_y) and ``energy(kx, ky)`` the part without spin (none: zero),
    both smooth and for arrays of any shape; d = v k is the Dirac surface. ``scale`` is the size of
    the momenta that matter: for momenta without end one beyond all Fermi momenta. ``zone`` holds
    two reciprocal lattice vectors of a field that repeats with them. ``temperature`` is k_B T.

        field = lambda kx, ky: (np.sin(kx), np.sin(ky))
        zone = ((2 * np.pi, 0.0), (0.0, 2 * np.pi))
        model = Semimetal(field=field, chemical_potential=0.3, temperature=0.05, zone=zone)
        exact.gradient_response(model, "current_y", "exchange_z")  # chi in e/hbar

    Raises ParameterError for values out of range or not finite, and for a gap or an exchange field
    where ``field`` is not odd or ``energy`` not even: a hole is then no time-reversed electron.
    """

    field: Field
    chemical_potential: float
    energy: Energy | None = None
    scale: float = 1.0
    zone: Zone | None = None
    gap: float = 0.0
    exchange: tuple[float, float, float] = (0.0, 0.0, 0.0)
    temperature: float = 0.0
    broadening: float = 0.0
    cutoff: float | None = None

    def __post_init__(self) -> None:
        self._check()
        if not self.scale > 0.0:
            raise ParameterError(f"scale must be positive, got {self.scale:g}.")
        if self.zone is not None and not (
            np.shape(self.zone) == (2, 2) and abs(np.linalg.det(np.asarray(self.zone))) > 0.0
        ):
            raise ParameterError("zone must hold two reciprocal lattice vectors that span a plane.")
        if (self.gap or any(self.exchange)) and not self._time_reversal:
            raise ParameterError(
                "gap and exchange need a field(k) that is odd and an energy(k) that is even in k:"
                " without time reversal a hole is no electron turned round."
            )

    @property
    def momentum_scale(self) -> float:
        """The scale, or the cutoff."""
        return self.scale if self.cutoff is None else self.cutoff

    @property
    def _time_reversal(self) -> bool:
        kx, ky = self.scale * np.array(PROBES).T
        here, there = (np.array([*self.field(s * kx, s * ky)]) for s in (1.0, -1.0))
        up, down = (self.even(s * kx, s * ky) for s in (1.0, -1.0))
        return np.allclose(here, -there) and np.allclose(up, down)

    def even(self, kx: Array, ky: Array) -> Array:
        """energy(k) less the chemical potential."""
        energy = 0.0 if self.energy is None else np.asarray(self.energy(kx, ky), dtype=float)
        return energy - self.chemical_potential + 0.0 * kx

    def vector(self, kx: Array, ky: Array) -> tuple[Array, Array, Array]:
        """(-d_y, d_x, 0)."""
        d_x, d_y = (np.asarray(d, dtype=float) + 0.0 * kx for d in self.field(kx, ky))
        return -d_y, d_x, 0.0 * kx

    def slope(self, kx: Array, ky: Array, axis: str) -> Matrices:
        """dh/dk_x or dh/dk_y by differences, shape (n, 2, 2)."""
        step = STEP * np.maximum(self.scale, np.hypot(kx, ky))
        x, y = (1.0, 0.0) if axis == "x" else (0.0, 1.0)
        total = np.zeros((4, *kx.shape))
        for many, weight in DIFFERENCE:
            for s in (many, -many):
                at = kx + s * step * x, ky + s * step * y
                total += np.sign(s) * weight * np.array([self.even(*at), *self.vector(*at)])
        return combine(*(total / step))
