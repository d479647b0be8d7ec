"""py-tdgl in a process of its own, with its own packages: py_tdgl.py starts it.

    python3 py_tdgl_process.py REQUEST.json RESULT.npz

The request says ``packages`` (the folder that holds them), ``side`` and ``edge`` (xi), ``field``
(Bc2), ``screening``, ``options`` (of py-tdgl), ``layer`` (its lengths in xi) and ``seconds`` (0:
only the mesh). The result holds ``points`` (n, 2), ``triangles`` (m, 3), and at k moments
``seconds`` (of the processor, construction of the solver included), ``tau`` (py-tdgl's time),
``steps`` and ``psi`` (k, n).
"""

from __future__ import annotations

import contextlib
import json
import logging
import sys
import time
from pathlib import Path
from typing import Any

request = json.loads(Path(sys.argv[1]).read_text())
sys.path[0] = request["packages"]

import numpy as np  # noqa: E402
import tdgl  # noqa: E402
from tdgl.geometry import box  # noqa: E402

NEVER = 10**9


class Recorder:
    """Watches a solver's steps, keeps states at moments spaced by a few per cent, and stops it."""

    def __init__(self, solver: Any, begin: float, seconds: float) -> None:
        self._update, self._begin, self._seconds = solver.update, begin, seconds
        self._next = 0.0
        self.rows: list[tuple[float, float, int, np.ndarray]] = []
        solver.update = self

    def __call__(self, state: Any, *arguments: Any, **named: Any) -> Any:
        """Make a step."""
        before = time.process_time()
        result = self._update(state, *arguments, **named)
        if not self.rows:  # numba compiles in the first step, which is nothing itself
            self._begin += time.process_time() - before
        spent = time.process_time() - self._begin
        if spent >= self._next or spent > self._seconds:
            self.rows.append((spent, state["time"] + result.dt, state["step"], result.psi.copy()))
            self._next = 1.04 * spent
        if spent > self._seconds:
            raise KeyboardInterrupt
        return result


def main() -> None:
    """Do what is asked."""
    logging.disable(logging.CRITICAL)
    side, edge = request["side"], request["edge"]
    film = tdgl.Polygon("film", points=box(side, points=int(5 * side / edge)))
    layer = tdgl.Layer(**request["layer"])
    device = tdgl.Device("square", layer=layer, film=film, length_units="um")
    device.make_mesh(max_edge_length=edge, smooth=100)
    options = tdgl.SolverOptions(
        solve_time=NEVER,
        include_screening=request["screening"],
        progress_interval=NEVER,
        save_every=1000,
        pause_on_interrupt=False,
        field_units="T",
        **request["options"],
    )
    rows = []
    if request["seconds"]:
        begin = time.process_time()
        field = request["field"] * device.Bc2.to("T").magnitude
        solver = tdgl.TDGLSolver(device, options, applied_vector_potential=field)
        recorder = Recorder(solver, begin, request["seconds"])
        with contextlib.suppress(KeyboardInterrupt):
            solver.solve()
        rows = recorder.rows
    np.savez(
        sys.argv[2],
        points=device.mesh.sites,
        triangles=device.mesh.elements,
        seconds=[row[0] for row in rows],
        tau=[row[1] for row in rows],
        steps=[row[2] for row in rows],
        psi=np.array([row[3] for row in rows]),
    )


if __name__ == "__main__":
    main()
