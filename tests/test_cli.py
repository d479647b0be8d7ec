"""The command line: what it prints, what it writes, and one sentence for whatever goes wrong."""

import json
import re
import signal
import subprocess
import sys
import time

import h5py
import pytest
from mpi4py import MPI

from glvortex import __version__, interrupt
from glvortex.cli import main

COMMAND = [sys.executable, "-m", "glvortex"]
FAST = ["--set", "output.pictures=false", "--set", "output.fields=false"]


def call(capsys, *arguments):
    """Run the command in this process; return its status and what it printed."""
    with pytest.raises(SystemExit) as stop:
        main([str(argument) for argument in arguments])
    return stop.value.code, *capsys.readouterr()


def check_one_sentence(error):
    assert error.startswith("glvortex: ")
    assert error.count("\n") == 1
    assert "Traceback" not in error


def test_solve_writes_a_run_folder_and_prints_a_summary(tmp_path, small_problem):
    done = subprocess.run(
        [*COMMAND, "solve", str(small_problem), *FAST], capture_output=True, text=True, cwd=tmp_path
    )
    assert (done.returncode, done.stderr) == (0, "")
    folder = tmp_path / "runs" / "small"
    result = json.loads((folder / "result.json").read_text())
    assert f"{result['energy']['total']:.6f}"[:-1] in done.stdout
    for word in ("meshing", "London field", "relaxing from file", "kept", "fluxoid", "Hc1"):
        assert word in done.stdout
    assert "runs/small" in done.stdout
    log = (folder / "run.log").read_text()
    assert f"glvortex {__version__}" in log
    assert "file: step 1, energy" in log
    assert "condensation" in log


def test_no_command_takes_an_empty_name_for_the_current_folder(
    capsys, tmp_path, monkeypatch, small_problem
):
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    writing = [
        *("solve", "sweep", "critical", "magnetization", "inclusion-lattice", "mesh"),
        *("plot", "report", "export", "verify", "figures"),
    ]
    for command in writing:
        file = [] if command in ("verify", "figures") else [small_problem]
        status, output, error = call(capsys, command, *file, "-o", "")
        assert (status, output) == (2, ""), command
        assert error == "glvortex: -o is empty: name what to write, or leave -o out.\n"
    assert sorted(tmp_path.iterdir()) == before


def test_quiet_and_json_are_options_of_all_commands(
    capsys, tmp_path, small_problem, laboratory_problem
):
    run = tmp_path / "run"
    assert call(capsys, "--quiet", "solve", small_problem, "-o", run, *FAST) == (0, f"{run}\n", "")
    assert f"glvortex --quiet solve {small_problem} -o {run}" in (run / "run.log").read_text()
    status, output, error = call(capsys, "--json", "solve", small_problem, "-o", run, *FAST)
    assert (status, error) == (0, "")
    found = [json.loads(line) for line in output.splitlines()]
    assert {record["event"] for record in found} == {
        "message",
        "stage",
        "count",
        "step",
        "result",
        "table",
        "folder",
    }
    results = [record["result"] for record in found if record["event"] == "result"]
    assert results == [json.loads((run / "result.json").read_text())]
    status, output, _ = call(capsys, "--json", "coefficients", laboratory_problem)
    table = json.loads(output.splitlines()[0])
    assert table["columns"] == ["quantity", "symbol", "value", "unit", "source"]
    assert ["bc2", "Bc2", "0.82276", "T", "Phi0/(2 pi xi^2)"] in table["rows"]


def test_mistakes_are_one_sentence_on_standard_error_and_status_2(tmp_path, small_problem):
    bad = tmp_path / "bad.toml"
    bad.write_text(small_problem.read_text().replace("kappa", "kapa"))
    done = subprocess.run([*COMMAND, "solve", bad], capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    check_one_sentence(done.stderr)
    assert "line 3" in done.stderr
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["solve", "nothing.toml"], "no such problem file"),
        (["solve"], "Missing argument"),
        (["sovle"], "No such command"),
        (["solve", "SMALL", "--colour"], "No such option"),
        (["solve", "SMALL", "--quiet"], "goes before the command"),
        (["--quiet", "--json", "solve", "SMALL"], "exclude each other"),
        (["solve", "SMALL", "--set", "mesh.size"], "section.key=value"),
        (["solve", "SMALL", "--set", "inclusions.radius=18.0"], "does not lie inside the sample"),
        (["solve", "SMALL", "-o", "FILE/run"], "cannot be written"),
        (["coefficients", "SMALL"], "reduced units"),
        (["critical", "SMALL", "--modes", "0"], "--modes must be positive"),
        (["mesh", "SMALL", "-o", "mesh.vtk"], 'no format "vtk"; choose from msh, vtu'),
        (["sweep", "SMALL", "--groups", "3"], "--groups must be 1, there is one rank, got 3."),
        (["mesh", "SMALL", "-o", "out"], "end it in one of .msh, .vtu, .xdmf, .vtkhdf"),
        (["mesh", "SMALL", "-o", "mesh.vtu", "--format", "msh"], "leave out --format"),
        (["mesh", "SMALL", "-o", "nowhere/mesh.msh"], "cannot be written"),
        (["mesh", "SMALL", "-o", "nowhere/mesh.vtu"], "cannot be written"),
        (["mesh", "SMALL", "-o", "nowhere/mesh.xdmf"], "cannot be written"),
        (["mesh", "SMALL", "--format", "stl"], 'no format "stl"; choose from msh, vtu'),
        (["export", "nowhere"], "no such run folder"),
        (["export", "."], "is not a run folder"),
        (["export", ".", "--format", "vtk"], 'no format "vtk"; choose from vtu, xdmf'),
        (["export", ".", "--series"], "the folder that -o names"),
        (["export", ".", "-o", "series", "--series"], "is not a run folder"),
        (["export", ".", "--over", "field.applied"], "give --series, too"),
        (["export", ".", ".", "-o", "here"], "the folder of one run"),
    ],
)
def test_every_mistake_has_its_sentence(
    arguments, words, capsys, tmp_path, monkeypatch, small_problem
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "FILE").touch()
    arguments = [str(small_problem) if a == "SMALL" else a for a in arguments]
    status, output, error = call(capsys, *arguments)
    assert (status, output) == (2, "")
    check_one_sentence(error)
    assert words in error


