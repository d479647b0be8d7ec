"""How sure a search can be that no lower state has been missed.

A lower state that is found as easily as the lowest one known would, of m + 0 finds of the two, have
been each with probability 1/2: that all m were of the other has probability 2^-m. Only finds from
separate beginnings count, those whose starts go back to different fresh trials; of trials that
share one, one counts. What is found easily need not be the lowest of its neighbourhood: hops from
it must have led to nothing lower, too. And by Laplace's rule of succession, n trials in a row that
find nothing lower leave 1/(n + 2) for the next to do so, if trials were alike.
"""

from __future__ import annotations

from dataclasses import dataclass

from glvortex.problems.search.archive import Archive, Entry


@dataclass(frozen=True)
class Verdict:
    """What is known about the lowest state.

    Attributes:
        finds: trials from separate beginnings that found it.
        since: trials since it was found first.
        hops: those that started from it, and led to nothing lower.
        singles: states found once, over all trials that ended in a state: the chance that the next
            one is in a new state, not necessarily a lower one (Good and Turing).
    """

    finds: int
    since: int
    hops: int
    singles: float

    @property
    def missed(self) -> float:
        """Probability that a lower state found as easily as this one has been missed."""
        return float(0.5**self.finds)

    @property
    def next_lower(self) -> float:
        """Probability that the next trial finds a lower state (Laplace)."""
        return 1.0 / (self.since + 2)


def verdict(archive: Archive) -> Verdict:
    """Judge what an archive holds."""
    lowest = archive.lowest
    if lowest is None:
        return Verdict(0, 0, 0, 1.0)
    separate: set[int] = set()
    finds = 0
    # those that go back to few beginnings first, so that most can be counted
    for roots in sorted((archive.outcomes[n].roots for n in lowest.found), key=len):
        if not separate & set(roots):
            finds += 1
            separate |= set(roots)
    ended = sum(len(entry.found) for entry in archive.entries)
    singles = sum(len(entry.found) == 1 for entry in archive.entries)
    since = max(archive.outcomes) - min(lowest.found)
    return Verdict(finds, since, hops_from(archive, lowest), singles / ended)


def hops_from(archive: Archive, entry: Entry) -> int:
    """How many hops have started from a state."""
    return sum(
        outcome.kind == "hop" and bool({*outcome.parents} & {*entry.found})
        for outcome in archive.outcomes.values()
    )
