"""Figures of the papers: symbols on curves, files written."""

import csv
from functools import cache

import numpy as np
import pytest

from glvortex.cli import main
from glvortex.errors import ParameterError
from glvortex.output.papers.figures import FIGURES, figure

NAMES = [f"003-fig2{x}" for x in "ab"] + [f"000-fig{x}" for x in ("2a", "2b", "3", "4", "5")]
NAMES += ["001-fig1a", "001-fig1b"]
TORQUE_NAMES = ["002-fig2a", "002-fig2b", "002-fig2-damping"]
DIRAC_NAMES = [f"004-fig{i}{x}" for i in (2, 3) for x in "abcd"]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """Every figure drawn once, by its name: the paths of PNG and CSV."""
    folder = tmp_path_factory.mktemp("figures") / "new"
    return cache(lambda name: figure(name, folder))


def rows(path):
    with path.open() as stream:
        return [(r[0], r[1], float(r[2]), float(r[3])) for r in list(csv.reader(stream))[1:]]


def test_names():
    assert list(FIGURES) == NAMES + TORQUE_NAMES + DIRAC_NAMES
    with pytest.raises(ParameterError, match="003-fig2a"):
        figure("fig9", "nowhere")


@pytest.mark.parametrize(
    ("name", "pairs"),
    [
        (
            "000-fig3",
            {
                "chi": "chi, exact",
                "part I, 000 (42)": "part I, integral 000 (17)",
                "part II, 000 (43)": "part II, integral 000 (17)",
            },
        ),
        (
            "000-fig5",
            {
                "chi": "chi, exact",
                "chi_Z, m = m_e, g = 2": "chi_Z, exact",
                "X = chi + chi_Z": "X, exact",
            },
        ),
        (
            "001-fig1b",
            {
                "chi_soc = e v g_soc": "chi_soc, exact",
                "chi, clean": "chi, clean, exact",
                "chi, Gamma = 0.1 E_soc everywhere": "chi with Gamma, exact",
            },
        ),
    ],
)
def test_symbols_lie_on_curves(drawn, name, pairs):
    picture, table = drawn(name)
    assert picture.stat().st_size > 10_000
    content = rows(table)
    for curve, symbols in pairs.items():
        line = np.array([r[2:] for r in content if r[0] == curve])
        dots = np.array([r[2:] for r in content if r[0] == symbols])
        assert len(dots) >= 4
        assert np.interp(dots[:, 0], *line.T) == pytest.approx(dots[:, 1], abs=2e-3)


@pytest.mark.parametrize("name", ["000-fig2a", "000-fig2b"])
def test_levels_on_a_line_are_the_closed_ones(drawn, name):
    _, table = drawn(name)
    for _, _, kx, energy in (r for r in rows(table) if r[1] == "exact"):
        term = 0.5 if name.endswith("a") else kx - 0.5
        levels = np.array([term, *(s * np.sqrt(n + term**2) for n in range(1, 5) for s in (1, -1))])
        assert np.abs(levels - energy).min() < 1e-8


def test_current_of_003_fig_2b(drawn):
    _, table = drawn("003-fig2b")
    content = rows(table)
    line = np.array([r[2:] for r in content if r[0] == "T = 0.01 mu, sum"])
    dots = np.array([r[2:] for r in content if r[0] == "T = 0.01 mu, exact"])
    assert np.interp(dots[1:, 0], *line.T) == pytest.approx(dots[1:, 1], abs=5e-4)


def test_fig_5_has_the_level_width_of_fig_4(drawn):
    """Its caption takes Gamma: chi falls to 0 with the gap, and X is positive everywhere."""
    content = rows(drawn("000-fig5")[1])
    chi, total = (
        np.array([r[3] for r in content if r[0] == name]) for name in ("chi", "X = chi + chi_Z")
    )
    assert abs(chi[0]) < 1e-3 and total.min() > 0.0 and total[0] == pytest.approx(2.0, abs=1e-3)
    fourth = rows(drawn("001-fig1b")[1])
    same = [r[3] for r in fourth if r[0] == "chi, Gamma = 0.1 E_soc everywhere"]
    assert list(chi) == same
    printed = [r[3] for r in fourth if r[0] == "chi, Gamma = 0.1 E_soc in 000 (47) only"]
    assert [r[3] for r in content if r[0] == "chi, Gamma in 000 (47) only"] == printed


