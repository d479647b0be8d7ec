"""Maps of where the vortices of the ground state are: contents, London's lines, searched sweeps."""

import csv
import json
import math

import matplotlib.image
import numpy as np
import pytest
from scipy.special import k0

from glvortex.cli import main
from glvortex.errors import ParameterError
from glvortex.material.critical import vortex_line_energy
from glvortex.observe.contents import contents_of
from glvortex.output.formats.series import runs_in
from glvortex.output.sweeps.contents_picture import draw_contents
from glvortex.output.sweeps.sweep_table import dataset, row_of
from glvortex.problems.axes import axis
from glvortex.problems.phase_map import map_point
from glvortex.problems.schema import load
from glvortex.problems.setup import setup_from
from glvortex.problems.sweep import plan

CELL = """\
title = "A tiny cell"
[superconductor]
kappa = 10.0
[sample]
shape = "cell"
periods = [[30.0, 0.0], [0.0, 30.0]]
flux_quanta = 0
[inclusions]
layout = "square"
count = [1, 1]
radius = 8.0
edge_width = 7.0
pseudo_gauge = 0.5
[mesh]
size = 3.0
[solver]
starts = ["london"]
gradient_tolerance = 1e-6
[search]
trials = 3
kinds = ["random"]
keep = 1
"""
OVER = ("inclusions.radius=8,9", "inclusions.pseudo_gauge=0.1,0.55")
ARRAY = """\
[superconductor]
kappa = 50.0
[sample]
shape = "rectangle"
size = [100.0, 140.0]
[inclusions]
layout = "square"
count = [2, 3]
spacing = 44.0
radius = 12.0
edge_width = 8.0
pseudo_gauge = -0.4
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("problems")
    for name, text in (("cell", CELL), ("array", ARRAY)):
        (folder / f"{name}.toml").write_text(text)
    return folder


def call(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main([str(argument) for argument in arguments])
    return stop.value.code, *capsys.readouterr()


@pytest.mark.parametrize(
    ("distances", "inside", "between", "word"),
    [
        ([], 0, 0, "none"),
        ([-5.0, 3.9], 2, 0, "inside"),  # the edge region belongs to the inclusion
        ([4.1], 0, 1, "between"),
        ([-4.5, 4.5, 9.0], 1, 2, "both"),
        ([math.inf], 0, 1, "between"),
    ],
)
def test_contents_go_by_the_distance_to_the_edge(distances, inside, between, word):
    found = contents_of(distances, edge_width=8.0)
    assert (found.inside, found.between, found.word) == (inside, between, word)


def test_a_point_of_the_map(files):
    cell = map_point(setup_from(load(files / "cell.toml")))
    e1 = float(vortex_line_energy(10.0))
    assert cell.fraction == pytest.approx(math.pi * 64 / 900)
    assert cell.drive == pytest.approx(0.5 * 7 / (e1 / 2))
    assert cell.near == pytest.approx(2 - 2 * k0(7 / 10) / e1)
    assert cell.far == pytest.approx(2 - 2 * k0(30 / math.sqrt(2) / 10) / e1)
    array = map_point(setup_from(load(files / "array.toml")))
    assert array.fraction == pytest.approx(math.pi * 144 / 44**2)
    assert array.drive == pytest.approx(0.4 * 8 / (float(vortex_line_energy(50.0)) / 2))
    assert array.far == pytest.approx(
        2 - 2 * k0(44 / math.sqrt(2) / 50) / float(vortex_line_energy(50.0))
    )


@pytest.mark.parametrize(
    "override",
    [
        "inclusions.magnetisation=0.1",
        "field.applied=0.01",
        "superconductor.screening=false",
        "inclusions.pseudo_gauge=0",
        "inclusions.count=[1,1]",
        "superconductor.t=0.5",
    ],
)
def test_what_is_driven_otherwise_is_not_on_the_map(files, override):
    assert map_point(setup_from(load(files / "array.toml", [override]))) is None


def test_the_map_has_the_flux_of_lowest_energy_and_the_lines_of_london(files):
    over = (*OVER, "sample.flux_quanta=0,1")
    laid = plan(load(files / "cell.toml"), [axis(o) for o in over])
    rows = []
    for point in laid.points:
        spot, flux = map_point(point.setup), point.place[2]
        energy = float(point.number) if point.place[0] else -float(point.number)
        made = {"energy": energy, "inside": 2.0 + flux, "between": 2.0 - 2 * flux}
        word = {"content": "inside" if flux else "both"}
        on_map = {"area_fraction": spot.fraction, "drive": spot.drive}
        rows.append(row_of(point, "not done") | made | word | on_map)
    axes = draw_contents(laid, dataset(laid, rows)).axes[0]
    # at the first radius the cell with flux has the lower energy, at the second the one without
    assert [text.get_text() for text in axes.texts] == ["3 | 0", "2 | 2"] * 2
    spot = map_point(laid.points[0].setup)
    lines = {line.get_label().split(",")[0]: line for line in axes.lines}
    for name, factor in (("first inside", lambda x: 1 - x), ("first between", lambda x: x)):
        x, y = lines[name].get_data()
        np.testing.assert_allclose(factor(x) * y, 1.0)
    assert lines["pair across an edge region"].get_ydata()[0] == spot.near
    assert spot.near < spot.far


def test_other_sweeps_have_no_such_map(files):
    for over in (OVER[:1], (OVER[0], "superconductor.kappa=10,20"), (OVER[0], "mesh.size=2,3")):
        laid = plan(load(files / "cell.toml"), [axis(o) for o in over])
        spots = [map_point(point.setup) for point in laid.points]
        rows = [
            row_of(point, "not done") | {"area_fraction": spot.fraction, "drive": spot.drive}
            for point, spot in zip(laid.points, spots, strict=True)
        ]
        assert draw_contents(laid, dataset(laid, rows)) is None


def test_every_point_of_a_sweep_is_searched_and_done_once(files, tmp_path, capsys):
    run, file = tmp_path / "run", files / "cell.toml"
    over = [word for text in OVER for word in ("--over", text)]
    command = ("sweep", file, "--search", *over, "-o", run)
    assert call(capsys, *command)[0] == 0
    with (run / "sweep.csv").open() as table:
        rows = list(csv.DictReader(table))
    assert [row["content"] for row in rows] == ["none", "none", "both", "both"]
    assert [int(float(row["trials"])) for row in rows] == [3] * 4
    both = rows[2]
    assert float(both["inside"]) == float(both["between"]) == float(both["vortices"]) / 2
    assert matplotlib.image.imread(run / "contents.png").shape[0] > 300
    assert len(runs_in(run)) == 4
    done = {path: path.stat().st_mtime_ns for path in run.rglob("search.json")}
    (run / "points" / "0003" / "search.json").write_text(
        json.dumps({"settings": {"seed": 0, "kinds": ["random"], "keep": 1}})
    )  # as if killed there
    assert call(capsys, *command, "--resume")[0] == 0
    changed = [p for p in done if p.stat().st_mtime_ns != done[p]]
    assert [p.parent.name for p in changed] == ["0003"]
    with (run / "sweep.csv").open() as table:
        again = list(csv.DictReader(table))
    assert [row["energy"] for row in again] == [row["energy"] for row in rows]
    status, _, error = call(capsys, *command, "--resume", "--set", "search.seed=3")
    assert status == 2
    assert "search.seed" in error
    status, _, error = call(capsys, "sweep", file, *over, "-o", run, "--resume")
    assert status == 2
    assert "holds another sweep" in error


def test_a_search_starts_from_no_other_point_and_needs_ginzburg_landau(files):
    problem, axes = load(files / "cell.toml"), [axis(OVER[0])]
    with pytest.raises(ParameterError, match="leave out --continue"):
        plan(problem, axes, continued=True, searched=True)
    london = load(files / "array.toml", ["solver.model=london"])
    with pytest.raises(ParameterError, match='"ginzburg-landau"'):
        plan(london, axes, searched=True)
