"""Superheating field of a half plane: where the vortex-free state stops being a minimum.

In x > 0 with the field along z, a = a(x) y^ and f = f(x), the energy per area is (X units)

    int [f'^2 + f^2 a^2 + (1 - f^2)^2/2 + kappa^2 a'^2] dx   at a given a(0)

and h = -a'(0). A perturbation ``f: phi(x) cos qy, a_y: u(x) cos qy, a_x: v(x) sin qy`` (the phase
of f gauged away) costs, with the best v,

    int [phi'^2 + (q^2 + a^2 - 1 + 3 f^2) phi^2 + 4 f a phi u + f^2 u^2
         + kappa^2 f^2 u'^2/(f^2 + kappa^2 q^2)] dx

and the state is lost where the least eigenvalue of that form over all q reaches zero (Kramer, Phys.
Rev. 170, 475 (1968); Transtrum, Catelani and Sethna, Phys. Rev. B 83, 094505 (2011)).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.linalg import eig_banded
from scipy.optimize import brentq, minimize_scalar

from glvortex.errors import ParameterError
from glvortex.material.elements import (
    Array,
    Elements,
    QuadraticForm,
    graded_breaks,
    minimise,
)

_DEGREE = 12


@dataclass(frozen=True)
class Superheating:
    """Superheating field of a half plane at one kappa.

    Attributes:
        kappa: its parameter.
        field: in Hc2; times sqrt2 kappa in Hc.
        wave_number: q of the perturbation that grows, 1/xi; 0 where the uniform one is first.
    """

    kappa: float
    field: float
    wave_number: float


@lru_cache(maxsize=256)
def superheating_field(kappa: float, *, modulated: bool = True) -> Superheating:
    """Superheating field at t = 1 and any kappa > 0; cached.

    With ``modulated`` perturbations may vary along the surface; those that do come first above
    kappa = 1.1495 (limit sqrt5/3 Hc for large kappa). Without, the problem is one-dimensional
    (limit Hc).

    Raises ParameterError for a bad kappa.
    """
    if not 0.0 < kappa < math.inf:
        raise ParameterError(f"kappa must be positive and finite, got {kappa:g}.")
    plane = _HalfPlane(kappa)
    fold = plane.fold()
    if not modulated:
        return Superheating(kappa, plane.field(fold), 0.0)
    if plane.worst(fold)[1] > -1e-7:  # the fold itself is known to about 1e-8
        return Superheating(kappa, plane.field(fold), 0.0)
    lost = brentq(lambda a0: plane.worst(a0)[1], 0.4 * fold, fold, xtol=1e-11 * fold)
    return Superheating(kappa, plane.field(lost), plane.worst(lost)[0])


class _HalfPlane:
    """The vortex-free states at one kappa, by a0 = a(0)."""

    def __init__(self, kappa: float) -> None:
        self.kappa = kappa
        first = 0.5 * min(1.0, kappa)
        breaks = graded_breaks(first, first, first, 30.0 * max(1.0, kappa))
        self.elements = Elements(breaks, _DEGREE)
        self.form = QuadraticForm(self.elements, 2)
        self._states: dict[float, Array] = {}

    def state(self, a0: float) -> Array:
        """f and a (2, N) of the least energy at a(0) = a0."""
        if a0 not in self._states:
            self._states[a0] = self._solve(a0)
        return self._states[a0]

    def _solve(self, a0: float) -> Array:
        x = self.elements.nodes
        if self._states:
            nearest = min(self._states, key=lambda other: abs(other - a0))
            start = self._states[nearest].copy()
            start[1] *= a0 / nearest
        else:
            start = np.array([np.ones_like(x), a0 * np.exp(-x / self.kappa)])
        free = np.ones_like(start, dtype=bool)
        free[1, 0] = False
        return minimise(self.elements, self._density, start, free)[0]

    def field(self, a0: float) -> float:
        """H in Hc2, by the first integral: kappa^2 h^2 = f^2 a^2 + (1 - f^2)^2/2 at x = 0."""
        f0 = self.state(a0)[0, 0]
        return float(np.sqrt((f0 * a0) ** 2 + (1 - f0**2) ** 2 / 2) / self.kappa)

    def stability(self, a0: float, q: float) -> float:
        """Least eigenvalue of the second variation; only its sign has a meaning."""
        f, a = (self.elements.values @ self.state(a0).T).T
        hessian = self._hessian(f, a, q)
        bands = self.form.matrix(hessian)
        return float(eig_banded(bands, eigvals_only=True, select="i", select_range=(0, 0))[0])

    def fold(self) -> float:
        """a0 of the largest field, where uniform perturbations no longer cost anything."""
        # steps from below, in the end shorter than the maximum is wide: beyond it h is flat
        width = 0.1 * self.kappa ** (-1 / 2 if self.kappa < 1 else -2 / 3)
        step = 0.1 * max(1.0, self.kappa**-0.5)
        a0 = step
        while True:
            while self.field(a0 + step) > self.field(a0):
                a0 += step
            if step <= width:
                break
            step, a0 = step / 4, max(a0 - step, step / 4)
        bounds, options = (max(a0 - step, step / 2), a0 + step), {"xatol": 1e-9 * a0}
        best = minimize_scalar(
            lambda a: -self.field(a), bounds=bounds, method="bounded", options=options
        )
        return float(best.x)

    def worst(self, a0: float) -> tuple[float, float]:
        """q that costs least, and its eigenvalue."""
        best = minimize_scalar(
            lambda log: self.stability(a0, math.exp(log)),
            bounds=(math.log(0.01 / max(1.0, self.kappa)), math.log(2.0)),
            method="bounded",
            options={"xatol": 1e-4},
        )
        return math.exp(best.x), float(best.fun)

    def _density(self, values: Array, slopes: Array) -> tuple[Array, Array, Array]:
        (f, a), (df, da) = values, slopes
        stiff = self.kappa**2
        energy = df**2 + (f * a) ** 2 + (1 - f**2) ** 2 / 2 + stiff * da**2
        gradient = 2 * np.array([f * (a**2 - 1 + f**2), f**2 * a, df, stiff * da])
        return energy, gradient, self._hessian(f, a, 0.0)

    def _hessian(self, f: Array, a: Array, q: float) -> Array:
        o = np.zeros_like(f)
        ff, fa, aa = q**2 + a**2 - 1 + 3 * f**2, 2 * f * a, f**2
        # where f = 0 as well as q = 0 the full kappa^2
        stiff = self.kappa**2 / (1 + (self.kappa * q / f) ** 2)
        one = np.ones_like(f)
        return 2 * np.array([[ff, fa, o, o], [fa, aa, o, o], [o, o, one, o], [o, o, o, stiff]])
