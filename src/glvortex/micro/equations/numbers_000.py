"""Numbers behind the judgement on 000 and its Rashba metal: (printed, exact) pairs.

Units hbar = e = m = k_F = 1, so mu = 1/2; chi in e/4 pi hbar, g_soc in 1/(4 pi hbar v). The Dirac
surface has a module of its own.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.integrate import quad

from glvortex.micro import exact, sums
from glvortex.micro.electrons import Electrons
from glvortex.micro.occupation import Occupation
from glvortex.micro.universal import universal

Numbers = tuple[float, float]
UNIT = 1.0 / (4.0 * np.pi)
GAP, RASHBA = 0.005, 0.01
DELTA = GAP / RASHBA


def metal(gap: float = GAP, rashba: float = RASHBA, **others: float) -> Electrons:
    """The Rashba metal; its normal state warm."""
    thermal = 0.0 if gap else 0.001
    return Electrons(
        **{
            "chemical_potential": 0.5,
            "rashba": rashba,
            "gap": gap,
            "temperature": thermal,
            **others,
        }  # type: ignore[arg-type]
    )


@cache
def gradient(model: Electrons, name: str) -> float:
    """Response of an observable to dM_z/dx."""
    return float(exact.gradient_response(model, name, "exchange_z", 1e-7).value) / UNIT


def chi_metal() -> float:
    """The closed form of chi, `rashba.chi` in e/4 pi hbar."""
    return float(sums.soc_sum(GAP, RASHBA) - sums.current_sum(GAP, RASHBA))


def current_from_gradient() -> Numbers:
    """(3), with chi by (11), (46)-(49)."""
    return chi_metal(), gradient(metal(), "current_y")


def spin_from_gradient() -> Numbers:
    """<sigma_x> per dM_z/dx times 4 pi v: the sign of S = +g_soc grad M_z."""
    return float(sums.soc_sum(GAP, RASHBA)), gradient(metal(), "spin_x") * RASHBA


def texture_sign() -> Numbers:
    """(6): the sign of S in a radial gradient."""
    printed, actual = spin_from_gradient()
    return -printed, actual


def reciprocal_spin() -> Numbers:
    """S_z per div M against -g_soc: the other half of (4)."""
    value = exact.gradient_response(metal(), "spin_z", "exchange_x", 1e-7).value
    return -gradient(metal(), "spin_x"), float(value) / UNIT


def parts_of_chi() -> Numbers:
    """(11)."""
    parts = sum(gradient(metal(), f"current_y_{part}") for part in ("kinetic", "spin"))
    return parts, gradient(metal(), "current_y")


def spin_part() -> Numbers:
    """e v g_soc against the part of the current that acts on spin."""
    return RASHBA * gradient(metal(), "spin_x"), gradient(metal(), "current_y_spin")


def finite_wave_vector(name: str) -> Numbers:
    """(A2), (A3): the derivative in q of the polarisation, against the exact one."""
    q = 1e-3 * GAP
    value = exact.wavevector_response(metal(), name, "exchange_z", q, 1e-7).value[1] / q
    return float(value) / UNIT, gradient(metal(), name)


def normal_metal(name: str) -> Numbers:
    """(44), (45) at E_R = 0.2 mu."""
    return 0.0, gradient(metal(0.0, 0.1, temperature=0.01), name)


def metal_spin() -> Numbers:
    """(46) times -1/(4 pi v), delta = 0.5."""
    root = np.hypot(1.0, DELTA)
    log = np.log(DELTA / (1.0 + root))
    printed = -((DELTA / root) ** 2) * (1.0 + (root + 1.0 / root) * log)
    return float(printed), gradient(metal(), "spin_x") * RASHBA


def metal_orbital() -> Numbers:
    """(48), (49): the orbital part without broadening."""
    root = np.hypot(1.0, DELTA)
    printed = -(1.0 + DELTA**2 / root * np.log(DELTA / (1.0 + root)))
    return float(printed), gradient(metal(), "current_y_kinetic")


def metal_intra() -> Numbers:
    """(47), Gamma = 0.2 E_R: orbital part less what broadening does to the inter-branch part."""
    width = 0.2 * RASHBA
    printed = 0.2 / np.hypot(0.2, DELTA)
    whole = gradient(metal(broadening=width), "current_y_kinetic")
    return float(printed), whole + float(sums.spin_sum(GAP, RASHBA, 0.0, width))


def susceptibility() -> Numbers:
    """(50) over 2 nu_F at E_soc/Delta = 2."""
    v = 1.0 / DELTA
    printed = 1.0 - np.log(v + np.hypot(1.0, v)) / (v * np.hypot(1.0, v))
    return float(printed), float(exact.response(metal(), "spin_z", "exchange_z").value) * np.pi


def zeeman_over_chi() -> Numbers:
    """(51): chi_Z in e/4 pi hbar for E_soc >> Delta: mu_B chi = (1/2) chi."""
    value = exact.response(metal(1e-5, 0.1), "spin_z", "exchange_z").value
    return 2.0, 0.5 * float(value) / UNIT


def broadened_slope() -> Numbers:
    """(C4): -n_F' at T = 0, against the frequency integral with the self-energy."""
    width, energy = 0.1, 0.25
    slope = -Occupation(0.0, width).pair(np.array([energy]), np.array([energy]))[0]
    return width / (np.pi * (energy**2 + width**2)), float(slope)


