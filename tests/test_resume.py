"""Runs that end before their end go on from there, and say why where they cannot."""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import h5py
import pytest
from mpi4py import MPI

from glvortex.cli import main
from glvortex.errors import ParameterError
from glvortex.output.runs import folder as folders
from glvortex.output.runs import keeper as keepers
from glvortex.output.runs.keeper import FolderKeeper
from glvortex.output.runs.lock import occupied
from glvortex.output.runs.resume import standing
from glvortex.problems.schema import load
from glvortex.problems.setup import setup_from
from glvortex.problems.solve import Silent, solve

COMM = MPI.COMM_WORLD
BARE = ["--set", "output.pictures=false", "--set", "output.fields=false"]


class Stop(Exception):
    """What ends a run early."""


class Steps(Silent):
    """Remember the Newton steps, and stop before the one with a given place."""

    def __init__(self, last=None):
        self.last, self.seen = last, []

    def step(self, start, step):
        if len(self.seen) == self.last:
            raise Stop
        self.seen.append((start, step))


@pytest.fixture(scope="module")
def problem(small_problem):
    return load(small_problem)


@pytest.fixture(scope="module")
def whole(problem):
    """A run that nothing interrupts: its solution and its steps."""
    steps = Steps()
    return solve(setup_from(problem), progress=steps), steps.seen


@pytest.fixture
def eager(monkeypatch):
    """Every Newton iterate is kept, whatever it costs."""
    monkeypatch.setattr(keepers, "_EVERY", 0.0)
    monkeypatch.setattr(keepers, "_SHARE", 1e9)


@pytest.fixture(scope="module")
def stopped_once(tmp_path_factory, problem):
    folder, setup = tmp_path_factory.mktemp("stopped"), setup_from(problem)
    folders.begin(folder, problem, setup, COMM)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Stop):
        patch.setattr(keepers, "_EVERY", 0.0)
        patch.setattr(keepers, "_SHARE", 1e9)
        solve(setup, progress=Steps(7), keeper=FolderKeeper(folder, COMM))
    return folder


@pytest.fixture
def stopped(tmp_path, stopped_once):
    """The folder of a run that ended in the middle of its second start."""
    return Path(shutil.copytree(stopped_once, tmp_path / "stopped"))


