"""All runs of the report, in its order."""

from __future__ import annotations

from glvortex.verify import critical, lattices, london, london_vortices, one_vortex, prescribed

RUNS = (
    *one_vortex.RUNS,
    *lattices.RUNS,
    *critical.RUNS,
    *prescribed.RUNS,
    *london.RUNS,
    *london_vortices.RUNS,
)
"""Every run; those marked quick are the quick report."""
