"""Dirac electrons in a chiral gauge field: exact statements, closed forms, convergence."""

import numpy as np
import pytest
from mpi4py import MPI
from scipy.integrate import quad

from glvortex.errors import NotConvergedError, ParameterError
from glvortex.micro.weyl import (
    Baths,
    DiracSlab,
    continuum,
    crossings,
    current,
    gradient_profile,
    green,
    impurities,
    levels,
    pairs,
    potential_gradient,
    temperature_gradient,
    transport,
)
from glvortex.micro.weyl.cubature import integrate
from glvortex.micro.weyl.slab import ALPHA

SITES = 6
RNG = np.random.default_rng(7)
QY, QZ = RNG.uniform(-3.0, 3.0, (2, 4))
GAMMA_X = np.block(
    [
        [np.zeros((2, 2)), np.array([[0, 1], [1, 0]])],
        [-np.array([[0, 1], [1, 0]]), np.zeros((2, 2))],
    ]
)


def rough(**others):
    """Any profiles."""
    fields = {"mass": 0.2 * RNG.normal(size=SITES), **others}
    return DiracSlab(RNG.normal(size=SITES), sites=SITES, hopping=-0.8, velocity=1.3, **fields)


def steep(sites=SITES, **others):
    return DiracSlab(gradient_profile(1.6, sites, sites), sites=sites, **others)


@pytest.mark.parametrize("boundary", ["open", "periodic"])
def test_hamiltonian_is_hermitian_with_any_fields(boundary):
    slab = rough(boundary=boundary, vector_potential=RNG.normal(size=(3, SITES)))
    matrix = slab.hamiltonian(QY, QZ)
    assert np.array_equal(matrix, matrix.conj().swapaxes(1, 2))
    energy, vectors = slab.states(QY, QZ)
    assert np.abs(matrix @ vectors - vectors * energy[:, None]).max() < 1e-12


def test_particle_hole_symmetry():
    slab = rough()
    turn = np.kron(np.eye(SITES), GAMMA_X)
    turned = turn @ slab.hamiltonian(QY, QZ) @ turn.T
    assert np.abs(turned + slab.hamiltonian(-QY, -QZ)).max() < 1e-14


def test_velocity_is_the_derivative_of_the_hamiltonian():
    slab, step = rough(vector_potential=RNG.normal(size=(3, SITES))), 1e-5
    slope = (slab.hamiltonian(QY + step, QZ) - slab.hamiltonian(QY - step, QZ)) / (2.0 * step)
    for site, block in enumerate(slab.velocity_matrices(QY, QZ).swapaxes(0, 1)):
        here = slice(4 * site, 4 * site + 4)
        assert np.abs(slope[:, here, here] - block).max() < 1e-9
        slope[:, here, here] = 0.0
    assert np.abs(slope).max() < 1e-9


def test_a_constant_potential_shifts_momenta_and_a_pure_gauge_does_nothing():
    moved = DiracSlab(0.7, sites=SITES, vector_potential=(0.4, 0.3, -0.2))
    plain = DiracSlab(0.7, sites=SITES)
    assert np.allclose(moved.states(QY, QZ)[0], plain.states(QY + 0.3, QZ - 0.2)[0], atol=1e-13)


def test_pairs_are_all_levels():
    slab = rough()
    found, full = pairs.pairs(slab, QY, QZ), slab.levels(QY, QZ)
    both = np.sort(np.concatenate([found.energy, -found.energy], axis=1), axis=1)
    assert np.abs(both - full.energy).max() < 1e-13
    half = 2 * SITES
    assert np.abs(found.upper - full.density[..., half:]).max() < 1e-9
    mu, beta, _ = Baths(RNG.normal(size=(2, SITES)), 1.5).cases(SITES)
    corners = [(s * QY, t * QZ) for s in (1, -1) for t in (1, -1)]
    quarter = green.coupled_pairs(slab, mu, beta, 0.3, QY, QZ)
    whole = sum(green.coupled(slab, mu, beta, 0.3, y, z) for y, z in corners)
    assert quarter == pytest.approx(whole, rel=1e-9, abs=1e-11)
    for kind in levels.KINDS:
        quarter = levels.uncoupled_pairs(slab, mu, beta, kind, QY, QZ)
        whole = sum(levels.uncoupled(slab, mu, beta, kind, y, z) for y, z in corners)
        assert quarter == pytest.approx(whole, rel=1e-6, abs=1e-11)


