"""Fields, files and pictures of a state, read back with the tools that users have."""

import csv
import json
import shutil
from dataclasses import replace

import h5py
import matplotlib.image
import meshio
import numpy as np
import pytest
import pyvista
from dolfinx import fem
from mpi4py import MPI

from glvortex.errors import ParameterError
from glvortex.geometry.inclusions import Inclusions
from glvortex.geometry.mesh import CellTag
from glvortex.output.drawing.pictures import PICTURES, draw_picture, draw_pictures
from glvortex.output.runs.checkpoint import read_checkpoint, write_checkpoint
from glvortex.output.runs.folder import begin, prepare, write_run
from glvortex.output.runs.run import open_run
from glvortex.output.state.fields import FIELDS, corner_values
from glvortex.output.state.gather import gather
from glvortex.output.state.gauge import smooth_gauge
from glvortex.output.state.subdivide import drawn_order_parameter
from glvortex.problems.build import build
from glvortex.problems.schema import load
from glvortex.problems.setup import setup_from
from glvortex.problems.solve import solve
from glvortex.solve.london import Vortex
from glvortex.solve.starts import imprint

COMM = MPI.COMM_WORLD
KEYS = {
    "": "problem version model dofs ranks units energy states certificate vortices net_charge "
    "flux_phi0 holes regions magnetization moments cell threshold coefficients identities seconds",
    "units": "length xi_m lambda_m kappa bc2_T",
    "energy": "total terms",
    "certificate": "gradient_norm negative_eigenvalues null_eigenvalues newton_steps minimum",
    "magnetization": "M_gamma M_n ratio_analytic ratio_field total_over_normal",
    "threshold": "h_eff_max h_eff_min hc1",
    "coefficients": "gamma chi chi_zeeman pseudo_gauge_peak",
}


@pytest.fixture(scope="module")
def problem(small_problem):
    return load(small_problem)


@pytest.fixture(scope="module")
def solution(problem):
    return solve(setup_from(problem))


@pytest.fixture(scope="module")
def fields(solution):
    smooth_gauge(solution.functional)
    return gather(
        solution.mesh_data, corner_values(solution.functional, solution.mesh_data.cell_tags)
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory, problem, solution):
    folder = tmp_path_factory.mktemp("runs") / "deep" / "small"
    prepare(folder, COMM)
    write_run(folder, problem, solution)
    return folder


@pytest.fixture(scope="module")
def laboratory_run(tmp_path_factory, laboratory_problem):
    folder = tmp_path_factory.mktemp("laboratory")
    problem = load(laboratory_problem)
    write_run(folder, problem, solve(setup_from(problem)))
    return folder


def corners_by_hand(functional):
    """Coordinates, f and potential at the corners of the cells, without any form compiler."""
    space = functional.space
    dofs = space.scalar.dofmap.list
    x = space.vertices[dofs][:, :, :2]
    f = (functional.f.x.array.reshape(-1, 2) @ [1, 1j])[dofs]
    return x, f


def test_order_parameter_is_the_unknown_of_each_corner(solution, fields):
    functional = solution.functional
    values = corner_values(functional, solution.mesh_data.cell_tags)
    _, f = corners_by_hand(functional)
    assert values["order_parameter"] == pytest.approx(np.abs(f), abs=1e-13)
    assert np.exp(1j * values["phase"]) * np.abs(f) == pytest.approx(f, abs=1e-13)


def test_currents_and_fields_equal_the_formulas_of_the_covariant_space(solution, fields):
    functional = solution.functional
    values = corner_values(functional, solution.mesh_data.cell_tags)
    x, f = corners_by_hand(functional)
    area = np.linalg.det(x[:, 1:] - x[:, :1])
    opposite = np.roll(x, -1, axis=1) - np.roll(x, -2, axis=1)
    gradient = np.stack([opposite[..., 1], -opposite[..., 0]], axis=-1) / area[:, None, None]
    felt = values["vector_potential"] + values["pseudo_gauge"]
    angle = np.einsum("cid,cijd->cij", felt, x[:, :, None] - x[:, None])
    derivative = np.einsum("cj,cij,cjd->cid", f, np.exp(-1j * angle), gradient)
    current = -(f.conj()[..., None] * derivative).imag / functional.kappa**2
    assert values["supercurrent"] == pytest.approx(current, abs=1e-13)

    steps = np.roll(x, -1, axis=1) - x
    around = np.einsum("cid,cid->c", values["vector_potential"], steps)
    assert values["flux_density"][:, 0] == pytest.approx(2 * around / area, abs=1e-12)
    cells = functional.magnetisation.x.array
    assert values["magnetisation"] == pytest.approx(np.repeat(cells[:, None], 3, axis=1))


