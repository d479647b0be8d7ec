"""Adapted meshes: what is carried between them, the error of the energy, and the way down."""

import json
from dataclasses import replace

import numpy as np
import pytest
from mpi4py import MPI

from glvortex.errors import ParameterError
from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.space import CovariantSpace
from glvortex.fem.transfer import carry_across
from glvortex.geometry.arrays import collect, distribute
from glvortex.geometry.inclusions import Inclusions
from glvortex.geometry.mesh import MeshSizes, make_mesh
from glvortex.geometry.paths import Paths, edges_of
from glvortex.geometry.quarters import quartered
from glvortex.geometry.refined import refined
from glvortex.geometry.sample import Cell, Disk, Rectangle
from glvortex.geometry.size_map import SizeMap, sizes_for
from glvortex.observe.vortices import find_vortices
from glvortex.output.runs.keeper import FolderKeeper
from glvortex.problems import adapt
from glvortex.problems.adapt import condensation_energy
from glvortex.problems.adaptation import LEAST_DOUBT, Level, doubt
from glvortex.problems.schema import load
from glvortex.problems.setup import setup_from
from glvortex.problems.solve import solve
from glvortex.solve.error_estimate import estimate_error
from glvortex.solve.extrapolation import extrapolate
from glvortex.solve.london import Vortex
from glvortex.solve.minimiser import minimise
from glvortex.solve.starts import imprint
from glvortex.solve.system import System

CELL = Cell(((6.0, 0.0), (2.0, 7.0)), 2)
ONE_VORTEX = """\
[superconductor]
kappa = 20.0
[sample]
shape = "rectangle"
size = [60.0, 60.0]
[field]
applied = 0.008
[mesh]
accuracy = 2e-4
[solver]
starts = ["file"]
vortices = [[0.3, 0.2, 1]]
[output]
fields = false
pictures = false
"""


def mesh(sample, size, size_map=None):
    sizes = MeshSizes(size, size, size)
    return make_mesh(MPI.COMM_WORLD, sample, Inclusions.none(), sizes, size_map=size_map)


def functional(data, sample, **parameters):
    space = CovariantSpace(data.mesh, sample.lattice)
    return GinzburgLandau(space, **({"kappa": 2.0} | parameters))


def relaxed(sample, size, vortices, **parameters):
    data = mesh(sample, size)
    here = functional(data, sample, **parameters)
    imprint(here, vortices)
    minimise(System(here))
    return data, here


@pytest.mark.parametrize("sample", [Disk(4.0), Rectangle(7, 8)])
def test_line_integrals_of_a_gradient(sample):
    """Those of a Whitney field that is a gradient are differences of its potential, exactly."""
    arrays = collect(mesh(sample, 1.0))
    random = np.random.default_rng(1)
    potential = random.normal(size=len(arrays.points))
    at = potential[arrays.cells]
    values = np.stack([at[:, 2] - at[:, 1], at[:, 2] - at[:, 0], at[:, 1] - at[:, 0]], axis=1)
    # old points, points on lines and anywhere
    points = np.vstack([arrays.points, random.uniform(-2.5, 2.5, (200, 2)), [[0, 0], [0, 1]]])
    starts, ends = points, points[random.permutation(len(points))]
    paths = Paths(arrays)

    def values_at(points):
        cells = paths.locate(points)
        return (paths.weights(cells, points) * at[cells]).sum(axis=1)

    found = paths.integrals(values, paths.locate(starts), starts, ends)
    np.testing.assert_allclose(found, values_at(ends) - values_at(starts), atol=1e-9)


@pytest.mark.parametrize("sample", [Rectangle(7, 8), CELL, Disk(4.0)])
def test_the_state_on_another_mesh(sample):
    """It has the same vortices and nearly the same energy, and relaxes to them."""
    vortices, parameters = [Vortex(1, 1, 1)], {"applied_field": 0.5}
    if sample is CELL:
        vortices, parameters = [*vortices, Vortex(2, 2.5, 1)], {}
    old, before = relaxed(sample, 0.5, vortices, **parameters)
    new = mesh(sample, 0.4)
    after = functional(new, sample, **parameters)
    carry_across(before, old, after, new)
    energy, scale = System(before).energy(), condensation_energy(before)
    assert System(after).energy() == pytest.approx(energy, abs=0.02 * scale)
    known, carried = ([(v.x, v.y) for v in find_vortices(f)] for f in (before, after))
    assert len(known) == len(vortices)
    np.testing.assert_allclose(carried, known, atol=0.1)
    certificate = minimise(System(after))
    assert certificate.newton_steps < 10
    assert certificate.energy == pytest.approx(energy, abs=0.02 * scale)
    np.testing.assert_allclose([(v.x, v.y) for v in find_vortices(after)], known, atol=0.1)


