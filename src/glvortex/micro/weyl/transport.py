"""Two chiral bands with a cutoff: 004 (7)-(9), their fit to the lattice, and (B1)-(B2).

``cutoff`` is Lambda. The sign of (7) is that of the lattice current -dH/dA_y: the arc of energy
+v q_y carries -v, not +v as in the text before it. Energies as in `slab`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import least_squares
from scipy.special import expit, spence

from glvortex.errors import ParameterError
from glvortex.micro.estimate import Array


class Reservoir(NamedTuple):
    """Chemical potential and inverse temperature that a chiral state feels."""

    chemical_potential: ArrayLike
    inverse_temperature: ArrayLike


def charge_current(
    arc: Reservoir, level: Reservoir, strength: float, cutoff: ArrayLike, velocity: float = 1.0
) -> Array:
    """<J_y> of 004 (7), over v, which is missing there: arcs reach to v q_z = +-A^5.

    To first order in the chemical potentials; (8) and (9) are equal temperatures or potentials.
    ``cutoff`` infinite is the ultraviolet limit.
    """
    filled = [
        np.asarray(r.chemical_potential)
        * np.tanh(0.5 * np.asarray(r.inverse_temperature) * velocity * np.asarray(cutoff))
        for r in (level, arc)
    ]
    return strength / (2.0 * np.pi**2 * velocity) * (filled[0] - filled[1])


def exact_charge_current(
    arc: Reservoir, level: Reservoir, strength: float, cutoff: float, velocity: float = 1.0
) -> Array:
    """The integral whose first order in the chemical potentials is 004 (7)."""
    filled = [_filled(r, velocity * cutoff) for r in (level, arc)]
    return strength / (2.0 * np.pi**2 * velocity) * (filled[0] - filled[1])


def _filled(r: Reservoir, edge: float) -> Array:
    """Integral of the Fermi function from -edge to edge, less edge."""
    mu, beta = (np.asarray(x, dtype=float) for x in r)
    ends = [np.logaddexp(0.0, beta * (mu + s * edge)) / beta for s in (1.0, -1.0)]
    return ends[0] - ends[1] - edge


def energy_current(
    arc: Reservoir, level: Reservoir, strength: float, cutoff: float, velocity: float = 1.0
) -> Array:
    """<J^E_y> of 004 (B1), the momentum density; times v^2 it is the flow of energy."""
    parts = [
        energy_integral(r.chemical_potential, r.inverse_temperature, velocity * cutoff)
        for r in (arc, level)
    ]
    return strength / (2.0 * np.pi**2 * velocity**2) * (parts[0] - parts[1])


def energy_integral(
    chemical_potential: ArrayLike, inverse_temperature: ArrayLike, edge: ArrayLike
) -> Array:
    """I of 004 (B2) to second order in mu, ``edge`` = v Lambda.

    The integral of x/(exp(beta (x - mu)) + 1) from -edge to edge; the next term is of order mu^4.
    """
    mu, beta, top = (
        np.asarray(x, dtype=float) for x in (chemical_potential, inverse_temperature, edge)
    )
    y = beta * top
    # Li2(z) = spence(1 - z), and Li2(-e^y) by its inversion where e^y overflows
    small = spence(1.0 + np.exp(-y))
    large = -(np.pi**2) / 6.0 - 0.5 * y**2 - small
    logarithm = y + 2.0 * np.log1p(np.exp(-y))
    filled = expit(-y)
    second = -y * filled * (1.0 - filled) - filled + 0.5
    return -top / beta * logarithm + (small - large) / beta**2 + second * mu**2


def energy_current_limit(
    arc: Reservoir, level: Reservoir, strength: float, velocity: float = 1.0
) -> Array:
    """<J^E_y> for an infinite cutoff, the chiral magnetic effect of the energy current: App. B."""
    parts = [
        np.asarray(r.chemical_potential) ** 2 / 2.0
        + np.pi**2 / (6.0 * np.asarray(r.inverse_temperature) ** 2)
        for r in (arc, level)
    ]
    return strength / (2.0 * np.pi**2 * velocity**2) * (parts[0] - parts[1])


class CutoffFit(NamedTuple):
    """``factor`` and ``cutoff`` that make factor times 004 (7) follow currents.

    ``residual`` is the largest deviation over the largest current; ``cutoff_error`` the standard
    deviation of the cutoff from the scatter of the points.
    """

    factor: float
    cutoff: float
    residual: float
    cutoff_error: float


def fit_cutoff(
    currents: ArrayLike,
    arc: Reservoir,
    level: Reservoir,
    strength: float,
    velocity: float = 1.0,
    *,
    free_factor: bool = False,
) -> CutoffFit:
    """Fit the cutoff of 004 (7) to ``currents`` (n,), with a common factor if ``free_factor``.

    Raises ParameterError for fewer currents than parameters and one more.
    """
    wanted = np.asarray(currents, dtype=float).ravel()
    if len(wanted) < 2 + free_factor:
        raise ParameterError(f"{len(wanted)} currents are too few to fit the cutoff.")
    size = np.max(np.abs(wanted))

    def model(p: Array) -> Array:
        factor = p[1] if free_factor else 1.0
        return factor * charge_current(arc, level, strength, np.exp(p[0]), velocity)

    start = [0.0, 1.0] if free_factor else [0.0]
    best = min(
        (
            least_squares(lambda p: (model(p) - wanted) / size, [log, *start[1:]], xtol=1e-14)
            for log in (-1.0, 0.0, 1.0)
        ),
        key=lambda found: found.cost,
    )
    spare = len(wanted) - len(start)
    covariance = np.linalg.pinv(best.jac.T @ best.jac) * 2.0 * best.cost / spare
    cutoff = float(np.exp(best.x[0]))
    return CutoffFit(
        float(best.x[1]) if free_factor else 1.0,
        cutoff,
        float(np.max(np.abs(best.fun))),
        cutoff * float(np.sqrt(covariance[0, 0])),
    )
