"""Lists of numbers as the command line has them."""

from __future__ import annotations

import numpy as np

from glvortex.errors import ParameterError

_MOST = 1000


def numbers(text: str, what: str) -> tuple[float, ...]:
    """Read "first:last:count" or "one,two,three"; ``what`` names them in the error.

    Raises:
        ParameterError: the text is neither.
    """
    try:
        if ":" in text:
            first, last, count = text.split(":")
            if not 1 <= int(count) <= _MOST:
                raise ValueError(count)
            return tuple(map(float, np.linspace(float(first), float(last), int(count))))
        return tuple(map(float, text.split(",")))
    except ValueError:
        raise ParameterError(
            f'{what} must be given as "first:last:count" (at most {_MOST}) or "one,two,three", '
            f'got "{text}".'
        ) from None
