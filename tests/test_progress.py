"""Progress: estimates against recorded runs, and what each kind of screen shows."""

import io
import json
import math
import re
import sys

import numpy as np
import pytest
from mpi4py import MPI
from rich.console import Console

from glvortex import __version__
from glvortex.output.reports.tables import plain_table
from glvortex.output.screen.console import Voice
from glvortex.output.screen.estimate import CountEstimate, NewtonEstimate, duration
from glvortex.output.screen.screens import Bars
from glvortex.solve.minimiser import Step

# seconds and |gradient| before each step of minimisations to 1e-8, the last as they end, recorded
# on a busy machine: one inclusion in a field, isolated pairs, arrays, a weak region, a cell
HISTORIES = {
    "fine, uniform": """
        0.00 7.3e+00  4.80 7.0e-01  7.21 1.6e-01  8.91 2.5e-02  11.15 1.5e-02  12.97 1.1e-02
        14.43 8.3e-03  15.63 6.0e-03  16.79 5.5e-03  18.18 3.8e-03  19.71 3.5e-03  21.35 8.2e-03
        23.31 1.1e-02  25.09 6.2e-03  27.10 2.6e-03  29.22 2.8e-03  31.55 2.0e-03  34.04 4.5e-03
        37.27 7.1e-03  40.95 8.7e-03  44.26 2.9e-03  48.00 2.3e-03  51.39 1.9e-03  54.84 1.7e-03
        59.56 4.6e-04  61.41 3.7e-05  62.51 3.4e-06  64.19 1.4e-08  65.66 5.8e-09
    """,
    "fine, london": """
        0.00 2.6e+00  5.50 2.5e-01  9.40 2.3e-02  14.32 2.7e-02  19.82 1.2e-02  26.02 2.1e-02
        32.99 6.4e-03  39.33 8.8e-03  45.76 6.6e-03  53.71 6.2e-03  61.26 5.9e-03  67.30 9.5e-04
        69.48 5.2e-05  71.18 4.0e-06  72.56 1.7e-07  74.15 5.5e-09
    """,
    "incl, london": """
        0.00 1.5e-01  1.20 8.9e-03  2.05 4.0e-03  2.82 3.4e-04  3.24 1.3e-05  3.44 6.3e-07
        3.65 1.3e-08  3.91 8.7e-12
    """,
    "pair, london": """
        0.00 5.0e-02  0.91 4.5e-03  2.57 1.2e-03  3.89 8.5e-05  4.99 4.9e-06  5.64 2.3e-07
        5.95 2.0e-08  6.29 5.9e-10
    """,
    "spont, london": """
        0.00 1.8e-01  3.60 1.4e-02  7.00 2.4e-03  10.51 1.5e-03  13.93 5.5e-04  18.24 3.4e-04
        20.15 2.6e-05  21.11 1.6e-06  22.20 4.7e-08  24.22 7.9e-11
    """,
    "spont, london-depaired": """
        0.00 1.0e-01  12.91 5.1e-03  20.06 3.9e-04  25.48 2.0e-05  28.99 1.4e-06  32.57 7.1e-08
        36.49 1.4e-09
    """,
    "weak, uniform": """
        0.00 2.7e-01  1.29 2.6e-02  1.68 2.4e-04  1.95 9.4e-06  2.27 4.8e-07  2.65 1.0e-08
        2.93 4.2e-11
    """,
}


def history(name):
    times, norms = np.array(HISTORIES[name].split(), dtype=float).reshape(-1, 2).T
    return times, norms


@pytest.mark.parametrize("name", HISTORIES)
def test_estimates_are_right_within_a_factor_of_about_two(name):
    """Where there is one in the second half; there is one for the last two steps at least."""
    times, norms = history(name)
    newton, ratios = NewtonEstimate(), []
    for now, norm in zip(times[:-1], norms[:-1], strict=True):
        left = newton.step(now, norm, 1e-8)
        if now >= times[-1] / 2:
            ratios.append(None if left is None else left / (times[-1] - now))
    assert None not in ratios[-2:]
    said = [ratio for ratio in ratios if ratio is not None]
    assert sum(0.5 <= ratio <= 2 for ratio in said) >= len(said) - 1
    assert all(0.35 <= ratio <= 2.8 for ratio in said)


def test_a_gradient_that_wanders_has_no_estimate():
    newton = NewtonEstimate()
    norms = [1e-1, 3e-2, 2e-2, 4e-2, 1e-2, 8e-3, 1e-2, 1e-3]
    assert [newton.step(float(i), norm, 1e-8) for i, norm in enumerate(norms)] == [None] * 8
    assert newton.step(8.0, 1e-4, 1e-8) == pytest.approx(2.2, abs=0.3)  # falls ten, then 25 times
    assert newton.step(9.0, 1e-9, 1e-8) is None  # there


