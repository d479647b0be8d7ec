"""Time gamma from the exact engine: ``docker/run python3 tests/benchmarks/micro.py``, one core.

Wanted: gamma(T = 0) to 6 digits in less than 2 s, a curve of 50 temperatures in less than 60 s.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from scipy.constants import eV, m_e

from glvortex import micro
from glvortex.micro import exact_metal

MEV = 1e-3 * eV
MU, ENERGY, LAMBDA, TC = 300 * MEV, 20 * MEV, 7.1e-21, 2.7


def main() -> int:
    """Print timings and deviations; 1 if a limit is missed."""
    gap = float(micro.zero_temperature_gap(TC))
    start = time.perf_counter()
    cold = exact_metal.gamma(m_e, MU, LAMBDA, gap, ENERGY, accuracy=1e-7)
    first = time.perf_counter() - start
    closed = micro.gamma(m_e, LAMBDA, gap, ENERGY)
    error = cold.error / abs(cold.value)
    print(f"gamma(0) = {cold.value:.8g} A/(V J), estimated error {error:.1e}, {first:.3f} s")
    print(f"closed form off by {closed / cold.value - 1:.1e}, {cold.evaluations} momenta")
    best = exact_metal.gamma(m_e, MU, LAMBDA, gap, ENERGY, accuracy=1e-11)
    print(f"against accuracy 1e-11: {cold.value / best.value - 1:.1e}")

    temperatures = np.linspace(0.02, 0.999, 50) * TC
    start = time.perf_counter()
    gaps = micro.gap(temperatures, TC)
    curve = exact_metal.gamma(m_e, MU, LAMBDA, gaps, ENERGY, temperatures, accuracy=1e-6)
    second = time.perf_counter() - start
    closed = micro.gamma(m_e, LAMBDA, gaps, ENERGY, temperatures)
    off = np.max(np.abs(curve.value - closed)) / abs(cold.value)
    print(f"50 temperatures: {second:.2f} s, largest deviation of the sum {off:.1e} of gamma(0)")
    good = first < 2.0 and second < 60.0 and error < 1e-6
    print("within the limits" if good else "LIMIT MISSED")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
