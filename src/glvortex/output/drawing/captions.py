"""What tells runs of a series apart, in a few words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from glvortex.output.runs.run import Run

_APART = ("title", "output")  # these never name a run
_TECHNICAL = ("mesh", "solver")  # nor these, where something else differs
_MOST = 2
_LONGEST = 24  # letters of a value


def captions(runs: Sequence[Run]) -> list[str]:
    """The keys of the problem in which runs differ, with their values, else the folders' names.

    More than two keys are no caption: then it is the name of the folder, too.
    """
    flat = [_flat(run.problem.source.data) for run in runs]
    keys = list(dict.fromkeys(key for values in flat for key in values))
    differing = [key for key in keys if len({str(values.get(key)) for values in flat}) > 1]
    physical = [key for key in differing if key.partition(".")[0] not in _TECHNICAL]
    chosen = physical or differing
    texts = [", ".join(f"{key} = {_shown(values.get(key))}" for key in chosen) for values in flat]
    telling = 0 < len(chosen) <= _MOST and len(set(texts)) == len(texts)
    return texts if telling else [run.folder.resolve().name for run in runs]


def _flat(data: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Sections as dotted keys."""
    flat: dict[str, Any] = {}
    for key, value in data.items():
        if not above and key in _APART:
            continue
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{above}{key}.")
        else:
            flat[above + key] = value
    return flat


def _shown(value: Any) -> str:
    text = "not given" if value is None else str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
