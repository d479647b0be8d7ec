"""Ginzburg-Landau vortices in superconductors with charged magnetic inclusions.

The names for scripts and notebooks (docs/python.md) are those of `glvortex.api`, which is imported
when the first of them is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from glvortex.api import (
        Energy,
        Material,
        NotConvergedError,
        ParameterError,
        Problem,
        Run,
        SampledField,
        compare,
        load,
        open_run,
        open_sweep,
    )

__version__ = "0.1.0"

__all__ = [
    "Energy",
    "Material",
    "NotConvergedError",
    "ParameterError",
    "Problem",
    "Run",
    "SampledField",
    "compare",
    "load",
    "open_run",
    "open_sweep",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("glvortex.api"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
