"""What a notebook shows."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from matplotlib.figure import Figure
from rich.console import Console

_WIDTH = 110
_FORMAT = '<pre style="line-height: 1.2; white-space: pre">{code}</pre>'


def html(things: Iterable[Any]) -> str:
    """What rich would print, as HTML."""
    return _printed(things).export_html(inline_styles=True, code_format=_FORMAT)


def text(things: Iterable[Any]) -> str:
    """What rich would print, as plain text."""
    return _printed(things).export_text()


def show_figures() -> None:
    """Let a notebook show figures as it does after %matplotlib inline; nothing elsewhere."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None:
        return
    formatters = shell.display_formatter.formatters.values()
    if not any(Figure in formatter.type_printers for formatter in formatters):
        import_module("IPython.core.pylabtools").select_figure_formats(shell, {"png"})


def _printed(things: Iterable[Any]) -> Console:
    console = Console(
        file=io.StringIO(), record=True, width=_WIDTH, highlight=False, force_jupyter=False
    )
    for thing in things:
        console.print(thing, markup=False)
    return console
