"""Holes, cuts and regions: meshes, energies, fluxoids, London field, certificates."""

import json
import math

import numpy as np
import pytest
from mpi4py import MPI
from scipy.special import iv, kv

from glvortex.errors import ParameterError
from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.medium import make_medium
from glvortex.fem.space import CovariantSpace
from glvortex.geometry.inclusions import Inclusions
from glvortex.geometry.mesh import CellTag, MeshSizes, make_mesh
from glvortex.geometry.regions import Hole, Perforated, Region, enclosed_holes, reflex_corners
from glvortex.geometry.sample import Disk, Polygon, Rectangle
from glvortex.observe.fluxoids import trapped
from glvortex.observe.vortices import find_vortices
from glvortex.output.reports.tables import summary_tables
from glvortex.output.runs.result import result
from glvortex.problems.resolved import resolved_toml
from glvortex.problems.schema import load
from glvortex.problems.setup import setup_from
from glvortex.problems.solve import solve
from glvortex.solve.gauge import Forest
from glvortex.solve.london import London, Vortex
from glvortex.solve.minimiser import minimise
from glvortex.solve.starts import imprint
from glvortex.solve.system import System

EVERYTHING = """\
[superconductor]
kappa = 5.0
[sample]
shape = "rectangle"
size = [28.0, 18.0]
[[hole]]
shape = "disk"
radius = 3.0
centre = [-8.0, 2.0]
fluxoid = 1
[[hole]]                 # a notch
shape = "polygon"
points = [[-1.0, 12.0], [1.0, 12.0], [0.0, 5.0]]
[[region]]
shape = "rectangle"
size = [8.0, 8.0]
centre = [8.0, -2.0]
t = 0.5
kappa = 7.0
[[region]]
shape = "disk"
radius = 3.0
centre = [8.0, -2.0]
t = -2.0
[field]
applied = 0.06
[mesh]
size = 1.2
[solver]
starts = ["london", "file"]
vortices = [[8.5, -1.5, 1], [1.0, -1.0, 1]]
"""


def functional_on(sample, size, *, regions=(), **parameters):
    sizes = MeshSizes.of(size, None, None, 0.0)
    data = make_mesh(MPI.COMM_SELF, sample, Inclusions.none(), sizes, regions)
    space = CovariantSpace(data.mesh)
    medium = make_medium(space, parameters.get("t", 1.0), enclosed_holes(sample), regions)
    return GinzburgLandau(space, medium=medium, **parameters)


def cell_areas(space):
    corners = space.corner_coordinates
    return np.abs(np.linalg.det(corners[:, 1:] - corners[:, :1])) / 2


def solid_area(functional):
    """Area of the superconductor as meshed: chords stand for circles."""
    areas = cell_areas(functional.space)
    return areas.sum() - sum(areas[cells].sum() for cells in functional.medium.holes)


def ring(size, **parameters):
    return functional_on(Perforated(Disk(40.0), (Hole(Disk(15.0)),)), size, **parameters)


def ring_field(kappa, r, radius):
    """London field in the hole of a thick ring with one quantum, and the flux in the hole.

    b = C [K0(r) I0(R) - I0(r) K0(R)], r in lambda, fulfils b(R) = 0; C is such that the flux in the
    hole less kappa^2 times the loop integral of db/dr is one quantum, 2 pi.
    """
    inner, outer = r / kappa, radius / kappa
    b = kv(0, inner) * iv(0, outer) - iv(0, inner) * kv(0, outer)
    slope = -(kv(1, inner) * iv(0, outer) + iv(1, inner) * kv(0, outer)) / kappa
    b /= math.pi * r**2 * b - 2 * math.pi * r * kappa**2 * slope
    return 2 * math.pi * b, math.pi * r**2 * b


# --- shapes and meshes ----------------------------------------------------------------------------