def test_singular_vectors_where_values_vanish():
    matrix = RNG.normal(size=(3, 6, 6))
    for row, zeros in enumerate((1, 2)):
        u, s, vt = np.linalg.svd(matrix[row])
        matrix[row] = (u * np.append(s[: 6 - zeros], zeros * [0.0])) @ vt
    left, value, right = pairs.singular(matrix)
    assert np.abs((left * value[:, None]) @ right.swapaxes(1, 2) - matrix).max() < 1e-13
    assert np.abs(right.swapaxes(1, 2) @ right - np.eye(6)).max() < 1e-12


@pytest.mark.parametrize("profile", [gradient_profile(1.6, 50.0, 50), 1.6])
def test_chiral_states_move_at_v(profile):
    """E = +-v sin q_y, <dH/dq_y> = +-v cos q_y, the arc at x = 0 first."""
    slab, qy = DiracSlab(profile, velocity=1.0), 0.3
    energy, states = continuum.chiral_states(slab, qy, 0.2)
    assert energy == pytest.approx([np.sin(qy), -np.sin(qy)], abs=1e-10)
    moved = slab.velocity_matrices(qy, 0.2)[0] @ states[..., None]
    speed = np.sum(states.conj() * moved[..., 0], axis=(1, 2)).real
    assert speed == pytest.approx([np.cos(qy), -np.cos(qy)], abs=1e-9)
    crossing = np.einsum("la,ab,lb->l", states[0].conj(), ALPHA["x"], states[0])
    assert np.abs(crossing).max() < 1e-12  # nothing flows along x


def test_wave_functions_of_the_continuum():
    """(3) with c_R = c_L, (4) with one chirality: overlaps with L = 50."""
    x = np.arange(50)
    arc, level = continuum.chiral_states(steep(50), 0.1, 0.4)[1]
    assert np.abs(np.vdot(continuum.fermi_arc(x, 0.4, 1.6), arc)) > 0.93
    assert np.abs(np.vdot(continuum.fermi_arc(x, 0.4, 1.6, ratio=1j), arc)) < 0.7
    assert np.abs(np.vdot(continuum.chiral_landau_level(x, 0.4, 1.6, 50.0), level)) > 0.94
    mirror = continuum.chiral_states(steep(50), 0.1, -0.4)[1][1]
    assert np.abs(np.vdot(continuum.chiral_landau_level(x, -0.4, 1.6, 50.0), mirror)) > 0.94
    with pytest.raises(ParameterError, match="Fermi arc"):
        continuum.fermi_arc(x, 2.0, 1.6)


@pytest.mark.parametrize(("strength", "sites"), [(0.4, 80), (0.2, 160)])
def test_landau_levels_in_weak_fields(strength, sites):
    """The two lowest, far from the sides, are sqrt(2 B5 v n + v^2 q_y^2)."""
    slab = DiracSlab(gradient_profile(strength, sites, sites), sites=sites)
    energy = slab.states(0.1, 0.5 * strength)[0][0]
    closed = continuum.landau_levels([1, 2], strength / sites, 0.1)
    found = energy[energy > 0.1 + 1e-4][:2]
    assert found == pytest.approx(closed, rel=1e-2 * strength)


