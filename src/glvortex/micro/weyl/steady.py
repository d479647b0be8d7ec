"""The steady-state current along y of a Dirac slab between baths: 004 (5), (6) and App. B.

Every site has a bath of its own chemical potential and temperature. J_y = -dH/dA_y, the current of
particles of charge -e in e/hbar per length along z, summed over the sites; energies as in `slab`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from glvortex.errors import NotConvergedError, ParameterError
from glvortex.micro.estimate import Array, Estimate
from glvortex.micro.weyl.cubature import integrate, sizes
from glvortex.micro.weyl.green import coupled, coupled_pairs
from glvortex.micro.weyl.levels import CHARGE, ENERGY, KINDS, uncoupled, uncoupled_pairs
from glvortex.micro.weyl.slab import DiracSlab

BATCH = 15  # momenta diagonalised together
# where q_y and q_z are first cut: chiral states and crossings are at small momenta
COARSE, FINE = (0.0, 1.0, np.pi), (0.0, 0.125, 0.25, 0.5, 1.0, 1.5, np.pi)
FINE_BELOW = 2e-5  # of accuracy
AREA = (2.0 * np.pi) ** 2
# width of crossings in q_y, in mean level spacings over the velocity: WIDTH accuracy^WIDTH_POWER
WIDTH, WIDTH_POWER = 1.3, 0.15
# of the first: the error falls so fast with the width that their difference bounds the second's
SECOND_WIDTH = 0.8
NARROWER, MOST_WIDTHS = 0.6, 5
SHARE = 0.7  # of the accuracy is left to the integral over momenta


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

    Adaptive over the zone. In (6) narrow crossings of levels are widened (`crossings`), and the
    change from one width to the next counts as error. Without vector potential one quarter of the
    zone is enough. The ranks of ``comm`` share the work, all get the result.

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
    cuts = FINE if coupling == 0.0 and accuracy < FINE_BELOW else COARSE
    if not even:
        cuts = (*(-x for x in cuts[:0:-1]), *cuts)

    def over_zone(integrand: Callable[[Array, Array], Array], part: float) -> Estimate:
        def batches(qy: Array, qz: Array) -> Array:
            starts = range(0, len(qy), BATCH)
            parts = [integrand(qy[i : i + BATCH], qz[i : i + BATCH]) for i in starts]
            return np.asarray(np.concatenate(parts).reshape(len(qy), -1) / AREA, dtype=float)

        return integrate(batches, (cuts, cuts), part * accuracy, comm)

    if coupling > 0.0:
        of_coupled = coupled_pairs if even else coupled
        found = over_zone(lambda y, z: of_coupled(slab, mu, beta, coupling, y, z), 1.0)
    else:
        of_levels = uncoupled_pairs if even else uncoupled
        found = _limit(partial(of_levels, slab, mu, beta, kind), over_zone, slab, accuracy)
    return Estimate(found.value.reshape(shape), found.error.reshape(shape), found.evaluations)


def _limit(
    integrand: Callable[..., Array],
    over_zone: Callable[[Callable[[Array, Array], Array], float], Estimate],
    slab: DiracSlab,
    accuracy: float,
) -> Estimate:
    """004 (6) with crossings of two widths, ever narrower until both agree.

    ``over_zone`` takes an integrand and its share of the accuracy.
    """
    spacing = np.ptp(slab.states(1.0, 0.0)[0]) / (4 * slab.sites)
    speed = max(abs(slab.velocity), abs(slab.hopping))
    width = WIDTH * accuracy**WIDTH_POWER * spacing / speed if speed > 0.0 else 1.0
    evaluations = 0
    for _ in range(MOST_WIDTHS):
        widths = width * np.array([1.0, SECOND_WIDTH])
        found = over_zone(partial(integrand, widths=widths), SHARE)
        evaluations += found.evaluations
        (wide, value), (_, error) = (x.reshape(2, -1) for x in (found.value, found.error))
        error = error + np.abs(value - wide)
        left = np.max(error / sizes(value))
        if left <= accuracy:
            return Estimate(value, error, evaluations)
        width *= NARROWER
    raise NotConvergedError(
        f"the current still has a relative error of {left:.2g} after {evaluations} momenta: ask for"
        " less accuracy, raise the temperature, or give a coupling."
    )
