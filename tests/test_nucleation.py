"""Nucleation fields against exact disks, rings and scaling laws."""

import numpy as np
import pytest

from functionals import disk, parallelogram, ring, square
from glvortex.errors import NotConvergedError, ParameterError
from glvortex.fem.boundary import boundaries
from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.medium import make_medium
from glvortex.fem.space import CovariantSpace
from glvortex.geometry.lattice import Lattice
from glvortex.geometry.regions import Hole
from glvortex.geometry.sample import Disk as GeometricDisk
from glvortex.material.surface_nucleation import surface_critical_field
from glvortex.solve.nucleation import NormalState, nucleation_field


def nucleation(space, **parameters):
    return nucleation_field(GinzburgLandau(space, kappa=2.0, **parameters))


def test_without_a_field_the_uniform_state_nucleates_first():
    functional = GinzburgLandau(square(5.0, 8), kappa=2.0, t=0.7)
    normal = NormalState(functional)
    value, slope = normal.lowest(0.0)
    assert value == pytest.approx(-0.7, abs=1e-12)
    assert slope == pytest.approx(0.0, abs=1e-12)
    f = normal.mode.x.array.reshape(-1, 2)
    np.testing.assert_allclose(f, f[:1].repeat(len(f), axis=0), atol=1e-9)


def test_the_slope_is_the_derivative_with_the_field():
    normal = NormalState(GinzburgLandau(disk(3.0, 6), kappa=2.0, t=0.9))
    step = 1e-4
    (low, _), (_, slope), (high, _) = (normal.lowest(h) for h in (1.5 - step, 1.5, 1.5 + step))
    assert slope == pytest.approx((high - low) / (2 * step), rel=1e-6)


@pytest.mark.parametrize(
    ("radius", "field", "vortices", "error"),
    [(1.0, 2.859534516, 0, 2e-7), (2.0, 2.108001304, 2, 5e-6)],
)
def test_disks_by_richardson(radius, field, vortices, error):
    """Exact radial solutions; the error falls with the square of the cell size."""
    found = [nucleation(disk(radius, rings)) for rings in (10, 20, 40)]
    assert {result.vortices for result in found} == {vortices}
    fields = np.array([result.field for result in found])
    errors = fields - field
    assert 3.7 < errors[1] / errors[2] < 4.3
    first = fields[1:] + (fields[1:] - fields[:-1]) / 3
    assert first[1] + (first[1] - first[0]) / 15 == pytest.approx(field, abs=error)


def test_the_field_depends_on_neither_gauge_nor_place():
    here = square(3.0, 12)
    plain = GinzburgLandau(here, kappa=2.0)
    field = nucleation_field(plain).field
    gauged = GinzburgLandau(here, kappa=2.0)
    chi = 3 * np.sin(here.vertices @ [37.0, 23.0, 0.0])
    gauged.pseudo_gauge.x.array[: here.owned_edges] = here.vertex_differences @ chi
    gauged.pseudo_gauge.x.scatter_forward()
    assert nucleation_field(gauged).field == pytest.approx(field, rel=1e-11)
    away = square(3.0, 12).mesh
    away.geometry.x[:, :2] += [7.0, -4.0]
    assert nucleation(CovariantSpace(away)).field == pytest.approx(field, rel=1e-11)


def test_temperature_only_sets_the_scale():
    field = nucleation(square(3.0, 12)).field
    assert nucleation(square(6.0, 12), t=0.25).field == pytest.approx(0.25 * field, rel=1e-11)


def test_magnetisation_adds_to_the_field_only_where_it_makes_one():
    functional = GinzburgLandau(square(3.0, 12), kappa=2.0)
    field = nucleation_field(functional).field
    for screening, shift in ((True, 0.4), (False, 0.0)):
        functional = GinzburgLandau(square(3.0, 12), kappa=2.0, screening=screening)
        functional.magnetisation.x.array[:] = 0.4
        assert nucleation_field(functional).field == pytest.approx(field - shift, rel=1e-7)


