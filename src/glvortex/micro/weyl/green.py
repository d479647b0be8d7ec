"""The integrand of 004 (5): Green functions of levels as wide as the coupling to the baths."""

from __future__ import annotations

import numpy as np
from scipy.special import digamma

from glvortex.micro.estimate import Array
from glvortex.micro.weyl import pairs as paired
from glvortex.micro.weyl.slab import Complex, DiracSlab


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


def coupled_pairs(
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
