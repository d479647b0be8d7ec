"""Write docs/micro_equations.md: the table of equations and the scans of the closed forms."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from glvortex.micro import Electrons, exact, sums
from glvortex.micro.equations import equation_table, format_table
from glvortex.micro.equations.numbers_semimetal import ENERGIES, WARMTH, chi_of_shifted_points
from glvortex.micro.equations.numbers_surface import odd_part

PAGE = Path(__file__).with_suffix(".md")
UNIT = 1.0 / (4.0 * np.pi)

INTRODUCTION = """\
# Equations of the microscopic papers, one by one

<!-- written by docs/micro_equations.py; the judgements are in src/glvortex/micro/equations -->

Every numbered equation of 000, 001 (its short form), 002, 003 and 004, see
[discrepancies.md](discrepancies.md) for what the numbers stand for. *Exact* is diagonalisation of
the 4x4 Hamiltonian by `glvortex.micro.exact` (002: the Kubo-Streda bubble of
`glvortex.micro.torque.bubble`; 004: the lattice of `glvortex.micro.weyl`), or a direct numerical evaluation that does not use
the printed formula; *deviation* is printed/exact - 1, absolute where one of them is
zero. *Outside* means outside the microscopic module. `glvortex equations` prints the same table.

The exact engine itself is held against `tests/nambu_referee.py`, which shares no code with it.

"""

SCAN = """
## Where the closed forms fail

Deviation of the quasi-classical forms at any temperature (`glvortex.micro.sums`) from
diagonalisation, energies over mu: relative for gamma and for chi_spin_perp, absolute in e/4 pi hbar
for chi and chi_soc.

| E_R/mu | Delta/mu | k_B T/mu | gamma | chi | chi_soc | chi_spin_perp |
|---|---|---|---|---|---|---|
"""

SURFACE = """
The Dirac surface, odd part in mu over sgn(mu) e/4 pi hbar (chi) and over sgn(mu)/4 pi hbar v
(g_soc): the zero-temperature series 000 (38), (39) in x = mu/m v^2 and w = warping mu^2/(hbar v)^3,
and diagonalisation, cutoff 3 |mu|. At x = w = 0 it is tanh(mu/2 k_B T) but for the cutoff.

| x | w | k_B T/mu | chi, (39) | exact | g_soc, (38) | exact |
|---|---|---|---|---|---|---|
"""

LATTICE = """
The vorticity sum 000 (20) for the four Dirac points of d = (sin k_x, sin k_y) with the energy
e cos k_x cos k_y and mu = 0, so that mu_s = -e, -e, e, e and the sum is -4 (e/4 pi hbar):

| e | k_B T | exact chi | less -4 |
|---|---|---|---|
"""

FINDINGS = """
* The vorticity sum holds to 1e-12 for any d(k) with one energy of all touching points: stretched
  and sheared cones, vorticity 2 and 3, two and four points (`Semimetal`,
  tests/test_micro_semimetal.py), and with a pairing gap as the vorticity times (42) + (43). Points
  at different energies need an energy that depends on k, which adds its own current: the sum is
  the limit of small mu_s, with corrections linear in mu_s over the band width.
* gamma and chi_spin_perp deviate alike at T = 0: gamma = -(e^2 lambda/2 hbar) chi_spin_perp holds
  to 1e-15 in the exact engine at any gap, Rashba energy and chemical potential (tried up to
  E_R = 2 mu and for mu < 0), far beyond the quasi-classical limit. The small parameter of f is
  Delta/mu, not E_R/mu: at E_R = mu and Delta = 0.002 mu it is right to 1e-7.
* The quadratic term of a Dirac surface can be had to all orders, with s = sqrt(1 + 2 mu/m v^2):
  chi = sgn(mu) s e/4 pi hbar and g_soc = sgn(mu) (s + 1/s)/(8 pi hbar v), cutoff terms left out.
  The exact engine agrees to 1e-9 at mu/m v^2 = 0.1 (temperature extrapolated to zero); (38), (39)
  and (B12) are the second-order series (`dirac.chi_quadratic`, `dirac.g_soc_quadratic`).
* chi deviates through chi_soc, by about 0.1 (E_R/mu)^2 at Delta = E_R.
* Exchange field: at b_z = 0.3 Delta and E_R = Delta the current is 8 % above linear response, at
  0.05 Delta 0.3 %.
* Level width: with Gamma in the self-energy the orbital part and gamma agree with |w_n| + Gamma in
  all sums to 1e-6; chi_spin_perp comes out larger than diagonalisation by Gamma/(pi mu), the states
  that a Lorentzian puts below the band. 000 (47) is right for pairs of one branch, but 000 Figs. 4
  and 5 combine it with (46) and (48) without width: at Delta = 0.8 E_R and Gamma = 0.1 E_R that
  gives chi = +0.10 where the width everywhere gives -0.01 e/4 pi hbar, which diagonalisation
  confirms (`chi(..., broadened="intra")` against the default `"all"`). The conclusion stands: chi
  is continuous at Delta = 0 with any width.
