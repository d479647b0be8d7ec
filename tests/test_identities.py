"""Identities of converged states: exact ones, orders of the others, states that violate them."""

import json
import math

import numpy as np
import pytest
import ufl
from dolfinx import fem

from functionals import noisy, parallelogram, square
from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.linear import lumped
from glvortex.geometry.lattice import Lattice
from glvortex.observe.identities import Identity, identities
from glvortex.observe.vortices import find_vortices
from glvortex.problems.schema import load
from glvortex.problems.setup import setup_from
from glvortex.problems.solve import solve
from glvortex.solve.london import Vortex
from glvortex.solve.minimiser import minimise
from glvortex.solve.starts import imprint
from glvortex.solve.system import System

EXACT = {"fluxoid", "current conservation"}
CONDENSATE = {f"{name}, order parameter" for name in ("force", "torque", "virial")}
FIELD = {f"{name}, field" for name in ("force", "torque", "virial")} | {"magnetic moment"}
CELL = EXACT | {"force, order parameter", "force, field"}
PAIR = [Vortex(1.2, -0.4, 1), Vortex(-1.5, 1.4, 1)]

SOLVE = """
    import json, sys
    from pathlib import Path
    from mpi4py import MPI
    from glvortex.problems.schema import load
    from glvortex.problems.setup import setup_from
    from glvortex.problems.solve import solve
    found = solve(setup_from(load(Path(sys.argv[1])))).identities
    if MPI.COMM_WORLD.rank == 0:
        print(json.dumps([[i.name, i.value, i.scale, i.bound, i.holds] for i in found]))
"""


def lopsided(cells, *, screening=True):
    """A square in a field with a ring of a~ and a blob of m^ off its middle: no symmetry at all."""
    space = square(8.0, cells)

    def ring(x):
        dx, dy = x[0] - 0.8, x[1] + 0.5
        r = np.maximum(np.hypot(dx, dy), 1e-9)
        return 0.3 * np.exp(-((r - 1.5) ** 2)) / r * np.array([-dy, dx])

    pseudo_gauge = fem.Function(space.vector_potential)
    pseudo_gauge.interpolate(ring)
    magnetisation = fem.Function(fem.functionspace(space.mesh, ("DG", 0)))
    magnetisation.interpolate(lambda x: 0.1 * np.exp(-((x[0] - 1) ** 2 + (x[1] - 0.3) ** 2) / 4))
    functional = GinzburgLandau(
        space,
        kappa=1.5,
        applied_field=0.4,
        pseudo_gauge=pseudo_gauge,
        magnetisation=magnetisation,
        screening=screening,
    )
    imprint(functional, PAIR)
    return functional


@pytest.fixture(scope="module")
def relaxed():
    """The lopsided state on a mesh and on one of half the size, screened."""
    functionals = lopsided(12), lopsided(24)
    for functional in functionals:
        minimise(System(functional))
    return functionals


def found(functional, **options):
    vortices = find_vortices(functional)
    return {each.name: each for each in identities(functional, vortices, **options)}


def broken(functional, **options):
    return {name for name, each in found(functional, **options).items() if not each.holds}


def test_a_relaxed_state_obeys_all(relaxed):
    for functional in relaxed:
        assert set(found(functional)) == EXACT | CONDENSATE | FIELD
        assert not broken(functional)


def test_the_error_falls_with_the_square_of_the_cell_size(relaxed):
    coarse, fine = (found(functional) for functional in relaxed)
    for name in CONDENSATE | FIELD:
        assert coarse[name].bound / fine[name].bound == pytest.approx(4, rel=0.05)
        assert math.log2(coarse[name].value / fine[name].value) > 1.2
    for name in ("virial, order parameter", "virial, field", "magnetic moment"):
        order = math.log2(coarse[name].value / fine[name].value)
        assert order == pytest.approx(2, abs=0.15)


def test_without_screening_the_field_is_given():
    functional = lopsided(24, screening=False)
    minimise(System(functional))
    assert set(found(functional)) == EXACT | CONDENSATE
    assert not broken(functional)


