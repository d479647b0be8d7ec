"""The exact engine against an independent diagonalisation, limits that are known, and MPI."""

import mpmath as mp
import numpy as np
import pytest
from scipy.constants import e, eV, hbar, m_e

from glvortex import micro
from glvortex.errors import NotConvergedError, ParameterError
from glvortex.micro import Electrons, exact, exact_metal
from glvortex.micro.occupation import Occupation
from nambu_referee import average, gradient_response

UNIT = 1.0 / (4.0 * np.pi)
GAMMA = ("current_y", "exchange_z", "in_plane")


def metal(rashba=0.1, gap=0.0, temperature=0.0, **others):
    return Electrons(
        chemical_potential=0.5, rashba=-rashba, gap=gap, temperature=temperature, **others
    )


@pytest.mark.parametrize(("thermal", "width"), [(0.1, 0.0), (0.0, 0.1), (0.05, 0.07)])
@pytest.mark.parametrize(
    "points",
    [(0.1, 0.1001, 0.1), (0.3, 0.2, -0.1), (2, -3, -3.001), (9, 9.0003, 9.1), (40, -40, 41)],
)
def test_divided_differences_to_eleven_digits(thermal, width, points):
    mp.mp.dps = 40

    def n(x):
        if width == 0.0:
            return 1 / (1 + mp.exp(x / mp.mpf(thermal)))
        if thermal == 0.0:
            return mp.mpf(0.5) - mp.atan(x / mp.mpf(width)) / mp.pi
        argument = mp.mpf(0.5) + (mp.mpf(width) + 1j * x) / (2 * mp.pi * mp.mpf(thermal))
        return mp.mpf(0.5) - mp.im(mp.digamma(argument)) / mp.pi

    x = [mp.mpf(p) + i * mp.mpf(10) ** -14 for i, p in enumerate(points)]
    first = [(n(x[i]) - n(x[i + 1])) / (x[i] - x[i + 1]) for i in (0, 1)]
    expected = float((first[0] - first[1]) / (x[0] - x[2]))
    occupation = Occupation(thermal, width)
    got = occupation.triple(*(np.array([float(p)]) for p in points))[0]
    assert got == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("gap", "temperature"), [(0.02, 0.0), (0.02, 0.005), (0.0, 0.01)])
def test_averages_agree_with_the_referee(gap, temperature):
    model = metal(0.1, gap, temperature, in_plane=0.02, exchange=(0.0, 0.0, 2e-3))
    estimate = exact.average(model, ["current_y", "spin_z"], 1e-6)
    expected = average(gap, 0.1, 0.02, 2e-3, temperature, angles=64)
    scale = 0.02 * 2e-3 / (2 * np.pi)
    assert estimate.value[0] == pytest.approx(expected[0], rel=1e-5, abs=1e-5 * scale)
    assert estimate.value[1] == pytest.approx(expected[1], rel=1e-5)


@pytest.mark.parametrize(("gap", "temperature"), [(0.02, 0.0), (0.02, 0.01)])
def test_gradient_response_is_the_small_q_limit(gap, temperature):
    model = metal(0.05, gap, temperature)
    current, spin = gradient_response(gap, 0.05, temperature, q=2e-4)
    assert exact.gradient_response(model, "current_y", "exchange_z").value == pytest.approx(
        current, rel=2e-4
    )
    g_soc = exact.gradient_response(model, "spin_x", "exchange_z")
    assert g_soc.value == pytest.approx(spin, rel=2e-4)
    q = 1e-4
    finite = exact.wavevector_response(model, "spin_x", "exchange_z", q)
    assert finite.value[1] / q == pytest.approx(g_soc.value, rel=1e-4)


def test_mixed_response_is_the_limit_of_averages():
    step = 2e-3
    exact_value = exact.mixed_response(metal(0.1, 0.1), *GAMMA)
    values = []
    for s in (step, 2 * step):
        moved = metal(0.1, 0.1, in_plane=s, exchange=(0.0, 0.0, s))
        values.append(exact.average(moved, ["current_y"], 1e-10).value[0] / s**2)
    extrapolated = (4 * values[0] - values[1]) / 3
    assert exact_value.value == pytest.approx(extrapolated, rel=2e-5)
    assert exact_value.error < 1e-6 * abs(exact_value.value)


@pytest.mark.parametrize("accuracy", [1e-4, 1e-6, 1e-8])
@pytest.mark.parametrize("model", [metal(0.1, 0.003), metal(0.02, 0.01, 0.004)])
def test_error_estimates_are_honest(model, accuracy):
    best = exact.mixed_response(model, *GAMMA, accuracy=1e-11)
    loose = exact.mixed_response(model, *GAMMA, accuracy=accuracy)
    assert abs(loose.value - best.value) <= loose.error + 1e-11
    assert loose.error <= accuracy * abs(best.value)


