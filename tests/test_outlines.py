"""Inclusions of any outline: their fields, their meshes, and problems that hold them."""

from pathlib import Path

import numpy as np
import pytest
import shapely
from mpi4py import MPI
from PIL import Image
from shapely import Polygon
from shapely.affinity import rotate

from glvortex.errors import ParameterError
from glvortex.geometry.images import islands
from glvortex.geometry.inclusions import Disks
from glvortex.geometry.lattice import Lattice
from glvortex.geometry.mesh import CellTag, make_mesh
from glvortex.geometry.outlined import outlined, rounded
from glvortex.geometry.regions import Hole, Perforated
from glvortex.geometry.sample import Disk, Rectangle
from glvortex.geometry.sample import Polygon as PolygonSample
from glvortex.geometry.sizes import MeshSizes
from glvortex.problems.resolved import write_resolved
from glvortex.problems.schema import load
from glvortex.problems.setup import setup_from
from glvortex.problems.solve import solve
from test_geometry import areas, gathered

CENTRE, RADIUS = np.array([2.0, -1.0]), 10.0
L_SHAPE = Polygon([(-30, -14), (-4, -14), (-4, -4), (-20, -4), (-20, 16), (-30, 16)])
FRAME = Polygon(
    [(4, -16), (34, -16), (34, 16), (4, 16)], [[(12, -9), (27, -9), (27, 10), (12, 10)]]
)
DOT = Polygon([(16, -4), (23, -4), (19.5, 4)])


def strength(count=1, *, edge_width=4.0, edge_smoothing=0.5, pseudo_gauge=0.3):
    one = np.ones(count)
    return {
        "sign": one,
        "edge_width": edge_width,
        "edge_smoothing": edge_smoothing,
        "pseudo_gauge": pseudo_gauge * one,
        "magnetisation": 0.01 * one,
    }


def regular(corners, radius=RADIUS, centre=CENTRE):
    angles = 2 * np.pi * np.arange(corners) / corners
    return Polygon(centre + radius * np.column_stack([np.cos(angles), np.sin(angles)]))


def disk(**changes):
    return Disks(*CENTRE[:, None], np.array([RADIUS]), **(strength() | changes))


def somewhere(count=5000, reach=20.0):
    return np.random.default_rng(3).uniform(-reach, reach, (count, 2))


# --- fields ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("corners", [60, 240])
def test_a_polygon_of_many_corners_has_the_fields_of_a_disk(corners):
    """Sides lie off the circle by their sagitta and what lines may be moved, 2e-4 d."""
    polygon, exact, points = outlined([regular(corners)], **strength()), disk(), somewhere()
    moved = 2e-4 * exact.edge_width
    off = RADIUS * (1 - np.cos(np.pi / corners)) + moved
    turned = np.pi / corners + np.sqrt(2 * moved / RADIUS)
    deviation = polygon.edge_distance(points) - exact.edge_distance(points)
    assert abs(deviation).max() < 1.5 * off
    slope = 1 / (2 * exact.edge_smoothing)  # of the flanks
    deviation = np.hypot(*(polygon.pseudo_gauge_at(points) - exact.pseudo_gauge_at(points)))
    assert deviation.max() < 0.3 * (turned + 1.5 * off * slope)
    deviation = polygon.magnetisation_at(points) - exact.magnetisation_at(points)
    assert abs(deviation).max() < 0.01 * 1.5 * off * slope
    assert polygon.area == pytest.approx(exact.area, rel=3 * off / RADIUS)
    assert polygon.mean_radius == pytest.approx(RADIUS, abs=1.5 * off)


def test_distances_are_those_to_the_nearest_side():
    found = outlined([L_SHAPE, FRAME, DOT], **strength(3, edge_width=3.0))
    points = somewhere(reach=40.0)
    boundary = shapely.MultiPolygon(found.polygons).boundary
    expected = shapely.distance(boundary, shapely.points(points))
    inside = shapely.contains_xy(shapely.MultiPolygon(found.polygons), *points.T)
    assert found.edge_distance(points) == pytest.approx(np.where(inside, -expected, expected))
    assert found.nearest([(-25, 0), (8, 0), (19.5, 0), (14, 0)]).tolist() == [0, 1, 2, 1]


