"""Problems that are solved one by one and belong together."""

from __future__ import annotations

from dataclasses import dataclass

from glvortex.problems.schema import ProblemFile
from glvortex.problems.setup import Setup


@dataclass(frozen=True)
class Job:
    """One of several problems.

    Attributes:
        number: counted from 1.
        said: what makes it differ from the others, for messages.
        problem: the problem itself; setup: in reduced numbers.
    """

    number: int
    said: str
    problem: ProblemFile
    setup: Setup
