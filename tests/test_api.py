"""Problems and runs in Python."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import tomllib
import warnings
from pathlib import Path
from typing import Any

import meshio
import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy.constants import mu_0

import glvortex as gl
from conftest import LABORATORY, SMALL
from glvortex import api
from glvortex.errors import ParameterError
from glvortex.problems.given import changed, from_values
from glvortex.problems.resolved import resolved_toml
from glvortex.problems.schema import load
from glvortex.problems.setup import setup_from

PROBLEMS = Path(__file__).parents[1] / "problems"
PLAIN: dict[str, Any] = {
    "superconductor": {"kappa": 5.0},
    "sample": {"shape": "rectangle", "size": [9, 8]},
}


@pytest.mark.parametrize("text", [SMALL, LABORATORY], ids=["reduced", "laboratory"])
def test_values_and_file_state_the_same_problem(tmp_path: Path, text: str) -> None:
    path = tmp_path / "same.toml"
    path.write_text(text)
    from_file, given = load(path), from_values("same", tomllib.loads(text), tmp_path)
    here, there = setup_from(given), setup_from(from_file)
    assert resolved_toml(given, here) == resolved_toml(from_file, there)
    assert (here.name, here.kappa) == (there.name, there.kappa)


def test_values_may_be_those_of_numpy(tmp_path: Path) -> None:
    corners = np.array([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]])
    values = {
        "superconductor": {"kappa": np.float32(5.0), "t": None},
        "sample": {"shape": "polygon", "points": corners},
        "hole": None,
        "solver": {"max_steps": np.int64(7), "starts": ("uniform",)},
    }
    problem = from_values("corner", values, tmp_path)
    assert problem.sample.points == [tuple(corner) for corner in corners]
    assert problem.solver.max_steps == 7 and problem.superconductor.t == 1.0
    setup = setup_from(problem)
    again = tmp_path / "again.toml"
    again.write_text(resolved_toml(problem, setup))
    assert setup_from(load(again)).sample.area == setup.sample.area == 40.5


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"sampel": {}}, 'problem "plain": sampel is not a known key, did you mean sample.'),
        ({"sample": "plain"}, 'problem "plain": sample must be a section, got "plain".'),
        ({"mesh": {"size": "2 nm"}}, 'problem "plain": mesh.size must be a plain number (in xi)'),
        ({"mesh": {"size": object}}, 'problem "plain": mesh.size must be a number'),
        ({"field": {"applied": np.nan}}, 'problem "plain": field.applied must be a finite number'),
        ({"superconductor": None}, 'problem "plain": superconductor.kappa is missing'),
    ],
)
def test_wrong_values_get_a_sentence(tmp_path: Path, wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ParameterError) as error:
        from_values("plain", PLAIN | wrong, tmp_path)
    assert str(error.value).startswith(sentence)


def test_changes_of_a_problem(small_problem: Path) -> None:
    before = load(small_problem)
    after = changed(before, {"mesh": {"size": 3}, "inclusions": None, "title": "Changed"})
    assert (after.title, after.mesh.size, after.inclusions) == ("Changed", 3, None)
    assert after.superconductor == before.superconductor and before.mesh.size == 2.0
    with pytest.raises(ParameterError, match=r"small\.toml with changes: mesh\.size must be great"):
        changed(after, {"mesh": {"size": 0}})
    with pytest.raises(ParameterError, match=r"small\.toml, line 7: inclusions is wrong"):
        setup_from(changed(before, {"sample": {"size": [10, 10]}}))


@pytest.fixture(scope="module")
def run(small_problem: Path) -> gl.Run:
    """The small problem, solved."""
    return gl.load(small_problem).solve()


def test_the_package_is_imported_without_what_it_computes_with() -> None:
    code = """
        import sys, glvortex as gl
        assert set(gl.__all__) < set(dir(gl))
        heavy = {"dolfinx", "mpi4py", "pandas", "matplotlib", "numpy"} & set(sys.modules)
        assert not heavy, heavy
        assert gl.ParameterError is gl.errors.ParameterError
        assert "dolfinx" in sys.modules
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True, timeout=60)


