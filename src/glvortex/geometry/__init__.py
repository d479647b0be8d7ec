"""Where things are: the sample, its inclusions, and the mesh that resolves both (lengths in xi)."""