def test_directions_are_gradients_of_the_distance():
    found = outlined([FRAME], **strength(edge_width=3.0))
    points, step = somewhere(reach=40.0), 1e-5
    lines = found._lines[0]
    normal = lines.nearest(points)[2]
    for k, shift in enumerate(step * np.eye(2)):
        there, back = (lines.nearest(points + sign * shift)[1] for sign in (1, -1))
        error = abs((there - back) / (2 * step) - normal[:, k])
        assert np.quantile(error, 0.99) < 1e-6  # all but those on the medial axis
    assert np.hypot(*normal.T) == pytest.approx(1.0)


def test_a_runs_counterclockwise_whatever_the_order_of_the_corners():
    around = np.array([(9.9, 0), (0, 9.9), (-9.9, 0), (0, -9.9)])
    along = np.array([(0, 1), (-1, 0), (0, -1), (1, 0)])
    square = Polygon([(-10, -10), (10, -10), (10, 10), (-10, 10)])
    for polygon in (square, square.reverse()):
        a = outlined([polygon], **strength(pseudo_gauge=0.3)).pseudo_gauge_at(around)
        assert a == pytest.approx(0.3 * along.T, abs=1e-3)
    minus = outlined([square], **(strength() | {"pseudo_gauge": np.array([-0.3])}))
    assert minus.pseudo_gauge_at(around) == pytest.approx(-0.3 * along.T, abs=1e-3)


def test_a_runs_the_other_way_round_a_hole():
    """Along z^ x n with n out of the inclusion: h~ is that of the edges together."""
    found = outlined([FRAME], **strength(edge_width=3.0))
    outer, inner = found.pseudo_gauge_at(np.array([(34.0, 0.0), (27.0, 0.0)])).T
    assert outer == pytest.approx([0, found.peak[0]], abs=1e-6)
    assert inner == pytest.approx([0, -found.peak[0]], abs=1e-6)


def test_images_in_neighbouring_cells_count():
    cell = Lattice(((24.0, 0.0), (5.0, 26.0)))
    found = outlined([regular(60, 8.0, (0.0, 0.0))], **strength(edge_smoothing=2.0))
    points = somewhere(200, 3.0)
    for shift in [(12.0, 0.0), (2.5, 13.0), (-7.0, -13.0)]:
        here = points + shift
        home = here - np.rint(here @ np.linalg.inv(cell.matrix)) @ cell.matrix
        a, m = found.pseudo_gauge_at(here, cell), found.magnetisation_at(here, cell)
        assert a == pytest.approx(found.pseudo_gauge_at(home, cell), abs=1e-5)
        assert m == pytest.approx(found.magnetisation_at(home, cell), abs=1e-7)


# --- outlines and their edge regions --------------------------------------------------------------


def test_corners_are_rounded_to_half_the_edge_width():
    square = Polygon([(0, 0), (20, 0), (20, 20), (0, 20)])
    smooth = rounded(square, 4.0)
    assert smooth.area == pytest.approx(400 - (4 - np.pi) * 2**2, rel=1e-4)
    assert smooth.buffer(-2).area == pytest.approx(16**2, rel=1e-4)
    assert smooth.buffer(2).area == pytest.approx(16**2 + 4 * 16 * 4 + np.pi * 16, rel=1e-3)


