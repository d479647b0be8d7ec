"""What the electrons do: response coefficients of Rashba superconductors, arrays in, arrays out."""

from . import exact, exact_metal
from .gap import GAP_RATIO, critical_temperature, gap, reduced_gap, zero_temperature_gap
from .lengths import coherence_length, electron_density, fermi_wavenumber, london_lambda
from .momentum import Estimate
from .nambu import Electrons
from .rashba import (
    BOHR_MAGNETON,
    CHI_UNIT,
    GAMMA_FORMULAS,
    SUSCEPTIBILITIES,
    chi,
    chi_orb,
    chi_orb_inter,
    chi_orb_intra,
    chi_soc,
    chi_spin_perp,
    chi_zeeman,
    gamma,
    moment_ratio,
    spin_susceptibility,
)
from .sums import (
    condensation_sum,
    current_sum,
    soc_sum,
    spin_sum,
    superfluid_fraction,
    yosida,
)
from .universal import universal, universal_complement

__all__ = [
    "BOHR_MAGNETON",
    "CHI_UNIT",
    "GAMMA_FORMULAS",
    "GAP_RATIO",
    "SUSCEPTIBILITIES",
    "Electrons",
    "Estimate",
    "chi",
    "chi_orb",
    "chi_orb_inter",
    "chi_orb_intra",
    "chi_soc",
    "chi_spin_perp",
    "chi_zeeman",
    "coherence_length",
    "condensation_sum",
    "critical_temperature",
    "current_sum",
    "electron_density",
    "exact",
    "exact_metal",
    "fermi_wavenumber",
    "gamma",
    "gap",
    "london_lambda",
    "moment_ratio",
    "reduced_gap",
    "soc_sum",
    "spin_sum",
    "spin_susceptibility",
    "superfluid_fraction",
    "universal",
    "universal_complement",
    "yosida",
    "zero_temperature_gap",
]
