"""Time the current of a slab of 50 sites: ``docker/run python3 tests/benchmarks/weyl.py``.

Wanted: J_y to 6 digits in less than 30 s with ``mpirun -n 2``, with a coupling and in its limit.
"""

from __future__ import annotations

import sys
import time

from mpi4py import MPI

from glvortex.micro.weyl import DiracSlab, current, gradient_profile, potential_gradient


def main() -> int:
    """Print value, estimated error and time for 004 (6) and (5); 1 if one misses the limit."""
    comm = MPI.COMM_WORLD
    slab = DiracSlab(gradient_profile(1.6, 50.0, 50))
    baths = potential_gradient(0.01, 0.1, 1.0, 50)
    good = True
    for coupling in (0.0, 0.3, 0.5):
        comm.Barrier()
        start, work = time.perf_counter(), time.process_time()
        found = current(slab, baths, coupling, accuracy=1e-6, comm=comm)
        seconds, work = time.perf_counter() - start, time.process_time() - work
        error = float(found.error / abs(found.value))
        good = good and seconds < 30.0 and error <= 1e-6
        if comm.rank == 0:
            print(
                f"Gamma = {coupling:g}: J_y = {found.value:.9g}, estimated error {error:.1e},"
                f" {found.evaluations} momenta, {seconds:.1f} s ({work:.1f} s of this rank's core)"
            )
    if comm.rank == 0:
        print("within the limit" if good else "LIMIT MISSED")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
