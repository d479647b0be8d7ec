"""The section of a problem file that `glvortex search` reads."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field

from glvortex.problems.sections import Section

Kind = Literal[
    "random", "annealed", "symmetric", "cooled", "mixed", "hop", "cross", "away", "image"
]
KINDS: tuple[Kind, ...] = get_args(Kind)


class SearchSection(Section):
    """How `glvortex search` looks for the state of lowest energy; solver.starts come first."""

    seed: int = Field(default=0, ge=0, description="of all random choices")
    trials: int = Field(
        default=96, ge=1, le=100_000, description="most trials, each of which relaxes a start"
    )
    minutes: float | None = Field(
        default=None,
        gt=0,
        description="begin no round of trials later than this; no limit if not given",
    )
    confidence: float = Field(
        default=0.95,
        ge=0,
        lt=1,
        description="end once a state that is found as easily as the lowest one would have been "
        "found with this probability (docs/search.md)",
    )
    kinds: list[Kind] = Field(
        default=list(KINDS),
        min_length=1,
        description="sorts of trials: vortices at random, London vortices annealed, symmetric "
        "patterns, cooled with noise, London vortices annealed where low states have theirs "
        "(mixed), a state with some vortices changed (hop), parts of two states (cross), pushed "
        "away from a state, image of a state under the symmetry",
    )
    keep: int = Field(
        default=6, ge=1, le=1000, description="how many of the lowest states get a run folder"
    )
