"""The 4x4 Nambu Hamiltonian of one layer with Rashba coupling: matrices over momenta.

Units hbar = e = 1 and any one unit of energy and of length. Nambu basis of 003 (14) and 000 (7),
spin inside, particle-hole outside, so that a time-reversal even h(k) enters as tau_z h(k):

    H = tau_z [k^2/2m + quartic k^4 - mu + v (k_x sigma_y - k_y sigma_x)
               + warping k_x (k_x^2 - 3 k_y^2) sigma_z - in_plane k_y sigma_z]
        + gap tau_x - exchange . sigma

with v = -lambda e E_z and in_plane = lambda e E_x of 003; ``inverse_mass`` = 0 is the Dirac
surface.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from glvortex.errors import ParameterError

Array = NDArray[np.float64]
Matrices = NDArray[np.complex128]

ONE = np.eye(2, dtype=complex)
SIGMA = {
    "x": np.array([[0, 1], [1, 0]], dtype=complex),
    "y": np.array([[0, -1j], [1j, 0]]),
    "z": np.diag([1.0, -1.0]).astype(complex),
}
SPIN: dict[str, Matrices] = {axis: np.kron(ONE, matrix) for axis, matrix in SIGMA.items()}
PAIRING = np.kron(SIGMA["x"], ONE)
CHARGE: Matrices = np.kron(SIGMA["z"], ONE)


@dataclass(frozen=True, kw_only=True)
class Electrons:
    """Parameters of the Hamiltonian above, all floats; ``temperature`` is k_B T.

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
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None and not np.all(np.isfinite(value)):
                raise ParameterError(f"{field.name} must be finite, got {value}.")
        for name in ("gap", "inverse_mass", "quartic", "temperature", "broadening"):
            if not getattr(self, name) >= 0.0:
                raise ParameterError(f"{name} must not be negative, got {getattr(self, name):g}.")
        if self.cutoff is not None and not self.cutoff > 0.0:
            raise ParameterError(f"cutoff must be positive, got {self.cutoff:g}.")
        if self.inverse_mass == 0.0 and self.rashba == 0.0:
            raise ParameterError("inverse_mass and rashba must not both be zero: no dispersion.")
        if self.warping != 0.0 and self.quartic == 0.0 and self.cutoff is None:
            raise ParameterError(
                "warping outweighs k^2 at large momenta, so that the bands have no end: give a"
                " cutoff, or a quartic term."
            )
        if max(self.gap, self.temperature, self.broadening) == 0.0:
            raise ParameterError(
                "gap, temperature and broadening must not all be zero: take a small temperature for"
                " the normal state, or a small gap for the superconductor, whose limits differ."
            )

    @property
    def isotropic(self) -> bool:
        """Whether rotating momentum and spin together changes nothing."""
        return self.warping == 0.0 and self.in_plane == 0.0 and self.exchange[:2] == (0.0, 0.0)

    @property
    def resolution(self) -> float:
        """The energy over which occupations change at the Fermi momenta."""
        return max(self.gap, self.temperature, self.broadening)

    def electron_bands(self, kx: Array, ky: Array) -> Array:
        """Energies of the normal state that cross zero at the Fermi momenta, (..., 2) or (..., 4).

        Without exchange field both energies of h(k); with one also those of the holes, whose spins
        it turns the other way: even +- |d - b| and even +- |d + b|.
        """
        even = self._even(kx, ky)
        d = (-self.rashba * ky, self.rashba * kx, self._out_of_plane(kx, ky))
        bands = []
        for sign in (1.0, -1.0) if any(self.exchange) else (1.0,):
            x, y, z = (c - sign * b for c, b in zip(d, self.exchange, strict=True))
            split = np.hypot(np.hypot(x, y), z)
            bands += [even - split, even + split]
        return np.stack(bands, axis=-1)

    def hamiltonian(self, kx: Array, ky: Array) -> Matrices:
        """H at momenta of shape (n,), shape (n, 4, 4)."""
        h = _combine(
            self._even(kx, ky), -self.rashba * ky, self.rashba * kx, self._out_of_plane(kx, ky)
        )
        matrix = np.zeros((*kx.shape, 4, 4), dtype=complex)
        matrix[..., :2, :2], matrix[..., 2:, 2:] = h, -h
        matrix += self.gap * PAIRING
        for strength, axis in zip(self.exchange, "xyz", strict=True):
            matrix -= strength * SPIN[axis]
        return matrix

    def slope(self, kx: Array, ky: Array, axis: str) -> Matrices:
        """dh/dk_x or dh/dk_y of the electrons, shape (n, 2, 2)."""
        along = kx if axis == "x" else ky
        even = (self.inverse_mass + 4.0 * self.quartic * (kx**2 + ky**2)) * along
        if axis == "x":
            return _combine(
                even, 0.0 * kx, self.rashba + 0.0 * kx, 3.0 * self.warping * (kx**2 - ky**2)
            )
        odd = -6.0 * self.warping * kx * ky - self.in_plane
        return _combine(even, -self.rashba + 0.0 * kx, 0.0 * kx, odd)

    def velocity(self, kx: Array, ky: Array, axis: str) -> Matrices:
        """dH/dk of the Nambu Hamiltonian, shape (n, 4, 4)."""
        slope = self.slope(kx, ky, axis)
        matrix = np.zeros((*kx.shape, 4, 4), dtype=complex)
        matrix[..., :2, :2], matrix[..., 2:, 2:] = slope, -slope
        return matrix

    def operator(self, name: str, kx: Array, ky: Array) -> Matrices:
        """An observable or the change of H per unit of a source, shape (n, 4, 4).

        Observables: spin_x, spin_y, spin_z; current_x, current_y, and with the ending _kinetic or
        _spin only the part k/m or the part that acts on spin (charge -1, 003 (15) without its 1/2);
        charge (tau_z: electrons per momentum less one, twice counted).
        Sources: exchange_x, exchange_y, exchange_z; vector_potential_x, vector_potential_y;
        in_plane.
        """
        kind, _, rest = name.partition("_")
        if kind in ("spin", "exchange") and rest in SPIN:
            sign = 1.0 if kind == "spin" else -1.0
            return np.broadcast_to(sign * SPIN[rest], (*kx.shape, 4, 4))
        if name == "charge":
            return np.broadcast_to(CHARGE, (*kx.shape, 4, 4))
        if name == "in_plane":
            return -ky[..., None, None] * (CHARGE @ SPIN["z"])
        if kind == "vector" and rest in ("potential_x", "potential_y"):
            return -self._current(rest[-1], "", kx, ky)
        axis, _, part = rest.partition("_")
        if kind == "current" and axis in ("x", "y") and part in ("", "kinetic", "spin"):
            return self._current(axis, part, kx, ky)
        raise ParameterError(f"there is no observable or source '{name}'.")

    def derivative(self, name: str, source: str, kx: Array, ky: Array) -> Matrices | None:
        """d(observable)/d(source): the part of the current that a source adds, or None."""
        if source == "in_plane" and name in ("current_y", "current_y_spin"):
            return np.broadcast_to(SPIN["z"], (*kx.shape, 4, 4))
        return None

    def _current(self, axis: str, part: str, kx: Array, ky: Array) -> Matrices:
        slope = self.slope(kx, ky, axis)
        even = 0.5 * np.trace(slope, axis1=-2, axis2=-1)[..., None, None] * ONE
        slope = {"": slope, "kinetic": even, "spin": slope - even}[part]
        matrix = np.zeros((*kx.shape, 4, 4), dtype=complex)
        matrix[..., :2, :2] = matrix[..., 2:, 2:] = -slope
        return matrix

    def _even(self, kx: Array, ky: Array) -> Array:
        square = kx**2 + ky**2
        kinetic = (0.5 * self.inverse_mass + self.quartic * square) * square
        return kinetic - self.chemical_potential

    def _out_of_plane(self, kx: Array, ky: Array) -> Array:
        return self.warping * kx * (kx**2 - 3.0 * ky**2) - self.in_plane * ky


def _combine(even: Array, x: Array, y: Array, z: Array) -> Matrices:
    """even + x sigma_x + y sigma_y + z sigma_z, shape (..., 2, 2)."""
    result = np.empty((*even.shape, 2, 2), dtype=complex)
    result[..., 0, 0], result[..., 1, 1] = even + z, even - z
    result[..., 0, 1], result[..., 1, 0] = x - 1j * y, x + 1j * y
    return result