@pytest.mark.parametrize("sample", [Rectangle(7, 8), CELL])
def test_carrying_over_is_gauge_covariant(sample):
    """A gauge transformation before it changes nothing after it."""
    old, new = mesh(sample, 0.7), mesh(sample, 0.5)
    before, after = functional(old, sample), functional(new, sample)
    imprint(before, [Vortex(1, 1, 1), Vortex(2, 2.5, 1)])
    carry_across(before, old, after, new)
    energy = System(after).energy()
    space = before.space
    chi = 3 * np.sin(2 * space.vertices[:, 0]) + np.cos(5 * space.vertices[:, 1])
    f = (before.f.x.array.reshape(-1, 2) @ [1, 1j]) * np.exp(-1j * chi)
    before.f.x.array[:] = np.column_stack([f.real, f.imag]).ravel()
    before.a.x.array[:] += space.vertex_differences @ chi
    carry_across(before, old, after, new)
    assert System(after).energy() == pytest.approx(energy, rel=1e-11)


@pytest.mark.parametrize("size", [1.5, 0.9])
def test_the_estimate_is_the_error(size):
    """A vortex in a disk against three meshes, extrapolated: within 10 %."""
    sample = Disk(4.0)
    data, here = relaxed(sample, size, [Vortex(0.1, 0.0, 1)], applied_field=0.5)
    energies, estimates = [], []
    for _ in range(3):
        whole = quartered(collect(data), [sample])
        finer = distribute(whole, MPI.COMM_WORLD)
        fine = functional(finer, sample, applied_field=0.5)
        estimates.append(estimate_error(here, fine))
        energies.append(estimates[-1].energy)
        minimise(System(fine))
        data, here = finer, fine
    exact = extrapolate([*energies, System(here).energy()]).limit
    for energy, estimate in zip(energies, estimates, strict=True):
        assert estimate.error == pytest.approx(energy - exact, rel=0.1)
        assert estimate.shares.min() >= 0.0
        assert estimate.shares.sum() == pytest.approx(estimate.error)


@pytest.fixture(scope="module")
def problem(tmp_path_factory):
    path = tmp_path_factory.mktemp("adaptive") / "one_vortex.toml"
    path.write_text(ONE_VORTEX)
    return path


@pytest.fixture(scope="module")
def adapted(problem):
    return solve(setup_from(load(problem)))


def test_the_accuracy_is_reached_with_few_unknowns(adapted, problem):
    """A vortex in a square: a quarter of the unknowns that equal triangles would need."""
    found = adapted.adaptation
    assert found.condensation == pytest.approx(60.0**2 / 2)
    assert found.reached < found.accuracy
    assert not found.warnings
    errors = [level.mesh_error for level in found.levels]
    assert np.ptp([level.extrapolated for level in found.levels]) < 0.1 * errors[0]
    assert {level.vortices for level in found.levels} == {1}
    for level in found.levels[1:]:
        assert level.carried == pytest.approx(level.energy, abs=1e-2 * found.condensation)
    overrides = ["mesh.accuracy=0.1", "mesh.size=1.2"]
    uniform = solve(setup_from(load(problem, overrides))).adaptation.levels[0]
    # the error falls as the inverse of the number of unknowns
    needed = uniform.unknowns * uniform.mesh_error / errors[-1]
    assert found.levels[-1].unknowns < needed / 4


def test_the_error_of_the_extrapolated_energy(adapted, problem):
    """It bounds the distance to what finer meshes give."""
    found = adapted.adaptation
    finer = solve(setup_from(load(problem, ["mesh.accuracy=1e-6"]))).adaptation
    assert finer.error < found.error / 5
    assert abs(found.limit - finer.limit) < found.error
    assert adapted.best.extrapolated == found.limit == found.levels[-1].extrapolated


def test_what_two_meshes_tell():
    """Of an estimate that fell by 8 while the limit moved by 1, an eighth is in doubt."""
    before = Level(1000, 10.0, 10.0, 10.0, None, 3, 1)
    after = replace(before, energy=3.0, mesh_error=2.0)
    assert doubt(before, after) == pytest.approx(1 / 8)
    assert doubt(before, replace(after, energy=2.0)) == LEAST_DOUBT  # they agree
    assert doubt(before, replace(after, energy=20.0)) == 1.0  # they do not at all
    assert doubt(before, replace(after, mesh_error=11.0)) == 1.0
    assert doubt(before, replace(after, vortices=4)) == 1.0
    assert doubt(before, replace(after, net_charge=-1)) == 1.0


def test_cells_at_a_circle_that_is_no_polygon():
    """Without field and sources all of the error is the area that is cut off."""
    sample = Disk(6.0)
    data, here = relaxed(sample, 1.5, [])
    finer = distribute(quartered(collect(data), [sample]), MPI.COMM_WORLD)
    estimate = estimate_error(here, functional(finer, sample))
    missing = np.pi * 6.0**2 - here.area
    assert estimate.error == pytest.approx(missing / 2, rel=0.01)
    arrays = collect(data)
    at_circle = (np.isclose(np.hypot(*arrays.points.T), 6.0)[arrays.cells].sum(axis=1)) == 2
    assert estimate.shares[at_circle].sum() == pytest.approx(estimate.error, rel=1e-6)


