"""The field above the surface against closed forms, integrals and a half space solved anew."""

import numpy as np
import pytest
from mpi4py import MPI
from scipy import integrate, special
from scipy.linalg import solve_banded

from glvortex.errors import ParameterError
from glvortex.geometry.lattice import Lattice
from glvortex.observe.moments import flux
from glvortex.observe.stray_field import Plane, stray_field
from glvortex.problems.build import build
from glvortex.problems.schema import load
from glvortex.problems.setup import setup_from

COMM = MPI.COMM_WORLD
BOX = np.array([[-20.0, -15.0], [20.0, 15.0]])
POINT = np.array([[[-1e-4, -1e-4], [2e-4, -1e-4], [-1e-4, 2e-4]]])
HARD = 1e9  # a London length beyond all others: no superconductor


def continued(corners, flux, height, london_length, *, bounds=BOX, lattice=None):
    plane = Plane.over(np.asarray(bounds, dtype=float), lattice, height, 256)
    return plane, plane.continued(plane.deposit(corners, flux), height, london_length)


def rings(radii, flux, sectors=96):
    """Triangles between circles of these radii, with the flux of each ring."""
    angles = 2 * np.pi * np.arange(sectors + 1) / sectors
    circles = np.asarray(radii)[:, None, None] * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    inner, outer = circles[:-1], circles[1:]
    lower = np.stack([inner[:, :-1], outer[:, :-1], outer[:, 1:]], axis=2)
    upper = np.stack([inner[:, :-1], outer[:, 1:], inner[:, 1:]], axis=2)
    triangles = np.concatenate([lower, upper], axis=1)
    area = np.abs(np.linalg.det(triangles[:, :, 1:] - triangles[:, :, :1]))
    share = np.asarray(flux)[:, None] * area / area.sum(axis=1, keepdims=True)
    return triangles.reshape(-1, 3, 2), share.ravel()


def grid_triangles(first, second, count):
    """The unit cells of a parallelogram about the origin, each cut into two triangles."""
    steps = np.arange(count) / count - 0.5
    corner = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 1, 2)
    halves = np.array([[(0, 0), (1, 0), (1, 1)], [(0, 0), (1, 1), (0, 1)]]) / count
    shapes = (corner[:, None] + halves).reshape(-1, 3, 2)
    return shapes @ np.array([first, second])


@pytest.mark.parametrize("height", [2.0, 10.0, 60.0])
def test_a_point_flux_is_a_monopole(height):
    plane, b = continued(POINT, np.array([1.0]), height, 0.0)
    r2 = (plane.points**2).sum(axis=-1)
    expected = height / (r2 + height**2) ** 1.5  # Phi0 is 2 pi
    assert b == pytest.approx(expected, abs=2e-3 * expected.max())
    assert b[0, 0] == pytest.approx(expected[0, 0], rel=5e-3)  # although the grid repeats


def test_an_isolated_vortex_in_a_half_space():
    """Straight London vortex: Phi0 int k J0(kr) exp(-kz)/[2 pi lambda^2 tau (tau + k)] dk."""
    london, height = 3.0, 2.0
    radii = np.linspace(0.0, 13.0, 131) * london / 3
    x = np.maximum(radii, 1e-12) / london
    plane, b = continued(*rings(radii, -np.diff(x * special.k1(x))), height, london)

    def spectrum(k, r):
        tau = np.sqrt(k**2 + london**-2)
        return k * special.j0(k * r) * np.exp(-k * height) / (london**2 * tau * (tau + k))

    row = plane.points[plane.half[0] :, plane.half[1], 0]
    some = slice(0, None, 32)
    expected = [integrate.quad(spectrum, 0, 30 / height, args=(r,))[0] for r in row[some]]
    found = b[plane.half[0] :, plane.half[1]][some]
    assert found == pytest.approx(expected, abs=5e-3 * expected[0])
    far = plane.points[0, 0] @ plane.points[0, 0]  # a monopole one London length below
    depth = height + london
    assert b[0, 0] == pytest.approx(depth / (far + depth**2) ** 1.5, rel=0.02)


def test_the_end_of_a_magnet():
    """Half of the field of a long solenoid, on its axis."""
    radius = 8.0
    for height in (1.0, 5.0, 12.0):
        ring = rings([0.0, radius], [0.3 * radius**2 / 2])
        plane, b = continued(*ring, height, HARD)
        expected = 0.15 * (1 - height / np.hypot(height, radius))
        assert b[plane.half] == pytest.approx(expected, rel=3e-3)


