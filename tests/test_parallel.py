"""The same mesh, starts, states and energies on one, two and three ranks."""

import json
from pathlib import Path

import pytest

PROBLEMS = Path(__file__).parent.parent / "problems"

SOLVE = """
    import json, sys
    from pathlib import Path
    from mpi4py import MPI
    from glvortex.problems.schema import load
    from glvortex.problems.setup import setup_from
    from glvortex.problems.solve import solve
    solution = solve(setup_from(load(Path(sys.argv[1]), sys.argv[2:])))
    if MPI.COMM_WORLD.rank == 0:
        print(json.dumps({
            "dofs": solution.dofs,
            "energies": [state.energy for state in solution.states],
            "vortices": [(v.x, v.y, v.charge) for v in solution.best.vortices],
            "moments": [solution.moments.gamma, solution.moments.screening],
            "flux": solution.flux,
        }))
"""


@pytest.mark.parametrize("screening", ["true", "false"])
def test_one_two_and_three_ranks_agree(run_on_ranks, screening):
    options = ["mesh.size=3.0", 'solver.starts=["london"]', f"superconductor.screening={screening}"]
    one, *more = (
        json.loads(run_on_ranks(ranks, SOLVE, PROBLEMS / "isolated_pair.toml", *options))
        for ranks in (1, 2, 3)
    )
    assert one["vortices"]
    for other in more:
        assert other["dofs"] == one["dofs"]
        assert other["energies"] == pytest.approx(one["energies"], rel=1e-9)
        # those of the two inclusions nearly cancel: what is left is as soft as the vortices' places
        assert other["moments"] == pytest.approx(one["moments"], abs=1e-6)
        assert other["flux"] == pytest.approx(one["flux"], abs=1e-6)
        assert len(other["vortices"]) == len(one["vortices"])
        for here, there in zip(other["vortices"], one["vortices"], strict=True):
            assert here == pytest.approx(there, abs=1e-3)
