"""Spin-orbit torques of a magnetised Dirac surface, 002, and the macrospins that they turn.

`coefficients` has the torques in closed form, `bubble` their referee by quadrature, `pumping` the
charge pumped by a moment that moves and its damping, `laboratory` the way from a material and a
current to reduced numbers, `macrospin` and `dynamics` the Landau-Lifshitz-Gilbert equation,
`stability` and `switching` the diagrams of 002 Fig. 2.

    from glvortex.micro.torque import Drive, Macrospins, evolve, settle
    spins = Macrospins(anisotropy=[1.0, 0.8], damping=0.1)              # fields in mu0 H_K
    up = settle(spins, (0.1, 0.0, 1.0), Drive(field=(0.0, 0.0, 0.3)))   # (2, 3)
    evolve(spins, up, Drive(spin_hall=0.6), duration=100.0)             # in 1/(gamma mu0 H_K)
    rng = np.random.default_rng(1)
    evolve(spins, up, Drive(temperature=[0.05, 0.02]), 100.0, rng=rng)  # k_B T/(M mu0 H_K)
"""

from glvortex.micro.torque.dynamics import STEP, Protocol, evolve, settle
from glvortex.micro.torque.macrospin import Drive, Macrospins, energy, velocity

__all__ = ["STEP", "Drive", "Macrospins", "Protocol", "energy", "evolve", "settle", "velocity"]
