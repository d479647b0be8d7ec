"""One clear sentence for whatever is wrong in a problem file: file, line, key, what is allowed."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from glvortex.errors import ParameterError
from glvortex.problems.units import shown

Key = tuple[str | int, ...]

_SENTENCES = {
    "missing": "is missing",
    "string_type": "must be text in quotes, got {input}",
    "bool_type": "must be true or false, got {input}",
    "int_type": "must be a whole number, got {input}",
    "float_type": "must be a number, got {input}",
    "list_type": "must be a list, got {input}",
    "finite_number": "must be a finite number, got {input}",
    "literal_error": "must be {expected}, got {input}",
    "greater_than": "must be greater than {gt:g}, got {input}",
    "greater_than_equal": "must be at least {ge:g}, got {input}",
    "less_than": "must be less than {lt:g}, got {input}",
    "less_than_equal": "must be at most {le:g}, got {input}",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
    "model_type": "must be a section, got {input}",
}


@dataclass(frozen=True)
class Source:
    """Where a problem came from: a file, or values given in Python.

    Attributes:
        name: of the problem, the file's without suffix.
        place: what messages call it, the path of the file.
        folder: from which the files that it names count.
        data: its values, changes included.
        text: of the file, "" without one.
        changed: keys whose values do not stand in the file.
        change: what messages call the way they were changed.
    """

    name: str
    place: str
    folder: Path
    data: Mapping[str, Any]
    text: str = ""
    changed: frozenset[Key] = frozenset()
    change: str = "--set"

    @classmethod
    def of_file(cls, path: Path, text: str, data: Mapping[str, Any]) -> Source:
        """The source that a file is."""
        return cls(path.stem, str(path), path.parent, data, text)

    def holds(self, key: str) -> bool:
        """True where the dotted key is given."""
        data: Any = self.data
        for part in key.split("."):
            if not isinstance(data, dict) or part not in data:
                return False
            data = data[part]
        return True

    def mistake(self, key: str | Key, text: str) -> ParameterError:
        """The error for a key (dotted, or as a tuple), `text` completing "<key> ..."."""
        parts: Key = tuple(key.split(".")) if isinstance(key, str) else key
        return ParameterError(f"{self._place(parts)}: {_dotted(parts)} {text.rstrip('.')}.")

    def _place(self, key: Key) -> str:
        if any(key[: len(given)] == given[: len(key)] for given in self.changed):
            return f"{self.place} with {self.change}"
        line = _line_of(self.text, key)
        return f"{self.place}, line {line}" if line else self.place


def explain(
    source: Source, errors: Sequence[ErrorDetails], model: type[BaseModel]
) -> ParameterError:
    """The error for the first of pydantic's findings, a misspelt key before what it leaves out."""
    first = min(errors, key=lambda error: error["type"] != "extra_forbidden")
    key = _written_key(first["loc"])
    if first["type"] == "extra_forbidden":
        return source.mistake(key, f"is not a known key{_suggestion(key, model)}")
    context = dict(first.get("ctx", {}))
    if first["type"] == "value_error":
        return source.mistake(key, str(context["error"]))
    sentence = _SENTENCES.get(first["type"])
    if sentence is None:
        return source.mistake(key, f"is wrong: {first['msg'][:1].lower()}{first['msg'][1:]}")
    return source.mistake(key, sentence.format(input=_shown(source.data, key), **context))


def _suggestion(key: Key, model: type[BaseModel]) -> str:
    allowed = sorted(known_keys(model, key[:-1]))
    close = difflib.get_close_matches(str(key[-1]), allowed, n=1)
    return f", did you mean {close[0]}" if close else f"; allowed are {', '.join(allowed)}"


def known_keys(model: type[BaseModel], section: Key) -> list[str]:
    """Keys allowed in a section of the model, or at its top for an empty `section`."""
    for name in section:
        if isinstance(name, int):
            continue
        annotation = model.model_fields[name].annotation
        candidates = [annotation, *getattr(annotation, "__args__", ())]
        model = next(c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel))
    return list(model.model_fields)


def _written_key(location: tuple[str | int, ...]) -> Key:
    """pydantic's location without the marks it adds for branches of a union."""
    return tuple(
        part for part in location if isinstance(part, int) or not re.search(r"[\[\](),]", part)
    )


def _dotted(key: Key) -> str:
    return "".join(f"[{k + 1}]" if isinstance(k, int) else f".{k}" for k in key).lstrip(".")


def _shown(data: Any, key: Key) -> str:
    """The value as the user wrote it; empty for one that is missing."""
    for part in key:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return ""
    return shown(data)


def _line_of(text: str, key: Key) -> int | None:
    """Line on which a key, or else its section, stands in a TOML text; None where not found."""
    section: list[str | int] = []
    tables: Counter[str] = Counter()
    found = None
    # a table of an array ([[name]]) counts as a section; other numbers are no lines of their own
    array = len(key) > 1 and isinstance(key[1], int) and f"[[{key[0]}]]" in text.replace(" ", "")
    wanted = [part for i, part in enumerate(key) if isinstance(part, str) or (array and i == 1)]
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*(\[{1,2})\s*([\w.\s-]+?)\s*\]", line):
            section = [part.strip() for part in header[2].split(".")]
            if header[1] == "[[":
                section.append(tables[header[2]])
                tables[header[2]] += 1
            found = number if section == wanted[: len(section)] else found
            continue
        assignment = re.match(r"\s*([\w.-]+)\s*=", line)
        if assignment:
            assigned = [*section, *assignment[1].split(".")]
            if assigned == wanted[: len(assigned)]:
                return number
    return found