def test_a_computation_that_does_not_converge_has_status_1(capsys, tmp_path, small_problem):
    few = ["--set", "solver.max_steps=1", "--set", "solver.gradient_tolerance=1e-30"]
    status, _, error = call(capsys, "solve", small_problem, "-o", tmp_path / "run", *few)
    assert status == 1
    check_one_sentence(error)
    assert "max_steps" in error
    assert "stopped at file, step 1: small: no start" in (tmp_path / "run" / "run.log").read_text()
    assert not (tmp_path / "run" / "result.json").exists()


def test_a_bare_interrupt_is_a_sentence_too(capsys, monkeypatch, small_problem):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("glvortex.problems.schema.load", interrupted)
    assert call(capsys, "coefficients", small_problem) == (130, "", "glvortex: interrupted.\n")


def test_version_and_help(capsys):
    assert call(capsys, "--version") == (0, f"glvortex {__version__}\n", "")
    status, output, _ = call(capsys, "--help")
    assert status == 0
    for command in ("solve", "coefficients", "mesh"):
        assert command in output


def test_coefficients_have_units_and_notes(capsys, laboratory_problem):
    status, output, _ = call(capsys, "coefficients", laboratory_problem)
    assert status == 0
    assert re.search(r"bc2 +Bc2 +0\.82276 +T ", output)
    assert re.search(r"gamma +gamma +-1\.\d+e\+15 +A/\(V J\)", output)
    assert "- london_lambda: the measured 600 nm" in output


BAR = """\
title = "One vortex in a bar"
[superconductor]
kappa = 2.0
[sample]
shape = "rectangle"
size = [8.0, 6.0]
[field]
applied = 0.5
[mesh]
size = 0.6
[solver]
starts = ["file"]
vortices = [[0.1, 0.0, 1]]
"""


def test_critical_fields_and_modes(capsys, tmp_path):
    """Material: exact numbers. Sample: above Hc3, four corners help; modes are drawn."""
    bar, run = tmp_path / "bar.toml", tmp_path / "run"
    bar.write_text(BAR)
    status, output, error = call(capsys, "critical", bar, "--entry", "--modes", "2", "-o", run)
    assert (status, error) == (0, "")
    table = output.partition("meshing")[0]
    fields = dict(re.findall(r"^ *(Hc1|Hc3|nucleation|entry) +(\S+)", table, re.MULTILINE))
    assert float(fields["Hc1"]) == pytest.approx(0.1940845379, abs=1e-8)
    assert float(fields["Hc3"]) == pytest.approx(1.6946104, abs=1e-6)
    assert 1.6946 < float(fields["nucleation"]) < 2.2
    assert 1.0 < float(fields["entry"]) * 2 * 2**0.5 < 2.0  # of Hc
    assert re.search(r"this sample, charge \+\d+, \+- \d", output)
    assert "Lowest modes of the kept state" in output
    assert sorted(path.name for path in run.glob("mode-*")) == ["mode-1.png", "mode-2.png"]
    assert (run / "mode-1.png").stat().st_size > 10_000


def test_a_cell_has_no_surface_to_nucleate_or_enter_at(capsys, request):
    cell = request.path.parent.parent / "problems" / "vortex_lattice.toml"
    status, output, _ = call(capsys, "critical", cell)
    assert status == 0
    assert "Hc2" in output
    assert "no nucleation field of this sample: a cell has no surface" in output
    status, _, error = call(capsys, "critical", cell, "--entry")
    assert status == 2
    check_one_sentence(error)
    assert "no surface" in error


