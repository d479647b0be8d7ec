"""What a sweep goes over: keys of a problem file, and the values that each takes in turn."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
from pydantic import BaseModel

from glvortex.errors import ParameterError
from glvortex.problems.schema import ProblemFile
from glvortex.problems.units import Dimension

_MOST = 10_000
_NUMBER = re.compile(r"(?P<number>[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?)\s*(?P<unit>.*)")
_DIGITS = 12  # of the values between first and last, so that 0.1 is written as 0.1

Value = float | int | str


@dataclass(frozen=True)
class Axis:
    """A key and its values.

    Attributes:
        key: dotted, such as "field.applied".
        values: numbers, or words such as "square".
        unit: in which the numbers are written, "" for plain numbers and words.
    """

    key: str
    values: tuple[Value, ...]
    unit: str = ""

    def override(self, place: int) -> str:
        """The override of the problem file that sets the key to one of the values."""
        value = self.values[place]
        if isinstance(value, str):
            return f"{self.key}={value}"
        return f'{self.key}="{value!r} {self.unit}"' if self.unit else f"{self.key}={value!r}"

    def said(self, place: int) -> str:
        """The key and one of its values as a message has them."""
        unit = f" {self.unit}" if self.unit else ""
        return f"{self.key} = {self.values[place]}{unit}"


def axis(text: str) -> Axis:
    """Read "key=first:last:count" or "key=one,two,three".

    Numbers may have a unit, the same one in all; whole first and last numbers with a whole step
    give whole numbers.

    Raises:
        ParameterError: the text is neither.
    """
    key, equals, values = (part.strip() for part in text.partition("="))
    if not key or not equals or not values:
        raise _wrong(text)
    if ":" in values:
        if values.count(":") != 2:
            raise _wrong(text)
        first, last, count = values.split(":")
        return _range(text, key, first, last, count)
    return _list(text, key, [piece.strip() for piece in values.split(",")])


def unit_of(problem: ProblemFile, axis: Axis) -> str:
    """The unit of the values of an axis: as written, or that of the reduced quantity."""
    if axis.unit or problem.laboratory:
        return axis.unit
    annotation: Any = ProblemFile
    for name in (part for part in axis.key.split(".") if not part.isdecimal()):
        model = next((p for p in _parts(annotation) if isinstance(p, type)), None)
        if model is None or not issubclass(model, BaseModel) or name not in model.model_fields:
            return ""
        field = model.model_fields[name]
        annotation = (field.annotation, *field.metadata)
    found = next((part for part in _parts(annotation) if isinstance(part, Dimension)), None)
    return found.reduced if found else ""


def _parts(annotation: Any) -> list[Any]:
    """Models and dimensions within an annotation, however deep."""
    inner = annotation if isinstance(annotation, tuple) else get_args(annotation)
    here = [annotation] if _counts(annotation) else []
    return here + [found for part in inner for found in _parts(part)]


def _counts(part: Any) -> bool:
    is_model = isinstance(part, type) and issubclass(part, BaseModel)
    return is_model or isinstance(part, Dimension)


def _range(text: str, key: str, first: str, last: str, count: str) -> Axis:
    ends = [_NUMBER.fullmatch(end.strip()) for end in (first, last)]
    if not (ends[0] and ends[1] and count.strip().isdecimal() and 2 <= int(count) <= _MOST):
        raise _wrong(text)
    units = {end["unit"].strip() for end in ends if end} - {""}
    if len(units) > 1:
        raise _wrong(text, "both ends in one unit")
    low, high = (_number(end["number"]) for end in ends if end)
    numbers = np.linspace(low, high, int(count))
    steps, rest = divmod(high - low, int(count) - 1)
    if isinstance(low, int) and isinstance(high, int) and not rest:
        values: tuple[Value, ...] = tuple(low + int(steps) * i for i in range(int(count)))
    else:
        values = tuple(float(f"{number:.{_DIGITS}g}") for number in numbers)
    return Axis(key, values, units.pop() if units else "")


def _list(text: str, key: str, pieces: list[str]) -> Axis:
    if not all(pieces) or len(pieces) > _MOST or len(set(pieces)) < len(pieces):
        raise _wrong(text, "every value once")
    found = [_NUMBER.fullmatch(piece) for piece in pieces]
    if not all(found):
        return Axis(key, tuple(pieces))
    units = {match["unit"].strip() for match in found if match}
    if len(units) > 1:
        raise _wrong(text, "all values in one unit")
    return Axis(key, tuple(_number(match["number"]) for match in found if match), units.pop())


def _number(text: str) -> float | int:
    return int(text) if re.fullmatch(r"[-+]?\d+", text) else float(text)


def _wrong(text: str, but: str = "") -> ParameterError:
    rule = f" ({but})" if but else ""
    return ParameterError(
        f'--over {text}: write it as "section.key=first:last:count" with a count between 2 and '
        f'{_MOST}, or as "section.key=one,two,three"{rule}.'
    )
