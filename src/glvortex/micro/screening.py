"""The potential of a charged inclusion in a layer, screened by its electrons: 003 App. A.

SI units; one layer, vacuum outside. ``charge`` densities in C/m^2, lengths in m, potentials in V
(of a positive test charge), fields in V/m. The kernel of the two-dimensional Coulomb interaction is
1/(2 eps0 q); 003 (A1)-(A2) print twice that, which ``kernel="levitan-2025"`` follows: it doubles
k_TF and leaves the Thomas-Fermi potential as it is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.constants import e, epsilon_0, hbar
from scipy.special import j0, j1, struve

from glvortex.errors import ParameterError
from glvortex.micro.checks import checked

Array = NDArray[np.float64]

KERNELS = {"standard": 2.0, "levitan-2025": 1.0}
"""eps0 q times the kernel, inverted."""

QMAX = 300.0  # largest q times the edge width
QSOFT = 120.0  # rounds the kinks of the edge over this fraction of its width
NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)


@checked()
def compressibility(effective_mass: ArrayLike) -> Array:
    """dn/dmu = m/(pi hbar^2) of a parabolic layer in 1/(J m^2)."""
    return np.asarray(effective_mass) / (np.pi * hbar**2)


@checked()
def thomas_fermi_wavenumber(compressibility: ArrayLike, kernel: str = "standard") -> Array:
    """k_TF = e^2 (dn/dmu)/(2 eps0) in 1/m."""
    return e**2 * np.asarray(compressibility) / (_kernel(kernel) * epsilon_0)


@checked()
def thomas_fermi_potential(charge: ArrayLike, compressibility: ArrayLike) -> Array:
    """V = charge/(e^2 dn/dmu) in V, 003 (A2): local, where the charge varies slowly on 1/k_TF."""
    return np.asarray(charge) / (e**2 * np.asarray(compressibility))


@checked()
def disk_charge(distance: ArrayLike, charge: float, radius: float, edge_width: float) -> Array:
    """Charge density at ``distance`` from the centre: constant, falling to 0 linearly in the edge.

    The edge is radius -+ edge_width/2, the geometry of 003 Sec. II.
    """
    _check(radius, edge_width)
    ramp = 0.5 + (radius - np.asarray(distance)) / edge_width
    return charge * np.clip(ramp, 0.0, 1.0)


@checked()
def edge_field(
    distance: ArrayLike, charge: float, radius: float, edge_width: float, compressibility: float
) -> Array:
    """Radial field in the Thomas-Fermi limit: V/d in the edge and 0 elsewhere, 003 Sec. II."""
    _check(radius, edge_width)
    inside = np.abs(np.asarray(distance) - radius) < 0.5 * edge_width
    step = thomas_fermi_potential(charge, compressibility)
    return np.where(inside, step / edge_width, 0.0)


@checked()
def screened_potential(
    distance: ArrayLike,
    charge: float,
    radius: float,
    edge_width: float,
    compressibility: float,
    kernel: str = "standard",
) -> tuple[Array, Array]:
    """(potential, radial field) of `disk_charge` by 003 (A1), V_q = V_ext,q/(1 + k_TF/q).

    A Hankel transform over all q, to about 1e-3 of the Thomas-Fermi values; ``distance`` has any
    shape. Raises ParameterError for an unknown kernel or lengths that are not positive.
    """
    _check(radius, edge_width)
    strength = thomas_fermi_wavenumber(compressibility, kernel)
    r = np.atleast_1d(np.asarray(distance))
    largest = max(radius + 0.5 * edge_width, float(np.max(np.abs(r), initial=0.0)))
    panels = int(np.ceil(QMAX * largest / edge_width / 4.0)) + 8
    edges = QMAX / edge_width * np.linspace(0.0, 1.0, panels + 1)
    half = 0.5 * np.diff(edges)[:, None]
    q = (edges[:-1, None] + half * (NODES + 1.0)).ravel()
    weight = (half * WEIGHTS).ravel() * np.exp(-((q * edge_width / QSOFT) ** 2))
    source = _transform(q, charge, radius, edge_width) / (_kernel(kernel) * epsilon_0)
    spectrum = weight * q * source / (q + strength) / (2.0 * np.pi)
    flat = np.abs(r).ravel()
    potential = np.array([spectrum @ j0(q * x) for x in flat]).reshape(r.shape)
    field = np.array([(spectrum * q) @ j1(q * x) for x in flat]).reshape(r.shape)
    shape = np.shape(distance)
    return potential.reshape(shape)[()], field.reshape(shape)[()]


def _transform(q: Array, charge: float, radius: float, edge_width: float) -> Array:
    """Two-dimensional Fourier transform of `disk_charge`: a mean over disks of the edge's radii."""

    def primitive(a: float) -> Array:  # of a J1(q a)
        x = q * a
        return 0.5 * np.pi * a / q * (j1(x) * struve(0, x) - j0(x) * struve(1, x))

    rings = primitive(radius + 0.5 * edge_width) - primitive(radius - 0.5 * edge_width)
    return 2.0 * np.pi * charge * rings / (q * edge_width)


def _kernel(name: str) -> float:
    if name not in KERNELS:
        raise ParameterError(f"kernel must be one of {', '.join(KERNELS)}, got '{name}'.")
    return KERNELS[name]


def _check(radius: float, edge_width: float) -> None:
    if not radius >= 0.5 * edge_width:
        raise ParameterError(
            f"edge_width must be at most twice the radius, got {edge_width:g} m for a radius of"
            f" {radius:g} m."
        )
