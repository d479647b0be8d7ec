"""Landau-Lifshitz-Gilbert: exact solutions, the Gilbert form itself, Boltzmann statistics."""

from itertools import pairwise

import numpy as np
import pytest

from glvortex.errors import NotConvergedError, ParameterError
from glvortex.micro.torque import Drive, Macrospins, energy, evolve, settle, velocity

Z = np.array([0.0, 0.0, 1.0])
SOME = np.random.default_rng(0).normal(size=(6, 3))
SOME /= np.linalg.norm(SOME, axis=1)[:, None]
SURFACE = Macrospins(damping=0.3, surface_damping=0.8, polarization=0.7)


def test_the_equation_as_002_writes_it():
    """Cross products of (25), the damping of (24) as a torque, and all torques of the module."""
    drive = Drive((0.3, 0.2, 0.1), 0.4, 0.2, 0.3, direction=(3.0, 4.0))
    e, p = np.array([0.6, 0.8, 0.0]), np.array([-0.8, 0.6, 0.0])
    x = (0.7 * SOME[:, 2:]) ** 2
    f, t, mz = (1.0 - x) / (1.0 + 3.0 * x), (1.0 + x) / (1.0 + 3.0 * x) ** 2, SOME[:, 2:]
    speed = velocity(SURFACE, drive, SOME)
    torque = 0.4 * t * mz * np.cross(SOME, e) + 0.2 * f * np.cross(SOME, p)
    torque += 0.3 * np.cross(SOME, np.cross(p, SOME))
    torque += np.cross(SOME, 0.3 * speed + 0.8 * f * speed * [1.0, 1.0, 0.0])
    field = np.array([0.3, 0.2, 0.1]) + mz * Z
    assert speed == pytest.approx(torque - np.cross(SOME, field), abs=1e-14)


def test_energy_falls_at_the_rate_of_the_damping():
    drive = Drive(field=(0.3, 0.2, 0.1))
    speed, step = velocity(SURFACE, drive, SOME), 1e-5
    change = energy(SURFACE, drive, SOME + step * speed)
    change -= energy(SURFACE, drive, SOME - step * speed)
    x = (0.7 * SOME[:, 2]) ** 2
    loss = 0.3 * speed**2 + 0.8 * ((1.0 - x) / (1.0 + 3.0 * x))[:, None] * speed**2 * [1, 1, 0]
    assert change / (2.0 * step) == pytest.approx(-loss.sum(axis=1), rel=1e-8)
    assert np.all(loss.sum(axis=1) > 0.0)


def test_precession_in_a_field_along_z():
    """tan(theta/2) = tan(theta_0/2) exp(-alpha h t/(1 + alpha^2))."""
    drive, rate = Drive(field=(0.0, 0.0, 0.7)), 0.7 / (1.0 + 0.2**2)
    m = evolve(Macrospins(0.0, damping=0.2), (np.sin(1.0), 0.0, np.cos(1.0)), drive, 4.0, 0.01)
    angle = 2.0 * np.arctan(np.tan(0.5) * np.exp(-0.2 * rate * 4.0))
    assert np.arccos(m[2]) == pytest.approx(angle, abs=2e-5)
    assert np.arctan2(m[1], m[0]) == pytest.approx(rate * 4.0, abs=2e-5)


def test_surface_damping_adds_to_damping_along_z_only():
    """Small oscillations: both dampings about z, alpha with the mean of both about x."""
    spins = Macrospins(0.0, damping=0.2, surface_damping=0.3)
    upright = evolve(spins, (1e-4, 0.0, 1.0), Drive(field=(0.0, 0.0, 0.7)), 4.0, 0.01)
    decay = np.exp(-0.5 / (1.0 + 0.5**2) * 0.7 * 4.0)
    assert np.hypot(*upright[:2]) == pytest.approx(1e-4 * decay, rel=1e-4)
    lying = evolve(spins, (1.0, 0.0, 1e-4), Drive(field=(0.7, 0.0, 0.0)), 4.0, 0.01)
    # (A + J) d/dt + h = 0 with A = diag(0.5, 0.2)
    matrix = -0.7 * np.linalg.inv([[0.5, -1.0], [1.0, 0.2]])
    value, vectors = np.linalg.eig(matrix)
    exact = (vectors * np.exp(4.0 * value)) @ np.linalg.solve(vectors, [0.0, 1e-4])
    assert lying[1:] == pytest.approx(exact.real, rel=1e-4, abs=1e-8)


def test_second_order_and_norm():
    drive = Drive((0.3, 0.2, 0.1), 0.4, 0.2, 0.3)
    values = [evolve(SURFACE, SOME, drive, 5.0, dt) for dt in (0.1, 0.05, 0.025)]
    first, second = (np.abs(a - b).max() for a, b in pairwise(values))
    assert 3.5 < first / second < 4.6 and second < 1e-3
    assert np.linalg.norm(values[0], axis=1) == pytest.approx(1.0, abs=1e-14)