@pytest.mark.parametrize(
    ("rashba", "field", "temperature"),
    [(1e-6, 0.2, 1e-4), (1e-4, 0.2, 1e-5), (1e-3, 0.2, 1e-6), (0.01, 0.45, 1e-4)],
)
def test_pauli_susceptibility_in_a_strong_exchange_field(rashba, field, temperature):
    """Both branches filled: 1/pi, with Fermi momenta far from those without the field."""
    model = metal(rashba, temperature=temperature, exchange=(0.0, 0.0, field))
    found = exact.response(model, "spin_z", "exchange_z", 1e-6)
    assert found.value == pytest.approx(1.0 / np.pi, rel=1e-6)
    assert found.error < 1e-6


def test_a_field_beyond_the_bottom_of_the_band_polarises_all_electrons():
    """One spin left: half the density of states, and Fermi momenta beyond those without field."""
    model = metal(1e-6, temperature=1e-3, exchange=(0.0, 0.0, 1.0))
    found = exact.response(model, "spin_z", "exchange_z", 1e-6)
    assert found.value == pytest.approx(0.5 / np.pi, rel=1e-4)


HARD = [
    (metal(0.1, 0.02, 1e-3, exchange=(0.05, 0.0, 0.0)), ("spin_x", "exchange_x"), 1e-3),
    (metal(0.1, 0.02, 1e-3, exchange=(0.05, 0.0, 0.0)), ("spin_x", "exchange_x"), 1e-2),
    (metal(0.1, 0.0, 1e-4, warping=0.2, cutoff=2.0), ("spin_x", "exchange_x"), 1e-2),
    (metal(0.1, 0.0, 1e-3, exchange=(0.05, 0.0, 0.0)), ("spin_x", "exchange_x"), 1e-4),
    (metal(0.1, 0.01, in_plane=0.02), ("spin_z", "exchange_z"), 1e-5),
    (metal(1e-3, 0.0, 1e-4, exchange=(0.0, 0.0, 0.2)), ("spin_z", "exchange_z"), 1e-4),
]


@pytest.mark.parametrize(("model", "pair", "accuracy"), HARD)
def test_error_estimates_are_honest_on_hard_points(model, pair, accuracy):
    """Sharp Fermi surfaces that turn with direction: rays must not stop before they agree."""
    best = exact.response(model, *pair, accuracy=0.2 * accuracy)
    loose = exact.response(model, *pair, accuracy=accuracy)
    print(loose, best)
    assert abs(loose.value - best.value) <= loose.error
    assert loose.error <= 4.0 * accuracy * abs(best.value)


@pytest.mark.parametrize(
    "call",
    [
        lambda m: exact.response(m, "spin_x", "exchange_x"),
        lambda m: exact.gradient_response(m, "current_y", "exchange_z"),
        lambda m: exact.mixed_response(m, *GAMMA),
        lambda m: exact.wavevector_response(m, "spin_x", "exchange_x", 1e-3),
    ],
)
def test_levels_across_zero_need_a_temperature(call):
    with pytest.raises(ParameterError, match="take a small temperature"):
        call(metal(0.1, 0.02, exchange=(0.0, 0.0, 0.2), in_plane=0.3))
    with pytest.raises(ParameterError, match="take a small temperature"):
        call(metal(1e-6, 0.02, exchange=(0.05, 0.0, 0.0)))


def test_no_chemical_potential():
    """The Dirac point in the gap: chi is odd in mu, the spin susceptibility is not special."""
    for others in ({"inverse_mass": 0.0}, {}, {"exchange": (0.0, 0.0, 0.05)}):
        at, near = (
            Electrons(chemical_potential=mu, rashba=1.0, gap=0.1, cutoff=3.0, **others)
            for mu in (0.0, 1e-7)
        )
        perp = exact.response(at, "spin_z", "exchange_z", 1e-6)
        assert perp.value == pytest.approx(
            exact.response(near, "spin_z", "exchange_z", 1e-6).value, rel=1e-5
        )
    surface = Electrons(chemical_potential=0.0, rashba=1.0, gap=0.1, inverse_mass=0.0)
    assert abs(exact.gradient_response(surface, "current_y", "exchange_z").value) < 1e-9


@pytest.mark.parametrize("pair", [("spin_z", "exchange_z"), ("spin_x", "exchange_x")])
def test_integrals_without_end_are_refused(pair):
    surface = Electrons(chemical_potential=1.0, rashba=1.0, inverse_mass=0.0, gap=0.1)
    with pytest.raises(NotConvergedError, match="cutoff"):
        exact.response(surface, *pair)


def test_orbital_susceptibility_of_landau_and_stiffness():
    landau = exact.orbital_susceptibility(metal(1e-6, temperature=0.01))
    assert landau.value == pytest.approx(-1.0 / (12.0 * np.pi), rel=1e-6)
    # paramagnetic current response: the fraction of excited quasi-particles, n = 1/2 pi
    for gap, temperature in ((0.02, 0.0), (0.02, 0.01)):
        model = metal(1e-6, gap, temperature)
        para = exact.response(model, "current_y", "vector_potential_y", 1e-6).value
        yosida = float(micro.yosida(gap, temperature))
        assert para == pytest.approx(yosida / (2 * np.pi), abs=0.002 * yosida + 1e-9)


