"""Memory experiments: their folder, their table, their picture."""