def test_the_drawn_order_parameter_is_the_interpolant(solution, fields):
    functional = solution.functional
    pieces, f = drawn_order_parameter(fields)
    per_cell = f.reshape(len(fields.cells), -1)
    cuts = {3: 1, 6: 2, 10: 3, 15: 4, 21: 5}[per_cell.shape[1]]
    assert cuts > 1  # so that there is a point between the corners
    state = functional.interpolant
    point = np.array([[1 / cuts, 0.0]])
    mesh = functional.space.mesh
    cells = np.argsort(mesh.topology.original_cell_index).astype(np.int32)
    expected = [
        fem.Expression(part, point).eval(mesh, cells).ravel() for part in (state.re, state.im)
    ]
    assert per_cell[:, 1] == pytest.approx(expected[0] + 1j * expected[1], abs=1e-12)
    assert len(pieces.triangles) == cuts**2 * len(fields.cells)


def test_smooth_gauge_undoes_any_gauge_transformation(solution, fields):
    functional = solution.functional
    space = functional.space
    before = functional.f.x.array.copy(), functional.a.x.array.copy()
    energy = sum(functional.budget().values())
    chi = np.sin(0.3 * space.vertices[:, 0] + 1.0) + 2 * np.cos(0.7 * space.vertices[:, 1])
    f = (functional.f.x.array.reshape(-1, 2) @ [1, 1j]) * np.exp(1j * chi)
    functional.f.x.array[:] = np.column_stack([f.real, f.imag]).ravel()
    functional.a.x.array[:] -= space.vertex_differences @ chi
    smooth_gauge(functional)
    assert functional.f.x.array == pytest.approx(before[0], abs=1e-9)
    assert functional.a.x.array == pytest.approx(before[1], abs=1e-9)
    assert sum(functional.budget().values()) == pytest.approx(energy, rel=1e-12)


def test_result_has_the_agreed_keys_and_numbers(run, solution):
    found = json.loads((run / "result.json").read_text())
    for section, keys in KEYS.items():
        assert list(found[section] if section else found) == keys.split()
    assert found["problem"] == "small"
    unknown = dict.fromkeys(["xi_m", "lambda_m", "bc2_T"])
    assert found["units"] == {"length": "xi", "kappa": 5.0} | unknown
    terms = found["energy"]["terms"]
    assert list(terms) == ["condensation", "gradient", "field", "magnetisation"]
    assert found["energy"]["total"] == pytest.approx(solution.best.energy, rel=1e-10)
    assert [state["start"] for state in found["states"]] == ["uniform", "file"]
    keys = "start energy extrapolated error net_charge vortices fluxoids minimum"
    assert list(found["states"][0]) == keys.split()
    assert found["certificate"]["minimum"] is True
    assert found["net_charge"] == sum(vortex["charge"] for vortex in found["vortices"])
    assert found["magnetization"]["M_gamma"] is None
    # between flanks of width d/8
    assert found["coefficients"]["pseudo_gauge_peak"] == pytest.approx(0.3 * np.tanh(4))
    assert set(found["seconds"]) >= {"mesh", "solve"}


