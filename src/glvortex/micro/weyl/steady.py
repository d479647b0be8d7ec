"""The steady-state current along y of a Dirac slab between baths: 004 (5), (6) and App. B.

Every site has a bath of its own chemical potential and temperature. J_y = -dH/dA_y, the current of
particles of charge -e in e/hbar per length along z, summed over the sites; energies as in `slab`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma

from glvortex.errors import ParameterError
from glvortex.micro.estimate import Array, Estimate
from glvortex.micro.weyl import pairs as paired
from glvortex.micro.weyl.cubature import integrate
from glvortex.micro.weyl.slab import Complex, DiracSlab

CHARGE, ENERGY = "charge", "energy"
KINDS = (CHARGE, ENERGY)
BATCH = 15  # momenta diagonalised together
FIRST_CUT = 1.0  # of the zone: chiral states below
AREA = (2.0 * np.pi) ** 2


@dataclass(frozen=True, eq=False)
class Baths:
    """Chemical potential and inverse temperature of the bath at every site.

    Both broadcast to (L,), or to (c, L) for c cases that share all diagonalisations.
    """

    chemical_potential: ArrayLike
    inverse_temperature: ArrayLike

    def cases(self, sites: int) -> tuple[Array, Array, tuple[int, ...]]:
        """Both as (c, L), and the shape of the cases; raises ParameterError where they misfit."""
        try:
            mu, beta = (
                np.asarray(x, dtype=float)
                for x in (self.chemical_potential, self.inverse_temperature)
            )
            shape = np.broadcast_shapes(mu.shape, beta.shape, (sites,))
        except ValueError:
            raise ParameterError(
                f"chemical potentials and inverse temperatures must be one per site, {sites}."
            ) from None
        if len(shape) > 2:
            raise ParameterError("baths have at most two axes, cases and sites.")
        if not (np.all(np.isfinite(mu)) and np.all(np.isfinite(beta)) and np.all(beta > 0.0)):
            raise ParameterError(
                "chemical potentials must be finite, inverse temperatures positive and finite."
            )
        mu, beta = (np.broadcast_to(x, shape).reshape(-1, sites) for x in (mu, beta))
        return mu, beta, shape[:-1]


def potential_gradient(
    slopes: ArrayLike, fermi_levels: ArrayLike, inverse_temperature: ArrayLike, sites: int
) -> Baths:
    """mu_l = slope (l - L/2 + 1/2) + mu_F at one temperature; arguments broadcast to cases."""
    centred = np.arange(sites) - 0.5 * sites + 0.5
    slope, level, beta = (
        np.asarray(x, dtype=float)[..., None] for x in (slopes, fermi_levels, inverse_temperature)
    )
    return Baths(slope * centred + level, beta + 0.0 * slope)


def temperature_gradient(
    slopes: ArrayLike, fermi_levels: ArrayLike, surface_beta: ArrayLike, sites: int
) -> Baths:
    """beta_l = beta_0 + slope l/L at one chemical potential; arguments broadcast to cases."""
    slope, level, beta = (
        np.asarray(x, dtype=float)[..., None] for x in (slopes, fermi_levels, surface_beta)
    )
    return Baths(level + 0.0 * slope, beta + slope * np.arange(sites) / sites)


def current(
    slab: DiracSlab,
    baths: Baths,
    coupling: float = 0.0,
    kind: str = CHARGE,
    accuracy: float = 1e-4,
    comm: Any = None,
) -> Estimate:
    """<J_y> with an estimate of its error, for every case of the baths.

    ``coupling`` is Gamma: zero for its limit 004 (6), else 004 (5), whose integral over frequency
    is done exactly. ``kind`` is "charge" in e/hbar, or "energy" (limit Gamma -> 0), the flow of
    {H, dH/dq_y}/2.

    Adaptive over the zone, where (6) is rough: at every narrow crossing of levels of different
    places its states mix; a coupling above the splittings makes it smooth. Without vector potential
    one quarter of the zone is enough. The ranks of ``comm`` share the work, all get the result.

    Raises ParameterError for another kind or a negative coupling, NotConvergedError.
    """
    if kind not in KINDS:
        raise ParameterError(f"kind must be charge or energy, got '{kind}'.")
    if not (np.isfinite(coupling) and coupling >= 0.0):
        raise ParameterError(f"coupling must not be negative, got {coupling:g}.")
    if coupling > 0.0 and kind == ENERGY:
        raise ParameterError("the energy current is that of the limit of no coupling.")
    mu, beta, shape = baths.cases(slab.sites)
    even = slab.is_even and slab.is_real

    def integrand(qy: Array, qz: Array) -> Array:
        parts = []
        for start in range(0, len(qy), BATCH):
            y, z = qy[start : start + BATCH], qz[start : start + BATCH]
            if coupling > 0.0:
                parts.append((_coupled_pairs if even else coupled)(slab, mu, beta, coupling, y, z))
            else:
                parts.append((_of_pairs if even else uncoupled)(slab, mu, beta, kind, y, z))
        return np.asarray(np.concatenate(parts) / AREA, dtype=float)

    cuts = [0.0, FIRST_CUT, np.pi]
    if not even:
        cuts = [-x for x in cuts[:0:-1]] + cuts
    total = integrate(integrand, (cuts, cuts), accuracy, comm)
    return Estimate(total.value.reshape(shape), total.error.reshape(shape), total.evaluations)


def _of_pairs(slab: DiracSlab, mu: Array, beta: Array, kind: str, qy: Array, qz: Array) -> Array:
    """Integrand of 004 (6) summed over q_y -> -q_y and q_z -> -q_z: (n, c)."""
    energy, weight, _, _ = paired.pairs(slab, qy, qz)
    if kind == ENERGY:
        weight = weight * energy[:, None]
    energy = energy[:, None]
    result = np.empty((len(qy), len(mu)))
    for i in range(len(mu)):
        up, down = (
            np.tanh(0.5 * beta[i][:, None] * (energy + s * mu[i][:, None])) for s in (-1.0, 1.0)
        )
        # f(E) + f(-E) - 1, or f(E) - f(-E)
        filling = 0.5 * (up - down) if kind == CHARGE else -0.5 * (up + down)
        result[:, i] = 2.0 * np.einsum("nlk,nlk->n", weight, filling)
    return result


def uncoupled(slab: DiracSlab, mu: Array, beta: Array, kind: str, qy: Array, qz: Array) -> Array:
    """Integrand of 004 (6) at momenta (n,) for baths (c, L): (n, c)."""
    energy, velocity, density = slab.levels(qy, qz)
    moved = -velocity if kind == CHARGE else velocity * energy
    weight = density * moved[:, None]
    energy = energy[:, None]
    result = np.empty((len(qy), len(mu)))
    for i in range(len(mu)):
        filling = -0.5 * np.tanh(0.5 * beta[i][:, None] * (energy - mu[i][:, None]))
        result[:, i] = np.einsum("nlk,nlk->n", weight, filling)
    return result


def coupled(
    slab: DiracSlab, mu: Array, beta: Array, coupling: float, qy: Array, qz: Array
) -> Array:
    """Integrand of 004 (5) at momenta (n,) for baths (c, L): (n, c).

    With a = E - i Gamma/2, G^R = 1/(omega - a) and all frequencies integrated,
    sum over alpha, beta, l of J_ba <a|P_l|b> [F_l(a) - F_l(b)^*]/(a - b^*), F_l(a) the integral of
    Gamma f_l/(2 pi (omega - a)): a digamma function.
    """
    energy, vectors = slab.states(qy, qz)
    pole, local = _local(energy, vectors, slab.velocity_matrices(qy, qz), coupling)
    return coupling / np.pi * np.stack(_integrals(pole, local, mu, beta), axis=1)


def _coupled_pairs(
    slab: DiracSlab, mu: Array, beta: Array, coupling: float, qy: Array, qz: Array
) -> Array:
    """The same summed over q_y -> -q_y and q_z -> -q_z: (n, c)."""
    pole, local = _local_of_pairs(slab, coupling, qy, qz)
    parts = _integrals(pole, local, mu, beta)
    # at -q_y all energies are turned round, matrix elements and densities are the same
    mirror = _integrals(-pole.conj(), -local.conj(), mu, beta)
    total = [a + b for a, b in zip(parts, mirror, strict=True)]
    return 2.0 * coupling / np.pi * np.stack(total, axis=1)


def _local(
    energy: Array, vectors: np.ndarray, matrices: np.ndarray, coupling: float
) -> tuple[Complex, Complex]:
    """Poles (n, 4L), and sum over b of J_ba <a|P_l|b>/(a - b^*) for every site: (n, L, 4L)."""
    n, size = energy.shape
    split = vectors.reshape(n, -1, 4, size)
    moved = (matrices @ split).reshape(n, size, size)
    matrix = -vectors.conj().swapaxes(1, 2) @ moved  # <b|J|a> at [b, a]
    pole: Complex = np.asarray(energy - 0.5j * coupling, dtype=complex)
    kernel = matrix / (pole[:, None, :] - pole.conj()[:, :, None])  # [b, a]
    image = vectors @ kernel
    local: Complex = np.sum(split.conj() * image.reshape(n, -1, 4, size), axis=2)
    return pole, local


def _local_of_pairs(
    slab: DiracSlab, coupling: float, qy: Array, qz: Array
) -> tuple[Complex, Complex]:
    """`_local` from singular vectors: real matrices of half the size."""
    n, sites = len(qy), slab.sites
    energy, left, right, large, small = paired.components(slab, qy, qz)
    signed = np.concatenate([energy, -energy], axis=1)
    in_left, in_right = (np.concatenate(x, axis=1) for x in ((large, small), (small, -large)))
    mixed = (-2.0 * slab.hopping * np.sin(qy))[:, None, None] * paired.mass_elements(left, right)
    half = in_left[:, :, None] * np.tile(mixed, (1, 2, 2)) * in_right[:, None, :]
    matrix = half + half.swapaxes(1, 2)
    k = np.arange(2 * sites)
    for b in (k, k + 2 * sites):
        for a in (k, k + 2 * sites):
            kept = in_left[:, b] * in_left[:, a] - in_right[:, b] * in_right[:, a]
            matrix[:, b, a] -= (slab.velocity * np.cos(qy))[:, None] * kept
    distance = signed[:, None, :] - signed[:, :, None]  # [b, a]
    matrix /= distance**2 + coupling**2
    parts = []
    for kernel in (matrix * distance, matrix * coupling):
        total = np.zeros((n, 2 * sites, 4 * sites))
        for vectors, weight in ((left, in_left), (right, in_right)):
            first, second = weight[:, : 2 * sites, None], weight[:, 2 * sites :, None]
            image = vectors @ (first * kernel[:, : 2 * sites] + second * kernel[:, 2 * sites :])
            image *= weight[:, None]
            total[:, :, : 2 * sites] += vectors * image[:, :, : 2 * sites]
            total[:, :, 2 * sites :] += vectors * image[:, :, 2 * sites :]
        parts.append(total.reshape(n, sites, 2, -1).sum(axis=2))
    local: Complex = np.asarray(parts[0] + 1j * parts[1], dtype=complex)
    return np.asarray(signed - 0.5j * coupling, dtype=complex), local


def _integrals(pole: Complex, local: Complex, mu: Array, beta: Array) -> list[Array]:
    """Real part of the sum over states and sites of ``local`` times F: (n,) for every case."""
    result: list[Array] = []
    for i in range(len(mu)):
        filled = np.multiply(local, _filling(pole[:, None], mu[i][:, None], beta[i][:, None]))
        result.append(filled.real.sum(axis=(1, 2)))
    return result


def _filling(pole: Complex, mu: Array, beta: Array) -> Complex:
    """Integral of f/(omega - pole) up to a constant that cancels, Im pole < 0."""
    value: Complex = digamma(0.5 + 0.5j * beta * (pole - mu) / np.pi)
    return value
