"""The gauge-covariant space, the fields the inclusions make, and the energy as a sum of terms."""
