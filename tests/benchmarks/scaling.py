"""Cost against the number of unknowns: ``docker/run python3 tests/benchmarks/scaling.py``.

    docker/run python3 tests/benchmarks/scaling.py [--largest 500000] [--points 4] [--ranks 2]

Two series, a growing sample at a fixed mesh and a refined mesh of one sample, from 10,000 unknowns
on, each case in a process of its own. The state is a lattice of vortices 5 xi apart. The table
holds the smallest of some times of each part (of the processor, in ms: others on the machine hardly
matter): energy, gradient, Hessian, first factorisation with its analysis, numeric factorisation, a
solve, and the rest of a Newton step besides its factorisation; the most memory; and what a whole
minimisation takes in units of a numeric factorisation. Wanted: exponents of at most 1.1 for the
rest and 1.5 for the factorisation. Ranks are compared by the clock on the wall, on a quiet machine.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
from dolfinx.mesh import DiagonalType, create_rectangle
from mpi4py import MPI

from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.space import CovariantSpace
from glvortex.solve.london import Vortex
from glvortex.solve.minimiser import Certificate, minimise
from glvortex.solve.starts import imprint
from glvortex.solve.system import System

KAPPA, FIELD, APART = 2.0, 0.5, 5.0
PARTS = ("energy", "gradient", "hessian", "first", "numeric", "solve", "rest")
LIMITS = {"rest": 1.1, "numeric": 1.5}  # wanted exponents
STEP = {"hessian": 1, "gradient": 20, "energy": 30, "solve": 20}  # about what a Newton step takes
COARSEST, REPEATS = 0.8, 5  # xi; how often each part is timed
SMALLEST = 10_000
ITSELF = 60_000  # unknowns up to which the minimisation is timed, too


def main() -> int:
    """Print the tables; 1 if a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--largest", type=int, default=500_000)
    parser.add_argument("--points", type=int, default=4)
    parser.add_argument("--ranks", type=int, default=2, help="0: no comparison of ranks")
    parser.add_argument("--one", nargs=2, type=float, metavar=("SIDE", "CELLS"))
    parser.add_argument("--wall", action="store_true", help="of --one: by the clock on the wall")
    options = parser.parse_args()
    if options.one:
        row = measure(options.one[0], int(options.one[1]), wall=options.wall)
        if MPI.COMM_WORLD.rank == 0:
            print(json.dumps(row))
        return 0
    good = True
    wanted = np.geomspace(SMALLEST, options.largest, options.points)
    cells = np.maximum(2, np.rint(np.sqrt(wanted / 10))).astype(
        int
    )  # five per vertex, 2 n^2 of those
    for name, sides in (
        (f"growing sample, mesh of {COARSEST:g} xi", COARSEST * cells),
        (
            f"refined mesh of a square of {COARSEST * cells[0]:g} xi",
            COARSEST * cells[0] + 0 * cells,
        ),
    ):
        rows = [elsewhere(side, n) for side, n in zip(sides, cells, strict=True)]
        good = table(name, rows) and good
    if options.ranks:
        side, n = COARSEST * cells[len(cells) // 2], cells[len(cells) // 2]
        one, more = (elsewhere(side, n, ranks, "--wall") for ranks in (1, options.ranks))
        compare_ranks(one, more, options.ranks)
    print("within the limits" if good else "LIMIT MISSED")
    return 0 if good else 1


def elsewhere(side: float, cells: int, ranks: int = 1, *more: str) -> dict[str, float]:
    """Measure in a process of its own, so that the memory is that of one case."""
    launcher = ["mpirun", "-n", str(ranks)] if ranks > 1 else []
    command = [*launcher, sys.executable, __file__, "--one", str(side), str(cells), *more]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    row: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return row


def measure(
    side: float, cells: int, comm: MPI.Intracomm = MPI.COMM_WORLD, *, wall: bool = False
) -> dict[str, float]:
    """Times (s) and memory (MB) of each part on a crossed mesh of a square; collective."""
    clock = time.perf_counter if wall else time.process_time

    def best(part: Callable[[], object], repeats: int = REPEATS) -> float:
        times = []
        for _ in range(repeats):
            comm.Barrier()
            begin = clock()
            part()
            times.append(clock() - begin)
        return float(comm.allreduce(min(times), MPI.MAX))

    half = side / 2
    corners = [[-half, -half], [half, half]]
    mesh = create_rectangle(comm, corners, [cells, cells], diagonal=DiagonalType.crossed)
    functional = GinzburgLandau(CovariantSpace(mesh), kappa=KAPPA, applied_field=FIELD)
    imprint(functional, vortices(side))
    system = System(functional)
    row: dict[str, float] = {
        "unknowns": system.size,
        "energy": best(system.energy),
        "gradient": best(system.gradient),
        "hessian": best(system.hessian),
        "first": best(lambda: system.factor.factor(1.0), repeats=1),
        "numeric": best(lambda: system.factor.factor(1.0)),
    }
    right, solution = system.gradient(), system.gradient_vector.duplicate()
    row["solve"] = best(lambda: system.factor.solve(right, solution))
    row["rest"] = sum(number * row[part] for part, number in STEP.items())
    if system.size <= ITSELF:
        found: list[Certificate] = []
        row["minimise"] = best(lambda: found.append(minimise(system)), repeats=1)
        row["steps"], row["factorisations"] = found[0].newton_steps, found[0].factorisations
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return row | {"memory": comm.allreduce(peak, MPI.SUM)}


def vortices(side: float) -> list[Vortex]:
    """A triangular lattice of vortices, those a core or more inside the square."""
    rows = int(side / APART) + 1
    lattice = [
        (APART * (i + 0.5 * (j % 2)), APART * np.sqrt(0.75) * j)
        for i in range(-rows, rows + 1)
        for j in range(-rows, rows + 1)
    ]
    inside = [point for point in lattice if max(map(abs, point)) < side / 2 - APART / 2]
    return [Vortex(x + 0.11, y + 0.07, 1) for x, y in inside]  # on no vertex of the mesh


def exponent(rows: list[dict[str, float]], part: str) -> float:
    """Slope of the logarithm of a cost against that of the unknowns."""
    x, y = (np.log([row[name] for row in rows]) for name in ("unknowns", part))
    return float(np.polyfit(x, y, 1)[0])


def table(name: str, rows: list[dict[str, float]]) -> bool:
    """Print a series; return whether its exponents are within the limits."""
    print(f"\n{name} (ms, MB; a minimisation in numeric factorisations)")
    print(
        "unknowns"
        + "".join(f"{part:>10s}" for part in (*PARTS, "memory"))
        + "  minimise  steps/fact."
    )
    for row in rows:
        line = f"{row['unknowns']:8.0f}" + "".join(f"{1e3 * row[part]:10.1f}" for part in PARTS)
        line += f"{row['memory']:10.0f}"
        if "minimise" in row:
            units = row["minimise"] / row["numeric"]
            line += f"{units:10.0f}  {row['steps']:.0f}/{row['factorisations']:.0f}"
        print(line)
    found = {part: exponent(rows, part) for part in (*PARTS, "memory")}
    print("exponent" + "".join(f"{value:10.2f}" for value in found.values()), flush=True)
    return all(found[part] <= limit for part, limit in LIMITS.items())


def compare_ranks(one: dict[str, float], more: dict[str, float], ranks: int) -> None:
    """Print how much less each part takes on more ranks."""
    print(f"\n{one['unknowns']:.0f} unknowns on {ranks} ranks: how many times faster")
    shared = [part for part in (*PARTS, "minimise") if part in one]
    print("  ".join(f"{part} {one[part] / more[part]:.2f}" for part in shared))


if __name__ == "__main__":
    sys.exit(main())
