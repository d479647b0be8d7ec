"""Numbers behind the judgement on 004: (printed, exact) pairs, units of `glvortex.micro.weyl`."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.integrate import quad

from glvortex.micro.equations.numbers_000 import Numbers
from glvortex.micro.weyl import (
    DiracSlab,
    continuum,
    gradient_profile,
    green,
    levels,
    potential_gradient,
)
from glvortex.micro.weyl.slab import ALPHA, AXIAL, GAMMA_0
from glvortex.micro.weyl.transport import (
    Reservoir,
    charge_current,
    energy_current,
    exact_charge_current,
)

STRENGTH, SITES = 1.6, 50


@cache
def _slab() -> DiracSlab:
    return DiracSlab(gradient_profile(STRENGTH, SITES, SITES), sites=SITES)


@cache
def _state(index: int, qz: float) -> np.ndarray:
    """Arc (0) or chiral level (1) of the lattice at q_y = 0.2: (L, 4)."""
    return continuum.chiral_states(_slab(), 0.2, qz)[1][index]


def _bloch(qx: float, qy: float, qz: float, slab: DiracSlab) -> np.ndarray:
    """(2) in an infinite crystal with constant fields."""
    q = (qx, qy, qz)
    mass = float(np.asarray(slab.mass)[0]) + 2.0 * slab.hopping * (3.0 - np.sum(np.cos(q)))
    kinetic = sum(slab.velocity * np.sin(p) * ALPHA[a] for p, a in zip(q, "xyz", strict=True))
    return kinetic + mass * GAMMA_0 + float(np.asarray(slab.chiral_field)[0]) * AXIAL


def continuum_limit() -> Numbers:
    """(1): lowest positive energy at a small momentum, against the lattice."""
    slab = DiracSlab(0.3, sites=12, mass=0.1, boundary="periodic")
    q = np.array([0.0, 0.02, 0.03])
    kinetic = sum(p * ALPHA[a] for p, a in zip(q, "xyz", strict=True))
    printed = np.linalg.eigvalsh(kinetic + 0.1 * GAMMA_0 + 0.3 * AXIAL)
    exact = slab.states(q[1], q[2])[0][0]
    return tuple(float(np.min(x[x > 0.0])) for x in (printed, exact))  # type: ignore[return-value]


def lattice() -> Numbers:
    """(2): lowest positive energy of a ring of 12 sites, against its plane waves."""
    slab = DiracSlab(0.3, sites=12, mass=0.1, boundary="periodic")
    waves = [np.linalg.eigvalsh(_bloch(2 * np.pi * k / 12, 0.5, 0.3, slab)) for k in range(12)]
    ring = slab.states(0.5, 0.3)[0][0]
    bloch = np.concatenate(waves)
    return float(np.min(bloch[bloch > 0.0])), float(np.min(ring[ring > 0.0]))


def arc_overlap() -> Numbers:
    """(3) with c_R = c_L: 1, its overlap squared with the arc of constant A^5 = 0.1, q_z = 0.03."""
    slab = DiracSlab(0.1, sites=100)
    state = continuum.chiral_states(slab, 0.05, 0.03)[1][0]
    closed = continuum.fermi_arc(np.arange(100), 0.03, 0.1)
    return 1.0, float(np.abs(np.vdot(closed, state)) ** 2)


def arc_ratio() -> Numbers:
    """(3): real part of c_R/c_L at q_z = 0, printed +-i."""
    state = _state(0, 0.0)
    return 0.0, float((state[0, 2] / state[0, 0]).real)


def level_ratio() -> Numbers:
    """(4): weight of the left-handed half at q_z = 0.4."""
    printed = continuum.chiral_landau_level(np.arange(SITES), 0.4, STRENGTH, SITES, ratio=1j)
    exact = _state(1, 0.4)
    return tuple(float(np.sum(np.abs(s[:, :2]) ** 2)) for s in (printed, exact))  # type: ignore[return-value]


def level_place() -> Numbers:
    """(4): peak of the Gaussian, reach (1 - v q_z/A^5), from the sites around it."""
    slab = DiracSlab(gradient_profile(0.2, 160.0, 160), sites=160)
    state = continuum.chiral_states(slab, 0.0, 0.1)[1][1]
    size = np.log(np.sum(np.abs(state[60:101]) ** 2, axis=1))
    curve = np.polyfit(np.arange(60.0, 101.0), size, 2)
    return 80.0, float(-0.5 * curve[1] / curve[0])


def landau_level() -> Numbers:
    """App. A, first bulk level at q_y = 0.1 and weak B^5."""
    slab = DiracSlab(gradient_profile(0.2, 160.0, 160), sites=160)
    energy = slab.states(0.1, 0.1)[0][0]
    closed = continuum.landau_levels(1, 0.2 / 160.0, 0.1)
    above = energy[energy > 0.1 + 1e-4]
    return float(closed), float(above[0])


def keldysh() -> Numbers:
    """(5): integrated over frequency as printed, against digamma functions; one momentum."""
    slab = DiracSlab(gradient_profile(1.6, 3, 3), sites=3)
    mu, beta, _ = potential_gradient(0.3, 0.1, 1.0, 3).cases(3)
    coupling, y, z = 0.5, np.array([0.4]), np.array([0.3])
    exact = float(green.coupled(slab, mu, beta, coupling, y, z)[0, 0])
    matrix = slab.hamiltonian(y, z)[0]
    moved = np.kron(np.eye(3), -slab.velocity_matrices(y, z)[0, 0])

    def integrand(angle: float) -> float:
        omega = np.tan(angle)
        green = np.linalg.inv((omega + 0.5j * coupling) * np.eye(12) - matrix)
        filling = 0.5 * (1.0 - np.tanh(0.5 * beta[0] * (omega - mu[0])))
        lesser = green @ np.diag(1j * coupling * np.repeat(filling, 4)) @ green.conj().T
        value = np.trace(moved @ lesser) / (2j * np.pi)
        return float(value.real) / np.cos(angle) ** 2

    half = 0.5 * np.pi
    return quad(integrand, -half, half, epsrel=1e-9, limit=500)[0], exact


def weak_coupling() -> Numbers:
    """(6) against (5) at Gamma = 1e-6, one momentum."""
    slab = DiracSlab(gradient_profile(1.6, 6, 6), sites=6)
    mu, beta, _ = potential_gradient(0.1, 0.1, 1.0, 6).cases(6)
    y, z = np.array([0.4]), np.array([0.3])
    limit = levels.uncoupled(slab, mu, beta, "charge", y, z)
    return float(limit[0, 0]), float(green.coupled(slab, mu, beta, 1e-6, y, z)[0, 0])


def transport(which: str, velocity: float = 2.0) -> Numbers:
    """(7)-(9) as printed, v = 2, against the integral over the two bands."""
    cold, warm = (1.0, 1.0) if which == "8" else (1.0, 0.5)
    low, high = (1e-3, 1e-3) if which == "9" else (-1e-3, 2e-3)
    arc, level = Reservoir(low, cold), Reservoir(high, warm)
    printed = charge_current(arc, level, STRENGTH, 1.2, velocity) * velocity
    return float(printed), float(exact_charge_current(arc, level, STRENGTH, 1.2, velocity))


def field_sign() -> Numbers:
    """Text after (7): A^5/(B^5_y L), B^5_y the difference of the profile between two sites."""
    profile = np.asarray(_slab().chiral_field)
    return -1.0, float(STRENGTH / (SITES * (profile[0] - profile[1])))


def lattice_sign() -> Numbers:
    """Text before (7): sign of <J_y> in the arc of energy +v q_y."""
    arc = _state(0, 0.4)
    moved = -_slab().velocity_matrices(0.2, 0.4)[0] @ arc[..., None]
    return 1.0, float(np.sign(np.sum(arc.conj() * moved[..., 0]).real))


def energy_two_bands() -> Numbers:
    """(B1): momentum of the two bands, integrated; v = 2."""
    arc, level = Reservoir(0.002, 1.0), Reservoir(0.001, 2.0)

    def integrand(q: float) -> float:
        filled = [
            0.5 * (1.0 - np.tanh(0.5 * b * (s * 2.0 * q - m)))
            for s, m, b in ((1.0, 0.002, 1.0), (-1.0, 0.001, 2.0))
        ]
        return q * float(filled[0] + filled[1])

    exact = STRENGTH / (2.0 * np.pi**2) * quad(integrand, -1.2, 1.2, epsabs=1e-14)[0]
    return float(energy_current(arc, level, STRENGTH, 1.2, 2.0)), exact


def energy_integral() -> Numbers:
    """(B2) at mu = 0, beta = 1.5, v Lambda = 1.2."""
    from glvortex.micro.weyl.transport import energy_integral as closed

    exact = quad(lambda x: -x * np.tanh(0.75 * x), 0.0, 1.2, epsabs=1e-14)[0]
    return float(closed(0.0, 1.5, 1.2)), exact
