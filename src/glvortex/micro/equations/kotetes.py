"""000, equation by equation."""

from __future__ import annotations

from functools import partial

from glvortex.micro.equations import numbers_000 as n
from glvortex.micro.equations import numbers_surface as s
from glvortex.micro.equations.table import Equation


def _q(number: str, subject: str, verdict: str, remark: str = "", check: object = None) -> Equation:
    return Equation("000", number, subject, verdict, remark, check)  # type: ignore[arg-type]


UNIT = "e/4 pi hbar"
METAL = "quasi-classical: deviation of order (E_R/mu)^2"

KOTETES = [
    _q("1", "S and J as derivatives", "confirmed", "definitions; their signs fix (3) and (4)"),
    _q("2", "energy density", "confirmed", "its cross terms give (3) and (4)", n.reciprocal_spin),
    _q("3", f"J_y per dM_z/dx, {UNIT}", "confirmed", METAL, n.current_from_gradient),
    _q(
        "4", "4 pi hbar v S_x per dM_z/dx", "confirmed", "S = +g_soc grad M_z", n.spin_from_gradient
    ),
    _q("5", "X = chi + chi_Z", "confirmed", "a definition; number at (51)"),
    _q("6", "4 pi hbar v S_rho per dM_z/drho", "corrected", "+g_soc, as (4) says", n.texture_sign),
    _q("7", "Hamiltonian with sources", "confirmed", "what the exact engine diagonalises"),
    _q("8", "bare Hamiltonian", "confirmed", "as (7); v = -lambda e E_z of 003"),
    _q(
        "9",
        "g_soc as an integral",
        "confirmed",
        "from (A3); against a finite wave vector",
        partial(n.finite_wave_vector, "spin_x"),
    ),
    _q("10", "chi_orb as an integral", "confirmed", "from (A2), the part k/m", n.metal_orbital),
    _q("11", f"chi_orb + chi_soc, {UNIT}", "confirmed", "", n.parts_of_chi),
    _q("12", f"chi_soc = e v g_soc, {UNIT}", "confirmed", "", n.spin_part),
    _q("13", "Green function", "confirmed", "a definition"),
    _q(
        "14",
        "chi of the surface as an integral",
        "confirmed",
        "through (17)",
        partial(s.dirac_part, 2),
    ),
    _q(
        "15",
        "rotation to the frame of k, y component",
        "corrected",
        "exp(-i theta sigma_z/2) belongs to tan theta = -k_x/k_y",
        s.rotation_angle,
    ),
    _q("16", "rotated Green function", "confirmed", "used in the integral (17)"),
    _q(
        "17",
        "part II by frequency and momentum integral",
        "confirmed",
        "part I by the same integral is (42)",
        partial(s.dirac_part, 2),
    ),
    _q("18", f"chi of the surface, {UNIT}", "confirmed", "", s.quantised),
    _q("19", f"chi of the surface, mu < 0, {UNIT}", "confirmed", "", s.quantised_below),
    _q(
        "20",
        "vorticity of d = k",
        "corrected",
        "tan theta = -d_x/d_y; the printed angle turns the other way",
        s.winding_as_printed,
    ),
    _q(
        "21", "topological integral, T = 0.1 mu", "confirmed", "tanh(mu/2T)", s.topological_integral
    ),
    _q("22", "energy of a moment", "confirmed", "a definition"),
    _q("23", "chi from the orbital magnetisation", "confirmed", "", s.magnetisation_slope),
    _q(
        "24",
        f"orbital magnetisation, {UNIT} |mu|",
        "confirmed",
        "M_z = 0.3 mu",
        s.orbital_magnetisation,
    ),
    _q("25", "Dirac Hamiltonian", "confirmed", "as (7) for m -> infinity"),
    _q("26", "vector d(k)", "confirmed", "as (25)"),
    _q("27", "Berry curvature", "confirmed", "against overlaps around a plaquette", s.berry),
    _q("28", "Hall conductance, e^2/4 pi hbar", "confirmed", "mu in the gap", s.hall),
    _q("29", f"-d(magnetisation)/dM_z, {UNIT}", "confirmed", "", s.magnetisation_slope),
    _q(
        "30",
        "in-plane gradient, third level",
        "confirmed",
        "diagonalised on a line",
        partial(s.landau_level, False),
    ),
    _q("31", "in-plane gradient, zeroth level", "confirmed", "", partial(s.zeroth_level, False)),
    _q("32", "in-plane gradient, third level", "confirmed", "", partial(s.landau_level, False)),
    _q("33", "in-plane gradient, third level", "confirmed", "", partial(s.landau_level, False)),
    _q(
        "34",
        "out-of-plane gradient, third level",
        "confirmed",
        "diagonalised on a line",
        partial(s.landau_level, True),
    ),
    _q("35", "out-of-plane gradient, zeroth level", "confirmed", "", partial(s.zeroth_level, True)),
    _q("36", "out-of-plane gradient, third level", "confirmed", "", partial(s.landau_level, True)),
    _q("37", "out-of-plane gradient, third level", "confirmed", "", partial(s.landau_level, True)),
    _q(
        "38",
        "second order of g_soc in mu/m v^2",
        "confirmed",
        "and -3/2 in warping: see (B11)",
        s.quadratic_spin,
    ),
    _q("39", "first order of chi in |mu|/m v^2", "confirmed", "", s.quadratic_chi),
    _q(
        "40",
        "spin susceptibility, cutoff 3 |mu|",
        "confirmed",
        "(40) leaves the cutoff out",
        s.spin_perp_surface,
    ),
    _q(
        "41",
        "chi_Z of the surface per |mu|/m_e v^2",
        "confirmed",
        "cancels the first order of (39) for m = m_e",
        s.zeeman_surface,
    ),
    _q("42", f"part I + part II at Delta = mu/2, {UNIT}", "confirmed", "", s.dirac_gap),
    _q("43", f"the jump: chi at Delta = 1e-4 mu, {UNIT}", "confirmed", "", s.dirac_jump),
    _q(
        "44",
        "g_soc of the normal metal",
        "confirmed",
        "zero at any E_R/mu, both branches filled",
        partial(n.normal_metal, "spin_x"),
    ),
    _q(
        "45",
        "chi of the normal metal",
        "confirmed",
        "intra and inter cancel at any E_R/mu",
        partial(n.normal_metal, "current_y"),
    ),
    _q("46", "4 pi hbar v g_soc, delta = 0.5", "confirmed", METAL, n.metal_spin),
    _q(
        "47",
        f"intra-branch part, Gamma = 0.2 E_R, {UNIT}",
        "confirmed",
        "exact for the self-energy i Gamma sgn w",
        n.metal_intra,
    ),
    _q("48", f"inter-branch part, {UNIT}", "confirmed", "", n.metal_orbital),
    _q("49", f"clean orbital part, {UNIT}", "confirmed", "", n.metal_orbital),
    _q(
        "50",
        "spin susceptibility over 2 nu_F",
        "confirmed",
        "frequency integral before that over k",
        n.susceptibility,
    ),
    _q("51", f"chi_Z, {UNIT}", "confirmed", "", n.zeeman_over_chi),
    _q("A1", "free energy to second order", "confirmed", "through (A2), (A3)"),
    _q(
        "A2",
        f"chi from the polarisation, {UNIT}",
        "confirmed",
        "q = 1e-3 Delta against the exact derivative",
        partial(n.finite_wave_vector, "current_y"),
    ),
    _q(
        "A3",
        "g_soc from the polarisation",
        "confirmed",
        "the same",
        partial(n.finite_wave_vector, "spin_x"),
    ),
    _q("B1", "ladder commutator", "confirmed", "", s.ladder_commutator),
    _q("B2", "Landau levels", "confirmed", "as (31)-(33)", partial(s.landau_level, False)),
    _q("B3", "S_z of the zeroth level", "confirmed", "after antisymmetrising in mu", s.landau_spin),
    _q("B4", "rotating frame", "confirmed", "through (B10)"),
    _q("B5", "Hamiltonian in that frame", "confirmed", "through (B10)"),
    _q("B6", "adiabatic Hamiltonian", "confirmed", "through (B10)"),
    _q("B7", "one mover", "confirmed", "through (B10)"),
    _q("B8", "S_y as an integral", "confirmed", "through (B10)"),
    _q("B9", "S_y to first order", "confirmed", "through (B10)"),
    _q("B10", "4 pi hbar v S_y per dM_z/dy", "confirmed", "", s.adiabatic),
    _q(
        "B11",
        "cutoff term of g_soc per Lambda/m v^2",
        "confirmed",
        "-1/8 pi of the line, times 4 pi",
        s.cutoff_spin,
    ),
    _q(
        "B11",
        "second order of g_soc in warping",
        "confirmed",
        "thermal and higher orders: 2e-3",
        s.warping_spin,
    ),
    _q("B12", "second order of chi in mu/m v^2", "confirmed", "", s.quadratic_chi_second),
    _q(
        "B13",
        f"orbital magnetisation, odd part, {UNIT}",
        "confirmed",
        "all orders: sqrt(1 + 2 mu/m v^2)",
        s.magnetisation_integral,
    ),
    _q("C1", "rotated Green function", "corrected", "xi = hbar^2 (k^2 - k_F^2)/2m; a misprint"),
    _q(
        "C2",
        "derivatives in polar coordinates",
        "confirmed",
        "g_soc's prefactor below has v, not v_F",
        n.spin_part,
    ),
    _q(
        "C3",
        "broadened -n_F' at T > 0",
        "confirmed",
        "exact for a self-energy i Gamma sgn w",
        n.broadened_slope_warm,
    ),
    _q("C4", "broadened -n_F' at T = 0", "confirmed", "", n.broadened_slope),
    _q("C5", f"intra-branch part, {UNIT}", "confirmed", "", n.metal_intra),
    _q("D1", "spectrum with exchange field", "confirmed", "", n.exchange_spectrum),
    _q(
        "D2",
        "curvature of the ground-state energy",
        "confirmed",
        "",
        n.energy_curvature,
    ),
    _q("D3", "ground-state energy", "confirmed", "through (D2)"),
    _q("D4", "quasi-classical energy", "confirmed", "its second difference", n.energy_curvature),
]
