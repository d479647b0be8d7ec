"""The minimiser reaches known states, and its certificate tells minima from saddles."""

import numpy as np
import pytest
from petsc4py import PETSc

from functionals import noisy, square
from glvortex.errors import NotConvergedError
from glvortex.fem.energy import GinzburgLandau
from glvortex.observe.moments import flux
from glvortex.observe.vortices import find_vortices
from glvortex.solve import factor
from glvortex.solve.london import London, Vortex
from glvortex.solve.minimiser import InverseHessian, minimise
from glvortex.solve.proposal import propose
from glvortex.solve.starts import imprint
from glvortex.solve.system import System


def test_inertia_counts_the_negative_eigenvalues():
    system = System(noisy(square(4.0, 4)))
    matrix = system.hessian()
    rows, columns, values = matrix.getValuesCSR()
    dense = np.zeros(matrix.getSize())
    for row in range(len(rows) - 1):
        dense[row, columns[rows[row] : rows[row + 1]]] = values[rows[row] : rows[row + 1]]
    for shift in (0.0, 1.0, 5.0, 100.0):
        shifted = dense + shift * np.diag(system.metric.array_r)
        assert system.factor.factor(shift) == (np.linalg.eigvalsh(shifted) < 0).sum()


@pytest.mark.parametrize("screening", [True, False])
def test_the_normal_state_is_left_for_the_superconducting_one(screening):
    """f = 0 is stationary, but a saddle: its Hessian has negative eigenvalues."""
    functional = GinzburgLandau(square(6.0, 6), kappa=2.0, screening=screening)
    functional.f.x.array[:] = 0.0
    certificate = minimise(System(functional))
    assert certificate.minimum
    assert certificate.energy == pytest.approx(-36.0 / 2, rel=1e-12)


def test_the_normal_state_above_hc2_is_a_minimum():
    functional = GinzburgLandau(square(5.0, 10), kappa=2.0, applied_field=3.0)
    imprint(functional)
    certificate = minimise(System(functional))
    assert certificate.minimum
    assert certificate.energy == pytest.approx(0.0, abs=1e-8)
    assert find_vortices(functional) == []  # no |f|, no phase


def test_a_minimisation_resumed_at_any_step_takes_the_same_way():
    functional = noisy(square(6.0, 9))
    system, reported = System(functional), []
    certificate = minimise(system, report=lambda step: reported.append((step, system.state())))
    end = system.state()
    assert len(reported) > 4
    for step, state in reported[1:]:
        system = System(functional)
        system.set_state(state)
        assert minimise(system, resumed=step) == certificate
        np.testing.assert_array_equal(system.state(), end)


def test_too_few_steps_raise():
    functional = noisy(square(6.0, 6))
    with pytest.raises(NotConvergedError, match="max_steps"):
        minimise(System(functional), max_steps=1)


def test_a_result_is_a_minimum_of_the_energy_itself():
    """Random small displacements of a certified state never lower the energy."""
    functional = GinzburgLandau(square(8.0, 12), kappa=2.0, applied_field=0.6)
    imprint(functional, [Vortex(0.3, -0.2, 1)])
    system = System(functional)
    certificate = minimise(system, gradient_tolerance=1e-10)
    state, rng = system.state(), np.random.default_rng(0)
    for size in (1e-3, 1e-2):
        for _ in range(5):
            system.set_state(state + size * rng.standard_normal(state.size))
            assert system.energy() > certificate.energy


