"""Adapted meshes: how right the estimated error is, and how many unknowns they save.

    docker/run python3 tests/benchmarks/adaptive.py

Each state is relaxed on adapted meshes, on equal triangles, and on the quarters of the last adapted
mesh (and on theirs, where these are few), whose energies extrapolate to what is called exact here.
A few minutes.
"""

from __future__ import annotations

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
accuracy = 3e-4
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
accuracy = 3e-3
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
accuracy = 1e-3
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
accuracy = 1e-3
[solver]
starts = ["london"]
""",
}
EQUAL = (2.0, 1.0)  # edges of equal triangles, in xi
MOST = 200_000  # unknowns of the finest mesh but the first quarters


def exact(setup: Setup, solution: Solution) -> float:
    """The energy of the kept state on an infinitely fine mesh."""
    data, here = solution.mesh_data, solution.functional
    energies = [solution.best.energy]
    for _ in range(2):
        if len(energies) > 1 and 4 * unknowns_of(here) > MOST:
            break
        data = quarters(setup, data)
        finer = free_energy(setup, data, setup.sample)
        carry_over(here, finer)
        energies.append(relaxed(finer))
        here = finer
    return extrapolate(energies).limit


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
            path = Path(folder) / "case.toml"
            path.write_text(text)
            setup = setup_from(load(path))
            solution = solve(setup)
            levels = solution.adaptation.levels
            limit = exact(setup, solution)
            scale = solution.adaptation.condensation
            rows: list[tuple[str, int, float, float]] = [
                (f"adapted {number}", here.unknowns, here.energy, here.error)
                for number, here in enumerate(levels, start=1)
            ]
            for size in EQUAL:
                rows.append((f"equal, {size:g} xi", *on_equal_triangles(path, size, solution)))
            print(f"\n{name}: {levels[-1].vortices} vortices, energy {limit:.6f}")
            print("| mesh | unknowns | estimate | error | estimate/error | error/condensation |")
            print("|---|---|---|---|---|---|")
            for mesh, unknowns, energy, estimate in rows:
                error = energy - limit
                ratio, share = estimate / error, error / scale
                numbers = f"{unknowns} | {estimate:.4g} | {error:.4g} | {ratio:.3f} | {share:.1e}"
                print(f"| {mesh} | {numbers} |")
            # the error of equal triangles is inverse to their number
            (_, many, energy, _), last = rows[-1], levels[-1]
            needed = many * (energy - limit) / (last.energy - limit)
            gain = needed / last.unknowns
            print(f"equal triangles with the last error: {gain:.1f} times as many", flush=True)


if __name__ == "__main__":
    main()
