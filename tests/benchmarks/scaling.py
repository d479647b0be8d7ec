"""Cost against the number of unknowns: ``docker/run python3 tests/benchmarks/scaling.py``.

    docker/run python3 tests/benchmarks/scaling.py [--largest 500000] [--points 4] [--ranks 2]

Two series, a growing sample at a fixed mesh and a refined mesh of one sample, from 10,000 unknowns
on, each case in a process of its own. The state is a lattice of vortices 5 xi apart. The table
holds the smallest of some times of each part (of the processor, in ms: others on the machine hardly
matter): energy of a new state, gradient where the energy is known, Hessian, first factorisation
with its analysis, numeric factorisation, a solve, and the rest of a Newton step besides its
factorisation; the most memory; and what a whole minimisation takes in units of a numeric
factorisation, with its counts. The rest is a Hessian and as many moves as the minimiser makes at
most with one factorisation, 20, done one after the other with all that belongs to them; to every
other of them two energies, as the minimiser needs where it is hard (the counts tell). Wanted:
exponents of at most 1.1 for the rest and 1.5 for the factorisation. Ranks are compared by the clock
on the wall, on a quiet machine.
"""

from __future__ import annotations

import argparse
import collections
import itertools
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from dolfinx.mesh import DiagonalType, create_rectangle
from mpi4py import MPI

from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.space import CovariantSpace
from glvortex.solve.london import Vortex
from glvortex.solve.minimiser import MOST_MOVES, Certificate, InverseHessian, minimise
from glvortex.solve.starts import imprint
from glvortex.solve.system import System

KAPPA, FIELD, APART = 2.0, 0.5, 5.0
PARTS = ("energy", "gradient", "hessian", "first", "numeric", "solve", "rest")
LIMITS = {"rest": 1.1, "numeric": 1.5}  # wanted exponents
TINY = 1e-6  # length of a move, so that all are from about the same state
COARSEST, REPEATS = 0.8, 5  # xi; how often each part is timed
SMALLEST, COMPARED = 10_000, 135_000  # unknowns: of the tables, and where ranks are compared
ITSELF = 60_000  # unknowns up to which the minimisation is timed, too


def main() -> int:
    """Print the tables; 1 if a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--largest", type=int, default=500_000)
    parser.add_argument("--points", type=int, default=4, help="0: only the comparison of ranks")
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
    if options.points:
        cells = [across(n) for n in np.geomspace(SMALLEST, options.largest, options.points)]
        least = COARSEST * cells[0]
        for name, sides in (
            (f"growing sample, mesh of {COARSEST:g} xi", [COARSEST * n for n in cells]),
            (f"refined mesh of a square of {least:g} xi", [least] * len(cells)),
        ):
            rows = [elsewhere(side, n) for side, n in zip(sides, cells, strict=True)]
            good = table(name, rows) and good
    if options.ranks:
        n = across(COMPARED)
        one, more = (elsewhere(COARSEST * n, n, ranks, "--wall") for ranks in (1, options.ranks))
        compare_ranks(one, more, options.ranks)
    if options.points:
        print("within the limits" if good else "LIMIT MISSED")
    return 0 if good else 1


def across(unknowns: float) -> int:
    """Cells across a crossed mesh: five unknowns for each of 2 n^2 vertices."""
    return max(2, round(np.sqrt(unknowns / 10)))


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
    states = itertools.cycle([(state := system.state()), state + TINY])

    def energy() -> None:
        system.set_state(next(states))
        system.energy()

    row: dict[str, float] = {
        "unknowns": system.size,
        "energy": best(energy),
        "gradient": best(system.gradient),
        "hessian": best(system.hessian),
        "first": best(lambda: system.factor.factor(1.0), repeats=1),
        "numeric": best(lambda: system.factor.factor(1.0)),
    }
    right, solution = system.gradient(), system.gradient_vector.duplicate()
    row["solve"] = best(lambda: system.factor.solve(right, solution))
    inverse = InverseHessian(system)
    row["rest"] = row["hessian"] + best(lambda: moves(system, inverse))
    if system.size <= ITSELF:
        system.set_state(state)
        row |= minimisation(system, best)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return row | {"memory": comm.allreduce(peak, MPI.SUM)}


def moves(system: System, inverse: InverseHessian) -> None:
    """Make the moves of a step with the present factors, like the minimiser, but tiny ones."""
    inverse.forget()
    state, gradient = system.state(), system.gradient().array_r.copy()
    for number in range(MOST_MOVES):
        move = -TINY * inverse.apply(gradient)
        if number % 2:
            system.set_state(state + 2 * move)
            system.energy()
        system.set_state(state + move)
        system.energy()
        gradient = system.gradient().array_r.copy()
        system.gradient_norm(system.gradient_vector)
        inverse.learn(move, system.metric.array_r * move)  # bent upwards: one that is kept
        state = state + move


def minimisation(system: System, best: Callable[..., float]) -> dict[str, float]:
    """Time and counts of a minimisation: steps, factorisations, moves, energies for a move."""
    found: list[Certificate] = []
    counted = collections.Counter[str]()

    def counting(part: Callable[[], Any], name: str) -> Callable[[], Any]:
        def counted_part() -> Any:
            counted[name] += 1
            return part()

        return counted_part

    for name in ("energy", "gradient"):
        setattr(system, name, counting(getattr(system, name), name))
    seconds = best(lambda: found.append(minimise(system)), repeats=1)
    for name in ("energy", "gradient"):
        delattr(system, name)
    steps = found[0].newton_steps
    return {
        "minimise": seconds,
        "steps": steps,
        "factorisations": found[0].factorisations,
        "moves": (counted["gradient"] - 1) / max(steps, 1),
        "trials": (counted["energy"] - 1) / max(steps, 1),
    }


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
        + "  minimise  steps/fact.  moves/energies of a step"
    )
    for row in rows:
        line = f"{row['unknowns']:8.0f}" + "".join(f"{1e3 * row[part]:10.1f}" for part in PARTS)
        line += f"{row['memory']:10.0f}"
        if "minimise" in row:
            units = row["minimise"] / row["numeric"]
            line += f"{units:10.0f}  {row['steps']:.0f}/{row['factorisations']:.0f}"
            line += f"  {row['moves']:.1f}/{row['trials']:.1f}"
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
