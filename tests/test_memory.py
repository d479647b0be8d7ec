"""Memory experiments: moments that are trained, what is made of them, what interrupts it."""

import csv
import json
import math
import os
import subprocess
import sys

import matplotlib.image
import numpy as np
import pytest
import xarray

from glvortex.cli import main
from glvortex.errors import ParameterError
from glvortex.observe.ensembles import mean, ratio, resemblance, vortex_map
from glvortex.output.memory.table import written
from glvortex.problems.memory import experiment, inclusions_of_sample, layout_text, realisation
from glvortex.problems.schema import load
from glvortex.problems.setup import setup_from
from glvortex.problems.training import MomentUnits, Treatment, blocking_temperature, train

PROBLEM = """\
title = "An inclusion with a memory"
[superconductor]
kappa = 4.0
[sample]
shape = "rectangle"
size = [26.0, 24.0]
[inclusions]
layout = "random"
count = 1
minimum_distance = 22.0
seed = 3
radius = 7.0
radius_spread = 0.1
edge_width = 6.0
pseudo_gauge = 0.65
[mesh]
size = 3.0
[solver]
starts = ["london"]
[moments]
grains = 8
[protocol]
training = [1.5, 0.0, -1.5]
temperature = 0.02
training_time = 20.0
removal_time = 2.0
waiting_time = 2.0
cooling_time = 2.0
realisations = 2
"""
FIELD = Treatment(
    grains=30,
    anisotropy_spread=0.1,
    damping=0.3,
    coupling=0.0,
    coupling_spread=0.0,
    drive="field",
    in_plane_field=0.0,
    temperature=0.05,
    final_temperature=0.01,
    ends=(20.0, 24.0, 30.0, 34.0),
    seed=1,
)
CENTRES = np.random.default_rng(0).uniform(-1, 1, (6, 2))


@pytest.fixture(scope="module")
def problem(tmp_path_factory):
    path = tmp_path_factory.mktemp("problems") / "pair.toml"
    path.write_text(PROBLEM)
    return path


@pytest.fixture(scope="module")
def done(problem, tmp_path_factory):
    """The folder of the whole experiment."""
    run = tmp_path_factory.mktemp("runs") / "pair"
    with pytest.raises(SystemExit) as stop:
        main(["--quiet", "memory", str(problem), "-o", str(run)])
    assert stop.value.code == 0
    return run


def rows_of(run):
    with (run / "memory.csv").open() as file:
        return list(csv.DictReader(file))


