"""What `glvortex export` and `glvortex mesh` write, opened by programs of others."""

import ast
import math
import shutil
import subprocess
from importlib import resources

import gmsh
import matplotlib.image
import meshio
import numpy as np
import pytest
import pyvista
from mpi4py import MPI
from vtkmodules.vtkIOHDF import vtkHDFReader

from glvortex.errors import ParameterError
from glvortex.geometry.arrays import collect
from glvortex.geometry.carving import CellTag
from glvortex.output.formats.export import SURROUNDINGS, export_solution, write_mesh, write_outlines
from glvortex.output.formats.series import _turns, runs_in, series_of_runs
from glvortex.output.runs.folder import prepare, write_run
from glvortex.output.state.fields import FIELDS, corner_values
from glvortex.output.state.gather import gather
from glvortex.problems.build import mesh_of
from glvortex.problems.schema import load
from glvortex.problems.setup import setup_from
from glvortex.problems.solve import solve

COMM = MPI.COMM_WORLD
FORMATS = ("vtu", "xdmf", "vtkhdf", "msh")
CELL = """\
[superconductor]
kappa = 2.0
[sample]
shape = "cell"
periods = [[5.0, 0.0], [0.0, 4.0]]
flux_quanta = 1
[mesh]
size = 0.7
[output]
pictures = false
"""


def solved(problem, *changes):
    file = load(problem, changes)
    return file, solve(setup_from(file))


@pytest.fixture(scope="module")
def run(tmp_path_factory, small_problem):
    """A run folder, the solution in it, and its fields in the order of the mesh generator."""
    folder = tmp_path_factory.mktemp("export") / "run"
    problem, solution = solved(small_problem, "output.pictures=false")
    prepare(folder, COMM)
    write_run(folder, problem, solution)
    export_solution(folder, solution, (*FORMATS, "bp"))
    values = corner_values(solution.functional, solution.mesh_data.cell_tags)
    return folder, solution, gather(solution.mesh_data, values)


def of_meshio(path):
    mesh = meshio.read(path)
    (cells,) = mesh.cells
    per_cell = {name: values[0] for name, values in mesh.cell_data.items()}
    return mesh.points, cells.data, mesh.point_data | per_cell


def of_vtk(grid):
    return grid.points, grid.cells_dict[5], dict(grid.point_data) | dict(grid.cell_data)


def of_vtkhdf(path):
    reader = vtkHDFReader()
    reader.SetFileName(str(path))
    reader.Update()
    return of_vtk(pyvista.wrap(reader.GetOutput()))


def of_gmsh(path):
    """The same arrays by gmsh, the corners of each cell as points of their own."""
    gmsh.initialize(readConfigFiles=False, interruptible=False)
    try:
        gmsh.option.setNumber("General.Terminal", 0)
        gmsh.open(str(path))
        numbers, places, _ = gmsh.model.mesh.getNodes()
        rows = np.argsort(numbers)
        elements, nodes = gmsh.model.mesh.getElementsByType(2)
        corners = places.reshape(-1, 3)[rows[nodes.reshape(-1, 3) - 1]]
        order = np.argsort(elements)
        values = {"subdomain": np.zeros(len(elements), dtype=int)}
        for _, tag in gmsh.model.getPhysicalGroups(2):
            assert gmsh.model.getPhysicalName(2, tag) == CellTag(tag).name.lower()
            (entity,) = gmsh.model.getEntitiesForPhysicalGroup(2, tag)
            values["subdomain"][gmsh.model.mesh.getElements(2, entity)[1][0] - 1] = tag
        for view in gmsh.view.getTags():
            name = gmsh.view.option.getString(gmsh.view.getIndex(view), "Name")
            _, tags, data, _, components = gmsh.view.getModelData(view, 0)
            data = np.array(data)[np.argsort(tags)].reshape(-1, components)
            values[name] = data if components > 1 else data[:, 0]
        for name in ("flux_density", "magnetisation"):
            values[name] = values[name][::3]
        cells = np.arange(3 * len(elements)).reshape(-1, 3)
        return corners[order].reshape(-1, 3), cells, values
    finally:
        gmsh.finalize()


@pytest.mark.parametrize(
    ("name", "reader"),
    [
        ("fields.vtu", of_meshio),
        ("fields.vtu", lambda path: of_vtk(pyvista.read(path))),
        ("fields.xdmf", of_meshio),
        ("fields.vtkhdf", of_vtkhdf),
        ("fields.msh", of_gmsh),
    ],
)
def test_every_format_holds_every_field(run, name, reader):
    folder, solution, fields = run
    points, cells, values = reader(folder / name)
    count = len(fields.cells)
    assert cells.shape == (count, 3)
    assert points.shape == (3 * count, 3)
    corners = fields.points[fields.cells]
    np.testing.assert_allclose(points[cells][:, :, :2], corners, atol=1e-14)
    assert not points[:, 2].any()
    for field in FIELDS:
        expected = fields.values[field.name]
        expected = expected[:, 0] if field.per_cell else expected.reshape(-1, *expected.shape[2:])
        found = values[field.name][:, :2] if expected.ndim == 2 else values[field.name]
        np.testing.assert_allclose(found, expected, rtol=1e-14, atol=1e-15, err_msg=field.name)
    area = np.abs(np.linalg.det(corners[:, 1:] - corners[:, :1])) / 2
    assert values["flux_density"] @ area / (2 * math.pi) == pytest.approx(solution.flux, rel=1e-12)


