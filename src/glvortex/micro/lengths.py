"""Lengths of a clean layered superconductor, one parabolic band per layer (SI, broadcasting).

Two physical quantities fix the two Ginzburg-Landau lengths at every temperature: the superfluid
density gives lambda, the condensation energy gives Bc, and xi = Phi0/(2 sqrt2 pi lambda Bc). Near
Tc this is the exact clean weak-coupling result for a cylindrical Fermi surface, xi^2 = 7 zeta(3)
(hbar v_F/k_B Tc)^2/[32 pi^2 (1 - T/Tc)] and lambda^2 = lambda_L^2/[2 (1 - T/Tc)]; at T = 0 it is
lambda_L and xi = hbar v_F/(2 sqrt2 Delta), 11 % above the BCS length hbar v_F/(pi Delta). Disorder
(mean free path below xi) shortens xi and lengthens lambda: measured values should be used then.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.constants import e, hbar, mu_0
from scipy.constants import k as boltzmann

from glvortex.micro.checks import positive
from glvortex.micro.sums import condensation_sum, superfluid_fraction

Array = NDArray[np.float64]


NO_CONDENSATE = ": without a condensate this length is infinite, take a small gap for that limit"


def fermi_wavenumber(effective_mass: ArrayLike, chemical_potential: ArrayLike) -> Array:
    """k_F = sqrt(2 m mu)/hbar in 1/m, without spin-orbit coupling as in 003.

    Like all here it raises ParameterError for arguments that are not positive.
    """
    mass = positive(effective_mass, "effective_mass", "kg")
    return np.sqrt(2.0 * mass * positive(chemical_potential, "chemical_potential", "J")) / hbar


def electron_density(fermi_wavenumber: ArrayLike, layer_spacing: ArrayLike) -> Array:
    """n = k_F^2/(2 pi s) in 1/m^3: both spins, one sheet per layer spacing s."""
    k_F = positive(fermi_wavenumber, "fermi_wavenumber", "1/m")
    return np.square(k_F) / (2.0 * np.pi * positive(layer_spacing, "layer_spacing", "m"))


def london_lambda(
    effective_mass: ArrayLike, density: ArrayLike, gap: ArrayLike, temperature: ArrayLike = 0.0
) -> Array:
    """lambda in m with lambda^-2 = mu0 n_s e^2/m and n_s = n (1 - Y(T)), Y of `sums.yosida`."""
    gap = positive(gap, "gap", "J", NO_CONDENSATE)
    fraction = superfluid_fraction(gap, boltzmann * np.asarray(temperature, dtype=float))
    superfluid = positive(density, "density", "1/m^3") * fraction
    return np.sqrt(positive(effective_mass, "effective_mass", "kg") / (mu_0 * e**2 * superfluid))


def coherence_length(
    fermi_velocity: ArrayLike, gap: ArrayLike, temperature: ArrayLike = 0.0
) -> Array:
    """xi in m at which condensation energy and stiffness have their clean weak-coupling values.

    xi^2 = (hbar v_F/4 Delta)^2 (n_s/n)/c with c = (F_n - F_s)/(nu Delta^2) of
    `sums.condensation_sum`.
    """
    thermal = boltzmann * np.asarray(temperature, dtype=float)
    gap = positive(gap, "gap", "J", NO_CONDENSATE)
    clean = hbar * positive(fermi_velocity, "fermi_velocity", "m/s") / (4.0 * gap)
    return clean * np.sqrt(superfluid_fraction(gap, thermal) / condensation_sum(gap, thermal))
