"""The verification report on the screen and as Markdown."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from glvortex import __version__
from glvortex.output.ranks import replacing
from glvortex.verify import RUNS, Check, Run

_HEAD = """\
# Verification

<!-- written by `glvortex verify -o docs/verification.md`; run it again instead of editing -->

Numbers that are exact, or were computed elsewhere by independent methods, beside what this package
finds (glvortex {version}). The error is relative (absolute where the reference is 0); what comes
from finite elements was extrapolated over meshes refined uniformly, and the order is the power of
the mesh size with which it converged there. Units are those of [theory.md](theory.md).
`glvortex verify --quick` runs the part that is also among the tests.
"""


@dataclass(frozen=True)
class Finished:
    """A run with its checks and its wall time in seconds."""

    run: Run
    checks: Sequence[Check]
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether every number was met."""
        return all(check.passed for check in self.checks)


def verify(
    quick: bool, say: Callable[[str], None], count: Callable[[str, int, int], None]
) -> list[Finished]:
    """Make the runs of the quick or of the whole report, a line for every number; collective.

    ``count`` hears how many of the "runs" are done.
    """
    finished: list[Finished] = []
    runs = [run for run in RUNS if run.quick or not quick]
    for run in runs:
        count("runs", len(finished), len(runs))
        start = time.perf_counter()
        checks = run.checks()
        finished.append(Finished(run, checks, time.perf_counter() - start))
        for check in checks:
            say(line(check))
    return finished


def line(check: Check) -> str:
    """One check for the screen."""
    order = "" if math.isnan(check.order) else f", order {check.order:.2f}"
    verdict = "ok  " if check.passed else "FAIL"
    return f"{verdict} {check.name}: {check.result:.10g}, error {check.error:.1e}{order}"


def write_markdown(path: Path, finished: Iterable[Finished]) -> None:
    """Write the report (call it on one rank)."""
    with replacing(path) as temporary:
        temporary.write_text(_markdown(finished), encoding="utf-8")


def _markdown(finished: Iterable[Finished]) -> str:
    parts = [_HEAD.format(version=__version__)]
    for section, runs in groupby(finished, key=lambda each: each.run.section):
        parts.append(f"## {section}\n{_TABLE}")
        for each in runs:
            seconds = f"{each.seconds:.1f}"
            for check in each.checks:
                parts.append(_row(check, seconds))
                seconds = ""  # once for all that one run found
        parts.append("")
    return "\n".join(parts)


_TABLE = """\
| case | reference | result | error | allowed | order | seconds | |
|---|---|---|---|---|---|---|---|"""


def _row(check: Check, seconds: str) -> str:
    cells = (
        check.name,
        f"{check.reference:.12g}",
        f"{check.result:.12g}",
        f"{check.error:.1e}",
        f"{check.tolerance:.1e}",
        "" if math.isnan(check.order) else f"{check.order:.2f}",
        seconds,
        "ok" if check.passed else "**missed**",
    )
    return f"| {' | '.join(cells)} |"
