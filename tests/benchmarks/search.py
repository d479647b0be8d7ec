"""Whether a search finds the same lowest state from every seed, and what that costs.

    docker/run python3 tests/benchmarks/search.py              the published square at kappa 8
    docker/run mpirun -n 2 python3 tests/benchmarks/search.py problems/spontaneous_vortices.toml

For each of ten seeds a line: the lowest energy, its charges, trials, distinct states, finds from
separate beginnings and seconds. For the square E is extrapolated from refined meshes and compared
with the lowest value known; a problem file is searched as `glvortex search FILE --seed N` does it,
into OUTPUT/seed-N, where what an earlier run has done is not done again. Exit status 1 if a seed
misses what another one finds, or the square's E is missed.

    --seeds N     instead of ten
    --first N     the first seed, 0 if not given
    -o OUTPUT     folder of the searches, runs/search-benchmark if not given
    --set KEY=VALUE    as of `glvortex search`
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from mpi4py import MPI

from glvortex.cli.common import BARE
from glvortex.output.runs import folder as runs
from glvortex.output.screen.console import Voice
from glvortex.output.searches import search as searches
from glvortex.output.searches.store import FolderStore
from glvortex.problems.schema import load
from glvortex.problems.search.archive import SAME_ENERGY
from glvortex.problems.search.confidence import verdict
from glvortex.problems.search.of_problem import landscape_of
from glvortex.problems.search.rounds import Found, MemoryStore, search
from glvortex.problems.search_section import SearchSection
from glvortex.problems.setup import setup_from
from glvortex.solve.extrapolation import extrapolate
from glvortex.verify import prescribed

COMM = MPI.COMM_WORLD


def main() -> int:
    """Print the table; 1 if a seed misses the lowest state."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("-o", "--output", type=Path, default=Path("runs/search-benchmark"))
    parser.add_argument("--set", action="append", default=[], dest="overrides")
    asked = parser.parse_args()
    say("seed        lowest energy   net total  trials states finds  seconds")
    energies = []
    for seed in range(asked.first, asked.first + asked.seeds):
        begun = time.perf_counter()
        if asked.file is None:
            found = search(
                prescribed.landscape, SearchSection(seed=seed), MemoryStore(), COMM, groups=1
            )
        else:
            found = in_folder(asked.file, seed, asked.output, asked.overrides)
        energies.append(line(seed, found, time.perf_counter() - begun))
    hit = sum(abs(energy / min(energies) - 1) < SAME_ENERGY for energy in energies)
    say(f"{hit} of {len(energies)} seeds found the lowest state, {min(energies):.6f}")
    return 0 if hit == len(energies) and (asked.file or published(found)) else 1


def in_folder(file: Path, seed: int, output: Path, overrides: list[str]) -> Found:
    """Search a problem in its folder, or go on there."""
    problem = load(file, [*BARE, *overrides, f"search.seed={seed}"])
    setup, folder = setup_from(problem), output / f"seed-{seed}"
    begun = searches.has_begun(folder, problem, setup, COMM)
    runs.prepare(folder, COMM)
    voice = Voice(COMM, "quiet")
    with voice.recording(folder / runs.LOG, append=begun):
        if not begun:
            searches.begin_search(folder, problem, setup, COMM)
        return search(
            lambda comm: landscape_of(setup, comm),
            problem.search,
            FolderStore(folder),
            COMM,
            watcher=searches.Tally(voice, problem.search.trials),
        )


def line(seed: int, found: Found, seconds: float) -> float:
    """Print what a seed has found; return its lowest energy."""
    archive, best = found.archive, found.archive.ranked[0].best
    say(
        f"{seed:4d} {best.energy:20.9f} {best.net_charge:+5d} {best.total_charge:5d} "
        f"{len(archive.outcomes):7d} {len(archive.entries):6d} {verdict(archive).finds:5d} "
        f"{seconds:8.1f}"
    )
    return best.energy


def published(found: Found) -> bool:
    """Whether E of the lowest state, on finer meshes, is that of the lowest state known."""
    energy = extrapolate(prescribed.refined(8.0, found.archive.ranked[0].best.vortices)).limit
    error = energy / prescribed.LOWEST - 1
    say(f"E = {energy:.12f}, relative error {error:.1e} against {prescribed.LOWEST}")
    return abs(error) < 1e-6


def say(text: str) -> None:
    """Print on the first rank."""
    if COMM.rank == 0:
        print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