def test_a_drive_may_depend_on_time():
    """A field that turns at the frequency of precession stands still in the turning frame."""
    spins = Macrospins(0.0, damping=0.0)
    drive = lambda t: Drive(field=(0.1 * np.cos(t), 0.1 * np.sin(t), 1.0))  # noqa: E731
    m = evolve(spins, Z, drive, np.pi / 0.1, 0.02)
    assert m == pytest.approx(-Z, abs=1e-3)
    halves = evolve(spins, evolve(spins, Z, drive, 10.0, 0.01), drive, 6.0, 0.01, start=10.0)
    assert halves == pytest.approx(evolve(spins, Z, drive, 16.0, 0.01), abs=1e-12)


@pytest.mark.parametrize("angle", [0.1, 0.5, 1.3])
def test_coercive_field_of_stoner_and_wohlfarth(angle):
    """Many moments of their own anisotropy: those below the closed coercive field turn over."""
    critical = (np.cos(angle) ** (2 / 3) + np.sin(angle) ** (2 / 3)) ** -1.5
    direction = np.array([np.sin(angle), 0.0, -np.cos(angle)])
    spins = Macrospins(anisotropy=[0.97, 1.03], damping=1.0)
    start = settle(spins, Z, Drive(field=0.9 * critical * direction))
    assert np.all(start @ direction < np.sin(angle) + 1e-9)
    turned = settle(spins, start, Drive(field=critical * direction))
    assert turned[0, 2] < 0.0 < turned[1, 2]


@pytest.mark.parametrize(
    "spins",
    [Macrospins(damping=0.5), Macrospins(damping=0.3, surface_damping=1.5, polarization=0.9)],
)
def test_boltzmann(spins):
    """An equilibrium of 20000 moments stays one; without its drift the noise misses by 5 sigma."""
    still, rng = Drive(field=(0.2, 0.0, 0.1)), np.random.default_rng(3)
    warm = Drive(still.field, temperature=0.3)
    ball = rng.normal(size=(300000, 3))
    weight = np.exp(-energy(spins, still, ball) / 0.3)
    first = ball[rng.random(len(ball)) * weight.max() < weight][:20000]
    m = evolve(spins, first, warm, 12.0, 0.1, rng)
    z, phi = np.meshgrid(np.linspace(-0.9975, 0.9975, 400), np.arange(0.0, 2 * np.pi, np.pi / 100))
    s = np.sqrt(1.0 - z**2)
    sphere = np.stack([s * np.cos(phi), s * np.sin(phi), z], axis=-1)
    chance = np.exp(-energy(spins, still, sphere) / 0.3)[..., None]
    for power in (1, 2):
        mean = (chance * sphere**power).sum(axis=(0, 1)) / chance.sum()
        square = (chance * sphere ** (2 * power)).sum(axis=(0, 1)) / chance.sum()
        miss = ((m / np.linalg.norm(m, axis=1)[:, None]) ** power).mean(axis=0) - mean
        print(miss / np.sqrt((square - mean**2) / len(m)))
        assert np.all(np.abs(miss) < 3.5 * np.sqrt((square - mean**2) / len(m)))


def test_noise_follows_its_seed():
    warm, spins = Drive(temperature=[0.1, 0.2]), Macrospins()
    first, same, other = (
        evolve(spins, Z, warm, 3.0, rng=np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert np.array_equal(first, same) and not np.allclose(first, other)
    rng = np.random.default_rng(1)
    halves = evolve(spins, evolve(spins, Z, warm, 1.5, rng=rng), warm, 1.5, rng=rng)
    assert halves == pytest.approx(first, abs=1e-12)


def test_shapes_broadcast():
    spins = Macrospins(anisotropy=np.ones((4, 1)), axis=SOME[:3])
    assert evolve(spins, Z, Drive(dirac=0.1), 0.1).shape == (4, 3, 3)
    assert velocity(spins, Drive(), Z).shape == (4, 3, 3)
    assert evolve(spins, Z, Drive(), 0.0).shape == (4, 3, 3)


def test_mistakes():
    for wrong, words in (
        ({"damping": -0.1}, "damping must not be negative"),
        ({"axis": (0.0, 0.0, 0.0)}, "axis must not be the zero vector"),
        ({"axis": (0.0, 1.0)}, "axis must have 3 components"),
        ({"polarization": 1.0}, "polarization must be between"),
        ({"anisotropy": "hard"}, "anisotropy must be numbers"),
    ):
        with pytest.raises(ParameterError, match=words):
            Macrospins(**wrong)
    with pytest.raises(ParameterError, match="field must have 3 components"):
        Drive(field=0.1)
    with pytest.raises(ParameterError, match="temperature must not be negative"):
        Drive(temperature=-1.0)
    with pytest.raises(ParameterError, match="give rng"):
        evolve(Macrospins(), Z, Drive(temperature=0.1), 1.0)
    with pytest.raises(ParameterError, match="step must be finite and positive"):
        evolve(Macrospins(), Z, Drive(), 1.0, 0.0)
    with pytest.raises(ParameterError, match="duration"):
        evolve(Macrospins(), Z, Drive(), -1.0)
    with pytest.raises(ParameterError, match="do not broadcast"):
        evolve(Macrospins(anisotropy=[1.0, 2.0]), np.ones((3, 3)), Drive(), 1.0)
    with pytest.raises(ParameterError, match="zero temperature only"):
        settle(Macrospins(), Z, Drive(temperature=0.1))
    with pytest.raises(NotConvergedError, match="still move"):
        settle(Macrospins(damping=0.0), (1.0, 0.0, 1.0), Drive(), longest=20.0)