def refused(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main([str(argument) for argument in arguments])
    error = capsys.readouterr().err
    assert stop.value.code == 2
    assert error.count("\n") == 1
    return error


def test_a_training_field_is_remembered():
    up, none, down = (train(FIELD, CENTRES, value, 1, i) for i, value in enumerate((2, 0, -2)))
    assert up.above.min() > 0.8
    assert down.above.max() < -0.8
    # 30 grains that point up or down at random, six times
    assert abs(none.above.mean()) < 3.5 / np.sqrt(30 * 6)
    assert up.below.mean() > up.above.mean()  # colder, so nearer to the axis
    assert abs(up.means[0]) < 0.3
    assert (up.training.max(), up.training[-1]) == (2.0, 0.0)
    assert up.temperatures[-1] == 0.01


def test_a_sample_is_what_its_seed_makes_it():
    short = Treatment(**{**vars(FIELD), "ends": (1.0, 2.0, 3.0, 4.0)})
    one, same, other = (train(short, CENTRES, 0.5, number, 0) for number in (1, 1, 2))
    assert np.array_equal(one.below, same.below)
    assert not np.array_equal(one.below, other.below)


def test_warm_moments_forget():
    warm = Treatment(**{**vars(FIELD), "temperature": 0.6, "ends": (5.0, 6.0, 20.0, 21.0)})
    assert abs(train(warm, CENTRES, 2.0, 1, 0).above.mean()) < 0.2


def test_coupled_moments_align():
    """Inclusions that align each other follow a weak field together."""
    ends = (25.0, 26.0, 30.0, 31.0)
    tied, free = (Treatment(**{**vars(FIELD), "coupling": c, "ends": ends}) for c in (1.5, 0.0))
    pair = CENTRES[:2]  # each sees the other alone
    together, alone = (train(t, pair, 0.4, 1, 0).above.mean() for t in (tied, free))
    assert together > 1.4 * alone > 0.4


def test_a_current_trains_with_a_field_along_it():
    """Spin Hall torque beyond the threshold: the sign of current times field decides."""
    changes = {"drive": "spin-hall", "in_plane_field": 0.3, "temperature": 0.001}
    driven = Treatment(**{**vars(FIELD), **changes})
    up, down = (train(driven, CENTRES, value, 1, 0).above for value in (0.8, -0.8))
    assert up.min() * down.max() < 0
    assert abs(up.mean() + down.mean()) < 0.1
    assert abs(up.mean()) > 0.9


def test_blocking_temperature():
    """The mean moment falls to 1/e in the waiting time at the temperature of Brown's rate."""
    slow = Treatment(
        **{**vars(FIELD), "grains": 150, "anisotropy_spread": 0.0, "ends": (5.0, 5.1, 55.1, 55.2)}
    )
    temperature = blocking_temperature(slow)
    assert 0.05 < temperature < 0.15
    warm = Treatment(**{**vars(slow), "temperature": temperature})
    moments = train(warm, CENTRES, 5.0, 1, 0)
    begin = np.interp(8.0, moments.times, moments.means)
    # the formula is that of high barriers
    assert moments.above.mean() / begin == pytest.approx(math.exp(-1), abs=0.13)


def test_laboratory_units(tmp_path, laboratory_problem):
    text = laboratory_problem.read_text() + (
        '[moments]\nmoment = "100 mu_B"\nanisotropy_field = "50 mT"\ncoupling = "5 mT"\n'
        '[protocol]\ntraining = ["25 mT", "0 mT"]\ntemperature = "3 K"\ntraining_time = "1 ns"\n'
        'removal_time = "1 ns"\nwaiting_time = "1 ns"\ncooling_time = "1 ns"\n'
    )
    path = tmp_path / "laboratory.toml"
    path.write_text(text)
    problem = load(path)
    found = experiment(problem, setup_from(problem))
    assert found.values == pytest.approx((0.5, 0.0))
    assert found.trainings == ("25 mT", "0 mT")
    assert found.treatment.coupling == pytest.approx(0.1)
    # 100 mu_B 50 mT/k_B = 3.359 K; 1/(gamma 50 mT) = 0.11358 ns
    assert found.treatment.temperature == pytest.approx(3 / 3.3586, rel=1e-3)
    assert found.treatment.final_temperature == pytest.approx(0.5 / 3.3586, rel=1e-3)
    assert found.treatment.ends[3] == pytest.approx(4 / 0.11358, rel=1e-3)
    assert MomentUnits.of(found.moments).time == pytest.approx(0.11358e-9, rel=1e-3)
    # 100 mu_B in a disk of 200 nm and one layer: 6.3 A/m, Hc1 is 1422 A/m
    assert found.local_moment == pytest.approx(9.274e-22, rel=1e-3)
    assert not found.warnings
    strong = load(path, ["moments.grains=100", "moments.layers=2"])
    (warning,) = experiment(strong, setup_from(strong)).warnings
    assert "magnetisation of up to 313 A/m" in warning


def test_samples_are_those_of_the_next_seeds(problem):
    given = load(problem)
    found = experiment(given, setup_from(given))
    second = inclusions_of_sample(found, 2)
    alone = setup_from(load(problem, ["inclusions.seed=4"])).inclusions
    assert second.x == pytest.approx(alone.x)
    assert setup_from(realisation(found, 2)).inclusions.radius == pytest.approx(alone.radius)
    text = layout_text(second, np.array([-0.25]))
    assert text.splitlines()[0] == "x, y, radius, sign, moment, charge"
    assert text.splitlines()[1].split(", ")[4] == "-0.25"


def test_opposite_trainings_leave_opposite_vortices(done):
    rows = rows_of(done)
    assert [row["realisation"] for row in rows] == ["1"] * 3 + ["2"] * 3
    assert [row["training"] for row in rows] == ["1.5", "0.0", "-1.5"] * 2
    net = np.array([float(row["vortices"]) - float(row["antivortices"]) for row in rows])
    up, none, down = net.reshape(2, 3).T
    assert (up > 0).all()
    assert (down < 0).all()
    assert (none == 0).all()
    assert not any(row["failed"] for row in rows)


def test_what_an_experiment_leaves(done):
    table = xarray.open_dataset(done / "memory.nc")
    assert table.sizes == {"run": 6, "vortex": len(table.vortex_x), "training": 3}
    rows = rows_of(done)
    counted = sum(float(row["vortices"]) + float(row["antivortices"]) for row in rows)
    assert table.sizes["vortex"] == counted
    assert float(table.net.sel(training="1.5")) > 0
    assert float(table.outside.sel(training="1.5")) == pytest.approx(
        sum(float(r["outside"]) for r in rows[::3])
        / sum(float(r["vortices"]) + float(r["antivortices"]) for r in rows[::3])
    )
    assert np.isnan(float(table.ratio.sel(training="1.5")))  # reduced: no moment above Tc is known
    assert table.attrs["blocking_temperature"] > 0
    assert matplotlib.image.imread(done / "memory.png").std() > 0.01
    solved = json.loads((done / "points" / "0001" / "result.json").read_text())
    assert solved["problem"] == "pair"
    assert (done / "points" / "0001" / "inclusions.csv").exists()


def test_a_stopped_experiment_comes_to_the_same_table(done, problem, tmp_path, capsys):
    """Killed while it trains or cools, at any number of ranks, all that was written counts."""
    run, one = tmp_path / "run", "protocol.realisations=1"
    code = f"""
        import os, signal
        from glvortex.output.memory import memory, moments
        from glvortex.cli import main
        calls = []
        def dying(do, after):
            def call(*arguments):
                calls.append(do)
                if calls.count(do) > after:
                    os.kill(os.getpid(), signal.SIGKILL)
                return do(*arguments)
            return call
        if os.environ["DIES"] == "train":
            moments._train = dying(moments._train, 1)
        else:
            memory.solve_point = dying(memory.solve_point, 2)
        run = ["-o", {str(run)!r}, "--resume"]
        main(["--quiet", "memory", {str(problem)!r}, *run, "--set", {one!r}])
    """
    code = "\n".join(line[8:] for line in code.splitlines())
    for dies in ("train", "cool"):
        ended = subprocess.run([sys.executable, "-c", code], env=os.environ | {"DIES": dies})
        assert ended.returncode == -9
    written_before = {path: path.stat().st_mtime_ns for path in run.glob("*/*/result.json")}
    assert len(written_before) == 2
    with pytest.raises(SystemExit) as stop:
        main(["memory", str(problem), "-o", str(run), "--resume", "--set", one])
    assert stop.value.code == 0
    assert "2 of 3 cool-downs had been done before" in capsys.readouterr().out
    assert all(path.stat().st_mtime_ns == then for path, then in written_before.items())
    assert rows_of(run) == rows_of(done)[:3]
    overrides = ["--resume", "--set", one, "--set", "protocol.seed=5"]
    assert "protocol.seed is 0 there and 5 here" in refused(
        capsys, "memory", problem, "-o", run, *overrides
    )


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("protocol.training=[]", "protocol.training must not be empty"),
        ("protocol.training=[1.0, 1.0]", "protocol.training holds a value twice"),
        ('protocol.training=["1 mT"]', "must be a plain number (in B_K)"),
        ("protocol.temperature=-1", "protocol.temperature must be at least 0"),
        ("protocol.in_plane_field=0.1", "goes with the drive of a current only"),
        ("protocol.cool_downs=2", 'are all the same without "cooled" in solver.starts'),
        ("protocol.realisations=9999", "at most 10000 are allowed"),
        ("moments.anisotropy_field=1", "does not belong in a file with units"),
        ("moments.grains=0", "moments.grains must be at least 1"),
        ("inclusions.radius_spread=1", "inclusions.radius_spread must be less than 1"),
    ],
)
def test_mistakes(problem, tmp_path, capsys, override, words):
    error = refused(capsys, "memory", problem, "-o", tmp_path / "run", "--set", override)
    assert words in error