def test_vortices_are_listed_in_both_units(run, solution):
    found = json.loads((run / "result.json").read_text())["vortices"]
    with (run / "vortices.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(found) == len(solution.best.vortices) > 0
    for row, vortex in zip(rows, found, strict=True):
        assert {name: float(row[name]) for name in vortex} == pytest.approx(vortex)
        assert row["x_xi"] == row["x"]
        distance = np.hypot(vortex["x"], vortex["y"]) - 8.0
        assert vortex["edge_distance"] == pytest.approx(distance)


def test_laboratory_units_reach_the_result(laboratory_run):
    found = json.loads((laboratory_run / "result.json").read_text())
    assert found["units"]["length"] == "um"
    assert found["units"]["xi_m"] == pytest.approx(20e-9)
    assert found["units"]["bc2_T"] == pytest.approx(0.8228, rel=1e-3)
    moments = found["magnetization"]
    assert moments["M_gamma"] == pytest.approx(moments["ratio_field"] * moments["M_n"])
    assert moments["ratio_field"] == pytest.approx(moments["ratio_analytic"], rel=0.1)
    assert found["coefficients"]["gamma"] < 0


def test_the_resolved_problem_gives_the_same_setup(run, solution):
    again = setup_from(load(run / "problem.toml"))
    assert again.sizes == solution.setup.sizes
    assert again.vortices == solution.setup.vortices


def test_vtu_opens_in_meshio_and_pyvista(run, solution, fields):
    read = meshio.read(run / "fields.vtu")
    grid = pyvista.read(run / "fields.vtu")
    assert read.points[read.cells_dict["triangle"]][:, :, :2] == pytest.approx(
        fields.points[fields.cells]
    )
    assert grid.n_cells == len(fields.cells)
    assert grid.n_points == 3 * len(fields.cells)
    assert grid.area == pytest.approx(40.0 * 30.0)
    for field in FIELDS:
        expected = fields.values[field.name]
        if field.per_cell:
            read_back, in_grid = read.cell_data[field.name][0], grid.cell_data[field.name]
            expected = expected[:, 0]
        else:
            read_back, in_grid = read.point_data[field.name], grid.point_data[field.name]
            expected = expected.reshape(-1, *expected.shape[2:])
        components = expected.shape[1] if expected.ndim > 1 else None
        for values in (read_back, in_grid):
            values = values[:, :components] if components else values
            assert values == pytest.approx(expected, abs=1e-9), field.name
    tags = grid.cell_data["subdomain"]
    assert set(tags) == {CellTag.HOST, CellTag.CORE, CellTag.EDGE}
    core = grid.extract_cells(tags == CellTag.CORE)
    assert core.area == pytest.approx(np.pi * 6.0**2, rel=0.05)


def test_bp_holds_one_step_of_every_field(run):
    folder = run / "fields.bp"
    records = (folder / "md.idx").stat().st_size // 64 - 1  # 64 bytes of header, then 64 per step
    assert records == 1
    names = (folder / "md.0").read_bytes()
    for field in FIELDS:
        assert field.name.encode() in names


def test_pictures_show_something(run):
    for name in PICTURES:
        picture = matplotlib.image.imread(run / f"{name}.png")
        height, width, _ = picture.shape
        assert width == 1260
        assert 800 < height < 1.3 * width
        pixels = picture[::5, ::5].reshape(-1, picture.shape[2])
        assert len(np.unique(pixels, axis=0)) > 500


def test_pictures_of_a_state_with_nothing_in_it(solution, fields, recwarn):
    bare = replace(solution.setup, inclusions=Inclusions.none(), title="costs $5")
    empty = {name: np.zeros_like(value) for name, value in fields.values.items()}
    drawn = dict(draw_pictures(replace(fields, values=empty), bare, []))
    assert list(drawn) == list(PICTURES)
    for figure in drawn.values():
        figure.canvas.draw()
    assert not recwarn.list


def test_vortex_markers_tell_signs_and_charges(solution, fields):
    vortices = [Vortex(1.0, 2.0, 1), Vortex(-3.0, 0.0, -2), Vortex(5.0, 0.0, 1)]
    figure = draw_picture("phase", fields, solution.setup, vortices)
    axes, (legend,) = figure.axes[0], figure.legends
    labels = [text.get_text() for text in legend.get_texts()]
    assert labels[2:] == ["2 vortices, flux $+z$", "1 antivortex, flux $-z$"]
    drawn = {line.get_marker(): line for line in axes.lines}
    assert set(drawn) == {"o", "+", "s", "_"}
    assert drawn["o"].get_xydata().tolist() == [[1.0, 2.0], [5.0, 0.0]]
    assert drawn["s"].get_xydata().tolist() == [[-3.0, 0.0]]
    assert drawn["o"].get_color() != drawn["s"].get_color()
    assert "2" in [text.get_text() for text in axes.texts]


def test_an_earlier_run_leaves_nothing_behind(run, tmp_path, problem, solution):
    for name in ("fields.bp", ".partial-fields.bp"):
        (tmp_path / name).mkdir()
    for name in ("phase.png", "fields.vtu", "result.json", "mine.txt"):
        (tmp_path / name).touch()
    begin(tmp_path, problem, solution.setup, COMM)
    assert not (tmp_path / "result.json").exists()
    quiet = replace(solution, setup=replace(solution.setup, fields=False, pictures=False))
    write_run(tmp_path, problem, quiet)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"result.json", "vortices.csv", "problem.toml", "checkpoint", "mine.txt"}


