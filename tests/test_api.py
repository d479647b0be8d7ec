"""Problems and runs in Python."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conftest import LABORATORY, SMALL
from glvortex.errors import ParameterError
from glvortex.problems.given import changed, from_values
from glvortex.problems.resolved import resolved_toml
from glvortex.problems.schema import load
from glvortex.problems.setup import setup_from

DISK: dict[str, Any] = {"superconductor": {"kappa": 5.0}, "sample": {"shape": "disk", "radius": 9}}


@pytest.mark.parametrize("text", [SMALL, LABORATORY], ids=["reduced", "laboratory"])
def test_values_and_file_state_the_same_problem(tmp_path: Path, text: str) -> None:
    path = tmp_path / "same.toml"
    path.write_text(text)
    from_file, given = load(path), from_values("same", tomllib.loads(text), tmp_path)
    here, there = setup_from(given), setup_from(from_file)
    assert resolved_toml(given, here) == resolved_toml(from_file, there)
    assert (here.name, here.kappa) == (there.name, there.kappa)


def test_values_may_be_those_of_numpy(tmp_path: Path) -> None:
    corners = np.array([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]])
    values = {
        "superconductor": {"kappa": np.float32(5.0), "t": None},
        "sample": {"shape": "polygon", "points": corners},
        "hole": None,
        "solver": {"max_steps": np.int64(7), "starts": ("uniform",)},
    }
    problem = from_values("corner", values, tmp_path)
    assert problem.sample.points == [tuple(corner) for corner in corners]
    assert problem.solver.max_steps == 7 and problem.superconductor.t == 1.0
    setup = setup_from(problem)
    again = tmp_path / "again.toml"
    again.write_text(resolved_toml(problem, setup))
    assert setup_from(load(again)).sample.area == setup.sample.area == 40.5


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"sampel": {}}, 'problem "disk": sampel is not a known key, did you mean sample.'),
        ({"sample": "disk"}, 'problem "disk": sample must be a section, got "disk".'),
        ({"mesh": {"size": "2 nm"}}, 'problem "disk": mesh.size must be a plain number (in xi)'),
        ({"mesh": {"size": object}}, 'problem "disk": mesh.size must be a number'),
        ({"field": {"applied": np.nan}}, 'problem "disk": field.applied must be a finite number'),
        ({"superconductor": None}, 'problem "disk": superconductor.kappa is missing'),
    ],
)
def test_wrong_values_get_a_sentence(tmp_path: Path, wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ParameterError) as error:
        from_values("disk", DISK | wrong, tmp_path)
    assert str(error.value).startswith(sentence)


def test_changes_of_a_problem(small_problem: Path) -> None:
    before = load(small_problem)
    after = changed(before, {"mesh": {"size": 3}, "inclusions": None, "title": "Changed"})
    assert (after.title, after.mesh.size, after.inclusions) == ("Changed", 3, None)
    assert after.superconductor == before.superconductor and before.mesh.size == 2.0
    with pytest.raises(ParameterError, match=r"small\.toml with changes: mesh\.size must be great"):
        changed(after, {"mesh": {"size": 0}})
    with pytest.raises(ParameterError, match=r"small\.toml, line 7: inclusions is wrong"):
        setup_from(changed(before, {"sample": {"size": [10, 10]}}))
