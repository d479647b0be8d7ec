"""Modes of states whose spectrum is known, and how many of them lead down."""

import json

import numpy as np
import pytest
from dolfinx.mesh import DiagonalType, create_rectangle
from mpi4py import MPI

from functionals import disk, ring, square
from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.medium import make_medium
from glvortex.fem.space import CovariantSpace
from glvortex.geometry.regions import Hole
from glvortex.geometry.sample import Disk
from glvortex.solve.london import Vortex
from glvortex.solve.modes import lowest_modes
from glvortex.solve.starts import imprint
from glvortex.solve.stationary import make_stationary
from glvortex.solve.system import System

SIDE = 5.0


def squared_wave_numbers(first=0):
    """k^2 of the cosines on the square; of its sines if ``first`` is 1."""
    n = np.arange(first, 8)
    return np.sort((np.pi / SIDE) ** 2 * (n[:, None] ** 2 + n**2).ravel())


def extrapolated(values):
    coarse, fine = values
    return fine + (fine - coarse) / 3


@pytest.mark.parametrize("screening", [True, False])
def test_the_normal_state_has_the_cosines_of_the_square(screening):
    """2 (k^2 - 1), each for the real and for the imaginary part, and no copy is missed."""
    exact = np.sort(np.repeat(2 * (squared_wave_numbers() - 1), 2))[:12]
    found = [
        lowest_modes(
            System(GinzburgLandau(square(SIDE, n), kappa=2.0, screening=screening)), 12
        ).values
        for n in (16, 32)
    ]
    assert extrapolated(found) == pytest.approx(exact, abs=2e-3)


@pytest.mark.parametrize("screening", [True, False])
def test_the_uniform_state_has_phase_amplitude_and_field_modes(screening):
    """Phase 2 k^2 (+ 2 where a follows it), amplitude 4 + 2 k^2, field 2 + 2 kappa^2 k^2."""
    kappa, count = 1.5, 10
    k2 = squared_wave_numbers()
    branches = [2 * k2[1:], 4 + 2 * k2]
    if screening:
        field = 2 + 2 * kappa**2 * squared_wave_numbers(first=1)  # b = b_a at the surface
        branches = [2 + 2 * k2[1:], 4 + 2 * k2, field]
    exact = np.sort(np.concatenate(branches))[:count]
    found = []
    for n in (16, 32):
        functional = GinzburgLandau(square(SIDE, n), kappa=kappa, screening=screening)
        imprint(functional)
        found.append(lowest_modes(System(functional), count).values)
    assert extrapolated(found) == pytest.approx(exact, abs=2e-3)


def one_vortex(space, applied_field, **parameters):
    functional = GinzburgLandau(space, kappa=2.0, applied_field=applied_field, **parameters)
    imprint(functional, [Vortex(0.0, 0.0, 1)])
    system = System(functional)
    make_stationary(system)
    return system


