"""Write docs/problem_file.md from the models of the problem file."""

from __future__ import annotations

import inspect
import types
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from glvortex.problems.schema import ProblemFile
from glvortex.problems.sections import FILE
from glvortex.problems.units import Dimension

PAGE = Path(__file__).with_suffix(".md")

INTRODUCTION = """\
# The problem file

<!-- written by docs/problem_file.py; change the descriptions in src/glvortex/problems instead -->

A problem is a TOML file; the files in `problems/` are examples to start from. With
`units = "reduced"` every quantity is a plain number (lengths in xi, fields in Bc2, see
[theory.md](theory.md), section 2). With `units = "laboratory"` every quantity that has a
dimension is a string with its unit, such as `"200 nm"` or `"2 mT"`; `[material]` then takes the
place of `kappa`, and `exchange_field` and `potential_step` that of `pseudo_gauge` and
`magnetisation`.

Any value can be replaced on the command line:

    glvortex solve FILE --set mesh.size=2 --set solver.starts='["uniform"]' --set hole.1.fluxoid=2

A key that is unknown, in the wrong unit or not used with the others is refused with one sentence;
so are inclusions that overlap (R + d/2 of two disks), stick out of the sample or touch a hole.
`glvortex solve` writes the file as it was solved, all defaults filled in, to `problem.toml` in
the run folder.
"""


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


def page() -> str:
    """Return the whole page in Markdown."""
    top, sections = [], []
    for name, field in ProblemFile.model_fields.items():
        model = _model(field.annotation)
        if model is None:
            top.append(_row(name, field))
        else:
            about = inspect.cleandoc(model.__doc__ or "")
            title = f"[[{name}]]" if get_origin(field.annotation) is list else f"[{name}]"
            needed = " Needed." if field.is_required() else ""
            rows = [_row(key, value) for key, value in model.model_fields.items()]
            sections.append(f"## {title}\n{about}{needed}\n\n{_table(rows)}")
    head = f"## At the top\n{_table(top)}"
    return "\n".join([INTRODUCTION, head, *sections])


def _table(rows: list[str]) -> str:
    return "\n".join(["| key | value | default | meaning |", "|---|---|---|---|", *rows, ""])


def _row(name: str, field: FieldInfo) -> str:
    parts = [_value(part) for part in (field.annotation, *field.metadata)]
    value = next((part for part in reversed(parts) if part), "")
    meaning = (field.description or "").replace("|", r"\|")
    return f"| `{name}` | {value} | {_default(field)} | {meaning} |"


def _model(annotation: Any) -> type[BaseModel] | None:
    for part in (annotation, *get_args(annotation)):
        if isinstance(part, type) and issubclass(part, BaseModel):
            return part
    return None


def _value(annotation: Any) -> str:
    """What may stand after the equals sign, in words; empty if this part says nothing about it."""
    if annotation == FILE:
        return FILE
    if isinstance(annotation, Dimension):
        return annotation.name.split(maxsplit=1)[1]
    names = {str: "text", int: "whole number", float: "number", bool: "true, false"}
    if annotation in names:
        return names[annotation]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "table with " + ", ".join(annotation.model_fields)
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return ", ".join(f'"{part}"' for part in parts)
    if origin is list:
        return f"list, each {_value(parts[0])}"
    if origin is tuple:
        return f"[{', '.join(_value(part) for part in parts)}]"
    if origin in (Union, types.UnionType):
        return " or ".join(_value(part) for part in parts if part is not type(None))
    if parts or hasattr(annotation, "__metadata__"):  # Annotated: the last remark says most
        said = [_value(part) for part in (annotation.__origin__, *annotation.__metadata__)]
        return next((part for part in reversed(said) if part), "")
    return ""


def _default(field: FieldInfo) -> str:
    if field.is_required() or field.default is PydanticUndefined:
        return "needed"
    if field.default in (None, "", []):
        return ""
    if isinstance(field.default, bool):
        return f"`{str(field.default).lower()}`"
    if isinstance(field.default, float):
        return f"`{field.default:g}`"
    return f"`{field.default!r}`".replace("'", '"')


if __name__ == "__main__":
    main()