def edge(content, label, field):
    """Largest |torque| of a series at a field."""
    return max(abs(r[2]) for r in content if r[0] == label and r[3] == pytest.approx(field))


@pytest.mark.parametrize(
    ("name", "limits"),
    [
        pytest.param("002-fig2a", (1.0, 0.524), marks=pytest.mark.slow),
        ("002-fig2b", (0.402, 0.185)),
    ],
)
def test_switching_diagrams_of_002(drawn, name, limits):
    """A diamond for a sudden torque, whose edge moves out from its limit as the damping grows."""
    content = rows(drawn(name)[1])
    for field, limit in zip((0.05, 0.4), limits, strict=True):
        edges = [edge(content, f"sudden, damping {d}: edge", field) for d in ("0.03", "0.3")]
        assert 0.9 * limit < edges[0] < 1.1 * limit and edges[0] < edges[1]
    both, up, down = (
        {(r[2], r[3]) for r in content if r[1] == "region" and r[0].endswith(end)}
        for end in ("both states stay", "m_z > 0 alone", "m_z < 0 alone")
    )
    assert len(both) + len(up) + len(down) == 101 * 60 and len(up) == len(down)
    assert all(s * h > 0.0 for s, h in up) and all(s * h < 0.0 for s, h in down)
    slow = [r for r in content if r[0].startswith("slow torque")]
    if name.endswith("a"):  # no limit: both states stay for |h| < 1 at any strength
        assert {abs(r[3]) for r in slow if r[2] == r[2]} == {1.0}
    else:
        assert max(r[2] for r in slow) == pytest.approx(0.5, abs=2e-3)
        assert all(abs(s) < 0.5 for s, _ in both)


@pytest.mark.slow
def test_widths_of_the_switching_diagrams_against_damping(drawn):
    """Twice, says 002: 2.5 without damping, 2.9 at 0.1, and 2 against the slow spin Hall torque."""
    content = rows(drawn("002-fig2-damping")[1])
    ratio = {r[2]: r[3] for r in content if r[0] == "ratio of the sudden ones"}
    assert ratio[0.02] == pytest.approx(2.57, abs=0.06)
    assert ratio[0.1] == pytest.approx(2.92, abs=0.06)
    assert list(ratio.values()) == sorted(ratio.values())
    limits = {r[3] for r in content if r[0] == "its limit at no damping"}
    assert sorted(limits) == pytest.approx([0.40237, 1.0, 1.0 / 0.40237], rel=1e-4)


FAST = [*NAMES, "002-fig2b", *DIRAC_NAMES[:3]]
SLOW = ["002-fig2a", "002-fig2-damping", *DIRAC_NAMES[3:]]


@pytest.mark.parametrize("name", [*FAST, *(pytest.param(n, marks=pytest.mark.slow) for n in SLOW)])
def test_every_figure_is_drawn(drawn, name):
    """With curves and symbols."""
    picture, table = drawn(name)
    kinds = {r[1] for r in rows(table)}
    assert picture.stat().st_size > 10_000 and {"curve", "exact"} <= kinds


def status(*arguments):
    with pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments])
    return end.value.code


def test_commands(tmp_path, capsys):
    assert status("figures", "000-fig2a", "-o", tmp_path) == 0
    assert (tmp_path / "000-fig2a.csv").exists()
    assert status("figures", "fig9", "-o", tmp_path) == 2
    assert status("equations", "001") == 0
    assert "| 001 (16) |" in capsys.readouterr().out
