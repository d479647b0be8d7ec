"""CSV tables with a header: which columns they must have, and what is wrong with a line."""

from __future__ import annotations

import csv
import math
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from glvortex.errors import ParameterError

T = TypeVar("T")
WHOLE = "the file"
"""What stands in a file as a whole, not in a part of it."""
Row = dict[str, float]

# what libraries make of a damaged file; ValueError also of a null character in its name
_DAMAGED = (
    *(ArithmeticError, AttributeError, EOFError, LookupError, StopIteration, SyntaxError),
    *(TypeError, ValueError, struct.error, zlib.error),
)


def read_table(
    path: Path,
    needed: Sequence[str],
    optional: Sequence[str],
    what: str,
    label: str | None = None,
) -> list[tuple[int, str, Row]]:
    """Read the lines below the header: number, label and the numbers by column.

    Columns stand in any order; # starts a comment. The column `label` may be left out and holds
    any text; `what` says what there is none of in a file without lines.

    Raises:
        ParameterError: no such file, or the line and what is wrong with it.
    """
    lines = _lines(read_text(path))
    number, header = next(lines, (1, []))
    allowed = [*needed, *optional, *([label] if label else [])]
    unknown = [name for name in header if name not in allowed]
    missing = [name for name in needed if name not in header]
    if unknown or missing or len(set(header)) < len(header):
        others = [*([label] if label else []), *optional]
        choice = " and ".join(filter(None, [", ".join(others[:-1]), others[-1]]))
        raise ParameterError(
            f"{path}, line {number}: the header must name the columns {', '.join(needed)} and, "
            f"optionally, {choice}, once each."
        )
    rows = [_row(path, number, header, cells, label) for number, cells in lines]
    if not rows:
        raise ParameterError(f"{path}: there is no {what} below the header.")
    return rows


def read_text(path: Path) -> str:
    """Return the text of a file.

    Raises:
        ParameterError: it cannot be read.
    """
    return reading(path, lambda: path.read_text(encoding="utf-8-sig"), "not UTF-8 text")


def reading(path: Path, read: Callable[[], T], wrong: str) -> T:
    """Read a file; a `ParameterError` says why it cannot be, `wrong` where it is no such file."""
    try:
        return read()
    except ParameterError:
        raise
    except (OSError, *_DAMAGED) as error:
        reason = getattr(error, "strerror", None) or wrong
        raise ParameterError(f"{path}: cannot be read ({reason}).") from None


def placed(path: Path, where: str) -> str:
    """A file and where in it, for messages; "the file" as a whole needs no second word."""
    return str(path) if where == WHOLE else f"{path}, {where}"


def check_sign(path: Path, where: str, sign: float) -> None:
    """Refuse a sign that is none, `where` saying where in the file it stands."""
    if sign not in (1.0, -1.0):
        raise ParameterError(f"{placed(path, where)}: sign must be 1 or -1.")


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Numbered lines that hold something, split at the commas."""
    for number, line in enumerate(text.splitlines(), start=1):
        content = line.partition("#")[0].strip()
        if content:
            yield number, [cell.strip() for cell in next(csv.reader([content]))]


def _row(
    path: Path, number: int, header: list[str], cells: list[str], label: str | None
) -> tuple[int, str, Row]:
    if len(cells) != len(header):
        raise ParameterError(
            f"{path}, line {number}: {len(header)} numbers are wanted, got {len(cells)}."
        )
    row, text = {}, ""
    for name, cell in zip(header, cells, strict=True):
        if name == label:
            text = cell
            continue
        try:
            row[name] = float(cell)
        except ValueError:
            row[name] = math.nan
        if not math.isfinite(row[name]):
            raise ParameterError(f'{path}, line {number}: {name} must be a number, got "{cell}".')
    if "sign" in row:
        check_sign(path, f"line {number}", row["sign"])
    return number, text, row
