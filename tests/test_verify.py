"""The quick part of the verification report, and how it is written down."""

import pytest

from glvortex.output.reports.verification import Finished, write_markdown
from glvortex.verify import RUNS, Check, Run

QUICK = [run for run in RUNS if run.quick]


@pytest.mark.parametrize("run", QUICK, ids=lambda run: f"{run.section}: {run.title}")
def test_quick_report(run):
    missed = [check for check in run.checks() if not check.passed]
    assert not missed


@pytest.mark.slow
@pytest.mark.parametrize(
    "run", [run for run in RUNS if not run.quick], ids=lambda run: f"{run.section}: {run.title}"
)
def test_whole_report(run):
    missed = [check for check in run.checks() if not check.passed]
    assert not missed


def test_a_number_that_is_missed_shows(tmp_path):
    good = Check("good", 2.0, 2.0 + 1e-9, 1e-8)
    bad = Check("bad", 0.0, 1e-3, 1e-6, order=1.9)
    assert good.passed and not bad.passed
    assert bad.error == 1e-3  # absolute where the reference is zero
    run = Run("9. Nothing", "made up", True, lambda: [good, bad])
    finished = Finished(run, [good, bad], 1.5)
    assert not finished.passed
    path = tmp_path / "report.md"
    write_markdown(path, [finished])
    text = path.read_text()
    assert "| good | 2 | 2.000000001 | 5.0e-10 | 1.0e-08 |  | 1.5 | ok |" in text
    assert "| bad | 0 | 0.001 | 1.0e-03 | 1.0e-06 | 1.90 |  | **missed** |" in text
