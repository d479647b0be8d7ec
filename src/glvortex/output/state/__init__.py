"""A state as numbers: fields at corners, vertices and points, in a smooth gauge, on one rank."""