def test_cells_of_holes_and_regions_have_their_areas():
    notch = Polygon(((-2.0, 12.0), (2.0, 12.0), (0.0, 4.0)))
    sample = Perforated(
        Rectangle(30.0, 20.0), (Hole(notch), Hole(Rectangle(4.0, 4.0, (-9.0, -3.0))))
    )
    regions = (Region(Disk(3.0, (15.0, 0.0)), -1.0, 1.0),)
    sizes = MeshSizes.of(1.0, None, None, 0.0)
    data = make_mesh(MPI.COMM_SELF, sample, Inclusions.none(), sizes, regions)
    areas = cell_areas(CovariantSpace(data.mesh))
    tags = data.cell_tags.values
    area = {tag: areas[tags == tag].sum() for tag in CellTag}
    cut = 6.0 * 3.0 / 2  # the part of the triangle below the edge: height 6, base 3
    half_disk = math.pi * 9.0 / 2
    assert area[CellTag.HOLE] == pytest.approx(16.0, rel=1e-12)
    assert area[CellTag.REGION] == pytest.approx(half_disk, rel=(1.0 / 3.0) ** 2 / 6)
    assert areas.sum() == pytest.approx(600.0 - cut, rel=1e-12)
    assert sample.area == pytest.approx(600.0 - cut - 16.0, rel=1e-3)


def test_reentrant_corners():
    bent = Polygon(((-6, -6), (6, -6), (6, 0), (0, 0), (0, 6), (-6, 6)))
    assert list(reflex_corners(bent)) == [(0.0, 0.0, pytest.approx(1.5 * math.pi))]
    holed = Perforated(Rectangle(20, 20), (Hole(Rectangle(4, 4)), Hole(Disk(2, (10, 0)))))
    assert len(list(reflex_corners(holed))) == 4
    assert list(reflex_corners(Rectangle(3, 3))) == []


@pytest.mark.parametrize(
    "sample",
    [
        Polygon(((-4, -4), (4, -4), (4, 0), (0, 0), (0, 4), (-4, 4))),
        Perforated(Rectangle(8, 8), (Hole(Polygon(((-0.5, 5), (0.5, 5), (0, 0)))),)),
    ],
    ids=["L", "notch"],
)
def test_reentrant_corners_converge_with_the_square_of_the_mesh_size(sample):
    """Uniform triangles would give h^(4/3) at the corner of an L and h at the tip of a notch."""
    energies = []
    for size in (1.0, 0.5, 0.25):
        functional = functional_on(sample, size, kappa=2.0, applied_field=0.15)
        imprint(functional)
        energies.append(minimise(System(functional)).energy)
    first, second = np.diff(energies)
    assert np.log2(first / second) > 1.8


# --- regions --------------------------------------------------------------------------------------


def test_a_region_has_its_own_condensation_energy():
    """|f|^2 = t/beta and -t^2/(2 beta) per area, beta = (kappa there/kappa)^2."""
    sample, everywhere = Rectangle(6.0, 4.0), Region(Rectangle(8.0, 8.0), 0.5, 4.0)
    functional = functional_on(sample, 1.0, regions=(everywhere,), kappa=2.0)
    imprint(functional)
    assert minimise(System(functional)).energy == pytest.approx(-24.0 * 0.25 / 8, rel=1e-12)


@pytest.mark.parametrize(("t", "quartic"), [(-1.0, 1.0), (-0.25, 2.0), (1.0, 4.0)])
def test_proximity_at_a_plane_interface(t, quartic):
    """First integrals f'^2 = (1 - f^2)^2/2 and -t f^2 + beta f^4/2 + C meet at the interface."""
    where = Region(Rectangle(20.0, 1.0, (10.0, 0.0)), t, quartic)
    functional = functional_on(Rectangle(40.0, 1.0), 0.2, regions=(where,), kappa=2.0)
    imprint(functional)
    assert minimise(System(functional)).minimum
    x = functional.space.vertices[:, 0]
    f = np.hypot(*functional.f.x.array.reshape(-1, 2).T)
    constant = max(t, 0.0) ** 2 / (2 * quartic)
    roots = np.roots([(1 - quartic) / 2, t - 1, 0.5 - constant]) if quartic != 1 else None
    square = 1 / (2 * (1 - t)) if roots is None else min(root for root in roots if root > 0)
    at_interface = f[np.abs(x) < 1e-9]
    assert at_interface == pytest.approx(math.sqrt(square), rel=3e-3)
    if t < 0:  # far inside f decays with the length 1/sqrt|t|
        deep = (x > 4.0 / math.sqrt(-t)) & (x < 7.0 / math.sqrt(-t))
        slope = np.polyfit(x[deep], np.log(f[deep]), 1)[0]
        assert slope == pytest.approx(-math.sqrt(-t), rel=0.01)


