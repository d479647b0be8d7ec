"""Torques of a Dirac surface: closed forms, the bubble as referee, adiabatic electrons, Onsager."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from scipy.constants import e, hbar
from scipy.integrate import quad

from glvortex.errors import ParameterError
from glvortex.micro.nambu import SIGMA
from glvortex.micro.torque import (
    Drive,
    Macrospins,
    bubble,
    coefficients,
    laboratory,
    pumping,
    velocity,
)
from glvortex.micro.torque.bubble import DiracSurface

TURN = np.array([[0.0, -1.0], [1.0, 0.0]])  # z x
MEV = 1e-3 * e
SAMPLE = {
    "fermi_energy": 200 * MEV,
    "exchange": 40 * MEV,
    "lifetime": 1e-13,
    "velocity": 5e5,
}


@cache
def response(beta, tau, direction, **others):
    return bubble.spin_response(DiracSurface(beta, tau, direction), **dict(others))


def closed(beta, tau, mz):
    """(13) corrected in units hbar = e = v = eps_F = 1, from SI units."""
    density = coefficients.spin_density(e, beta * e, tau * hbar / e, 1.0, mz)
    return np.array([density.perp, density.par]) * hbar / e


DIRECTIONS = [
    (0.5, (0.0, 0.0, 1.0)),
    (0.9, (0.0, 0.0, -1.0)),
    (-0.5, (0.48, -0.64, 0.6)),
    (0.3, (1.0, 0.0, 0.0)),
]


@pytest.mark.parametrize(("beta", "direction"), DIRECTIONS)
def test_closed_forms_against_the_bubble(beta, direction):
    """Any direction of m: six digits, extrapolated to a long lifetime."""
    values = [response(beta, tau, direction)[:2] for tau in (500.0, 1000.0)]
    for tensor in values:  # a z x E + b E, nothing else
        assert tensor[0, 0] == pytest.approx(tensor[1, 1], abs=1e-9)
        assert tensor[0, 1] == pytest.approx(-tensor[1, 0], rel=1e-9)
    mz = direction[2]
    perp, par = closed(beta, 1.0, mz)
    slope = (values[1] - values[0])[1, 0] / 500.0
    assert slope == pytest.approx(perp, rel=3e-6)
    limit = (2.0 * values[1] - values[0])[0, 0]
    assert limit == pytest.approx(mz * par, rel=3e-6, abs=1e-9)


@pytest.mark.parametrize(("beta", "direction"), DIRECTIONS)
def test_no_spin_along_z_and_no_matter_of_the_direction_in_the_plane(beta, direction):
    tensor = response(beta, 500.0, direction)
    assert np.abs(tensor[2]).max() < 1e-10 * np.abs(tensor).max()
    upright = beta * direction[2]
    same = response(upright, 500.0, (0.0, 0.0, 1.0))
    assert tensor == pytest.approx(same, rel=1e-8, abs=1e-9 * tensor[1, 0])


@pytest.mark.parametrize("beta", [0.2, -0.7])
def test_vertex_factors(beta):
    """A and B as printed, to first order in 1/tau; extrapolated."""
    once, twice = (bubble.vertex_factors(DiracSurface(beta, tau)) for tau in (500.0, 1000.0))
    form = coefficients.vertex_factors(beta, hbar / e, e, 1.0)
    assert 2.0 * twice[0] - once[0] == pytest.approx(form.perp, rel=1e-5)
    assert 2000.0 * twice[1] - 500.0 * once[1] == pytest.approx(form.par, rel=1e-5)


def clean_bubble(delta, width, order):
    """<sigma_x> per E_x without impurities but for one level width, eps_F = 1."""

    def ring(k):
        angle = np.arange(8) * np.pi / 4.0
        h = np.multiply.outer(k * np.sin(angle), SIGMA["x"]) + delta * SIGMA["z"]
        h = h - np.multiply.outer(k * np.cos(angle), SIGMA["y"])
        g = np.linalg.inv((1.0 + 1j * width) * np.eye(2) - h)
        a = np.conj(np.swapaxes(g, 1, 2))
        first, last = (g, a - g) if order == "kubo" else (a, g - a)
        product = SIGMA["x"] @ first @ -SIGMA["y"] @ last  # v_x = -sigma_y
        return np.trace(product, axis1=1, axis2=2).real.mean() * k / (2.0 * np.pi)

    fermi = np.sqrt(1.0 - delta**2)
    ends = (0.0, fermi - 20 * width, fermi + 20 * width, 3.0, 1e3)
    inner = sum(quad(ring, p, q, limit=400)[0] for p, q in pairwise(ends))
    return -inner / (2.0 * np.pi)


def test_clean_electrons_decide_on_the_order_of_the_green_functions():
    """Spins that follow d(k(t)), <sigma_x> = -Delta/2|d|^3 per E_x; (8) has the opposite."""
    ring = lambda k: -0.4 / (2.0 * np.hypot(k, 0.4) ** 3) * k / (2.0 * np.pi)  # noqa: E731
    fermi = np.sqrt(1.0 - 0.4**2)
    adiabatic = quad(ring, fermi, np.inf)[0]  # below, the two bands cancel
    assert adiabatic == pytest.approx(-0.4 / (4.0 * np.pi), rel=1e-9)
    assert clean_bubble(0.4, 2e-3, "kubo") == pytest.approx(adiabatic, rel=2e-3)
    assert clean_bubble(0.4, 2e-3, "printed") == pytest.approx(-adiabatic, rel=2e-3)
    # impurities make it eight times larger at small Delta, with the same sign
    assert response(0.01, 500.0, (0.0, 0.0, 1.0))[0, 0] == pytest.approx(
        -0.08 / 4 / np.pi, rel=2e-3
    )
    kubo, printed = (response(0.5, 500.0, (0.0, 0.0, 1.0), order=o) for o in bubble.ORDERS)
    assert printed[0, 0] == pytest.approx(-kubo[0, 0], rel=1e-9)
    assert printed[1, 0] == pytest.approx(kubo[1, 0], rel=1e-9)


def test_a_spin_in_time_follows_the_adiabatic_formula():
    """Schroedinger's equation with dk/dt = -E (charge -e), the field rising smoothly."""
    delta, field, ky, k, dt, half = 0.4, 2e-3, 0.3, -0.1, 0.05, 100.0

    def levels(k):
        return np.linalg.eigh(ky * SIGMA["x"] - k * SIGMA["y"] + delta * SIGMA["z"])

    def spin(state):
        return np.real(state.conj() @ SIGMA["x"] @ state)

    state = levels(k)[1][:, 0]
    for i in range(int(2 * half / dt)):
        step = dt * field * np.sin(0.5 * np.pi * min((i + 0.5) * dt / half, 1.0)) ** 2
        energy, u = levels(k - 0.5 * step)
        state = u @ (np.exp(-1j * dt * energy) * (u.conj().T @ state))
        k -= step
    size = np.sqrt(k**2 + ky**2 + delta**2)
    measured = (spin(state) - spin(levels(k)[1][:, 0])) / field
    assert measured == pytest.approx(-delta / (2.0 * size**3), rel=1e-2)