def test_a_vortex_that_was_missed_is_noticed(relaxed):
    functional = relaxed[0]
    vortices = find_vortices(functional)
    assert len(vortices) == 2
    checked = identities(functional, vortices[:1])
    assert [each.name for each in checked if not each.holds] == ["fluxoid"]
    assert checked[0].value == pytest.approx(1, abs=1e-12)


def weaken(functional):
    functional.f.x.array[:] *= 0.7


def strengthen(functional):
    functional.a.x.array[:] *= 1.1


@pytest.mark.parametrize(
    ("spoil", "noticed"),
    [
        (imprint, CONDENSATE | {"current conservation"}),
        (weaken, {"virial, order parameter", "virial, field", "magnetic moment"}),
        (strengthen, {"current conservation", "force, field", "torque, field", "magnetic moment"}),
    ],
)
def test_states_that_are_not_solutions_are_noticed(spoil, noticed):
    functional = lopsided(24)
    minimise(System(functional))
    spoil(functional, *([PAIR] if spoil is imprint else []))
    assert noticed <= broken(functional)
    assert "fluxoid" not in broken(functional)


def test_a_state_short_of_convergence_is_noticed(relaxed):
    functional = relaxed[0]
    state = functional.f.x.array.copy()
    rng = np.random.default_rng(1)
    functional.f.x.array[:] += 1e-6 * rng.standard_normal(state.size)
    try:
        assert broken(functional) == {"current conservation"}
        assert not broken(functional, gradient_tolerance=1e-4)
    finally:
        functional.f.x.array[:] = state


@pytest.mark.parametrize("screening", [True, False])
def test_the_divergence_is_the_derivative_with_the_phase(screening):
    """By gauge invariance, in any state: the gradient of the energy along a turn of one vertex."""
    functional = noisy(square(6.0, 6), screening=screening)
    n = functional.space.owned_vertices
    gradient = System(functional).gradient().array_r[: 2 * n].reshape(-1, 2)
    re, im = functional.f.x.array.reshape(-1, 2)[:n].T
    turn = re * gradient[:, 1] - im * gradient[:, 0]
    expected = math.sqrt((turn**2 / lumped(functional.space)[:n]).sum() / functional.area)
    assert found(functional)["current conservation"].value == pytest.approx(expected, rel=1e-10)


def test_gauge_transformations_change_nothing():
    functional = noisy(square(6.0, 6))
    before = identities(functional, [])
    chi = 10 * np.sin(np.arange(len(functional.space.vertices)) ** 2)
    f = (functional.f.x.array.reshape(-1, 2) @ [1, 1j]) * np.exp(-1j * chi)
    functional.f.x.array[:] = np.column_stack([f.real, f.imag]).ravel()
    functional.a.x.array[:] += functional.space.vertex_differences @ chi
    for one, other in zip(before, identities(functional, []), strict=True):
        assert (one.value, one.scale) == pytest.approx((other.value, other.scale), rel=1e-9)


OBLIQUE = Lattice(((4.0, 0.5), (-1.0, 5.0)), -3)
ALONG_Y = Lattice(((0.0, 5.0),))


@pytest.mark.parametrize(
    "make",
    [
        lambda: square(6.0, 7),
        lambda: parallelogram(OBLIQUE, (8, 9), origin=(2, -3)),
        lambda: parallelogram(ALONG_Y, (9, 8), origin=(-4, 0), width=6.0),
    ],
    ids=["square", "cell", "strip"],
)
def test_charges_and_fluxoid_agree_in_any_state(make):
    functional = noisy(make())
    vortices = find_vortices(functional)
    assert len(vortices) > 10
    assert identities(functional, vortices)[0].residual < 1e-13


def test_the_moment_of_a_strip_and_its_force():
    space = parallelogram(Lattice(((0.0, 6.0),)), (48, 24), origin=(-24, 0), width=9.0)
    functional = GinzburgLandau(space, kappa=1.5, applied_field=0.3)
    imprint(functional, [Vortex(1.3, 2.0, 1)])
    minimise(System(functional))
    assert set(found(functional)) == CELL | {"magnetic moment"}
    assert not broken(functional)
    strengthen(functional)
    assert "magnetic moment" in broken(functional)


