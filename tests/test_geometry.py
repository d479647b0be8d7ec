"""Outlines, layouts, and meshes that follow the inclusions."""

import math
import signal

import numpy as np
import pytest
from mpi4py import MPI

from glvortex import interrupt
from glvortex.compat import geometry_dofmap
from glvortex.errors import ParameterError
from glvortex.geometry import layouts, mesh
from glvortex.geometry.inclusions import Disks, Inclusions
from glvortex.geometry.mesh import CellTag, MeshSizes, make_mesh
from glvortex.geometry.sample import Disk, Polygon, Rectangle

L_SHAPE = Polygon(((0, 0), (0, 20), (10, 20), (10, 10), (20, 10), (20, 0)))
UNIFORM = MeshSizes(1.5, 1.5, 1.5)


def inclusions(centres, radius=6.0, edge_width=4.0):
    x, y = np.asarray(centres, dtype=float).reshape(-1, 2).T
    one = np.ones(len(x))
    strength = {"sign": one, "pseudo_gauge": 0.45 * one, "magnetisation": 0 * one}
    return Disks(x, y, radius * one, edge_width=edge_width, edge_smoothing=1.0, **strength)


def gathered(data):
    """Corners of all cells (n, 3, 2) and their tags (n,), in an order that ranks do not change."""
    mesh, tags = data.mesh, data.cell_tags
    owned = mesh.topology.index_map(2).size_local
    assert tags.indices[:owned].tolist() == list(range(owned))  # every cell has its one tag
    corners = mesh.geometry.x[geometry_dofmap(mesh)[:owned], :2]
    comm = mesh.comm
    corners = np.concatenate(comm.allgather(corners))
    values = np.concatenate(comm.allgather(tags.values[:owned]))
    cells = np.array([sorted(map(tuple, cell)) for cell in corners])
    order = np.lexsort(cells.reshape(-1, 6).T)
    return cells[order], values[order]


def areas(corners):
    (ux, uy), (vx, vy) = (corners[:, 1] - corners[:, 0]).T, (corners[:, 2] - corners[:, 0]).T
    return abs(ux * vy - uy * vx) / 2


def edge_lengths(corners):
    return np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2)


# --- outlines ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sample", "area", "bounds"),
    [
        (Rectangle(4, 2), 8, (-2, -1, 2, 1)),
        (Disk(3), 9 * math.pi, (-3, -3, 3, 3)),
        (L_SHAPE, 300, (0, 0, 20, 20)),
    ],
)
def test_area_and_bounds(sample, area, bounds):
    assert sample.area == pytest.approx(area, rel=1e-14)
    assert sample.bounds == bounds
    assert sample.characteristic_size == pytest.approx(math.sqrt(area))


def test_points_inside():
    assert Rectangle(4, 2).contains([(1.9, 0.9), (2.1, 0), (2, 1)]).tolist() == [True, False, True]
    assert Rectangle(4, 2).contains([(1.9, 0.0), (1.0, 0.0)], margin=0.5).tolist() == [False, True]
    assert Disk(3).contains([(1.9, 1.9), (2.9, 0), (4, 0)], margin=0.2).tolist() == [1, 0, 0]
    assert L_SHAPE.contains([(5, 15), (15, 15), (10, 10), (0, 0)]).tolist() == [1, 0, 1, 1]
    assert L_SHAPE.contains([(5, 15), (9, 9)], margin=4).tolist() == [True, False]


def test_boundary_distance():
    assert Rectangle(4, 2).boundary_distance([(0, 0), (1.5, 0), (5, 1)]) == pytest.approx(
        [1, 0.5, 3]
    )
    assert Disk(3).boundary_distance([(0, 0), (0, 4)]) == pytest.approx([3, 1])
    assert L_SHAPE.boundary_distance([(9, 9), (13, 14)]) == pytest.approx([math.sqrt(2), 3])


