"""The formulas of `glvortex.micro` in high precision, against each other, and at their ends."""

import mpmath as mp
import numpy as np
import pytest
from scipy.constants import e, eV, hbar, m_e
from scipy.constants import k as boltzmann
from scipy.integrate import quad, trapezoid
from scipy.special import kn

from glvortex import micro
from glvortex.errors import ParameterError
from glvortex.material.critical import (
    lower_critical_field,
    upper_critical_field,
    vortex_line_energy,
)
from glvortex.micro.gap import gap_equation

MEV = 1e-3 * eV
DELTAS = [1e-9, 1e-4, 0.03, 0.05, 0.3, 1.0, 3.0, 20.0, 1e3, 1e7]


@pytest.fixture(autouse=True)
def _forty_digits():
    with mp.workdps(40):
        yield


def edelstein_integral(delta, sign=1):
    """The integral of 003 (E8) over |x| < cutoff; ``sign`` stands before the product of roots."""

    def integrand(x):
        a, b = mp.sqrt((x - 1) ** 2 + delta**2), mp.sqrt((x + 1) ** 2 + delta**2)
        return (1 - x**2 - delta**2 + sign * a * b) / (a * b * (a + b))

    return lambda cutoff: mp.quad(integrand, [0, 0.5, 1, 2, 10, cutoff])


@pytest.mark.parametrize("delta", DELTAS)
def test_universal_function_in_the_forms_of_three_equations(delta):
    d = mp.mpf(delta)
    root, v = mp.sqrt(1 + d**2), 1 / d
    forms = (
        1 - d**2 / root * mp.acoth(root),  # 003 (18)
        1 + d**2 / root * mp.log(d / (1 + root)),  # 000 (48)
        1 - mp.log(v + mp.sqrt(1 + v**2)) / (v * mp.sqrt(1 + v**2)),  # 000 (50)
    )
    for form in forms:
        assert micro.universal(delta) == pytest.approx(float(form), rel=4e-15)
        assert micro.universal_complement(delta) == pytest.approx(float(1 - form), rel=4e-15)


@pytest.mark.parametrize("delta", [0.05, 0.3, 1.0, 3.0])
def test_e8_needs_a_plus_sign(delta):
    with mp.workdps(20):
        right = edelstein_integral(mp.mpf(delta))(mp.inf)
        assert micro.universal(delta) == pytest.approx(float(right), rel=1e-12)
        printed = edelstein_integral(mp.mpf(delta), sign=-1)
        # -1/x at large x: every decade adds -ln 10
        growth = printed(1e6) - printed(1e5)
    assert float(growth) == pytest.approx(-np.log(10.0), rel=1e-6)


def test_universal_function_limits_and_shapes():
    assert micro.universal(0.0) == 1.0
    assert micro.universal(np.inf) == 0.0
    assert micro.universal_complement([0.0, np.inf]) == pytest.approx([0.0, 1.0])
    assert micro.universal(np.ones((2, 3))).shape == (2, 3)
    assert micro.universal(1e6) == pytest.approx(2e-12 / 3.0, rel=1e-11)


def matsubara(summand, gap, rashba, thermal):
    """pi T sum over all n in 20 digits."""
    gap, rashba, thermal = mp.mpf(gap), mp.mpf(rashba), mp.mpf(thermal)

    def term(n):
        w = (2 * n + 1) * mp.pi * thermal
        return summand(w, mp.sqrt(w**2 + gap**2), gap, rashba)

    with mp.workdps(20):
        return float(2 * mp.pi * thermal * mp.nsum(term, [0, mp.inf], method="e"))


SUMMANDS = {
    "current": lambda w, W, g, E: g**2 * E**2 / (W**3 * (W**2 + E**2)),
    "soc": lambda w, W, g, E: 2 * g**2 * E**2 / (W * (W**2 + E**2) ** 2),
    "spin": lambda w, W, g, E: g**2 / (W * (W**2 + E**2)),
    "superfluid": lambda w, W, g, E: g**2 / W**3,
    "condensation": lambda w, W, g, E: (W - w) ** 2 / (W * g**2),
}


