"""The discretisation: exact gauge invariance, exact derivatives, second order in the mesh size."""

import numpy as np
import pytest
from dolfinx import fem

from functionals import box, noisy, square
from glvortex.fem.energy import GinzburgLandau
from glvortex.solve.minimiser import minimise
from glvortex.solve.starts import imprint
from glvortex.solve.system import System


@pytest.mark.parametrize("space", [square(6.0, 10), box(3.0, 4)], ids=["2D", "3D"])
def test_energy_does_not_depend_on_the_gauge(space):
    functional = noisy(space)
    before = sum(functional.budget().values())
    chi = 10 * np.sin(np.arange(len(space.vertices)) ** 2)
    f = functional.f.x.array.reshape(-1, 2)
    turned = f @ [1, 1j] * np.exp(1j * chi)
    f[:, 0], f[:, 1] = turned.real, turned.imag
    functional.a.x.array[: space.owned_edges] -= space.vertex_differences @ chi
    functional.a.x.scatter_forward()
    assert abs(sum(functional.budget().values()) / before - 1) < 1e-12


@pytest.mark.parametrize("space", [square(6.0, 6), box(3.0, 3)], ids=["2D", "3D"])
def test_gradient_and_hessian_against_finite_differences(space):
    functional = noisy(space)
    system = System(functional)
    start = system.state()
    direction = np.random.default_rng(4).standard_normal(start.size)
    step = 1e-5

    def at(length):
        system.set_state(start + length * direction)
        return system.energy(), system.gradient().array_r.copy()

    slope = at(0.0)[1] @ direction
    (above, gradient_above), (below, gradient_below) = at(step), at(-step)
    assert slope == pytest.approx((above - below) / (2 * step), rel=1e-7)

    system.set_state(start)
    matrix = system.hessian()
    vector, product = system.gradient_vector.duplicate(), system.gradient_vector.duplicate()
    vector.array[:] = direction
    matrix.mult(vector, product)
    # the matrix holds the gauge term too, which is no derivative of the energy
    f, df = start[: 2 * space.owned_vertices], direction[: 2 * space.owned_vertices]
    turn = (f[0::2] * df[1::2] - f[1::2] * df[0::2]) / (f[0::2] ** 2 + f[1::2] ** 2)
    gauge = np.zeros_like(direction)
    gauge[0 : f.size : 2], gauge[1 : f.size : 2] = (
        -turn * f[1::2],
        turn * f[0::2],
    )
    exact = (gradient_above - gradient_below) / (2 * step)
    error = np.abs(product.array_r - gauge - exact).max()
    assert error < 1e-7 * np.abs(exact).max()


def test_energy_converges_with_the_square_of_the_mesh_size():
    """A square in a field that holds one vortex; errors fall by four per halving."""
    energies = []
    for cells in (8, 16, 32):
        functional = GinzburgLandau(square(6.0, cells), kappa=2.0, applied_field=0.5)
        imprint(functional)
        energies.append(minimise(System(functional)).energy)
    ratio = (energies[1] - energies[0]) / (energies[2] - energies[1])
    assert 3.6 < ratio < 4.4


def test_a_uniform_field_is_followed_whatever_the_gauge():
    """|D f| of a constant modulus in a pure gauge field vanishes on the coarsest mesh."""
    space = square(10.0, 3)
    functional = GinzburgLandau(space, kappa=1.0)
    chi = 3.0 * space.vertices[:, 0] - 5.0 * space.vertices[:, 1]
    functional.f.x.array[:] = np.column_stack([np.cos(chi), np.sin(chi)]).ravel()
    functional.a.x.array[: space.owned_edges] = -(space.vertex_differences @ chi)
    functional.a.x.scatter_forward()
    assert abs(functional.budget()["gradient"]) < 1e-20


def test_a_users_term_enters_energy_and_budget():
    functional = noisy(square(6.0, 4))
    density = functional.interpolant.density
    functional.terms["sextic"] = 0.1 * density**3 * functional.dx
    system = System(functional)
    assert system.energy() == pytest.approx(sum(functional.budget().values()), rel=1e-12)
    alone = functional.integrate(fem.form(0.1 * density**3 * functional.dx))
    assert functional.budget()["sextic"] == pytest.approx(alone, rel=1e-12)