@pytest.mark.parametrize(
    "make",
    [
        lambda: Rectangle(0, 1),
        lambda: Disk(-1),
        lambda: Disk(math.nan),
        lambda: Polygon(((0, 0), (1, 0))),
        lambda: Polygon(((0, 0), (1, 1), (1, 0), (0, 1))),
        lambda: Polygon(((0, 0), (2, 0), (1, 0))),
        lambda: Polygon(((0, 0), (2, 0), (2, 2), (1, 0))),
        lambda: Polygon(((0, 0), (1, 0), (math.inf, 1))),
    ],
)
def test_outlines_that_are_none(make):
    with pytest.raises(ParameterError):
        make()


def test_collinear_corners_are_fine():
    assert Polygon(((0, 0), (1, 0), (2, 0), (2, 2), (0, 2))).area == 4


# --- inclusions and layouts ---------------------------------------------------------------------


def test_edge_distance():
    two = Disks(
        *np.array([[0.0, 20.0], [0.0, 0.0], [6.0, 3.0]]),
        sign=np.array([1.0, -1.0]),
        edge_width=4.0,
        edge_smoothing=1.0,
        pseudo_gauge=np.ones(2),
        magnetisation=np.ones(2),
    )
    points = [(0, 0), (6, 0), (12.0, 0), (20, 4)]
    assert two.edge_distance(points) == pytest.approx([-6, 0, 5, 1])
    assert two.nearest(points).tolist() == [0, 0, 1, 1]
    assert two.outer_radius.tolist() == [8, 5]
    assert np.isposinf(Inclusions.none().edge_distance(points)).all()


def test_square_layout():
    centres = layouts.square((4, 3), 10.0)
    assert len(centres) == 12
    assert centres.mean(axis=0) == pytest.approx([0, 0], abs=1e-12)
    assert centres.min(axis=0) == pytest.approx([-15, -10])
    assert layouts.square((1, 1), 0.0).tolist() == [[0, 0]]


def test_triangular_layout():
    centres = layouts.triangular((5, 4), 10.0)
    distances = np.linalg.norm(centres[:, None] - centres, axis=2)
    inner = 7  # an inclusion with all its neighbours
    assert np.sum(np.isclose(distances[inner], 10.0)) == 6
    assert distances[distances > 0].min() == pytest.approx(10.0)
    low, high = centres.min(axis=0), centres.max(axis=0)
    assert low + high == pytest.approx([0, 0], abs=1e-12)


@pytest.mark.parametrize("sample", [Rectangle(150, 100), Disk(70), L_SHAPE])
def test_random_layout(sample):
    outer, apart = (1.0, 2.5) if sample is L_SHAPE else (6.0, 14.0)
    centres = layouts.random(sample, outer, 20, apart, seed=3)
    distances = np.linalg.norm(centres[:, None] - centres, axis=2)
    assert distances[np.triu_indices(20, 1)].min() >= apart
    assert sample.contains(centres, apart / 2).all()
    assert np.array_equal(centres, layouts.random(sample, outer, 20, apart, seed=3))
    assert not np.array_equal(centres, layouts.random(sample, outer, 20, apart, seed=4))


def test_radii_and_charges_are_drawn():
    centres = np.random.default_rng(0).uniform(-9, 9, (400, 2))
    spread = {"radius_spread": 0.3, "charge_spread": 0.5, "opposite_charge": 0.25}
    table = layouts.drawn(centres, 10.0, 7, **spread)
    assert np.array_equal(np.column_stack([table.x, table.y]), centres)
    # an even distribution of width 2 a has the standard deviation a/sqrt 3
    assert (table.radius.min() > 7.0, table.radius.max() < 13.0) == (True, True)
    assert table.radius.std() == pytest.approx(3.0 / np.sqrt(3), rel=0.1)
    assert np.abs(table.charge).std() == pytest.approx(0.5 / np.sqrt(3), rel=0.1)
    assert np.mean(table.charge < 0) == pytest.approx(0.25, abs=0.06)
    again, other = (layouts.drawn(centres, 10.0, seed, **spread) for seed in (7, 8))
    assert np.array_equal(table.charge, again.charge)
    assert not np.array_equal(table.charge, other.charge)
    assert np.array_equal(layouts.drawn(centres, 10.0, 7).radius, np.full(400, 10.0))


