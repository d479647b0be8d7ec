"""Ginzburg-Landau vortices in superconductors with charged magnetic inclusions."""

__version__ = "0.1.0"