@pytest.mark.parametrize(
    ("kappa", "side", "line_energy"), [(1.0, 20.0, 1.1567609413), (2.0, 32.0, 1.5526763033)]
)
def test_one_isolated_vortex(kappa, side, line_energy):
    """E = 2 pi e1 from the axisymmetric solution, flux one Phi0, by Richardson in h."""
    cells = int(side)
    energies = []
    for n in (cells, 2 * cells):
        functional = GinzburgLandau(square(side, n), kappa=kappa)
        imprint(functional, [Vortex(0.0, 0.0, 1)])
        certificate = minimise(System(functional))
        energies.append(certificate.energy + side**2 / 2)
    (vortex,) = find_vortices(functional)
    assert (vortex.charge, np.hypot(vortex.x, vortex.y)) == (1, pytest.approx(0.0, abs=0.5))
    assert flux(functional) == pytest.approx(1.0, abs=2e-3)
    extrapolated = energies[1] + (energies[1] - energies[0]) / 3
    assert extrapolated == pytest.approx(2 * np.pi * line_energy, rel=1e-3)


def test_a_factorisation_short_of_memory_is_done_again_with_more(monkeypatch):
    system = System(noisy(square(8.0, 16)))
    system.hessian()
    expected = system.factor.factor(0.1)
    monkeypatch.setattr(factor, "WORKSPACE", -95)  # per cent: less than MUMPS knows it needs
    starved = factor.ShiftedFactor(system.matrix, system.metric)
    assert starved.factor(0.1) == expected
    assert starved.factor(5.0) == system.factor.factor(5.0)
    starved.destroy()


def test_the_inverse_hessian_maps_the_last_change_of_gradient_to_its_move():
    """What defines BFGS; besides, it is symmetric, and a move that bends the wrong way is left."""
    system = System(noisy(square(4.0, 4)))
    system.hessian()
    system.factor.factor(100.0)
    rng = np.random.default_rng(2)
    moves, changes, tests = rng.standard_normal((3, 6, system.state().size))
    inverse = InverseHessian(system)
    for move, change in zip(moves, changes, strict=True):
        change += move
        inverse.learn(move, change)
        assert inverse.apply(change) == pytest.approx(move, rel=1e-9, abs=1e-9)
        inverse.learn(move, -change)
        assert inverse.apply(change) == pytest.approx(move, rel=1e-9, abs=1e-9)
    one, other = tests[:2]
    assert system.dot(one, inverse.apply(other)) == pytest.approx(
        system.dot(other, inverse.apply(one)), rel=1e-9
    )
    inverse.forget()
    bare = system.gradient_vector.duplicate()
    right = bare.duplicate()
    right.array[:] = one
    system.factor.solve(right, bare)
    assert inverse.apply(one) == pytest.approx(bare.array_r, rel=1e-12)


def _vortex_matter() -> GinzburgLandau:
    return GinzburgLandau(square(16.0, 16), kappa=2.0, applied_field=0.55)


def _from_noise(functional: GinzburgLandau, seed: int) -> None:
    functional.apply_field()
    noise = np.random.default_rng(seed).standard_normal(functional.f.x.array.size)
    functional.f.x.array[:] = 0.5 * noise


def _symbolic_and_numeric() -> np.ndarray:
    """Factorisations of both kinds so far."""
    PETSc.Log.begin()
    names = ("MatCholFctrSym", "MatCholFctrNum")
    return np.array([PETSc.Log.Event(name).getPerfInfo()["count"] for name in names])


def test_few_factorisations_from_noise_and_one_analysis():
    """They took 19 to 20 when shifts grew from the smallest one on."""
    system = System(_vortex_matter())
    before, counts = _symbolic_and_numeric(), []
    for seed in range(3):
        _from_noise(system.functional, seed)
        certificate = minimise(system)
        assert certificate.minimum
        assert len(find_vortices(system.functional)) > 10
        counts.append(certificate.factorisations)
    assert max(counts) <= 15
    np.testing.assert_array_equal(_symbolic_and_numeric() - before, [1, sum(counts)])


def test_few_factorisations_from_a_london_start():
    functional = _vortex_matter()
    vortices = propose(London(functional))
    imprint(functional, vortices)
    certificate = minimise(System(functional))
    assert len(vortices) > 10 and len(find_vortices(functional)) == len(vortices)
    assert certificate.factorisations <= 12
