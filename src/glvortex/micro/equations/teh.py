"""004, equation by equation."""

from __future__ import annotations

from functools import partial

from glvortex.micro.equations import numbers_004 as n
from glvortex.micro.equations.table import Equation

_q = partial(Equation, "004")

TEH = [
    _q(
        "1",
        "lowest level at q = (0, 0.02, 0.03)",
        "confirmed",
        "the lattice at small momenta; its hopping adds lambda q^2 to m",
        n.continuum_limit,
    ),
    _q("2", "lowest level of a ring", "confirmed", "sites run from 0 to L - 1", n.lattice),
    _q("3", "overlap with the lattice", "confirmed", "A^5 = 0.1, c_R = c_L", n.arc_overlap),
    _q(
        "3",
        "Re c_R/c_L at q_z = 0",
        "corrected",
        "c_R = +-c_L, not +-i c_L: particle-hole symmetry with this gamma^x",
        n.arc_ratio,
    ),
    _q("4", "centre of the level at v q_z = A^5/2", "confirmed", "", n.level_place),
    _q(
        "4",
        "left-handed weight at q_z = 0.4",
        "corrected",
        "c_R = +-i c_L exp(-2 q_z reach): the halves meet at x = reach, not at x = 0",
        n.level_ratio,
    ),
    _q("App. A", "level n = 1 at q_y = 0.1", "confirmed", "weak B^5", n.landau_level),
    _q("5", "integrand at one momentum", "confirmed", "frequency integral exact", n.keldysh),
    _q("6", "integrand at one momentum", "confirmed", "(5) for Gamma -> 0", n.weak_coupling),
    _q(
        "7",
        "two bands, v = 2",
        "corrected",
        "1/v is missing: arcs reach to v q_z = +-A^5. The sign is that of the lattice",
        partial(n.transport, "7"),
    ),
    _q(
        "7, text",
        "sign of <FA|J_y|FA>",
        "corrected",
        "J_y = -dH/dA_y: the arc with E = +v q_y carries -v; (7) has used that",
        n.lattice_sign,
    ),
    _q(
        "7, text",
        "A^5/(B^5_y L)",
        "corrected",
        "B = curl A with A^5_z = A^5 (1 - x/L)",
        n.field_sign,
    ),
    _q("8", "two bands, v = 2", "corrected", "as (7)", partial(n.transport, "8")),
    _q("9", "two bands, v = 2", "corrected", "as (7)", partial(n.transport, "9")),
    _q(
        "B1",
        "two bands, v = 2",
        "confirmed",
        "momentum density; the flow of energy is v^2 times that",
        n.energy_two_bands,
    ),
    _q("B2", "I at beta = 1.5, v Lambda = 1.2", "confirmed", "", n.energy_integral),
]
