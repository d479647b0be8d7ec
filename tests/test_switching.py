"""Switching by torques: slow ones by linear stability, sudden ones by another integrator."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from glvortex.errors import ParameterError
from glvortex.micro.torque import Drive, Macrospins, settle, velocity
from glvortex.micro.torque.stability import dirac_states, growth_rate, spin_hall_limit
from glvortex.micro.torque.switching import after_sudden_torque, threshold, undamped_threshold


def fields(h):
    return np.stack([h, 0.0 * h, 0.0 * h], axis=-1)


@pytest.mark.parametrize("damping", [0.01, 0.1, 1.0])
def test_a_slow_dirac_torque_takes_no_state_away(damping):
    """Both are at rest and stable for |h_x| < 1 at any strength."""
    h, d = np.meshgrid(np.linspace(-0.97, 0.97, 9), [0.0, 0.3, 1.0, 3.0, 30.0, 300.0])
    drive, spins = Drive(fields(h), dirac=d), Macrospins(damping=damping)
    up, down = dirac_states(h, d)
    for m in (up, down):
        assert np.abs(velocity(spins, drive, m)).max() < 1e-12
        assert growth_rate(spins, drive, m).max() < 0.0
    assert np.all(up[..., 2] > 0.0) and np.all(down[..., 2] < 0.0)


def test_growth_rates_of_a_moment_in_its_anisotropy_field():
    rate = growth_rate(Macrospins(damping=0.1), Drive(), [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    assert rate[0] == pytest.approx(-0.1 / 1.01, rel=1e-6)
    assert rate[1] > 0.0  # lying on the hard plane


def test_a_slow_spin_hall_torque_takes_one_state_away_at_the_diamond():
    """Followed up to just below and just above the closed limit, at three fields at once."""
    h = np.array([0.0, 0.3, 0.8])
    limit, spins = spin_hall_limit(h), Macrospins(damping=0.3)
    m = dirac_states(-h, 0.0)[0]
    for share in (0.5, 0.8, 0.95, 0.99):
        drive = Drive(fields(-h), spin_hall=share * limit)
        m = settle(spins, m, drive, 0.1, 1e-4)
    assert np.all(m[:, 2] > 0.3) and growth_rate(spins, drive, m).max() < 0.0
    m = settle(spins, m, Drive(fields(-h), spin_hall=1.01 * limit), 0.1, 1e-4)
    assert np.all(m[:, 2] < 1e-3)
    assert spin_hall_limit([0.0, 1.0 - 1e-12]) == pytest.approx([0.5, 0.0], abs=1e-5)


@pytest.mark.parametrize(
    ("torque", "strength"), [("dirac", 1.25), ("spin_hall", 0.4275), ("dirac", 0.67)]
)
def test_thresholds_by_another_integrator(torque, strength):
    """scipy's DOP853 at 1e-9 on both sides of the threshold at damping 0.1 (h = 0, or 0.4)."""
    h = 0.4 if strength == 0.67 else 0.0
    spins = Macrospins(damping=0.1)
    for share in (0.98, 1.02):
        s = share * strength
        drive = Drive((-h, 0.0, 0.0), **{torque: s})
        run = solve_ivp(
            lambda t, m, drive=drive: velocity(spins, drive, m),
            (0.0, 80.0),
            dirac_states(-h, 0.0)[0],
            method="DOP853",
            rtol=1e-7,
        )
        stays = share < 1.0
        assert (run.y[2, -1] > 0.1) == stays
        assert (after_sudden_torque(torque, s, -h, 0.1) > 0.1) == stays


def test_limit_of_no_damping():
    """Closed: 1 and max -z ln z/sqrt(1 - z^2) at h = 0; the thresholds approach it linearly."""
    z = np.linspace(0.01, 0.99, 20001)
    exact = np.max(-z * np.log(z) / np.sqrt(1.0 - z**2))
    assert undamped_threshold("dirac", 0.0) == pytest.approx(1.0, rel=1e-6)
    assert undamped_threshold("spin_hall", 0.0) == pytest.approx(exact, rel=1e-6)
    h, dampings = np.array([0.1, 0.6]), np.array([[0.03], [0.06]])
    for torque, strengths in (
        ("dirac", np.arange(0.3, 1.0, 0.02)),
        ("spin_hall", np.arange(0.08, 0.4, 0.01)),
    ):
        first, second = threshold(torque, strengths, h, dampings)
        rounding = 1.5 * (strengths[1] - strengths[0])
        assert 2.0 * first - second == pytest.approx(undamped_threshold(torque, h), abs=rounding)


def test_mistakes():
    with pytest.raises(ParameterError, match="take one of dirac, spin_hall"):
        after_sudden_torque("rashba", 0.1, 0.0, 0.1)
    with pytest.raises(ParameterError, match="below the anisotropy field"):
        after_sudden_torque("dirac", 0.1, 1.0, 0.1)
    with pytest.raises(ParameterError, match="damping must be positive"):
        after_sudden_torque("dirac", 0.1, 0.0, 0.0)
