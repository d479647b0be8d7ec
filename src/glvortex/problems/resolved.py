"""The resolved problem file of a run: what it really used, every default filled in."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from glvortex.geometry.mesh_files import write_mesh
from glvortex.geometry.meshed import Meshed
from glvortex.problems.charge_map import SMOOTHING
from glvortex.problems.files import named_files
from glvortex.problems.mesh_sample import OWN_MESH, with_own_mesh
from glvortex.problems.messages import Key
from glvortex.problems.outlines import image_defaults
from glvortex.problems.schema import ProblemFile
from glvortex.problems.sections import Section
from glvortex.problems.setup import Setup
from glvortex.problems.units import Dimension


def write_resolved(problem: ProblemFile, setup: Setup, folder: Path) -> Path:
    """Write problem.toml into the folder, with copies of the files that the problem names.

    The result is a problem file of its own: it gives the same setup, and depends on nothing else.
    """
    for file in named_files(problem):
        if isinstance(setup.sample, Meshed) and file.key == ("sample", "file"):
            write_mesh(folder / OWN_MESH, setup.sample.file)  # needs no script and no second file
        else:
            shutil.copyfile(file.path, folder / file.copy)
    path = folder / "problem.toml"
    path.write_text(resolved_toml(problem, setup), encoding="utf-8")
    return path


def resolved_toml(problem: ProblemFile, setup: Setup) -> str:
    """The problem as TOML: values as the user wrote them, defaults where nothing was written."""
    if isinstance(setup.sample, Meshed):
        problem = with_own_mesh(problem, setup.sample)
    data = problem.source.data
    resolved = _resolved_lengths(problem, setup)
    copies = {file.key: file.copy for file in named_files(problem)}

    def entries(section: Section, values: dict[str, Any], key: Key) -> list[str]:
        copied = {str(file[-1]): copy for file, copy in copies.items() if file[:-1] == key}
        return _entries(section, {**values, **copied}, problem.laboratory)

    lines = [f"title = {_toml(setup.title)}", f"units = {_toml(problem.units)}"]
    for name in type(problem).model_fields:
        section = getattr(problem, name)
        if isinstance(section, Section):
            values = {**resolved[name], **data.get(name, {})}
            lines += ["", f"[{name}]", *entries(section, values, (name,))]
        if isinstance(section, list):
            for i, (table, values) in enumerate(zip(section, data.get(name, []), strict=True)):
                lines += ["", f"[[{name}]]", *entries(table, values, (name, i))]
    return "\n".join(lines) + "\n"


def _resolved_lengths(problem: ProblemFile, setup: Setup) -> dict[str, dict[str, Any]]:
    """Values whose default depends on others, lengths in the user's unit."""

    def written(length: float) -> float | str:
        value = length / setup.length_unit_in_xi
        return f"{value!r} {setup.length_unit}" if problem.laboratory else value

    lengths: dict[str, dict[str, Any]] = {name: {} for name in type(problem).model_fields}
    lengths["solver"]["starts"] = setup.starts
    for key in ("size", "edge_size", "core_size") if problem.sample.shape != "mesh" else ():
        lengths["mesh"][key] = written(float(getattr(setup.sizes, key)))
    if problem.inclusions is not None and problem.inclusions.layout == "charge-map":
        lengths["inclusions"]["smoothing"] = SMOOTHING
    elif problem.inclusions is not None:
        lengths["inclusions"]["edge_smoothing"] = written(setup.inclusions.edge_smoothing)
        if problem.inclusions.layout == "random":
            lengths["inclusions"]["seed"] = 0
        if problem.inclusions.layout == "image":
            lengths["inclusions"] |= image_defaults(problem.inclusions)
            if problem.laboratory:
                lengths["inclusions"]["minimum_area"] = (
                    f"{lengths['inclusions']['minimum_area']!r} m^2"
                )
    return lengths


def _entries(section: Section, values: dict[str, Any], laboratory: bool) -> list[str]:
    lines = []
    for name, field in type(section).model_fields.items():
        value = values.get(name)
        if value is None:
            value = getattr(section, name)
            dimension = next((m for m in field.metadata if isinstance(m, Dimension)), None)
            if laboratory and dimension is not None and value is not None:
                value = f"{value!r} {dimension.si}"
        if value is not None:
            lines.append(f"{name} = {_toml(value)}")
    return lines


def _toml(value: Any) -> str:
    """A value in TOML; JSON's strings, numbers, booleans and lists are TOML's as well."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)
