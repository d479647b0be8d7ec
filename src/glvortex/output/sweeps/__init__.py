"""Many states as one result: sweeps, curves and lattices, as tables and pictures."""