def test_the_names_are_those_of_the_api() -> None:
    assert gl.__all__ == api.__all__
    for name in gl.__all__:
        assert getattr(gl, name) is getattr(api, name)
    with pytest.raises(AttributeError, match="no attribute 'Probelm'"):
        gl.Probelm  # noqa: B018


def test_results_are_those_of_the_solution(run: gl.Run) -> None:
    solution = run.solution
    assert run.energy.total == pytest.approx(sum(run.energy.terms.values()))
    assert run.energy.per_layer is None
    assert run.energy.total == pytest.approx(solution.best.energy, rel=1e-12)
    assert run.vortices.charge.tolist() == [v.charge for v in solution.best.vortices]
    assert run.vortices.x.to_list() == [v.x for v in solution.best.vortices]
    assert run.vortices.attrs["units"] == {"x": "xi", "y": "xi", "edge_distance": "xi"}
    assert run.states.energy.to_list() == [state.energy for state in solution.states]
    assert run.states.index[run.states.kept].to_list() == [solution.best.start]
    assert run.moments.reduced["total"] == pytest.approx(solution.moments.total)
    assert run.identities.holds.all() and "fluxoid" in run.identities.index
    assert run.certificate.negative_eigenvalues == 0
    assert run.result["energy"]["total"] == run.energy.total
    assert f"{run.energy.total:.6f}" in repr(run) and "kept" in str(run) and run._repr_html_()


def test_tables_without_a_row_have_their_columns() -> None:
    with warnings.catch_warnings(action="error"):  # nothing is wrong with an empty sample
        quiet = gl.Problem("plain", **PLAIN).solve()
    assert len(quiet.vortices) == 0 and quiet.vortices.charge.sum() == 0
    assert list(quiet.vortices) == ["x", "y", "charge", "edge_distance"]
    with pytest.raises(gl.ParameterError, match="plain: is in reduced units and has no material"):
        quiet.problem.coefficients  # noqa: B018


def test_fields_as_numbers(run: gl.Run) -> None:
    f, b, j = (run.field(name) for name in ("order_parameter", "flux_density", "supercurrent"))
    mesh = b.triangulation
    assert f.values.shape == mesh.x.shape and j.values.shape == (len(mesh.x), 2)
    middle = mesh.x[mesh.triangles].mean(axis=1), mesh.y[mesh.triangles].mean(axis=1)
    assert f.at(*middle) == pytest.approx(f.corners.mean(axis=1), rel=1e-9)
    assert j.at(*middle).shape == (len(mesh.triangles), 2)
    assert (run.field("subdomain").at(*middle) == run.field("subdomain").corners[:, 0]).all()
    assert np.abs(b.at(*middle) - b.corners[:, 0]).mean() < 0.1 * np.ptp(b.corners)
    vortex = run.vortices.iloc[0]
    assert f.at(vortex.x, vortex.y) < 0.5 < f.at(-19, 14)
    assert np.isnan(b.at([[50.0, 0.0]], 0.0)).tolist() == [[True, False]]
    # the flux is the integral of b over the sample
    grid = b.on_grid(200)
    assert grid.dims == ("y", "x") and grid.shape == (150, 200)
    assert float(grid.mean()) * 40 * 30 / (2 * np.pi) == pytest.approx(run.flux, rel=0.01)
    assert j.on_grid(20).sel(component="x").shape == (15, 20)
    assert (b.unit, b.label) == ("Bc2", "$b$ ($B_{c2}$)")


def test_the_phase_winds_around_a_vortex(run: gl.Run) -> None:
    vortex = run.vortices.iloc[0]
    angle = np.linspace(0, 2 * np.pi, 33)
    theta = run.field("phase").at(vortex.x + 2 * np.cos(angle), vortex.y + 2 * np.sin(angle))
    turns = np.sum((np.diff(theta) + np.pi) % (2 * np.pi) - np.pi) / (2 * np.pi)
    assert turns == pytest.approx(-vortex.charge, abs=0.05)


