"""Dirac electrons in a chiral gauge field between baths, 004: the inverse spin Hall effect.

`slab` is the lattice Hamiltonian with any profile of fields, `pairs` its fast diagonalisation,
`steady` the steady-state currents (`levels`, `crossings` without coupling, `green` with it),
`impurities` self-energy and lifetimes, `continuum` Landau levels and wave functions, `transport`
the formulas with a cutoff, `drive` the current as a source for a superconductor. Not the Dirac
surface of `glvortex.micro.dirac`.

    from glvortex.micro.weyl import DiracSlab, current, gradient_profile, potential_gradient
    slab = DiracSlab(gradient_profile(1.6, reach=50.0, sites=50))
    baths = potential_gradient(0.01, [-0.2, 0.0, 0.2], 1.0, 50)   # slope, mu_F, beta
    current(slab, baths, accuracy=1e-3)                           # value, error, momenta
"""

from glvortex.micro.weyl.slab import DiracSlab, Levels, gradient_profile
from glvortex.micro.weyl.steady import Baths, current, potential_gradient, temperature_gradient

__all__ = [
    "Baths",
    "DiracSlab",
    "Levels",
    "current",
    "gradient_profile",
    "potential_gradient",
    "temperature_gradient",
]
