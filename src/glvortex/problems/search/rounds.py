"""The search itself: rounds of trials, side by side on groups of ranks, until it is sure enough.

What a round tries hangs on the seed and on what earlier rounds have found, never on which group
does what or when; so the answer is the same on any ranks, and after any interruption.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from mpi4py import MPI

from glvortex.errors import NotConvergedError
from glvortex.fem.cellwise import CellValues
from glvortex.problems.search.archive import Archive, Outcome
from glvortex.problems.search.confidence import Verdict, verdict
from glvortex.problems.search.landscape import Landscape
from glvortex.problems.search.planning import enough, first_round, heads, later_round
from glvortex.problems.search.trial import Trial, attempt
from glvortex.problems.search_section import SearchSection
from glvortex.problems.tasks import Crew, Group

_SPARE = 24  # states kept for hops beyond those that the user wants

End = Literal["sure", "trials", "minutes"]


class Store(Protocol):
    """Who keeps outcomes and states of trials, so that any group and a later run finds them."""

    def outcome(self, number: int) -> Outcome | None:
        """Return that of a trial that is done; on any rank."""

    def state(self, number: int, comm: MPI.Intracomm) -> CellValues:
        """Return the state of a trial on every rank; collective."""

    def save(self, outcome: Outcome, state: CellValues) -> None:
        """Keep a trial that is done; on one rank."""

    def forget(self, numbers: Sequence[int]) -> None:
        """States that are not needed any more; on one rank."""


class MemoryStore:
    """A `Store` for a search of one group that nobody resumes."""

    def __init__(self) -> None:
        self._states: dict[int, CellValues] = {}

    def outcome(self, number: int) -> Outcome | None:
        """Know of none."""
        return None

    def state(self, number: int, comm: MPI.Intracomm) -> CellValues:
        """Return the state of a trial on every rank; collective."""
        return comm.bcast(self._states.get(number))

    def save(self, outcome: Outcome, state: CellValues) -> None:
        """Keep a trial that is done."""
        self._states[outcome.number] = state

    def forget(self, numbers: Sequence[int]) -> None:
        """Drop states."""
        for number in numbers:
            self._states.pop(number, None)


class Watcher(Protocol):
    """Who wants to know how a search gets on; called on the first rank."""

    def heard(self, outcome: Outcome) -> None:
        """A trial is done."""

    def round(self, number: int, archive: Archive, found: Verdict) -> None:
        """A round is done."""


@dataclass(frozen=True)
class Found:
    """What a search came to.

    Attributes:
        archive: outcomes and states.
        verdict: how sure the lowest one is.
        end: why the search ended: sure enough, or as many trials or minutes as allowed.
        landscape: of this rank's group.
        crew: the groups.
    """

    archive: Archive
    verdict: Verdict
    end: End
    landscape: Landscape
    crew: Crew


def search(
    build: Callable[[MPI.Intracomm], Landscape],
    settings: SearchSection,
    store: Store,
    comm: MPI.Intracomm,
    *,
    groups: int | None = None,
    watcher: Watcher | None = None,
) -> Found:
    """Look for the state of lowest energy; collective.

    Args:
        build: sets up the landscape on a group of ranks.
        settings: seed, limits, kinds of trials.
        store: keeps trials; what it has already is not done again.
        comm: the ranks.
        groups: of ranks that work side by side; as many as there are ranks if not given.
        watcher: hears how it gets on.

    Raises:
        NotConvergedError: no trial reached a minimum.
        Interrupted: the run was asked to stop.
    """
    begun = time.monotonic()
    crew = Crew(comm, groups or comm.size)
    landscape = build(crew.group.comm)
    archive = Archive(landscape.symmetry, landscape.distance)
    trials = first_round(list(landscape.proposals), settings)
    number, found = 0, verdict(archive)
    while True:
        for outcome in _round(trials, landscape, archive, store, settings, crew, watcher):
            archive.add(outcome)
        found = verdict(archive)
        if comm.rank == 0:
            if watcher:
                watcher.round(number, archive, found)
            store.forget(_needless(archive, settings.keep))
        if (end := _end(archive, found, settings, comm, begun)) is not None:
            break
        number += 1
        trials = later_round(number, archive, settings, unfit=landscape.unfit)
    if not archive.entries:
        raise NotConvergedError(f"none of {len(archive.outcomes)} trials reached a minimum.")
    return Found(archive, found, end, landscape, crew)


def _round(
    trials: Sequence[Trial],
    landscape: Landscape,
    archive: Archive,
    store: Store,
    settings: SearchSection,
    crew: Crew,
    watcher: Watcher | None,
) -> list[Outcome]:
    """Do what is left of a round; collective."""
    done = crew.comm.bcast(
        {t.number: o for t in trials if (o := store.outcome(t.number))} if not crew.comm.rank else 0
    )

    def work(trial: Trial, group: Group) -> Outcome:
        comm = group.comm
        outcome = attempt(
            trial,
            landscape,
            archive,
            lambda number: store.state(number, comm),
            settings.keep,
            group.listen,
        )
        state = landscape.state()
        outcome = comm.bcast(outcome)
        if comm.rank == 0:
            store.save(outcome, state)
        group.tell(outcome)
        return outcome

    left = [trial for trial in trials if trial.number not in done]
    new = crew.do(left, work, heard=watcher.heard if watcher else lambda outcome: None)
    both = done | {outcome.number: outcome for outcome in new}
    return [both[trial.number] for trial in trials]


def _end(
    archive: Archive, found: Verdict, settings: SearchSection, comm: MPI.Intracomm, begun: float
) -> End | None:
    """Why the search ends here, the same on every rank; None if it goes on."""
    minutes = comm.bcast((time.monotonic() - begun) / 60)
    if archive.entries and enough(found, settings):
        return "sure"
    if len(archive.outcomes) >= settings.trials:
        return "trials"
    if settings.minutes is not None and minutes >= settings.minutes:
        return "minutes"
    return None


def _needless(archive: Archive, keep: int) -> list[int]:
    """Trials whose states nothing will ask for."""
    needed = {entry.best.number for entry in archive.ranked[: keep + _SPARE]}
    needed |= {outcome.number for outcome in heads(archive)}
    return [number for number in archive.outcomes if number not in needed]
