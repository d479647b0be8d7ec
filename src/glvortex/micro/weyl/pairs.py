"""Levels of the slab in pairs +E, -E: a quarter of the work of diagonalising 004 (2).

gamma^0 gamma^y anticommutes with everything in 004 (2) but its own term v sin q_y, so that in its
eigenbasis H = [[s, D], [D^T, -s]], s = v sin q_y, with a real D of 2L rows that depends on q_y only
through M. Its singular values epsilon give E = +-sqrt(s^2 + epsilon^2), its singular vectors the
states; those with epsilon = 0 are chiral, E = +-v sin q_y. Reflections of q_y and q_z leave one
quarter of the zone: gamma^x H(q_y, q_z) gamma^x^+ = -H(-q_y, -q_z), and q_z -> -q_z exchanges the
chiralities.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from glvortex.errors import ParameterError
from glvortex.micro.estimate import Array
from glvortex.micro.weyl.crossings import Index
from glvortex.micro.weyl.slab import ALPHA, AXIAL, GAMMA_0, REAL, DiracSlab

TINY = 1e-3  # singular values below leave one side of the pair undetermined by the other


def _halves() -> tuple[Array, Array]:
    """Eigenvectors (4, 2) of gamma^0 gamma^y in the real basis, of +1 and -1."""
    turned = (REAL.conj() @ ALPHA["y"] @ REAL).real
    _, vectors = np.linalg.eigh(turned)
    return vectors[:, 2:], vectors[:, :2]


PLUS, MINUS = _halves()


def _block(matrix: np.ndarray) -> Array:
    """The part of a 4x4 matrix, real in the real basis, that leads from MINUS to PLUS."""
    return PLUS.T @ (REAL.conj() @ matrix @ REAL).real @ MINUS


class Pairs(NamedTuple):
    """States +E and -E at n momenta, k = 0 ... 2L - 1.

    ``energy`` (n, 2L) is not negative; ``speed`` (n, 2L) is <dH/dq_y> of the state +E, minus that
    of -E; ``weight`` (n, L, 2L) is the sum over both states of
    velocity <dH/dq_y> times density at each site, which is all that currents need; ``upper`` and
    ``lower`` (n, L, 2L) are the densities of the states +E and -E.
    """

    energy: Array
    speed: Array
    weight: Array
    upper: Array
    lower: Array


def check(slab: DiracSlab) -> None:
    """Raise ParameterError unless the levels come in pairs."""
    if not (slab.is_even and slab.is_real):
        raise ParameterError("levels come in pairs only where there is no vector potential.")


def off_diagonal(slab: DiracSlab, qy: Array, qz: Array) -> Array:
    """D of shape (n, 2L, 2L)."""
    n, sites = len(qy), slab.sites
    mass = 2.0 * slab.hopping * (3.0 - np.cos(qy) - np.cos(qz))
    local = (
        (slab.velocity * np.sin(qz))[:, None, None] * _block(ALPHA["z"])
        + mass[:, None, None] * _block(GAMMA_0)
    )[:, None]
    local = local + np.asarray(slab.chiral_field)[:, None, None] * _block(AXIAL)
    local = local + np.asarray(slab.mass)[:, None, None] * _block(GAMMA_0)
    bond = slab.velocity * ALPHA["x"] / 2j - slab.hopping * GAMMA_0
    matrix = np.zeros((n, sites, 2, sites, 2))
    here: NDArray[np.intp] = np.arange(sites)
    matrix[:, here, :, here, :] += local.swapaxes(0, 1)
    if slab.boundary == "open":
        here = here[:-1]
    there = (here + 1) % sites
    matrix[:, here, :, there, :] += _block(bond)
    matrix[:, there, :, here, :] += _block(bond.conj().T)
    return matrix.reshape(n, 2 * sites, 2 * sites)


def singular(matrix: Array) -> tuple[Array, Array, Array]:
    """Left vectors, values and right vectors of a stack of matrices (n, m, m), in the columns.

    Twice as fast as an SVD: eigenvectors of D D^T and their images, but for values below `TINY`.
    """
    # one by one, since numpy's stacked eigh has the slower method
    left = np.stack([eigh(square)[1] for square in matrix @ matrix.swapaxes(1, 2)])
    image = matrix.swapaxes(1, 2) @ left
    value = np.sqrt(np.einsum("nij,nij->nj", image, image))
    small = value < TINY
    right = image / np.where(small, 1.0, value)[:, None, :]
    single = small.sum(axis=1) == 1
    rows = np.flatnonzero(single)
    if len(rows):
        # the one direction that the others leave, by projecting any vector twice
        column = np.argmax(small[rows], axis=1)
        right[rows, :, column] = 0.0
        known = right if len(rows) == len(right) else right[rows]
        any_vector = np.cos(np.arange(matrix.shape[1]) ** 2.0)
        rest = np.broadcast_to(any_vector, known.shape[:2])[..., None]
        for _ in range(3):
            rest = rest - known @ (known.swapaxes(1, 2) @ rest)
            rest = rest / np.linalg.norm(rest, axis=1, keepdims=True)
        # signs must agree with left^T D right = value
        sign = np.sum(image[rows, :, column] * rest[..., 0], axis=1)
        right[rows, :, column] = rest[..., 0] * np.where(sign < 0.0, -1.0, 1.0)[:, None]
        value[rows, column] = np.abs(sign)
    for row in np.flatnonzero(small.sum(axis=1) > 1):
        left[row], value[row], turned = np.linalg.svd(matrix[row])
        right[row] = turned.T
    return left, value, right


class Components(NamedTuple):
    """``left`` u and ``right`` w (n, 2L, 2L) in the columns, row 2 l + i being site l.

    The state +E is (``large`` u, ``small`` w) in PLUS and MINUS, -E is (small u, -large w); these
    and ``energy`` are (n, 2L).
    """

    energy: Array
    left: Array
    right: Array
    large: Array
    small: Array


def components(slab: DiracSlab, qy: Array, qz: Array) -> Components:
    """What the states of all pairs are made of; see `check`."""
    left, value, right = singular(off_diagonal(slab, qy, qz))
    s = (slab.velocity * np.sin(qy))[:, None]
    energy = np.hypot(s, value)
    cosine = np.divide(s, energy, out=np.zeros_like(energy), where=energy > 0.0)
    large, small = (np.sqrt(0.5 * np.maximum(1.0 + x * cosine, 0.0)) for x in (1, -1))
    return Components(energy, left, right, large, small)


def pairs(slab: DiracSlab, qy: Array, qz: Array) -> Pairs:
    """Both states of every pair at momenta of shape (n,); see `check`."""
    return of_components(slab, qy, components(slab, qy, qz))


def of_components(slab: DiracSlab, qy: Array, parts: Components) -> Pairs:
    """`pairs` of known states."""
    energy, left, right, large, small = parts
    cosine, sine = large**2 - small**2, 2.0 * large * small
    split_left, split_right = (x.reshape(len(qy), slab.sites, 2, -1) for x in (left, right))
    density_left, density_right = (np.sum(x**2, axis=2) for x in (split_left, split_right))
    mixed = np.sum(split_left * (_block(GAMMA_0) @ split_right), axis=(1, 2))
    speed = (slab.velocity * np.cos(qy))[:, None] * cosine
    speed = speed + 2.0 * slab.hopping * np.sin(qy)[:, None] * sine * mixed
    both, apart = (
        0.5 * (density_left + density_right),
        0.5 * cosine[:, None] * (density_left - density_right),
    )
    # the state -E moves at -speed
    return Pairs(energy, speed, 2.0 * speed[:, None] * apart, both + apart, both - apart)


def elements(
    slab: DiracSlab, qy: Array, parts: Components
) -> Callable[[Index, Index, Index], tuple[Array, Array]]:
    """A function of rows, a, b (p,): <a|dH/dq_y|b> (p,) and <a|P_l|b> at every site (p, L).

    The states +E are numbered 0 ... 2L - 1, -E 2L ... 4L - 1.
    """
    large, small = (
        np.concatenate(x, axis=1) for x in ((parts.large, parts.small), (parts.small, -parts.large))
    )
    left, right = (x.swapaxes(1, 2) for x in (parts.left, parts.right))
    states, sites = left.shape[1], slab.sites
    kept, mixed = slab.velocity * np.cos(qy), 2.0 * slab.hopping * np.sin(qy)

    def between(rows: Index, a: Index, b: Index) -> tuple[Array, Array]:
        u, w = left[rows, a % states], right[rows, a % states]
        other_u, other_w = left[rows, b % states], right[rows, b % states]
        over, under = large[rows, a], small[rows, a]
        other_over, other_under = large[rows, b], small[rows, b]
        product_u, product_w = (
            np.sum((x * y).reshape(-1, sites, 2), axis=2) * (s * t)[:, None]
            for x, y, s, t in ((u, other_u, over, other_over), (w, other_w, under, other_under))
        )
        turned, other_turned = (
            (x.reshape(-1, sites, 2) @ _block(GAMMA_0).T).reshape(x.shape) for x in (w, other_w)
        )
        matrix = kept[rows] * np.sum(product_u - product_w, axis=1)
        for bra, ket, weight in (
            (u, other_turned, over * other_under),
            (other_u, turned, other_over * under),
        ):
            matrix = matrix + mixed[rows] * weight * np.sum(bra * ket, axis=1)
        return matrix, product_u + product_w

    return between


def mass_elements(left: Array, right: Array) -> Array:
    """u_k^T gamma^0 w_k' for all k and k': (n, 2L, 2L)."""
    turned = _block(GAMMA_0) @ right.reshape(len(right), -1, 2, right.shape[2])
    return left.swapaxes(1, 2) @ turned.reshape(right.shape)


def states(slab: DiracSlab, qy: Array, qz: Array) -> tuple[Array, Array]:
    """Energies (n, 4L), all +E before all -E, and real vectors (n, L, 4, 4L); see `check`.

    The basis of a site is `REAL`: densities in the orbitals are the squares.
    """
    energy, left, right, large, small = components(slab, qy, qz)
    plus, minus = (
        half @ x.reshape(len(qy), slab.sites, 2, -1) for half, x in ((PLUS, left), (MINUS, right))
    )
    large, small = large[:, None, None], small[:, None, None]
    above, below = large * plus + small * minus, small * plus - large * minus
    return np.concatenate([energy, -energy], axis=1), np.concatenate([above, below], axis=3)
