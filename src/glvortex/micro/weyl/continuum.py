"""The low-energy theory 004 (1) of the slab: Landau levels and wave functions.

Units as in `slab`; x, momenta and energies in lattice constants and v. The chiral gauge field is
A^5 (1 - x/reach) along z, so that B^5_y = -dA^5_z/dx = +A^5/reach.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glvortex.errors import ParameterError
from glvortex.micro.estimate import Array
from glvortex.micro.weyl.slab import Complex, DiracSlab


def chiral_magnetic_field(strength: float, reach: float) -> float:
    """B^5_y = A^5/reach; the text after 004 (7) has -A^5/L."""
    return strength / reach


def landau_levels(
    index: ArrayLike, chiral_magnetic: ArrayLike, qy: ArrayLike, velocity: float = 1.0
) -> Array:
    """E_n = sgn(n) sqrt(2 B^5 v |n| + v^2 q_y^2), and E_0 = -v q_y: 004 App. A."""
    n, y = np.broadcast_arrays(index, np.asarray(qy, dtype=float))
    root = np.sqrt(2.0 * np.asarray(chiral_magnetic) * velocity * np.abs(n) + (velocity * y) ** 2)
    return np.where(n == 0, -velocity * y, np.sign(n) * root)


def fermi_arc(
    x: ArrayLike, qz: float, strength: float, velocity: float = 1.0, ratio: complex = 1.0
) -> Complex:
    """The Fermi-arc state 004 (3) of E = v q_y at x = 0, of norm 1 over the points: (n, 4).

    ``ratio`` is c_R/c_L: particle-hole symmetry allows +-1 (printed +-i), and a boundary where the
    sites end chooses the sign of -hopping/velocity.

    Raises ParameterError outside -A^5 < v q_z < A^5, where nothing is bound.
    """
    if not abs(velocity * qz) < strength:
        raise ParameterError(f"a Fermi arc needs |v q_z| < {strength:g}, got {velocity * qz:g}.")
    x = np.asarray(x, dtype=float)
    left, right = (np.exp((s * qz - strength / velocity) * x) for s in (1.0, -1.0))
    return _normalised(left, -1j, right, 1j, ratio)


def chiral_landau_level(
    x: ArrayLike,
    qz: float,
    strength: float,
    reach: float,
    velocity: float = 1.0,
    ratio: complex | None = None,
) -> Complex:
    """The chiral Landau level 004 (4) of E = -v q_y, of norm 1 over the points: (n, 4).

    Gaussians of width sqrt(v/B^5) about reach (1 -+ v q_z/A^5). ``ratio`` is c_R/c_L; without it,
    i exp(-2 q_z reach), with which both parts meet at x = reach: then the level has one chirality
    for q_z > 0 and the other for q_z < 0. The printed +-i holds for q_z = 0.
    """
    x = np.asarray(x, dtype=float)
    exponents = [
        -strength * x**2 / (2.0 * velocity * reach) + (s * qz + strength / velocity) * x
        for s in (-1.0, 1.0)
    ]
    if ratio is None:
        exponents[1] = exponents[1] - 2.0 * qz * reach
        ratio = 1j
    peak = float(np.max(exponents))
    left, right = (np.exp(e - peak) for e in exponents)
    return _normalised(-left, 1j, 1j * right, -1j, ratio)


def _normalised(
    left: NDArray, left_turn: complex, right: NDArray, right_turn: complex, ratio: complex
) -> Complex:
    parts = [left, left_turn * left, ratio * right, ratio * right_turn * right]
    state = np.stack([np.asarray(p, dtype=complex) for p in parts], axis=-1)
    return state / np.linalg.norm(state)


def chiral_states(slab: DiracSlab, qy: float, qz: float) -> tuple[Array, Complex]:
    """Energies (2,) and states (2, L, 4) nearest to zero energy, that nearest to x = 0 first."""
    energy, vectors = slab.states([qy], [qz])
    two = np.argsort(np.abs(energy[0]))[:2]
    states = vectors[0][:, two].T.reshape(2, slab.sites, 4)
    place = np.sum(np.abs(states) ** 2, axis=2) @ np.arange(slab.sites)
    order = np.argsort(place)
    return energy[0][two][order], states[order]
