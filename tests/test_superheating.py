"""Superheating field of the half plane against its limits of small and large kappa."""

import numpy as np
import pytest

from glvortex.errors import ParameterError
from glvortex.material import superheating
from glvortex.material.critical import thermodynamic_critical_field
from glvortex.material.superheating import superheating_field


def over_hc(kappa, **options):
    return superheating_field(kappa, **options).field / thermodynamic_critical_field(kappa)


def test_small_kappa():
    """The Pade approximant of Dolgert, Di Bartolo and Dorsey, Phys. Rev. B 53, 5650 (1996)."""
    kappa = 0.03
    approximant = (1 + 4.682512 * kappa + 3.3478315 * kappa**2) / (
        1 + 4.0195994 * kappa + 1.0005712 * kappa**2
    )
    assert over_hc(kappa) == pytest.approx(approximant * 2**-0.25 / np.sqrt(kappa), rel=1e-6)


def test_large_kappa():
    """sqrt5/3 + 0.5448/sqrt(kappa) with modulation (Transtrum et al. 2011), Hc without."""
    assert over_hc(200.0) == pytest.approx(np.sqrt(5) / 3 + 0.5448 / np.sqrt(200.0), abs=1e-4)
    # the excess over Hc falls as kappa^(-4/3)
    excess = [over_hc(kappa, modulated=False) - 1 for kappa in (1e3, 1e5)]
    assert excess[0] / excess[1] == pytest.approx(100 ** (4 / 3), rel=0.01)


@pytest.mark.parametrize(("kappa", "modulated"), [(1.1, False), (1.2, True)])
def test_modulation_comes_first_above_a_kappa_of_1_15(kappa, modulated):
    first = superheating_field(kappa)
    uniform = superheating_field(kappa, modulated=False)
    assert (first.wave_number > 0) == modulated
    assert (first.field < uniform.field) == modulated


@pytest.mark.parametrize(("kappa", "modulated"), [(0.5, False), (2.0, True)])
def test_more_accurate_elements_change_nothing(monkeypatch, kappa, modulated):
    field = superheating_field(kappa, modulated=modulated).field
    monkeypatch.setattr(superheating, "_DEGREE", 16)
    finer = superheating_field.__wrapped__(kappa, modulated=modulated).field
    print(f"kappa {kappa}: relative change {finer / field - 1:.1e}")
    assert field == pytest.approx(finer, rel=1e-11)


def test_bad_kappa():
    with pytest.raises(ParameterError, match="kappa must be positive"):
        superheating_field(-1.0)
