"""The Rashba metal and the Dirac surface as models of the exact engine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glvortex.errors import ParameterError
from glvortex.micro.nambu import CHARGE, SPIN, Array, Matrices, Nambu, combine


@dataclass(frozen=True, kw_only=True)
class Electrons(Nambu):
    """A Rashba metal, or for ``inverse_mass`` = 0 a Dirac surface; ``temperature`` is k_B T.

    even = k^2/2m + quartic k^4 - mu and d . sigma = v (k_x sigma_y - k_y sigma_x)
    + [warping k_x (k_x^2 - 3 k_y^2) - in_plane k_y] sigma_z, with v = ``rashba`` = -lambda e E_z
    and in_plane = lambda e E_x of 003.

    ``broadening`` is the level width Gamma of the self-energy i Gamma sgn(w_n), 000 (C3); it does
    not renormalise the gap. ``cutoff`` ends momentum integrals that have no end (a Dirac surface
    with mass, 000 (40); any band with warping and without ``quartic`` needs one).

    Raises ParameterError for values out of range or not finite, for warping without end, and for a
    sharp Fermi surface, which needs a small temperature or broadening: the limit T -> 0 of a normal
    state is not its value at T = 0.
    """

    chemical_potential: float
    rashba: float
    gap: float = 0.0
    inverse_mass: float = 1.0
    quartic: float = 0.0
    warping: float = 0.0
    in_plane: float = 0.0
    exchange: tuple[float, float, float] = (0.0, 0.0, 0.0)
    temperature: float = 0.0
    broadening: float = 0.0
    cutoff: float | None = None

    def __post_init__(self) -> None:
        self._check()
        for name in ("inverse_mass", "quartic"):
            if not getattr(self, name) >= 0.0:
                raise ParameterError(f"{name} must not be negative, got {getattr(self, name):g}.")
        if self.inverse_mass == 0.0 and self.rashba == 0.0:
            raise ParameterError("inverse_mass and rashba must not both be zero: no dispersion.")
        if self.warping != 0.0 and self.quartic == 0.0 and self.cutoff is None:
            raise ParameterError(
                "warping outweighs k^2 at large momenta, so that the bands have no end: give a"
                " cutoff, or a quartic term."
            )

    @property
    def isotropic(self) -> bool:
        """Whether rotating momentum and spin together changes nothing."""
        return self.warping == 0.0 and self.in_plane == 0.0 and self.exchange[:2] == (0.0, 0.0)

    @property
    def momentum_scale(self) -> float:
        """A momentum beyond all Fermi momenta, or the cutoff."""
        if self.cutoff is not None:
            return self.cutoff
        v, inverse_mass = abs(self.rashba) + abs(self.in_plane), self.inverse_mass
        exchange = float(np.linalg.norm(self.exchange))
        energy = abs(self.chemical_potential) + exchange + 4.0 * self.resolution
        if inverse_mass == 0.0:
            scale = 1.2 * energy / abs(self.rashba)
        else:
            scale = 1.2 * (v + np.sqrt(v**2 + 2.0 * energy * inverse_mass)) / inverse_mass
        if self.warping:  # k^4 outweighs k^3 beyond
            scale = max(scale, 2.0 * abs(self.warping) / self.quartic)
        return float(scale)

    def even(self, kx: Array, ky: Array) -> Array:
        """Kinetic energy less the chemical potential."""
        square = kx**2 + ky**2
        kinetic = (0.5 * self.inverse_mass + self.quartic * square) * square
        return kinetic - self.chemical_potential

    def vector(self, kx: Array, ky: Array) -> tuple[Array, Array, Array]:
        """Rashba and in-plane field, warping."""
        out_of_plane = self.warping * kx * (kx**2 - 3.0 * ky**2) - self.in_plane * ky
        return -self.rashba * ky, self.rashba * kx, out_of_plane

    def slope(self, kx: Array, ky: Array, axis: str) -> Matrices:
        """dh/dk_x or dh/dk_y of the electrons, shape (n, 2, 2)."""
        along = kx if axis == "x" else ky
        even = (self.inverse_mass + 4.0 * self.quartic * (kx**2 + ky**2)) * along
        if axis == "x":
            return combine(
                even, 0.0 * kx, self.rashba + 0.0 * kx, 3.0 * self.warping * (kx**2 - ky**2)
            )
        odd = -6.0 * self.warping * kx * ky - self.in_plane
        return combine(even, -self.rashba + 0.0 * kx, 0.0 * kx, odd)

    def operator(self, name: str, kx: Array, ky: Array) -> Matrices:
        """As of every model, and the source in_plane."""
        if name == "in_plane":
            return -ky[..., None, None] * (CHARGE @ SPIN["z"])
        return super().operator(name, kx, ky)

    def derivative(self, name: str, source: str, kx: Array, ky: Array) -> Matrices | None:
        """d(observable)/d(source): the part of the current that a source adds, or None."""
        if source == "in_plane" and name in ("current_y", "current_y_spin"):
            return np.broadcast_to(SPIN["z"], (*kx.shape, 4, 4))
        return None