@pytest.mark.parametrize(("beta", "direction"), DIRECTIONS[:3])
def test_onsager(beta, direction):
    """j = P dm/dt and T = K E: P(m) [m x] = K(-m)^T, from bubbles at m and at -m."""
    m = np.array(direction)
    turn = np.cross(m, np.eye(3)).T  # turn @ v = m x v
    surface = DiracSurface(beta, 500.0, direction)
    pumped = bubble.current(bubble.pumped_spin(surface)) @ np.eye(2, 3)
    torque = -turn @ (beta * response(beta, 500.0, tuple(-m)))
    assert pumped @ turn == pytest.approx(torque.T, rel=1e-7, abs=1e-7)
    # and what `pumping` says
    found = coefficients.Coefficients(*(beta * closed(beta, 500.0, direction[2])))
    rate = np.cross(m, [0.3, -0.5, 0.7])
    unscaled = pumping.pumped_current(found, m, rate)
    assert unscaled == pytest.approx(pumped @ rate, rel=2e-3)


def test_pumped_torque_is_what_the_pumped_spins_exert():
    beta, direction = DIRECTIONS[2]
    m, rate = np.array(direction), np.cross(direction, [0.3, -0.5, 0.7])
    spin = bubble.pumped_spin(DiracSurface(beta, 500.0, direction)) @ rate[:2]
    found = coefficients.Coefficients(*(beta * closed(beta, 500.0, direction[2])))
    torque = pumping.pumped_torque(found, m, rate, beta * e, 1.0)  # Delta/e v in its units
    assert torque == pytest.approx(beta * np.cross(m, spin), rel=3e-3)
    assert torque @ m == pytest.approx(0.0, abs=1e-9 * np.abs(torque).max())
    assert pumping.damping_torque(0.1, 0.2, m, rate) @ m == pytest.approx(0.0, abs=1e-15)


