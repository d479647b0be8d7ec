"""Figures of the papers: symbols on curves, files written."""

import csv

import numpy as np
import pytest

from glvortex.errors import ParameterError
from glvortex.output.figures import FIGURES, figure

NAMES = [f"003-fig2{x}" for x in "ab"] + [f"000-fig{x}" for x in ("2a", "2b", "3", "4", "5")]
NAMES += ["001-fig1a", "001-fig1b"]


def rows(path):
    with path.open() as stream:
        return [(r[0], r[1], float(r[2]), float(r[3])) for r in list(csv.reader(stream))[1:]]


def test_names():
    assert list(FIGURES) == NAMES
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
        ("000-fig5", {"chi": "chi, exact", "X = chi + chi_Z": "X, exact"}),
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
def test_symbols_lie_on_curves(tmp_path, name, pairs):
    picture, table = figure(name, tmp_path / "new")
    assert picture.stat().st_size > 10_000
    content = rows(table)
    for curve, symbols in pairs.items():
        line = np.array([r[2:] for r in content if r[0] == curve])
        dots = np.array([r[2:] for r in content if r[0] == symbols])
        assert len(dots) >= 4
        assert np.interp(dots[:, 0], *line.T) == pytest.approx(dots[:, 1], abs=2e-3)


@pytest.mark.parametrize("name", ["000-fig2a", "000-fig2b"])
def test_levels_on_a_line_are_the_closed_ones(tmp_path, name):
    _, table = figure(name, tmp_path)
    for _, _, kx, energy in (r for r in rows(table) if r[1] == "exact"):
        term = 0.5 if name.endswith("a") else kx - 0.5
        levels = np.array([term, *(s * np.sqrt(n + term**2) for n in range(1, 5) for s in (1, -1))])
        assert np.abs(levels - energy).min() < 1e-8


def test_current_of_003_fig_2b(tmp_path):
    _, table = figure("003-fig2b", tmp_path)
    content = rows(table)
    line = np.array([r[2:] for r in content if r[0] == "T = 0.01 mu, sum"])
    dots = np.array([r[2:] for r in content if r[0] == "T = 0.01 mu, exact"])
    assert np.interp(dots[1:, 0], *line.T) == pytest.approx(dots[1:, 1], abs=5e-4)


def test_commands(tmp_path):
    from typer.testing import CliRunner

    from glvortex.cli import app

    done = CliRunner().invoke(app, ["figures", "000-fig2a", "-o", str(tmp_path)])
    assert done.exit_code == 0 and (tmp_path / "000-fig2a.csv").exists()
    done = CliRunner().invoke(app, ["figures", "fig9", "-o", str(tmp_path)])
    assert isinstance(done.exception, ParameterError)
    done = CliRunner().invoke(app, ["equations", "001"])
    assert done.exit_code == 0 and "| 001 (16) |" in done.output