@pytest.mark.parametrize(
    ("gap", "rashba", "thermal"),
    [(1, 1, 0.3), (1, 30, 0.023), (1e-4, 0.1, 1), (1, 1e-3, 0.03), (0.3, 200, 1)],
)
def test_matsubara_sums_to_high_precision(gap, rashba, thermal):
    exact = {name: matsubara(s, gap, rashba, thermal) for name, s in SUMMANDS.items()}
    pairs = {
        "current": micro.current_sum(gap, rashba, thermal),
        "soc": micro.soc_sum(gap, rashba, thermal),
        "spin": 1.0 - micro.spin_sum(gap, rashba, thermal),
        "superfluid": micro.superfluid_fraction(gap, thermal),
        "condensation": micro.condensation_sum(gap, thermal),
    }
    for name, value in pairs.items():
        absolute = 1e-15 if name == "spin" else 0.0
        assert value == pytest.approx(exact[name], rel=1e-12, abs=absolute), name


def test_sums_meet_the_closed_forms_towards_zero_temperature():
    gap = np.array([0.01, 0.3, 1.0, 7.0])[:, None]
    thermal = gap / np.array([40.0, 44.999, 45.001, 200.0])
    delta = np.broadcast_to(gap, thermal.shape)
    f = micro.universal(gap)
    for value in (micro.current_sum(gap, 1.0, thermal), micro.spin_sum(gap, 1.0, thermal)):
        assert np.max(np.abs(value / f - 1.0)) < 1e-12
    root = np.sqrt(1.0 + delta**2)
    bracket = 1.0 + (root + 1.0 / root) * np.log(delta / (1.0 + root))
    printed = -((delta / root) ** 2) * bracket  # 000 (46) times -(4 pi hbar v)
    assert micro.soc_sum(gap, 1.0, thermal) == pytest.approx(printed, rel=1e-11)
    assert micro.superfluid_fraction(gap, thermal) == pytest.approx(1.0, abs=1e-13)
    condensation = 0.5 - (np.pi * thermal / gap) ** 2 / 3.0
    assert micro.condensation_sum(gap, thermal) == pytest.approx(condensation, rel=1e-12)


def test_sums_vanish_or_saturate_in_the_normal_state():
    for thermal in (0.0, 0.5):
        assert micro.current_sum(0.0, 1.0, thermal) == 0.0
        assert micro.soc_sum(0.0, 1.0, thermal) == 0.0
        assert micro.spin_sum(0.0, 1.0, thermal) == 1.0
        assert micro.superfluid_fraction(0.0, thermal) == 0.0
    assert micro.current_sum(1.0, 0.0, 0.1) == 0.0
    # the jump of 000 (49): at T = 0 the limit of a vanishing gap is not the normal state
    assert micro.current_sum(1e-9, 1.0) == pytest.approx(1.0)
    assert micro.spin_sum(1.0, 0.0, 0.2) == pytest.approx(micro.yosida(1.0, 0.2), rel=1e-12)


@pytest.mark.parametrize("ratio", [0.1, 1.0, 1.999, 2.001, 10.0, 30.0])
def test_yosida_function(ratio):
    exact, _ = quad(lambda x: 0.5 / np.cosh(0.5 * np.hypot(x, ratio)) ** 2, 0.0, 200.0, limit=200)
    assert micro.yosida(ratio, 1.0) == pytest.approx(exact, rel=1e-9)
    assert micro.yosida(1.0, 0.0) == 0.0


def test_gamma_is_the_spin_susceptibility_less_its_quasiparticle_part():
    """gamma = -(e^2 lambda/2 hbar)(chi_spin_perp - 2 nu_F Y); without Y at T = 0."""
    mass, length2 = 0.7 * m_e, 3e-20
    gap, rashba = np.array([0.1, 0.44, 3.0]) * MEV, 2.0 * MEV
    for temperature in (0.0, 0.3, 1.5, 4.0):
        spin = micro.chi_spin_perp(mass, gap, rashba, temperature)
        normal = mass / (np.pi * hbar**2) * micro.yosida(gap, boltzmann * temperature)
        expected = -(e**2) * length2 / (2.0 * hbar) * (spin - normal)
        value = micro.gamma(mass, length2, gap, rashba, temperature)
        assert value == pytest.approx(expected, rel=1e-10)


