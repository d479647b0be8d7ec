"""Adapted meshes: how right estimated errors are, and how many unknowns the meshes save.

    docker/run python3 tests/benchmarks/adaptive.py [CASE ...]

Each state is relaxed on adapted meshes, on equal triangles, and on the quarters of the last adapted
mesh, on theirs, and so on up to 700,000 unknowns, whose energies extrapolate to what is called
exact here. A CASE is a part of the name of one; about two minutes for each.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from mpi4py import MPI

from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.transfer import carry_across, carry_over
from glvortex.problems.adapt import quarters, unknowns_of
from glvortex.problems.build import build, free_energy
from glvortex.problems.schema import load
from glvortex.problems.setup import Setup, setup_from
from glvortex.problems.solve import Solution, solve
from glvortex.solve.error_estimate import estimate_error
from glvortex.solve.extrapolation import extrapolate
from glvortex.solve.minimiser import minimise
from glvortex.solve.system import System

CASES = {
    "one vortex in a square, kappa 2": """\
[superconductor]
kappa = 2.0
[sample]
shape = "rectangle"
size = [24.0, 24.0]
[field]
applied = 0.15
[mesh]
accuracy = 3e-5
[solver]
starts = ["file"]
vortices = [[0.3, 0.2, 1]]
""",
    "vortex lattice, kappa 2, B = Hc2/2": """\
[superconductor]
kappa = 2.0
[sample]
shape = "cell"
periods = [[3.8093, 0.0], [0.0, 6.5979]]
flux_quanta = 2
[mesh]
size = 1.0
accuracy = 3e-4
[solver]
gradient_tolerance = 1e-5
""",
    "one inclusion, kappa 30": """\
[superconductor]
kappa = 30.0
[sample]
shape = "disk"
radius = 30.0
[inclusions]
layout = "square"
count = [1, 1]
radius = 17.0
edge_width = 8.0
edge_smoothing = 1.0
pseudo_gauge = 0.4
[mesh]
accuracy = 1e-4
[solver]
starts = ["uniform"]
""",
    "2 x 2 inclusions with vortices, kappa 30": """\
[superconductor]
kappa = 30.0
[sample]
shape = "rectangle"
size = [88.0, 88.0]
[inclusions]
layout = "square"
count = [2, 2]
spacing = 44.0
radius = 17.0
edge_width = 8.0
edge_smoothing = 1.0
pseudo_gauge = 0.45
[mesh]
accuracy = 1e-4
[solver]
starts = ["london"]
""",
}
CASES["cell of kappa 100 with a pair across its edge"] = """\
[superconductor]
kappa = 100.0
[sample]
shape = "cell"
periods = [[141.0, 0.0], [0.0, 141.0]]
flux_quanta = 0
[inclusions]
layout = "square"
count = [1, 1]
radius = 63.0
edge_width = 14.0
pseudo_gauge = 0.5
[mesh]
accuracy = 1e-4
size = 10.0
edge_size = 3.5
[solver]
starts = ["file"]
vortices = [[38.0, 38.0, 1], [51.0, 51.0, -1]]
"""
EQUAL = (2.0, 1.0)  # edges of equal triangles, in xi
MOST = 700_000  # unknowns of the finest mesh but the first quarters


def exact(setup: Setup, solution: Solution) -> float:
    """The energy of the kept state on an infinitely fine mesh, from the two finest of its meshes.

    Their error falls with h^2, which is known; the coarser ones would rather disturb.
    """
    data, here = solution.mesh_data, solution.functional
    energies = [solution.best.energy]
    while len(energies) == 1 or 4 * unknowns_of(here) < MOST:
        data = quarters(setup, data)
        finer = free_energy(setup, data, setup.sample)
        carry_over(here, finer)
        energies.append(relaxed(finer))
        here = finer
    return extrapolate(energies[-2:]).limit


def relaxed(functional: GinzburgLandau) -> float:
    """Relax the state the functional holds; return its energy."""
    system = System(functional)
    energy = minimise(system, gradient_tolerance=1e-5).energy  # lattices hardly feel their places
    system.destroy()
    return energy


def on_equal_triangles(path: Path, size: float, solution: Solution) -> tuple[int, float, float]:
    """Unknowns, energy and estimated error of the kept state on a uniform mesh."""
    sizes = [f"mesh.{key}={size}" for key in ("size", "edge_size", "core_size")]
    setup = setup_from(load(path, sizes))
    data, functional = build(setup, MPI.COMM_WORLD)
    carry_across(solution.functional, solution.mesh_data, functional, data)
    energy = relaxed(functional)
    fine = free_energy(setup, quarters(setup, data), setup.sample)
    return unknowns_of(functional), energy, estimate_error(functional, fine).error


def main() -> None:
    """Print a table for each case."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in CASES.items():
            if sys.argv[1:] and not any(part in name for part in sys.argv[1:]):
                continue
            path = Path(folder) / "case.toml"
            path.write_text(text)
            setup = setup_from(load(path))
            solution = solve(setup)
            levels = solution.adaptation.levels
            limit = exact(setup, solution)
            scale = solution.adaptation.condensation
            print(f"\n{name}: {levels[-1].vortices} vortices, energy {limit:.6f}")
            print("| mesh | unknowns | mesh error | estimate/it | extrapolated: error | estimate |")
            print("|---|---|---|---|---|---|")
            for number, here in enumerate(levels, start=1):
                true, left = here.energy - limit, abs(here.extrapolated - limit) / scale
                ratio, said = here.mesh_error / true, here.error / scale
                print(
                    f"| adapted {number} | {here.unknowns} | {true:.4g} | {ratio:.3f} "
                    f"| {left:.1e} | {said:.1e} |"
                )
            for size in EQUAL:
                many, energy, estimate = on_equal_triangles(path, size, solution)
                true, left = energy - limit, abs(energy - estimate - limit) / scale
                print(
                    f"| equal, {size:g} xi | {many} | {true:.4g} | {estimate / true:.3f} "
                    f"| {left:.1e} | |"
                )
            # the error of equal triangles is inverse to their number
            last = levels[-1]
            needed = many * (energy - limit) / (last.energy - limit)
            gain = needed / last.unknowns
            print(f"equal triangles with the last error: {gain:.1f} times as many", flush=True)


if __name__ == "__main__":
    main()