def test_random_layout_that_does_not_fit():
    with pytest.raises(ParameterError, match="of 50 inclusions could be placed"):
        layouts.random(Rectangle(50, 50), 5.0, 50, 11.0, seed=0)


def test_layout_file(tmp_path):
    path = tmp_path / "layout.csv"
    path.write_text(
        "# comment\nsign, x, y, radius, pseudo_gauge\n1, 0, 1, 5, 0.4\n\n-1, 20, 2.5, 6, 0.3 # b\n"
    )
    table = layouts.from_csv(path)
    assert table.x.tolist() == [0, 20]
    assert table.y.tolist() == [1, 2.5]
    assert table.radius.tolist() == [5, 6]
    assert table.sign.tolist() == [1, -1]
    assert table.pseudo_gauge.tolist() == [0.4, 0.3]
    assert table.magnetisation is None


@pytest.mark.parametrize(
    ("centres", "sentence"),
    [
        ([(0, 0), (15.9, 0)], "inclusion 1 at (0, 0) and inclusion 2 at (15.9, 0) overlap"),
        ([(0, 0), (16, 0)], "overlap"),
        ([(0, 0), (0, 17), (0, -23)], "inclusion 3 at (0, -23) does not lie inside"),
        ([(100, 0)], "does not lie inside"),
    ],
)
def test_inclusions_that_cannot_be(centres, sentence):
    with pytest.raises(ParameterError) as error:
        inclusions(centres).check(Rectangle(60, 60))
    assert sentence in str(error.value)


def test_edge_region_wider_than_the_disk():
    with pytest.raises(ParameterError, match="wider than the disk"):
        inclusions([(0, 0)], radius=2.0, edge_width=4.0).check(Rectangle(60, 60))


# --- meshes ---------------------------------------------------------------------------------------


def test_regions_have_their_areas():
    """Up to the chords that stand for circles: (h/r)^2/6 of each disk."""
    where = inclusions(layouts.square((2, 2), 20.0))
    corners, tags = gathered(make_mesh(MPI.COMM_WORLD, Rectangle(44, 40), where, UNIFORM))
    area = {tag: areas(corners[tags == tag]).sum() for tag in np.unique(tags)}
    chord = (1.5 / 4) ** 2 / 6
    assert set(tags) == {CellTag.HOST, CellTag.CORE, CellTag.EDGE}
    assert sum(area.values()) == pytest.approx(44 * 40, rel=1e-12)
    assert area[CellTag.CORE] == pytest.approx(4 * math.pi * 4**2, rel=chord)
    assert area[CellTag.EDGE] == pytest.approx(4 * math.pi * (8**2 - 4**2), rel=chord)


def test_no_cell_lies_across_a_circle():
    where = inclusions([(3.0, -2.0)])
    corners, tags = gathered(make_mesh(MPI.COMM_WORLD, Disk(20), where, UNIFORM))
    r = np.hypot(*np.moveaxis(corners - [3.0, -2.0], 2, 0))
    slack = 1e-9
    assert (r[tags == CellTag.CORE] <= 4 + slack).all()
    assert (r[tags == CellTag.HOST] >= 8 - slack).all()
    edge = r[tags == CellTag.EDGE]
    assert ((edge >= 4 - slack) & (edge <= 8 + slack)).all()


@pytest.mark.parametrize("sample", [Rectangle(30, 20), Disk(12), L_SHAPE])
def test_without_inclusions(sample):
    data = make_mesh(MPI.COMM_WORLD, sample, Inclusions.none(), UNIFORM)
    corners, tags = gathered(data)
    assert set(tags) == {CellTag.HOST}
    assert areas(corners).sum() == pytest.approx(sample.area, rel=5e-3)
    assert (areas(corners) > 0).all()


def test_refinement_in_edge_regions_and_cores():
    sizes = MeshSizes(size=4.0, edge_size=1.0, core_size=3.0)
    where = inclusions([(-40.0, 0.0), (40.0, 0.0)], radius=18.0, edge_width=4.0)
    corners, tags = gathered(make_mesh(MPI.COMM_WORLD, Rectangle(160, 80), where, sizes))
    lengths = edge_lengths(corners)
    for tag, size in ((CellTag.HOST, 4.0), (CellTag.CORE, 3.0), (CellTag.EDGE, 1.0)):
        longest = lengths[tags == tag].max()
        assert 0.8 * size < longest < 1.45 * size
    uniform = MeshSizes(1.0, 1.0, 1.0)
    fine, _ = gathered(make_mesh(MPI.COMM_WORLD, Rectangle(160, 80), where, uniform))
    assert len(corners) < len(fine) / 3


