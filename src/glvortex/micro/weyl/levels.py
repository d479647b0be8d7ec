"""The integrand of 004 (6): levels filled by the baths of their places, without broadening."""

from __future__ import annotations

import numpy as np

from glvortex.micro.estimate import Array
from glvortex.micro.weyl import pairs as paired
from glvortex.micro.weyl.crossings import Crossings, near_pairs, widened
from glvortex.micro.weyl.slab import DiracSlab

CHARGE, ENERGY = "charge", "energy"
KINDS = (CHARGE, ENERGY)
NO_WIDTHS: Array = np.zeros(0)


def uncoupled_pairs(
    slab: DiracSlab,
    mu: Array,
    beta: Array,
    kind: str,
    qy: Array,
    qz: Array,
    widths: Array = NO_WIDTHS,
) -> Array:
    """Integrand of 004 (6) summed over q_y -> -q_y and q_z -> -q_z: (n, c), or (n, w, c)."""
    parts = paired.components(slab, qy, qz)
    energy, speed, weight, _, _ = paired.of_components(slab, qy, parts)
    if kind == ENERGY:
        weight = weight * energy[:, None]
    result = np.empty((len(qy), len(mu)))
    for i in range(len(mu)):
        up, down = (
            np.tanh(0.5 * beta[i][:, None] * (energy[:, None] + s * mu[i][:, None]))
            for s in (-1.0, 1.0)
        )
        # f(E) + f(-E) - 1, or f(E) - f(-E)
        filling = 0.5 * (up - down) if kind == CHARGE else -0.5 * (up + down)
        result[:, i] = 2.0 * np.einsum("nlk,nlk->n", weight, filling)
    if not len(widths):
        return result

    return result[:, None] + widened(
        len(qy), _crossings_of_pairs(slab, mu, beta, kind, qy, parts, speed, widths), widths
    )


def _crossings_of_pairs(
    slab: DiracSlab,
    mu: Array,
    beta: Array,
    kind: str,
    qy: Array,
    parts: paired.Components,
    speed: Array,
    widths: Array,
) -> Crossings:
    """Those of the levels +E, with the dips of the levels -E and of the other quarters of the zone.

    The dips of +E and -E nearly cancel, so that both must be widened alike.
    """
    energy, velocity = (np.concatenate([x, -x], axis=1) for x in (parts.energy, speed))
    half = parts.energy.shape[1]
    rows, a, b = near_pairs(energy, float(np.max(widths)))
    upper = b < half
    rows, a, b = rows[upper], a[upper], b[upper]
    mean = 0.5 * (energy[rows, b] + energy[rows, a])
    between = paired.elements(slab, qy, parts)
    size, dip = np.zeros(len(rows)), np.zeros((len(rows), len(mu)))
    mirrored = (a + half) % (2 * half), (b + half) % (2 * half)
    for sign, (first, second) in ((1.0, (a, b)), (-1.0, mirrored)):
        matrix, density = between(rows, first, second)
        density = matrix[:, None] * density
        size += 0.5 * np.abs(matrix)
        # q_y and -q_y: energies E and -E at equal velocity and density; and both q_z
        for s in (sign, -sign):
            dip += 4.0 * _filled(mu, beta, kind, density, s * mean)
    # a pair of +E and -E is met twice
    dip *= np.where(a < half, 1.0, 0.5)[:, None]
    apart = 0.5 * (velocity[rows, b] - velocity[rows, a])
    return Crossings(rows, 0.5 * (energy[rows, b] - energy[rows, a]), apart, size, dip)


def _filled(mu: Array, beta: Array, kind: str, density: Array, energy: Array) -> Array:
    """Current per velocity <dH/dq_y> of states with densities (p, L) and energies (p,): (p, c)."""
    moved = -1.0 if kind == CHARGE else energy
    parts = [
        -0.5 * np.einsum("pl,pl->p", density, np.tanh(0.5 * b * (energy[:, None] - m)))
        for m, b in zip(mu, beta, strict=True)
    ]
    return np.stack(parts, axis=1) * np.reshape(moved, (-1, 1))


def uncoupled(
    slab: DiracSlab,
    mu: Array,
    beta: Array,
    kind: str,
    qy: Array,
    qz: Array,
    widths: Array = NO_WIDTHS,
) -> Array:
    """Integrand of 004 (6) at momenta (n,) for baths (c, L): (n, c), or (n, w, c)."""
    energy, vectors = slab.states(qy, qz)
    split = vectors.reshape(len(energy), slab.sites, 4, -1)
    moved = slab.velocity_matrices(qy, qz) @ split
    velocity = np.einsum("nlak,nlak->nk", split.conj(), moved).real
    density = np.sum(np.abs(split) ** 2, axis=2)
    weight = density * (-velocity if kind == CHARGE else velocity * energy)[:, None]
    result = np.empty((len(qy), len(mu)))
    for i in range(len(mu)):
        filling = -0.5 * np.tanh(0.5 * beta[i][:, None] * (energy[:, None] - mu[i][:, None]))
        result[:, i] = np.einsum("nlk,nlk->n", weight, filling)
    if not len(widths):
        return result

    rows, a, b = near_pairs(energy, float(np.max(widths)))
    bra = split[rows, :, :, a].conj()
    matrix = np.einsum("plo,plo->p", bra, moved[rows, :, :, b])
    density = (matrix.conj()[:, None] * np.sum(bra * split[rows, :, :, b], axis=2)).real
    dip = 2.0 * _filled(mu, beta, kind, density, 0.5 * (energy[rows, b] + energy[rows, a]))
    half, apart = (0.5 * (x[rows, b] - x[rows, a]) for x in (energy, velocity))
    found = Crossings(rows, half, apart, np.abs(matrix), dip)
    return result[:, None] + widened(len(qy), found, widths)
