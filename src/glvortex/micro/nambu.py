"""The 4x4 Nambu Hamiltonian of one layer with spin-orbit coupling: matrices over momenta.

Units hbar = e = 1 and any one unit of energy and of length. Nambu basis of 003 (14) and 000 (7),
spin inside, particle-hole outside, so that a time-reversal even h(k) enters as tau_z h(k):

    H = tau_z [even(k) + d(k) . sigma] + gap tau_x - exchange . sigma

`electrons.Electrons` is the Rashba metal and the Dirac surface, `semimetal.Semimetal` has any d(k).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from glvortex.errors import ParameterError

Array = NDArray[np.float64]
Matrices = NDArray[np.complex128]
Zone = tuple[tuple[float, float], tuple[float, float]]

ONE = np.eye(2, dtype=complex)
SIGMA = {
    "x": np.array([[0, 1], [1, 0]], dtype=complex),
    "y": np.array([[0, -1j], [1j, 0]]),
    "z": np.diag([1.0, -1.0]).astype(complex),
}
SPIN: dict[str, Matrices] = {axis: np.kron(ONE, matrix) for axis, matrix in SIGMA.items()}
PAIRING = np.kron(SIGMA["x"], ONE)
CHARGE: Matrices = np.kron(SIGMA["z"], ONE)


class Nambu(ABC):
    """What the exact engine asks of a model; energies as the fields of its dataclass."""

    chemical_potential: float
    gap: float
    exchange: tuple[float, float, float]
    temperature: float
    broadening: float
    cutoff: float | None
    zone: Zone | None = None

    @abstractmethod
    def even(self, kx: Array, ky: Array) -> Array:
        """The part of h(k) without spin, chemical potential taken off; any shape."""

    @abstractmethod
    def vector(self, kx: Array, ky: Array) -> tuple[Array, Array, Array]:
        """d(k), what multiplies the Pauli matrices in h(k); any shape."""

    @abstractmethod
    def slope(self, kx: Array, ky: Array, axis: str) -> Matrices:
        """dh/dk_x or dh/dk_y of the electrons, shape (n, 2, 2)."""

    @property
    def isotropic(self) -> bool:
        """Whether rotating momentum and spin together changes nothing."""
        return False

    @property
    @abstractmethod
    def momentum_scale(self) -> float:
        """A momentum beyond all Fermi momenta, or the cutoff."""

    @property
    def resolution(self) -> float:
        """The energy over which occupations change at the Fermi momenta."""
        return max(self.gap, self.temperature, self.broadening)

    def _check(self) -> None:
        """What holds for every model: finite numbers, energies of the right sign, no sharp step."""
        for field in fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if value is not None and not callable(value) and not np.all(np.isfinite(value)):
                raise ParameterError(f"{field.name} must be finite, got {value}.")
        for name in ("gap", "temperature", "broadening"):
            if not getattr(self, name) >= 0.0:
                raise ParameterError(f"{name} must not be negative, got {getattr(self, name):g}.")
        if self.cutoff is not None and not self.cutoff > 0.0:
            raise ParameterError(f"cutoff must be positive, got {self.cutoff:g}.")
        if self.resolution == 0.0:
            raise ParameterError(
                "gap, temperature and broadening must not all be zero: take a small temperature for"
                " the normal state, or a small gap for the superconductor, whose limits differ."
            )

    def electron_bands(self, kx: Array, ky: Array) -> Array:
        """Energies of the normal state that cross zero at the Fermi momenta, (..., 2) or (..., 4).

        Without exchange field both energies of h(k); with one also those of the holes, whose spins
        it turns the other way: even +- |d - b| and even +- |d + b|.
        """
        even = self.even(kx, ky)
        d = self.vector(kx, ky)
        bands = []
        for sign in (1.0, -1.0) if any(self.exchange) else (1.0,):
            x, y, z = (c - sign * b for c, b in zip(d, self.exchange, strict=True))
            split = np.hypot(np.hypot(x, y), z)
            bands += [even - split, even + split]
        return np.stack(bands, axis=-1)

    def hamiltonian(self, kx: Array, ky: Array) -> Matrices:
        """H at momenta of shape (n,), shape (n, 4, 4)."""
        h = combine(self.even(kx, ky), *self.vector(kx, ky))
        matrix = np.zeros((*kx.shape, 4, 4), dtype=complex)
        matrix[..., :2, :2], matrix[..., 2:, 2:] = h, -h
        matrix += self.gap * PAIRING
        for strength, axis in zip(self.exchange, "xyz", strict=True):
            matrix -= strength * SPIN[axis]
        return matrix

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
        in_plane of `Electrons`.
        """
        kind, _, rest = name.partition("_")
        if kind in ("spin", "exchange") and rest in SPIN:
            sign = 1.0 if kind == "spin" else -1.0
            return np.broadcast_to(sign * SPIN[rest], (*kx.shape, 4, 4))
        if name == "charge":
            return np.broadcast_to(CHARGE, (*kx.shape, 4, 4))
        if kind == "vector" and rest in ("potential_x", "potential_y"):
            return -self._current(rest[-1], "", kx, ky)
        axis, _, part = rest.partition("_")
        if kind == "current" and axis in ("x", "y") and part in ("", "kinetic", "spin"):
            return self._current(axis, part, kx, ky)
        raise ParameterError(f"there is no observable or source '{name}'.")

    def derivative(self, name: str, source: str, kx: Array, ky: Array) -> Matrices | None:
        """d(observable)/d(source): the part of the current that a source adds, or None."""
        return None

    def _current(self, axis: str, part: str, kx: Array, ky: Array) -> Matrices:
        slope = self.slope(kx, ky, axis)
        even = 0.5 * np.trace(slope, axis1=-2, axis2=-1)[..., None, None] * ONE
        slope = {"": slope, "kinetic": even, "spin": slope - even}[part]
        matrix = np.zeros((*kx.shape, 4, 4), dtype=complex)
        matrix[..., :2, :2] = matrix[..., 2:, 2:] = -slope
        return matrix


def combine(even: Array, x: Array, y: Array, z: Array) -> Matrices:
    """even + x sigma_x + y sigma_y + z sigma_z, shape (..., 2, 2)."""
    result = np.empty((*even.shape, 2, 2), dtype=complex)
    result[..., 0, 0], result[..., 1, 1] = even + z, even - z
    result[..., 0, 1], result[..., 1, 0] = x - 1j * y, x + 1j * y
    return result