def test_names_that_are_none(run: gl.Run) -> None:
    with pytest.raises(gl.ParameterError, match='no field "b"; the fields are order_parameter'):
        run.field("b")
    with pytest.raises(gl.ParameterError, match='no picture "b"; the pictures are order_parameter'):
        run.plot("b")
    with pytest.raises(gl.ParameterError, match="pixels must be between"):
        run.field("flux_density").on_grid(1)
    with pytest.raises(gl.ParameterError, match="phase has no mean"):
        run.field("phase").values  # noqa: B018


@pytest.mark.parametrize("name", ["order_parameter", "supercurrent", "states"])
def test_pictures(run: gl.Run, name: str) -> None:
    figure = run.plot(name)
    assert isinstance(figure, Figure)
    assert "One inclusion in a small sample" in figure.axes[0].get_title() + figure.get_suptitle()


def test_runs_side_by_side(run: gl.Run) -> None:
    stronger = run.problem.replace(field={"applied": 0.05}, solver={"max_steps": 201}).solve()
    figure = gl.compare([run, stronger], "flux_density")
    titles = [axes.get_title() for axes in figure.axes]
    assert titles[0].startswith("field.applied = 0.03") and "0.05" in titles[1]
    figure = gl.compare([run, stronger], captions=["weak", "strong"])
    assert [axes.get_title() for axes in figure.axes][:2] == ["weak", "strong"]
    with pytest.raises(gl.ParameterError, match="needs two runs or more"):
        gl.compare([run])
    with pytest.raises(gl.ParameterError, match='no picture "b"'):
        gl.compare([run, stronger], "b")


def test_the_field_above_the_surface_and_units(run: gl.Run, laboratory_problem: Path) -> None:
    near, far = run.stray_field(1.0), run.stray_field(8.0)
    assert near.dims == ("y", "x") and near.attrs["units"] == "Bc2"
    assert float(near.max() - near.min()) > 2 * float(far.max() - far.min()) > 0
    at = near.sel(x=slice(-20, 20), y=slice(-15, 15))
    inside = run.field("flux_density").at(*np.meshgrid(at.x, at.y))
    assert np.corrcoef(at.values.ravel(), np.nan_to_num(inside, nan=0.03).ravel())[0, 1] > 0.8
    assert run.plot("stray_field", height=2.0).axes
    with pytest.raises(gl.ParameterError, match="needs a height"):
        run.plot("stray_field")
    with pytest.raises(gl.ParameterError, match="the height must be a plain number"):
        run.stray_field("2 nm")
    laboratory = gl.load(laboratory_problem, solver={"starts": ["uniform"]}).solve()
    found = laboratory.stray_field("100 nm")
    assert found.attrs["units"] == "mT" and found.x.attrs["units"] == "um"
    material, energy = laboratory.solution.setup.coefficients, laboratory.energy
    assert material is not None
    bc = material.bc2 / (np.sqrt(2) * material.kappa)
    unit = bc**2 * material.coherence_length**2 / mu_0 * material.layer_spacing
    assert energy.per_layer == pytest.approx(energy.total * unit, rel=1e-9)
    assert float(found.height) == pytest.approx(0.1) and float(found.x.max()) > 0.5


def test_a_run_is_saved_and_opened(run: gl.Run, tmp_path: Path) -> None:
    run.save(tmp_path / "run")
    again = gl.open_run(tmp_path / "run")
    assert again.result == run.result and again.problem.name == "small"
    assert again.vortices.equals(run.vortices) and again.states.equals(run.states)
    b, before = again.field("flux_density"), run.field("flux_density")
    assert np.allclose(b.values, before.values, rtol=0, atol=1e-12)
    assert again.problem.toml == run.problem.toml
    with pytest.raises(gl.ParameterError, match="there is no such run folder"):
        gl.open_run(tmp_path / "nowhere")


def test_fields_are_exported(run: gl.Run, tmp_path: Path) -> None:
    paths = run.export(tmp_path / "fields", "vtu", "msh")
    assert {path.suffix for path in paths} >= {".vtu", ".msh"} and all(p.exists() for p in paths)
    assert len(meshio.read(paths[0]).cells[0]) == len(run.field("phase").triangulation.triangles)
    with pytest.raises(gl.ParameterError, match="vtu, xdmf"):
        run.export(tmp_path, "stl")


