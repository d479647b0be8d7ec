"""Closed forms and Matsubara sums against diagonalisation of the 4x4 Nambu Hamiltonian."""

import numpy as np
import pytest
from scipy.constants import e, eV, hbar, m_e
from scipy.constants import k as boltzmann

from glvortex import micro
from glvortex.micro import Electrons, exact
from nambu_referee import average, gradient_response

R20 = 1.0 / np.sqrt(20.0)
PRINTED_17 = micro.GAMMA_FORMULAS["printed-17"]
CHI = 1.0 / (4.0 * np.pi)  # e/(4 pi hbar) with e = hbar = 1


@pytest.mark.parametrize("temperature", [0.0, 1e-4, 4e-3])
@pytest.mark.parametrize("gap", [0.01, 0.05, 0.1, 0.3])
def test_gamma_has_the_sign_and_size_of_the_hamiltonian(gap, temperature):
    # parameters of 003 Fig. 2(b); energies in mu there, mu = 1/2 here
    gap, temperature = 0.5 * gap, 0.5 * temperature
    rashba, in_plane, exchange = 0.5 * R20, -0.01 * R20, 0.5e-3
    current, _ = average(gap, rashba, in_plane, exchange, temperature)
    # j_y = -gamma E_x b_z and lambda e E_x = in_plane, e = m = 1
    exact = -current / (in_plane * exchange)
    predicted = micro.GAMMA_FORMULAS["corrected"] * micro.current_sum(gap, rashba, temperature)
    print(f"gap {gap:g} T {temperature:g}: gamma {exact:.8f}, formula {predicted:.8f}")
    assert predicted == pytest.approx(exact, rel=1e-3)
    if temperature == 0.0:
        assert exact / (PRINTED_17 * micro.universal(gap / rashba)) == pytest.approx(-2.0, rel=1e-3)


@pytest.mark.parametrize(("gap", "temperature"), [(0.0, 2e-3), (0.01, 3e-3), (0.01, 0.0)])
def test_both_parts_of_gamma(gap, temperature):
    """003 App. F: between branches all of the spin susceptibility, within one the rest."""
    model = Electrons(chemical_potential=0.5, rashba=-0.02, gap=gap, temperature=temperature)
    whole = -exact.mixed_response(model, "current_y", "exchange_z", "in_plane").value
    between = -0.5 * exact.response(model, "spin_z", "exchange_z").value  # one branch has no spin_z
    size = 1.0 / (2.0 * np.pi)
    closed = np.array(
        [-micro.spin_sum(gap, 0.02, temperature), micro.yosida(gap, temperature)], dtype=float
    )
    parts = np.array([between, whole - between]) / size
    print(f"parts of gamma {parts}, closed forms off by {closed - parts}")
    assert closed == pytest.approx(parts, abs=2e-4)
    if gap == 0.0:
        assert parts == pytest.approx([-1.0, 1.0], abs=1e-6)
    si = micro.gamma_parts(m_e, 1e-20, gap * eV, 0.02 * eV, temperature * eV / boltzmann)
    assert np.array(si) == pytest.approx(closed * e**2 * 1e-20 * m_e / hbar**3 * size, rel=1e-9)


def test_gamma_does_not_care_for_the_sign_of_the_out_of_plane_field():
    up, down = (average(0.02, s * 0.1, -1e-3, 1e-4)[0] for s in (1.0, -1.0))
    assert up == pytest.approx(down, rel=1e-9)


def test_normal_state_has_spin_but_no_gamma_current():
    current, spin = average(0.0, 0.1, 2e-3, 1e-3, temperature=0.01)
    assert abs(current / (2e-3 * 1e-3)) < 1e-5  # against 1/2 pi with a small gap
    assert spin * np.pi / 1e-3 == pytest.approx(1.0, rel=1e-6)
    assert micro.current_sum(0.0, 0.1, [0.0, 0.01]) == pytest.approx([0.0, 0.0])


@pytest.mark.parametrize("temperature", [0.0, 4e-3])
@pytest.mark.parametrize(("gap", "rashba"), [(0.01, 0.1), (0.02, 0.02), (0.05, 0.02)])
def test_spin_susceptibility(gap, rashba, temperature):
    _, spin = average(gap, rashba, 0.0, 1e-4 * gap, temperature)
    exact = np.pi * spin / (1e-4 * gap)
    assert micro.spin_sum(gap, rashba, temperature) == pytest.approx(exact, rel=1e-3)


@pytest.mark.parametrize(
    ("gap", "rashba", "temperature"),
    [(0.01, 0.02, 0.0), (0.05, 0.02, 0.0), (0.01, 0.02, 0.004), (0.005, 0.02, 0.01)],
)
def test_response_to_a_magnetisation_gradient(gap, rashba, temperature):
    """chi with its sign; g_soc with its sign, which makes S = +g_soc grad M_z and 000 (6) wrong."""
    current, spin = gradient_response(gap, rashba, temperature)
    soc = micro.soc_sum(gap, rashba, temperature)
    predicted = CHI * (soc - micro.current_sum(gap, rashba, temperature))
    print(f"chi {current / CHI:.6f} formula {predicted / CHI:.6f}")
    assert predicted == pytest.approx(current, abs=2e-3 * CHI)
    # the Rashba velocity of 000 (8) is -lambda e E_z, and g_soc carries 1/v, not 1/v_F
    assert -CHI / rashba * soc == pytest.approx(spin, rel=2e-3)


def test_weak_field_limits_of_an_inclusion():
    """The first two limits of `glvortex.material.sources` mean errors of gamma of 7 % and 2 %."""
    gap = rashba = 0.02
    weak, _ = average(gap, rashba, 1e-3 * rashba, 1e-3 * gap)
    weak /= 1e-6 * rashba * gap
    exchange = 0.2 * np.hypot(gap, rashba)
    strong, _ = average(gap, rashba, 1e-3 * rashba, exchange)
    assert 0.02 < abs(strong / (1e-3 * rashba * exchange) / weak - 1.0) < 0.08
    tilted, _ = average(gap, rashba, 0.3 * rashba, 1e-3 * gap, angles=32)
    assert abs(tilted / (0.3e-3 * rashba * gap) / weak - 1.0) < 0.02
