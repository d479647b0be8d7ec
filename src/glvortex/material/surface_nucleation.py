"""Where superconductivity nucleates at a surface parallel to the field: half plane and disk.

Both fields are the largest at which ``(grad + i a)^2 f + f = 0`` with no current through the
surface has a solution; X units at t = 1 (lengths in xi, fields in Hc2), for other t put R sqrt(t)
in and multiply the field by t.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.linalg import eig, eigh

from glvortex.errors import ParameterError
from glvortex.material.elements import Elements

_DEGREE = 16


def surface_critical_field() -> float:
    """Hc3/Hc2 = 1.6946... of a half plane; Saint-James and de Gennes, Phys. Lett. 7, 306 (1963)."""
    return _half_plane()[0]


@lru_cache
def _half_plane() -> tuple[float, float]:
    """Hc3/Hc2 and u(0)^2 of the state that nucleates, of norm 1 with x in magnetic lengths.

    ``-u'' + (x - x0)^2 u = mu u`` has its least mu where mu = x0^2; there it reads
    ``-u'' + x^2 u = 2 x0 x u``, linear in x0.
    """
    elements = Elements(np.arange(0.0, 13.0, 2.0), _DEGREE)
    x = elements.points
    operator = elements.stiffness() + elements.mass(x**2)
    inverse, states = eigh(elements.mass(2 * x), operator)
    u = states[:, -1]
    return float(inverse[-1] ** 2), float(u[0] ** 2 / (u @ elements.mass() @ u))


@dataclass(frozen=True)
class DiskNucleation:
    """Nucleation field of a disk, in Hc2, and the flux quanta of the state that nucleates."""

    field: float
    winding: int


@lru_cache(maxsize=1024)
def disk_nucleation(radius: float) -> DiskNucleation:
    """Nucleation in a disk (a cylinder along the field) of any radius in xi; cached.

    The state ``u(r) exp(-i m phi)`` obeys ``-u'' - u'/r + (m/r - h r/2)^2 u = u``, u'(R) = 0; h is
    the largest of all m (Saint-James, Phys. Lett. 15, 13 (1965)).

    Raises ParameterError unless the radius is positive and finite.
    """
    if not 0.0 < radius < np.inf:
        raise ParameterError(f"the radius must be positive and finite, got {radius:g}.")
    hc3, rim = _half_plane()
    # small disks, and the first correction of a large one's curvature
    guess = max(np.hypot(hc3, np.sqrt(8) / radius), hc3 + rim / 3 * hc3**1.5 / radius)
    centre = 1 / np.sqrt(hc3 * guess)
    winding = round(guess / 2 * max(0.0, radius - centre) ** 2)
    fields = {m: _largest_field(radius, m, guess) for m in (winding, winding + 1)}
    step = 1 if fields[winding + 1] > fields[winding] else -1
    # the field rises to one maximum over the windings
    while winding + step >= 0:
        field = _largest_field(radius, winding + step, guess)
        if field <= fields[winding]:
            break
        winding += step
        fields[winding] = field
    return DiskNucleation(fields[winding], winding)


def _largest_field(radius: float, winding: int, guess: float) -> float:
    """Largest h at which the state of this winding exists, -inf if there is none.

    With lengths in R a quadratic eigenproblem in (h - guess) R^2: nothing cancels in large disks.
    """
    # the state lives within a few xi of the rim
    depth = min(1.0, 12.0 / radius)
    elements = Elements(1 - np.linspace(depth, 0.0, 5), _DEGREE)
    r = elements.points
    flow = winding / r - guess * radius**2 * r / 2
    start = 1 if winding else 0  # u(0) = 0
    constant = elements.stiffness(r) + elements.mass(r * (flow**2 - radius**2))
    linear, quadratic = elements.mass(-(r**2) * flow), elements.mass(r**3 / 4)
    constant, linear, quadratic = (m[start:, start:] for m in (constant, linear, quadratic))
    zero, one = np.zeros_like(constant), np.eye(len(constant))
    left = np.block([[zero, one], [-constant, -linear]])
    right = np.block([[one, zero], [zero, quadratic]])
    shifts = eig(left, right, right=False) / radius**2
    real = np.isfinite(shifts) & (np.abs(shifts.imag) < 1e-7 * (guess + np.abs(shifts)))
    return guess + float(np.max(shifts.real[real], initial=-np.inf))
