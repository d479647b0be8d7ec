"""Nucleation at the surface of a half plane and of disks, against Kummer's function."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import hyp1f1

from glvortex.errors import ParameterError
from glvortex.material.surface_nucleation import disk_nucleation, surface_critical_field


def slope_at_the_rim(field, radius, winding):
    """u'(R) of u = r^m exp(-h r^2/4) M((1 - 1/h)/2, m + 1, h r^2/2), the state regular at r = 0."""
    s, a = field * radius**2 / 2, (1 - 1 / field) / 2
    value = hyp1f1(a, winding + 1, s)
    return (winding - s) * value + 2 * s * a / (winding + 1) * hyp1f1(a + 1, winding + 2, s)


def test_half_plane():
    assert surface_critical_field() == pytest.approx(1.694610439917623, rel=1e-13)


@pytest.mark.parametrize(
    ("radius", "field", "winding"),
    [(1.0, 2.859534516, 0), (2.0, 2.108001304, 2), (4.0, 1.862951953, 11), (6.0, 1.797202925, 26)],
)
def test_disk_to_every_published_digit(radius, field, winding):
    nucleation = disk_nucleation(radius)
    assert nucleation.field == pytest.approx(field, abs=6e-10)
    assert nucleation.winding == winding


@pytest.mark.parametrize("radius", [0.4, 1.7, 2.9, 5.3])
def test_disk_against_kummers_function_for_every_winding(radius):
    """The largest root over all windings, found by bracketing."""
    fields = np.linspace(1.5, 8.0 / min(radius, 1.0), 400)
    best = (-np.inf, -1)
    for winding in range(int(2 * radius**2) + 3):
        slopes = slope_at_the_rim(fields, radius, winding)
        changes = np.flatnonzero(np.sign(slopes[1:]) != np.sign(slopes[:-1]))
        if len(changes):
            bracket = fields[changes[-1]], fields[changes[-1] + 1]
            root = brentq(slope_at_the_rim, *bracket, args=(radius, winding), xtol=1e-13)
            best = max(best, (root, winding))
    nucleation = disk_nucleation(radius)
    assert nucleation.field == pytest.approx(best[0], rel=1e-9)
    assert nucleation.winding == best[1]


def test_small_and_large_disks():
    """H -> 2 sqrt2/R, and Hc3 with a correction that falls like 1/R."""
    assert disk_nucleation(1e-2).field == pytest.approx(np.sqrt(8) / 1e-2, rel=1e-5)
    excess = [disk_nucleation(r).field - surface_critical_field() for r in (100.0, 1000.0)]
    assert excess[0] / excess[1] == pytest.approx(10.0, rel=0.02)


@pytest.mark.parametrize("radius", [0.0, -1.0, np.inf, np.nan])
def test_bad_radius(radius):
    with pytest.raises(ParameterError, match="radius must be positive"):
        disk_nucleation(radius)