def call(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main([str(argument) for argument in arguments])
    return stop.value.code, *capsys.readouterr()


@pytest.mark.parametrize("last", [1, 4, 9])
def test_a_stopped_run_takes_the_same_way_on(tmp_path, problem, whole, eager, last):
    solution, all_steps = whole
    setup = setup_from(problem)
    with pytest.raises(Stop):
        solve(setup, progress=Steps(last), keeper=FolderKeeper(tmp_path, COMM))
    steps = Steps()
    resumed = solve(setup, progress=steps, keeper=FolderKeeper(tmp_path, COMM))
    assert resumed.states == solution.states  # to the last digit: certificates, vortices and all
    done = all_steps[:last]
    finished = {start for start, step in done} - {done[-1][0]}
    assert not finished & {start for start, step in steps.seen}
    # the iterate that was kept last is looked at once more, unless its start has come to an end
    ended = all_steps[last][0] != done[-1][0]
    assert steps.seen == all_steps[last - (not ended) :]


def test_states_on_refined_meshes_are_kept_as_well(tmp_path, small_problem, eager):
    options = ["solver.refinements=1", "mesh.size=4", "solver.starts=['file']"]
    setup = setup_from(load(small_problem, options))
    steps = Steps()
    solution = solve(setup, progress=steps)
    number = len(steps.seen) - 2  # on the finest mesh
    with pytest.raises(Stop):
        solve(setup, progress=Steps(number), keeper=FolderKeeper(tmp_path, COMM))
    rest = Steps()
    resumed = solve(setup, progress=rest, keeper=FolderKeeper(tmp_path, COMM))
    assert rest.seen == steps.seen[number - 1 :]
    assert resumed.extrapolation.values == solution.extrapolation.values
    assert resumed.best == solution.best


def test_what_another_number_of_ranks_kept_is_good_as_well(run_on_ranks, tmp_path, problem, whole):
    code = """
        import sys
        from pathlib import Path
        from mpi4py import MPI
        from glvortex.output.runs import keeper
        from glvortex.problems.schema import load
        from glvortex.problems.setup import setup_from
        from glvortex.problems.solve import Silent, solve
        keeper._EVERY, keeper._SHARE = 0.0, 1e9
        class Stop(Exception): pass
        class Steps(Silent):
            def step(self, start, step):
                if (start, step.number) == ("file", 4):
                    raise Stop
        try:
            solve(setup_from(load(Path(sys.argv[1]))), progress=Steps(),
                  keeper=keeper.FolderKeeper(Path(sys.argv[2]), MPI.COMM_WORLD))
        except Stop:
            pass
    """
    run_on_ranks(2, code, problem.source.place, tmp_path)
    steps = Steps()
    resumed = solve(setup_from(problem), progress=steps, keeper=FolderKeeper(tmp_path, COMM))
    assert steps.seen[0][0] == "file"
    assert steps.seen[0][1].number == 3
    for ours, theirs in zip(resumed.states, whole[0].states, strict=True):
        assert ours.energy == pytest.approx(theirs.energy, rel=1e-12)
        assert len(ours.vortices) == len(theirs.vortices)


def test_twice_killed_the_result_is_that_of_an_uninterrupted_run(
    tmp_path, small_problem, whole, capsys
):
    command = [sys.executable, "-m", "glvortex", "solve", str(small_problem), *BARE, "--resume"]
    run, chance = tmp_path / "run", random.Random(7)
    for _ in range(2):
        before = len(log) if (log := _log(run)) else 0
        process = subprocess.Popen(
            [*command, "-o", str(run)], stdout=subprocess.DEVNULL, start_new_session=True
        )
        while len(_log(run)) == before and process.poll() is None:
            time.sleep(0.01)
        time.sleep(chance.uniform(0.3, 1.5))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    status, _, error = call(capsys, *command[3:], "-o", run)
    assert (status, error) == (0, "")
    result, expected = json.loads((run / "result.json").read_text()), whole[0]
    assert [state["energy"] for state in result["states"]] == [
        pytest.approx(state.energy, rel=1e-10) for state in expected.states
    ]
    assert result["net_charge"] == expected.best.net_charge
    assert _relaxed_twice(_log(run)) == set()
    assert not (run / "checkpoint" / "starts").exists()  # the run has finished


def _log(run):
    path = run / "run.log"
    return path.read_text() if path.exists() else ""


def _relaxed_twice(log):
    """Starts that were begun again from their first step although they had been relaxed."""
    starts, again = [], set()
    for line in log.splitlines():
        words = line.split()[2:]
        if words[:1] == ["kept:"]:
            starts.append(words[1])
        if words[:2] == ["relaxing", "from"] and words[2] in starts:
            again.add(words[2])
    return again


def test_a_finished_run_is_shown_and_left_alone(tmp_path, small_problem, capsys):
    run = tmp_path / "run"
    arguments = ["solve", small_problem, *BARE, "-o", run, "--resume"]
    assert call(capsys, *arguments)[0] == 0
    before = {path: path.stat().st_mtime_ns for path in run.rglob("*")}
    status, output, error = call(capsys, *arguments)
    assert (status, error) == (0, "")
    assert "had finished before" in output
    assert "kept" in output
    assert {path: path.stat().st_mtime_ns for path in run.rglob("*")} == before
    (run / "result.json").unlink()
    truncate(run / "checkpoint" / "state.h5")
    status, output, error = call(capsys, *arguments)
    assert (status, error) == (0, "")
    assert "counts only with result.json: the run begins anew" in " ".join(output.split())
    assert (run / "result.json").exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("field.applied=0.04", "field.applied is 0.03 there and 0.04 here"),
        ("mesh.size=1.9", "mesh.size is 2.0 there and 1.9 here"),
        ("solver.starts=['file', 'uniform']", "solver.starts is"),
        ("title='another'", ""),
        ("output.pictures=true", ""),
    ],
)
def test_another_problem_is_refused_with_the_key_that_differs(stopped, problem, change, words):
    other = load(problem.source.place, [change])
    if not words:
        assert standing(stopped, other, setup_from(other), COMM) == "begun"
        return
    with pytest.raises(ParameterError, match=words):
        standing(stopped, other, setup_from(other), COMM)


