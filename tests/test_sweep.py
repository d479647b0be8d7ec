"""Sweeps: their points, their numbers, both branches of a loop, and what interrupts them."""

import csv
import json
import os
import signal
import subprocess
import sys
import time

import matplotlib.image
import numpy as np
import pytest
import xarray
from mpi4py import MPI

import glvortex as gl
from glvortex.cli import main
from glvortex.errors import ParameterError
from glvortex.fem.transfer import take_over
from glvortex.output.sweeps import points
from glvortex.output.sweeps.sweep_pictures import draw_sweep
from glvortex.output.sweeps.sweep_table import dataset, row_of
from glvortex.problems.axes import axis, unit_of
from glvortex.problems.build import build
from glvortex.problems.schema import load
from glvortex.problems.setup import setup_from
from glvortex.problems.solve import solve
from glvortex.problems.sweep import plan

COMM = MPI.COMM_WORLD
TINY = """\
title = "A tiny square"
[superconductor]
kappa = 2.0
[sample]
shape = "rectangle"
size = [12.0, 12.0]
[mesh]
size = 1.5
[solver]
starts = ["uniform"]
"""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A problem solved in a fraction of a second, whose vortices enter between 0.4 and 0.6 Bc2."""
    path = tmp_path_factory.mktemp("problems") / "tiny.toml"
    path.write_text(TINY)
    return path


def call(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main([str(argument) for argument in arguments])
    return stop.value.code, *capsys.readouterr()


def refused(capsys, *arguments):
    """Call a command that must fail with one sentence; return that."""
    status, _, error = call(capsys, *arguments)
    assert status == 2
    assert error.startswith("glvortex: ")
    assert error.count("\n") == 1
    return error


@pytest.mark.parametrize(
    ("text", "values", "unit"),
    [
        ("a.b=0:0.5:11", [i / 20 for i in range(11)], ""),
        ("a.b=5:1:3", [5, 3, 1], ""),
        ("a.b=0:1:3", [0.0, 0.5, 1.0], ""),
        ("a.b = 0 mT : 5 mT : 3", [0.0, 2.5, 5.0], "mT"),
        ("a.b=-1:1 mT:3", [-1, 0, 1], "mT"),
        ("a.b=1, 2.5,4", [1, 2.5, 4], ""),
        ("a.b=200 nm,0.3e3 nm", [200, 300.0], "nm"),
        ("a.b=square,triangular", ["square", "triangular"], ""),
        ("a.b=3", [3], ""),
    ],
)
def test_values_of_a_key_are_read(text, values, unit):
    found = axis(text)
    assert (found.key, list(found.values), found.unit) == ("a.b", values, unit)
    assert [type(value) for value in found.values] == [type(value) for value in values]


@pytest.mark.parametrize(
    "text",
    [
        "a.b",
        "=1",
        "a.b=",
        "a.b=0:1",
        "a.b=0:1:1",
        "a.b=0:1:2:3",
        "a.b=x:1:3",
        "a.b=0 T:1 mT:3",
        "a.b=1,1",
        "a.b=1,,2",
        "a.b=1 T,2",
        "a.b=0:1:99999999",
    ],
)
def test_other_texts_are_refused(text):
    with pytest.raises(ParameterError, match=r"section\.key=first:last:count"):
        axis(text)


def test_the_first_key_changes_fastest_and_goes_up_and_down(tiny):
    axes = [axis(text) for text in ("field.applied=0:0.2:3", "superconductor.kappa=2,3")]
    apart = plan(load(tiny), axes)
    assert [len(chain) for chain in apart.chains] == [1] * 6
    assert [point.number for point in apart.points] == [1, 2, 3, 4, 5, 6]
    assert [point.setup.applied_field for point in apart.points] == [0.0, 0.1, 0.2] * 2
    assert [point.setup.kappa for point in apart.points] == [2.0] * 3 + [3.0] * 3
    loop = plan(load(tiny), axes, both_ways=True)
    assert loop.continued
    assert [len(chain) for chain in loop.chains] == [5, 5]
    assert [point.setup.applied_field for point in loop.chains[1]] == [0.0, 0.1, 0.2, 0.1, 0.0]
    assert [point.branch for point in loop.chains[1]] == ["up"] * 3 + ["down"] * 2


def test_units_of_the_keys(tiny, laboratory_problem):
    reduced, laboratory = load(tiny), load(laboratory_problem)
    for text, unit in (
        ("field.applied=1,2", "Bc2"),
        ("mesh.size=1,2", "xi"),
        ("hole.1.radius=1,2", "xi"),
        ("inclusions.density=1,2", "1/xi^2"),
        ("superconductor.kappa=1,2", ""),
        ("no.such.key=1,2", ""),
    ):
        assert unit_of(reduced, axis(text)) == unit
    assert unit_of(laboratory, axis("field.applied=0 mT:5 mT:3")) == "mT"
    points = plan(laboratory, [axis("field.applied=0 mT:5 mT:3")]).points
    bc2 = points[0].setup.coefficients.bc2
    assert [p.setup.applied_field * bc2 for p in points] == pytest.approx([0, 2.5e-3, 5e-3])


@pytest.mark.parametrize(
    ("over", "words"),
    [
        (["field.aplied=0:1:3"], "with --over: field.aplied is not a known key, did you mean"),
        (["field.applied=0:1:3", "mesh.size=1,-1"], "point 4: field.applied = 0.0, mesh.size = -1"),
        (["field.applied=0 T:1 T:3"], "must be a plain number"),
        (["field.applied=0:1:3", "field.applied=0:1:3"], "is given twice"),
        (["field.applied=0:1:9999", "mesh.size=1,2"], "at most 10000"),
        (["field=0:1:3"], "must be a section"),
        (["field.applied=0:1"], "first:last:count"),
        ([], "--over is missing"),
    ],
)
def test_mistakes_are_found_before_anything_is_done(capsys, tmp_path, tiny, over, words):
    options = [option for text in over for option in ("--over", text)]
    error = refused(capsys, "sweep", tiny, *options, "-o", tmp_path / "run")
    assert words in error
    assert not (tmp_path / "run").exists()


def test_a_state_is_taken_over_on_the_same_mesh_only(tiny):
    problem = load(tiny, ["field.applied=0.7"])
    before = solve(setup_from(problem))
    vortices = before.best.vortices
    assert vortices
    same = build(setup_from(load(tiny)), COMM)[1]
    assert take_over(before.functional, same)
    np.testing.assert_array_equal(same.f.x.array, before.functional.f.x.array)
    finer = setup_from(load(tiny, ["field.applied=0.7", "mesh.size=1.2"]))
    assert not take_over(before.functional, build(finer, COMM)[1])
    there = solve(finer, previous=before).best  # its vortices are taken
    assert there.start == "continued"
    assert len(there.vortices) == len(vortices)


@pytest.mark.parametrize("screening", ["true", "false"])
def test_a_continued_state_stays_where_it_is(tiny, screening):
    """Nothing changes, so nothing moves; a small change of the field keeps the vortices."""
    overrides = [f"superconductor.screening={screening}"]
    before = solve(setup_from(load(tiny, [*overrides, "field.applied=0.7"])))
    again = solve(before.setup, previous=before).best
    assert again.certificate.newton_steps <= 1
    assert again.energy == pytest.approx(before.best.energy, rel=1e-10)
    near = setup_from(load(tiny, [*overrides, "field.applied=0.69"]))
    assert len(solve(near, previous=before).best.vortices) == len(before.best.vortices)


@pytest.fixture(scope="module")
def loop(tmp_path_factory, tiny):
    """The folder of a hysteresis loop in three steps up and two down."""
    folder = tmp_path_factory.mktemp("runs") / "loop"
    with pytest.raises(SystemExit) as stop:
        main([*_loop(tiny), "-o", str(folder)])
    assert stop.value.code == 0
    return folder


def _loop(tiny):
    return ["sweep", str(tiny), "--over", "field.applied=0.2,0.35,0.7", "--up-and-down"]


def test_a_loop_has_two_branches(loop, tiny):
    table = xarray.open_dataset(loop / "sweep.nc")
    assert dict(table.sizes) == {"branch": 2, "field.applied": 3}
    assert table["field.applied"].attrs["units"] == "Bc2"
    assert table["point"].values.tolist() == [[1, 2, 3], [5, 4, 3]]
    up, down = table.sel(branch="up"), table.sel(branch="down")
    assert up["net_charge"].values[:2].tolist() == [0, 0]
    assert up["net_charge"].values[2] == down["net_charge"].values[2] > 0
    assert down["net_charge"].values[1] > 0  # where the way up had none
    assert (down["magnetisation"] > up["magnetisation"])[:2].all()
    assert bool(table["minimum"].all())
    # M is the mean of b less the applied field, up to the mesh
    mean = 2 * np.pi * table["flux"] / 144
    np.testing.assert_allclose(table["magnetisation"], mean - table["field.applied"], atol=0.02)


def test_the_csv_has_the_same_numbers(loop):
    table = xarray.open_dataset(loop / "sweep.nc")
    with (loop / "sweep.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["point"] for row in rows] == ["1", "2", "3", "4", "5"]
    for row in rows:
        there = table.sel(branch=row["branch"]).sel({"field.applied": float(row["field.applied"])})
        for name in ("energy", "magnetisation", "vortices", "seconds", "dofs", "moment"):
            assert float(row[name]) == float(there[name])
        result = json.loads((loop / f"points/000{row['point']}/result.json").read_text())
        assert float(row["energy"]) == result["energy"]["total"]
    assert matplotlib.image.imread(loop / "sweep.png").shape[1] > 1000


def test_what_is_left_of_a_loop_is_done_with_the_same_result(loop, tiny, capsys):
    before = (loop / "sweep.csv").read_text()
    (loop / "points/0004/result.json").unlink()
    kept = {n: (loop / f"points/000{n}/result.json").stat().st_mtime_ns for n in (1, 2, 3, 5)}
    status, output, error = call(capsys, *_loop(tiny), "-o", loop, "--resume")
    assert (status, error) == (0, "")
    assert "4 of 5 points had been done before" in output
    assert kept == {n: (loop / f"points/000{n}/result.json").stat().st_mtime_ns for n in kept}
    assert _numbers(loop / "sweep.csv") == pytest.approx(_numbers_of(before), rel=1e-10)


def _numbers(path):
    return _numbers_of(path.read_text())


def _numbers_of(text):
    """Energies, vortices and moments of a CSV."""
    names = ("energy", "vortices", "net_charge", "moment")
    return [float(row[name]) for row in csv.DictReader(text.splitlines()) for name in names]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (["--set", "superconductor.kappa=3"], "superconductor.kappa is 2.0 there and 3 here"),
        (["--over", "superconductor.kappa=2,3"], "another sweep"),
    ],
)
def test_another_sweep_is_not_gone_on_with(loop, tiny, capsys, change, words):
    error = refused(capsys, *_loop(tiny), *change, "-o", loop, "--resume")
    assert words in error


def test_damaged_and_strange_folders_are_refused(loop, tiny, capsys, tmp_path):
    result = loop / "points/0001/result.json"
    whole = result.read_text()
    for damaged in (whole[:100], "{}"):
        result.write_text(damaged)
        assert "result.json" in refused(capsys, *_loop(tiny), "-o", loop, "--resume")
    result.write_text(whole)
    (tmp_path / "points").mkdir()
    assert "not of a sweep" in refused(capsys, *_loop(tiny), "-o", tmp_path)
    assert "--groups" in refused(capsys, *_loop(tiny), "-o", tmp_path, "--groups", "7")


def test_runs_and_sweeps_do_not_share_a_folder(loop, tiny, capsys):
    run = loop / "points/0001"
    for folder, arguments in ((run, _loop(tiny)), (loop, ["solve", tiny])):
        before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
        assert "belongs to something else" in refused(capsys, *arguments, "-o", folder)
        assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
    with pytest.raises(ParameterError, match="belongs to something else"):
        gl.load(tiny).solve(loop)


def test_a_point_that_fails_does_not_stop_the_others(tiny, capsys, tmp_path):
    over = ["--over", "solver.max_steps=1,200", "--set", "field.applied=0.7"]
    status, output, _ = call(capsys, "sweep", tiny, *over, "-o", tmp_path / "run")
    assert status == 1
    assert "1 of 2 points reached no minimum" in output
    table = xarray.open_dataset(tmp_path / "run" / "sweep.nc")
    assert "no start reached a minimum" in str(table["failed"].values[0])
    assert str(table["failed"].values[1]) == ""
    assert np.isnan(table["energy"].values[0])
    assert table["energy"].values[1] < 0


def test_two_keys_on_two_groups_make_a_map(run_on_ranks, loop, tiny, tmp_path):
    code = """
        import sys
        from glvortex.cli import main
        main(sys.argv[1:])
    """
    over = ["--over", "field.applied=0.2,0.35", "--over", "superconductor.kappa=2,3"]
    run_on_ranks(2, code, "sweep", tiny, *over, "-o", tmp_path / "run")
    table = xarray.open_dataset(tmp_path / "run" / "sweep.nc")
    assert dict(table.sizes) == {"field.applied": 2, "superconductor.kappa": 2}
    assert table["point"].values.tolist() == [[1, 3], [2, 4]]
    there = table.sel({"superconductor.kappa": 2})["energy"].values
    one_by_one = xarray.open_dataset(loop / "sweep.nc").sel(branch="up")["energy"].values
    np.testing.assert_allclose(there, one_by_one[:2], rtol=1e-9)
    ranks = [
        json.loads(path.read_text())["ranks"] for path in (tmp_path / "run").rglob("result.json")
    ]
    assert ranks == [1] * 4
    assert matplotlib.image.imread(tmp_path / "run" / "sweep.png").shape[1] > 1000


def test_a_killed_sweep_loses_nothing(loop, tiny, tmp_path, capsys):
    run = tmp_path / "run"
    command = [sys.executable, "-m", "glvortex", *_loop(tiny), "-o", str(run), "--resume"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    second = run / "points" / "0002" / "run.log"
    while not second.exists() and process.poll() is None:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    done = {path: path.stat().st_mtime_ns for path in run.rglob("result.json")}
    assert done
    assert len(done) < 5
    assert call(capsys, *command[3:])[0] == 0
    assert {path: path.stat().st_mtime_ns for path in done} == done
    assert _numbers(run / "sweep.csv") == pytest.approx(_numbers(loop / "sweep.csv"), rel=1e-10)
    assert not (run / points.POINTS / "0001" / "checkpoint" / "starts").exists()


def test_a_map_of_few_values_has_its_ticks_at_them(tiny):
    axes = [axis("superconductor.kappa=2,3"), axis("field.applied=0:0.2:3")]
    laid = plan(load(tiny, []), axes)
    rows = [row_of(point, "not done") | {"energy": float(point.number)} for point in laid.points]
    panel = draw_sweep(laid, dataset(laid, rows)).axes[0]
    assert [label.get_text() for label in panel.get_xticklabels()] == ["2", "3"]
    assert list(panel.get_xticks()) == [2.0, 3.0]
    assert list(panel.get_yticks()) == [0.0, 0.1, 0.2]
    assert panel.get_ylabel() == "field.applied ($B_{c2}$)"
