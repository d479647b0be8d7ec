"""Problems whose values are given in Python instead of a file, and changes of problems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from glvortex.problems.messages import Source
from glvortex.problems.schema import ProblemFile, check


def from_values(name: str, values: Mapping[str, Any], folder: Path) -> ProblemFile:
    """Check a problem given as values, its sections as mappings with the keys of a problem file.

    Args:
        name: what messages and results call it.
        values: as `tomllib` would read them from a file; tuples and numpy's numbers and arrays
            stand for lists and numbers, None for a key that is not given.
        folder: from which the files count that the values name.

    Raises:
        ParameterError: one sentence with the name, the key and what is allowed.
    """
    return check(Source(name, f'problem "{name}"', folder, _plain(values)))


def changed(problem: ProblemFile, changes: Mapping[str, Any]) -> ProblemFile:
    """Check the problem that changes make of another one.

    A mapping changes the keys it holds in the section of its name, anything else takes the place
    of what was there, and None leaves out a key or a section.

    Raises:
        ParameterError: as `from_values`.
    """
    source = problem.source
    values, keys = dict(source.data), set(source.changed)
    for name, change in changes.items():
        before = values.get(name)
        if isinstance(change, Mapping) and isinstance(before, Mapping):
            values[name] = {**before, **change}
            keys |= {(name, key) for key in change}
        else:
            values[name] = change
            keys.add((name,))
    return check(replace(source, data=_plain(values), changed=frozenset(keys), change="changes"))


def _plain(value: Any) -> Any:
    """The value as TOML knows it."""
    match value:
        case Mapping():
            return {key: _plain(item) for key, item in value.items() if item is not None}
        case list() | tuple():
            return [_plain(item) for item in value]
        case np.ndarray() | np.generic():
            return value.tolist()
        case Path():
            return str(value)
    return value