THIN = {
    "thin": (Polygon([(0, 0), (30, 0), (30, 3), (0, 3)]), "has no core: it is nowhere wider"),
    "neck": (
        Polygon(
            [
                (0, 0),
                (9, 0),
                (9, 3),
                (15, 3),
                (15, 0),
                (24, 0),
                (24, 9),
                (15, 9),
                (15, 6),
                (9, 6),
                (9, 9),
                (0, 9),
            ]
        ),
        "has a neck at (12, 4.5) that is narrower than edge_width 4 xi",
    ),
    "spike": (Polygon([(0, 0), (20, 0), (20, 10), (60, 11), (0, 12)]), "too pointed"),
    "bay": (
        Polygon([(0, 0), (9, 0), (9, 14), (11, 14), (11, 0), (20, 0), (20, 20), (0, 20)]),
        "too indented at (9, 14) for edge_width 4 xi",
    ),
    "small hole": (
        Polygon([(0, 0), (20, 0), (20, 20), (0, 20)], [[(9, 9), (11, 9), (11, 11), (9, 11)]]),
        "has a hole or a bay that is narrower than edge_width 4 xi",
    ),
}


@pytest.mark.parametrize(("polygon", "sentence"), THIN.values(), ids=THIN)
@pytest.mark.parametrize("angle", [0.0, 33.0])
def test_outlines_without_room_for_an_edge_region(polygon, sentence, angle):
    turned = rotate(polygon, angle, origin=(0, 0))
    with pytest.raises(ParameterError, match=r"^inclusion 1 at \(") as error:
        outlined([turned], **strength())
    assert (sentence.partition(" at ")[0] if angle else sentence) in str(error.value)


def test_outlines_that_overlap_or_stick_out():
    two = outlined([regular(50), regular(50, centre=(25.5, -1.0))], **strength(2))
    with pytest.raises(ParameterError, match=r"inclusion 1 at \(2, -1\) and inclusion 2.*overlap"):
        two.check(Rectangle(100, 100))
    one = outlined([regular(50)], **strength())
    notch = PolygonSample(((-30, -30), (30, -30), (30, 30), (3, 30), (2, 10.5), (1, 30), (-30, 30)))
    hole = Perforated(Rectangle(60, 60), (Hole(Disk(3.0, (14.9, -1.0))),))
    for sample in (Rectangle(26, 60), Disk(14.2), notch, hole):
        with pytest.raises(ParameterError, match="does not lie inside the sample"):
            one.check(sample)
    hole = Perforated(Rectangle(60, 60), (Hole(Disk(3.0, (17.2, -1.0))),))
    for sample in (Rectangle(29, 27), Disk(14.4), hole):
        one.check(sample)


# --- meshes ---------------------------------------------------------------------------------------


def test_a_polygon_of_many_corners_is_meshed_as_a_disk():
    sizes = MeshSizes(2.0, 1.0, 2.0)
    found = []
    for inclusions in (disk(), outlined([regular(200)], **strength())):
        corners, tags = gathered(make_mesh(MPI.COMM_WORLD, Rectangle(40, 40), inclusions, sizes))
        found.append([areas(corners[tags == tag]).sum() for tag in (1, 2, 3)])
        assert abs(len(corners) - 1885) < 40
    assert found[1] == pytest.approx(found[0], rel=2e-3)


def test_no_cell_lies_across_the_edge_of_an_outline():
    """An L, and a triangle in a frame: the host in the frame is host."""
    found = outlined([L_SHAPE, FRAME, DOT], **strength(3, edge_width=3.0))
    sizes = MeshSizes(2.0, 0.75, 1.5)
    corners, tags = gathered(make_mesh(MPI.COMM_WORLD, Rectangle(76, 40), found, sizes))
    s = found.edge_distance(corners.reshape(-1, 2)).reshape(-1, 3)
    slack = 0.75**2 / 8 / 1.5  # sagitta of a side of edge_size on the smallest circle
    assert (s[tags == CellTag.CORE] <= -1.5 + slack).all()
    assert (s[tags == CellTag.HOST] >= 1.5 - slack).all()
    assert (abs(s[tags == CellTag.EDGE]) <= 1.5 + slack).all()
    area = {tag: areas(corners[tags == tag]).sum() for tag in np.unique(tags)}
    core, outer = (sum(p.area for p in parts) for parts in (found.cores, found.outer))
    assert area[CellTag.CORE] == pytest.approx(core, rel=1e-2)
    assert area[CellTag.EDGE] == pytest.approx(outer - core, rel=1e-2)
    assert sum(area.values()) == pytest.approx(76 * 40, rel=1e-12)


