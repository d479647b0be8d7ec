"""001, the short form of 000: the same equations under other numbers."""

from __future__ import annotations

from glvortex.micro.equations.kotetes import KOTETES
from glvortex.micro.equations.table import Equation

SAME_AS = {
    "1": "1", "2": "3", "3": "4", "4": "7", "5": "8", "6": "9", "7": "10", "8": "11", "9": "14",
    "10": "18", "11": "19", "12": "42", "13": "43", "14": "46", "15": "47", "16": "48",
}  # fmt: skip


def _letter() -> list[Equation]:
    by_number = {q.number: q for q in KOTETES}
    return [
        by_number[same]._replace(paper="001", number=number, remark=f"as 000 ({same})")
        for number, same in SAME_AS.items()
    ]


LETTER = _letter()
