"""Material to coefficients to sources: units, signs, limits, notes and errors."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from scipy.constants import e, eV, h, hbar, m_e, mu_0
from scipy.constants import k as boltzmann

from glvortex import micro
from glvortex.errors import ParameterError
from glvortex.material import Material, Sources
from glvortex.material.critical import vortex_line_energy
from glvortex.material.table import coefficient_rows

MEV = 1e-3 * eV
PROBLEMS = Path(__file__).parents[1] / "problems"
PHI0 = h / (2.0 * e)
# numbers of the size of 4Hb-TaS2, assumed: band, Rashba energy and E_z are guesses
ASSUMED = {
    "effective_mass": m_e,
    "chemical_potential": 300 * MEV,
    "layer_spacing": 0.59e-9,
    "out_of_plane_field": 1e9,
    "rashba_energy": 20 * MEV,
    "gap": 0.44 * MEV,
    "critical_temperature": 2.7,
}
INCLUSION = {
    "exchange_field": 1 * MEV,
    "potential_step": 0.05,
    "radius": 200e-9,
    "edge_width": 50e-9,
}


def material(**changes):
    return Material(**{**ASSUMED, **changes})


@pytest.fixture
def coefficients():
    return material(london_lambda=500e-9, coherence_length=18e-9).coefficients()


def test_electron_numbers_of_the_band():
    c = material().coefficients()
    assert c.k_F == pytest.approx(2.8061e9, rel=1e-4)  # sqrt(2 m 0.3 eV)/hbar
    assert c.fermi_velocity == pytest.approx(3.2485e5, rel=1e-4)
    assert c.density == pytest.approx(2.1241e27, rel=1e-4)
    assert abs(c.rashba_length2 * e * 1e9) * c.k_F == pytest.approx(c.rashba_energy)
    assert c.gap == pytest.approx(0.44 * MEV)
    assert c.london_lambda == pytest.approx(np.sqrt(m_e / (mu_0 * c.density * e**2)))
    assert c.coherence_length == pytest.approx(hbar * c.fermi_velocity / (np.sqrt(8) * c.gap))


def test_fields_of_the_lengths(coefficients):
    c = coefficients
    assert c.kappa == pytest.approx(500 / 18)
    assert c.bc2 == pytest.approx(PHI0 / (2 * np.pi * (18e-9) ** 2))
    line = vortex_line_energy(c.kappa)
    assert c.hc1 == pytest.approx(PHI0 * line / (4 * np.pi * mu_0 * (500e-9) ** 2))
    assert mu_0 * c.hc1 / c.bc2 == pytest.approx(line / (2 * c.kappa**2))


def test_pseudo_gauge_field_by_stiffness_and_by_london_length(coefficients):
    """003 (4) with hbar restored, against -mu0 lambda^2 j_gamma/s."""
    c = coefficients
    s = Sources.of(c, **INCLUSION)
    j_gamma = c.gamma * (0.05 / 50e-9) * 1 * MEV  # along +phi, in one layer
    by_stiffness = -j_gamma * hbar**2 / (c.stiffness * (2 * e) ** 2)
    by_length = -mu_0 * c.london_lambda**2 * j_gamma / c.layer_spacing
    assert s.pseudo_gauge_si == pytest.approx(by_stiffness, rel=1e-12)
    assert s.pseudo_gauge_si == pytest.approx(by_length, rel=1e-12)
    assert s.pseudo_gauge == pytest.approx(2 * e * c.coherence_length / hbar * by_length)
    # clean layers: stiffness = hbar^2 n_2D/4m
    clean = material().coefficients()
    sheet = clean.density * clean.layer_spacing
    assert clean.stiffness == pytest.approx(hbar**2 * sheet / (4 * m_e))


def test_inclusion_moments_and_signs(coefficients):
    c = coefficients
    s = Sources.of(c, **INCLUSION)
    area = np.pi * (200e-9) ** 2
    assert c.gamma < 0.0 and c.chi < 0.0 and c.chi_zeeman > 0.0
    assert s.pseudo_gauge > 0.0 > s.h_tilde  # a ring along +phi has h~ < 0 inside
    # curl h~ = mu0 j_gamma/s: the step of h~ across the edge carries the whole ring current
    assert s.h_tilde == pytest.approx(mu_0 * c.gamma * MEV * 0.05 / c.layer_spacing)
    assert s.h_tilde * area / mu_0 * c.layer_spacing == pytest.approx(s.M_gamma)
    assert s.h_tilde_reduced == pytest.approx(s.h_tilde / c.bc2)
    # reduced: curl a~ = -kappa^2 curl curl h~, so a~ d = -kappa^2 h~ with d in xi
    width = 50e-9 / c.coherence_length
    assert s.pseudo_gauge * width == pytest.approx(-(c.kappa**2) * s.h_tilde_reduced)
    assert s.M_gamma == pytest.approx(area * c.gamma * MEV * 0.05)
    assert s.M_n == pytest.approx(area * micro.BOHR_MAGNETON * m_e / (np.pi * hbar**2) * MEV)
    assert s.ratio_analytic == pytest.approx(s.M_gamma / s.M_n)
    assert s.magnetisation_chi == pytest.approx(-c.chi * MEV / c.layer_spacing)
    assert s.magnetisation_spin == pytest.approx(c.chi_zeeman * MEV / c.layer_spacing)
    assert s.magnetisation_reduced == pytest.approx(mu_0 * s.magnetisation / c.bc2)


def test_reversed_potential_moment_and_spin_convention(coefficients):
    base = Sources.of(coefficients, **INCLUSION)
    potential = Sources.of(coefficients, **{**INCLUSION, "potential_step": -0.05})
    moment = Sources.of(coefficients, **{**INCLUSION, "exchange_field": -MEV})
    electron = Sources.of(coefficients, **INCLUSION, spin_moment="electron")
    assert potential.pseudo_gauge == -base.pseudo_gauge == moment.pseudo_gauge
    assert potential.magnetisation == base.magnetisation == -moment.magnetisation
    assert potential.ratio_analytic == -base.ratio_analytic == electron.ratio_analytic
    # an electron's own spin moment: m = -(chi + chi_Z) b_z/s, 000 (2) and (5)
    c = coefficients
    whole = -(c.chi + c.chi_zeeman) * MEV / c.layer_spacing
    assert electron.magnetisation == pytest.approx(whole)
    assert electron.M_n == -base.M_n


def test_ratio_as_printed_in_003_22():
    printed = material(
        susceptibility="levitan-2025", gamma_formula="printed", gap=1e-6 * MEV, temperature=0.0
    )
    printed = dataclasses.replace(printed, critical_temperature=None)
    c = printed.coefficients()
    s = Sources.of(c, **INCLUSION)
    expected = -(e**2) * c.rashba_length2 * 0.05 / (12 * np.pi**2 * hbar * micro.BOHR_MAGNETON)
    assert s.ratio_analytic == pytest.approx(expected, rel=1e-6)
    corrected = material(gap=1e-6 * MEV, critical_temperature=None).coefficients()
    ratio = Sources.of(corrected, **INCLUSION).ratio_analytic
    assert ratio / s.ratio_analytic == pytest.approx(6 * np.pi**2, rel=1e-6)


def test_ratio_has_the_order_of_magnitude_of_g1(coefficients):
    """003 (G1): (V/V_perp)(d_perp k_F) E_R/mu; for m = m_e the coefficient is f/2."""
    c, ratio = coefficients, Sources.of(coefficients, **INCLUSION).ratio_analytic
    depth = 1e-9
    estimate = 0.05 / (c.out_of_plane_field * depth) * depth * c.k_F
    estimate *= c.rashba_energy / c.chemical_potential
    print(f"M_gamma/M_n = {ratio:.4g}, (G1) {estimate:.4g}")
    assert ratio == pytest.approx(-0.5 * estimate * micro.universal(0.44 / 20), rel=1e-9)


@pytest.mark.parametrize(("exchange", "field"), [(1.0, 1e9), (2.5, -3e7)])
def test_clean_layers_bound_the_pseudo_gauge_field(exchange, field):
    """a~ = (f/sqrt2) (b_z/Delta) (E_R/2 mu) (E_par/E_z) with derived lengths at T = 0."""
    c = material(out_of_plane_field=field).coefficients()
    s = Sources.of(c, **{**INCLUSION, "exchange_field": exchange * MEV})
    expected = exchange / 0.44 * 20 / 600 * (0.05 / 50e-9) / field
    expected *= micro.universal(0.44 / 20) / np.sqrt(2)
    assert s.pseudo_gauge == pytest.approx(expected, rel=1e-9)


def test_rashba_coupling_given_either_way():
    by_energy = material().coefficients()
    length2 = by_energy.rashba_length2
    by_length = material(rashba_energy=None, rashba_length2=length2).coefficients()
    assert by_length.rashba_energy == pytest.approx(20 * MEV)
    assert by_length.gamma == pytest.approx(by_energy.gamma)
    # with lambda given, the sign of E_z is of no consequence; with the energy given it is lambda's
    down = material(rashba_energy=None, rashba_length2=length2, out_of_plane_field=-1e9)
    assert down.coefficients().gamma == pytest.approx(by_energy.gamma)
    assert material(out_of_plane_field=-1e9).coefficients().gamma == pytest.approx(-by_energy.gamma)


def test_temperature_dependence():
    temperatures = np.array([0.0, 0.03, 0.5, 1.35, 2.0, 2.6, 2.69, 2.6999])
    cs = [material(temperature=t).coefficients() for t in temperatures]
    for name, rising in (("coherence_length", 1), ("london_lambda", 1), ("gap", -1), ("bc2", -1)):
        values = np.array([getattr(c, name) for c in cs])
        assert np.all(rising * np.diff(values) >= -1e-9 * abs(values[0])), name
    # gamma falls with the superfluid density: A~ stays finite up to Tc
    peak = [Sources.of(c, **INCLUSION).pseudo_gauge_si for c in cs]
    assert abs(cs[-1].gamma / cs[0].gamma) < 1e-3
    assert peak[-1] == pytest.approx(peak[0], rel=0.02)
    assert cs[-1].gap / cs[0].gap == pytest.approx(micro.reduced_gap(2.6999 / 2.7))
    # Ginzburg-Landau: xi sqrt(1 - T/Tc) constant near Tc
    scaled = [c.coherence_length * np.sqrt(1 - c.temperature / 2.7) for c in cs[-2:]]
    assert scaled[0] == pytest.approx(scaled[1], rel=0.01)


def test_gap_and_transition_temperature_follow_from_each_other():
    from_gap = material(critical_temperature=None)
    assert from_gap.transition == pytest.approx(0.44 * MEV / (1.7638769 * boltzmann))
    from_tc = material(gap=None).coefficients()
    assert from_tc.gap == pytest.approx(1.7638769 * boltzmann * 2.7)


def test_measured_lengths_win_and_say_so():
    c = material(london_lambda=500e-9).coefficients()
    derived = material().coefficients()
    assert c.london_lambda == 500e-9
    assert c.coherence_length == derived.coherence_length
    assert any("measured 500 nm wins over the derived 115.3 nm" in note for note in c.notes)
    assert any("coherence_length = 171.8 nm is derived" in note for note in c.notes)
    assert any("0.053 times the clean superfluid density" in note for note in c.notes)
    assert c.gamma == derived.gamma


def test_measured_lengths_follow_the_temperature():
    """As clean ones do, so that A~ stays finite towards Tc, where gamma and 1/lambda^2 vanish."""
    measured = {"london_lambda": 500e-9, "coherence_length": 20e-9}
    cold = material(**measured, temperature=0.5)
    for warm in (cold.at(2.0), material(**measured, temperature=2.0, measured_at=0.5)):
        before, after = cold.coefficients(), warm.coefficients()
        clean = [material(temperature=t).coefficients() for t in (0.5, 2.0)]
        for name in ("london_lambda", "coherence_length", "bc2", "hc1", "kappa"):
            ratio = getattr(after, name) / getattr(before, name)
            plain = getattr(clean[1], name) / getattr(clean[0], name)
            assert ratio == pytest.approx(plain, rel=0.2 if name == "hc1" else 1e-12)
        assert any("500 nm at 0.5 K" in note for note in after.notes)
    pseudo_gauge = [
        c.gamma * c.london_lambda**2 for c in (cold.at(t).coefficients() for t in (2.69, 2.699))
    ]
    assert pseudo_gauge[1] == pytest.approx(pseudo_gauge[0], rel=0.01)
    with pytest.raises(ParameterError, match="measured_at must be at least 0 and below Tc"):
        material(**measured, measured_at=5.0)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"rashba_energy": 60 * MEV}, "rashba_energy/chemical_potential = 0.2"),
        ({"chemical_potential": 3 * MEV}, "gap/chemical_potential = 0.15"),
        ({"gap": 1.0 * MEV}, "gap/(k_B Tc) = 4.3"),
        ({}, "1 - T/Tc = 1 is not small"),
        ({}, "type I"),
    ],
)
def test_regime_notes(changes, word):
    assert any(word in note for note in material(**changes).coefficients().notes)


def test_inclusion_notes(coefficients):
    calm = {**INCLUSION, "potential_step": 0.02}
    assert Sources.of(coefficients, **calm).notes == ()
    for changes, word in (
        ({"exchange_field": 5 * MEV}, "exchange_field"),
        ({"potential_step": 0.1}, "potential_step"),
        ({"edge_width": 5e-9}, "coherence_length/edge_width = 3.6"),
        ({"edge_width": 20e-12}, "in-plane"),
    ):
        assert any(word in note for note in Sources.of(coefficients, **{**calm, **changes}).notes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"effective_mass": -m_e}, "effective_mass must be a positive number"),
        ({"chemical_potential": 0.0}, "chemical_potential must be a positive number"),
        ({"layer_spacing": np.nan}, "layer_spacing must be a positive number"),
        ({"london_lambda": 0.0}, "london_lambda must be a positive number"),
        ({"gap": None, "critical_temperature": None}, "gap or critical_temperature is missing"),
        ({"temperature": 2.7}, "below Tc = 2.7 K"),
        ({"temperature": -1.0}, "at least 0"),
        ({"rashba_energy": 0.0}, "gamma vanishes .* take a small value for that limit"),
        ({"rashba_energy": None, "rashba_length2": 0.0}, "rashba_length2 must not be zero"),
        ({"out_of_plane_field": 0.0}, "out_of_plane_field must not be zero"),
        ({"rashba_energy": None}, "either rashba_energy or rashba_length2"),
        ({"rashba_length2": 1e-20}, "either rashba_energy or rashba_length2"),
        ({"susceptibility": "x"}, "susceptibility must be one of pauli-2d, levitan-2025"),
        ({"gamma_formula": "x"}, "gamma_formula must be one of corrected, printed"),
    ],
)
def test_errors_are_one_sentence(changes, message):
    with pytest.raises(ParameterError, match=message) as caught:
        material(**changes).coefficients()
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"radius": 0.0}, "radius must be positive"),
        ({"edge_width": -1e-9}, "edge_width must be positive"),
        ({"spin_moment": "up"}, "spin_moment must be one of levitan-2025, electron"),
    ],
)
def test_errors_of_an_inclusion(coefficients, changes, message):
    with pytest.raises(ParameterError, match=message):
        Sources.of(coefficients, **{**INCLUSION, **changes})


def test_table(coefficients):
    alone = coefficient_rows(coefficients)
    rows = coefficient_rows(coefficients, Sources.of(coefficients, **INCLUSION))
    assert rows[: len(alone)] == alone
    table = {row.name: row for row in rows}
    assert table["coherence_length"].value == pytest.approx(18.0)
    assert table["coherence_length"].unit == "nm"
    assert table["rashba_energy"].value == pytest.approx(20.0)
    name, symbol, value, unit, source = table["gamma"]
    assert (name, symbol, unit) == ("gamma", "gamma", "A/(V J)")
    assert value == coefficients.gamma and "003" in source
    assert all(np.isfinite(row.value) for row in rows)


def test_exact_method_agrees_where_energies_are_small_and_says_so():
    closed = material(temperature=1.5).coefficients()
    exact = material(temperature=1.5, method="exact").coefficients()
    assert (closed.method, exact.method) == ("closed", "exact")
    assert exact.gamma == pytest.approx(closed.gamma, rel=1e-5)
    assert exact.chi == pytest.approx(closed.chi, rel=1e-3)
    assert exact.spin_fraction == pytest.approx(closed.spin_fraction, rel=1e-5)
    assert exact.chi_zeeman == pytest.approx(closed.chi_zeeman, rel=1e-5)
    sources = {row.name: row.source for row in coefficient_rows(exact)}
    assert sources["gamma"].startswith("exact") and sources["kappa"] == "lambda/xi"
    assert coefficient_rows(closed)[14].source.startswith("closed")


def test_exact_method_tells_its_error():
    """Close to Tc gamma is the small difference of large terms: the error grows and is said."""
    far = material(temperature=1.5, method="exact").coefficients()
    close = material(gap=None, temperature=2.7 * (1.0 - 1e-10), method="exact").coefficients()
    assert 0.0 < far.gamma_error < 1e-6 and 0.0 < far.chi_error < 1e-5
    assert far.spin_error < 1e-6 and not any("estimated error" in note for note in far.notes)
    assert close.gamma_error > 0.1
    assert any("gamma by diagonalisation has an estimated error" in note for note in close.notes)
    sources = {row.name: row.source for row in coefficient_rows(close)}
    assert f"relative error {close.gamma_error:.0e}" in sources["gamma"]
    assert f"relative error {close.spin_error:.0e}" in sources["chi_zeeman"]
    assert material(temperature=1.5).coefficients().gamma_error == 0.0


def test_temperature_over_chemical_potential_is_noted():
    notes = material(gap=None, critical_temperature=800.0, temperature=790.0).coefficients().notes
    assert any(note.startswith("k_B T/chemical_potential = 0.23") for note in notes)


def test_exact_method_where_energies_are_not_small():
    changes = {"gap": 90 * MEV, "rashba_energy": 90 * MEV, "critical_temperature": None}
    closed, exact = (material(method=m, **changes).coefficients() for m in ("closed", "exact"))
    assert 5e-4 < abs(closed.gamma / exact.gamma - 1.0) < 1e-2
    assert any('method = "exact"' in note for note in closed.notes)
    assert not any('method = "exact"' in note for note in exact.notes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"method": "guess"}, "method must be one of closed, exact, got 'guess'"),
        ({"method": "exact", "gamma_formula": "printed"}, "so method must be closed"),
    ],
)
def test_wrong_methods(changes, message):
    with pytest.raises(ParameterError, match=message):
        material(**changes)


def test_moment_ratios_with_temperature():
    """Over the own spin moment constant at T = 0, whatever the gap; both vanish towards Tc."""
    base = material()
    own, normal = [], []
    for temperature in (0.0, 1.0, 2.0, 2.6, 2.69):
        c = base.at(temperature).coefficients()
        s = Sources.of(c, **INCLUSION)
        own.append(s.ratio_own_spin)
        normal.append(s.ratio_analytic)
        assert s.ratio_own_spin == pytest.approx(
            s.M_gamma / (s.magnetisation_spin * c.layer_spacing * np.pi * (200e-9) ** 2)
        )
    assert own[0] == pytest.approx(micro.own_moment_ratio(base.rashba[0], 0.05), rel=1e-9)
    assert np.all(np.diff(np.abs(own)) < 0.0) and np.all(np.diff(np.abs(normal)) < 0.0)
    assert abs(own[-1] / own[0]) < 0.02
    for gap in (0.1, 10.0):
        other = material(gap=gap * MEV, critical_temperature=None)
        ratio = Sources.of(other.coefficients(), **INCLUSION).ratio_own_spin
        assert ratio == pytest.approx(own[0], rel=1e-9)


def test_small_helpers_in_si():
    g1 = micro.estimate_g1(0.05, 1.0, 1e-9, 3e9, 20.0, 300.0)
    assert g1 == pytest.approx(0.05 * 3.0 / 15.0)
    current, spin = micro.texture([1.0, -2.0], 3.0, 0.5)
    assert list(current) == [3.0, -6.0] and list(spin) == [0.5, -1.0]


def test_problem_file_names_the_limit_of_zero_rashba_energy():
    from glvortex.problems import schema, setup

    problem = schema.load(PROBLEMS / "laboratory_units.toml", ["material.rashba_energy='0 meV'"])
    with pytest.raises(ParameterError, match="take a small value for that limit"):
        setup.setup_from(problem)
