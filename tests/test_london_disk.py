"""The closed forms of a magnetised disk against what defines them."""

import numpy as np
import pytest
from scipy.integrate import quad

from glvortex.errors import ParameterError
from glvortex.material.london_disk import MagnetisedDisk


@pytest.mark.parametrize(("radius", "kappa"), [(12.0, 10.0), (0.3, 2.0), (900.0, 1.0)])
def test_field_of_a_magnetised_disk(radius, kappa):
    disk = MagnetisedDisk(radius, 0.02, kappa)
    step = 1e-3 * kappa
    for r in (0.5 * radius, radius + 2 * kappa):  # b - kappa^2 lap b = 0 away from the edge
        before, here, after = disk.field([r - step, r, r + step])
        laplacian = (before - 2 * here + after) / step**2 + (after - before) / (2 * step * r)
        assert here == pytest.approx(kappa**2 * laplacian, rel=1e-5, abs=1e-15)
    # b - m^ and b's slope (the current) are continuous
    inner, outer = disk.field([radius * (1 - 1e-12), radius * (1 + 1e-12)])
    assert inner - 0.02 == pytest.approx(outer, rel=1e-8)
    assert disk.effective_field(0.0) == pytest.approx(0.02 - disk.field(0.0))


def test_flux_vanishes_and_energy_is_that_of_the_field():
    disk = MagnetisedDisk(12.0, 0.02, 10.0)
    inside = quad(lambda r: 2 * np.pi * r * disk.field(r), 0, 12.0)[0]
    outside = quad(lambda r: 2 * np.pi * r * disk.field(r), 12.0, 400.0, limit=200)[0]
    assert inside == pytest.approx(-outside, rel=1e-9)
    assert disk.energy == pytest.approx(-(10.0**2) * 0.02 * inside, rel=1e-10)


def test_bad_disk():
    with pytest.raises(ParameterError, match="radius must be positive"):
        MagnetisedDisk(0.0, 1.0, 1.0)
