"""Response of a clean two-dimensional Rashba superconductor to an exchange field b_z (SI units).

Hamiltonian 003 (14), 000 (8): xi - lambda e (sigma x E).k - b_z sigma_z with gap Delta, both
branches filled, quasi-classical. ``effective_mass`` in kg, ``gap`` and ``rashba_energy`` = |lambda
e E_z| k_F in J, ``temperature`` in K, ``rashba_length2`` = lambda in m^2, signed; all broadcast.
Coefficients are per layer, e > 0, electrons carry -e. Above T = 0 the sums of `glvortex.micro.sums`
replace the closed forms. A gap of exactly zero is the normal state, also at T = 0, where the limit
Delta -> 0 differs. ``broadening`` is the level width Gamma in J.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.constants import e, hbar, m_e
from scipy.constants import k as boltzmann

from glvortex.errors import ParameterError
from glvortex.micro.checks import POSITIVE, Rule, checked
from glvortex.micro.sums import current_sum, soc_sum, spin_sum, yosida

Array = NDArray[np.float64]

BOHR_MAGNETON = e * hbar / (2.0 * m_e)
CHI_UNIT = e / (4.0 * np.pi * hbar)
"""e/(4 pi hbar) in A/J, the size of chi."""

SPLIT = Rule(
    POSITIVE,
    "J",
    ": towards no Rashba splitting gamma and chi vanish as (rashba_energy/gap)^2, so take a small"
    " value for that limit",
)
"""What gamma and chi ask of the Rashba energy, here and in `exact_metal`."""

GAMMA_FORMULAS = {
    "corrected": -1.0 / (2.0 * np.pi),
    "printed": -1.0 / (4.0 * np.pi),
    "printed-17": 1.0 / (4.0 * np.pi),
}
"""gamma hbar^3/(e^2 lambda m f): from the Hamiltonian, as in 003 (21), and as 003 (17) implies."""

SUSCEPTIBILITIES = {"pauli-2d": 1.0 / np.pi, "levitan-2025": 3.0 * np.pi}
"""chi_spin hbar^2/m in the normal state: the 2D Pauli value of 000 (50), and 003 (9)."""


@checked(rashba_energy=SPLIT)
def gamma(
    effective_mass: ArrayLike,
    rashba_length2: ArrayLike,
    gap: ArrayLike,
    rashba_energy: ArrayLike,
    temperature: ArrayLike = 0.0,
    formula: str = "corrected",
    broadening: ArrayLike = 0.0,
) -> Array:
    """gamma in A/(V J): sheet current gamma E_par x (b_z z), 003 (2).

    gamma = -(e^2 lambda m/2 pi hbar^3) S, at T = 0 S = f of 003 (18); ``formula`` picks the
    prefactor from `GAMMA_FORMULAS`. Zero in the normal state.
    """
    prefactor = _choose(GAMMA_FORMULAS, formula, "gamma_formula") * e**2 / hbar**3
    size = prefactor * np.asarray(rashba_length2) * np.asarray(effective_mass)
    return size * current_sum(gap, rashba_energy, _thermal(temperature), broadening)


@checked(rashba_energy=SPLIT)
def gamma_parts(
    effective_mass: ArrayLike,
    rashba_length2: ArrayLike,
    gap: ArrayLike,
    rashba_energy: ArrayLike,
    temperature: ArrayLike = 0.0,
    broadening: ArrayLike = 0.0,
) -> tuple[Array, Array]:
    """gamma of pairs of different branches, 003 (E5), and of one branch, (F1), in A/(V J).

    Their sum is `gamma`; the first is -(e^2 lambda/2 hbar) chi_spin_perp, the second the Yosida
    function times e^2 lambda m/2 pi hbar^3. In the normal state they cancel, as App. F says.
    """
    size = e**2 / hbar**3 / (2.0 * np.pi) * np.asarray(rashba_length2) * np.asarray(effective_mass)
    thermal = _thermal(temperature)
    between = -size * spin_sum(gap, rashba_energy, thermal, broadening)
    return between, size * yosida(gap, thermal, broadening)


@checked(rashba_energy=SPLIT)
def chi_soc(
    gap: ArrayLike,
    rashba_energy: ArrayLike,
    temperature: ArrayLike = 0.0,
    broadening: ArrayLike = 0.0,
) -> Array:
    """Spin-orbit part e v g_soc of chi in A/J, 000 (12), (46); >= 0, zero in the normal state."""
    return CHI_UNIT * soc_sum(gap, rashba_energy, _thermal(temperature), broadening)


@checked(rashba_energy=SPLIT)
def chi_orb(
    gap: ArrayLike,
    rashba_energy: ArrayLike,
    temperature: ArrayLike = 0.0,
    broadening: ArrayLike = 0.0,
) -> Array:
    """Orbital part e v_F g_orb of chi in A/J: -(e/4 pi hbar) S, 000 (12), (47)-(49)."""
    return -CHI_UNIT * current_sum(gap, rashba_energy, _thermal(temperature), broadening)


@checked()
def chi_orb_intra(
    gap: ArrayLike, temperature: ArrayLike = 0.0, broadening: ArrayLike = 0.0
) -> Array:
    """Intra-branch part of `chi_orb` in A/J: (e/4 pi hbar) Y, 000 (45), (47), (49), App. C."""
    return CHI_UNIT * yosida(gap, _thermal(temperature), broadening)


@checked(rashba_energy=SPLIT)
def chi_orb_inter(
    gap: ArrayLike,
    rashba_energy: ArrayLike,
    temperature: ArrayLike = 0.0,
    broadening: ArrayLike = 0.0,
) -> Array:
    """Inter-branch part of `chi_orb` in A/J: -(e/4 pi hbar) chi_perp/2 nu_F, 000 (45), (48)."""
    return -CHI_UNIT * spin_sum(gap, rashba_energy, _thermal(temperature), broadening)


@checked(rashba_energy=SPLIT)
def chi(
    gap: ArrayLike,
    rashba_energy: ArrayLike,
    temperature: ArrayLike = 0.0,
    broadening: ArrayLike = 0.0,
    broadened: str = "all",
) -> Array:
    """chi = chi_soc + chi_orb in A/J, 000 (11): magnetisation -chi b_z of one layer.

    ``broadened``: "all" parts, or only the "intra"-branch one as in 000 (47) and Fig. 4.
    """
    if broadened not in ("all", "intra"):
        raise ParameterError(f"broadened must be all or intra, got '{broadened}'.")
    rest = broadening if broadened == "all" else 0.0
    return (
        chi_soc(gap, rashba_energy, temperature, rest)
        + chi_orb_inter(gap, rashba_energy, temperature, rest)
        + chi_orb_intra(gap, temperature, broadening)
    )


@checked(rashba_energy=SPLIT)
def beta(gap: ArrayLike, rashba_energy: ArrayLike, temperature: ArrayLike = 0.0) -> Array:
    """The coefficient beta = -chi of 003 (1) in A/J; its moment is pi R^2 beta b_z, 003 (G2).

    Zero in the normal state; e/4 pi hbar for Delta -> 0+ at any E_R/mu in clean layers, where 003
    App. G expects (E_R/2 mu)^2 (docs/micro_equations.md). Inclusions larger than xi.
    """
    return -chi(gap, rashba_energy, temperature)


@checked()
def chi_spin_perp(
    effective_mass: ArrayLike,
    gap: ArrayLike,
    rashba_energy: ArrayLike,
    temperature: ArrayLike = 0.0,
    broadening: ArrayLike = 0.0,
) -> Array:
    """Out-of-plane spin density <sigma_z> per exchange field in 1/(J m^2), 000 (50)."""
    pauli = np.asarray(effective_mass) / (np.pi * hbar**2)
    return pauli * spin_sum(gap, rashba_energy, _thermal(temperature), broadening)


@checked()
def chi_zeeman(
    effective_mass: ArrayLike,
    gap: ArrayLike,
    rashba_energy: ArrayLike,
    temperature: ArrayLike = 0.0,
    lande_factor: ArrayLike = 2.0,
) -> Array:
    """chi_Z = g mu_B chi_spin_perp/2 in A/J, 000 (5), (51); chi + chi_Z is the coefficient X."""
    moment = 0.5 * np.asarray(lande_factor) * BOHR_MAGNETON
    return moment * chi_spin_perp(effective_mass, gap, rashba_energy, temperature)


@checked()
def spin_susceptibility(effective_mass: ArrayLike, name: str = "pauli-2d") -> Array:
    """Spin susceptibility of the normal state in 1/(J m^2); the moment per area is mu_B chi b_z.

    "pauli-2d" is m/(pi hbar^2), "levitan-2025" the 3 pi m/hbar^2 of 003 (9), 3 pi^2 times as much.
    """
    return _choose(SUSCEPTIBILITIES, name, "susceptibility") * np.asarray(effective_mass) / hbar**2


@checked()
def moment_ratio(gamma: ArrayLike, potential_step: ArrayLike, chi_spin: ArrayLike) -> Array:
    """M_gamma/M_n = gamma V/(mu_B chi_spin), 003 (10), with M_n counted positive along +b_z."""
    moment = np.asarray(gamma) * np.asarray(potential_step)
    return moment / (BOHR_MAGNETON * np.asarray(chi_spin))


@checked()
def own_moment_ratio(rashba_length2: ArrayLike, potential_step: ArrayLike) -> Array:
    """M_gamma over the superconductor's own spin moment at T = 0: -e^2 lambda V/(2 hbar mu_B).

    Exact at T = 0, whatever gap and Rashba energy; at T > 0 multiply by S/(S + Y), which vanishes
    at Tc.
    """
    product = np.asarray(rashba_length2) * np.asarray(potential_step)
    return -(e**2) * product / (2.0 * hbar * BOHR_MAGNETON)


@checked(perpendicular_step=Rule(POSITIVE, "V"))
def estimate_g1(
    potential_step: ArrayLike,
    perpendicular_step: ArrayLike,
    depth: ArrayLike,
    fermi_wavenumber: ArrayLike,
    rashba_energy: ArrayLike,
    chemical_potential: ArrayLike,
) -> Array:
    """The size of M_gamma/M_n by 003 (G1): (V/V_perp) (d_perp k_F) E_R/mu, any consistent units.

    The coefficient left out is -f/2 for the bare electron mass.
    """
    steps = np.asarray(potential_step) / np.asarray(perpendicular_step)
    energies = np.asarray(rashba_energy) / np.asarray(chemical_potential)
    return steps * np.asarray(depth) * np.asarray(fermi_wavenumber) * energies


@checked()
def texture(
    radial_slope: ArrayLike, current_coefficient: ArrayLike, g_soc: ArrayLike
) -> tuple[Array, Array]:
    """(J along theta, S along rho) around an impurity with dM_z/drho = ``radial_slope``.

    J = X dM_z/drho and S = +g_soc dM_z/drho, 000 (3), (4); 000 (6) prints the other sign of S.
    """
    slope = np.asarray(radial_slope)
    return slope * np.asarray(current_coefficient), slope * np.asarray(g_soc)


def _thermal(temperature: ArrayLike) -> Array:
    return boltzmann * np.asarray(temperature)


def _choose(table: dict[str, float], name: str, key: str) -> float:
    if name not in table:
        raise ParameterError(f"{key} must be one of {', '.join(table)}, got '{name}'.")
    return table[name]