def test_a_folder_that_cannot_be_written_is_refused_at_once(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ParameterError, match="cannot be written"):
        prepare(tmp_path / "file" / "run", COMM)


def test_checkpoints_restore_the_state_on_its_own_mesh_only(tmp_path, small_problem, solution):
    path = tmp_path / "state.h5"
    write_checkpoint(path, solution.mesh_data, solution.functional, {"seen": 3})
    checkpoint = read_checkpoint(path, COMM)
    assert checkpoint.record == {"seen": 3}
    _, fresh = build(setup_from(load(small_problem)), COMM)
    checkpoint.restore(fresh)
    np.testing.assert_allclose(fresh.f.x.array, solution.functional.f.x.array, atol=1e-15)
    assert np.array_equal(fresh.a.x.array, solution.functional.a.x.array)

    _, other = build(setup_from(load(small_problem, ["mesh.size=3"])), COMM)
    with pytest.raises(ParameterError, match="another mesh"):
        checkpoint.restore(other)


def test_checkpoints_that_are_none_are_refused(tmp_path, solution):
    whole = tmp_path / "whole.h5"
    write_checkpoint(whole, solution.mesh_data, solution.functional)
    with pytest.raises(ParameterError, match="no such checkpoint"):
        read_checkpoint(tmp_path / "nothing.h5", COMM)
    other = tmp_path / "other.h5"
    other.write_text("text")
    with pytest.raises(ParameterError, match="damaged or not a checkpoint"):
        read_checkpoint(other, COMM)
    other.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(ParameterError, match="damaged or not a checkpoint"):
        read_checkpoint(other, COMM)
    with h5py.File(other, "w") as file:
        file["mine"] = 1
    with pytest.raises(ParameterError, match="not a checkpoint of glvortex in the format"):
        read_checkpoint(other, COMM)
    shutil.copy(whole, other)
    with h5py.File(other, "a") as file:
        short = file["state/a"][:-1]
        del file["state/a"]
        file["state/a"] = short
    with pytest.raises(ParameterError, match="do not fit together"):
        read_checkpoint(other, COMM)


OPEN = """
    import json, sys
    from pathlib import Path
    from mpi4py import MPI
    from glvortex.output.ranks import on_first_rank
    from glvortex.output.runs.result import result
    from glvortex.output.runs.run import open_run

    run = open_run(Path(sys.argv[1]), MPI.COMM_WORLD)
    sums = run.solution.functional.budget()
    numbers = result(run.solution) | {"sums": sums}
    on_first_rank(MPI.COMM_WORLD, lambda: Path(sys.argv[2]).write_text(json.dumps(numbers)))
"""


@pytest.mark.parametrize("ranks", [1, 2])
def test_a_run_opens_as_what_was_solved(tmp_path, run, run_on_ranks, ranks):
    run_on_ranks(ranks, OPEN, run, tmp_path / "numbers.json")
    numbers = json.loads((tmp_path / "numbers.json").read_text())
    sums = numbers.pop("sums")
    assert numbers == json.loads((run / "result.json").read_text())
    assert sums == pytest.approx(numbers["energy"]["terms"], rel=1e-12)  # of the state read back


def test_a_refined_and_sheared_cell_opens_again(tmp_path):
    problem = load("problems/vortex_lattice.toml", ["mesh.size=1", "solver.refinements=1"])
    solution = solve(setup_from(problem))
    prepare(tmp_path, COMM)
    write_run(tmp_path, problem, solution)
    again = open_run(tmp_path, COMM).solution
    assert again.cell == solution.cell != again.setup.sample
    assert again.extrapolation.values == solution.extrapolation.values
    assert again.functional.budget() == pytest.approx(solution.budget, rel=1e-12)


