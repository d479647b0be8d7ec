"""The radial vortex solver and the critical fields and currents that follow from it."""

import time

import numpy as np
import pytest

from glvortex.errors import ParameterError
from glvortex.material.critical import (
    depairing_current,
    thermodynamic_critical_field,
    vortex_line_energy,
)
from glvortex.material.isolated_vortex import isolated_vortex
from glvortex.material.neutral_vortex import neutral_core_constant


@pytest.mark.parametrize(
    ("kappa", "e1", "hc1", "b0", "slope"),
    [
        (0.5, 0.8679102903, 1.7358205806, 0.81256032, 0.95050628),
        (np.sqrt(0.5), 1.0, 1.0, 0.70710678, 0.85317787),
        (1.0, 1.1567609413, 0.5783804707, 0.61657331, 0.77735953),
        (2.0, 1.5526763033, 0.1940845379, 0.46614486, 0.67609356),
        (5.0, 2.2408557284, 0.0448171146, 0.30695698, 0.61253741),
        (10.0, 2.8547970716, 0.0142739854, 0.21096813, 0.59400181),
        (50.0, 4.4139519741, 0.0008827904, 0.07277168, 0.58398443),
    ],
)
def test_one_vortex_to_every_published_digit(kappa, e1, hc1, b0, slope):
    vortex = isolated_vortex(kappa)
    assert vortex.line_energy == pytest.approx(e1, abs=6e-11)
    assert vortex.lower_critical_field == pytest.approx(hc1, abs=6e-11)
    assert vortex.central_field * kappa == pytest.approx(b0, abs=6e-9)
    assert vortex.slope == pytest.approx(slope, abs=6e-9)
    assert vortex.field[0] == vortex.central_field


@pytest.mark.parametrize(
    ("kappa", "energies"),
    [(1.0, (1.15676094, 2.41915560, 3.71608114)), (2.0, (1.55267630, 3.55718495, 5.73534926))],
)
def test_giant_vortices(kappa, energies):
    ours = [isolated_vortex(kappa, n).line_energy for n in (1, 2, 3)]
    assert ours == pytest.approx(energies, abs=6e-9)


@pytest.mark.parametrize("winding", [1, 2, 3])
@pytest.mark.parametrize("kappa", [1e-3, 0.05, 0.4, 3.0, 100.0, 1e5])
def test_exact_identities_at_any_kappa(kappa, winding):
    """Flux n Phi0 and virial identity; neither is built in."""
    vortex = isolated_vortex(kappa, winding)
    assert vortex.flux == pytest.approx(winding, abs=1e-11)
    assert abs(vortex.virial) < 1e-11
    assert vortex.error < 1e-10


@pytest.mark.parametrize("winding", [1, 2, 5])
def test_first_order_equations_at_the_critical_coupling(winding):
    """At kappa = 1/sqrt2 the energy is n and b = 1 - f^2 (in Bc2), at every radius."""
    vortex = isolated_vortex(np.sqrt(0.5), winding)
    assert vortex.line_energy == pytest.approx(winding, abs=1e-12)
    assert np.abs(vortex.field - (1 - vortex.f**2)).max() < 1e-8


@pytest.mark.parametrize(("kappa", "sign"), [(0.69, -1), (0.72, 1)])
def test_two_quanta_attract_in_type_one_only(kappa, sign):
    excess = isolated_vortex(kappa, 2).line_energy - 2 * isolated_vortex(kappa).line_energy
    assert np.sign(excess) == sign


def test_a_solve_is_fast_and_remembered():
    start = time.perf_counter()
    first = isolated_vortex(3.21)
    assert time.perf_counter() - start < 0.5
    assert isolated_vortex(3.21) is first
    assert not first.f.flags.writeable


def test_core_constants_with_and_without_screening():
    """ln kappa + alpha at large kappa is the neutral core and K0(x) -> ln 2 - gamma_E - ln x."""
    constant = neutral_core_constant()
    limit = constant + np.log(2) - np.euler_gamma
    assert isolated_vortex(1e7).line_energy - np.log(1e7) == pytest.approx(limit, abs=1e-10)
    # one formula on either side of the largest kappa that is solved for
    alpha = vortex_line_energy([0.99e8, 1.01e8]) - np.log([0.99e8, 1.01e8])
    assert alpha == pytest.approx([limit, limit], abs=1e-11)
    # giant neutral vortices cost more than their quanta apart
    assert neutral_core_constant(2) + 4 * np.log(1e3) > 2 * (constant + np.log(1e3))


def test_line_energy_takes_arrays():
    kappa = np.array([[1.0, 2.0], [2.0, 0.01]])
    energies = vortex_line_energy(kappa)
    assert energies.shape == (2, 2) and energies[0, 1] == energies[1, 0]
    assert energies[1, 1] == isolated_vortex(0.01).line_energy
    assert np.ndim(vortex_line_energy(1.0)) == 0


def test_thermodynamic_field_lies_between_the_others():
    kappa = np.array([0.75, 1.0, 3.0, 30.0])
    hc = thermodynamic_critical_field(kappa)
    assert np.all(vortex_line_energy(kappa) / (2 * kappa**2) < hc) and np.all(hc < 1)
    assert thermodynamic_critical_field(np.sqrt(0.5)) == pytest.approx(1.0)
    assert thermodynamic_critical_field(1.0, 0.5) == pytest.approx(0.5 / np.sqrt(2))


@pytest.mark.parametrize("t", [1.0, 0.3])
def test_depairing_current_is_the_largest_of_a_uniform_flow(t):
    q = np.linspace(0, 1, 2001)
    assert depairing_current(t) == pytest.approx(np.max((t - q**2) * q), rel=1e-6)
    assert depairing_current(1.0) == pytest.approx(2 / (3 * np.sqrt(3)), rel=1e-14)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: isolated_vortex(0.0), "kappa must be positive and finite"),
        (lambda: isolated_vortex(float("inf")), "kappa must be positive and finite"),
        (lambda: isolated_vortex(1.0, 0), "winding must be a positive integer"),
        (lambda: neutral_core_constant(0), "winding must be a positive integer"),
        (lambda: thermodynamic_critical_field([1.0, -1.0]), "kappa must be positive"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ParameterError, match=message):
        call()
