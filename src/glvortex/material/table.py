"""The table that `glvortex coefficients` prints: one row per quantity, with unit and source."""

from __future__ import annotations

from typing import NamedTuple

from scipy.constants import e

from glvortex.material.coefficients import Coefficients
from glvortex.material.sources import Sources


class Row(NamedTuple):
    """One quantity: name as in the code, symbol as in the papers, value in ``unit``, its source."""

    name: str
    symbol: str
    value: float
    unit: str
    source: str


MEV = 1e-3 * e

MATERIAL = (
    ("temperature", "T", 1.0, "K", "given"),
    ("critical_temperature", "Tc", 1.0, "K", "given, or Delta(0)/1.764 k_B"),
    ("gap", "Delta(T)", MEV, "meV", "BCS gap equation"),
    ("k_F", "k_F", 1e9, "1/nm", "sqrt(2 m mu)/hbar"),
    ("fermi_velocity", "v_F", 1.0, "m/s", "hbar k_F/m"),
    ("density", "n", 1e27, "1/nm^3", "k_F^2/(2 pi s)"),
    ("rashba_energy", "E_R", MEV, "meV", "|lambda e E_z| k_F"),
    ("rashba_length2", "lambda_R", 1e-18, "nm^2", "E_R/(e E_z k_F)"),
    ("coherence_length", "xi", 1e-9, "nm", "measured, or Phi0/(2 sqrt2 pi lambda Bc)"),
    ("london_lambda", "lambda", 1e-9, "nm", "measured, or sqrt(m/mu0 n_s e^2)"),
    ("kappa", "kappa", 1.0, "", "lambda/xi"),
    ("bc2", "Bc2", 1.0, "T", "Phi0/(2 pi xi^2)"),
    ("hc1", "Hc1", 1.0, "A/m", "Phi0 e1(kappa)/(4 pi mu0 lambda^2)"),
    ("stiffness", "kappa_s", MEV, "meV", "hbar^2 s/(4 e^2 mu0 lambda^2), 003 (3)"),
    ("gamma", "gamma", 1.0, "A/(V J)", "closed: 003 (21) corrected, at T by Matsubara sum"),
    ("chi", "chi", 1.0, "A/J", "closed: 000 (11), (46)-(49), at T by sums"),
    ("chi_zeeman", "chi_Z", 1.0, "A/J", "closed: 000 (5), (50)"),
    ("chi_spin", "chi_spin", 1.0, "1/(J m^2)", "normal state, one layer, 003 (8)"),
    ("spin_fraction", "chi_perp/2 nu_F", 1.0, "", "closed: 000 (50)"),
)
ERRORS = {
    "gamma": "gamma_error",
    "chi": "chi_error",
    "chi_zeeman": "spin_error",
    "spin_fraction": "spin_error",
}
DIAGONALISED = "exact: diagonalisation of 003 (14)"
INCLUSION = (
    ("exchange_field", "b_z", MEV, "meV", "given"),
    ("potential_step", "V", 1e-3, "mV", "given, outside minus inside"),
    ("pseudo_gauge_si", "A~", 1.0, "T m", "-mu0 lambda^2 j_gamma/s, 003 (4)"),
    ("pseudo_gauge", "a~", 1.0, "Phi0/(2 pi xi)", "2 pi xi A~/Phi0"),
    ("h_tilde", "h~", 1.0, "T", "mu0 gamma b_z V/s, 003 (11)"),
    ("h_tilde_reduced", "h~", 1.0, "Bc2", "h~/Bc2"),
    ("magnetisation_spin", "m_spin", 1.0, "A/m", "mu_B chi_perp b_z/s"),
    ("magnetisation_chi", "m_chi", 1.0, "A/m", "-chi b_z/s, 000 (2)"),
    ("magnetisation", "m", 1.0, "A/m", "m_spin + m_chi"),
    ("magnetisation_reduced", "m^", 1.0, "Bc2/mu0", "mu0 m/Bc2"),
    ("M_gamma", "M_gamma", 1.0, "A m^2", "pi R^2 gamma b_z V per layer, 003 (7)"),
    ("M_n", "M_n", 1.0, "A m^2", "pi R^2 mu_B chi_spin b_z per layer, 003 (8)"),
    ("ratio_analytic", "M_gamma/M_n", 1.0, "", "gamma V/(mu_B chi_spin), 003 (10)"),
    ("ratio_own_spin", "M_gamma/M_spin", 1.0, "", "gamma V/(mu_B chi_perp), own spin moment"),
)


def coefficient_rows(coefficients: Coefficients, sources: Sources | None = None) -> list[Row]:
    """Rows (name, symbol, value, unit, source) of a material and, if given, of one inclusion."""
    rows = [_row(coefficients, *entry) for entry in MATERIAL]
    if coefficients.method == "exact":
        rows = [_diagonalised(coefficients, r) if r.name in ERRORS else r for r in rows]
    if sources is not None:
        rows += [_row(sources, *entry) for entry in INCLUSION]
    return rows


def _diagonalised(coefficients: Coefficients, row: Row) -> Row:
    error = getattr(coefficients, ERRORS[row.name])
    return row._replace(source=f"{DIAGONALISED}, relative error {error:.0e}")


def _row(holder: object, name: str, symbol: str, scale: float, unit: str, source: str) -> Row:
    return Row(name, symbol, float(getattr(holder, name)) / scale, unit, source)
