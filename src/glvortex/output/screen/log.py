"""The log of a run: a plain text file, one line with its time for everything that happens."""

from __future__ import annotations

import platform
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import dolfinx
import numpy as np
from petsc4py import PETSc
from rich.console import Console

WIDTH = 130


class Log:
    """An open log; every line is on disk when the call returns."""

    def __init__(self, path: Path, append: bool) -> None:
        self._file = path.open("a" if append else "w", encoding="utf-8", buffering=1)
        self._console = Console(file=self._file, width=WIDTH)

    def line(self, text: str) -> None:
        """Write a line with the time, local."""
        self._file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n")

    def table(self, thing: Any) -> None:
        """Write a table as it is on the screen."""
        self._console.print(thing, markup=False, highlight=False, soft_wrap=True)

    def close(self) -> None:
        """End the log."""
        self._file.close()


def versions() -> str:
    """What the numbers depend on besides glvortex itself."""
    found = [
        f"Python {platform.python_version()}",
        f"DOLFINx {dolfinx.__version__}",
        f"PETSc {'.'.join(map(str, PETSc.Sys.getVersion()))}",
        f"numpy {np.__version__}",
    ]
    with suppress(ImportError):  # needed to mesh only
        import gmsh

        found.append(f"gmsh {gmsh.__version__}")
    return ", ".join(found)
