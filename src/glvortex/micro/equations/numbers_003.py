"""Numbers behind the judgement on 003: (printed, exact) pairs. Units hbar = m = k_F = e = 1."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.integrate import quad

from glvortex.micro import exact
from glvortex.micro.electrons import Electrons
from glvortex.micro.nambu import SPIN
from glvortex.micro.universal import universal

Numbers = tuple[float, float]
GAP, RASHBA = 0.01, 0.1
GAMMA = ("current_y", "exchange_z", "in_plane")


@cache
def j_per_fields(gap: float = GAP, temperature: float = 0.0) -> float:
    """j_y per lambda e E_x and b_z, by diagonalisation: -gamma/(e^2 lambda m)."""
    model = Electrons(chemical_potential=0.5, rashba=-RASHBA, gap=gap, temperature=temperature)
    return float(exact.mixed_response(model, *GAMMA).value)


def alpha_in_the_normal_state() -> Numbers:
    """(1): the alpha term."""
    model = Electrons(chemical_potential=0.5, rashba=-RASHBA, temperature=0.01)
    return 0.0, float(exact.response(model, "current_y", "exchange_x").value)


def gamma_direction() -> Numbers:
    """j_x over j_y for E_par along x."""
    model = Electrons(chemical_potential=0.5, rashba=-RASHBA, gap=GAP)
    along = exact.mixed_response(model, "current_x", "exchange_z", "in_plane").value
    return 0.0, float(along) / j_per_fields()


def spin_susceptibility() -> Numbers:
    """(9): chi over m mu_B."""
    model = Electrons(chemical_potential=0.5, rashba=-RASHBA, temperature=0.01)
    return 3.0 * np.pi, float(exact.response(model, "spin_z", "exchange_z").value)


def current_operator() -> Numbers:
    """J_y at one momentum, and -dH/dA_y by finite differences; a sum of matrix elements."""
    model = Electrons(chemical_potential=0.5, rashba=-0.3, gap=0.1, in_plane=0.2)
    kx, ky, step = np.array([0.7]), np.array([0.4]), 1e-5
    # minimal coupling p + tau_z A: particles and holes shift oppositely
    change = np.zeros((1, 4, 4), dtype=complex)
    for sign in (1.0, -1.0):
        ahead, back = (model.hamiltonian(kx, ky + s * sign * step) for s in (1.0, -1.0))
        half = slice(0, 2) if sign > 0 else slice(2, 4)
        change[:, half, half] = (ahead - back)[:, half, half] / (2.0 * step)
    weights = np.arange(1.0, 17.0).reshape(4, 4)
    printed = model.operator("current_y", kx, ky)
    return float(np.sum(weights * printed).real), float(-np.sum(weights * change).real)


@cache
def linear_response() -> Numbers:
    """(16), (E1) as printed, by sums over k and imaginary frequency; per E_x b_z, Delta = 0.05."""
    gap, step, angles = 0.05, 1e-3, 2.0 * np.pi * (np.arange(8) + 0.5) / 8
    nodes, weights = np.polynomial.legendre.leggauss(16)
    edges = np.array(
        [0.0, 0.5, 0.7, 0.8, 0.85, 0.9, 0.95, 1.0, 1.05, 1.1, 1.15, 1.2, 1.3, 1.6, 4.0]
    )
    half = 0.5 * np.diff(edges)[:, None]
    k = (edges[:-1, None] + half * (nodes + 1.0)).ravel()
    # w = gap sinh u, all frequencies first, as far as 1/w is gone; the real part is even
    many, fine = np.polynomial.legendre.leggauss(48)
    u, du = 8.0 * (many + 1.0), 8.0 * fine
    total = 0.0
    kx, ky = (np.outer(k, f(angles)).ravel() for f in (np.cos, np.sin))
    measure = np.repeat(k * (half * weights).ravel(), 8) / (2.0 * np.pi * 8)
    for sign in (1.0, -1.0):
        model = Electrons(chemical_potential=0.5, rashba=-RASHBA, gap=gap, in_plane=sign * step)
        current = 0.5 * model.operator("current_y", kx, ky)
        h = model.hamiltonian(kx, ky)
        for x, dx in zip(u, du, strict=True):
            green = np.linalg.inv(1j * gap * np.sinh(x) * np.eye(4) - h)
            trace = np.einsum("kab,kba->k", current @ green, SPIN["z"] @ green).real
            total += sign * gap * np.cosh(x) * dx / np.pi * float(measure @ trace)
    return 0.5 * total / (2.0 * step), j_per_fields(gap=gap)


def average_current() -> Numbers:
    """(23) at small fields, extrapolated to none, against the exact second derivative."""
    values = []
    for step in (4e-3, 2e-3):
        field = (0.0, 0.0, 0.1 * step)
        model = Electrons(
            chemical_potential=0.5, rashba=-RASHBA, gap=GAP, in_plane=step, exchange=field
        )
        values.append(float(exact.average(model, ["current_y"]).value[0]) / (0.1 * step**2))
    return (4.0 * values[1] - values[0]) / 3.0, j_per_fields()


def printed_17() -> Numbers:
    """(17) per E_x b_z."""
    # E_x x b_z z points along -y
    return -float(universal(GAP / RASHBA)) / (4.0 * np.pi), j_per_fields()


def printed_19() -> Numbers:
    """(19) per E_x b_z, Delta = E_R/1000."""
    return -1.0 / (4.0 * np.pi), j_per_fields(gap=1e-4)


def printed_21() -> Numbers:
    """gamma/(e^2 lambda m)."""
    return -float(universal(GAP / RASHBA)) / (4.0 * np.pi), -j_per_fields()


def printed_22() -> Numbers:
    """M_gamma/M_n over e^2 lambda V/mu_B, with the exact normal-state susceptibility."""
    return -1.0 / (12.0 * np.pi**2), -j_per_fields(gap=1e-4) / spin_susceptibility()[1]


def universal_function() -> Numbers:
    """(18), against the integral of (E8) with the corrected sign, at y = 0.3."""
    y = 0.3

    def integrand(x: float) -> float:
        a, b = np.hypot(x - 1.0, y), np.hypot(x + 1.0, y)
        return (1.0 - x * x - y * y + a * b) / (a * b * (a + b))

    integral = sum(quad(integrand, *ends, epsabs=1e-13)[0] for ends in ((0, 1), (1, 2)))
    integral += quad(integrand, 2.0, np.inf, epsabs=1e-13)[0]
    return float(universal(y)), integral