def test_vortices_and_outlines(run):
    folder, solution, _ = run
    vortices = pyvista.read(folder / "vortices.vtp")
    found = solution.best.vortices
    assert len(found) == 2 == vortices.n_points == vortices.n_verts
    np.testing.assert_array_equal(vortices.points, [(v.x, v.y, 0.0) for v in found])
    assert list(vortices["charge"]) == [v.charge for v in found]
    np.testing.assert_array_equal(vortices["edge_distance"], solution.edge_distances)
    lines = pyvista.read(folder / "outlines.vtp")
    length = lengths_of(lines)
    assert length[CellTag.HOST] == pytest.approx(140, rel=1e-12)
    assert length[CellTag.CORE] == pytest.approx(2 * math.pi * 6, rel=0.01)
    assert length[CellTag.EDGE] == pytest.approx(2 * math.pi * 10, rel=0.01)


def lengths_of(lines):
    """Length of the outlines of each kind; all of them are closed."""
    found = {}
    for number in range(lines.n_cells):
        points = lines.get_cell(number).points
        np.testing.assert_array_equal(points[0], points[-1])
        kind = CellTag(lines["subdomain"][number])
        found[kind] = found.get(kind, 0) + np.linalg.norm(np.diff(points, axis=0), axis=1).sum()
    return found


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        ("ring", {CellTag.HOST: 80 * math.pi, CellTag.HOLE: 30 * math.pi}),
        ("weak_region", {CellTag.HOST: 200, CellTag.REGION: 12 * math.pi}),
        ("vortex_lattice", {CellTag.HOST: 2 * (4.2 + 5.983986)}),  # of the flat cell
    ],
)
def test_outlines_of_holes_regions_and_cells(tmp_path, problem, expected):
    mesh = collect(mesh_of(setup_from(load(f"problems/{problem}.toml")), COMM))
    write_outlines(tmp_path / "outlines.vtp", mesh)
    assert lengths_of(pyvista.read(tmp_path / "outlines.vtp")) == pytest.approx(expected, rel=0.005)


@pytest.mark.parametrize("name", ["mesh.vtu", "mesh.xdmf", "mesh.vtkhdf", "mesh.msh"])
def test_meshes_alone(tmp_path, small_problem, name):
    mesh = collect(mesh_of(setup_from(load(small_problem)), COMM))
    path = tmp_path / name
    write_mesh(path, mesh, COMM)
    if name == "mesh.msh":
        read = meshio.read(path)
        cells, points = read.get_cells_type("triangle"), read.points
        tags = read.get_cell_data("gmsh:physical", "triangle")
        names = {name: tuple(tag) for name, tag in read.field_data.items()}
        assert names == {"boundary": (1, 1), "host": (1, 2), "core": (2, 2), "edge": (3, 2)}
        sides = points[read.get_cells_type("line")]
        assert np.linalg.norm(sides[:, 1] - sides[:, 0], axis=1).sum() == pytest.approx(140)
    else:
        points, cells, values = (of_vtkhdf if name.endswith("hdf") else of_meshio)(path)
        assert len(points) == len(mesh.points)
        tags = values["subdomain"]
    assert len(cells) == len(mesh.cells)
    corners, expected = points[cells][:, :, :2], mesh.points[mesh.cells]
    order, wanted = (np.lexsort(c.mean(axis=1).T) for c in (corners, expected))
    np.testing.assert_allclose(corners[order], expected[wanted], atol=1e-12)
    np.testing.assert_array_equal(tags[order], mesh.cell_tags[wanted])


EXPORT = """
    import sys
    from pathlib import Path
    from mpi4py import MPI
    from glvortex.output.formats.export import export_solution
    from glvortex.output.runs.run import open_run

    solution = open_run(Path(sys.argv[1]), MPI.COMM_WORLD).solution
    export_solution(Path(sys.argv[2]), solution, sys.argv[3:])
"""


def test_three_ranks_write_the_same_files(tmp_path, run, run_on_ranks):
    folder, *_ = run
    run_on_ranks(3, EXPORT, folder, tmp_path, *FORMATS)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {path.name for path in folder.glob("fields.[!b]*")} | set(SURROUNDINGS)
    for name in SURROUNDINGS:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()
    readers = {"vtu": of_meshio, "xdmf": of_meshio, "vtkhdf": of_vtkhdf, "msh": of_gmsh}
    for suffix, reader in readers.items():
        points, cells, values = reader(tmp_path / f"fields.{suffix}")
        one = reader(folder / f"fields.{suffix}")
        np.testing.assert_array_equal(points, one[0])
        np.testing.assert_array_equal(cells, one[1])
        for name, expected in one[2].items():
            np.testing.assert_allclose(values[name], expected, rtol=0, atol=1e-12, err_msg=name)


