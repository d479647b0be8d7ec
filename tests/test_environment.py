"""docker/run and docker/bin/mpirun, with stand-ins for all they would start."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOOLS = ("sh", "env", "dirname", "basename", "sed", "tr", "cut", "cksum", "mkdir", "cat")
ENGINE = 'case $1 in info | image) ;; *) printf "%s\\n" "$@" ;; esac'


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder for PATH that holds what any machine has, and a user who is not root."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for name in TOOLS:
        (folder / name).symlink_to(str(shutil.which(name)))
    stand_in(folder / "id", "echo 1000")
    return folder


def stand_in(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def run(command: list[object], tools: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        env={"PATH": str(tools), "GLVORTEX_CACHE": str(tools.parent / "cache"), **variables},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


@pytest.mark.parametrize("arguments", [[], ["--suite"], ["--suite", "sarge", "pytest"]])
def test_usage(tools: Path, arguments: list[str]) -> None:
    done = run([ROOT / "docker/run", *arguments], tools)
    assert done.returncode == 2
    assert done.stderr.startswith("docker/run: ") and done.stderr.count("\n") == 1


def test_no_environment_says_what_to_do(tools: Path) -> None:
    done = run([ROOT / "docker/run", "pytest"], tools)
    assert done.returncode == 1
    for way in ("conda env create", "docker or podman", "sudo docker/run"):
        assert way in done.stderr


@pytest.mark.parametrize("engine", ["docker", "podman"])
def test_in_a_container(tools: Path, engine: str) -> None:
    version = f'case $1 in --version) echo "{engine} version 5"; exit ;; esac'
    stand_in(tools / engine, f"{version}\n{ENGINE}")
    done = run([ROOT / "docker/run", "--suite", "sid", "pytest", "a b"], tools)
    arguments = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert arguments[0] == "run"
    assert arguments[-3].startswith("glvortex:sid-")
    assert arguments[-2:] == ["pytest", "a b"]
    assert arguments[arguments.index("-u") + 1] == "1000:1000"
    assert f"{ROOT}:{ROOT}" in arguments
    assert ("--userns=keep-id" in arguments) == (engine == "podman")


def test_a_python_that_lacks_something_is_told_what(tmp_path: Path) -> None:
    here = [sys.executable, "-S", ROOT / "docker/here.py"]
    assert run(here, tmp_path).returncode == 3
    (tmp_path / "dolfinx").mkdir()
    assert run(here, tmp_path, PYTHONPATH=str(tmp_path)).returncode == 3, "a stray folder"
    for module in ("dolfinx", "pint"):
        (tmp_path / module).mkdir(exist_ok=True)
        (tmp_path / module / "__init__.py").touch()
    done = run(here, tmp_path, PYTHONPATH=str(tmp_path))
    assert done.returncode == 2
    assert "pydantic" in done.stderr and "pint" not in done.stderr.partition(": install")[0]


def test_what_is_imported_is_asked_for() -> None:
    asked = set(re.findall(r"[\w]+", (ROOT / "docker/here.py").read_text(encoding="utf-8")))
    brought_along = {"ufl", "basix", "click", "mpl_toolkits", "pydantic_core", "glvortex"}
    brought_along.add("paraview")  # of a script that runs in ParaView's own Python
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [str(node.module)]
            for module in {name.partition(".")[0] for name in names} - sys.stdlib_module_names:
                assert module in asked | brought_along, f"{path.name} imports {module}"


@pytest.mark.parametrize(
    ("release", "variable"),
    [
        ("4.1.6", "OMPI_MCA_rmaps_base_oversubscribe"),
        ("5.0.7", "PRTE_MCA_rmaps_default_mapping_policy"),
        ("6.0.0", "PRTE_MCA_mapby"),
    ],
)
def test_mpirun_allows_more_ranks_than_cores(tools: Path, release: str, variable: str) -> None:
    script = f'case $1 in --version) echo "mpirun (Open MPI) {release}" ;; *) env ;; esac'
    stand_in(tools / "mpirun", script)
    path = f"{ROOT / 'docker/bin'}{os.pathsep}{tools}"
    here = run(["mpirun", "-n", "3", "x"], tools, PATH=path).stdout
    there = run(["mpirun", "--host", "a,b", "x"], tools, PATH=path).stdout
    assert f"\n{variable}=" in f"\n{here}"
    assert "OMPI_MCA_btl=self," in here and "OMPI_MCA_btl" not in there