def test_mesh_reports_its_quality(capsys, tmp_path, monkeypatch, small_problem):
    monkeypatch.chdir(tmp_path)
    status, output, _ = call(capsys, "mesh", small_problem)
    assert status == 0
    assert (tmp_path / "small.msh").read_text().startswith("$MeshFormat")
    assert float(re.search(r"smallest angle +(\S+)", output)[1]) > 25
    assert int(re.search(r"cells +(\d+)", output)[1]) > 1000
    assert int(re.search(r"vertices +(\d+)", output)[1]) > 500


def stop(command, log, number, wait="step 0"):
    """Send a signal to a command once its log has a text; return the status and standard error."""
    pipe = subprocess.PIPE
    # a background job of a shell ignores Ctrl-C, and so would all that it starts
    listening = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True)
    signal.signal(signal.SIGINT, listening)
    deadline = time.monotonic() + 60
    while not (log.exists() and wait in log.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(number)
    _, error = process.communicate(timeout=60)
    return process.returncode, error


def test_ctrl_c_is_one_sentence_and_status_130(tmp_path, small_problem):
    command = [*COMMAND, "solve", small_problem, "--set", "mesh.size=0.4", "-o", tmp_path]
    log = tmp_path / "run.log"
    status, error = stop(command, log, signal.SIGINT)
    assert status == 130
    check_one_sentence(error)
    assert error.endswith(f"-o {tmp_path} --resume` goes on from here.\n")
    check_stopped(tmp_path)


def check_stopped(run):
    """What is kept is the step at which the log says that the run has stopped."""
    log = (run / "run.log").read_text()
    start, number = re.search(r"stopped at (\w+), step (\d+): interrupted", log).groups()
    with h5py.File(run / "checkpoint" / "newton.h5") as file:
        kept = json.loads(file["record"][()])
    assert (kept["start"], kept["step"]["number"]) == (start, int(number))
    assert not (run / "result.json").exists()


def test_two_ranks_stop_together(tmp_path, small_problem):
    """The signal that mpirun passes on, where Ctrl-C would leave half a second."""
    command = ["mpirun", "-n", "2", *COMMAND, "solve", small_problem, "-o", tmp_path]
    log = tmp_path / "run.log"
    status, error = stop([*command, "--set", "mesh.size=0.8"], log, signal.SIGUSR1)
    assert status == 130
    assert error.count("glvortex: ") == 1
    check_stopped(tmp_path)


def test_what_never_checks_is_interrupted_after_a_while(monkeypatch):
    with interrupt.listening():
        monkeypatch.setattr(interrupt, "PATIENCE", 0.5)
        start = time.monotonic()
        with pytest.raises(KeyboardInterrupt) as raised:
            signal.raise_signal(signal.SIGTERM)
            time.sleep(10)
        monkeypatch.undo()
    assert time.monotonic() < start + 5
    assert raised.type is KeyboardInterrupt
    with interrupt.listening():
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):  # the second time at once
            signal.raise_signal(signal.SIGINT)
    with interrupt.listening():
        interrupt.check(MPI.COMM_SELF)
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(interrupt.Interrupted):
            interrupt.check(MPI.COMM_SELF)


RANKS = """
    import sys
    from mpi4py import MPI
    from glvortex import cli
    try:
        cli.main(sys.argv[1:])
    except SystemExit as stop:
        # what each rank ends with, in files: mpirun's own status is of one of them
        open(f"status-{MPI.COMM_WORLD.rank}", "w").write(str(stop.code))
"""


def test_two_ranks_solve_like_one(tmp_path, monkeypatch, small_problem, run_on_ranks):
    monkeypatch.chdir(tmp_path)
    output = run_on_ranks(2, RANKS, "solve", small_problem, "-o", "run", *FAST)
    assert output.count("meshing") == 1
    assert output.count("The run is in") == 1
    assert json.loads((tmp_path / "run" / "result.json").read_text())["ranks"] == 2
    assert {path.name: path.read_text() for path in tmp_path.glob("status-*")} == {
        "status-0": "0",
        "status-1": "0",
    }


def test_all_ranks_fail_together(tmp_path, monkeypatch, run_on_ranks):
    monkeypatch.chdir(tmp_path)
    run_on_ranks(2, RANKS, "solve", "nothing.toml")
    assert {path.read_text() for path in tmp_path.glob("status-*")} == {"2"}
    assert len(list(tmp_path.glob("status-*"))) == 2


def test_a_rank_that_fails_alone_ends_all(tmp_path, run_on_ranks):
    lonely = """
        from glvortex.cli import application
        application._PATIENCE = 0.5
        @application.app.command()
        def wait():
            if application.MPI.COMM_WORLD.rank == 1:
                raise RuntimeError("alone")
            application.MPI.COMM_WORLD.Barrier()
        application.main(["wait"])
    """
    with pytest.raises(AssertionError, match="RuntimeError: alone"):
        run_on_ranks(2, lonely, seconds=30)
