"""Heavy impurities in first Born approximation: self-energy, spectral function, lifetimes of 004.

The self-energy is local at every site and orbital, with the strength kappa of an impurity. ``eta``
is the level width of the clean Green function.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from glvortex.errors import NotConvergedError, ParameterError
from glvortex.micro.estimate import Array
from glvortex.micro.weyl import pairs as paired
from glvortex.micro.weyl.continuum import chiral_states
from glvortex.micro.weyl.slab import Complex, DiracSlab

FIRST, MOST = 8, 256  # momenta along either side of a quarter of the zone
SPIN_FLIPPED, CHIRALITY_FLIPPED = [1, 0, 3, 2], [2, 3, 0, 1]


def local_green(
    slab: DiracSlab, frequencies: ArrayLike, eta: float, accuracy: float = 1e-2, comm: Any = None
) -> Complex:
    """Sigma^FBA(omega) = int dq_y dq_z [1/(omega + i eta - H)] at each site and orbital: (w, L, 4).

    Equally spaced momenta, converging exponentially once they resolve eta, doubled in number until
    all values stay within ``accuracy`` of the largest. Ranks of ``comm`` share the momenta.

    Raises ParameterError for eta <= 0 or a vector potential, NotConvergedError.
    """
    paired.check(slab)
    if not eta > 0.0:
        raise ParameterError(f"eta must be positive, got {eta:g}.")
    omega = np.atleast_1d(np.asarray(frequencies, dtype=float))
    count = FIRST
    known = _sum(slab, omega, eta, count, comm)
    while count < MOST:
        count *= 2
        finer = _sum(slab, omega, eta, count, comm)
        change = np.max(np.abs(finer - known)) / np.max(np.abs(finer))
        known = finer
        if change <= accuracy:
            return known
    raise NotConvergedError(
        f"the self-energy still changes by {change:.2g} at {count} x {count} momenta: raise eta."
    )


def _sum(slab: DiracSlab, omega: Array, eta: float, count: int, comm: Any) -> Complex:
    """Midpoints of ``count`` x ``count`` cells of a quarter of the zone, and their mirrors."""
    side = (np.arange(count) + 0.5) * np.pi / count
    ranks, rank = (1, 0) if comm is None else (comm.size, comm.rank)
    rows = [_row(slab, omega, eta, side, z) for z in side[rank::ranks]]
    if ranks > 1:
        shares = comm.allgather(rows)
        rows = [shares[i % ranks][i // ranks] for i in range(count)]
    total = np.sum(rows, axis=0) * (np.pi / count) ** 2
    return total + total[:, :, CHIRALITY_FLIPPED]


def _row(slab: DiracSlab, omega: Array, eta: float, qy: Array, qz: float) -> Complex:
    energy, vectors = paired.states(slab, qy, np.full(len(qy), qz))
    flat = vectors.reshape(len(qy), -1, energy.shape[1]) ** 2
    halves = []
    for sign in (1.0, -1.0):
        pole = 1.0 / (omega + 1j * eta - sign * energy[..., None])  # (n, 4L, w)
        # real products: the densities are real
        green = (flat @ pole.real + 1j * (flat @ pole.imag)).sum(axis=0)
        halves.append(green.T.reshape(len(omega), slab.sites, 4))
    return halves[0] + halves[1][:, :, SPIN_FLIPPED]  # q_y -> -q_y turns E and the spin round


def spectral_function(
    slab: DiracSlab,
    qy: ArrayLike,
    qz: float,
    frequency: float,
    eta: float,
    self_energy: ArrayLike | None = None,
) -> Array:
    """-(1/pi) Im Tr 1/(omega + i eta - H - Sigma) along q_y at one q_z and frequency: (n,).

    ``self_energy`` (L, 4) is kappa times one frequency of `local_green`; none without impurities.
    Integrated over both momenta, as printed, it is a density of states and shows no dispersion.
    """
    y = np.atleast_1d(np.asarray(qy, dtype=float))
    matrix = -slab.hamiltonian(y, np.full(len(y), qz))
    place = np.arange(4 * slab.sites)
    matrix[:, place, place] += frequency + 1j * eta
    if self_energy is not None:
        matrix[:, place, place] -= np.asarray(self_energy).ravel()
    return -np.trace(np.linalg.inv(matrix), axis1=1, axis2=2).imag / np.pi


def scattering_rates(
    slab: DiracSlab, qz: float, frequencies: ArrayLike, self_energy: ArrayLike
) -> Array:
    """1/lifetime -2 Im <alpha|Sigma(E)|alpha> of Fermi arc and chiral level at energies E: (w, 2).

    ``self_energy`` (w, L, 4) is kappa times `local_green` at these energies; each state is taken
    where it has the energy E, at v sin q_y = E and -E.
    """
    rates = []
    values = np.asarray(self_energy)
    for energy, sigma in zip(np.atleast_1d(frequencies), values, strict=True):
        qy = np.arcsin(energy / slab.velocity)
        arc, level = (chiral_states(slab, s * qy, qz)[1][i] for i, s in enumerate((1.0, -1.0)))
        rates.append([-2.0 * np.sum(np.abs(x) ** 2 * sigma).imag for x in (arc, level)])
    return np.array(rates)