def test_the_mean_of_what_is_done_tells_how_long_the_rest_takes():
    sweep = CountEstimate(100.0, 7)  # seven points are known from an earlier run
    assert sweep.remaining(100.0, 7, 21) is None
    assert sweep.remaining(130.0, 10, 21) == pytest.approx(110.0)


def test_durations_are_said_as_accurately_as_they_are_known():
    said = {None: "", 0.2: "1 s", 42.0: "42 s", 100.0: "2 min", 7000.0: "2 h", 3e5: "3 days"}
    for seconds, text in said.items():
        assert duration(seconds) == (f"about {text} left" if text else "")


def speak(voice, tmp_path):
    """A run as a program hears it."""
    with voice.recording(tmp_path / "run.log"):
        voice.warn("[thin] ice")
        voice.stage("mesh")
        voice.count("starts", 0, 2)
        for number in range(3):
            voice.step("uniform", Step(number, -1.5, 10.0 ** -(4 * number), 1e-6, number, 1e-8))
        voice.count("starts", 1, 2)
        voice.count("starts", 2, 2)
        table = plain_table("States", "start", "energy", right=["energy"])
        table.add_row("uniform", "-1.5")
        voice.show(table)
        voice.numbers({"flux_phi0": np.float64(0.5), "field": math.inf})
        voice.folder(tmp_path)


def test_lines(tmp_path, capsys):
    speak(Voice(MPI.COMM_SELF), tmp_path)
    output = capsys.readouterr().out
    for line in (
        "warning: [thin] ice",
        "meshing",
        "uniform: step 2, energy -1.500000, |gradient| 1.0e-08",
        "1 of 2 starts done, about 1 s left",
        "2 of 2 starts done",
        f"The run is in {tmp_path}/",
    ):
        assert re.search(rf"^ *\d+\.\d s {re.escape(line)}$", output, re.MULTILINE), line
    assert "step 1" not in output
    assert "uniform     -1.5" in output


def test_the_log_has_times_versions_and_every_step(tmp_path):
    speak(Voice(MPI.COMM_SELF, "quiet"), tmp_path)
    log = (tmp_path / "run.log").read_text()
    stamp = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d "
    for line in (
        f"glvortex {__version__}, ranks: 1; Python {sys.version.split()[0]}, DOLFINx ",
        "warning: [thin] ice",
        "uniform: step 0, ",
        "uniform: step 1, ",
        "finished",
    ):
        assert re.search(stamp + re.escape(line), log, re.MULTILINE), line
    assert "uniform     -1.5" in log
    with Voice(MPI.COMM_SELF, "quiet").recording(tmp_path / "run.log", append=True):
        pass
    assert (tmp_path / "run.log").read_text().startswith(log)


def test_quiet_says_only_where_the_run_is(tmp_path, capsys):
    voice = Voice(MPI.COMM_SELF, "quiet")
    speak(voice, tmp_path)
    assert capsys.readouterr().out == f"{tmp_path}\n"
    voice.show("what a command without a folder was asked for")
    assert "asked for" in capsys.readouterr().out


def test_json_is_an_object_per_line(tmp_path, capsys):
    speak(Voice(MPI.COMM_SELF, "json"), tmp_path)
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert all(record.pop("seconds") >= 0 for record in found)
    steps = [record for record in found if record["event"] == "step"]
    assert [step["number"] for step in steps] == [0, 1, 2]
    assert steps[1] == {
        "event": "step",
        "start": "uniform",
        "number": 1,
        "energy": -1.5,
        "gradient_norm": 1e-4,
        "tolerance": 1e-8,
        "remaining": None,
    }
    others = [record for record in found if record["event"] not in ("step", "count")]
    assert others == [
        {"event": "warning", "text": "[thin] ice"},
        {"event": "stage", "name": "mesh"},
        {
            "event": "table",
            "title": "States",
            "columns": ["start", "energy"],
            "rows": [["uniform", "-1.5"]],
        },
        {"event": "result", "result": {"flux_phi0": 0.5, "field": None}},
        {"event": "folder", "path": str(tmp_path)},
    ]


def test_bars_show_what_goes_on_and_leave_the_lines(tmp_path):
    screen = io.StringIO()
    voice = Voice(MPI.COMM_SELF)
    voice.screen = Bars(Console(file=screen, force_terminal=True, width=120, highlight=False))
    speak(voice, tmp_path)
    drawn = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue())
    for line in ("0 of 2 starts", "1 of 2 starts done", "meshing", "The run is in"):
        assert line in drawn
    erase = "\x1b[2K"
    assert erase in screen.getvalue().rpartition("The run is in")[2]
