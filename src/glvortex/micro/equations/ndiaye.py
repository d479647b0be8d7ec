"""002, equation by equation."""

from __future__ import annotations

from functools import partial

from glvortex.micro.equations import numbers_002 as n
from glvortex.micro.equations.table import Equation, several

_q, _each = partial(Equation, "002"), partial(several, "002")
ORDER = "G^R and G^A are interchanged, which turns the part along m_z E"
FORCE = "the force on the moment is -dF/dm; with it the sign is +"
SEA = "of (9) as printed; its sign is judged there"

NDIAYE = [
    *_each("1 2 3", "Hamiltonian", "confirmed", "what the bubble integrates"),
    _q("4", "lowest level at a momentum", "confirmed", "e A = (Delta/v) z x m", n.shifted_cone),
    _q("5", "element of v_x", "confirmed", "with S = <sigma>", n.velocity_operator),
    _q("6", "energy of the lower state", "confirmed", "", n.eigenstates),
    _q("7", "<sigma_x> of the upper state", "confirmed", "", n.spin_of_a_state),
    _q(
        "8",
        "<sigma_x> per E_x, m = z, no impurities",
        "corrected",
        ORDER + "; exact: spins that follow k(t)",
        n.fermi_surface_term,
    ),
    _q(
        "9",
        "<sigma_x> per E_x, eps_F in the gap",
        "corrected",
        ORDER + "; it vanishes in the metal",
        n.fermi_sea_term,
    ),
    _q(
        "10",
        "self-energy that depends on k",
        "outside",
        "point impurities have none; 1 - xi is of the order 1/tau eps_F that is left out",
    ),
    _q("11", "sigma_z part over n V^2/4", "confirmed", "1/tau = n V^2 eps_F", n.self_energy),
    _q("12", "tr sigma_x G/2", "corrected", "k x z for z x k", n.green_function),
    _q("text, A", "vertex factor A", "confirmed", "bubble, extrapolated in 1/tau", n.vertex_a),
    _q("text, B", "vertex factor B, times tau", "confirmed", "the same", n.vertex_b),
    _q(
        "13",
        "2 S along z x E over tau",
        "corrected",
        "+ by Boltzmann: electrons drift against E; hbar^2 for hbar",
        n.field_like_spin,
    ),
    _q(
        "13",
        "2 S along E",
        "confirmed",
        "with hbar in the denominator; two signs cancel, see (8)",
        n.damping_like_spin,
    ),
    _q(
        "14",
        "torque along m x (z x E) over tau",
        "corrected",
        "+ beta tau eps_F^2/(hbar^2 v pi)",
        n.field_like_torque,
    ),
    _q("14", "torque along m x E", "confirmed", "", n.damping_like_torque),
    _q("15", "equation of motion", "confirmed", "H = -dF/dm/M_s"),
    _q("16", "charge current", "confirmed", "a definition"),
    _q("17", "Onsager coefficients", "corrected", FORCE + ": number at (18)"),
    _q("18", "current by the torque at -m", "corrected", FORCE, n.onsager),
    _q("19", "form of the torque", "confirmed", "number at (14)"),
    _q(
        "20",
        "rate of m",
        "confirmed",
        "for torques in units of hbar/2; (14) is in J/m^2: gamma/M_s d",
    ),
    _q("21", "current per energy gradient", "corrected", "sign of (18)", n.onsager),
    _q(
        "22",
        "j_x per dm_y/dt over tau",
        "corrected",
        "sign of (18); the current has the in-plane part of dm/dt only",
        n.pumped_current,
    ),
    _q(
        "23",
        "damping along x over tau",
        "confirmed",
        "for tau_perp > 0; (22) as printed gives the other sign",
        n.pumped_torque,
    ),
    _q(
        "23",
        "second term along m",
        "corrected",
        "m_z^2 dm/dt for m_z^2 z x (dm/dt x z)",
        n.pumped_precession,
    ),
    _q(
        "24",
        "T.m",
        "corrected",
        "m x [(alpha + alpha_D) dm_par/dt + alpha dm_z/dt z], else no torque",
        n.anisotropic_damping,
    ),
    _q("25", "equation of motion", "confirmed", "what `micro.torque.evolve` solves"),
    _q(
        "Fig. 2",
        "width (a) over (b)",
        "corrected",
        "sudden torque, no damping; 2.9 at 0.1; a slow Dirac torque has no diamond",
        n.width_of_the_diagram,
    ),
    _q("Fig. 2", "half width (b), slow torque", "confirmed", "linear stability", n.slow_diagram),
    *_each("A.1 A.2 A.3 A.4", "parts of (9)", "confirmed", "definitions"),
    *_each("A.5 A.6", "parts of (9)", "corrected", "without the pair (-+): half, see (A.7)"),
    _q("A.7", "lower band", "corrected", "-2 hbar for -hbar; " + SEA, n.lower_band),
    _q("A.8", "upper band", "corrected", "+2 hbar for -hbar; " + SEA, n.upper_band),
    _q("A.9", "at eps_F", "corrected", "+hbar for -hbar/2; " + SEA, n.at_the_fermi_energy),
    _q("A.10", "lower band", "confirmed", SEA, n.lower_band_again),
    _q("A.11", "both bands", "confirmed", "gives (A.13)"),
    _q(
        "A.12",
        "at eps_F",
        "corrected",
        "-1/2 eps_F^2 for 1/2 eps_F; " + SEA,
        n.at_the_fermi_energy_again,
    ),
    _q("A.13", "both bands", "confirmed", "", n.full_bands),
    _q("A.14", "at eps_F", "confirmed", "level width extrapolated", n.at_the_fermi_energy_closed),
]
