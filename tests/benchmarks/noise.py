"""Counts and times of a minimisation from noise: ``docker/run python3 tests/benchmarks/noise.py``.

    docker/run python3 tests/benchmarks/noise.py [--seeds 4] [--side 46] [--cells 50]

A square with screening in a field (25,302 unknowns, about 160 vortices at the end), f random at
every vertex. For each seed: steps, factorisations (wanted: at most 40), and where the processor's
time went, in seconds and in numeric factorisations.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from dolfinx.mesh import DiagonalType, create_rectangle
from mpi4py import MPI

from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.space import CovariantSpace
from glvortex.observe.vortices import find_vortices
from glvortex.solve.minimiser import Certificate, minimise
from glvortex.solve.system import System

MOST = 40  # factorisations
PARTS = ("energy", "gradient", "hessian", "factor", "solve")


def main() -> int:
    """Print the table; 1 if a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--side", type=float, default=46.0)
    parser.add_argument("--cells", type=int, default=50)
    options = parser.parse_args()
    half = options.side / 2
    corners, cells = [[-half, -half], [half, half]], [options.cells] * 2
    mesh = create_rectangle(MPI.COMM_WORLD, corners, cells, diagonal=DiagonalType.crossed)
    system = System(GinzburgLandau(CovariantSpace(mesh), kappa=2.0, applied_field=0.55))
    print(f"{system.size} unknowns; seconds of the processor")
    print(
        "seed  vortices  steps  fact.      all" + "".join(f"{p:>10s}" for p in PARTS) + "  in fact."
    )
    certificates = [run(system, seed) for seed in range(options.seeds)]
    good = all(certificate.factorisations <= MOST for certificate in certificates)
    print("within the limit" if good else "LIMIT MISSED")
    return 0 if good else 1


def run(system: System, seed: int) -> Certificate:
    """Minimise from the noise of a seed and print a line."""
    functional, spent = system.functional, dict.fromkeys(PARTS, 0.0)
    functional.apply_field()
    noise = np.random.default_rng(seed).standard_normal(functional.f.x.array.size)
    functional.f.x.array[:] = 0.5 * noise
    watched = [(system, name) for name in PARTS[:3]]
    watched += [(system.factor, name) for name in PARTS[3:]]
    for owner, name in watched:
        setattr(owner, name, timed(getattr(owner, name), name, spent))
    begin = time.process_time()
    certificate = minimise(system)
    seconds = time.process_time() - begin
    for owner, name in watched:
        delattr(owner, name)
    unit = spent["factor"] / certificate.factorisations
    print(
        f"{seed:4d}  {len(find_vortices(functional)):8d}  {certificate.newton_steps:5d}"
        f"  {certificate.factorisations:5d}  {seconds:7.2f}"
        + "".join(f"{spent[name]:10.2f}" for name in PARTS)
        + f"  {seconds / unit:8.0f}",
        flush=True,
    )
    return certificate


def timed(part: Callable[..., Any], name: str, spent: dict[str, float]) -> Callable[..., Any]:
    """Return the part with its time added to what is spent on its name."""

    def watched(*arguments: Any, **named: Any) -> Any:
        begin = time.process_time()
        try:
            return part(*arguments, **named)
        finally:
            spent[name] += time.process_time() - begin

    return watched


if __name__ == "__main__":
    sys.exit(main())
