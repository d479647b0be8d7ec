"""What makes a problem the one that was solved: all of its keys but some, and its files."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

_FREE = ("title", "search", "output")  # what may differ: it changes no state


def identity(path: Path, files: Iterable[str]) -> dict[str, Any]:
    """Return the `values` of a resolved problem file and digests of the `files` beside it.

    Raises:
        tomllib.TOMLDecodeError, UnicodeDecodeError: the problem file is none.
    """
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    values = {key: value for key, value in _flat(data) if key.split(".")[0] not in _FREE}
    return {"values": values, "files": {name: _digest(path.parent / name) for name in files}}


def difference(
    theirs: Mapping[str, Any], ours: Mapping[str, Any], places: tuple[str, str] = ("there", "here")
) -> str:
    """Return the first thing in which two problems differ, in words; empty where there is none."""
    one, other = theirs["values"], ours["values"]
    there, here = places
    for key in [*other, *one]:
        if one.get(key) != other.get(key):
            return f"{key} is {_shown(one, key)} {there} and {_shown(other, key)} {here}"
    for name in [*ours["files"], *theirs["files"]]:
        if theirs["files"].get(name) != ours["files"].get(name):
            return f"the content of {name} is another one {there}"
    return ""


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "none"


def _flat(data: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Every value with its dotted key; tables of a list count from 1."""
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{key}.")
        elif isinstance(value, list) and value and all(isinstance(v, dict) for v in value):
            for number, table in enumerate(value, start=1):
                yield from _flat(table, f"{above}{key}.{number}.")
        else:
            yield f"{above}{key}", value


def _shown(values: Mapping[str, Any], key: str) -> str:
    return repr(values[key]) if key in values else "not given"
