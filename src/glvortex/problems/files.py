"""The files that a problem names: tables, outlines, images; where they are, and their copies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from glvortex.problems.messages import Key
from glvortex.problems.schema import ProblemFile
from glvortex.problems.sections import FILE, Section


@dataclass(frozen=True)
class NamedFile:
    """A file that a problem names.

    Attributes:
        key: where, such as ("hole", 0, "file").
        path: of the file.
    """

    key: Key
    path: Path

    @property
    def copy(self) -> str:
        """What its copy in a run folder is called, such as "hole-1.csv"."""
        words = [str(part + 1) if isinstance(part, int) else part for part in self.key]
        stem = "-".join(word for word in words if word != "file")
        return stem + self.path.suffix.lower()


def named_files(problem: ProblemFile) -> list[NamedFile]:
    """All files that the problem names, whether they exist or not."""
    folder = problem.source.folder
    return [NamedFile(key, folder / name) for key, name in _names(problem, ())]


def _names(section: Section, key: Key) -> Iterator[tuple[Key, str]]:
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        if isinstance(value, Section):
            yield from _names(value, (*key, name))
        elif isinstance(value, list):
            for i, item in enumerate(value):
                if isinstance(item, Section):
                    yield from _names(item, (*key, name, i))
        elif FILE in field.metadata and value is not None:
            yield (*key, name), value