@pytest.mark.parametrize("kind", levels.KINDS)
def test_exact_symmetry_of_the_current(kind):
    """J(s, mu) = -J(-s, -mu) for charge, + for energy; zero without gradients at mu = 0."""
    slopes, levels = np.array([0.2, -0.2, 0.0]), np.array([0.3, -0.3, 0.0])
    baths = potential_gradient(slopes, levels, 2.0, SITES)
    value = current(steep(), baths, kind=kind, accuracy=1e-2).value
    sign = -1.0 if kind == "charge" else 1.0
    assert value[0] == pytest.approx(sign * value[1], rel=1e-12) and abs(value[0]) > 1e-3
    if kind == "charge":
        assert abs(value[2]) < 1e-15


def test_odd_in_the_fermi_level_between_temperatures():
    baths = temperature_gradient(1.0, [0.4, -0.4, 0.0], 1.0, SITES)
    value = current(steep(), baths, accuracy=1e-2).value
    assert value[0] == pytest.approx(-value[1], rel=1e-12) and abs(value[0]) > 1e-5
    assert abs(value[2]) < 1e-15


def test_frequency_integral_at_finite_coupling():
    """004 (5), Green functions inverted at every frequency, at one momentum."""
    from glvortex.micro.equations.numbers_004 import keldysh, weak_coupling

    printed, closed = keldysh()
    assert closed == pytest.approx(printed, rel=1e-8)
    limit, weak = weak_coupling()
    assert weak == pytest.approx(limit, rel=1e-5)


def test_current_converges_and_says_how_well():
    """Six digits with a coupling; the error estimate covers the change."""
    slab, baths = steep(3), potential_gradient(0.3, 0.1, 1.0, 3)
    coarse, fine = (current(slab, baths, 1.0, accuracy=a) for a in (1e-3, 1e-7))
    assert abs(coarse.value - fine.value) < coarse.error < 1e-3 * abs(fine.value)
    assert fine.error < 1e-6 * abs(fine.value)
    # an equally spaced periodic sum converges exponentially once it resolves the coupling
    q = (np.arange(48) + 0.5) * 2.0 * np.pi / 48 - np.pi
    y, z = (x.ravel() for x in np.meshgrid(q, q))
    mu, beta, _ = baths.cases(3)
    mean = np.mean(green.coupled(slab, mu, beta, 1.0, y, z))
    assert fine.value == pytest.approx(mean, rel=1e-6)


def test_a_vector_potential_needs_the_whole_zone_and_changes_nothing_if_uniform():
    baths = potential_gradient(0.3, 0.1, 1.0, 3)
    quarter = current(steep(3), baths, 1.0, accuracy=1e-4)
    whole = current(steep(3, vector_potential=(0.0, 0.4, 0.0)), baths, 1.0, accuracy=1e-4)
    assert whole.value == pytest.approx(quarter.value, rel=2e-4)


def test_ranks_share_the_work():
    comm, baths = MPI.COMM_WORLD, potential_gradient(0.1, 0.1, 1.0, SITES)
    shared, alone = (current(steep(), baths, accuracy=1e-2, comm=c) for c in (comm, None))
    assert shared.value == pytest.approx(alone.value, rel=1e-13)
    sigma, same = (impurities.local_green(steep(2), 0.2, 0.5, comm=c) for c in (comm, None))
    assert np.allclose(sigma, same, rtol=1e-12)


def test_energy_integral_against_quadrature():
    """(B2) to 1e-10; its error in mu is of fourth order."""
    for beta, edge in ((0.3, 2.0), (1.0, 1.2), (10.0, 2.5), (3000.0, 2.5)):
        cut = 40.0 / beta
        parts = [(0.0, min(cut, edge)), (min(cut, edge), edge)]
        exact = sum(
            quad(lambda x, b=beta: -x * np.tanh(0.5 * b * x), *ends, epsabs=1e-14)[0]
            for ends in parts
        )
        assert transport.energy_integral(0.0, beta, edge) == pytest.approx(exact, rel=1e-10)
    for mu in (0.1, 0.2):
        exact = quad(lambda x, m=mu: x / (np.exp(x - m) + 1.0), -1.2, 1.2, epsabs=1e-14)[0]
        assert abs(transport.energy_integral(mu, 1.0, 1.2) - exact) < 0.05 * mu**4