def test_solve_writes_what_the_command_writes(tmp_path: Path) -> None:
    problem = gl.Problem("plain", **PLAIN, output={"fields": False, "pictures": False})
    run = problem.solve(tmp_path / "run")
    assert gl.open_run(tmp_path / "run").result == run.result
    assert "step" in (tmp_path / "run" / "run.log").read_text()
    assert gl.load(tmp_path / "run" / "problem.toml").toml == problem.toml
    written = (tmp_path / "run" / "result.json").stat().st_mtime_ns
    assert problem.solve(tmp_path / "run", resume=True).result == run.result
    assert (tmp_path / "run" / "result.json").stat().st_mtime_ns == written
    with pytest.raises(gl.ParameterError, match=r"another problem, superconductor\.kappa is 5\.0"):
        problem.replace(superconductor={"kappa": 6.0}).solve(tmp_path / "run", resume=True)
    with pytest.raises(gl.ParameterError, match="cannot be written"):
        problem.solve(tmp_path / "run" / "problem.toml" / "x")


def test_solve_warns_and_says_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    strong = gl.Problem(
        "strong",
        superconductor={"kappa": 5.0},
        sample={"shape": "rectangle", "size": [22.0, 20.0]},
        inclusions={
            "layout": "square", "count": [1, 1], "radius": 5.0, "edge_width": 2.0,
            "edge_smoothing": 0.2, "pseudo_gauge": 0.6,
        },
        mesh={"edge_size": 0.2},
        solver={"starts": ["uniform"]},
    )  # fmt: skip
    with pytest.warns(UserWarning, match="beyond depairing") as heard:
        strong.solve()
    assert heard[0].filename == __file__
    assert not capsys.readouterr().out
    weak = strong.replace(inclusions={"pseudo_gauge": 0.1})
    weak.solve(progress=True)
    assert "relaxing from uniform" in capsys.readouterr().out
    with pytest.raises(gl.NotConvergedError, match="strong: no start reached a minimum"):
        weak.replace(solver={"max_steps": 1, "gradient_tolerance": 1e-30}).solve()


def test_a_material(laboratory_problem: Path) -> None:
    problem = gl.load(laboratory_problem)
    keys = tomllib.loads(LABORATORY)["material"]
    material = gl.Material(**keys)
    assert material.coefficients.loc["kappa", "value"] == pytest.approx(30)
    inclusion = material.inclusion(
        exchange_field="1 meV", potential_step="30 mV", radius="200 nm", edge_width="80 nm"
    )
    both = problem.coefficients
    assert both.index.tolist() == [*material.coefficients.index, *inclusion.index]
    assert inclusion.value["M_gamma"] == pytest.approx(both.value["M_gamma"])
    assert both.unit["coherence_length"] == "nm"
    assert problem.replace(material=material).toml == problem.toml
    warmer = material.replace(temperature="2 K", measured_at="0.5 K")
    assert warmer.si.london_lambda > material.si.london_lambda == pytest.approx(600e-9)
    assert "london_lambda" in " ".join(material.notes) and material._repr_html_()


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"temperature": 0.5}, "Material: temperature must be a temperature with a unit such as"),
        ({"temprature": "1 K"}, "Material: temprature is not a known key, did you mean temperatu"),
        ({"temperature": "3 K"}, "Material: temperature must be at least 0 and below Tc = 2.7 K"),
        ({"layer_spacing": None}, "Material: layer_spacing is missing."),
    ],
)
def test_wrong_materials_get_a_sentence(keys: dict[str, Any], sentence: str) -> None:
    with pytest.raises(gl.ParameterError) as error:
        gl.Material(**tomllib.loads(LABORATORY)["material"]).replace(**keys)
    assert str(error.value).startswith(sentence)
    assert "\n" not in str(error.value)


def test_a_wrong_inclusion_gets_a_sentence() -> None:
    material = gl.Material(**tomllib.loads(LABORATORY)["material"])
    with pytest.raises(gl.ParameterError, match="inclusion: radius must be a length such as"):
        material.inclusion(
            exchange_field="1 meV", potential_step="30 mV", radius="2 K", edge_width="80 nm"
        )