def test_heat_is_positive():
    """j E + Delta <sigma> dm/dt = sigma_xx |E + E_m|^2, with all currents; not with (22)'s sign."""
    found = coefficients.torque(**SAMPLE, mz=0.6)
    flow = coefficients.conductivity(
        *(SAMPLE[k] for k in ("fermi_energy", "exchange", "lifetime")), 0.6
    )
    rng, m = np.random.default_rng(1), np.array([0.48, -0.64, 0.6])
    field = 1e4 * rng.normal(size=(50, 2))
    rate = np.cross(m, 1e12 * rng.normal(size=(50, 3)))
    motive = pumping.motive_field(rate, SAMPLE["exchange"], SAMPLE["velocity"])
    driven = flow.perp * field + 0.6 * flow.par * field @ TURN.T
    pumped = pumping.pumped_current(found, m, rate)
    # work of the moment on the electrons: j . E_m
    heat = np.sum((driven + pumped) * (field + motive), axis=1)
    assert heat == pytest.approx(flow.perp * np.sum((field + motive) ** 2, axis=1), rel=1e-9)
    printed = np.sum((driven - pumped) * (field + motive), axis=1)
    assert heat.min() > 0.0 > printed.min()


def test_printed_formulas_by_name():
    """(13) and (14): first terms -1 and -1/2 of the corrected ones, second terms the same."""
    for function, factor in ((coefficients.spin_density, -1.0), (coefficients.torque, -0.5)):
        right, printed = (function(**SAMPLE, mz=0.5, formula=f) for f in coefficients.FORMULAS)
        assert printed.perp == pytest.approx(factor * right.perp) and printed.par == right.par
        assert right.perp > 0.0 > right.par
    with pytest.raises(ParameterError, match="take one of corrected, printed"):
        coefficients.torque(**SAMPLE, formula="(14)")


def test_conductivity_is_that_of_the_boltzmann_equation():
    """e^2 eps_F tau_tr/4 pi hbar^2 with tau_tr = 4 tau at Delta = 0: no backscattering."""
    found = coefficients.conductivity(0.2 * e, 0.0, 1e-13)
    assert found.perp == pytest.approx(e**2 * 0.2 * e * 4e-13 / (4.0 * np.pi * hbar**2))
    assert found.par == 0.0


def test_from_the_laboratory_to_the_reduced_equation():
    """dm/dt in 1/s from SI torques and damping, against `velocity` of reduced numbers."""
    sheet, unit, m = 5e-4, 0.1, np.array([0.48, -0.64, 0.6])
    drive = laboratory.dirac_drive(2e5, **SAMPLE, moment_per_area=sheet, unit_field=unit)
    damping = laboratory.surface_damping(**SAMPLE, moment_per_area=sheet)
    spins = Macrospins(1.0, damping=0.02, surface_damping=damping, polarization=0.2)
    hall = laboratory.spin_hall_drive(1e11, 0.1, sheet, unit)
    assert hall * unit == pytest.approx(hbar * 0.1 * 1e11 / (2.0 * e * sheet))
    assert 1e4 * hall * unit == pytest.approx(65.8, abs=0.1)  # gauss
    reduced = velocity(spins, Drive(dirac=drive.dirac, fieldlike=drive.fieldlike), m)
    rate = reduced / laboratory.unit_time(unit)
    found = coefficients.torque(**SAMPLE, mz=m[2])
    gamma = laboratory.GAMMA
    torque = gamma / sheet * pumping.torque_per_area(found, m, [2e5, 0.0])
    exchange, speed = SAMPLE["exchange"], SAMPLE["velocity"]
    lone = coefficients.Coefficients(found.perp, 0.0 * found.par)  # the rest turns, see `macrospin`
    torque += gamma / sheet * pumping.pumped_torque(lone, m, rate, exchange, speed)
    torque += -gamma * np.cross(m, [0.0, 0.0, unit * m[2]]) + 0.02 * np.cross(m, rate)
    assert rate == pytest.approx(torque, rel=1e-9)
    assert laboratory.thermal(300.0, 1e-17, 0.1) == pytest.approx(4.14e-3, rel=1e-2)
    assert drive.sheet_current == pytest.approx(2e5 * 4e-13 / 4 * 0.2 * e * e**2 / np.pi / hbar**2)


def test_mistakes():
    with pytest.raises(ParameterError, match="above the gap"):
        coefficients.torque(e, 2 * e, 1e-13, 5e5)
    with pytest.raises(ParameterError, match="lifetime must be positive, got 0 s"):
        coefficients.torque(e, 0.1 * e, 0.0, 5e5)
    with pytest.raises(ParameterError, match="metallic regime"):
        DiracSurface(1.0, 10.0)
    with pytest.raises(ParameterError, match="lifetime must be positive"):
        DiracSurface(0.1, 0.0)
    with pytest.raises(ParameterError, match="three finite numbers"):
        DiracSurface(0.1, 1.0, (0.0, 0.0, 0.0))
    with pytest.raises(ParameterError, match="take one of kubo, printed"):
        bubble.spin_response(DiracSurface(0.1, 10.0), order="8")
    with pytest.raises(ParameterError, match="moment_per_area must be positive"):
        laboratory.spin_hall_drive(1e11, 0.1, 0.0, 0.1)