def test_a_vortex_deep_in_a_normal_metal_is_counted_by_its_region():
    """|f| is far below what a vortex is looked for in, the phase around the region winds."""
    normal = Region(Disk(5.0), -8.0, 1.0)
    functional = functional_on(Disk(15.0), 0.8, regions=(normal,), kappa=3.0)
    imprint(functional, [Vortex(0.3, 0.2, -1)])
    certificate = minimise(System(functional))
    assert (certificate.minimum, certificate.null_eigenvalues) == (True, 0)
    assert find_vortices(functional) == []
    (held,) = trapped(functional, functional.medium.regions)
    assert held.fluxoid == -1


# --- holes ----------------------------------------------------------------------------------------


def test_flux_trapped_in_a_thick_ring():
    """The London field of a ring at large kappa, where |f| is 1 up to (1/15)^2."""
    functional = ring(1.5, kappa=20.0)
    imprint(functional, [Vortex(0.0, 0.0, 1)])
    certificate = minimise(System(functional), gradient_tolerance=1e-10)
    b, hole_flux = ring_field(20.0, 15.0, 40.0)
    (held,) = trapped(functional, functional.medium.holes)
    assert (held.fluxoid, certificate.null_eigenvalues) == (1, 0)
    assert held.flux == pytest.approx(hole_flux, rel=3e-3)
    # the energy that the fluxoid costs is that of its field in the hole, half of Phi0 H
    energy = certificate.energy + solid_area(functional) / 2
    assert energy == pytest.approx(2 * math.pi * 20.0**2 * b, rel=5e-3)


@pytest.mark.parametrize("fluxoid", [-2, 0, 3])
def test_the_fluxoid_stays_what_a_start_makes_it(fluxoid):
    functional = ring(3.0, kappa=5.0, applied_field=0.01)
    imprint(functional, [Vortex(0.0, 0.0, fluxoid)] * bool(fluxoid))
    assert minimise(System(functional)).minimum
    assert [hole.fluxoid for hole in trapped(functional, functional.medium.holes)] == [fluxoid]
    assert find_vortices(functional) == []


def test_the_field_in_a_hole_is_uniform():
    functional = ring(2.0, kappa=5.0, applied_field=0.02)
    imprint(functional, [Vortex(0.0, 0.0, 1)])
    minimise(System(functional), gradient_tolerance=1e-10)
    (cells,) = functional.medium.holes
    halves = [cells[::2], cells[1::2]]
    flux = [held.flux for held in trapped(functional, halves)]
    areas = cell_areas(functional.space)
    density = [f / areas[half].sum() for f, half in zip(flux, halves, strict=True)]
    assert density[0] == pytest.approx(density[1], rel=1e-7)


def test_an_empty_hole_costs_its_condensation_energy():
    functional = ring(3.0, kappa=5.0, screening=False)
    imprint(functional)
    assert minimise(System(functional)).energy == pytest.approx(
        -solid_area(functional) / 2, rel=1e-12
    )


def test_trees_hold_every_vertex_without_a_phase_once():
    """Edges by vertices is then a triangular matrix with entries 1: no gauge freedom is left."""
    functional = ring(4.0, kappa=5.0)
    space = functional.space
    rootless = functional.medium.held.x.array == 1.0
    rootless |= space.vertices[:, 0] > 25.0
    edges = Forest(space).edges(rootless)
    incidence = space.vertex_differences[edges][:, rootless].toarray()
    assert incidence.shape[0] == incidence.shape[1] == rootless.sum() > 20
    assert abs(np.linalg.det(incidence)) == pytest.approx(1.0)


def test_the_energy_does_not_depend_on_the_gauge_in_a_hole():
    functional = ring(4.0, kappa=5.0, applied_field=0.02)
    imprint(functional, [Vortex(0.0, 0.0, 1)])
    system, space = System(functional), functional.space
    chi = np.random.default_rng(5).standard_normal(len(space.vertices))
    before = system.energy()
    f = functional.f.x.array.reshape(-1, 2) @ [1, 1j] * np.exp(-1j * chi)
    functional.f.x.array[:] = np.column_stack([f.real, f.imag]).ravel()
    functional.a.x.array[:] += space.vertex_differences @ chi
    assert system.energy() == pytest.approx(before, rel=1e-12)
    assert [hole.fluxoid for hole in trapped(functional, functional.medium.holes)] == [1]