* beta of 003 App. G is not small for small gaps: for Delta/m(lambda e E_z)^2 from 1 down to 2.5e-4
  chi goes to -1 e/4 pi hbar at E_R/mu = 0.1, 0.2 and 0.4. With (G2) M_beta/M_gamma is
  -(mu/E_R)(V_perp/V)/(d_perp k_F) times 1 - chi_soc/|chi_orb|, which is larger than one in the
  regime of the paper: the opposite of its conclusion. It holds for clean layers, T well below Delta
  and inclusions larger than xi: at wave vectors 1, 3, 10, 30 Delta/v_F chi is 0.96, 0.78, 0.37,
  0.09 of that, and Gamma or T above Delta remove it. Only chi_soc is of the order that the paper
  quotes. Two ways: the exact derivative (-0.99852 at E_R = 0.2 mu, Delta = 0.002 mu) and the Kubo
  formula of the independent referee at q = 0.03 Delta/v_F (-0.99848).
"""

SURFACES = (
    (0.0, 0.0, 0.02),
    (0.0, 0.0, 0.1),
    (0.0, 0.0, 0.3),
    (0.02, 0.0, 0.02),
    (0.1, 0.0, 0.02),
    (0.3, 0.0, 0.02),
    (0.0, 0.05, 0.02),
    (0.0, 0.15, 0.02),
    (0.0, 0.3, 0.02),
)

CASES = (
    (0.02, 0.02, 0.0),
    (0.1, 0.1, 0.0),
    (0.3, 0.3, 0.0),
    (0.6, 0.6, 0.0),
    (0.2, 0.002, 0.0),
    (1.0, 0.002, 0.0),
    (0.01, 0.2, 0.0),
    (0.02, 0.02, 0.01),
    (0.1, 0.1, 0.04),
    (0.1, 0.04, 0.1),
)


def scan_row(rashba: float, gap: float, thermal: float) -> str:
    """One row of the scan; energies in mu."""
    e, d, t = 0.5 * rashba, 0.5 * gap, 0.5 * thermal
    model = Electrons(chemical_potential=0.5, rashba=-e, gap=d, temperature=t)
    names = ("current_y", "exchange_z", "in_plane")
    gamma = exact.mixed_response(model, *names, accuracy=1e-8).value * 2.0 * np.pi
    chi, soc = (
        exact.gradient_response(model, name, "exchange_z", 1e-8).value / UNIT
        for name in ("current_y", "current_y_spin")
    )
    perp = exact.response(model, "spin_z", "exchange_z", 1e-8).value * np.pi
    current, closed_soc = sums.current_sum(d, e, t), sums.soc_sum(d, e, t)
    numbers = (
        current / gamma - 1.0,
        closed_soc - current - chi,
        closed_soc - soc,
        sums.spin_sum(d, e, t) / perp - 1.0,
    )
    cells = [f"{x:g}" for x in (rashba, gap, thermal)] + [f"{x:.1e}" for x in numbers]
    return "| " + " | ".join(cells) + " |"


def surface_row(quadratic: float, warping: float, thermal: float) -> str:
    """One row of the scan of the surface; energies in mu."""
    cells = [f"{x:g}" for x in (quadratic, warping, thermal)]
    # the odd part of (39) and of (38), which is the same
    closed = 1.0 + np.array([-0.5, 0.5]) * quadratic**2 - 1.5 * warping**2
    for name, series in zip(("current_y", "spin_x"), closed, strict=True):
        exact_value = odd_part(name, quadratic, warping, 3.0, thermal)
        cells += [f"{series:.5f}", f"{exact_value:.5f}"]
    return "| " + " | ".join(cells) + " |"


def lattice_row(size: float) -> str:
    """One row for the vorticity sum."""
    value = chi_of_shifted_points(size)
    return f"| {size:g} | {WARMTH * size:g} | {value:.3f} | {value + 4.0:.3f} |"


def page() -> str:
    """The whole page."""
    scan = "\n".join(scan_row(*case) for case in CASES)
    lattice = "\n".join(lattice_row(size) for size in ENERGIES)
    table = format_table(equation_table())
    surfaces = "\n".join(surface_row(*case) for case in SURFACES)
    scans = (SCAN, scan, "\n", SURFACE, surfaces, "\n", LATTICE, lattice, "\n")
    return "".join([INTRODUCTION, table, "\n", *scans, FINDINGS])


if __name__ == "__main__":
    PAGE.write_text(page())
