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

from glvortex.micro.checks import POSITIVE, Rule, checked
from glvortex.micro.sums import condensation_sum, superfluid_fraction

Array = NDArray[np.float64]


CONDENSATE = Rule(
    POSITIVE, "J", ": without a condensate this length is infinite, take a small gap for that limit"
)


@checked()
def fermi_wavenumber(effective_mass: ArrayLike, chemical_potential: ArrayLike) -> Array:
    """k_F = sqrt(2 m mu)/hbar in 1/m, without spin-orbit coupling as in 003.

    Like all here it raises ParameterError for arguments that are not positive.
    """
    return np.sqrt(2.0 * np.multiply(effective_mass, chemical_potential)) / hbar


@checked()
def electron_density(fermi_wavenumber: ArrayLike, layer_spacing: ArrayLike) -> Array:
    """n = k_F^2/(2 pi s) in 1/m^3: both spins, one sheet per layer spacing s."""
    return np.square(fermi_wavenumber) / (2.0 * np.pi * np.asarray(layer_spacing))


@checked(gap=CONDENSATE)
def london_lambda(
    effective_mass: ArrayLike, density: ArrayLike, gap: ArrayLike, temperature: ArrayLike = 0.0
) -> Array:
    """lambda in m with lambda^-2 = mu0 n_s e^2/m and n_s = n (1 - Y(T)), Y of `sums.yosida`."""
    superfluid = np.asarray(density) * superfluid_fraction(gap, boltzmann * np.asarray(temperature))
    return np.sqrt(np.asarray(effective_mass) / (mu_0 * e**2 * superfluid))


@checked(gap=CONDENSATE)
def coherence_length(
    fermi_velocity: ArrayLike, gap: ArrayLike, temperature: ArrayLike = 0.0
) -> Array:
    """xi in m at which condensation energy and stiffness have their clean weak-coupling values.

    xi^2 = (hbar v_F/4 Delta)^2 (n_s/n)/c with c = (F_n - F_s)/(nu Delta^2) of
    `sums.condensation_sum`.
    """
    thermal = boltzmann * np.asarray(temperature)
    clean = hbar * np.divide(fermi_velocity, gap) / 4.0
    return clean * np.sqrt(superfluid_fraction(gap, thermal) / condensation_sum(gap, thermal))