def test_the_surface_factor_solves_the_half_space():
    """A'' = (k^2 + 1/lambda^2) A - F below z = 0 and A'' = k^2 A above, by finite differences."""
    london, wave = 2.0, 2 * np.pi / 10.0
    z, step = np.linspace(-20.0, 20.0, 40001, retstep=True)
    # at z = 0 half of the cell is superconductor
    inside = np.where(z < -step / 2, 1.0, np.where(z > step / 2, 0.0, 0.5))
    bands = np.ones((3, len(z))) / step**2
    bands[1] = -2 / step**2 - wave**2 - inside / london**2
    bands[0, 1] = bands[2, -2] = 0.0
    source = -inside * (wave**2 + london**-2)  # so that A is 1 deep inside
    source[[0, -1]] = [bands[1, 0], 0.0]
    at_surface = solve_banded((1, 1), bands, source)[len(z) // 2]

    cell = Lattice(((10.0, 0.0), (0.0, 10.0)))
    corners = grid_triangles(*cell.periods, 80)
    flux = np.cos(wave * corners[..., 0].mean(axis=1)) * 100.0 / len(corners) / (2 * np.pi)
    plane, b = continued(corners, flux, 0.0, london, bounds=[[-5, -5], [5, 5]], lattice=cell)
    component = 2 * (b * np.cos(wave * plane.points[..., 0]))[:-1].mean()
    assert component == pytest.approx(at_surface, rel=1e-3)


def test_a_component_of_a_sheared_cell_falls_off_with_its_wave_number():
    cell = Lattice(((8.0, 1.0), (-2.0, 6.0)))
    corners = grid_triangles(*cell.periods, 120)
    k = 2 * np.pi * np.linalg.inv(cell.matrix) @ [1, -2]
    mean, area = 0.3, cell.area / len(corners)
    density = mean + 0.1 * np.cos(corners.mean(axis=1) @ k)
    bounds = [corners.min(axis=(0, 1)), corners.max(axis=(0, 1))]
    for height in (0.5, 1.5):
        plane, b = continued(
            corners, density * area / (2 * np.pi), height, 1.3, bounds=bounds, lattice=cell
        )
        size, tau = np.linalg.norm(k), np.hypot(np.linalg.norm(k), 1 / 1.3)
        expected = mean + 0.1 * tau / (size + tau) * np.exp(-size * height) * np.cos(
            plane.points @ k
        )
        assert b == pytest.approx(expected, abs=1e-4)
        assert b[:-1, :-1].mean() == pytest.approx(mean, rel=1e-12)  # no flux is lost
        assert b[-1] == pytest.approx(b[0], abs=1e-12)  # the ends are the same points


def test_a_band_of_flux_in_a_strip():
    width, period, height = 6.0, 5.0, 2.0
    lattice = Lattice(((0.0, period),))
    corners = grid_triangles((width, 0.0), (0.0, period), 60)
    flux = np.full(len(corners), 0.2 * width * period / len(corners) / (2 * np.pi))
    bounds = [[-width / 2, -period / 2], [width / 2, period / 2]]
    plane, b = continued(corners, flux, height, 0.0, bounds=bounds, lattice=lattice)
    x = plane.points[..., 0]
    edges = np.arctan((x + width / 2) / height) - np.arctan((x - width / 2) / height)
    assert b == pytest.approx(0.2 / np.pi * edges, abs=2e-4)


def test_no_flux_is_lost_on_the_grid():
    random = np.random.default_rng(1)
    corners = random.uniform(-14.9, 14.9, (300, 3, 2))
    flux = random.normal(size=300)
    plane = Plane.over(BOX, None, 0.0, 64)
    assert plane.deposit(corners, flux).sum() == pytest.approx(flux.sum(), abs=1e-10)


@pytest.fixture(scope="module")
def functional(small_problem):
    """The small problem before anything is solved: b is the applied field."""
    functional = build(setup_from(load(small_problem)), COMM)[1]
    functional.apply_field()
    return functional


def test_an_undisturbed_field_stays_what_it_is(functional):
    found = stray_field(functional, 3.0, resolution=64)
    assert found.b == pytest.approx(np.full(found.b.shape, 0.03), abs=1e-12)
    assert found.points.reshape(-1, 2).max(axis=0) == pytest.approx([26.0, 21.0], abs=0.5)
    assert np.ptp(stray_field(functional, 0.0, resolution=64).points[..., 0]) == pytest.approx(40)


def test_the_flux_of_a_state_arrives_above_it(functional):
    functional.a.x.array[:] *= 3.0
    excess = flux(functional) - 0.03 * functional.area / (2 * np.pi)
    found = stray_field(functional, 200.0, resolution=64)
    functional.apply_field()
    assert excess == pytest.approx(0.06 * 1200 / (2 * np.pi), rel=1e-9)
    # from far above, a monopole one London length below the surface
    middle = found.b[found.b.shape[0] // 2, found.b.shape[1] // 2]
    assert middle - 0.03 == pytest.approx(excess / (200.0 + functional.kappa) ** 2, rel=0.02)


def test_what_has_no_field_above_it_is_refused(functional, small_problem):
    for height in (-1.0, float("nan"), float("inf")):
        with pytest.raises(ParameterError, match="at least 0"):
            stray_field(functional, height)
    rigid = build(setup_from(load(small_problem, ["superconductor.screening=false"])), COMM)[1]
    with pytest.raises(ParameterError, match="no stray field"):
        stray_field(rigid, 1.0)
