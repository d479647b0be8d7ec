"""One axisymmetric n-vortex in an infinite sample, to spectral accuracy.

With ``f(r) exp(-i n phi)`` and ``a = a(r) phi^`` the energy over 2 pi is (X units: lengths in xi,
b in Bc2, the uniform state at zero)

    int [f'^2 + (n/r - a)^2 f^2 + (1 - f^2)^2/2 + kappa^2 b^2] r dr,   b = a' + a/r

which is minimised over spectral elements out to where everything has decayed. The outer end is
natural: that the flux comes out as n Phi0 and that the virial identity holds test the answer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from glvortex.errors import NotConvergedError, ParameterError
from glvortex.material.elements import Array, Density, Elements, graded_breaks, minimise

_DEGREE = 14
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class IsolatedVortex:
    """An n-vortex in an infinite sample; lengths in xi, fields in Bc2.

    Attributes:
        kappa, winding: its parameters, winding n >= 1.
        radius: (N,) the grid, from 0 to where everything has decayed.
        f: (N,) |f|.
        potential: (N,) azimuthal vector potential a, in Phi0/(2 pi xi).
        field: (N,) b, in Bc2.
        line_energy: e_n, in Phi0^2/(4 pi mu0 lambda^2); 2 pi e_n in X units.
        slope: xi f'(0); 0 for n > 1.
        central_field: b(0), in Bc2; times kappa in units of sqrt2 mu0 Hc.
        flux: n Phi0 as computed, in Phi0.
        virial: int (1 - f^2)^2/2 over int kappa^2 b^2, less 1: 0 for the exact vortex.
        error: largest relative change of line_energy, central_field and slope (n = 1) with the
            degree of the elements.
    """

    kappa: float
    winding: int
    radius: Array
    f: Array
    potential: Array
    field: Array
    line_energy: float
    slope: float
    central_field: float
    flux: float
    virial: float
    error: float

    @property
    def lower_critical_field(self) -> float:
        """Field at which one such vortex enters, over Hc2: e_n/(2 n kappa^2); Hc1/Hc2 for n = 1."""
        return self.line_energy / (2 * self.winding * self.kappa**2)


@lru_cache(maxsize=4096)
def isolated_vortex(kappa: float, winding: int = 1) -> IsolatedVortex:
    """Solve for the n-vortex at any kappa > 0, n = winding >= 1; cached, the arrays are read-only.

    For kappa > 1/sqrt2 and n > 1 it is the least energy among axisymmetric states only.

    Raises ParameterError for a bad kappa or winding, NotConvergedError if the error estimate
    exceeds 1e-9.
    """
    if not (math.isfinite(kappa) and kappa > 0.0):
        raise ParameterError(f"kappa must be positive and finite, got {kappa:g}.")
    if winding < 1:
        raise ParameterError(f"winding must be a positive integer, got {winding}.")
    # type I: one quantum enters within about kappa, more of them in a normal core whose wall is
    # as thick as the field's penetration into a linear f
    wall = min(1.0, math.sqrt(kappa))
    core = (1.5 * winding + 2.0) * wall
    breaks = graded_breaks(min(1.0, kappa), wall, core, core + 40.0 * max(1.0, kappa))
    coarse = _Solution.of(Elements(breaks, _DEGREE), kappa, winding)
    fine = _Solution.of(Elements(breaks, _DEGREE + 4), kappa, winding, coarse)
    vortex = fine.vortex(float(np.max(np.abs(coarse.numbers / fine.numbers - 1))))
    if vortex.error > _TOLERANCE:
        raise NotConvergedError(
            f"the {winding}-vortex at kappa = {kappa:g} is known to {vortex.error:.0e} only."
        )
    return vortex


@dataclass(frozen=True)
class _Solution:
    """Unknowns f, a (2, N) on elements."""

    elements: Elements
    kappa: float
    winding: int
    fields: Array
    line_energy: float

    @classmethod
    def of(
        cls, elements: Elements, kappa: float, winding: int, guess: _Solution | None = None
    ) -> _Solution:
        r = elements.nodes
        if guess is None:
            size = winding * min(1.0, np.sqrt(kappa))
            start = np.array(
                [(r / np.hypot(r, size)) ** winding, winding * r / (r**2 + 4 * size**2 + kappa**2)]
            )
        else:
            start = (guess.elements.at(r)[0] @ guess.fields.T).T
        free = np.ones_like(start, dtype=bool)
        free[:, 0] = False  # f = a = 0 on the axis
        start[:, 0] = 0.0
        density = _density(elements.points, kappa, winding)
        return cls(elements, kappa, winding, *minimise(elements, density, start, free))

    @property
    def numbers(self) -> Array:
        """Line energy, b(0), f'(0) if that is not zero."""
        slope, spin = (self.elements.at(0.0)[1] @ self.fields.T)[0]
        return np.array([self.line_energy, 2 * spin] + [slope] * (self.winding == 1))

    def vortex(self, error: float) -> IsolatedVortex:
        elements = self.elements
        f, potential = self.fields
        r, numbers = elements.nodes, self.numbers
        field = np.append(numbers[1], (elements.at(r[1:])[1] @ potential) + potential[1:] / r[1:])
        area = elements.weights * elements.points
        b = elements.slopes @ potential + (elements.values @ potential) / elements.points
        condensation = area @ (1 - (elements.values @ f) ** 2) ** 2 / 2
        for values in (r, f, potential, field):
            values.setflags(write=False)
        return IsolatedVortex(
            kappa=self.kappa,
            winding=self.winding,
            radius=r,
            f=f,
            potential=potential,
            field=field,
            line_energy=self.line_energy,
            slope=float(numbers[2]) if self.winding == 1 else 0.0,
            central_field=float(numbers[1]),
            flux=float(r[-1] * potential[-1]),
            virial=float(condensation / (self.kappa**2 * (area @ b**2)) - 1),
            error=error,
        )


def _density(r: Array, kappa: float, winding: int) -> Density:
    def density(values: Array, slopes: Array) -> tuple[Array, Array, Array]:
        (f, a), (df, da) = values, slopes
        flow = winding / r - a
        b = da + a / r
        energy = r * (df**2 + (flow * f) ** 2 + (1 - f**2) ** 2 / 2 + kappa**2 * b**2)
        gradient = 2 * np.array(
            [
                r * f * (flow**2 - 1 + f**2),
                -r * flow * f**2 + kappa**2 * b,
                r * df,
                r * kappa**2 * b,
            ]
        )
        o = np.zeros_like(r)
        ff = r * (flow**2 - 1 + 3 * f**2)
        fa = -2 * r * f * flow
        aa = r * f**2 + kappa**2 / r
        stiff = np.full_like(r, kappa**2)
        hessian = 2 * np.array(
            [[ff, fa, o, o], [fa, aa, o, stiff], [o, o, r, o], [o, stiff, o, r * kappa**2]]
        )
        return energy, gradient, hessian

    return density
