"""What is told about Python use works: README, docs/python.md and the tutorial notebook."""

from __future__ import annotations

import doctest
import json
import sys
from pathlib import Path
from typing import Any

import pytest

import glvortex as gl

ROOT = Path(__file__).parents[1]
TUTORIAL = ROOT / "docs/tutorial.ipynb"


@pytest.mark.parametrize("page", ["README.md", "docs/python.md"])
def test_examples(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("problems", "meshes"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    monkeypatch.chdir(tmp_path)  # they write there
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    done = doctest.testfile(str(ROOT / page), module_relative=False, optionflags=flags)
    assert done.attempted > 5 and done.failed == 0


def test_the_page_names_everything() -> None:
    page = (ROOT / "docs/python.md").read_text(encoding="utf-8")
    for name in gl.__all__:
        assert f"gl.{name}" in page
    for thing in (gl.Problem, gl.Run, gl.SampledField, gl.Material):
        for name in vars(thing):
            assert name.startswith("_") or f".{name}" in page, f"{thing.__name__}.{name}"


def test_the_tutorial_is_stored_without_output() -> None:
    notebook = json.loads(TUTORIAL.read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert not any(cell["outputs"] or cell["execution_count"] for cell in cells)


def test_the_tutorial(tmp_path: Path) -> None:
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    manager = pytest.importorskip("jupyter_client.manager")
    KernelSpec = pytest.importorskip("jupyter_client.kernelspec").KernelSpec

    class ThisPython(manager.AsyncKernelManager):  # whatever kernels may be installed
        @property
        def kernel_spec(self) -> Any:
            command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            return KernelSpec(argv=command, display_name="this Python", language="python")

    notebook = nbformat.read(TUTORIAL, as_version=4)
    nbformat.validate(notebook)
    what_it_says = """
        assert list(table.vortices) == [0, 0, 0, 0, 2, 2]  # vortices enter between 0.45 and 0.5
        assert (table.moment[:0.45] < 0).all() and (table.moment[0.5:] > 0).all()
        assert strength["λ²γ"].between(0.99, 1.01).all() and strength["γ"].iloc[-1] < 0.1
    """
    for line in what_it_says.strip().splitlines():
        notebook.cells.append(nbformat.v4.new_code_cell(line.strip()))
    nbclient.NotebookClient(
        notebook,
        timeout=120,
        kernel_manager_class=ThisPython,
        resources={"metadata": {"path": str(tmp_path)}},
    ).execute()
    shown = [out for cell in notebook.cells for out in cell.get("outputs", [])]
    assert sum("image/png" in out.get("data", {}) for out in shown) == 5
    assert (tmp_path / "runs/disk/result.json").exists()
