"""Figures 2 and 3 of 004: the lattice as symbols, the low-energy theory as curves.

Where a caption is silent the title says what was chosen: q_z, slopes, level widths.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from glvortex.micro.weyl import (
    DiracSlab,
    continuum,
    current,
    gradient_profile,
    impurities,
    potential_gradient,
    temperature_gradient,
    transport,
)
from glvortex.output.papers.figure_parts import Figure, Series

SITES, STRENGTH = 50, 1.6
TOP = 1.0  # energies shown
JY = "<J_y> in e v / hbar a^2 (charge current, per length along z)"
ROUGH = 2e-2  # accuracy of symbols


def _slab(mass: float = 0.0, sites: int = SITES) -> DiracSlab:
    return DiracSlab(gradient_profile(STRENGTH, sites, sites), sites=sites, mass=mass)


def _bands(constant: bool) -> Figure:
    """Fig. 2(a), 2(b) at q_z = 0."""
    slab = DiracSlab(STRENGTH) if constant else _slab()
    qy, fine = np.linspace(-1.0, 1.0, 33), np.linspace(-1.0, 1.0, 201)
    energy = slab.states(qy, np.zeros(len(qy)))[0]
    rows, columns = np.nonzero(np.abs(energy) < TOP)
    series = [Series("lattice", "exact", 0, qy[rows], energy[rows, columns])]
    series += [
        Series("E = v q_y, Fermi arc at x = 0", "curve", 3, fine, fine),
        Series("E = -v q_y, " + ("arc at x = L" if constant else "level"), "curve", 2, fine, -fine),
    ]
    if not constant:
        field = continuum.chiral_magnetic_field(STRENGTH, SITES)
        for n in (1, 2, 3, 4, 5):
            for sign in (1, -1):
                label = "sqrt(2 B5 v n + v^2 q_y^2)" if n == sign == 1 else ""
                level = continuum.landau_levels(sign * n, field, fine)
                inside = np.abs(level) < TOP
                series.append(Series(label, "curve", 7, fine[inside], level[inside]))
    profile = "constant" if constant else "gradient of"
    name = "a" if constant else "b"
    title = f"004 Fig. 2({name}): {profile} A5 = 1.6, q_z = 0, L = 50"
    return Figure(title, "q_y", "E / v", series)


def _densities() -> Figure:
    """Fig. 2(c) at q_y = 0.8."""
    x, qz = np.arange(SITES), 0.4
    _, (arc, level) = continuum.chiral_states(_slab(), 0.8, qz)
    closed = (
        continuum.fermi_arc(x, qz, STRENGTH),
        continuum.chiral_landau_level(x, qz, STRENGTH, SITES),
    )
    series = []
    for group, name, number, state, form in (
        (3, "Fermi arc", "(3)", arc, closed[0]),
        (0, "chiral Landau level", "(4), without M(q_y)", level, closed[1]),
    ):
        series.append(Series(name, "exact", group, x, np.sum(np.abs(state) ** 2, axis=1)))
        series.append(Series(number, "curve", group, x, np.sum(np.abs(form) ** 2, axis=1)))
    edge = np.array([0.0, 3.0, 3.0, SITES - 1.0])
    step = np.array([0.3, 0.3, 0.4, 0.4])
    series.append(Series("mu(x), beta(x) of (7), schematic", "printed", 7, edge, step))
    return Figure("004 Fig. 2(c): chiral states, q_y = 0.8, q_z = 0.4", "x", "density", series)


def _spectral() -> Figure:
    """Fig. 2(d): kappa = 0.02; lines without impurities are dotted."""
    slab, qz, kappa, width = _slab(), 0.4, 0.02, 0.005
    frequencies = np.array([0.05, 0.1, 0.15, 0.2])
    sigma = kappa * impurities.local_green(slab, frequencies, 0.05, 5e-2)
    rates = impurities.scattering_rates(slab, qz, frequencies, sigma)
    series = []
    qy = np.linspace(-0.35, 0.35, 71)
    for group, (omega, shift) in enumerate(zip(frequencies, sigma, strict=True)):
        arc, level = rates[group]
        label = f"omega = {omega:g}: 1/tau = {arc:.3f} (arc), {level:.3f} (level)"
        value = impurities.spectral_function(slab, qy, qz, omega, width, shift)
        series.append(Series(label, "curve", group, qy, value))
        poles = np.arcsin(omega) * np.array([1.0, -1.0])
        height = impurities.spectral_function(slab, poles, qz, omega, width, shift)
        label = "v sin q_y = +-omega" if group == 0 else ""
        series.append(Series(label, "exact", group, poles, height))
    title = "004 Fig. 2(d): kappa = 0.02, q_z = 0.4, eta 0.05 in Sigma, 0.005 in G"
    return Figure(title, "q_y", "A(omega)", series)


def _fermi_levels(thermal: bool) -> Figure:
    """Fig. 3(a): gradient of mu at beta = 1; 3(b): of beta from beta_0 = 1."""
    slab, levels = _slab(), np.linspace(-0.8, 0.8, 9)
    slopes = np.array([0.5, 1.0, 2.0] if thermal else [0.005, 0.01, 0.02])
    grid = slopes[:, None] + 0.0 * levels
    make = temperature_gradient if thermal else potential_gradient
    baths = make(grid.ravel(), np.tile(levels, len(slopes)), 1.0, SITES)
    values = current(slab, baths, accuracy=ROUGH).value.reshape(grid.shape)
    series = []
    for group, slope in enumerate(slopes):
        symbols = np.asarray(values[group])
        if thermal:
            # the arc at the surface, the level in the middle
            arc, level = (transport.Reservoir(levels, 1.0 + s * slope) for s in (0.0, 0.5))
        else:
            depth = 0.5 * (SITES - 1) * slope
            arc, level = (transport.Reservoir(levels - d, 1.0) for d in (depth, 0.0))
        fit = transport.fit_cutoff(symbols, arc, level, STRENGTH)
        closed = transport.charge_current(arc, level, STRENGTH, fit.cutoff)
        name, number = ("beta", "(9)") if thermal else ("mu", "(8)")
        label = f"d{name}/dx = {slope:g}, {number}: Lambda {fit.cutoff:.2f}, off {fit.residual:.0%}"
        series.append(Series(label, "exact", group, levels, symbols))
        series.append(Series("", "curve", group, levels, np.atleast_1d(closed)))
    which = "b): gradient of beta, beta_0" if thermal else "a): gradient of mu, beta"
    return Figure(f"004 Fig. 3({which} = 1, L = 50", "mu_F", JY, series)


def _temperatures() -> Figure:
    """Fig. 3(c): beta = 1 ... 10, mu_F = 0."""
    betas, slopes = np.arange(1.0, 11.0), np.array([0.0025, 0.005, 0.01])
    slope, beta = (x.ravel() for x in np.meshgrid(slopes, betas))
    values = current(_slab(), potential_gradient(slope, 0.0, beta, SITES), accuracy=ROUGH).value
    steps = 0.5 * (SITES - 1) * slopes
    arc, level = (transport.Reservoir(m, beta) for m in (-np.tile(steps, 10), 0.0))
    one = transport.fit_cutoff(values, arc, level, STRENGTH)
    two = transport.fit_cutoff(values, arc, level, STRENGTH, free_factor=True)
    series = []
    for group, (b, symbols) in enumerate(zip(betas, values.reshape(10, -1), strict=True)):
        closed = two.factor * transport.charge_current(
            transport.Reservoir(-steps, b), transport.Reservoir(0.0, b), STRENGTH, two.cutoff
        )
        series.append(Series(f"beta = {b:g}", "exact", group, steps, symbols))
        label = f"{two.factor:.2f} x (8), Lambda = {two.cutoff:.2f}, off by {two.residual:.0%}"
        series.append(Series("" if group else label, "curve", group, steps, np.asarray(closed)))
    single = transport.charge_current(
        transport.Reservoir(-steps, 10.0), transport.Reservoir(0.0, 10.0), STRENGTH, one.cutoff
    )
    label = f"(8), beta = 10, Lambda = {one.cutoff:.2f}, off by {one.residual:.0%}"
    series.append(Series(label, "printed", 9, steps, np.asarray(single)))
    return Figure("004 Fig. 3(c): mu_F = 0, L = 50", "mu_CLL - mu_FA", JY, series)


def _masses() -> Figure:
    """Fig. 3(d): mu_F = 0, beta = 1; smaller slabs beside L = 50."""
    masses = np.array([0.0, -0.4, -0.8, -1.2, -1.6, -2.0, -2.4])
    fine = np.linspace(-2.4, 0.0, 101)
    series = []
    for group, sites in enumerate((12, 25, 50)):
        # the same difference of potential across every slab
        baths = potential_gradient(0.5 / sites, 0.0, 1.0, sites)
        values = np.array(
            [float(current(_slab(m, sites), baths, accuracy=0.05).value) for m in masses]
        )
        series.append(Series(f"lattice, L = {sites}", "exact", group, masses, values))
    length = np.sqrt(np.maximum(1.0 - (fine / STRENGTH) ** 2, 0.0))
    label = "length of the arc, sqrt(A5^2 - m^2), to scale at m = 0"
    series.append(Series(label, "curve", 2, fine, values[0] * length))
    gap = np.array([-1.2, -1.6])
    series.append(Series("gap: printed; bulk |m| = A5", "printed", 7, gap, np.zeros(2)))
    return Figure("004 Fig. 3(d): beta = 1, L dmu/dx = 0.5", "m", JY, series)


WEYL_FIGURES: dict[str, Callable[[], Figure]] = {
    "004-fig2a": partial(_bands, True),
    "004-fig2b": partial(_bands, False),
    "004-fig2c": _densities,
    "004-fig2d": _spectral,
    "004-fig3a": partial(_fermi_levels, False),
    "004-fig3b": partial(_fermi_levels, True),
    "004-fig3c": _temperatures,
    "004-fig3d": _masses,
}
