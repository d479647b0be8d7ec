"""What the report of a run puts together: pictures, parameters, files, warnings, tables."""

from __future__ import annotations

import base64
import io
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure

from glvortex.output.drawing import pictures
from glvortex.output.drawing.layers import LAYERS
from glvortex.output.reports.rows import Rows, rows_of
from glvortex.output.reports.tables import plain_table
from glvortex.output.runs.result import vortex_rows
from glvortex.output.state.gather import GatheredFields
from glvortex.problems.files import named_files
from glvortex.problems.resolved import resolved_toml
from glvortex.problems.schema import ProblemFile
from glvortex.problems.sections import Section
from glvortex.problems.setup import Setup
from glvortex.problems.solve import Solution

_DPI = 200
_MOST_BYTES = 2_000_000  # of a file that is carried along
_SHORT = 8_000  # letters of a text that is shown
_WHAT = {name: layer.field.what for name, layer in LAYERS.items()}
_SIGNS = {
    "xi": "ξ", "kappa": "κ", "lambda": "λ", "gamma": "γ", "chi": "χ", "mu": "μ", "pi": "π",
    "nu": "ν", "Delta": "Δ", "Phi0": "Φ₀", "mu0": "μ₀", "mu_B": "μ_B", "hbar": "ħ",
}  # fmt: skip
_POWERS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Picture:
    """A picture, as the address of an image, and what it shows."""

    name: str
    caption: str
    address: str


@dataclass(frozen=True)
class File:
    """A file that the report carries along; ``text`` is that of short text files, or None."""

    name: str
    address: str
    text: str | None


def drawn(solution: Solution, fields: GatheredFields) -> Iterator[Picture]:
    """Yield the pictures of the kept state, and of several starts; call it on one rank."""
    setup, best = solution.setup, solution.best
    for name, figure in pictures.draw_pictures(fields, setup, best.vortices):
        yield Picture(name, _WHAT[name].partition(",")[0], _png(figure))
    if len(solution.states) > 1:
        caption = "vortices of every start after relaxing"
        yield Picture("states", caption, _png(pictures.draw_states(solution)))


def parameters(problem: ProblemFile, setup: Setup) -> list[Rows]:
    """Return a table per section of the problem as solved: key, value, meaning."""
    tables = []
    for name, values in tomllib.loads(resolved_toml(problem, setup)).items():
        given = getattr(problem, name)
        several = values if isinstance(values, list) else [values]
        for number, entries in enumerate(several, start=1):
            if not isinstance(entries, dict) or not entries:
                continue  # title and units are none, and a section may say nothing
            section = given[number - 1] if isinstance(given, list) else given
            title = f"{name} {number}" if len(several) > 1 else name
            tables.append(_parameters(title, section, entries))
    return tables


def _parameters(title: str, section: Section, entries: dict[str, Any]) -> Rows:
    fields = type(section).model_fields
    rows = tuple(
        (key, value if isinstance(value, str) else json.dumps(value), fields[key].description or "")
        for key, value in entries.items()
    )
    return Rows(title, ("key", "value", "meaning"), (False, False, False), rows, frozenset())


def files(problem: ProblemFile, setup: Setup) -> list[File]:
    """Return what the run can be done again with: the problem as solved, the files it names."""
    found = [_file("problem.toml", resolved_toml(problem, setup).encode())]
    for file in named_files(problem):
        if file.path.is_file() and file.path.stat().st_size <= _MOST_BYTES:
            found.append(_file(file.copy, file.path.read_bytes()))
    return found


def left_out(problem: ProblemFile) -> list[str]:
    """Return the names of files that are too large to be carried along, or are gone."""
    return [
        file.copy
        for file in named_files(problem)
        if not file.path.is_file() or file.path.stat().st_size > _MOST_BYTES
    ]


def warnings(solution: Solution) -> list[str]:
    """Return what the reader should know before believing the numbers."""
    found = [*solution.setup.warnings, *solution.warnings]
    for state in solution.states:
        if not state.minimum:
            found.append(f"the start '{state.start}' reached no minimum.")
    return found


def certificates(solution: Solution) -> list[Rows]:
    """Return how stationary the kept state is, and what its Hessian says; none in London theory."""
    if solution.best.certificate is None:
        return []
    table = plain_table("Certificate", "quantity", "value", right=["value"])
    known = solution.best.certificate
    for label, value in (
        ("gradient, root mean square density", f"{known.gradient_norm:.1e}"),
        ("gradient allowed", f"{solution.setup.gradient_tolerance:.1e}"),
        ("negative eigenvalues", f"{known.negative_eigenvalues}"),
        ("null eigenvalues (soft modes)", f"{known.null_eigenvalues}"),
        ("Newton steps", f"{known.newton_steps}"),
        ("factorisations", f"{known.factorisations}"),
    ):
        table.add_row(label, value)
    return [rows_of(table)]


def vortices(solution: Solution) -> Rows:
    """Return the vortices of the kept state, lengths in the user's unit."""
    unit = solution.setup.length_unit
    columns = ["number", f"x ({unit})", f"y ({unit})", "charge", f"edge distance ({unit})"]
    table = plain_table("Vortices", *columns, right=columns)
    for number, row in enumerate(vortex_rows(solution), start=1):
        distance = row["edge_distance"]
        table.add_row(
            str(number),
            f"{row['x']:.4g}",
            f"{row['y']:.4g}",
            f"{row['charge']:+d}",
            "" if distance is None else f"{distance:.4g}",
        )
    return rows_of(table)


def typeset(text: str) -> str:
    """Write the plain names of symbols and powers, as in "Phi0/(2 pi xi)^2", with their signs."""
    words = "|".join(sorted(_SIGNS, key=len, reverse=True))
    text = re.sub(rf"(?<![A-Za-z_])({words})(?![A-Za-z0-9_])", lambda word: _SIGNS[word[1]], text)
    return re.sub(r"\^(-?\d+)", lambda power: power[1].translate(_POWERS), text)


def slug(title: str) -> str:
    """Return an id made from a title."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _png(figure: Figure) -> str:
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=_DPI)
    return _address(file.getvalue(), "image/png")


def _file(name: str, content: bytes) -> File:
    try:
        text: str | None = content.decode()
    except UnicodeDecodeError:
        text = None
    kind = "application/octet-stream" if text is None else "text/plain;charset=utf-8"
    shown = text is not None and len(text) <= _SHORT
    return File(name, _address(content, kind), text if shown else None)


def _address(content: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