def test_other_problems_and_folders(problem, done, small_problem, tmp_path, capsys):
    assert "moments is missing (needed for a memory" in refused(capsys, "memory", small_problem)
    path = tmp_path / "half.toml"
    path.write_text(PROBLEM.partition("[protocol]")[0])
    assert "[moments] and [protocol] go together" in refused(capsys, "memory", path)
    assert "memory.json" in refused(capsys, "solve", problem, "-o", done)
    (tmp_path / "sweep" / "points").mkdir(parents=True)
    error = refused(capsys, "memory", problem, "-o", tmp_path / "sweep")
    assert "has a folder points that is not of a memory experiment" in error


def test_means_and_ratios():
    draw = np.random.default_rng(2)
    bottom = draw.normal(2.0, 0.5, 4000)
    top = 3.0 * bottom + draw.normal(0.0, 1.0, 4000)
    value, error = ratio(top, bottom)
    assert value == pytest.approx(3.0, abs=4 * error)
    assert error == pytest.approx(1.0 / 2.0 / np.sqrt(4000), rel=0.1)
    assert mean([1.0, 3.0]) == (2.0, 1.0)
    assert math.isnan(ratio([1.0, 1.0], [1.0, -1.0]).value)  # nothing to compare with
    assert written(mean([1.0, 1.02])) == "1.010 +- 0.010"


def test_resemblance_of_vortex_maps():
    draw = np.random.default_rng(4)
    points = draw.uniform(-10, 10, (3000, 2))
    places = draw.uniform(-8, 8, (8, 2))
    one = vortex_map(places, np.ones(8), points, 1.0)
    assert one.sum() * 400 / 3000 == pytest.approx(8, rel=0.15)
    near = vortex_map(places + 0.2, np.ones(8), points, 1.0)
    others = [vortex_map(draw.uniform(-8, 8, (8, 2)), np.ones(8), points, 1.0) for _ in range(8)]
    assert resemblance([one, near]).value > 0.9
    assert resemblance([one, -one]).value == pytest.approx(-1)
    apart = resemblance(others)
    assert abs(apart.value) < 0.15
    assert math.isnan(resemblance([one]).value)


def test_a_sample_that_does_not_fit_is_named(tmp_path):
    path = tmp_path / "tight.toml"
    path.write_text(PROBLEM)
    problem = load(path, ["sample.size=[58, 26]", "inclusions.count=2"])
    found = experiment(problem, setup_from(problem))
    with pytest.raises(ParameterError, match=r"only 1 of 2 .* \(realisation [0-9]+\)"):
        for number in range(1, 200):
            inclusions_of_sample(found, number)