def test_limits_of_the_transport_formulas():
    arc, level = transport.Reservoir(0.1, 8.0), transport.Reservoir(0.3, 5.0)
    closed = transport.charge_current(arc, level, 1.6, np.inf, 2.0)
    assert closed == pytest.approx(1.6 * 0.2 / (2.0 * np.pi**2 * 2.0), rel=1e-14)
    exact = transport.exact_charge_current(arc, level, 1.6, 40.0, 2.0)
    assert exact == pytest.approx(closed, rel=1e-10)
    wide = transport.energy_current(arc, level, 1.6, 40.0, 2.0)
    limit = transport.energy_current_limit(arc, level, 1.6, 2.0)
    assert wide == pytest.approx(limit, rel=1e-10)


def test_cutoff_fit_finds_what_made_the_currents():
    beta = np.arange(1.0, 6.0)
    arc, level = transport.Reservoir(-0.1, beta), transport.Reservoir(0.0, beta)
    made = 0.7 * transport.charge_current(arc, level, 1.6, 0.9)
    fit = transport.fit_cutoff(made, arc, level, 1.6, free_factor=True)
    assert (fit.factor, fit.cutoff) == pytest.approx((0.7, 0.9), rel=1e-7)
    assert fit.residual < 1e-9
    assert transport.fit_cutoff(made, arc, level, 1.6).residual > 0.02
    with pytest.raises(ParameterError, match="too few"):
        transport.fit_cutoff(made[:1], arc, level, 1.6)


def test_local_green_function_and_spectral_function_by_inversion(monkeypatch):
    """Quarter of the zone and pairs of levels, against matrices inverted all over it."""
    slab, eta, omega = steep(3), 0.6, 0.3
    found = impurities.local_green(slab, omega, eta, 1e-6)[0]
    q = (np.arange(40) + 0.5) * 2.0 * np.pi / 40
    y, z = (x.ravel() for x in np.meshgrid(q, q))
    green = np.linalg.inv((omega + 1j * eta) * np.eye(12) - slab.hamiltonian(y, z))
    direct = np.diagonal(green, axis1=1, axis2=2).sum(axis=0) * (2.0 * np.pi / 40) ** 2
    assert found.ravel() == pytest.approx(direct, rel=1e-5)
    assert np.all(found.imag < 0.0)
    clean = impurities.spectral_function(slab, 0.3, 0.2, omega, eta)
    energy = slab.states(0.3, 0.2)[0][0]
    peaks = np.sum(eta / ((omega - energy) ** 2 + eta**2)) / np.pi
    assert clean[0] == pytest.approx(peaks, rel=1e-10)
    monkeypatch.setattr(impurities, "MOST", 16)
    with pytest.raises(NotConvergedError, match="raise eta"):
        impurities.local_green(slab, omega, 1e-3)


def test_impurities_shorten_the_life_of_the_arc_more():
    """kappa = 0.02, L = 12: the rate of the arc is the larger one."""
    slab, omega = steep(12), [0.05, 0.1]
    sigma = 0.02 * impurities.local_green(slab, omega, 0.2, 5e-2)
    rates = impurities.scattering_rates(slab, 0.4, omega, sigma)
    assert np.all(rates > 0.0) and np.all(rates[:, 0] > 1.5 * rates[:, 1])


@pytest.mark.parametrize("splitting", [1e-4, 0.02, 0.2])
def test_a_widened_crossing_has_the_same_integral(splitting):
    """H = [[x, d], [d, -x]], x = slope q_y, its dips and their second moments, by quadrature."""
    slope, width = 0.4, 0.1
    edge = splitting / slope
    near = edge * np.sinh(np.linspace(-1.0, 1.0, 20_001) * np.arcsinh(8.0 * width / edge))
    x = slope * near
    half = np.hypot(x, splitting)
    dip = (splitting / half) ** 2
    pair = crossings.Crossings(
        np.arange(len(x)), half, slope * x / half, slope * splitting / half, dip[:, None]
    )
    added = crossings.widened(len(x), pair, np.array([width]))[:, 0, 0]
    for moment in (1.0, near**2):
        change = np.trapezoid(moment * added, near)
        moved = np.trapezoid(np.abs(moment * added), near)
        assert abs(change) < 1e-5 * moved
    if splitting < 1e-3:  # the narrow dip of height 1 is gone
        assert np.abs(added - dip).max() < 4.0 * edge / width