def test_outlines_beside_a_hole_and_over_a_region(tmp_path):
    text = SMALL + '[[hole]]\nshape = "disk"\nradius = 2.0\ncentre = [-16.0, 11.0]\n'
    text += '[[region]]\nshape = "rectangle"\nsize = [10.0, 26.0]\nt = 0.5\n'
    setup = problem(tmp_path, text)
    data = make_mesh(MPI.COMM_WORLD, setup.sample, setup.inclusions, setup.sizes, setup.regions)
    corners, tags = gathered(data)
    assert set(tags) == {1, 2, 3, 4, 5}
    assert areas(corners).sum() == pytest.approx(40 * 30, rel=1e-12)


# --- problems -------------------------------------------------------------------------------------

SMALL = """\
[superconductor]
kappa = 5.0
[sample]
shape = "rectangle"
size = [40.0, 30.0]
[inclusions]
layout = "outlines"
file = "outlines.csv"
edge_width = 4.0
pseudo_gauge = 0.3
magnetisation = 0.002
[mesh]
size = 2.0
[output]
fields = false
pictures = false
"""


def corners_csv(polygon, name="one", extra=""):
    lines = [f"{name}, {x!r}, {y!r}{extra}" for x, y in polygon.exterior.coords[:-1]]
    return "\n".join(lines) + "\n"


def problem(folder: Path, text=SMALL, outlines=None):
    polygon = regular(120, 8.0, (0.0, 0.0)) if outlines is None else outlines
    (folder / "outlines.csv").write_text("outline, x, y\n" + corners_csv(polygon))
    path = folder / "small.toml"
    path.write_text(text)
    return setup_from(load(path))


@pytest.fixture(scope="module")
def solved_disk(tmp_path_factory):
    keys = 'layout = "square"\ncount = [1, 1]\nradius = 8.0\n'
    text = SMALL.replace('layout = "outlines"\nfile = "outlines.csv"\n', keys)
    return solve(problem(tmp_path_factory.mktemp("disk"), text), MPI.COMM_SELF)


def test_a_polygon_of_many_corners_has_the_energy_of_a_disk(tmp_path, solved_disk):
    """Up to the noise of the mesh, 1e-3 of what the inclusion costs."""
    found = solve(problem(tmp_path), MPI.COMM_SELF)
    cost = solved_disk.budget["gradient"]
    assert found.best.energy == pytest.approx(solved_disk.best.energy, abs=5e-3 * cost)
    for name, value in solved_disk.budget.items():
        assert found.budget[name] == pytest.approx(value, abs=5e-3 * cost), name
    assert found.moments.gamma == pytest.approx(solved_disk.moments.gamma, rel=5e-3)
    assert found.moments.magnetisation == pytest.approx(solved_disk.moments.magnetisation, rel=5e-3)


def test_an_image_of_a_disk_has_the_energy_of_a_disk(tmp_path, solved_disk):
    """Pixels of 0.25 xi, at most half a grey pixel off at the edge."""
    x, y = np.meshgrid(np.arange(160) - 79.5, np.arange(120) - 59.5)
    grey = np.clip(32.5 - np.hypot(x, y), 0, 1)  # one grey pixel around the edge
    Image.fromarray((255 * (1 - grey)).astype(np.uint8)).save(tmp_path / "map.png")
    keys = 'layout = "image"\nfile = "map.png"\npixel = 0.25\ninside = "dark"\n'
    text = SMALL.replace('layout = "outlines"\nfile = "outlines.csv"\n', keys)
    setup = problem(tmp_path, text)
    assert setup.inclusions.mean_radius == pytest.approx(8.0, abs=0.01)
    assert setup.inclusions.centres == pytest.approx(np.zeros((1, 2)), abs=0.01)
    found = solve(setup, MPI.COMM_SELF)
    cost = solved_disk.budget["gradient"]
    assert found.best.energy == pytest.approx(solved_disk.best.energy, abs=5e-3 * cost)