# --- London ---------------------------------------------------------------------------------------


def test_london_field_of_a_ring():
    kappa = 20.0
    london = London(ring(1.5, kappa=kappa), [1])
    g = london.field().x.array
    r = np.hypot(*london.space.vertices[:, :2].T)
    in_hole = -g[r < 15.0] / kappa**2
    b, _ = ring_field(kappa, 15.0, 40.0)
    assert in_hole == pytest.approx(b, rel=2e-3)
    assert np.ptp(in_hole) < 1e-4 * b


@pytest.mark.parametrize("screening", [True, False])
def test_the_green_function_of_a_sample_with_holes_and_regions_is_symmetric(screening):
    sample = Perforated(Rectangle(40.0, 24.0), (Hole(Disk(4.0)),))
    regions = (Region(Rectangle(10.0, 30.0, (13.0, 0.0)), 0.4, 1.0),)
    london = London(functional_on(sample, 0.8, regions=regions, kappa=8.0, screening=screening))
    points = london.space.vertices[:, :2]
    here, there = (np.argmin(np.hypot(*(points - p).T)) for p in ([-9.0, 3.0], [13.0, -2.0]))
    one, _ = london.green(*points[here])
    other, _ = london.green(*points[there])
    assert one[there] == pytest.approx(other[here], rel=0.01)
    in_hole = one[np.hypot(*points.T) < 3.99]
    assert np.ptp(in_hole) < 1e-4 * one.max()


# --- problem files --------------------------------------------------------------------------------


def setup_of(tmp_path, text, *overrides):
    path = tmp_path / "problem.toml"
    path.write_text(text)
    return setup_from(load(path, overrides))


def test_a_problem_with_everything(tmp_path):
    setup = setup_of(tmp_path, EVERYTHING, "hole.1.fluxoid=2", "region.1.t=0.6")
    assert [hole.fluxoid for hole in setup.holes] == [2]
    assert [region.t for region in setup.regions] == [0.6, -2.0]
    assert [region.quartic for region in setup.regions] == [pytest.approx(1.96), 1.0]
    solution = solve(setup)
    titles = [table.title for table in summary_tables(solution)]
    assert "Holes and regions" in titles
    found = result(solution)
    assert found["certificate"]["null_eigenvalues"] == 0
    (hole,) = found["holes"]
    assert (hole["x"], hole["y"], hole["fluxoid"]) == (-8.0, 2.0, 2)
    assert [state["fluxoids"] for state in found["states"]] == [[2]] * len(found["states"])
    assert len(found["regions"]) == 2


def test_the_resolved_file_says_the_same(tmp_path):
    path = tmp_path / "problem.toml"
    path.write_text(EVERYTHING)
    problem = load(path, ["hole.1.fluxoid=-1"])
    text = resolved_toml(problem, setup_from(problem))
    again = setup_of(tmp_path, text)
    assert again.sample == setup_from(problem).sample
    assert again.regions == setup_from(problem).regions
    assert resolved_toml(load(path), again) == text


def test_laboratory_units(laboratory_problem, tmp_path):
    hole = '[[hole]]\nshape = "disk"\nradius = "50 nm"\ncentre = ["-0.3 um", "200 nm"]\n'
    region = '[[region]]\nshape = "rectangle"\nsize = ["40 nm", "40 nm"]\nkappa = 60.0\n'
    setup = setup_of(tmp_path, laboratory_problem.read_text() + hole + region)
    (hole,), (region,) = setup.holes, setup.regions
    assert (hole.shape.radius, hole.shape.centre) == (pytest.approx(2.5), pytest.approx((-15, 10)))
    assert (region.shape.width, region.quartic) == (pytest.approx(2.0), pytest.approx(4.0))