def test_limit_of_no_coupling_against_a_plain_sum():
    """Widened crossings and adaptive panels against 004 (6) at 200 x 100 midpoints."""
    slab, baths = steep(4), potential_gradient(0.2, 0.1, 2.0, 4)
    found = current(slab, baths, accuracy=1e-3)
    mu, beta, _ = baths.cases(4)
    y, z = ((np.arange(n) + 0.5) * np.pi / n for n in (200, 100))
    rows = [levels.uncoupled_pairs(slab, mu, beta, "charge", y, np.full(200, q)) for q in z]
    assert found.error < 1e-3 * abs(found.value)
    assert found.value == pytest.approx(np.mean(rows) / 4.0, rel=1e-3)


def test_limit_where_levels_are_degenerate():
    """Without fields every level is twofold: whatever the eigenvectors, (6) is the limit of (5)."""
    slab = DiracSlab(0.0, sites=3, mass=-0.5)
    mu, beta, _ = Baths([0.3, 0.1, -0.2], 1.0).cases(3)
    y, z, narrow = np.array([0.4]), np.array([0.3]), np.array([1e-3])
    limit = levels.uncoupled(slab, mu, beta, "charge", y, z, narrow)[0, 0, 0]
    assert limit == pytest.approx(green.coupled(slab, mu, beta, 1e-6, y, z)[0, 0], rel=1e-5)
    quarter = levels.uncoupled_pairs(slab, mu, beta, "charge", y, z, narrow)[0, 0, 0]
    corners = [(s * y, t * z) for s in (1, -1) for t in (1, -1)]
    whole = [levels.uncoupled(slab, mu, beta, "charge", *c, narrow) for c in corners]
    assert quarter == pytest.approx(np.sum(whole), rel=1e-9)


def test_cubature():
    def peak(y, z):
        return np.stack([1.0 / ((y - 0.3) ** 2 + 0.01), np.cos(z) * y], axis=1)

    found = integrate(peak, ((0.0, 1.0), (0.0, 0.5, 2.0)), 1e-8)
    tall = 2.0 * (np.arctan(7.0) + np.arctan(3.0)) / 0.1
    assert found.value == pytest.approx([tall, 0.5 * np.sin(2.0)], rel=1e-9)
    with pytest.raises(NotConvergedError, match="momenta"):
        integrate(
            lambda y, z: (y > 0.3 + 0.1 * z)[:, None] + 0.0, ((0.0, 1.0),) * 2, 1e-9, most_panels=60
        )


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: DiracSlab(1.0, sites=1), "at least 2"),
        (lambda: DiracSlab([1.0, 2.0, 3.0], sites=4), "one per site"),
        (lambda: DiracSlab(np.nan), "finite"),
        (lambda: DiracSlab(1.0, boundary="loop"), "open or periodic"),
        (lambda: gradient_profile(1.0, 0.0, 5), "reach"),
        (lambda: current(steep(), Baths(np.zeros(4), 1.0)), "one per site"),
        (lambda: current(steep(), Baths(0.0, -1.0)), "positive"),
        (lambda: current(steep(), Baths(0.0, 1.0), -1.0), "coupling"),
        (lambda: current(steep(), Baths(0.0, 1.0), kind="heat"), "charge or energy"),
        (lambda: current(steep(), Baths(0.0, 1.0), accuracy=2.0), "accuracy"),
        (lambda: impurities.local_green(steep(), 0.0, 0.0), "eta"),
    ],
)
def test_mistakes(call, words):
    with pytest.raises(ParameterError, match=words):
        call()
