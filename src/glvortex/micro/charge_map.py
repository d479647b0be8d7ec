"""The potential of any sheet of charge in a layer, screened by its electrons, on a regular grid.

In Fourier space ``V_q = V_ext,q/(1 + k_TF/q)`` (003 (A1)), and with the two-dimensional Coulomb
kernel ``V_ext,q = rho_q/(2 eps0 q)`` and ``k_TF = e^2 (dn/dmu)/(2 eps0)``

    V_q = rho_q/(e^2 dn/dmu) * k_TF/(q + k_TF)

so the screened potential is the Thomas-Fermi one, `screening.thomas_fermi_potential`, smoothed over
1/k_TF. Whatever the units of the map and of lengths, `smoothed` does the second factor.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from glvortex.errors import ParameterError

Array = NDArray[np.float64]

_TAIL = 8.0  # over k: how far the smoothed charge reaches (it falls like 1/r^3)


def smoothed(
    charge: Array, spacing: tuple[float, float], wavenumber: float, blur: float = 0.0
) -> Array:
    """Return the map times k/(q + k) in Fourier space: what the electrons make of a charge.

    Outside the map the charge goes linearly from that at its border to the mean of the border.

    Args:
        charge: (rows, columns), any unit.
        spacing: distance of rows and of columns, any unit of length.
        wavenumber: k in the inverse unit; infinite for the Thomas-Fermi limit.
        blur: standard deviation of a Gaussian over which the charge is averaged first.

    Raises:
        ParameterError: a grid of fewer than four rows or columns, numbers that are not finite or
            lengths that are not positive.
    """
    charge = np.asarray(charge, dtype=float)
    _check(charge, spacing, wavenumber, blur)
    border = np.concatenate([charge[0], charge[-1], charge[:, 0], charge[:, -1]])
    outside = float(border.mean())
    reach = _TAIL / wavenumber + 6.0 * blur
    pads = [
        min(max(n // 2, math.ceil(reach / step)), 2 * n)
        for n, step in zip(charge.shape, spacing, strict=True)
    ]
    wide = np.pad(charge - outside, [(n, n) for n in pads], mode="linear_ramp", end_values=0.0)
    shape = [fft.next_fast_len(n, real=True) for n in wide.shape]
    q_rows = 2.0 * np.pi * fft.fftfreq(shape[0], spacing[0])
    q_columns = 2.0 * np.pi * fft.rfftfreq(shape[1], spacing[1])
    q = np.hypot(q_rows[:, None], q_columns)
    factor = 1.0 / (1.0 + q / wavenumber) * np.exp(-0.5 * (blur * q) ** 2)
    result = fft.irfft2(fft.rfft2(wide, shape) * factor, shape)
    rows, columns = charge.shape
    return np.asarray(result[pads[0] : pads[0] + rows, pads[1] : pads[1] + columns] + outside)


def _check(charge: Array, spacing: tuple[float, float], wavenumber: float, blur: float) -> None:
    if charge.ndim != 2 or min(charge.shape) < 4:
        size = " x ".join(map(str, charge.shape))
        raise ParameterError(f"a charge map needs four rows and columns at least, got {size}.")
    if not np.isfinite(charge).all():
        raise ParameterError("a charge map must hold finite numbers only.")
    for name, value in (("spacing", min(spacing)), ("wavenumber", wavenumber)):
        if not value > 0.0:
            raise ParameterError(f"{name} must be positive, got {value:g}.")
    if not 0.0 <= blur < math.inf:
        raise ParameterError(f"blur must not be negative, got {blur:g}.")
