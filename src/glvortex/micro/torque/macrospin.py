"""Macrospins under fields and spin-orbit torques: the Landau-Lifshitz-Gilbert equation 002 (25).

    dm/dt = -m x h + m x (alpha dm/dt + alpha_D f(m_z) dm_par/dt) + torques,  m a unit vector,

in reduced units: fields in one field B (all of them as mu0 H in tesla, often the anisotropy field
2K/M_s), times in 1/(gamma B) and energies in M B, M the moment. alpha_D is the damping of in-plane
motion by a Dirac surface, 002 (24) corrected. With the electric field along e and p = z x e,

    Dirac torque, damping-like   +dirac  t(m_z) m_z m x e
    Dirac torque, field-like     +fieldlike  f(m_z) m x p
    spin Hall torque             +spin_hall  m x (p x m)

f and t are `shape.longitudinal` and `shape.transverse` in (beta m_z)^2; with beta = 0 they are 1,
as in 002 (25). A torque T = -m x b is kept as the field b, which makes it part of the Gilbert form.
Everything broadcasts over the leading axes of m (..., 3): one moment or thousands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from glvortex.errors import ParameterError
from glvortex.micro.checks import FROM_ZERO, SIGNED, Rule, check
from glvortex.micro.estimate import Array
from glvortex.micro.torque.shape import longitudinal, longitudinal_slope, transverse

Vector = Sequence[Array]
"""Three components, each an array over the moments."""


@dataclass(frozen=True)
class Macrospins:
    """What the moments are; numbers, or arrays over them.

    Args:
        anisotropy: field of the easy axis, negative for a hard one.
        axis: (3,) or (..., 3), any length but zero.
        damping: alpha, at least 0.
        surface_damping: alpha_D, at least 0: `laboratory.surface_damping`.
        polarization: beta = Delta/eps_F, between -1 and 1.

    Raises ParameterError for values outside these ranges.
    """

    anisotropy: ArrayLike = 1.0
    axis: ArrayLike = (0.0, 0.0, 1.0)
    damping: ArrayLike = 0.1
    surface_damping: ArrayLike = 0.0
    polarization: ArrayLike = 0.0

    def __post_init__(self) -> None:
        _keep(self, anisotropy=SIGNED, damping=FROM_ZERO, surface_damping=FROM_ZERO)
        _keep(self, polarization=SIGNED)
        if np.any(np.abs(self.polarization) >= 1.0):
            raise ParameterError(
                "polarization must be between -1 and 1, since the Fermi energy is above the gap, "
                f"got {np.max(np.abs(self.polarization)):g}."
            )
        object.__setattr__(self, "axis", unit(self.axis, "axis"))


@dataclass(frozen=True)
class Drive:
    """What acts on the moments at one time; numbers, or arrays over them.

    Args:
        field: (3,) or (..., 3).
        dirac: damping-like torque of a Dirac surface, see the module.
        fieldlike: its field-like torque.
        spin_hall: damping-like torque of a spin Hall metal.
        direction: (2,) or (..., 2), of the electric field in the plane.
        temperature: k_B T/(M B), for each moment M.

    Raises ParameterError for values that are not finite, a negative temperature, no direction.
    """

    field: ArrayLike = (0.0, 0.0, 0.0)
    dirac: ArrayLike = 0.0
    fieldlike: ArrayLike = 0.0
    spin_hall: ArrayLike = 0.0
    direction: ArrayLike = (1.0, 0.0)
    temperature: ArrayLike = 0.0

    def __post_init__(self) -> None:
        _keep(self, field=SIGNED, dirac=SIGNED, fieldlike=SIGNED, spin_hall=SIGNED)
        _keep(self, temperature=FROM_ZERO)
        if np.shape(self.field)[-1:] != (3,):
            raise ParameterError(f"field must have 3 components, got {np.shape(self.field)}.")
        object.__setattr__(self, "direction", unit(self.direction, "direction", 2))


class Mobility(NamedTuple):
    """The Gilbert equation solved for dm/dt = -m x [precession h + across.. (m x h)].

    ``across`` damps the in-plane components of m x h, ``along`` the one along z; the slopes are
    derivatives by m_z, which thermal noise needs.
    """

    precession: Array
    across: Array
    along: Array
    precession_slope: Array
    across_slope: Array


def mobility(spins: Macrospins, mz: Array) -> Mobility:
    """Of moments with the z components ``mz``.

    With the damping matrix A = diag(a, a, alpha), dm/dt = (A_T + J)^-1 h_T in the tangent plane,
    where J turns by 90 degrees and det A_T = m . adj(A) m.
    """
    alpha, extra, beta2 = (
        np.asarray(v) for v in (spins.damping, spins.surface_damping, _square(spins.polarization))
    )
    x = beta2 * mz**2
    a = alpha + extra * longitudinal(x)
    a_slope = 2.0 * extra * beta2 * mz * longitudinal_slope(x)
    g = 1.0 / (1.0 + a * (alpha + (a - alpha) * mz**2))
    slope = a_slope * (alpha + (2.0 * a - alpha) * mz**2) + 2.0 * a * (a - alpha) * mz
    g_slope = -slope * g**2
    return Mobility(g, a * g, alpha * g, g_slope, a_slope * g + a * g_slope)


def fields(spins: Macrospins, drive: Drive, m: Vector) -> Vector:
    """Applied, anisotropy and torque fields at ``m``: three components like it."""
    n, h = _components(spins.axis), _components(drive.field)
    pull = np.asarray(spins.anisotropy) * (m[0] * n[0] + m[1] * n[1] + m[2] * n[2])
    ex, ey = np.moveaxis(np.asarray(drive.direction), -1, 0)
    x = _square(spins.polarization) * m[2] ** 2
    along = -np.asarray(drive.dirac) * transverse(x) * m[2]
    across = -np.asarray(drive.fieldlike) * longitudinal(x)
    hall = np.asarray(drive.spin_hall)
    # m x p with p = (-ey, ex, 0)
    return (
        h[0] + pull * n[0] + along * ex - across * ey - hall * m[2] * ex,
        h[1] + pull * n[1] + along * ey + across * ex - hall * m[2] * ey,
        h[2] + pull * n[2] + hall * (m[0] * ex + m[1] * ey),
    )


def rotation(spins: Macrospins, drive: Drive, m: Vector, noise: Vector | None = None) -> Vector:
    """W of dm/dt = -m x W; ``noise`` are three white noises of variance 2 k_B T/(M B) per time.

    The noise keeps exp(-energy/k_B T) for any damping: what depends on m_z brings a drift along the
    lines of latitude and longitude (Stratonovich; without surface damping it vanishes, Brown 1963).
    """
    h = fields(spins, drive, m)
    g, across, along, g_slope, across_slope = mobility(spins, m[2])
    c = cross(m, h)
    w = [g * h[0] + across * c[0], g * h[1] + across * c[1], g * h[2] + along * c[2]]
    if noise is not None:
        theta = np.asarray(drive.temperature)
        drift = 0.5 * theta * across_slope
        w[0] = w[0] + np.sqrt(across) * noise[0] + drift * m[1]
        w[1] = w[1] + np.sqrt(across) * noise[1] - drift * m[0]
        w[2] = w[2] + np.sqrt(along) * noise[2] + theta * g_slope
    return w


def velocity(spins: Macrospins, drive: Drive, m: ArrayLike) -> Array:
    """dm/dt at zero temperature, shaped like ``m`` (..., 3)."""
    parts = _components(unit(m, "m"))
    return -np.stack(np.broadcast_arrays(*cross(parts, rotation(spins, drive, parts))), axis=-1)


def energy(spins: Macrospins, drive: Drive, m: ArrayLike) -> Array:
    """Energy in M B of each moment in field and anisotropy; torques have none."""
    n, v = np.asarray(spins.axis), unit(m, "m")
    zeeman = np.sum(np.asarray(drive.field) * v, axis=-1)
    return -zeeman - 0.5 * np.asarray(spins.anisotropy) * np.sum(n * v, axis=-1) ** 2


def cross(a: Vector, b: Vector) -> Vector:
    """The vector product by components, faster than numpy's."""
    return (
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    )


def unit(vectors: ArrayLike, name: str, size: int = 3) -> Array:
    """``vectors`` (..., size) at length one; raises ParameterError for another shape or zero."""
    array = check(vectors, name, Rule())
    if array.shape[-1:] != (size,):
        raise ParameterError(f"{name} must have {size} components, got the shape {array.shape}.")
    length = np.linalg.norm(array, axis=-1, keepdims=True)
    if not np.all(length > 0.0):
        raise ParameterError(f"{name} must not be the zero vector.")
    return array / length


def _components(vectors: ArrayLike) -> Vector:
    return tuple(np.moveaxis(np.asarray(vectors, dtype=float), -1, 0))


def _square(value: ArrayLike) -> Array:
    return np.asarray(value, dtype=float) ** 2


def _keep(instance: object, **rules: Rule) -> None:
    for name, rule in rules.items():
        object.__setattr__(instance, name, check(getattr(instance, name), name, rule))