def test_an_image_is_seen_upright(tmp_path):
    grey = np.zeros((40, 60), dtype=np.uint8)
    grey[5:15, 10:20] = 255  # above the middle and to the left of it
    Image.fromarray(grey).save(tmp_path / "map.png")
    how = {"threshold": 0.5, "inside": "bright", "smoothing": 0.0, "minimum_area": 1.0}
    (island,) = islands(tmp_path / "map.png", pixel=2.0, **how)
    assert (island.centroid.x, island.centroid.y) == pytest.approx((-30.0, 20.0))
    assert island.area == pytest.approx(400.0, rel=0.02)
    deep = Image.fromarray(grey.astype(np.uint16) * 257)
    deep.save(tmp_path / "deep.png")
    (same,) = islands(tmp_path / "deep.png", pixel=2.0, **how)
    assert same.equals_exact(island, 1e-9)
    (host,) = islands(tmp_path / "map.png", pixel=2.0, **(how | {"inside": "dark"}))
    assert len(host.interiors) == 1
    (plain,) = islands(
        tmp_path / "map.png", pixel=2.0, **(how | {"inside": "dark", "minimum_area": 500.0})
    )
    assert not plain.interiors


def test_signs_and_strengths_of_outlines(tmp_path):
    header = "outline, x, y, sign, pseudo_gauge\n"
    rows = corners_csv(regular(20, 5.0, (-10.0, 0.0)), "a", ", 1, 0.4")
    rows += corners_csv(regular(20, 5.0, (10.0, 0.0)), "b", ", -1, 0.2")
    setup = problem(tmp_path)
    (tmp_path / "outlines.csv").write_text(header + rows)
    setup = setup_from(load(tmp_path / "small.toml"))
    assert setup.inclusions.pseudo_gauge.tolist() == [0.4, -0.2]
    assert setup.inclusions.magnetisation.tolist() == [0.002, -0.002]
    assert setup.inclusions.centres == pytest.approx(np.array([[-10.0, 0.0], [10.0, 0.0]]))


def test_the_run_folder_keeps_the_files_that_a_problem_names(tmp_path):
    rectangle = 'shape = "rectangle"\nsize = [40.0, 30.0]'
    text = SMALL.replace(rectangle, 'shape = "polygon"\nfile = "s.csv"')
    text += '[[hole]]\nshape = "polygon"\nfile = "h.csv"\n'
    (tmp_path / "s.csv").write_text("x, y\n-20, -15\n20, -15\n20, 15\n-20, 15\n")
    two = "a, -12, 12\na, -10, 12\na, -10, 14\nb, 3, 12\nb, 5, 12\nb, 5, 14\n"
    (tmp_path / "h.csv").write_text("outline, x, y\n" + two)
    setup = problem(tmp_path, text)
    assert len(setup.holes) == 2
    (tmp_path / "run").mkdir()
    copy = write_resolved(load(tmp_path / "small.toml"), setup, tmp_path / "run")
    names = {path.name for path in (tmp_path / "run").iterdir()}
    assert names == {"problem.toml", "inclusions.csv", "sample.csv", "hole-1.csv"}
    again = setup_from(load(copy))
    assert again.sample == setup.sample
    assert again.inclusions.area.tolist() == setup.inclusions.area.tolist()


def test_outlines_on_two_ranks(tmp_path, run_on_ranks):
    problem(tmp_path)
    code = """
        import sys
        from glvortex.problems.schema import load
        from glvortex.problems.setup import setup_from
        from glvortex.problems.solve import solve
        from mpi4py import MPI
        found = solve(setup_from(load(sys.argv[1])))
        if MPI.COMM_WORLD.rank == 0:
            print(repr(found.best.energy), repr(found.moments.total))
    """
    one, two = (
        [float(word) for word in run_on_ranks(n, code, tmp_path / "small.toml").split()]
        for n in (1, 2)
    )
    assert two == pytest.approx(one, rel=1e-9)