def lattice_cell(angle):
    side = math.sqrt(2 * math.pi / 0.4 / math.sin(angle))
    periods = ((side, 0.0), (side * math.cos(angle), side * math.sin(angle)))
    functional = GinzburgLandau(parallelogram(Lattice(periods, 1), (12, 12)), kappa=2.0)
    imprint(functional, [Vortex(0.1 * side, 0.2 * side, 1)])
    minimise(System(functional))
    return functional


def test_a_cell_of_its_best_shape_has_no_shear_stress():
    triangular, other = lattice_cell(math.pi / 3), lattice_cell(1.2)
    assert set(found(other)) == CELL
    assert not broken(triangular, shape_relaxed=True)
    assert broken(other, shape_relaxed=True) == {"shear stress"}


def test_at_the_self_dual_point_energy_and_density_are_known():
    results = []
    for cells in (12, 24):
        space = parallelogram(Lattice(((4.2, 0.3), (-1.0, 3.5)), -1), (cells, cells))
        functional = GinzburgLandau(space, kappa=math.sqrt(0.5), t=0.9)
        imprint(functional, [Vortex(0.3, 0.5, -1)])
        minimise(System(functional))
        assert not broken(functional)
        results.append(found(functional))
    names = {"self-dual energy", "self-dual density"}
    assert set(results[0]) == CELL | names
    for name in names:
        order = math.log2(results[0][name].value / results[1][name].value)
        assert order == pytest.approx(2, abs=0.05)
    weaken(functional)
    assert names <= broken(functional)


def test_of_an_energy_with_a_term_more_the_forces_are_not_known():
    functional = lopsided(6)
    functional.terms["pinning"] = ufl.inner(functional.f, functional.f) * functional.dx
    assert set(found(functional)) == EXACT


HOLLOW = """\
title = "A hole and a weak region"
[superconductor]
kappa = 2.0
[sample]
shape = "polygon"
points = [[-6, -5], [7, -4], [4, 0.5], [5, 6], [-4, 5]]
[[hole]]
shape = "disk"
radius = 1.3
centre = [-3.0, 1.8]
fluxoid = 1
[[region]]
shape = "rectangle"
size = [2.0, 30.0]
t = -0.5
[inclusions]
layout = "square"
count = [1, 1]
radius = 1.2
edge_width = 1.0
pseudo_gauge = 0.3
magnetisation = 0.05
[field]
applied = 0.3
[mesh]
size = 0.6
[solver]
starts = ["file"]
vortices = [[-3.0, -2.5, 1]]
"""


def test_holes_regions_and_inclusions(tmp_path, run_on_ranks):
    path = tmp_path / "hollow.toml"
    path.write_text(HOLLOW)
    solution = solve(setup_from(load(path)))
    assert solution.holes[0].fluxoid == 1
    assert {each.name for each in solution.identities} == EXACT | CONDENSATE | FIELD
    assert all(each.holds for each in solution.identities)
    for each, other in zip(
        solution.identities, json.loads(run_on_ranks(2, SOLVE, path)), strict=True
    ):
        name, value, scale, bound, holds = other
        assert (name, holds) == (each.name, True)
        assert scale == pytest.approx(each.scale, rel=1e-6)
        assert bound == pytest.approx(each.bound, rel=1e-6)
        if each.expected == "mesh":
            assert value == pytest.approx(each.value, abs=1e-6 * scale)


def test_what_is_said_of_one_that_fails():
    identity = Identity("fluxoid", value=1.0, scale=4.0, bound=1e-10, expected="rounding")
    assert not identity.holds
    assert "'fluxoid' does not hold: its residual is 2.5e-01" in identity.warning
    assert Identity("nothing", value=0.0, scale=0.0, bound=0.0, expected="mesh").holds