def test_parts_of_chi():
    """000 (11), (12), (44)-(49)."""
    gap, rashba = np.array([0.0, 1e-6, 0.44, 3.0]) * MEV, 2.0 * MEV
    for temperature in (0.0, 2.0):
        intra = micro.chi_orb_intra(gap, temperature)
        inter = micro.chi_orb_inter(gap, rashba, temperature)
        parts = micro.chi_soc(gap, rashba, temperature) + intra + inter
        whole = micro.chi(gap, rashba, temperature)
        assert whole == pytest.approx(parts, abs=1e-14 * micro.CHI_UNIT)
    unit = e / (4.0 * np.pi * hbar)
    assert micro.chi_orb_intra(0.0) == pytest.approx(unit)  # (45)
    assert micro.chi_orb_inter(0.0, rashba) == pytest.approx(-unit)
    assert micro.chi(0.0, rashba) == 0.0
    assert micro.chi(1e-9 * rashba, rashba) == pytest.approx(-unit)  # (49)
    assert micro.chi_zeeman(m_e, 1e-9 * rashba, rashba) == pytest.approx(2.0 * unit)  # (51)
    delta = np.logspace(-3, 2, 60)
    whole = micro.chi(delta * rashba, rashba) + micro.chi_zeeman(m_e, delta * rashba, rashba)
    assert np.all(whole > 0.0)  # X > 0 everywhere, 000 Fig. 5


def test_printed_formulas_by_name():
    args = (m_e, 1e-20, 0.4 * MEV, 2.0 * MEV)
    corrected = micro.gamma(*args)
    assert micro.gamma(*args, formula="printed") == pytest.approx(corrected / 2.0)
    assert micro.gamma(*args, formula="printed-17") == pytest.approx(-corrected / 2.0)
    pauli = micro.spin_susceptibility(m_e)
    assert micro.chi_spin_perp(m_e, 0.0, 1.0) == pytest.approx(pauli)
    printed = micro.spin_susceptibility(m_e, "levitan-2025")
    assert printed / pauli == pytest.approx(3.0 * np.pi**2)
    # 003 (22): both printed choices and f = 1
    step, length2 = 0.05, 1e-20
    gamma = micro.gamma(m_e, length2, 1e-9 * MEV, MEV, formula="printed")
    ratio = micro.moment_ratio(gamma, step, printed)
    expected = -(e**2) * length2 * step / (12.0 * np.pi**2 * hbar * micro.BOHR_MAGNETON)
    assert ratio == pytest.approx(expected, rel=1e-9)


def test_frequency_sum_of_one_branch_is_twice_what_e2_prints():
    """T sum tr(G G) of 003 (D3) = 2 n_F'(E), where (E2) prints n_F'(E)."""
    gap, xi, thermal = 0.7, 0.4, 0.3
    energy = np.hypot(xi, gap)
    with mp.workdps(20):

        def trace(n):
            w = (2 * n + 1) * mp.pi * thermal
            return 2 * (energy**2 - w**2) / (w**2 + energy**2) ** 2  # tr G^2, G = (iw + xi tz..)/..

        total = float(2 * thermal * mp.nsum(trace, [0, mp.inf], method="e"))
    slope = -0.25 / thermal / np.cosh(energy / (2.0 * thermal)) ** 2
    assert total == pytest.approx(2.0 * slope, rel=1e-10)


def test_both_rashba_branches_have_one_fermi_velocity():
    """v_F sqrt(1 + (E_R/2 mu)^2) for both, not the v_F -+ v~ of 003 App. F (m = k_F = 1)."""
    v = 0.1
    for branch in (1.0, -1.0):
        k = np.sqrt(1.0 + v**2) + branch * v  # 003 (F3)
        assert k**2 / 2.0 - branch * v * k == pytest.approx(0.5)
        assert k - branch * v == pytest.approx(np.sqrt(1.0 + v**2))


