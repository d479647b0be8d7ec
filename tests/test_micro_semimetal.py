"""The vorticity sum 000 (20) against diagonalisation, for fields d(k) other than k."""

import numpy as np
import pytest

from glvortex.errors import NotConvergedError, ParameterError
from glvortex.micro import CHI_UNIT, Electrons, Semimetal, dirac, exact
from glvortex.micro.equations.numbers_semimetal import ZONE, chi_of_shifted_points, power, sines

UNIT = 1.0 / (4.0 * np.pi)


def chi(model, accuracy=1e-7):
    """chi in e/4 pi hbar from the current along y; the one along x has the other sign."""
    along_x = exact.gradient_response(model, "current_y", "exchange_z", accuracy)
    along_y = exact.gradient_response(model, "current_x", "exchange_z", accuracy, along="y")
    assert along_y.value == pytest.approx(-along_x.value, rel=1e-6, abs=1e-9)
    return float(along_x.value) / UNIT


def sheared(kx, ky):
    return kx + 0.3 * ky, 0.2 * kx - 0.7 * ky


def two_points(kx, ky):
    """Touching points of vorticity 1 at k_x = -1 and 1."""
    return kx**2 - ky**2 - 1.0, 2.0 * kx * ky


FIELDS = {
    "sheared": (sheared, [(0.0, 0.0)]),
    "anticlockwise twice": (lambda kx, ky: power(2, kx, -ky), [(0.0, 0.0)]),
    "three times": (lambda kx, ky: power(3, kx, ky), [(0.0, 0.0)]),
}


@pytest.mark.parametrize("mu", [0.5, -0.5])
@pytest.mark.parametrize("name", FIELDS)
def test_vorticity_sum(name, mu):
    """The winding of a circle and the response of all momenta know nothing of each other."""
    field, points = FIELDS[name]
    turns = [dirac.vorticity(field, point, 0.4) for point in points]
    predicted = dirac.chi_semimetal(turns, [mu] * len(points)) / CHI_UNIT
    found = chi(Semimetal(field=field, chemical_potential=mu, temperature=0.03, scale=3.0), 1e-6)
    print(f"{name}: vorticities {turns}, sum {predicted:g}, exact off by {found - predicted:.1e}")
    assert abs(predicted) > 0.9
    assert found == pytest.approx(float(predicted), rel=1e-6)


def test_two_touching_points_of_one_sign():
    turns = [dirac.vorticity(two_points, (x, 0.0), 0.4) for x in (-1.0, 1.0)]
    model = Semimetal(field=two_points, chemical_potential=0.5, temperature=0.03, scale=3.0)
    found = exact.gradient_response(model, "current_y", "exchange_z", 1e-6).value / UNIT
    assert turns == [1, 1] and found == pytest.approx(2.0, rel=1e-6)


def test_four_points_of_a_lattice():
    """Filled alike they cancel; opposite fillings add up, less a part linear in their energies."""
    model = Semimetal(field=sines, chemical_potential=0.3, temperature=0.1, zone=ZONE)
    assert abs(chi(model)) < 1e-9
    sizes = np.array([0.6, 0.3, 0.15])
    off = np.array([chi_of_shifted_points(x) + 4.0 for x in sizes])
    print("chi less -4:", off, "at mu_s =", sizes)
    assert np.all(off > 0.0) and off[-1] < 1.0
    slope = 2.0 * off[1:] / sizes[1:] - off[:-1] / sizes[:-1]  # towards no energy
    assert slope == pytest.approx([6.5, 6.5], abs=1.0)


def test_a_zone_is_any_cell_of_the_lattice():
    """Sheared reciprocal vectors span the same momenta; one Dirac cone in each of both models."""
    others = {"field": sines, "chemical_potential": 0.3, "temperature": 0.1, "gap": 0.1}
    tilted = ((2.0 * np.pi, 0.0), (2.0 * np.pi, 2.0 * np.pi))
    square, oblique = (
        exact.response(Semimetal(**others, zone=z), "spin_z", "exchange_z") for z in (ZONE, tilted)
    )
    assert oblique.value == pytest.approx(float(square.value), rel=1e-7)
    assert abs(oblique.value - square.value) <= oblique.error + square.error + 1e-15