def broadened_slope_warm() -> Numbers:
    """(C3): the same at T = 0.07, by its integral over the Lorentzian."""
    width, energy, thermal = 0.1, 0.25, 0.07

    def integrand(w: float) -> float:
        fermi = 0.25 / thermal / np.cosh(w / (2.0 * thermal)) ** 2
        return 2.0 * width * fermi / ((w - energy) ** 2 + width**2) / (2.0 * np.pi)

    printed = quad(integrand, -5.0, 5.0, points=[0.0, energy], limit=200)[0]
    slope = -Occupation(thermal, width).pair(np.array([energy]), np.array([energy]))[0]
    return printed, float(slope)


def exchange_spectrum() -> Numbers:
    """(D1): E_+ at k = 1.1 with M_z = 0.2, gap = 0.1, v = 0.3."""
    k, mass, gap, v = 1.1, 0.2, 0.1, 0.3
    even = 0.5 * k * k - 0.5
    root = (v * k * even) ** 2 + (mass * even) ** 2 + (mass * gap) ** 2
    printed = np.sqrt(even**2 + (v * k) ** 2 + mass**2 + gap**2 + 2.0 * np.sqrt(root))
    model = Electrons(chemical_potential=0.5, rashba=v, gap=gap, exchange=(0.0, 0.0, mass))
    levels = np.linalg.eigvalsh(model.hamiltonian(np.array([k]), np.array([0.0])))
    return float(printed), float(levels.max())


def misprinted_energy() -> Numbers:
    """(C1): xi at k = 1.1 k_F, printed hbar^2 (k - k_F)^2/2m, against the model's."""
    k = np.array([1.1])
    return 0.5 * (1.1 - 1.0) ** 2, float(metal().even(k, 0.0 * k)[0])


def ground_state_energy() -> Numbers:
    """(D3) with (D1) integrated over k, second difference in M_z over 2 nu_F; delta = 0.5."""
    nodes, weights = np.polynomial.legendre.leggauss(40)
    around = RASHBA * np.array([0.5, 0.8, 1.0, 1.2, 1.5, 3.0, 10.0, 40.0])
    ends = np.concatenate([[0.0], 1.0 - around[::-1], [1.0], 1.0 + around, [2.0, 5.0, 20.0, 200.0]])
    half = 0.5 * np.diff(ends)[:, None]
    k = (ends[:-1, None] + half * (nodes + 1.0)).ravel()
    measure = (half * weights).ravel() * k / (2.0 * np.pi)
    even, split = 0.5 * k * k - 0.5, RASHBA * k

    def curvature(mass: float) -> float:
        total = 0.0
        for s in (1.0, -1.0):
            clean = np.sqrt((np.abs(even) + s * split) ** 2 + GAP**2)
            # E_s(M) - E_s(0) without the difference of both
            root = np.sqrt((split * even) ** 2 + mass**2 * (even**2 + GAP**2))
            change = mass**2 * (1.0 + 2.0 * s * (even**2 + GAP**2) / (root + np.abs(split * even)))
            total += 0.5 * float(measure @ (change / (np.sqrt(clean**2 + change) + clean)))
        return 2.0 * total / mass**2

    coarse, fine = curvature(0.1 * GAP), curvature(0.05 * GAP)
    value = exact.response(metal(), "spin_z", "exchange_z").value
    return (4.0 * fine - coarse) / 3.0 * np.pi, float(value) * np.pi


def energy_curvature() -> Numbers:
    """(D4), (D2): second difference of the ground-state energy in M_z over 2 nu_F, delta = 0.5."""

    nodes, weights = np.polynomial.legendre.leggauss(40)
    ends = RASHBA * np.array([0.0, 0.5, 0.8, 1.0, 1.2, 1.5, 3.0, 10.0, 100.0, 1e3, 1e5])
    half = 0.5 * np.diff(ends)[:, None]
    x = (ends[:-1, None] + half * (nodes + 1.0)).ravel()

    def drop(mass: float) -> float:
        """E_gs(M) - E_gs(0) over -nu_F."""
        root = np.sqrt((RASHBA**2 + mass**2) * x * x + (mass * GAP) ** 2)
        total = np.zeros_like(x)
        for s in (1.0, -1.0):
            clean = np.hypot(x + s * RASHBA, GAP)
            change = mass**2 + 2.0 * s * (root - RASHBA * x)
            total += change / (np.sqrt(clean**2 + change) + clean)
        return float(total @ (half * weights).ravel())

    step = 0.2 * GAP
    coarse, fine = (2.0 * drop(m) / m**2 for m in (step, 0.5 * step))
    return (4.0 * fine - coarse) / 3.0 / 2.0, float(universal(DELTA))
