"""The Kubo-Streda bubble of a magnetised Dirac surface with its ladder, by quadrature.

002 (1)-(3) with any direction of m, the self-energy 002 (11), Fermi-surface term and ladder as in
002 (8), but with the Green functions in the order of the Kubo-Bastin formula,

    d<sigma_i> = -(1/2 pi) Re tr[sigma_i G^R (v.E) (G^A - G^R)],   v = z x sigma,

and no expansion in anything. The printed (8) has G^R and G^A interchanged, which turns the part
along m_z E round (`order="printed"`). Units hbar = e = v = 1, per area; electrons carry -e.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import quad_vec

from glvortex.errors import NotConvergedError, ParameterError
from glvortex.micro.estimate import Array
from glvortex.micro.nambu import SIGMA

Complex = NDArray[np.complex128]
PAULI = np.stack([SIGMA[name] for name in "xyz"])
ORDERS = ("kubo", "printed")
FIRST_ANGLES, MOST_ANGLES = 16, 2048
FAR = 1e10  # in k_F: what lies beyond is 1/FAR of the response


@dataclass(frozen=True)
class DiracSurface:
    """H = v sigma.(k x z) + Delta sigma.m with scalar point impurities, 002 (1)-(3).

    Args:
        exchange: Delta, in absolute value below ``fermi_energy`` (the metallic regime).
        lifetime: tau of 002 (11): 1/tau = n_i V_0^2 eps_F, the rate of loss from a state at m_z = 0
            is 1/2 tau.
        direction: of m, (3,), any length but zero.

    Raises ParameterError for values outside these ranges.
    """

    exchange: float
    lifetime: float
    direction: Sequence[float] = (0.0, 0.0, 1.0)
    fermi_energy: float = 1.0

    def __post_init__(self) -> None:
        if not 0.0 <= abs(self.exchange) < self.fermi_energy:
            raise ParameterError(
                "exchange must be smaller than fermi_energy (the metallic regime), "
                f"got {self.exchange:g} and {self.fermi_energy:g}."
            )
        if not self.lifetime > 0.0:
            raise ParameterError(f"lifetime must be positive, got {self.lifetime:g}.")
        size = float(np.linalg.norm(self.direction))
        if len(self.direction) != 3 or not size > 0.0 or not np.isfinite(size):
            raise ParameterError("direction must be three finite numbers, not all zero.")
        object.__setattr__(self, "direction", tuple(np.asarray(self.direction) / size))

    @property
    def disorder(self) -> float:
        """n_i V_0^2."""
        return 1.0 / (self.lifetime * self.fermi_energy)

    def green(self, kx: Array, ky: Array) -> Complex:
        """G^R at the Fermi energy, (..., 2, 2)."""
        m, width = self.exchange * np.asarray(self.direction), 0.25 / self.lifetime
        energy = self.fermi_energy + 1j * width
        z = m[2] * (1.0 - 1j * width / self.fermi_energy)
        d = (m[0] + ky, m[1] - kx, np.full(np.shape(kx), z))
        whole = energy * np.eye(2) + np.tensordot(np.stack(d, -1), PAULI, 1)
        return whole / (energy**2 - d[0] ** 2 - d[1] ** 2 - z**2)[..., None, None]

    def fermi_momenta(self, angles: Array) -> Array:
        """|k| of the Fermi line along ``angles`` from k = 0, which it encloses."""
        mx, my, _ = self.exchange * np.asarray(self.direction)
        shift = mx * np.sin(angles) - my * np.cos(angles)
        return np.sqrt(self.fermi_energy**2 - self.exchange**2 + shift**2) - shift


class Bubbles(NamedTuple):
    """(1/2) int d2k/(2 pi)^2 tr[sigma_i G sigma_j G'] for i = x, y, z and j = x, y: (3, 2).

    ``mixed`` with G^R and G^A, ``same`` with G^R twice.
    """

    mixed: Complex
    same: Complex


def bubbles(surface: DiracSurface, accuracy: float = 1e-9) -> Bubbles:
    """By quadrature along rays from k = 0 and trapezoids over their angles, doubled until still.

    Raises NotConvergedError, when m is in the plane and Delta very close to eps_F.
    """
    count, known = FIRST_ANGLES, _at_angles(surface, FIRST_ANGLES, accuracy)
    while count < MOST_ANGLES:
        count *= 2
        finer = _at_angles(surface, count, accuracy)
        change = np.abs(finer - known).max() / np.abs(finer).max()
        known = finer
        if change < accuracy:
            return Bubbles(known[0], known[1])
    raise NotConvergedError(f"the bubble still changes by {change:.2g} at {count} angles.")


def ladder(surface: DiracSurface, x: Complex) -> Complex:
    """(1 - n V^2 X)^-1 in the plane, (2, 2): column j is the dressed sigma_j.

    ``x`` is a member of `Bubbles`. Upsilon_x = A sigma_x + B sigma_y of 002 has A, B in column 0.
    """
    return np.asarray(np.linalg.inv(np.eye(2) - surface.disorder * x[:2]))


def vertex_factors(surface: DiracSurface) -> tuple[float, float]:
    """A and B of 002, by quadrature."""
    dressed = ladder(surface, bubbles(surface).mixed)
    return float(dressed[0, 0].real), float(dressed[1, 0].real)


def spin_response(
    surface: DiracSurface, order: str = "kubo", dressed: bool = True, accuracy: float = 1e-9
) -> Array:
    """d<sigma_i>/dE_j for i = x, y, z and j = x, y: (3, 2).

    Args:
        surface: the model.
        order: "kubo", or "printed" for 002 (8) letter by letter, with its sign of the Hall part.
        dressed: with the ladder.
        accuracy: of the integrals, relative.

    Raises ParameterError for another order.
    """
    if order not in ORDERS:
        raise ParameterError(f"there is no order '{order}': take one of {', '.join(ORDERS)}.")
    loop = _loop(bubbles(surface, accuracy), surface, dressed)
    if order == "printed":
        loop[:2] = loop[:2].T.copy()
    # -v.E = sigma.(z x E): E_x goes with sigma_y, E_y with -sigma_x
    return loop @ np.array([[0.0, -1.0], [1.0, 0.0]]) / (2.0 * np.pi)


def pumped_spin(surface: DiracSurface, accuracy: float = 1e-9) -> Array:
    """d<sigma_i>/d(dm_j/dt) for i = x, y, z and j = x, y: (3, 2), from the same bubble.

    A Hamiltonian that changes at the rate W brings (1/2 pi) Re tr[sigma G^R W (G^A - G^R)], where
    W = -v.E for a field and Delta sigma.dm/dt for a moment that moves. dm_z/dt brings nothing in
    the plane.
    """
    loop = _loop(bubbles(surface, accuracy), surface, True)
    return np.asarray(surface.exchange * loop / (2.0 * np.pi))


def current(spin: Array) -> Array:
    """The charge current -z x <sigma> that goes with a spin density, 002 (5); over axis 0."""
    return np.stack([spin[1], -spin[0]])


def _loop(found: Bubbles, surface: DiracSurface, dressed: bool) -> Array:
    """Re tr[sigma_i G^R sigma_j (G^A - G^R)] with ladders, (3, 2)."""
    parts = [x @ ladder(surface, x) if dressed else x for x in found]
    return 2.0 * (parts[0] - parts[1]).real


def _at_angles(surface: DiracSurface, count: int, accuracy: float) -> Complex:
    """Both members of `Bubbles`, (2, 3, 2)."""
    angles = 2.0 * np.pi * (np.arange(count) + 0.5) / count
    fermi = surface.fermi_momenta(angles)
    width = 0.25 / (surface.lifetime * surface.fermi_energy)

    def shells(u: float) -> Complex:
        # k = k_F (1 + width sinh u) makes the pole at k_F as wide as everything else
        k = fermi * (1.0 + width * np.sinh(u))
        g = surface.green(k * np.cos(angles), k * np.sin(angles))
        weight = k * fermi * width * np.cosh(u) / (4.0 * np.pi * count)
        left = np.einsum("iab,nbc->nica", PAULI, g)  # sigma_i G^R
        advanced = np.conj(np.swapaxes(g, -1, -2))
        found = []
        for other in (advanced, g):
            right = np.einsum("jab,nbc->njac", PAULI[:2], other)
            found.append(np.einsum("n,nica,njac->ij", weight, _swapped(left), right))
        return np.array(found)

    ends = -np.arcsinh(1.0 / width), np.arcsinh(FAR / width)
    points = [-8.0, -3.0, 0.0, 3.0, 8.0]
    inside = [p for p in points if ends[0] < p < ends[1]]
    value, _ = quad_vec(shells, *ends, epsrel=0.1 * accuracy, epsabs=0.0, points=inside, limit=2000)
    return value


def _swapped(matrices: Complex) -> Complex:
    return np.swapaxes(matrices, -1, -2)
