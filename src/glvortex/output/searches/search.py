"""The folder of a search: its trials, and a run folder for each of the lowest states.

states/NN/      run folders of the lowest states, ranked from 1
trials/         what each trial came to, see `searches.store`
search.json     settings, how sure the lowest state is, and the ranked states
problem.toml    the problem
search.csv, search.png, run.log
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from mpi4py import MPI

from glvortex.errors import NotConvergedError, ParameterError
from glvortex.observe.vortices import find_vortices
from glvortex.output.drawing.pictures import DPI
from glvortex.output.ranks import on_first_rank, replacing
from glvortex.output.runs import folder as runs
from glvortex.output.runs.result import plain
from glvortex.output.runs.resume import standing
from glvortex.output.runs.run import PROBLEM
from glvortex.output.screen.console import Voice
from glvortex.output.searches.search_picture import draw_search
from glvortex.output.searches.search_table import (
    Ranked,
    said,
    search_table,
    summary,
    verdict_lines,
    write_csv,
)
from glvortex.output.searches.store import TRIALS, FolderStore
from glvortex.problems.resolved import write_resolved
from glvortex.problems.schema import ProblemFile
from glvortex.problems.search.archive import Archive, Entry, Outcome
from glvortex.problems.search.confidence import Verdict
from glvortex.problems.search.landscape import Landscape
from glvortex.problems.search.of_problem import landscape_of, solution_of, threshold_of
from glvortex.problems.search.rounds import Found, search
from glvortex.problems.setup import Setup
from glvortex.problems.tasks import Group
from glvortex.solve.london import Threshold
from glvortex.solve.modes import lowest_modes

SEARCH = "search.json"
STATES = "states"


def has_begun(folder: Path, problem: ProblemFile, setup: Setup, comm: MPI.Intracomm) -> bool:
    """Whether a folder holds this search, done in part or whole; collective.

    Raises:
        ParameterError: on every rank, where it holds another one.
    """
    if standing(folder, problem, setup, comm) != "begun":
        return False

    def check() -> None:
        try:
            there = json.loads((folder / SEARCH).read_text(encoding="utf-8"))["settings"]
        except (OSError, ValueError, KeyError, TypeError):
            there = {}
        for key, here in said(problem.search).items():
            if there.get(key) != here:
                raise ParameterError(
                    f"{folder}: holds another search, search.{key} is {there.get(key)!r} there and "
                    f"{here!r} here; leave --resume out to begin anew, or choose another folder "
                    "with -o."
                )

    on_first_rank(comm, check)
    return True


def begin_search(folder: Path, problem: ProblemFile, setup: Setup, comm: MPI.Intracomm) -> None:
    """Write what a search is of into a folder, and forget that of another; collective.

    Raises:
        ParameterError: on every rank, where a file cannot be written, or the folder has trials
            that are not of a search.
    """

    def begin() -> None:
        for name in (TRIALS, STATES):
            if (folder / name).exists() and not (folder / SEARCH).exists():
                raise ParameterError(
                    f"{folder}: has a folder {name} that is not of a search; choose another "
                    "with -o."
                )
        for name in (PROBLEM, "search.csv", "search.png"):
            (folder / name).unlink(missing_ok=True)
        for name in (TRIALS, STATES):
            shutil.rmtree(folder / name, ignore_errors=True)
        _write_json(folder, {"settings": said(problem.search)})
        write_resolved(problem, setup, folder)

    on_first_rank(comm, begin)


def search_in_folder(
    folder: Path,
    problem: ProblemFile,
    setup: Setup,
    comm: MPI.Intracomm,
    voice: Voice,
    *,
    groups: int | None = None,
    begun: bool = False,
) -> list[Ranked]:
    """Do a search into its folder, or with ``begun`` what is left of it; collective.

    Returns:
        The ranked states, on every rank.

    Raises:
        ParameterError: on every rank, where the geometry cannot be meshed, or a file cannot be read
            or written.
        NotConvergedError: no trial reached a minimum.
        Interrupted: the run was asked to stop.
    """
    if not begun:
        begin_search(folder, problem, setup, comm)
    store = FolderStore(folder)
    voice.stage("trials")
    tally = Tally(voice, problem.search.trials)
    found = search(
        lambda group: landscape_of(setup, group),
        problem.search,
        store,
        comm,
        groups=groups,
        watcher=tally,
    )
    if (done := len(found.archive.outcomes)) < problem.search.trials:
        voice.count("trials", done, done)
    voice.stage("writing")
    ranked = _write_states(folder, problem, setup, store, found)

    def finish() -> None:
        content = summary(problem, setup, found, ranked)
        _write_json(folder, content)
        write_csv(folder / "search.csv", setup, ranked)
        with replacing(folder / "search.png") as path:
            draw_search(setup, ranked).savefig(path, dpi=DPI)
        voice.numbers(content)
        voice.show(search_table(setup, ranked))
        for line in verdict_lines(found):
            voice.say(line)

    on_first_rank(comm, finish)
    return ranked


class Tally:
    """Says how a search gets on; on the first rank."""

    def __init__(self, voice: Voice, most: int) -> None:
        self.voice, self.most = voice, most
        self.done = 0
        self.lowest: Outcome | None = None

    def heard(self, outcome: Outcome) -> None:
        """A trial is done."""
        ends = {
            "minimum": "minimum",
            "known": f"the state of trial {outcome.known}",
            "above": "stays above",
            "failed": "no minimum",
        }
        self.voice.note(
            f"trial {outcome.number}, {outcome.kind}: {ends[outcome.end]}, energy "
            f"{outcome.energy:.6f}, {len(outcome.vortices)} vortices ({outcome.seconds:.1f} s)"
        )

    def round(self, number: int, archive: Archive, found: Verdict) -> None:
        """A round is done."""
        self.done = len(archive.outcomes)
        lowest = archive.lowest
        if lowest is not None:
            best = lowest.best
            new = self.lowest is None or best.energy < self.lowest.energy
            self.lowest = best
            self.voice.say(
                f"round {number}: {'new ' if new else ''}lowest energy {best.energy:.6f} "
                f"(trial {best.number}, {best.kind}; net charge {best.net_charge:+d} of "
                f"{best.total_charge}), found from {found.finds} beginnings, "
                f"{len(archive.entries)} states"
            )
        self.voice.count("trials", self.done, self.most)


def _write_states(
    folder: Path, problem: ProblemFile, setup: Setup, store: FolderStore, found: Found
) -> list[Ranked]:
    """Write the run folders of the lowest states, side by side; collective."""
    landscape = found.landscape
    threshold = threshold_of(setup, landscape)
    entries = list(enumerate(found.archive.ranked[: problem.search.keep], start=1))

    def work(task: tuple[int, Entry], group: Group) -> Ranked:
        rank, entry = task
        landscape.hold(store.state(entry.best.number, group.comm))
        value = _lowest_eigenvalue(landscape)
        where = folder / STATES / f"{rank:02d}"
        polished = _write_state(where, problem, setup, landscape, entry.best, threshold, group)
        return Ranked(rank, entry, value, where.relative_to(folder) if polished else None)

    return found.crew.do(entries, work)


def _lowest_eigenvalue(landscape: Landscape) -> float | None:
    """Of the Hessian modulo gauge; None where it could not be found."""
    try:
        return float(lowest_modes(landscape.system, 1).values[0])
    except NotConvergedError:
        return None


def _write_state(
    where: Path,
    problem: ProblemFile,
    setup: Setup,
    landscape: Landscape,
    outcome: Outcome,
    threshold: Threshold,
    group: Group,
) -> bool:
    """Write the run folder of a state; False if it is lost on a finer mesh."""
    comm = group.comm
    assert len(find_vortices(landscape.functional)) == len(outcome.vortices)
    runs.prepare(where, comm)
    voice = Voice(comm, "quiet")
    with voice.recording(where / runs.LOG):
        voice.note(f"trial {outcome.number} ({outcome.kind}) of the search in {where.parents[1]}")
        runs.begin(where, problem, setup, comm)
        try:
            solution = solution_of(setup, landscape, outcome, threshold)
        except NotConvergedError:
            return False
        runs.write_run(where, problem, solution, voice.note)
    return True


def _write_json(folder: Path, content: dict) -> None:
    with replacing(folder / SEARCH) as path:
        text = json.dumps(plain(content), indent=2, allow_nan=False)
        path.write_text(text + "\n", encoding="utf-8")
