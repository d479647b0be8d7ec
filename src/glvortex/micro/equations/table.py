"""The table of equations: how it is computed and printed."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from glvortex.errors import ParameterError

ZERO = 1e-12
"""Printed or exact values below are zero, and deviations from them absolute."""


class Equation(NamedTuple):
    """One printed equation and what became of it.

    ``verdict`` is "confirmed", "corrected" or "outside" (of the module, because of ``remark``).
    ``check`` gives (printed, exact) for the quantity named in ``subject``; ``exact`` comes from
    diagonalisation or a direct numerical evaluation that does not use the printed formula.
    """

    paper: str
    number: str
    subject: str
    verdict: str
    remark: str = ""
    check: Callable[[], tuple[float, float]] | None = None


def several(
    paper: str,
    numbers: str,
    subject: str,
    verdict: str,
    remark: str = "",
    check: Callable[[], tuple[float, float]] | None = None,
) -> list[Equation]:
    """The same judgement on all ``numbers``, separated by blanks."""
    return [Equation(paper, number, subject, verdict, remark, check) for number in numbers.split()]


class Judgement(NamedTuple):
    """An `Equation` with its numbers; ``deviation`` is printed/exact - 1, or absolute at 0."""

    paper: str
    number: str
    subject: str
    verdict: str
    printed: float | None
    exact: float | None
    deviation: float | None
    remark: str


def equations() -> list[Equation]:
    """All of them, in the order of the papers."""
    from glvortex.micro.equations.kotetes import KOTETES
    from glvortex.micro.equations.letter import LETTER
    from glvortex.micro.equations.levitan import LEVITAN
    from glvortex.micro.equations.ndiaye import NDIAYE
    from glvortex.micro.equations.teh import TEH

    return [*KOTETES, *LETTER, *NDIAYE, *LEVITAN, *TEH]


def equation_table(paper: str | None = None) -> list[Judgement]:
    """Compute the table, about ten seconds; ``paper`` is "000" to "004" or None for all.

    Raises ParameterError for another paper.
    """
    chosen = [q for q in equations() if paper in (None, q.paper)]
    if not chosen:
        raise ParameterError(
            f"there is no table for paper '{paper}': take 000, 001, 002, 003 or 004."
        )
    return [_judge(q) for q in chosen]


def format_table(rows: list[Judgement]) -> str:
    """A Markdown table of ``rows``."""
    lines = ["| equation | what | verdict | printed | exact | deviation | remark |"]
    lines.append("|---|---|---|---|---|---|---|")
    for r in rows:
        numbers = [_number(r.printed, ".8g"), _number(r.exact, ".8g"), _number(r.deviation, ".1e")]
        cells = [f"{r.paper} ({r.number})", r.subject, r.verdict, *numbers, r.remark]
        lines.append("| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |")
    return "\n".join(lines)


def _judge(q: Equation) -> Judgement:
    if q.check is None:
        return Judgement(q.paper, q.number, q.subject, q.verdict, None, None, None, q.remark)
    printed, exact = (float(x) for x in q.check())
    zero = min(abs(printed), abs(exact)) <= ZERO
    deviation = printed - exact if zero else printed / exact - 1.0
    return Judgement(q.paper, q.number, q.subject, q.verdict, printed, exact, deviation, q.remark)


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)