@pytest.mark.parametrize("gap", [0.0, 0.5])
def test_the_field_k_is_the_dirac_surface(gap):
    thermal = {"temperature": 0.0 if gap else 0.02, "gap": gap, "chemical_potential": 1.0}
    surface = Electrons(rashba=1.0, inverse_mass=0.0, **thermal)
    model = Semimetal(field=lambda kx, ky: (kx, ky), scale=2.0, **thermal)
    for pair in (("current_y", "exchange_z"), ("spin_x", "exchange_z"), ("spin_z", "exchange_x")):
        known = float(exact.gradient_response(surface, *pair).value)
        assert exact.gradient_response(model, *pair).value == pytest.approx(known, rel=1e-6)


def test_pairing_multiplies_with_the_vorticity():
    """000 (42) and (43) hold for any odd d(k) with its vorticity in front."""
    for field, turns in ((sheared, -1), (lambda kx, ky: power(3, kx, ky), 3)):
        model = Semimetal(field=field, chemical_potential=1.0, gap=0.5, scale=3.0)
        closed = turns * float(dirac.chi(1.0, 0.5)) / CHI_UNIT
        assert chi(model) == pytest.approx(closed, rel=1e-6)


RANKS = """
from mpi4py import MPI
from glvortex.micro import Semimetal, exact
from glvortex.micro.equations.numbers_semimetal import ZONE, sines
comm = MPI.COMM_WORLD
model = Semimetal(field=sines, chemical_potential=0.3, gap=0.2, zone=ZONE)
alone, shared = (exact.gradient_response(model, "current_y", "exchange_z", 1e-6, c)
                 for c in (None, comm))
assert shared == alone, (shared, alone)
print("agree", flush=True)
"""


def test_two_ranks_share_the_zone_and_agree(run_on_ranks):
    assert run_on_ranks(2, RANKS).count("agree") == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"scale": 0.0}, "scale must be positive"),
        ({"temperature": 0.0}, "take a small temperature"),
        ({"chemical_potential": np.nan}, "chemical_potential must be finite"),
        ({"zone": ((1.0, 0.0), (2.0, 0.0))}, "span a plane"),
        ({"zone": ((1.0, np.inf), (2.0, 0.0))}, "zone must be finite"),
        ({"gap": 0.1, "field": two_points}, "a field.k. that is odd"),
        ({"exchange": (0.0, 0.0, 0.1), "energy": lambda kx, ky: kx}, "even in k"),
    ],
)
def test_bad_semimetals(changes, message):
    good = {"field": sines, "chemical_potential": 0.3, "temperature": 0.1}
    with pytest.raises(ParameterError, match=message):
        Semimetal(**{**good, **changes})


def test_momenta_that_do_not_suffice_are_told(monkeypatch):
    monkeypatch.setattr("glvortex.micro.zone.MOST", 64)
    sharp = Semimetal(field=sines, chemical_potential=0.3, temperature=1e-5, zone=ZONE)
    with pytest.raises(NotConvergedError, match="raise temperature"):
        exact.response(sharp, "spin_z", "exchange_z", 1e-12)
    with pytest.raises(ParameterError, match="along must be x or y"):
        exact.gradient_response(sharp, "spin_z", "exchange_z", along="z")


def turned(kx, ky, angle=0.1):
    """`two_points` turned, so that no ray of a regular star meets the touching points."""
    c, s = np.cos(angle), np.sin(angle)
    return two_points(c * kx + s * ky, -s * kx + c * ky)


@pytest.mark.parametrize("size", [0.01, 0.002])
def test_pockets_that_rays_miss_are_told(size):
    """All rays of a star saw nothing and agreed on zero, where the vorticities add up to 2."""
    model = Semimetal(field=turned, chemical_potential=size, temperature=0.1 * size, scale=3.0)
    with pytest.raises(NotConvergedError, match=r"near k = \(.*too small for rays"):
        exact.gradient_response(model, "current_y", "exchange_z", 1e-3)
    wide = Semimetal(field=turned, chemical_potential=0.5, temperature=0.05, scale=3.0)
    found = exact.gradient_response(wide, "current_y", "exchange_z", 1e-3)
    assert abs(found.value / UNIT - 2.0) <= found.error / UNIT + 1e-4


def test_pockets_that_a_zone_misses_are_told():
    """Touching points off the momenta of coarse sums, which agreed on nearly nothing there."""
    model = Semimetal(
        field=lambda kx, ky: sines(kx - 0.37, ky - 0.26),
        energy=lambda kx, ky: 0.005 * np.cos(kx - 0.37) * np.cos(ky - 0.26),
        chemical_potential=0.0,
        temperature=5e-4,
        zone=ZONE,
    )
    with pytest.raises(NotConvergedError, match="too small for the sum over the zone"):
        exact.gradient_response(model, "current_y", "exchange_z", 1e-2)