@pytest.mark.parametrize("screening", [True, False])
def test_a_mode_is_a_direction_with_its_second_derivative(screening):
    system = one_vortex(square(8.0, 10), 0.3, screening=screening)
    modes, state, energy = lowest_modes(system, 4), system.state(), system.energy()
    assert modes.f.shape == (4, len(state[: 2 * system.functional.space.owned_vertices]) // 2, 2)
    for value, vector in zip(modes.values, modes.vectors, strict=True):
        step = 1e-3
        changes = []
        for signed in (step, -step):
            system.set_state(state + signed * vector)
            changes.append(system.energy() - energy)
        assert sum(changes) / step**2 == pytest.approx(value, abs=1e-5)
    entries = system.gradient_vector.duplicate()
    product = entries.duplicate()
    for i, vector in enumerate(modes.vectors):
        entries.array[:] = vector
        system.mass().mult(entries, product)
        overlaps = [system.dot(product.array_r, other) for other in modes.vectors]
        np.testing.assert_allclose(overlaps, np.eye(4)[i], atol=1e-8)


def test_modes_do_not_depend_on_the_gauge():
    system = one_vortex(square(8.0, 10), 0.3)
    functional, space = system.functional, system.functional.space
    values = lowest_modes(system, 5).values
    chi = np.sin(space.vertices @ [1.3, -0.7, 0.0]) + 2.0
    functional.a.x.array[: space.owned_edges] -= space.vertex_differences @ chi
    functional.a.x.scatter_forward()
    f = functional.f.x.array.reshape(-1, 2) @ [1, 1j] * np.exp(1j * chi)
    functional.f.x.array[:] = np.column_stack([f.real, f.imag]).ravel()
    assert lowest_modes(system, 5).values == pytest.approx(values, rel=1e-8)


def test_a_vortex_in_a_large_disk_is_soft_where_it_slides():
    system = one_vortex(disk(10.0, 20), 0.2)
    modes = lowest_modes(system, 4)
    assert modes.values[:2] == pytest.approx([0.0, 0.0], abs=0.02)
    assert modes.values[2] > 1.5
    # they move the core: f changes most at the centre
    changes = (modes.f[:2] ** 2).sum(axis=(0, 2))
    centre = system.functional.space.vertices[: changes.size][np.argmax(changes)]
    assert np.hypot(*centre[:2]) < 0.8


def test_a_vortex_in_the_middle_of_a_bar_has_one_way_out_in_a_small_field():
    """The field holds it along the bar already, not yet across; the minimiser lets it go."""
    mesh = create_rectangle(
        MPI.COMM_WORLD, [[-8.0, -4.0], [8.0, 4.0]], [32, 16], diagonal=DiagonalType.crossed
    )
    negative = []
    for field in (0.0, 0.05, 0.1):
        system = one_vortex(CovariantSpace(mesh), field)
        values = lowest_modes(system, 3).values
        negative.append((values < 0).sum())
        system.hessian()
        assert system.factor.factor(0.0) == negative[-1]  # gauge fixed otherwise
    assert negative == [2, 1, 0]


@pytest.mark.parametrize("screening", [True, False])
def test_holes_have_no_modes_of_the_order_parameter(screening):
    """A ring whose hole is meshed: the phase 2 k^2 around it, and nothing held at f = 0."""
    space = disk(4.0, 12)
    medium = make_medium(space, 1.0, [Hole(Disk(3.0))], [])
    functional = GinzburgLandau(space, kappa=2.0, screening=screening, medium=medium)
    imprint(functional)
    system = System(functional)
    make_stationary(system)
    modes = lowest_modes(system, 10)
    inside = np.hypot(*space.vertices[: space.owned_vertices, :2].T) < 2.9
    np.testing.assert_allclose(modes.f[:, inside], 0.0, atol=1e-9)
    if not screening:
        outside = lowest_modes(System(uniform(ring(3.0, 4.0, 3, 72))), 10).values
        assert modes.values == pytest.approx(outside, rel=0.02)


def uniform(space):
    functional = GinzburgLandau(space, kappa=2.0, screening=False)
    imprint(functional)
    return functional


RANKS = """
    import json, sys
    sys.path.insert(0, sys.argv[1])
    from mpi4py import MPI
    from functionals import disk
    from glvortex.fem.energy import GinzburgLandau
    from glvortex.solve.minimiser import minimise
    from glvortex.solve.modes import lowest_modes
    from glvortex.solve.starts import imprint
    from glvortex.solve.london import Vortex
    from glvortex.solve.system import System
    result = []
    for screening in (True, False):
        functional = GinzburgLandau(
            disk(5.0, 10), kappa=2.0, applied_field=0.4, screening=screening)
        imprint(functional, [Vortex(0.0, 0.0, 1)])
        system = System(functional)
        minimise(system, gradient_tolerance=1e-10)
        result.extend(lowest_modes(system, 6).values)
    if MPI.COMM_WORLD.rank == 0:
        print(json.dumps(result))
"""


def test_one_and_two_ranks_agree(run_on_ranks, request):
    one, two = (json.loads(run_on_ranks(n, RANKS, request.path.parent)) for n in (1, 2))
    assert len(one) == 12
    assert two == pytest.approx(one, rel=1e-7, abs=1e-9)
