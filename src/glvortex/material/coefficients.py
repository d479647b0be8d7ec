"""What a material comes down to: Ginzburg-Landau lengths, fields and response coefficients."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Coefficients:
    """Everything `Material.coefficients` derives, SI units, at one temperature.

    Attributes:
        temperature, critical_temperature: K.
        gap: Delta at this temperature, J.
        coherence_length, london_lambda: m; kappa is london_lambda/coherence_length.
        bc2: Phi0/(2 pi xi^2), T.
        hc1: Phi0 e1(kappa)/(4 pi mu0 lambda^2), A/m.
        gamma: A/(V J), 003 (2).
        chi, chi_zeeman: A/J, 000 (5) and (11).
        chi_spin: normal-state spin susceptibility by the chosen formula, 1/(J m^2) per layer.
        spin_fraction: chi_spin_perp of the superconductor over that of the normal state, 000 (50).
        k_F, fermi_velocity, density: 1/m, m/s, 1/m^3, without spin-orbit coupling.
        chemical_potential, rashba_energy: J.
        rashba_length2: lambda of 003 with its sign, m^2.
        out_of_plane_field: E_z, V/m.
        layer_spacing: m.
        stiffness: kappa of 003 (3), one layer, hbar restored: hbar^2 s/(4 e^2 mu0 lambda^2), J.
        method: "closed" or "exact": where gamma, chi, chi_zeeman and spin_fraction come from.
        gamma_error, chi_error, spin_error: relative errors that diagonalisation estimates, the last
            of chi_zeeman and spin_fraction; 0 for closed forms.
        notes: what was measured and what derived, and which small parameter is not small.
    """

    temperature: float
    critical_temperature: float
    gap: float
    coherence_length: float
    london_lambda: float
    kappa: float
    bc2: float
    hc1: float
    gamma: float
    chi: float
    chi_zeeman: float
    chi_spin: float
    spin_fraction: float
    k_F: float
    fermi_velocity: float
    density: float
    chemical_potential: float
    rashba_energy: float
    rashba_length2: float
    out_of_plane_field: float
    layer_spacing: float
    stiffness: float
    method: str = "closed"
    gamma_error: float = 0.0
    chi_error: float = 0.0
    spin_error: float = 0.0
    notes: tuple[str, ...] = ()
