"""Vortices frozen in against the rate of cooling (Kibble and Zurek): a table, and exponents.

    docker/run python3 tests/benchmarks/cooling.py [SIDE [SEEDS]]

A square cell of SIDE xi (96) without field and screening cools with t = s/tau. The relaxation time
1/|t| reaches the time left at s^ = sqrt(tau), where the correlation length is tau^(1/4): mean-field
theory has vortices freeze in with a density proportional to 1/sqrt(tau). Afterwards vortices and
antivortices meet, their distance growing about as sqrt(s); where t = 1, at s = tau, that
coarsening leaves about 1/tau.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from functionals import parallelogram
from glvortex.fem.energy import GinzburgLandau
from glvortex.geometry.lattice import Lattice
from glvortex.observe.vortices import find_vortices
from glvortex.solve.cooling import Ramp, cool, normal_state
from glvortex.solve.system import System

TAUS = (9.0, 18.0, 36.0, 72.0)
NOISE = 1e-3
FROZEN = 3.0  # s^ after the transition: vortices have formed
STEP = 0.4


def main(side: float = 96.0, seeds: int = 10) -> int:
    """Print the table; 1 if slower cooling does not leave fewer vortices."""
    cells = round(side)
    space = parallelogram(Lattice(((side, 0.0), (0.0, side)), 0), (cells, cells))
    system = System(GinzburgLandau(space, kappa=10.0, screening=False))
    print(f"{system.size} unknowns, {seeds} seeds, noise {NOISE:g}")
    print("   tau  vortices at 3 s^   error  at t = 1   error  seconds")
    means = []
    for tau in TAUS:
        start = time.perf_counter()
        counts = np.array([cooled(system, tau, seed) for seed in range(seeds)])
        mean, error = counts.mean(axis=0), counts.std(axis=0) / np.sqrt(seeds - 1)
        means.append(mean)
        numbers = "".join(f"{m:18.1f}{e:8.1f}" for m, e in zip(mean[:1], error[:1], strict=True))
        numbers += f"{mean[1]:10.1f}{error[1]:8.1f}"
        print(f"{tau:6g}{numbers}{time.perf_counter() - start:9.1f}", flush=True)
    frozen, left = np.array(means).T
    for name, values, expected in (("at 3 s^", frozen, "-1/2"), ("at t = 1", left, "-1")):
        seen = values > 0
        exponent = np.polyfit(np.log(np.array(TAUS)[seen]), np.log(values[seen]), 1)[0]
        print(f"density {name} ~ tau^{exponent:.2f}, expected {expected}")
    good = (np.diff(frozen) < 0).all()
    print("slower cooling leaves fewer" if good else "NO TREND")
    return 0 if good else 1


def cooled(system: System, tau: float, seed: int) -> tuple[int, int]:
    """Vortices of both signs at FROZEN s^ after the transition, and where t = 1."""
    functional = system.functional
    normal_state(functional)
    middle = FROZEN / np.sqrt(tau)  # t there
    ramp = Ramp((0.0, (0.5 + middle) * tau), (-0.5, middle), (NOISE, NOISE))
    cool(system, ramp, seed=seed, time_step=STEP)
    frozen = len(find_vortices(functional))
    ramp = Ramp((0.0, (1.0 - middle) * tau), (middle, 1.0), (NOISE, NOISE))
    cool(system, ramp, seed=seed + 1000, time_step=STEP)
    return frozen, len(find_vortices(functional))


if __name__ == "__main__":
    sys.exit(main(*(kind(text) for kind, text in zip((float, int), sys.argv[1:], strict=False))))
