"""Bulk vortex lattices and their magnetisation curves; infinite lattices of inclusions."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from glvortex.cli import main
from glvortex.errors import ParameterError
from glvortex.problems.inclusion_lattice import CONTENTS, inclusion_lattice
from glvortex.problems.magnetization import MagnetizationCurve, magnetization_curve
from glvortex.problems.numbers import numbers
from glvortex.problems.schema import load
from glvortex.problems.setup import Setup, setup_from

LATTICE = """\
[superconductor]
kappa = 2.0
[sample]
shape = "cell"
periods = [[4.0, 0.0], [0.0, 6.928203]]
flux_quanta = 2
[mesh]
size = 0.7
"""


@pytest.fixture
def lattice(tmp_path: Path) -> Path:
    path = tmp_path / "lattice.toml"
    path.write_text(LATTICE)
    return path


def the_setup(path: Path, *overrides: str) -> Setup:
    return setup_from(load(path, overrides))


def the_curve(path: Path, *fields: float, kappa: float = 2.0, more: str = "") -> MagnetizationCurve:
    overrides = [f"superconductor.kappa={kappa}", *more.split()]
    return magnetization_curve(the_setup(path, *overrides), fields)


def test_triangular_lattices_by_richardson(lattice):
    """Energy density, H, beta_A and mean |f|^2 of an independent calculation (each +-1e-6)."""
    found = the_curve(lattice, 0.5, 0.3, more="solver.refinements=2").equilibria
    expected = [
        (0.3, 0.140057, 0.381115, 1.114266, 0.634562),
        (0.5, 0.889145, 0.555980, 1.137370, 0.445629),
    ]
    for point, right in zip(found, expected, strict=True):
        a = point.averages
        values = (a.mean_field, a.energy_density, a.field, a.abrikosov_ratio, a.density)
        assert values == pytest.approx(right, abs=3e-6)
        assert abs(point.field - right[2]) < point.errors.field + 1e-6


def test_vortices_do_not_interact_at_the_dual_point(lattice):
    """kappa = 1/sqrt2: energy density B - 1/2, H = Hc2 and mean |f|^2 = 1 - B at any B."""
    # one vortex: the distance between two would be free
    more = "solver.refinements=2 sample.periods=[[4.0,0.3],[1.0,3.0]] sample.flux_quanta=1"
    more += " mesh.size=0.4"
    for point in the_curve(lattice, 0.5, 0.8, kappa=np.sqrt(0.5), more=more).equilibria:
        b, found = point.mean_field, point.averages
        values = (found.energy_density, found.field, found.density)
        assert values == pytest.approx((b - 0.5, 1.0, 1 - b), abs=1e-5)


def test_h_is_the_derivative_of_the_energy(lattice):
    """On any mesh that goes with the cell: d(energy density)/dB = 2 kappa^2 H."""
    step = 1e-3
    curve = the_curve(lattice, 0.4 - step, 0.4, 0.4 + step, more="mesh.size=1.0")
    before, here, after = curve.equilibria
    slope = (after.averages.energy_density - before.averages.energy_density) / (2 * step)
    assert slope == pytest.approx(2 * 2.0**2 * here.field, rel=1e-6)


def test_abrikosov_close_to_hc2(lattice):
    curve = the_curve(lattice, 0.9, more="mesh.size=0.4 solver.refinements=2")
    (point,) = curve.equilibria
    assert point.averages.abrikosov_ratio == pytest.approx(1.1595953, abs=3e-3)
    assert point.magnetisation == pytest.approx(float(curve.near_hc2(point.field)), rel=1e-3)


def test_a_weaker_superconductor_is_the_same_in_its_own_units(lattice):
    """t = 0.5 halves the fields; its lattice at half the mean field is the same, magnified."""
    (weak,) = the_curve(lattice, 0.2, more="superconductor.t=0.5").equilibria
    (full,) = the_curve(lattice, 0.4, more="mesh.size=0.494975").equilibria
    assert 2 * weak.field == pytest.approx(full.field, rel=1e-9)
    assert 4 * weak.averages.energy_density == pytest.approx(full.averages.energy_density, rel=1e-9)


@pytest.mark.parametrize(
    ("overrides", "field", "words"),
    [
        (["sample.flux_quanta=-2"], 0.5, "positive flux_quanta"),
        ([], 1.0, "between 0 and Hc2 = 1"),
        (["superconductor.t=0.4"], 0.5, "between 0 and Hc2 = 0.4"),
        ([], -0.1, "between 0 and Hc2"),
    ],
)
def test_cells_and_fields_that_make_no_curve(lattice, overrides, field, words):
    with pytest.raises(ParameterError, match=words):
        magnetization_curve(the_setup(lattice, *overrides), [field])


def test_a_sample_with_a_boundary_makes_no_curve(small_problem):
    with pytest.raises(ParameterError, match='shape = "cell"'):
        magnetization_curve(the_setup(small_problem), [0.5])


def test_lists_of_fields():
    assert numbers("0.1:0.9:3", "fields") == pytest.approx([0.1, 0.5, 0.9])
    assert numbers("0.2,0.3", "fields") == (0.2, 0.3)
    for text in ("0.1:0.9", "0.1:0.9:0", "a", "", "1:2:3.5"):
        with pytest.raises(ParameterError, match="first:last:count"):
            numbers(text, "fields")


def test_the_command_writes_table_and_picture(lattice, tmp_path, capsys):
    folder = tmp_path / "curve"
    arguments = ["magnetization", str(lattice), "--fields", "0.5,0.3", "-o", str(folder)]
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--set", "mesh.size=1.5"])
    assert ended.value.code == 0
    with (folder / "magnetization.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["B"]) for row in rows] == pytest.approx([0.3, 0.5])
    for row in rows:
        assert float(row["M"]) == pytest.approx(float(row["B"]) - float(row["H"]))
        assert row["H_error"] == ""  # one mesh: nothing to extrapolate
    assert (folder / "magnetization.png").stat().st_size > 10_000
    assert load(folder / "problem.toml").sample.flux_quanta == 2
    assert "beta_A" in capsys.readouterr().out


INCLUSIONS = """\
[superconductor]
kappa = 10.0
[sample]
shape = "cell"
periods = [[30.0, 0.0], [0.0, 30.0]]
flux_quanta = 0
[inclusions]
layout = "square"
count = [1, 1]
radius = 9.0
edge_width = 6.0
pseudo_gauge = 0.55
[mesh]
size = 1.5
"""


@pytest.fixture
def inclusions(tmp_path: Path) -> Path:
    path = tmp_path / "inclusions.toml"
    path.write_text(INCLUSIONS)
    return path


def test_vortices_of_a_lattice_of_inclusions(inclusions):
    """A cell takes the flux of its content; a pair gains where either sign alone costs."""
    (lattice,) = inclusion_lattice(the_setup(inclusions), [0.3])
    assert np.pi * lattice.setup.inclusions.radius[0] ** 2 / 900 == pytest.approx(0.3)
    none, inside, between, both = lattice.contents[:4]
    sign = inside.flux_quanta
    assert (none.flux_quanta, between.flux_quanta, both.flux_quanta) == (0, -sign, 0)
    assert sign == 1  # against the field h~ < 0 of a~ along +phi
    assert [(c.inside, c.between) for c in (none, inside, between, both)] == [
        (0, 0), (1, 0), (0, 1), (1, 1),
    ]  # fmt: skip
    criteria = lattice.criteria
    assert criteria.step > criteria.pair and lattice.gain(both) < 0
    assert both.london < 0 and none.london == 0
    assert criteria.between < criteria.first and lattice.gain(between) > 0


def test_lattices_of_inclusions_that_cannot_be(inclusions, lattice):
    for path, fraction, words in (
        (lattice, 0.3, "one inclusion"),
        (inclusions, 0.75, "does not lie inside"),
        (inclusions, 1.5, "between 0 and 1"),
    ):
        with pytest.raises(ParameterError, match=words):
            inclusion_lattice(the_setup(path), [fraction])


def test_the_command_compares_contents(inclusions, tmp_path, capsys):
    folder = tmp_path / "fractions"
    arguments = ["inclusion-lattice", str(inclusions), "--fractions", "0.3", "-o", str(folder)]
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--set", "mesh.size=2.5"])
    assert ended.value.code == 0
    with (folder / "inclusion_lattice.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(CONTENTS)
    assert float(rows[0]["energy"]) == pytest.approx(900 * float(rows[0]["energy_density"]))
    assert (folder / "inclusion_lattice.png").stat().st_size > 10_000
    assert "pair threshold" in capsys.readouterr().out
