"""`solver.model = "london"`: a problem file solved with vortices as particles."""

import json

import numpy as np
import pytest
from mpi4py import MPI

from functionals import square
from glvortex.cli import main
from glvortex.errors import ParameterError
from glvortex.fem.energy import GinzburgLandau
from glvortex.output.reports.report_parts import certificates
from glvortex.output.runs.run import open_run
from glvortex.problems.critical import modes_of
from glvortex.problems.london_model import without_vortices
from glvortex.problems.schema import load
from glvortex.problems.setup import setup_from
from glvortex.problems.solve import solve
from glvortex.solve.london import London
from glvortex.solve.minimiser import minimise
from glvortex.solve.starts import imprint
from glvortex.solve.system import System

PROBLEM = """
[superconductor]
kappa = 30.0
[sample]
shape = "rectangle"
size = [40.0, 40.0]
[field]
applied = 0.03
[mesh]
size = 2.0
[solver]
model = "london"
starts = ["uniform", "file", "annealed"]
vortices = [[5.0, 3.0, 1], [-6.0, -3.0, 1]]
"""


def call(*arguments):
    with pytest.raises(SystemExit) as stop:
        main([str(argument) for argument in arguments])
    return stop.value.code


@pytest.fixture
def problem(tmp_path):
    path = tmp_path / "square.toml"
    path.write_text(PROBLEM)
    return path


@pytest.mark.parametrize("screening", [True, False])
def test_energy_without_vortices_is_that_of_the_functional(screening):
    """Weak a~, m^ and field hardly change |f|: the London energy is the minimum."""
    functional = GinzburgLandau(
        square(20.0, 48), kappa=8.0, applied_field=0.002, screening=screening
    )
    functional.pseudo_gauge.interpolate(lambda x: 0.004 * np.array([np.sin(x[1]), x[0] / 10]))
    functional.magnetisation.interpolate(lambda x: 0.002 * (x[0] ** 2 + x[1] ** 2 < 25))
    imprint(functional)
    energy = minimise(System(functional)).energy
    found = without_vortices(London(functional))
    assert found["condensation"] == pytest.approx(-200.0)
    # parts of 0.02 each cancel
    assert found["flow"] == pytest.approx(energy + 200.0, abs=2e-4)


def test_states_of_the_model(problem):
    solution = solve(setup_from(load(problem)), MPI.COMM_SELF)
    uniform, given, annealed = solution.states
    assert uniform.vortices == ()
    assert uniform.minimum and given.minimum and annealed.minimum
    assert given.net_charge == 2
    assert annealed.energy <= given.energy + 1e-3 < uniform.energy
    assert solution.best.certificate is None
    assert sum(solution.budget.values()) == pytest.approx(solution.best.energy)
    assert solution.flux > 0  # of f and a imprinted


def test_run_folder(problem, tmp_path):
    folder = tmp_path / "run"
    assert call("--quiet", "solve", problem, "-o", folder) == 0
    result = json.loads((folder / "result.json").read_text())
    assert result["model"] == "london"
    assert set(result["energy"]["terms"]) == {"condensation", "flow", "vortices"}
    assert set(result["certificate"].values()) == {None}
    assert result["identities"] == []
    assert len((folder / "vortices.csv").read_text().splitlines()) == len(result["vortices"]) + 1
    assert (folder / "effective_field.png").stat().st_size > 1000
    run = open_run(folder, MPI.COMM_SELF)
    assert run.solution.best.energy == pytest.approx(result["energy"]["total"])
    assert certificates(run.solution) == []
    with pytest.raises(ParameterError, match="modes of a state needs"):
        modes_of(run.solution, 1)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("solver.refinements=1", "refinements is used only with"),
        ('solver.starts=["cooled"]', "vortices is used only"),
        ("solver.vortices=[[0.0, 0.0, 2]]", "charge 1 or -1"),
        ("mesh.accuracy=1e-3", "accuracy is used only with"),
        ("solver.model=gl", "'ginzburg-landau' or 'london'"),
    ],
)
def test_what_the_model_cannot_do(problem, override, message):
    with pytest.raises(ParameterError, match=message):
        load(problem, [override])