def test_a_sweep(tmp_path: Path) -> None:
    plain = gl.Problem("plain", **PLAIN, solver={"starts": ["uniform"]})
    fields = np.linspace(0.0, 0.2, 3)
    table = plain.sweep(tmp_path / "sweep", {"field.applied": fields})
    assert table["field.applied"].values.tolist() == [0.0, 0.1, 0.2]
    last = plain.replace(field={"applied": 0.2}).solve()
    assert float(table.energy[-1]) == pytest.approx(last.energy.total, rel=1e-9)
    assert gl.open_sweep(tmp_path / "sweep").identical(table)
    point = gl.open_run(tmp_path / "sweep" / "points" / "0003")
    assert point.energy.total == float(table.energy[-1])
    with pytest.raises(gl.ParameterError, match="not the folder of a finished sweep"):
        gl.open_sweep(tmp_path)
    with pytest.raises(gl.ParameterError, match="with --over: fild is not a known key"):
        plain.sweep(tmp_path / "sweep", {"fild.applied": fields})
    with pytest.raises(gl.ParameterError, match="holds another sweep"):
        plain.sweep(tmp_path / "sweep", {"field.applied": "0:1:3"}, resume=True)
    (tmp_path / "sweep" / "sweep.nc").write_text("no")
    with pytest.raises(gl.ParameterError, match=r"sweep\.nc: is damaged"):
        gl.open_sweep(tmp_path / "sweep")


def test_a_state_is_followed(run: gl.Run, tmp_path: Path) -> None:
    weaker = run.problem.replace(inclusions={"pseudo_gauge": 0.25}, output={"pictures": False})
    assert run.solution.best.start == "file"
    followed = weaker.solve(tmp_path / "run", previous=run)
    assert len(followed.states) == 1 and len(followed.vortices) == len(run.vortices)
    assert followed.energy.total == pytest.approx(weaker.solve().states.energy["file"], rel=1e-9)


def test_a_magnetization_curve() -> None:
    lattice = gl.load(PROBLEMS / "magnetization.toml", solver={"refinements": 0})
    curve = lattice.magnetization_curve(np.array([0.5, 0.8]))
    assert curve.B.to_list() == pytest.approx([0.5, 0.8])
    assert (curve.M == curve.B - curve.H).all() and (curve.M < 0).all()
    assert curve.H_error.isna().all() and curve.attrs["units"]["H"] == "Bc2"
    assert curve.attrs["hc1"] < curve.attrs["hc2"] == 1
    with pytest.raises(gl.ParameterError, match="mean fields must lie between 0 and Hc2"):
        lattice.magnetization_curve([2])


def test_critical_fields() -> None:
    found = gl.Problem("plain", **PLAIN).critical_fields()
    assert found.lower < found.thermodynamic < found.upper == 1 < found.surface
    assert found.nucleation is not None and found.nucleation.limit > found.surface


PARALLEL = """
    import sys
    from mpi4py import MPI
    import glvortex as gl
    small = gl.load(sys.argv[1], mesh={"size": 3.0}, output={"pictures": False})
    run = small.solve(sys.argv[2])
    b = float(run.field("flux_density").at(3.0, 2.0))
    mine = [run.energy.total, b, len(run.vortices), gl.open_run(sys.argv[2]).energy.total]
    everyone = MPI.COMM_WORLD.allgather(mine)
    assert all(each == mine for each in everyone)
    if MPI.COMM_WORLD.rank == 0:
        print(*mine)
"""


def test_every_rank_has_the_answer(run_on_ranks: Any, small_problem: Path, tmp_path: Path) -> None:
    two = [float(x) for x in run_on_ranks(2, PARALLEL, small_problem, tmp_path / "run").split()]
    one = gl.load(small_problem, mesh={"size": 3.0}).solve()
    energy, b = one.energy.total, float(one.field("flux_density").at(3.0, 2.0))
    assert two == pytest.approx([energy, b, len(one.vortices), energy], rel=1e-8)