@pytest.mark.parametrize("t", [0.1, 0.3, 0.5, 0.9, 0.99])
def test_gap_solves_the_bcs_equation(t):
    """ln(Delta(0)/Delta) = 2 int n_F(E)/E dxi = 2 sum (-1)^(k+1) K0(k Delta/T)."""
    reduced = micro.reduced_gap(t)
    ratio = micro.GAP_RATIO * reduced / t

    def integrand(x):
        energy = np.hypot(x, ratio)
        return 2.0 * np.exp(-energy) / (1.0 + np.exp(-energy)) / energy

    exact, _ = quad(integrand, 0.0, 60.0, limit=200, epsabs=1e-14)
    assert -np.log(reduced) == pytest.approx(exact, rel=1e-9, abs=1e-13)
    if ratio > 3.0:
        k = np.arange(1, 30)
        series = 2.0 * np.sum((-1.0) ** (k + 1) * kn(0, k * ratio))
        assert gap_equation(ratio) == pytest.approx(np.log(ratio / micro.GAP_RATIO) + series)


def test_gap_limits():
    assert micro.zero_temperature_gap(1.0) / boltzmann == pytest.approx(1.7638769, abs=1e-7)
    assert micro.reduced_gap([0.0, 0.01, 1.0, 2.0]) == pytest.approx([1.0, 1.0, 0.0, 0.0])
    landau = np.pi * np.sqrt(8.0 / (7.0 * 1.2020569031595942)) / micro.GAP_RATIO
    for distance in (1e-5, 1e-9):
        near = micro.reduced_gap(1.0 - distance)
        assert near == pytest.approx(landau * np.sqrt(distance), rel=2 * distance + 1e-7)
    gap = micro.gap(np.array([0.0, 1.35]), 2.7)
    assert gap[0] == pytest.approx(micro.zero_temperature_gap(2.7))
    assert gap[1] / gap[0] == pytest.approx(0.956885, abs=1e-6)
    assert micro.critical_temperature(gap[0]) == pytest.approx(2.7)
    assert micro.gap(1.35, 2.7, 0.44 * MEV) == pytest.approx(0.956884716 * 0.44 * MEV)


@pytest.mark.parametrize("ratio", [0.5, 3.0, 12.0])
def test_condensation_energy_from_the_free_energies(ratio):
    """F_n - F_s in nu, k_B T = 1: the BCS free energy with V eliminated by the gap equation."""

    def density(x):
        energy = np.hypot(x, ratio)
        pairing = ratio**2 * np.tanh(energy / 2.0) / (2.0 * energy)
        kinetic = energy - x + 2.0 * np.log1p(np.exp(-energy)) - 2.0 * np.log1p(np.exp(-x))
        return 2.0 * (kinetic - pairing)

    # falls off as ratio^4/(4 x^3) beyond the cutoff
    cutoff = 1e3
    parts = [quad(density, *span, limit=400)[0] for span in ((0.0, 30.0), (30.0, cutoff))]
    exact = sum(parts) + ratio**4 / (8.0 * cutoff**2)
    assert micro.condensation_sum(ratio, 1.0) == pytest.approx(exact / ratio**2, rel=1e-6)


def test_lengths_at_both_ends():
    k_f, mass, tc = 2.0e9, 0.5 * m_e, 3.0
    velocity = hbar * k_f / mass
    density = micro.electron_density(k_f, 1e-9)
    gap = micro.zero_temperature_gap(tc)
    assert micro.coherence_length(velocity, gap) == pytest.approx(
        hbar * velocity / (np.sqrt(8.0) * gap)
    )
    london = micro.london_lambda(mass, density, gap)
    distance = 1e-6
    temperature = tc * (1.0 - distance)
    near = micro.gap(temperature, tc)
    landau = np.sqrt(7.0 * 1.2020569031595942 / (32.0 * np.pi**2 * distance))
    clean = landau * hbar * velocity / (boltzmann * tc)
    xi = micro.coherence_length(velocity, near, temperature)
    assert xi == pytest.approx(clean, rel=1e-5)
    warm = micro.london_lambda(mass, density, near, temperature)
    assert warm == pytest.approx(london / np.sqrt(2.0 * distance), rel=1e-5)


