"""What the electrons do: response coefficients of Rashba superconductors, arrays in, arrays out.

Closed forms in SI units are functions of this package (Rashba metal) and of `dirac` (surface of a
topological insulator); `exact_metal` has the same by diagonalisation, `exact` any response of an
`Electrons` model, or of a `Semimetal` with any d(k), in free units, and `screening` the edge field
of a charged inclusion:

    from glvortex.micro import exact_metal, gamma, gap
    delta = gap([1.0, 2.0], critical_temperature=2.7)             # J, at 1 K and 2 K
    gamma(m_e, 7e-21, delta, 3e-21, [1.0, 2.0])                   # A/(V J)
    exact_metal.gamma(m_e, 5e-20, 7e-21, delta, 3e-21, [1.0, 2.0])  # value, error, momenta

    from glvortex.micro import Electrons, exact
    model = Electrons(chemical_potential=0.5, rashba=0.1, gap=0.01)
    exact.gradient_response(model, "current_y", "exchange_z")     # chi in e/hbar
"""

from glvortex.micro import dirac, exact, exact_metal, screening
from glvortex.micro.electrons import Electrons
from glvortex.micro.estimate import Estimate
from glvortex.micro.gap import (
    GAP_RATIO,
    critical_temperature,
    gap,
    reduced_gap,
    zero_temperature_gap,
)
from glvortex.micro.lengths import (
    coherence_length,
    electron_density,
    fermi_wavenumber,
    london_lambda,
)
from glvortex.micro.rashba import (
    BOHR_MAGNETON,
    CHI_UNIT,
    GAMMA_FORMULAS,
    SUSCEPTIBILITIES,
    beta,
    chi,
    chi_orb,
    chi_orb_inter,
    chi_orb_intra,
    chi_soc,
    chi_spin_perp,
    chi_zeeman,
    estimate_g1,
    gamma,
    gamma_parts,
    moment_ratio,
    own_moment_ratio,
    spin_susceptibility,
    texture,
)
from glvortex.micro.semimetal import Semimetal
from glvortex.micro.sums import (
    condensation_sum,
    current_sum,
    soc_sum,
    spin_sum,
    superfluid_fraction,
    yosida,
)
from glvortex.micro.universal import universal, universal_complement

__all__ = [
    "BOHR_MAGNETON",
    "CHI_UNIT",
    "GAMMA_FORMULAS",
    "GAP_RATIO",
    "SUSCEPTIBILITIES",
    "Electrons",
    "Estimate",
    "Semimetal",
    "beta",
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
    "dirac",
    "electron_density",
    "estimate_g1",
    "exact",
    "exact_metal",
    "fermi_wavenumber",
    "gamma",
    "gamma_parts",
    "gap",
    "london_lambda",
    "moment_ratio",
    "own_moment_ratio",
    "reduced_gap",
    "screening",
    "soc_sum",
    "spin_sum",
    "spin_susceptibility",
    "superfluid_fraction",
    "texture",
    "universal",
    "universal_complement",
    "yosida",
    "zero_temperature_gap",
]