def test_a_table_of_inclusions_that_has_changed_is_another_problem(tmp_path, small_problem):
    table = tmp_path / "disks.csv"
    table.write_text("x,y,radius,sign\n0,0,8,1\n")
    path = tmp_path / "problem.toml"
    text = small_problem.read_text().replace('layout = "square"', 'layout = "file"')
    path.write_text(text.replace("count = [1, 1]\nradius = 8.0", 'file = "disks.csv"'))
    problem = load(path)
    setup = setup_from(problem)
    run = tmp_path / "run"
    run.mkdir()
    folders.begin(run, problem, setup, COMM)
    assert standing(run, problem, setup, COMM) == "begun"
    table.write_text("x,y,radius,sign\n0,0,8,-1\n")
    with pytest.raises(ParameterError, match=r"inclusions\.csv is another"):
        standing(run, problem, setup_from(problem), COMM)


def truncate(path):
    path.write_bytes(path.read_bytes()[:-1000])


def empty(path):
    path.write_bytes(b"")


def strange(path):
    with h5py.File(path, "w") as file:
        file["temperature"] = [1.0, 2.0]


def text(path):
    path.write_text("not HDF5")


def older(path):
    with h5py.File(path, "r+") as file:
        record = json.loads(file["record"][()]) | {"version": "0.0.1"}
        del file["record"]
        file["record"] = json.dumps(record)


@pytest.mark.parametrize(
    ("harm", "name"),
    [
        (truncate, "starts/uniform.h5"),
        (truncate, "newton.h5"),
        (empty, "newton.h5"),
        (strange, "starts/uniform.h5"),
        (text, "newton.h5"),
        (older, "newton.h5"),
    ],
)
def test_damaged_and_foreign_files_are_refused_in_a_sentence(stopped, problem, harm, name):
    path = stopped / "checkpoint" / name
    harm(path)
    with pytest.raises(ParameterError) as caught:
        solve(setup_from(problem), keeper=FolderKeeper(stopped, COMM))
    assert str(path) in str(caught.value)
    assert "--resume" in str(caught.value)
    assert str(caught.value).count("\n") == 0


def test_a_state_of_another_mesh_is_refused(stopped, problem):
    coarse = setup_from(load(problem.source.place, ["mesh.size=3.0"]))
    with pytest.raises(ParameterError, match="another mesh"):
        solve(coarse, keeper=FolderKeeper(stopped, COMM))


def test_a_full_disk_is_one_sentence_and_what_was_kept_stays(stopped, problem, eager):
    """A limit on the size of files stands for the disk."""
    before = (stopped / "checkpoint" / "newton.h5").read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(ParameterError, match=r"newton\.h5: cannot be written \(File too large"):
            solve(setup_from(problem), keeper=FolderKeeper(stopped, COMM))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (stopped / "checkpoint" / "newton.h5").read_bytes() == before


def test_one_run_at_a_time_in_a_folder(stopped, small_problem, capsys):
    with occupied(stopped, COMM):
        status, _, error = call(capsys, "solve", small_problem, "-o", stopped, "--resume")
    assert status == 2
    assert "another run is at work" in error
    assert (stopped / "checkpoint" / "newton.h5").exists()