@pytest.fixture(scope="module")
def plain_runs(tmp_path_factory):
    """Runs of a cell without inclusions, without a flux quantum and with one."""
    folder = tmp_path_factory.mktemp("plain")
    (folder / "cell.toml").write_text(CELL)
    for number in (0, 1):
        problem, solution = solved(folder / "cell.toml", f"sample.flux_quanta={number}")
        prepare(folder / str(number), COMM)
        write_run(folder / str(number), problem, solution)
    return [folder / "0", folder / "1"]


def test_a_series_of_runs(tmp_path, plain_runs):
    folder = tmp_path / "deep" / "series"
    paths = series_of_runs(folder, plain_runs[::-1], "sample.flux_quanta", COMM)
    assert sorted(paths) == sorted(path for path in folder.iterdir() if path.is_file())
    readers = {path.stem: pyvista.get_reader(path) for path in paths if path.suffix == ".pvd"}
    assert set(readers) == {"fields", "vortices", "outlines"}
    for number in (0, 1):
        found = {}
        for name, reader in readers.items():
            assert sorted(reader.time_values) == [0.0, 1.0]
            reader.set_active_time_value(number)
            found[name] = reader.read()[0]
        alone = pyvista.read(plain_runs[number] / "fields.vtu")
        np.testing.assert_allclose(found["fields"]["phase"], alone["phase"], atol=1e-12)
        flux = found["fields"].compute_cell_sizes().cell_data
        assert flux["flux_density"] @ flux["Area"] == pytest.approx(2 * math.pi * number, abs=1e-9)
        assert found["vortices"].n_points == number
        assert lengths_of(found["outlines"]) == pytest.approx({CellTag.HOST: 18})


def test_a_sweep_stands_for_its_finished_runs(tmp_path, plain_runs):
    (tmp_path / "sweep.json").touch()
    with pytest.raises(ParameterError, match="no run has finished"):
        runs_in(tmp_path)
    for number, run in enumerate(plain_runs, start=1):
        shutil.copytree(run, tmp_path / "points" / f"{number:04d}")
    (tmp_path / "points" / "0003").mkdir()
    assert [run.name for run in runs_in(tmp_path)] == ["0001", "0002"]
    assert runs_in(plain_runs[0]) == [plain_runs[0]]


def test_steps_of_a_way_up_and_down_are_counted():
    assert _turns([0.0, 0.1, 0.2, 0.1, 0.0])
    assert not any(map(_turns, ([2.0, 2.0], [0.0, 1.0, 2.0], [1.0, 0.0], [0.0, 1.0, 1.0, 0.0])))


def test_series_that_have_no_order(tmp_path, plain_runs):
    for key, words in {
        "sample.shape": "is no number",
        "solver.max_steps.real": "is no number",
        "mesh.size": "the same value in several runs",
    }.items():
        with pytest.raises(ParameterError, match=words):
            series_of_runs(tmp_path / "series", plain_runs, key, COMM)
    assert not (tmp_path / "series").exists()


def test_the_script_asks_for_fields_that_there_are():
    text = (resources.files("glvortex.output.formats") / "paraview_state.py").read_text()
    script = ast.parse(text)
    (views,) = (
        node.value
        for node in script.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == "VIEWS"
    )
    shown = {row.elts[0].value: row.elts[3].value for row in views.elts}
    vectors = {"supercurrent", "pseudo_gauge"}
    assert {name for name, vector in shown.items() if vector} == vectors
    assert set(shown) == {field.name for field in FIELDS} - {"subdomain", "vector_potential"}


@pytest.mark.skipif(shutil.which("pvpython") is None, reason="ParaView is not installed")
def test_paraview_shows_a_run_and_a_series(tmp_path, run, plain_runs):
    folder, *_ = run
    series_of_runs(tmp_path, plain_runs, None, COMM)
    for where in (folder, tmp_path):
        picture = tmp_path / "all.png"
        display = ["xvfb-run", "-a"] if shutil.which("xvfb-run") else []
        command = ["pvpython", where / "paraview_state.py", "--screenshot", picture]
        done = subprocess.run([*display, *command], capture_output=True, text=True, timeout=200)
        assert done.returncode == 0, done.stderr
        assert "Error" not in done.stdout + done.stderr
        pixels = matplotlib.image.imread(picture)[..., :3]
        assert pixels.shape == (1150, 1800, 3)
        panels = [part for row in np.array_split(pixels, 2) for part in np.array_split(row, 3, 1)]
        red = [(np.abs(part - (0.84, 0.15, 0.16)).max(axis=2) < 0.03).sum() for part in panels]
        assert min(red) > 50  # vortices in each
        assert np.ptp(red) < 0.2 * max(red)
