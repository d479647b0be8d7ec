"""Integrals over all momenta of quantities that change fast near the Fermi momenta."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from glvortex.errors import NotConvergedError, ParameterError
from glvortex.micro.estimate import Array, Estimate, Integrand
from glvortex.micro.nambu import Nambu
from glvortex.micro.pockets import momenta_needed, rays_needed
from glvortex.micro.zone import MOST, integrate_zone

# Gauss-Kronrod 7/15 on [-1, 1]
NODES = np.array(
    [
        0.991455371120812639206854697526329,
        0.949107912342758524526189684047851,
        0.864864423359769072789712788640926,
        0.741531185599394439863864773280788,
        0.586087235467691130294144691693013,
        0.405845151377397166906606412076961,
        0.207784955007898467600689403773245,
        0.0,
    ]
)
KRONROD = np.array(
    [
        0.022935322010529224963732008058970,
        0.063092092629978553290700663189204,
        0.104790010322250183839876322541518,
        0.140653259715525918745189590510238,
        0.169004726639267902826583426598550,
        0.190350578064785409913256402421014,
        0.204432940075298892414161999234649,
        0.209482141084727828012999174891714,
    ]
)
GAUSS = np.zeros(8)
GAUSS[1::2] = (
    0.129484966168869693270611432679082,
    0.279705391489276667901467771423780,
    0.381830050505118944950369775488975,
    0.417959183673469387755102040816327,
)
X15 = np.concatenate([-NODES, NODES[-2::-1]])
K15, G7 = (np.concatenate([w, w[-2::-1]]) for w in (KRONROD, GAUSS))

RANKS_SHARE = 64  # panels below which splitting over ranks does not pay
BATCH = 1000  # panels evaluated together
FEW_RAYS = 6  # exact for the harmonics of a rotationally symmetric model
FIRST_RAYS, MOST_RAYS = 6, 1536
RADIAL = 400  # places on a ray between which bands may cross zero once
MOST_PANELS = 150_000
NARROWEST = 1e-10  # of the coordinate: rounding decides below
CANCELLATION = 1e-3  # of the integral of the magnitude counts as size of a result that cancels
EPSILON = 4e-16
STUCK = 1e-8
HOPELESS = 1e-3  # of the size of a result: an error above is not rounding
MIN_FERMI = 1e-8  # of the largest momentum: counts as none
ZERO = 1e-16  # an error below counts as none
ROUNDING = 1e-11  # of the largest of several results limits the others


class Panels(NamedTuple):
    """Stretches of rays: direction and both ends in the coordinate of `_momentum`, (p,) each."""

    angle: Array
    low: Array
    high: Array

    def halves(self, which: NDArray[np.bool_]) -> Panels:
        """The chosen panels cut in the middle."""
        angle, low, high = self.angle[which], self.low[which], self.high[which]
        middle = 0.5 * (low + high)
        return Panels(np.tile(angle, 2), np.append(low, middle), np.append(middle, high))


def integrate(
    integrand: Integrand, model: Nambu, accuracy: float, comm: Any = None, far: float = np.inf
) -> Estimate:
    """Integral of ``integrand`` over d^2k/(2 pi)^2 with a relative error of about ``accuracy``.

    ``integrand`` takes kx, ky of shape (n,) and gives its values (n, m) and the size of what
    cancels in them (n, m), whose rounding limits the refinement; value and error have shape (m,).
    Where a result cancels, the error is relative to 1e-3 of the integral of the magnitude. Radially
    adaptive Gauss-Kronrod panels on every ray, first cut at its Fermi momenta, the last reaching to
    infinity (to ``far`` times the largest Fermi momentum, where rounding grows with k) unless the
    model has a cutoff; equally spaced rays, enough to meet every pocket off the origin, doubled in
    number until the mean stays twice (a rotationally symmetric model needs 6). A model with a
    ``zone`` is summed over that. The ranks of an MPI communicator ``comm`` share the work and all
    get the result.

    Raises NotConvergedError when panels or rays run out, ParameterError for another accuracy.
    """
    if not 0.0 < accuracy < 1.0:
        raise ParameterError(f"accuracy must be between 0 and 1, got {accuracy:g}.")
    if model.zone is not None:
        needed = momenta_needed(model, model.zone, MOST // 4)
        return integrate_zone(integrand, model.zone, accuracy, comm, needed)
    if model.isotropic:
        return _rays(integrand, model, FEW_RAYS, 0.25, accuracy, comm, far)
    count = FIRST_RAYS
    needed = rays_needed(model, MOST_RAYS // 4, model.momentum_scale / RADIAL)
    while count < needed:
        count *= 2
    before: Array | float = np.inf
    known = _rays(integrand, model, count, 0.0, accuracy, comm, far)
    while count < MOST_RAYS:
        between = _rays(integrand, model, count, 0.5, accuracy, comm, far)
        change = 0.5 * np.abs(between.value - known.value)
        error = 0.5 * (known.error + between.error)
        known = Estimate(
            0.5 * (known.value + between.value),
            error,
            known.evaluations + between.evaluations,
        )
        # one small change may be chance, so that the one before counts as well
        left = 2.0 * np.maximum(change, 0.25 * before)
        # the change of earlier rounds must not count as an error that excuses the next
        if np.all(left <= np.maximum(accuracy * np.abs(known.value), error)):
            return known._replace(error=error + left)
        count, before = 2 * count, change
    raise NotConvergedError(
        f"the momentum integral still changes by {np.max(change):.2g} at {count} directions: ask"
        " for less accuracy, or raise temperature or broadening."
    )


def _rays(
    integrand: Integrand,
    model: Nambu,
    count: int,
    offset: float,
    accuracy: float,
    comm: Any,
    far: float,
) -> Estimate:
    """Mean over ``count`` directions, all panels refined together."""
    angles = 2.0 * np.pi * (np.arange(count) + offset) / count
    scale = model.momentum_scale
    fresh = _first_panels(model, angles, scale, far)
    total = error = gross = rounding = 0.0
    before: Array | float = np.inf
    evaluations, used = 0, 0
    while True:
        value, spread, noise = (x / count for x in _evaluate(integrand, fresh, scale, comm))
        evaluations += 15 * len(value)
        used += len(value)
        all_value, all_error = total + value.sum(axis=0), error + spread.sum(axis=0)
        all_gross = gross + np.abs(value).sum(axis=0)
        target = accuracy * np.maximum(np.abs(all_value), CANCELLATION * all_gross)
        target = np.maximum(target, max(ZERO, ROUNDING * np.max(all_gross)))
        all_noise = rounding + noise.sum(axis=0)
        target = np.maximum(target, 2.0 * all_noise)  # a result of zero has no other size
        if np.all(all_error <= target):
            return Estimate(all_value, all_error, evaluations)
        if used > MOST_PANELS:
            raise NotConvergedError(
                f"the momentum integral has an error of {np.max(all_error):.2g} after"
                f" {evaluations} momenta: ask for less accuracy, or raise temperature or"
                " broadening."
            )
        # halving a panel of rounding errors does not help
        stuck = (spread > 0.2 * before) & (spread < STUCK * all_gross)
        share = np.maximum(0.25 * np.maximum(target - error, 0.1 * target) / used, 4.0 * noise)
        poor = np.any((spread > share) & ~stuck, axis=1) & (fresh.high - fresh.low > NARROWEST)
        if not np.any(poor):
            size = np.maximum(np.abs(all_value), CANCELLATION * all_gross)
            _check_end(all_error, all_noise, target, size)
            return Estimate(all_value, all_error, evaluations)
        total = total + value[~poor].sum(axis=0)
        error = error + spread[~poor].sum(axis=0)
        gross = gross + np.abs(value[~poor]).sum(axis=0)
        rounding = rounding + noise[~poor].sum(axis=0)
        fresh, before = fresh.halves(poor), np.tile(spread[poor], (2, 1))


def _check_end(error: Array, rounding: Array, target: Array, size: Array) -> None:
    """An error that cutting panels does not lower is rounding, or the integral has no end."""
    if np.any((error > 100.0 * target) & (error > HOPELESS * size + 10.0 * rounding)):
        raise NotConvergedError(
            f"the momentum integral keeps an error of {np.max(error):.2g} however fine it is cut:"
            " where it has no end (a Dirac surface, warping), give the model a cutoff."
        )


def _evaluate(
    integrand: Integrand, panels: Panels, scale: float, comm: Any
) -> tuple[Array, Array, Array]:
    """`_panel_integrals`, the ranks of ``comm`` taking one stretch of the panels each."""
    size = len(panels.angle)
    if comm is None or comm.size == 1 or size < RANKS_SHARE:
        return _panel_integrals(integrand, panels, scale)
    mine = slice(size * comm.rank // comm.size, size * (comm.rank + 1) // comm.size)
    parts = comm.allgather(_panel_integrals(integrand, Panels(*(x[mine] for x in panels)), scale))
    value, spread, noise = (np.concatenate(part) for part in zip(*parts, strict=True))
    return value, spread, noise


def _panel_integrals(
    integrand: Integrand, panels: Panels, scale: float
) -> tuple[Array, Array, Array]:
    """Integral, its error and the rounding in it for every panel, (p, m) each."""
    parts = []
    for start in range(0, len(panels.angle), BATCH):
        angle, low, high = (x[start : start + BATCH, None] for x in panels)
        half = 0.5 * (high - low)
        k, jacobian = _momentum(low + half * (X15 + 1.0), scale)
        kx, ky = k * np.cos(angle), k * np.sin(angle)
        weight = (k * jacobian * half / (2.0 * np.pi))[..., None]
        samples, sizes = (
            x.reshape(*k.shape, -1) * weight for x in integrand(kx.ravel(), ky.ravel())
        )
        value = np.einsum("pnm,n->pm", samples, K15)
        difference = np.abs(np.einsum("pnm,n->pm", samples, K15 - G7))
        variation = np.einsum("pnm,n->pm", np.abs(samples - 0.5 * value[:, None, :]), K15)
        noise = EPSILON * np.einsum("pnm,n->pm", sizes, K15)
        parts.append((value, _error(difference, variation) + noise, noise))
    value, spread, noise = (np.concatenate(part) for part in zip(*parts, strict=True))
    return value, spread, noise


def _error(difference: Array, variation: Array) -> Array:
    """The estimate of QUADPACK: far below Kronrod less Gauss where that is already small."""
    ratio = difference / np.where(variation > 0.0, variation, 1.0)
    return variation * np.minimum(1.0, (200.0 * ratio) ** 1.5)


def _momentum(x: Array, scale: float) -> tuple[Array, Array]:
    """k and dk/dx: k = x scale up to x = 1, scale/(2 - x) beyond."""
    beyond = x > 1.0
    inverse = np.where(beyond, np.maximum(2.0 - x, 1e-12), 1.0)
    return scale * np.where(beyond, 1.0 / inverse, x), scale / inverse**2


def fermi_momenta(model: Nambu, angle: float, scale: float) -> Array:
    """Momenta below ``scale`` where a normal-state band crosses zero on one ray, ascending."""

    def bands(k: Array) -> Array:
        return model.electron_bands(k * np.cos(angle), k * np.sin(angle))

    k: NDArray = scale * np.arange(float(RADIAL)) / (RADIAL - 1)
    sign = np.signbit(bands(k))
    place, band = np.nonzero(sign[1:] != sign[:-1])
    low, high = k[place], k[place + 1]
    rows = np.arange(len(place))
    for _ in range(36):
        middle = 0.5 * (low + high)
        same = np.signbit(bands(middle))[rows, band] == sign[place, band]
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    # a band that touches zero at k = 0 has no speed there, nor weight
    return np.sort(low[high > MIN_FERMI * scale])


def _first_panels(model: Nambu, angles: Array, scale: float, far: float) -> Panels:
    lists = [_cuts(model, angle, scale, far) for angle in angles]
    sizes = [len(cuts) - 1 for cuts in lists]
    return Panels(
        np.repeat(angles, sizes),
        np.concatenate([cuts[:-1] for cuts in lists]),
        np.concatenate([cuts[1:] for cuts in lists]),
    )


def _cuts(model: Nambu, angle: float, scale: float, far: float) -> Array:
    """Ends of the first panels of a ray: distances from Fermi momenta grow by factors of 4."""
    cuts = [np.linspace(0.0, 1.0, 5)]
    tail = () if model.cutoff is not None else (1.5, 2.0 - 1.0 / far)
    for fermi in fermi_momenta(model, angle, scale):
        around = fermi * np.array([1.0 - 1e-6, 1.0 + 1e-6])
        bands = model.electron_bands(around * np.cos(angle), around * np.sin(angle))
        speed = np.max(np.abs(np.diff(bands, axis=0))) / (2e-6 * fermi)
        width = model.resolution / (speed * scale)
        distance = width * 4.0 ** np.arange(max(1, int(np.ceil(np.log(1.0 / width) / np.log(4.0)))))
        cuts += [fermi / scale + distance, fermi / scale - distance, np.array([fermi / scale])]
    ends = np.unique(np.concatenate(cuts))
    return np.append(ends[(ends >= 0.0) & (ends <= 1.0)], tail)