def test_triangles_are_regular():
    """Smallest angle above 20 degrees where sizes change, too."""
    where = inclusions(layouts.square((2, 2), 20.0))
    sizes = MeshSizes(3.0, 0.5, 2.0)
    corners, _ = gathered(make_mesh(MPI.COMM_WORLD, Rectangle(44, 44), where, sizes))
    sides = edge_lengths(corners)
    inradius_ratio = 4 * areas(corners) / (sides.sum(axis=1) / 2) / sides.max(axis=1)
    assert inradius_ratio.min() > 0.4  # 2/sqrt3 for an equilateral triangle


def test_the_same_input_gives_the_same_mesh():
    where = inclusions(layouts.triangular((2, 2), 20.0))
    sizes = MeshSizes(2.0, 1.0, 2.0)
    first = gathered(make_mesh(MPI.COMM_SELF, Rectangle(60, 60), where, sizes))  # on any ranks
    make_mesh(MPI.COMM_WORLD, Disk(10), Inclusions.none(), UNIFORM)  # leaves no trace
    second = gathered(make_mesh(MPI.COMM_WORLD, Rectangle(60, 60), where, sizes))
    assert np.array_equal(first[0], second[0])
    assert np.array_equal(first[1], second[1])


def test_default_sizes():
    assert MeshSizes.of(None, None, None, 0.0) == MeshSizes(1.0, 1.0, 1.0)
    assert MeshSizes.of(None, None, None, 2.0) == MeshSizes(1.0, 0.5, 1.0)
    assert MeshSizes.of(1.5, None, None, 8.0) == MeshSizes(1.5, 1.5, 1.5)
    assert MeshSizes.of(1.5, 0.3, 0.7, 8.0) == MeshSizes(1.5, 0.3, 0.7)


@pytest.mark.parametrize(
    ("where", "sizes", "sentence"),
    [
        ([(0, 0)], MeshSizes(0.0, 1.0, 1.0), "size must be a positive"),
        ([(0, 0)], MeshSizes(5.0, 5.0, 1.0), "must not exceed the edge_width"),
        ([(0, 0), (1, 0)], UNIFORM, "overlap"),
    ],
)
def test_mesh_errors_reach_every_rank(where, sizes, sentence):
    with pytest.raises(ParameterError, match=sentence):
        make_mesh(MPI.COMM_WORLD, Rectangle(60, 60), inclusions(where), sizes)


@pytest.mark.skipif(MPI.COMM_WORLD.size > 1, reason="timing of one rank")
def test_a_hundred_inclusions_are_meshed_quickly():
    import time

    where = inclusions(layouts.square((10, 10), 44.0), radius=17.0, edge_width=8.0)
    began = time.process_time()
    make_mesh(MPI.COMM_SELF, Rectangle(440, 440), where, MeshSizes(6.0, 2.0, 6.0))
    assert time.process_time() - began < 30


def test_ctrl_c_ends_meshing(monkeypatch):
    """gmsh runs in C and would swallow what its callback raises."""
    calls = []

    def interrupted(*_):
        def target(x, y):
            calls.append((x, y))
            if len(calls) == 100:
                signal.raise_signal(signal.SIGTERM)
            return 0.2

        return target

    monkeypatch.setattr(mesh, "around_inclusions", interrupted)
    with interrupt.listening(), pytest.raises(interrupt.Interrupted):
        make_mesh(MPI.COMM_SELF, Rectangle(40.0, 30.0), Inclusions.none(), UNIFORM)
    assert len(calls) == 100
    monkeypatch.undo()
    assert make_mesh(MPI.COMM_SELF, Rectangle(40.0, 30.0), Inclusions.none(), UNIFORM)