def test_a_cap_that_comes_first(problem):
    overrides = ["mesh.size=4", "mesh.accuracy=1e-5", "mesh.max_unknowns=1500"]
    found = solve(setup_from(load(problem, overrides))).adaptation
    assert found.levels[-1].unknowns < 1900
    (warning,) = found.warnings
    assert "mesh.accuracy 1e-05 was not reached" in warning
    assert "mesh.max_unknowns, now 1500" in warning


def test_killed_between_two_meshes(problem, adapted, tmp_path, monkeypatch):
    """What was relaxed before is taken as it is, its mesh as well, and the end is the same."""
    comm, made = MPI.COMM_WORLD, []
    (tmp_path / "checkpoint").mkdir()
    full = FolderKeeper(tmp_path, comm)
    first = solve(setup_from(load(problem)), comm, keeper=full)
    assert first.best.energy == pytest.approx(adapted.best.energy, rel=1e-12)
    monkeypatch.setattr(adapt, "mesh_of", lambda *args, **rest: made.append(1))
    monkeypatch.setattr(adapt, "relax", lambda *args, **rest: made.append(1))
    again = solve(setup_from(load(problem)), comm, keeper=FolderKeeper(tmp_path, comm))
    assert not made
    assert again.best == first.best
    assert again.adaptation == first.adaptation


def test_the_same_on_two_ranks(adapted, problem, run_on_ranks):
    code = """
        import json, sys
        from mpi4py import MPI
        from glvortex.problems.schema import load
        from glvortex.problems.setup import setup_from
        from glvortex.problems.solve import solve

        found = solve(setup_from(load(sys.argv[1]))).adaptation
        if MPI.COMM_WORLD.rank == 0:
            print(json.dumps([[h.unknowns, h.energy, h.mesh_error] for h in found.levels]))
    """
    rows = json.loads(run_on_ranks(2, code, problem))
    for (unknowns, energy, error), here in zip(rows, adapted.adaptation.levels, strict=True):
        assert unknowns == here.unknowns
        assert energy == pytest.approx(here.energy, rel=1e-10)
        assert error == pytest.approx(here.mesh_error, rel=1e-5)


def test_a_mesh_that_was_given_is_cut(problem):
    """Its triangles become smaller where they should, lie in the old ones and keep their tags."""
    arrays = collect(mesh(Rectangle(8, 8), 1.0))
    tags = np.where(arrays.points[arrays.cells].mean(axis=1)[:, 0] > 0, 1, 2).astype(np.int32)
    old = type(arrays)(arrays.points, arrays.cells, tags)
    wished = SizeMap(old, 0.2 + 0.4 * np.hypot(*arrays.points.T))
    new = refined(wished)
    middles = new.points[new.cells].mean(axis=1)
    clear = np.abs(middles[:, 0]) > 0.6  # of the old triangles between the tags
    assert (new.cell_tags == np.where(middles[:, 0] > 0, 1, 2))[clear].all()
    sides = new.points[new.cells[:, 1:]] - new.points[new.cells[:, :1]]
    areas = np.abs(np.linalg.det(sides)) / 2
    assert areas.sum() == pytest.approx(64.0)
    edges = np.sqrt(areas * 4 / np.sqrt(3))
    assert (edges < 1.45 * (0.4 + 0.4 * np.hypot(*middles.T))).all()  # no kink in the old mesh
    assert len(new.cells) < 3 * wished.triangles
    # conforming: every edge belongs to two triangles, or lies on the outside
    pairs, which = edges_of(new.cells)
    alone = pairs[np.bincount(which.ravel()) == 1]
    assert np.isclose(np.abs(new.points[alone]).max(axis=2), 4.0).all()


def test_sizes_from_shares():
    """Cells that add more than their part to the error get smaller, slowly growing triangles."""
    arrays = collect(mesh(Rectangle(20, 20), 1.0))
    middles = arrays.points[arrays.cells].mean(axis=1)
    shares = np.exp(-(np.hypot(*middles.T) ** 2))
    goal = shares.sum() / 10
    wished = sizes_for(arrays, shares, goal, largest=5.0)
    near = np.hypot(*arrays.points.T) < 1.0
    assert wished.sizes[near].max() < 0.5
    pairs, _ = edges_of(arrays.cells)
    steps = np.hypot(*(arrays.points[pairs[:, 0]] - arrays.points[pairs[:, 1]]).T)
    growth = np.abs(np.subtract(*wished.sizes[pairs].T)) / steps
    assert growth.max() < 0.26
    assert wished.limited(100.0).triangles == pytest.approx(100.0)


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("mesh.accuracy=0", "mesh.accuracy must be at least 1e-06"),
        ("solver.refinements=2", "solver.refinements does not go with mesh.accuracy"),
        ("mesh.max_unknowns=10", "mesh.max_unknowns must be at least 1000"),
    ],
)
def test_messages(problem, override, said):
    with pytest.raises(ParameterError, match=said):
        load(problem, [override])


def test_a_cap_needs_an_accuracy(problem, tmp_path):
    path = tmp_path / "plain.toml"
    path.write_text(ONE_VORTEX.replace("accuracy = 2e-4", "max_unknowns = 5000"))
    with pytest.raises(ParameterError, match="is used only with mesh"):
        load(path)
