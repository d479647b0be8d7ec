"""States followed to the end of their stability, and the largest current."""

import numpy as np
import pytest
from dolfinx import fem
from scipy.integrate import solve_bvp
from scipy.optimize import minimize_scalar

from functionals import disk, parallelogram, square
from glvortex.errors import NotConvergedError, ParameterError
from glvortex.fem.energy import GinzburgLandau
from glvortex.geometry.lattice import Lattice
from glvortex.solve.entry import depairing, entry_field
from glvortex.solve.nucleation import nucleation_field


def slab_superheating(kappa, half):
    """Largest field of f'' = f^3 - f + a^2 f, kappa^2 a'' = f^2 a on a slab of half-width ``half``.

    The branch is followed by f at the surface, across the fold; x runs inwards.
    """
    x = np.linspace(0.0, half, 200)
    decay = np.exp(-x / kappa)
    solution = (x, [1 - 0.1 * decay, 0.1 * decay, -0.3 * decay, 0.3 / kappa * decay], [0.3 / kappa])

    def equations(x, y, p):
        f, df, a, b = y
        return [df, (f**2 - 1 + a**2) * f, b, f**2 * a / kappa**2]

    def field(surface):
        nonlocal solution
        found = solve_bvp(
            equations,
            lambda a, b, p: np.array([a[1], a[0] - surface, b[1], b[2], a[3] - p[0]]),
            *solution, tol=1e-9, max_nodes=20000,
        )  # fmt: skip
        assert found.success
        solution = (found.x, found.y, found.p)
        return found.p[0]

    for surface in (0.9, 0.8, 0.7):
        field(surface)
    best = minimize_scalar(lambda s: -field(s), bounds=(0.4, 0.8), options={"xatol": 1e-6})
    return -best.fun


def test_a_slab_superheats_up_to_its_fold():
    kappa, fields = 1.0, []
    for n in (40, 80):
        space = parallelogram(Lattice(((0.0, 36.0 / n),)), (n, 3), width=12.0)
        limit = entry_field(GinzburgLandau(space, kappa=kappa))
        fields.append(limit.parameter)
        values = [point.eigenvalue for point in limit.trace]
        assert values == sorted(values, reverse=True)
    found = fields[1] + (fields[1] - fields[0]) / 3
    assert found == pytest.approx(slab_superheating(kappa, 6.0), abs=3e-5)


def test_without_screening_vortices_enter_a_disk_at_a_field_that_scales_with_t():
    limits = [
        entry_field(GinzburgLandau(disk(radius, 8), kappa=5.0, t=t, screening=False)).parameter
        for radius, t in ((4.0, 1.0), (8.0, 0.25))
    ]
    assert limits[1] == pytest.approx(0.25 * limits[0], rel=1e-5)


def test_a_sample_too_small_for_vortices_stays_superconducting_until_nucleation():
    """There the transition is continuous: both ends of the branch are the same field."""
    limit = entry_field(GinzburgLandau(disk(1.0, 6), kappa=2.0))
    onset = nucleation_field(GinzburgLandau(disk(1.0, 6), kappa=2.0)).field
    assert limit.parameter == pytest.approx(onset, rel=1e-5)


def along_y(space):
    direction = fem.Function(space.vector_potential)
    direction.interpolate(lambda x: [0 * x[0], 1 + 0 * x[0]])
    return direction


def test_the_depairing_current_of_a_uniform_flow():
    found = []
    for n in (8, 16):
        space = parallelogram(Lattice(((0.0, 1.0),)), (n, n), width=1.0)
        functional = GinzburgLandau(space, kappa=2.0, screening=False)
        found.append(depairing(functional, along_y(space)))
    flow, current = (
        fine + (fine - coarse) / 3
        for coarse, fine in ((found[0].flow, found[1].flow), (found[0].current, found[1].current))
    )
    assert flow == pytest.approx(1 / np.sqrt(3), abs=1e-6)
    assert current == pytest.approx(2 / (3 * np.sqrt(3)), abs=1e-6)


def test_a_flow_that_the_sample_can_take_back_is_refused():
    for space in (square(3.0, 4), parallelogram(Lattice(((0.0, 1.0),)), (4, 4), width=1.0)):
        screened = space.lattice is not None
        functional = GinzburgLandau(space, kappa=2.0, screening=screened)
        error = ParameterError if screened else NotConvergedError
        with pytest.raises(error, match="screening" if screened else "does not close"):
            depairing(functional, along_y(space))
