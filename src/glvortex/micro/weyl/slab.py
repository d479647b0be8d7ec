"""A slab of Dirac electrons in a chiral gauge field: the lattice model 004 (2).

Units hbar = e = lattice constant = 1, and energies in the unit of ``velocity``. Orbitals of a site
are ordered (L up, L down, R up, R down), chirality and spin along z, as in the chiral
representation of the gamma matrices; site l = 0 ... L - 1 is at x = l.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glvortex.errors import ParameterError
from glvortex.micro.estimate import Array

Complex = NDArray[np.complex128]

PAULI = {
    "x": np.array([[0, 1], [1, 0]], dtype=complex),
    "y": np.array([[0, -1j], [1j, 0]]),
    "z": np.diag([1.0 + 0j, -1.0]),
}
CHIRALITY = np.diag([-1.0, 1.0])
ALPHA = {axis: np.kron(CHIRALITY, sigma) for axis, sigma in PAULI.items()}
"""gamma^0 gamma^j."""
GAMMA_0 = np.kron(PAULI["x"], np.eye(2))
AXIAL = np.kron(np.eye(2), PAULI["z"])
"""gamma^0 gamma^z gamma^5: the chiral gauge field acts as an exchange field."""

# spin down times i: without A_x, and for spins turned so, the matrix is real
REAL = np.diag([1.0, 1j, 1.0, 1j])
BOUNDARIES = ("open", "periodic")


def gradient_profile(strength: float, reach: float, sites: int) -> Array:
    """A^5_z = ``strength`` (1 - x/``reach``) for x < ``reach``, zero beyond, at the sites: (L,)."""
    if not reach > 0.0:
        raise ParameterError(f"reach must be positive, got {reach:g} sites.")
    return strength * np.maximum(1.0 - np.arange(sites) / reach, 0.0)


class Levels(NamedTuple):
    """Eigenstates at n momenta: ``energy`` and <dH/dq_y> ``velocity`` (n, 4L), ascending, and the
    ``density`` (n, L, 4L) at every site, summed over the orbitals."""

    energy: Array
    velocity: Array
    density: Array


@dataclass(frozen=True, eq=False)
class DiracSlab:
    """The lattice Hamiltonian 004 (2), infinite along y and z, L sites along x.

    Args:
        chiral_field: A^5_z, one number or one per site, of shape (L,).
        sites: L, at least 2.
        velocity: v.
        hopping: lambda, which gaps the corners of the Brillouin zone.
        mass: m, one number or one per site.
        vector_potential: A of shape (3,), or (3, L) with A_x[l] on the bond from l to l + 1.
        boundary: "open" along x, or "periodic".

    Raises ParameterError for shapes that do not fit, values that are not finite, or another
    boundary.

    """

    chiral_field: ArrayLike
    sites: int = 50
    velocity: float = 1.0
    hopping: float = -1.0
    mass: ArrayLike = 0.0
    vector_potential: ArrayLike = field(default=(0.0, 0.0, 0.0))
    boundary: str = "open"

    def __post_init__(self) -> None:
        if self.sites < 2:
            raise ParameterError(f"sites must be at least 2, got {self.sites}.")
        if self.boundary not in BOUNDARIES:
            raise ParameterError(f"boundary must be open or periodic, got '{self.boundary}'.")
        shape: tuple[int, ...]
        for name, shape in (
            ("chiral_field", (self.sites,)),
            ("mass", (self.sites,)),
            ("vector_potential", (3, self.sites)),
        ):
            value = np.asarray(getattr(self, name), dtype=float)
            if value.shape == (3,) and len(shape) == 2:
                value = value[:, None]
            try:
                value = np.broadcast_to(value, shape)
            except ValueError:
                raise ParameterError(
                    f"{name} must be one value or one per site, {shape}, got {value.shape}."
                ) from None
            if not np.all(np.isfinite(value)):
                raise ParameterError(f"{name} must be finite.")
            object.__setattr__(self, name, value)
        if not np.all(np.isfinite([self.velocity, self.hopping])):
            raise ParameterError("velocity and hopping must be finite.")

    @property
    def is_even(self) -> bool:
        """Whether one quarter of the zone holds everything: no vector potential along y and z."""
        return not np.any(np.asarray(self.vector_potential)[1:])

    def hamiltonian(self, qy: ArrayLike, qz: ArrayLike) -> Complex:
        """The matrices (n, 4L, 4L) at momenta (n,); the index is 4 l + orbital."""
        local = self._local(*self._momenta(qy, qz))
        return self._assemble(local, ALPHA["x"] / 2j)

    def velocity_matrices(self, qy: ArrayLike, qz: ArrayLike) -> Complex:
        """dH/dq_y, local at every site: (n, L, 4, 4). The charge current J_y is minus that."""
        angle = self._momenta(qy, qz)[0]
        cos, sin = (f(angle)[..., None, None] for f in (np.cos, np.sin))
        matrices: NDArray = self.velocity * cos * ALPHA["y"] + 2.0 * self.hopping * sin * GAMMA_0
        return matrices

    def states(self, qy: ArrayLike, qz: ArrayLike) -> tuple[Array, Complex]:
        """Energies (n, 4L), ascending, and eigenvectors (n, 4L, 4L) in the columns."""
        matrix = self.hamiltonian(qy, qz)
        turn = np.tile(np.diag(REAL), self.sites)
        turned = turn.conj()[:, None] * matrix * turn
        energy, vectors = np.linalg.eigh(turned if np.any(turned.imag) else turned.real)
        return energy, turn[:, None] * vectors

    def levels(self, qy: ArrayLike, qz: ArrayLike) -> Levels:
        """Energies, velocities and densities of all states at momenta of shape (n,)."""
        energy, vectors = self.states(qy, qz)
        split = vectors.reshape(len(energy), self.sites, 4, -1)
        moved = self.velocity_matrices(qy, qz) @ split
        velocity = np.einsum("nlak,nlak->nk", split.conj(), moved).real
        return Levels(energy, velocity, np.sum(np.abs(split) ** 2, axis=2))

    def _momenta(self, qy: ArrayLike, qz: ArrayLike) -> tuple[Array, Array]:
        """q_y + A_y and q_z + A_z at every site, (n, L) each."""
        _, ay, az = np.asarray(self.vector_potential)
        y, z = np.broadcast_arrays(np.atleast_1d(qy), np.atleast_1d(qz))
        return y[:, None] + ay, z[:, None] + az

    def _local(self, y: Array, z: Array) -> Complex:
        """Site terms (n, L, 4, 4)."""
        mass = np.asarray(self.mass) + 2.0 * self.hopping * (3.0 - np.cos(y) - np.cos(z))
        amplitudes = (self.velocity * np.sin(y), self.velocity * np.sin(z), mass)
        matrices = (ALPHA["y"], ALPHA["z"], GAMMA_0)
        total = np.asarray(self.chiral_field)[:, None, None] * AXIAL + 0j
        for amplitude, matrix in zip(amplitudes, matrices, strict=True):
            total = total + amplitude[..., None, None] * matrix
        return total

    def _assemble(self, local: Complex, forward: Complex) -> Complex:
        n, sites = len(local), self.sites
        bond = self.velocity * forward - self.hopping * GAMMA_0
        phase = np.exp(1j * np.asarray(self.vector_potential)[0])[:, None, None]
        matrix = np.zeros((n, sites, 4, sites, 4), dtype=complex)
        here: NDArray[np.intp] = np.arange(sites)
        matrix[:, here, :, here, :] += local.swapaxes(0, 1)
        if self.boundary == "open":
            here, phase = here[:-1], phase[:-1]
        there = (here + 1) % sites
        matrix[:, here, :, there, :] += (phase * bond)[:, None]
        matrix[:, there, :, here, :] += (phase * bond).conj().swapaxes(1, 2)[:, None]
        return matrix.reshape(n, 4 * sites, 4 * sites)

    @cached_property
    def is_real(self) -> bool:
        """Whether there is no A_x: then the matrix is real in a suitable basis."""
        return not np.any(np.asarray(self.vector_potential)[0])