def test_the_last_lobe_of_a_thin_ring_is_found():
    """R < xi/2 loses superconductivity around every half flux quantum (Little and Parks)."""
    inner, outer = 0.40, 0.50
    functional = GinzburgLandau(ring(inner, outer, 4, 160), kappa=2.0)
    found = nucleation_field(functional)
    outside, hole = boundaries(functional)
    assert [outside.vortices, hole.vortices] == [found.vortices] * 2
    assert outside.area == pytest.approx(np.pi * outer**2, rel=2e-3)
    # |f| = 1 and a phase n phi: the mean of (n/r - H r/2)^2 over the ring
    fields, n = np.linspace(0.1, 60.0, 60000)[:, None], np.arange(12)
    area = (outer**2 - inner**2) / 2
    square_mean = n**2 * np.log(outer / inner) / area + (fields / 2) ** 2 * (
        outer**4 - inner**4
    ) / (4 * area)
    superconducting = (square_mean - n * fields < 1).any(axis=1)
    assert np.count_nonzero(np.diff(superconducting)) > 3  # some lobes before the last
    assert found.field == pytest.approx(fields[superconducting].max(), rel=5e-3)


def test_a_plane_surface_by_richardson():
    """At Hc3 the mode along a surface at x = 0 has the wave number -1 (Theta0 Hc3 = 1)."""
    fields = []
    for n in (64, 128, 256):
        space = parallelogram(Lattice(((0.0, 10.0 / n),)), (n, 3), width=10.0)
        functional = GinzburgLandau(space, kappa=2.0)
        functional.pseudo_gauge.interpolate(lambda x: [0 * x[0], 0 * x[0] - 1.0])
        fields.append(nucleation_field(functional).field)
    first = np.diff(fields) / 3 + fields[1:]
    extrapolated = first[1] + (first[1] - first[0]) / 15
    assert extrapolated == pytest.approx(surface_critical_field(), rel=1e-7)


def test_a_cell_has_no_field_but_that_of_its_flux():
    space = parallelogram(Lattice(((2.0, 0.0), (0.0, 2.0))), (4, 4))
    with pytest.raises(ParameterError, match="flux quanta"):
        nucleation(space)


def test_a_mesh_too_coarse_for_the_field_is_refused():
    with pytest.raises(NotConvergedError, match="refine the mesh"):
        nucleation(square(30.0, 3))


RANKS = """
    import sys
    sys.path.insert(0, sys.argv[1])
    from mpi4py import MPI
    from functionals import disk
    from glvortex.fem.energy import GinzburgLandau
    from glvortex.solve.nucleation import nucleation_field
    result = nucleation_field(GinzburgLandau(disk(2.0, 12), kappa=2.0))
    if MPI.COMM_WORLD.rank == 0:
        print(result.field, result.vortices)
"""


def test_one_and_two_ranks_agree(run_on_ranks, request):
    one, two = (run_on_ranks(n, RANKS, request.path.parent).split() for n in (1, 2))
    assert float(two[0]) == pytest.approx(float(one[0]), rel=1e-11)
    assert two[1] == one[1] == "2"


def test_a_meshed_hole_is_like_one_left_out():
    """A ring of 2 to 4 xi, its hole meshed or not, by Richardson."""
    hole = Hole(GeometricDisk(2.0))
    meshed, left_out = [], []
    for rings in (24, 32):
        space = disk(4.0, rings)
        functional = GinzburgLandau(space, kappa=2.0, medium=make_medium(space, 1.0, [hole], []))
        meshed.append(nucleation_field(functional))
        left_out.append(nucleation(ring(2.0, 4.0, rings // 2, 6 * rings)))
    assert {found.vortices for found in meshed + left_out} == {11}
    weight = 1 / ((32 / 24) ** 2 - 1)
    limits = [
        fine.field + weight * (fine.field - coarse.field) for coarse, fine in (meshed, left_out)
    ]
    assert limits[0] == pytest.approx(limits[1], rel=1e-4)