def test_folders_that_are_no_finished_run_are_refused(tmp_path, run):
    with pytest.raises(ParameterError, match="no such run folder"):
        open_run(tmp_path / "nothing", COMM)
    with pytest.raises(ParameterError, match=r"not a run folder, it has no problem\.toml"):
        open_run(tmp_path, COMM)
    folder = tmp_path / "run"
    shutil.copytree(run, folder)
    with h5py.File(folder / "checkpoint" / "state.h5", "a") as file:
        del file["record"]
        file["record"] = "{}"
    with pytest.raises(ParameterError, match="holds no solution"):
        open_run(folder, COMM)
    (folder / "result.json").unlink()
    with pytest.raises(ParameterError, match="has not finished"):
        open_run(folder, COMM)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("applied = 0.03", "applied = 0.04", "field.applied is 0.04 there and 0.03 in checkpoint"),
        ("kappa = ", "kappa = 1", "kappa is"),
        ('title = "', 'title = "Another ', ""),
        ("pictures = true", "pictures = false", ""),
        ("[field]", "# mine\n[field]", ""),
    ],
)
def test_a_problem_that_is_not_that_of_the_state_is_refused(tmp_path, run, old, new, words):
    folder = tmp_path / "run"
    shutil.copytree(run, folder)
    text = (folder / "problem.toml").read_text()
    assert old in text
    (folder / "problem.toml").write_text(text.replace(old, new, 1))
    if not words:
        assert open_run(folder, COMM).solution.best.energy
        return
    with pytest.raises(ParameterError, match=words) as caught:
        open_run(folder, COMM)
    assert str(caught.value).startswith(f"{folder / 'problem.toml'}: ")


PARALLEL = """
    import sys
    from pathlib import Path
    import numpy as np
    from mpi4py import MPI
    from glvortex.output.runs.checkpoint import read_checkpoint, write_checkpoint
    from glvortex.output.state.fields import corner_values
    from glvortex.output.state.gather import gather
    from glvortex.output.state.gauge import smooth_gauge
    from glvortex.output.formats.bp import write_bp
    from glvortex.problems.schema import load
    from glvortex.problems.setup import setup_from
    from glvortex.problems.build import build

    folder, problem = Path(sys.argv[1]), sys.argv[2]
    mesh_data, functional = build(setup_from(load(problem)), MPI.COMM_WORLD)
    read_checkpoint(folder / "one.h5", MPI.COMM_WORLD).restore(functional)
    write_checkpoint(folder / "two.h5", mesh_data, functional)
    smooth_gauge(functional)
    values = corner_values(functional, mesh_data.cell_tags)
    write_bp(folder / "two.bp", mesh_data.mesh, values)
    fields = gather(mesh_data, values)
    if fields is not None:
        np.savez(folder / "fields.npz", points=fields.points, cells=fields.cells, **fields.values)
"""


def test_two_ranks_write_what_one_writes(tmp_path, small_problem, run_on_ranks):
    mesh_data, functional = build(setup_from(load(small_problem)), COMM)
    imprint(functional, [Vortex(-14.0, 2.5, 1), Vortex(1.0, -0.5, -1)])
    functional.a.x.array[:] += 0.01 * np.cos(np.arange(functional.a.x.array.size))
    write_checkpoint(tmp_path / "one.h5", mesh_data, functional)
    run_on_ranks(2, PARALLEL, tmp_path, small_problem)

    one, two = (read_checkpoint(tmp_path / f"{name}.h5", COMM) for name in ("one", "two"))
    np.testing.assert_array_equal(two.mesh.cells, one.mesh.cells)
    np.testing.assert_array_equal(two.mesh.cell_tags, one.mesh.cell_tags)
    np.testing.assert_allclose(two.mesh.points, one.mesh.points, rtol=0, atol=1e-12)
    np.testing.assert_allclose(two.state.f, one.state.f, rtol=0, atol=1e-12)
    np.testing.assert_allclose(two.state.a, one.state.a, rtol=0, atol=1e-12)
    smooth_gauge(functional)
    fields = gather(mesh_data, corner_values(functional, mesh_data.cell_tags))
    with np.load(tmp_path / "fields.npz") as two:
        assert np.array_equal(two["cells"], fields.cells)
        assert np.array_equal(two["points"], fields.points)
        for field in FIELDS:
            here, there = fields.values[field.name], two[field.name]
            if field.name == "phase":
                here, there = np.exp(1j * here), np.exp(1j * there)
            assert there == pytest.approx(here, abs=1e-9), field.name
    assert (tmp_path / "two.bp" / "md.idx").stat().st_size == 128
