"""The numbers of a search: its ranked states, and how sure the lowest one is."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from glvortex import __version__
from glvortex.output.ranks import replacing
from glvortex.output.reports.tables import plain_table
from glvortex.problems.schema import ProblemFile
from glvortex.problems.search.archive import Entry
from glvortex.problems.search.confidence import Verdict
from glvortex.problems.search.rounds import Found
from glvortex.problems.search_section import SearchSection
from glvortex.problems.setup import Setup

_ENDS = {
    "sure": "sure enough",
    "trials": "as many trials as allowed (search.trials)",
    "minutes": "as much time as allowed (search.minutes)",
}


@dataclass(frozen=True)
class Ranked:
    """A distinct state.

    Attributes:
        rank: 1 for the lowest.
        entry: the state.
        lowest_eigenvalue: of its Hessian modulo gauge; None where it could not be found.
        folder: its run folder, from that of the search; None where it was lost on a finer mesh.
    """

    rank: int
    entry: Entry
    lowest_eigenvalue: float | None
    folder: Path | None

    @property
    def row(self) -> dict[str, Any]:
        """Its numbers by name."""
        best = self.entry.best
        assert best.certificate is not None
        return {
            "rank": self.rank,
            "energy": best.energy,
            "net_charge": best.net_charge,
            "total_charge": best.total_charge,
            "vortices": sum(v.charge > 0 for v in best.vortices),
            "antivortices": sum(v.charge < 0 for v in best.vortices),
            "lowest_eigenvalue": self.lowest_eigenvalue,
            "gradient_norm": best.certificate.gradient_norm,
            "found": len(self.entry.found),
            "trial": best.number,
            "kind": best.kind,
            "folder": None if self.folder is None else str(self.folder),
        }


def said(settings: SearchSection) -> dict[str, Any]:
    """What of the settings makes a search another one."""
    return {"seed": settings.seed, "kinds": list(settings.kinds), "keep": settings.keep}


def summary(
    problem: ProblemFile, setup: Setup, found: Found, ranked: Sequence[Ranked]
) -> dict[str, Any]:
    """The content of search.json."""
    return {
        "problem": setup.name,
        "title": setup.title,
        "version": __version__,
        "settings": problem.search.model_dump(),
        "trials": len(found.archive.outcomes),
        "distinct_states": len(found.archive.entries),
        "ended": found.end,
        "confidence": confidence(found.verdict),
        "states": [state.row for state in ranked],
    }


def confidence(verdict: Verdict) -> dict[str, float]:
    """The numbers of a verdict by name."""
    return {
        "finds_from_separate_beginnings": verdict.finds,
        "missed": verdict.missed,
        "trials_since": verdict.since,
        "next_lower": verdict.next_lower,
        "next_new": verdict.singles,
    }


def verdict_lines(found: Found) -> list[str]:
    """How sure the lowest state is, in words."""
    verdict = found.verdict
    return [
        f"ended after {len(found.archive.outcomes)} trials: {_ENDS[found.end]}",
        f"the lowest state was found from {verdict.finds} separate beginnings: a lower one that is "
        f"found as easily has been missed with probability {verdict.missed:.2g}",
        f"nothing lower in the {verdict.since} trials since: were trials alike, the next would "
        f"find something lower with probability {verdict.next_lower:.2g}",
    ]


def search_table(setup: Setup, ranked: Sequence[Ranked]) -> Table:
    """One row per state, for the screen."""
    numbers = ("state", "energy", "above", "net", "total", "eigenvalue", "found")
    table = plain_table(f"{setup.title}: states", *numbers, "by", right=numbers)
    lowest = ranked[0].entry.best.energy
    for state in ranked:
        row = state.row
        value = row["lowest_eigenvalue"]
        table.add_row(
            str(state.rank),
            f"{row['energy']:.6f}",
            f"{row['energy'] - lowest:.6f}",
            f"{row['net_charge']:+d}",
            str(row["total_charge"]),
            "-" if value is None else f"{value:.2e}",
            str(row["found"]),
            row["kind"],
        )
    return table


def write_csv(path: Path, setup: Setup, ranked: Sequence[Ranked]) -> None:
    """Write one row per state; on one rank."""
    rows = [state.row for state in ranked]
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