def test_critical_fields():
    assert upper_critical_field(18e-9) == pytest.approx(1.01576, rel=1e-5)
    # Hc1/Hc2 = e1/(2 kappa^2)
    xi, kappa = 20e-9, 7.0
    ratio = 4e-7 * np.pi * lower_critical_field(kappa * xi, kappa) / upper_critical_field(xi)
    assert ratio == pytest.approx(vortex_line_energy(kappa) / (2.0 * kappa**2), rel=1e-8)
    with pytest.raises(ParameterError, match="kappa must be positive"):
        vortex_line_energy([1.0, -2.0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: micro.gamma(-m_e, 1e-20, MEV, MEV), "effective_mass must be positive"),
        (lambda: micro.gamma(m_e, 1e-20, -MEV, MEV), "gap must not be negative"),
        (lambda: micro.gamma(m_e, 1e-20, MEV, MEV, -1.0), "must not be negative"),
        (lambda: micro.gamma(m_e, 1e-20, MEV, MEV, formula="best"), "gamma_formula must be one of"),
        (lambda: micro.spin_susceptibility(m_e, "x"), "susceptibility must be one of pauli-2d"),
        (lambda: micro.reduced_gap(-0.1), "temperature must not be negative"),
        (lambda: micro.current_sum(np.nan, 1.0), "gap must be finite"),
    ],
)
def test_bad_input_gets_one_sentence(call, message):
    with pytest.raises(ParameterError, match=message):
        call()


def test_broadcasting():
    gap = np.array([0.1, 0.2, 0.4]) * MEV
    temperature = np.array([[0.0], [0.1], [0.5], [0.9]])
    assert micro.gamma(m_e, 1e-20, gap, MEV, temperature).shape == (4, 3)
    assert micro.chi(gap, MEV, temperature).shape == (4, 3)
    each = [micro.chi(g, MEV, 0.5) for g in gap]
    assert micro.chi(gap, MEV, temperature)[2] == pytest.approx(each, rel=1e-13)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: micro.london_lambda(-9e-31, 1e28, 1e-22), "effective_mass must be positive"),
        (lambda: micro.london_lambda(9e-31, 1e28, 0.0), "take a small gap for that limit"),
        (lambda: micro.fermi_wavenumber(-1.0, 1e-20), "effective_mass must be positive"),
        (lambda: micro.fermi_wavenumber(9e-31, -1e-20), "chemical_potential must be positive"),
        (lambda: micro.coherence_length(1e6, [1e-22, 0.0]), "take a small gap for that limit"),
        (lambda: micro.gap(1.0, -2.7), "critical_temperature must be positive, got -2.7 K"),
        (lambda: micro.gap(1.0, 2.7, -1e-22), "zero_gap must be positive"),
        (lambda: micro.gap(-1.0, 2.7), "temperature must not be negative"),
        (lambda: micro.critical_temperature(0.0), "gap must be positive"),
    ],
)
def test_bad_lengths_and_gaps_say_what_is_wrong(call, message):
    with pytest.raises(ParameterError, match=message):
        call()


def test_broadened_sums_of_small_gaps():
    """All fall as gap^2 once the width is larger; no difference of nearly equal terms is left."""
    for each in (micro.soc_sum, micro.current_sum):
        scaled = np.array([float(each(g, 1.0, broadening=0.1)) / g**2 for g in (1e-5, 1e-9, 1e-12)])
        assert scaled == pytest.approx(np.full(3, scaled[0]), rel=1e-8)
    fraction = float(micro.superfluid_fraction(1e-9, broadening=0.1))
    assert fraction == pytest.approx(0.5e-16, rel=1e-12)
    # against the integrals over frequency
    w, d = np.geomspace(1e-8, 1e8, 400_001), 0.03
    square = (w + 0.1) ** 2 + d**2
    soc = 2.0 * d**2 / (np.sqrt(square) * (square + 1.0) ** 2)
    current = d**2 / (square**1.5 * (square + 1.0))
    for each, values in ((micro.soc_sum, soc), (micro.current_sum, current)):
        integral = trapezoid(values * w, np.log(w))
        assert float(each(d, 1.0, broadening=0.1)) == pytest.approx(integral, rel=1e-6)