SAMPLE = '[superconductor]\nkappa = 5.0\n[sample]\nshape = "disk"\nradius = 20.0\n'
DISK = '[[hole]]\nshape = "disk"\n'
INCLUSION = """\
[inclusions]
layout = "square"
count = [1, 1]
radius = 6.0
edge_width = 2.0
"""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (DISK, "line 6: hole[1].radius is missing"),
        (DISK + "radius = 2.0\nsize = [1.0, 1.0]\n", "line 9: hole[1].size is not used"),
        (DISK + "radius = 2.0\nfluxid = 1\n", "hole[1].fluxid is not a known key, did you mean"),
        (DISK + "radius = 2.0\n" + DISK + "radius = -1.0\n", "line 11: hole[2].radius must be"),
        (DISK + "radius = 30.0\n", "has no edge inside the sample"),
        (DISK + "radius = 3.0\ncentre = [30.0, 0.0]\n", "has no edge inside the sample"),
        (DISK + "radius = 3.0\ncentre = [20.0, 0.0]\nfluxoid = 1\n", "it has no fluxoid"),
        (DISK + "radius = 3.0\n" + DISK + "radius = 1.0\n", "touch or overlap"),
        (
            '[superconductor]\nkappa = 5.0\n[sample]\nshape = "strip"\nsize = [20.0, 10.0]\n'
            + DISK
            + "radius = 5.0\n",
            "reaches a side at which the sample repeats",
        ),
        (DISK + "radius = 6.5\n" + INCLUSION, "inclusion 1 at (0, 0) does not lie inside"),
        ('[[region]]\nshape = "disk"\nradius = 1.0\nt = "cold"\n', "region[1].t must be a number"),
        (
            '[[region]]\nshape = "disk"\nradius = 1e-6\n',
            "xi large, which is too little to be drawn in a sample",
        ),
        (
            '[[region]]\nshape = "disk"\nradius = 1.0\ncentre = [30.0, 0.0]\n',
            "region 1 at (30, 0) lies outside the sample",
        ),
        (
            DISK + 'radius = 3.0\n[solver]\nstarts = ["file"]\nvortices = [[1.0, 0.0, 1]]\n',
            "solver.vortices[1] lies outside the sample or in a hole",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_one_sentence(tmp_path, text, sentence):
    with pytest.raises(ParameterError) as error:
        setup_of(tmp_path, text if "[sample]" in text else SAMPLE + text)
    assert sentence in str(error.value)
    assert str(error.value).startswith(str(tmp_path))


@pytest.mark.parametrize("override", ["hole.2.fluxoid=1", "hole.fluxoid=1", "hole.x.fluxoid=1"])
def test_overrides_that_name_no_table(tmp_path, override):
    with pytest.raises(ParameterError, match="--set"):
        setup_of(tmp_path, SAMPLE + DISK + "radius = 2.0\n", override)


def test_a_sample_in_two_pieces_is_refused():
    sample = Perforated(Rectangle(20, 20), (Hole(Rectangle(2, 30)),))
    with pytest.raises(ParameterError, match="cut the sample to pieces"):
        functional_on(sample, 2.0, kappa=5.0)


RANKS = """
    import json, sys
    from mpi4py import MPI
    from glvortex.problems.schema import load
    from glvortex.problems.setup import setup_from
    from glvortex.problems.solve import solve
    solution = solve(setup_from(load(sys.argv[1])))
    if MPI.COMM_WORLD.rank == 0:
        print(json.dumps({
            "energies": [state.energy for state in solution.states],
            "null": [state.certificate.null_eigenvalues for state in solution.states],
            "vortices": [(v.x, v.y, v.charge) for v in solution.best.vortices],
            "holes": [(h.fluxoid, h.flux) for h in solution.holes + solution.regions],
        }))
"""


def test_one_two_and_three_ranks_agree(run_on_ranks, tmp_path):
    path = tmp_path / "problem.toml"
    path.write_text(EVERYTHING)
    one, *more = (json.loads(run_on_ranks(ranks, RANKS, path)) for ranks in (1, 2, 3))
    assert one["null"] == [0] * len(one["null"])
    for other in more:
        assert other["null"] == one["null"]
        assert other["energies"] == pytest.approx(one["energies"], rel=1e-9)
        for name in ("vortices", "holes"):
            assert np.array(other[name]) == pytest.approx(np.array(one[name]), abs=1e-4)