def test_density_of_electrons():
    # counted from one electron per momentum, so take differences
    more = exact.average(
        Electrons(chemical_potential=0.6, rashba=1e-6, temperature=0.01, cutoff=3.0), ["charge"]
    )
    less = exact.average(
        Electrons(chemical_potential=0.5, rashba=1e-6, temperature=0.01, cutoff=3.0), ["charge"]
    )
    assert (more.value - less.value)[0] == pytest.approx(0.1 / np.pi, rel=1e-5)


def test_laboratory_units_and_broadcasting():
    gap = np.array([0.3, 0.5])[:, None] * 1e-3 * eV
    energy = np.array([2.0, 20.0]) * 1e-3 * eV
    got = exact_metal.gamma(m_e, 0.3 * eV, 1e-20, gap, energy, [0.0, 2.0])
    closed = micro.gamma(m_e, 1e-20, gap, energy, [0.0, 2.0])
    assert got.value.shape == got.error.shape == (2, 2)
    assert got.value == pytest.approx(closed, rel=1e-4)
    chi = exact_metal.chi(0.3 * eV, gap, energy)
    assert chi.value == pytest.approx(micro.chi(gap, energy), abs=1e-3 * e / (4 * np.pi * hbar))
    spin = exact_metal.chi_spin_perp(0.5 * m_e, 0.3 * eV, gap, energy)
    assert spin.value == pytest.approx(micro.chi_spin_perp(0.5 * m_e, gap, energy), rel=1e-3)


RANKS = """
from mpi4py import MPI
from glvortex.micro import Electrons, exact
comm = MPI.COMM_WORLD
sharp = Electrons(chemical_potential=0.5, rashba=-0.1, gap=1e-4)
turned = Electrons(chemical_potential=0.5, rashba=-0.1, gap=1e-2, in_plane=0.03,
                   exchange=(0.002, 0.0, 0.003), temperature=0.002)
calls = (
    lambda c: exact.mixed_response(sharp, "current_y", "exchange_z", "in_plane", 1e-9, c),
    lambda c: exact.average(turned, ["current_y", "spin_z"], 1e-6, c),
    lambda c: exact.wavevector_response(turned, "current_y", "exchange_z", 1e-3, 1e-4, c),
)
for call in calls:
    alone, shared = call(None), call(comm)
    assert abs(shared.value - alone.value).max() < 1e-14, (alone, shared)
    assert shared.evaluations == alone.evaluations > 64 * 15
    assert len(set(comm.allgather(shared.value.tobytes()))) == 1
print("agree", flush=True)
"""


def test_two_ranks_share_the_work_and_agree(run_on_ranks):
    assert run_on_ranks(2, RANKS).count("agree") == 2


def test_averages_that_vanish_take_no_time():
    """No spin without exchange field: zero within the rounding that the error tells."""
    for model in (metal(0.1, 0.02), metal(0.1, 0.02, broadening=0.01), metal(0.1, 0.0, 0.01)):
        found = exact.average(model, ["spin_z", "spin_x"])
        assert found.evaluations < 20_000
        assert np.all(np.abs(found.value) <= found.error) and np.all(found.error < 1e-11)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"gap": -1.0}, "gap must not be negative"),
        ({"rashba": 0.0, "inverse_mass": 0.0, "gap": 0.1}, "no dispersion"),
        ({"gap": 0.0}, "take a small temperature"),
        ({"gap": 0.1, "cutoff": -1.0}, "cutoff must be positive"),
        ({"gap": 0.1, "warping": 0.2}, "give a cutoff, or a quartic term"),
        ({"gap": np.inf}, "gap must be finite"),
        ({"gap": 0.1, "chemical_potential": np.nan}, "chemical_potential must be finite"),
        ({"gap": 0.1, "exchange": (0.0, 0.0, np.nan)}, "exchange must be finite"),
    ],
)
def test_bad_models_say_which_limit_to_take(changes, message):
    with pytest.raises(ParameterError, match=message):
        Electrons(**{"chemical_potential": 0.5, "rashba": 0.1, **changes})
    with pytest.raises(ParameterError, match="no observable"):
        exact.response(metal(0.1, 0.1), "spin_w", "exchange_z")
    with pytest.raises(ParameterError, match="effective_mass"):
        exact_metal.gamma(-1.0, eV, 1e-20, 1e-3 * eV, 1e-2 * eV)
    with pytest.raises(ParameterError, match="free"):
        exact_metal.chi(-eV, 1e-3 * eV, 1e-2 * eV)
    with pytest.raises(ParameterError, match="temperature must not be negative"):
        exact_metal.gamma(m_e, eV, 1e-20, 1e-3 * eV, 1e-2 * eV, -1.0)
    for call in (
        lambda: exact_metal.gamma(m_e, eV, 1e-20, 1e-3 * eV, [1e-2 * eV, 0.0]),
        lambda: exact_metal.chi(eV, 1e-3 * eV, 0.0),
    ):
        with pytest.raises(ParameterError, match="take a small value for that limit"):
            call()
    with pytest.raises(ParameterError, match="rashba_energy must not be negative"):
        exact_metal.chi_spin_perp(m_e, eV, 1e-3 * eV, -1e-2 * eV)
