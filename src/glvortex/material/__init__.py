"""From a material and its inclusions in SI units to Ginzburg-Landau lengths, fields and sources."""

from glvortex.material.coefficients import Coefficients
from glvortex.material.electrons import Material
from glvortex.material.sources import Sources

__all__ = ["Coefficients", "Material", "Sources"]
