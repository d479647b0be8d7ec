"""A table of the screen as plain text, for whatever is no screen."""

from __future__ import annotations

from dataclasses import dataclass

from rich.table import Table


@dataclass(frozen=True)
class Rows:
    """The texts of a table.

    Attributes:
        title: of the table.
        columns: their headers.
        numeric: whether a column holds numbers.
        rows: cells, row by row.
        ends: rows (from 1) after which there is a line.
    """

    title: str
    columns: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]
    ends: frozenset[int]


def rows_of(table: Table) -> Rows:
    """Return the texts of a table."""
    cells = (map(str, column.cells) for column in table.columns)
    return Rows(
        title=str(table.title or ""),
        columns=tuple(str(column.header) for column in table.columns),
        numeric=tuple(column.justify == "right" for column in table.columns),
        rows=tuple(zip(*cells, strict=True)),
        ends=frozenset(i for i, row in enumerate(table.rows, start=1) if row.end_section),
    )
