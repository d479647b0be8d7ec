"""What tests share: small solved problems, and programs run on several ranks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

# a shell that starts the tests in the background has them and their programs ignore Ctrl-C
signal.signal(signal.SIGINT, signal.default_int_handler)

SMALL = """\
title = "One inclusion in a small sample"
[superconductor]
kappa = 5.0
[sample]
shape = "rectangle"
size = [40.0, 30.0]
[inclusions]
layout = "square"
count = [1, 1]
radius = 8.0
edge_width = 4.0
pseudo_gauge = 0.3
magnetisation = 0.002
[field]
applied = 0.03
[mesh]
size = 2.0
[solver]
starts = ["uniform", "file"]
vortices = [[-14.0, 2.5, 1], [1.0, -0.5, 1]]
"""

LABORATORY = """\
title = "A small sample in laboratory units"
units = "laboratory"
[material]
critical_temperature = "2.7 K"
temperature = "0.5 K"
layer_spacing = "1.18 nm"
coherence_length = "20 nm"
london_lambda = "600 nm"
effective_mass = "1 m_e"
chemical_potential = "0.3 eV"
rashba_energy = "10 meV"
out_of_plane_field = "1e7 V/m"
[sample]
shape = "disk"
radius = "0.5 um"
[inclusions]
layout = "square"
count = [1, 1]
radius = "200 nm"
edge_width = "80 nm"
exchange_field = "1 meV"
potential_step = "30 mV"
[mesh]
size = "60 nm"
[output]
fields = false
"""

Run = Callable[..., str]


@pytest.fixture(scope="session")
def small_problem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A problem file in reduced units that is solved in a second, with two vortices."""
    path = tmp_path_factory.mktemp("problems") / "small.toml"
    path.write_text(SMALL)
    return path


@pytest.fixture(scope="session")
def laboratory_problem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A problem file in laboratory units that is solved in a second, without vortices."""
    path = tmp_path_factory.mktemp("problems") / "laboratory.toml"
    path.write_text(LABORATORY)
    return path


@pytest.fixture(scope="session")
def run_on_ranks() -> Run:
    """Return ``run(ranks, code, *arguments, seconds=120)``.

    It runs the Python text `code` under mpirun, with `arguments` in ``sys.argv[1:]``, fails the
    test where any rank does (which ends them all), and returns what they printed.
    """
    if "OMPI_COMM_WORLD_SIZE" in os.environ or "PMI_SIZE" in os.environ:
        pytest.skip("these tests start mpirun themselves")

    def run(ranks: int, code: str, *arguments: object, seconds: float = 120) -> str:
        # `timeout` asks mpirun to end, which ends its ranks; with -m mpi4py one that fails ends all
        command = ["timeout", str(seconds), "mpirun", "-n", str(ranks)]
        program = [sys.executable, "-m", "mpi4py", "-c", textwrap.dedent(code)]
        program += [str(argument) for argument in arguments]
        done = subprocess.run(command + program, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run
