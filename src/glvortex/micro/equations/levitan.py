"""003, equation by equation."""

from __future__ import annotations

from functools import partial

from glvortex.micro.equations import numbers_003 as n
from glvortex.micro.equations import numbers_003_appendices as a
from glvortex.micro.equations.table import Equation, several

_q, _each = partial(Equation, "003"), partial(several, "003")
GL = "part of the Ginzburg-Landau functional and its solver"
FACTOR = "exact is -2 times the printed value"

LEVITAN = [
    _q(
        "1",
        "alpha in the normal state",
        "confirmed",
        "forbidden there: vanishes",
        n.alpha_in_the_normal_state,
    ),
    _q(
        "2",
        "j_x/j_y for E_par along x",
        "confirmed",
        "the current is along E x z",
        n.gamma_direction,
    ),
    _q("3", "free energy", "outside", GL),
    _q(
        "4", "pseudo-gauge field", "confirmed", "identity with lambda^2; hbar restored in `Sources`"
    ),
    _q("5", "supercurrent", "outside", GL),
    _q(
        "6",
        "ring current gamma b_z V",
        "confirmed",
        "E_par d = V, whatever the profile of the edge",
    ),
    _q("7", "M_gamma", "confirmed", "pi R^2 times (6), R the mid-edge radius"),
    _q(
        "8",
        "M_n = pi R^2 chi b_z",
        "confirmed",
        "a definition; sign of the spin moment: see discrepancies",
    ),
    _q("9", "chi/(m mu_B)", "corrected", "the 2D Pauli value is 1/pi", n.spin_susceptibility),
    _q("10", "M_gamma/M_n", "corrected", "follows (9): gamma V pi/(m mu_B)", n.spin_susceptibility),
    _q("11", "curl h~", "confirmed", "h~ = mu0 gamma b_z V/s inside, in `Sources`"),
    _q("12", "free energy with vortices", "outside", GL),
    _q("13", "vortex density", "outside", GL),
    _q("14", "Hamiltonian", "confirmed", "what the exact engine diagonalises"),
    _q("15", "current operator", "confirmed", "-dH/dA of (14)", n.current_operator),
    _q(
        "16",
        "j_y per E_x b_z",
        "corrected",
        "prefactor -b_z, not b_z/2; summed at Delta = 0.05",
        n.linear_response,
    ),
    _q("17", "j_y per E_x b_z", "corrected", FACTOR, n.printed_17),
    _q(
        "18",
        "f at y = 0.3",
        "confirmed",
        "against the integral of (E8) with a plus",
        n.universal_function,
    ),
    _q("19", "j_y per E_x b_z, small gap", "corrected", FACTOR, n.printed_19),
    _q("20", "matching of currents", "confirmed", "the definition of gamma"),
    _q("21", "gamma/(e^2 lambda m)", "corrected", "twice the printed value", n.printed_21),
    _q(
        "22",
        "M_gamma/M_n",
        "corrected",
        "-1/2, from (9) and (21): 6 pi^2 times as large",
        n.printed_22,
    ),
    _q(
        "23",
        "j_y per E_x b_z at small fields",
        "confirmed",
        "the engine's `average`; 1/2 is in J_k",
        n.average_current,
    ),
    _q(
        "A1",
        "V_tot/V_ext at q = k_TF",
        "corrected",
        "the Coulomb kernel in 2D is 1/(2 eps0 q), here from 1/(4 pi eps0 r)",
        a.screening_wavenumber,
    ),
    _q(
        "A2",
        "edge field, V/m",
        "confirmed",
        "the Thomas-Fermi limit does not depend on the kernel",
        a.thomas_fermi,
    ),
    *_each("B1 B2 B3 B4", "free energy", "outside", GL),
    _q("D1", "Green function", "confirmed", "against the inverse of i w - H", a.green_function),
    *_each("D2 D3 D4 D5", "parts of that Green function", "confirmed", "as (D1)", a.green_function),
    _q("E1", "j_y per E_x b_z", "corrected", "the same sum as (16)", n.linear_response),
    _q("E2", "sum over n_F'", "corrected", "2 n_F'", a.one_branch_sum),
    _q("E3", "frequency sum of two branches", "confirmed", "", a.two_branch_sum),
    _q("E4", "spin trace", "confirmed", "", a.spin_trace_between),
    _q("E5", "j_y per E_x b_z", "corrected", FACTOR, a.momentum_integral),
    _q(
        "E6",
        "splitting xi_+ - xi_- at k_F",
        "corrected",
        "v_F k' -+ v~ k_F: the last step loses the splitting that (E8) has",
        a.linearised_splitting,
    ),
    _q("E7", "j_y per E_x b_z", "corrected", FACTOR, n.printed_17),
    _q(
        "E8",
        "f at y = 0.3",
        "corrected",
        "a plus before the product of roots; printed diverges (cut at 1e4)",
        a.integral_as_printed,
    ),
    _q(
        "F1",
        "spin trace of one branch",
        "confirmed",
        "its prefactor shares the factors of (16), (E2)",
        a.spin_trace_within,
    ),
    _q(
        "F2",
        "Fermi-surface part per E_x b_z",
        "corrected",
        "exact is -4 times: -2 of (16), 2 of (E2); the velocities of (F4) bring one 2",
        a.fermi_surface_integral,
    ),
    _q(
        "F3",
        "Fermi momentum of the larger branch",
        "confirmed",
        "but both branches have the speed sqrt(v_F^2 + v~^2)",
        a.fermi_momenta,
    ),
    _q(
        "F4",
        "Fermi-surface part per E_x b_z",
        "corrected",
        "-1/2 pi; the cancellation stands, at any E_R/mu",
        a.fermi_surface_part,
    ),
    _q(
        "App. F",
        "normal-state current per E_x b_z",
        "confirmed",
        "both parts cancel",
        a.normal_state_current,
    ),
    _q(
        "G1",
        "M_gamma/M_n at V = V_perp, d_perp k_F = 10, E_R = mu",
        "corrected",
        "right as an order of magnitude, factor f/2; (22) would make it 1/12 pi^2",
        a.estimate_coefficient,
    ),
    _q("G2", "M_beta", "confirmed", "pi R^2 beta b_z, as (7)"),
    _q(
        "App. G",
        "beta in e/4 pi hbar for small gaps",
        "corrected",
        "not small: beta = -chi -> e/4 pi hbar for Delta -> 0+ at any E_R/mu",
        a.beta_size,
    ),
]
