"""The search for the lowest state: its parts, where the answer is known, and its folder."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from mpi4py import MPI

import glvortex as gl
from functionals import square
from glvortex.cli import main
from glvortex.fem.energy import GinzburgLandau
from glvortex.geometry.arrays import collect
from glvortex.geometry.inclusions import Inclusions
from glvortex.geometry.mesh import make_mesh
from glvortex.geometry.sample import Rectangle
from glvortex.geometry.sizes import MeshSizes
from glvortex.observe.vortices import find_vortices
from glvortex.output.searches.store import FolderStore
from glvortex.problems.schema import load
from glvortex.problems.search.archive import Archive, Outcome, pattern_distance
from glvortex.problems.search.away import push_away
from glvortex.problems.search.confidence import verdict
from glvortex.problems.search.descent import Descent
from glvortex.problems.search.landscape import Landscape
from glvortex.problems.search.of_problem import landscape_of
from glvortex.problems.search.planning import enough, later_round
from glvortex.problems.search.rounds import search
from glvortex.problems.search.symmetry import Symmetry, of_square, symmetry_of
from glvortex.problems.search_section import KINDS, SearchSection
from glvortex.problems.setup import setup_from
from glvortex.solve.alteration import Alteration, Change
from glvortex.solve.london import Vortex
from glvortex.solve.minimiser import minimise
from glvortex.solve.starts import imprint
from glvortex.solve.system import System
from glvortex.solve.window import Window
from glvortex.verify import prescribed

SMALL_SEARCH = """\
title = "A square in a field"
[superconductor]
kappa = 2.0
screening = false
[sample]
shape = "rectangle"
size = [12.0, 12.0]
[field]
applied = 0.4
[mesh]
size = 1.2
[solver]
starts = ["uniform"]
[search]
trials = 12
confidence = 0.99
keep = 2
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    path = tmp_path_factory.mktemp("problems") / "square.toml"
    path.write_text(SMALL_SEARCH)
    return path


def outcome(number, energy, vortices=(), roots=None, end="minimum", known=None):
    roots = (number,) if roots is None else roots
    return Outcome(number, "random", roots, (), end, energy, tuple(vortices), known=known)


def test_images_and_repetitions_are_one_state():
    symmetry = Symmetry(of_square(), np.zeros(2))
    archive = Archive(symmetry)
    archive.add(outcome(1, -10.0, [Vortex(1.0, 3.0, 1)]))
    archive.add(outcome(2, -10.0 - 1e-8, [Vortex(1.1, 3.0, 1)]))  # the same
    archive.add(outcome(3, -10.00001, [Vortex(-3.0, 1.0, 1)]))  # turned, on other triangles
    archive.add(outcome(4, -10.0, [Vortex(1.0, 3.0, -1)]))
    archive.add(outcome(5, -10.001, [Vortex(1.0, 3.0, 1)]))
    archive.add(outcome(6, -9.0, end="known", known=2))
    archive.add(outcome(7, -20.0, end="above"))
    assert [entry.found for entry in archive.entries] == [[1, 2, 3, 6], [4], [5]]
    assert archive.entries[0].best.number == 3
    assert archive.lowest.best.number == 5


def test_patterns_are_compared_vortex_by_vortex():
    distance = pattern_distance()
    one = [Vortex(0.0, 0.0, 1), Vortex(5.0, 0.0, -1)]
    assert distance(one, [Vortex(5.0, 0.2, -1), Vortex(0.0, 0.0, 1)]) == pytest.approx(0.2)
    assert distance(one, [Vortex(5.0, 0.0, 1), Vortex(0.0, 0.0, -1)]) == pytest.approx(5.0)
    assert distance(one, one[:1]) == np.inf


def test_the_stopping_rule_misses_as_seldom_as_it_says():
    # two states found as easily, the lower one half of the time first: the search ends wrongly
    # where five finds of the higher one come before the first of the lower one
    rng = np.random.default_rng(1)
    wrong = 0
    for _ in range(1000):
        archive = Archive(Symmetry.none())
        settings = SearchSection(kinds=["random"])
        while not enough(verdict(archive), settings):
            drawn = rng.choice([-2.0, -1.0, *range(6)], p=[0.2, 0.2] + [0.1] * 6)
            archive.add(outcome(len(archive.outcomes) + 1, float(drawn)))
        wrong += archive.lowest.best.energy != -2.0
    assert 0.02 < wrong / 1000 < 0.045  # 1/32


def test_finds_count_from_separate_beginnings_only():
    archive = Archive(Symmetry.none())
    for number, roots in enumerate([(1,), (1,), (1, 2), (3, 4), (3,), (4,)], start=1):
        archive.add(outcome(number, -1.0, roots=roots))
    found = verdict(archive)
    assert found.finds == 3  # 1, 3 and 4
    assert (found.since, found.missed) == (5, 1 / 8)
    assert found.next_lower == pytest.approx(1 / 7)


def test_kinds_that_find_nothing_are_tried_less():
    """And fresh beginnings come first; of many vortices no pattern is guessed."""

    def planned(archive, number=2):
        rounds = [
            later_round(number, archive, SearchSection(seed=seed), unfit=()) for seed in range(60)
        ]
        return Counter(trial.kind for trials in rounds for trial in trials)

    archive = Archive(Symmetry.none())
    archive.add(outcome(1, -1.0, [Vortex(0.0, 0.0, 1)]))
    archive.add(outcome(2, -2.0, [Vortex(3.0, 0.0, 1)]))
    assert set(planned(archive, number=1)) == {"random", "annealed", "symmetric", "cooled"}
    before = planned(archive)
    assert set(before) == set(KINDS)
    for number in range(3, 11):
        archive.add(replace(outcome(number, -1.5, end="above"), kind="hop"))
    after = planned(archive)
    assert after["hop"] < before["hop"] / 2
    row = [Vortex(3.0 * n, 0.0, 1) for n in range(79)]
    archive.add(replace(outcome(11, -3.0, row), kind="hop"))
    many = planned(archive)
    assert many["hop"] > after["hop"]  # which has just found the lowest state
    assert many["random"] < after["random"] / 3


def test_symmetry_of_a_problem(small, tmp_path):
    assert len(symmetry_of(setup_from(load(small)))) == 8
    assert len(symmetry_of(setup_from(load(small, ["sample.size=[12.0, 10.0]"])))) == 4
    table = tmp_path / "disks.csv"
    section = f'{{layout = "file", file = "{table}", edge_width = 1.0, pseudo_gauge = 0.1}}'
    table.write_text("x,y,radius,sign\n-3,0,2,1\n3,0,2,1\n")
    assert len(symmetry_of(setup_from(load(small, [f"inclusions={section}"])))) == 4
    table.write_text("x,y,radius,sign\n-3,0,2,1\n3,0,2,-1\n")
    assert len(symmetry_of(setup_from(load(small, [f"inclusions={section}"])))) == 2


def test_images_of_a_state_have_its_energy():
    functional = GinzburgLandau(square(12.0, 12), kappa=3.0, applied_field=0.2)
    symmetry = Symmetry(of_square(), np.zeros(2))
    vortices = [Vortex(1.3, 2.2, 1), Vortex(-3.1, 0.4, -1)]
    energies = []
    for number in range(8):
        imprint(functional, symmetry.image(number, vortices))
        energies.append(sum(functional.budget().values()))
    assert energies == pytest.approx([energies[0]] * 8, rel=1e-9)


@cache
def film_landscape():
    """A square in a field."""
    sample = Rectangle(20.0, 20.0)
    sizes = MeshSizes.of(1.2, None, None, 0.0)
    data = make_mesh(MPI.COMM_WORLD, sample, Inclusions.none(), sizes)

    def build(mesh_data):
        space = gl.fem.space.CovariantSpace(mesh_data.mesh)
        return GinzburgLandau(space, kappa=4.0, applied_field=0.1)

    functional = build(data)
    inside = lambda points: (np.abs(points) < 8.5).all(axis=1)  # noqa: E731
    symmetry = Symmetry(of_square(), np.zeros(2))
    return Landscape(data, functional, inside, {"uniform": list}, symmetry, build=build)


def test_vortices_are_moved_added_and_taken_out():
    landscape = film_landscape()
    landscape.begin([Vortex(-3.0, 0.0, 1), Vortex(4.0, 4.0, 1)])
    alteration = Alteration(landscape.functional)
    first, second = find_vortices(landscape.functional)
    alteration.make(Change((first,), (Vortex(-5.0, 2.0, 1),)))
    assert pattern_distance()(
        find_vortices(landscape.functional), [Vortex(-5.0, 2.0, 1), second]
    ) == pytest.approx(0, abs=0.5)
    alteration.make(Change((second,)))
    assert len(find_vortices(landscape.functional)) == 1
    alteration.make(Change((), (Vortex(0.0, -5.0, -1), Vortex(2.0, 2.0, 1))))
    assert sorted(v.charge for v in find_vortices(landscape.functional)) == [-1, 1, 1]


def test_a_window_bounds_what_a_change_costs():
    landscape = film_landscape()
    landscape.begin([Vortex(-4.0, 0.0, 1)])
    minimise(landscape.system, gradient_tolerance=1e-8)
    state, before = landscape.state(), landscape.system.energy()
    mesh = collect(landscape.mesh_data)
    middles = mesh.points[mesh.cells].mean(axis=1)
    cells = np.flatnonzero((np.abs(middles - [-4.0, 0.0]) < [6.5, 8.0]).all(axis=1))
    window = Window(mesh, cells, landscape.build, MPI.COMM_WORLD)
    window.take(state)
    start = window.system.energy()
    assert window.system.gradient_norm(window.system.gradient()) < 1e-6
    (vortex,) = find_vortices(window.functional)
    for change in (Change((vortex,)), Change((), (Vortex(-4.0, 4.0, 1),))):
        window.take(state)
        window.alteration.make(change)
        assert sum(v.charge for v in find_vortices(window.functional)) == 1 + change.net_charge
        cost = minimise(window.system, gradient_tolerance=1e-7).energy - start
        new = window.give(state)
        others = np.setdiff1d(np.arange(len(mesh.cells)), cells)
        assert np.array_equal(new.f[others], state.f[others])
        landscape.hold(new)
        assert landscape.system.energy() - before == pytest.approx(cost, abs=1e-8)
        assert minimise(landscape.system, gradient_tolerance=1e-7).energy - before <= cost + 1e-9


TWO = """\
[superconductor]
kappa = 30.0
[sample]
shape = "rectangle"
size = [88.0, 44.0]
[inclusions]
layout = "square"
count = [2, 1]
spacing = 44.0
radius = 17.0
edge_width = 8.0
edge_smoothing = 1.0
pseudo_gauge = 0.45
[mesh]
size = 4.0
"""


def test_a_descent_in_windows_lowers_the_energy(tmp_path):
    (tmp_path / "two.toml").write_text(TWO)
    landscape = landscape_of(setup_from(load(tmp_path / "two.toml")), MPI.COMM_WORLD)
    landscape.__dict__.update(large=True, half_width=30.0)  # as if it were
    landscape.begin([])
    before = minimise(landscape.system, gradient_tolerance=1e-6).energy
    descent = Descent(landscape, np.random.default_rng(2))
    descent.run(10)
    assert sum(descent.gains.values()) > 0
    assert 10 <= sum(descent.tries.values()) <= 11
    # what is gained in windows is gained in the whole
    assert landscape.system.energy() < before - 1
    assert minimise(landscape.system, gradient_tolerance=1e-6).energy <= landscape.system.energy()
    assert len(find_vortices(landscape.functional)) > 0


def published_square(comm, size=0.5):
    return prescribed.landscape(comm, size=size)


def test_deflation_leaves_a_known_state():
    landscape = published_square(MPI.COMM_WORLD)
    landscape.begin([])
    known = minimise(landscape.system, gradient_tolerance=1e-7).energy
    state = landscape.state()
    reached = []
    for seed in range(6):
        landscape.hold(state)
        push_away(landscape.system, np.random.default_rng(seed))
        reached.append(minimise(landscape.system, gradient_tolerance=1e-7).energy)
    assert min(reached) < known - 1  # what a kick of that size alone does not do
    landscape.hold(state)
    kick = 0.3 * landscape.system.pattern()
    landscape.system.set_state(landscape.system.state() + kick)
    back = minimise(landscape.system, gradient_tolerance=1e-7).energy
    assert back == pytest.approx(known, rel=1e-9)


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_the_lower_state_of_the_published_square_is_found(tmp_path, seed):
    settings = SearchSection(seed=seed, trials=60, confidence=0.9)
    found = search(published_square, settings, FolderStore(tmp_path), MPI.COMM_WORLD)
    landscape = found.landscape
    landscape.begin([Vortex(0.0, 0.0, -3)])  # the start that is known to lead there
    known = minimise(landscape.system, gradient_tolerance=1e-8).energy
    lowest = found.archive.lowest
    assert lowest.best.energy == pytest.approx(known, rel=1e-9)
    assert lowest.best.net_charge == -3
    assert found.end == "sure"
    assert len(lowest.found) >= found.verdict.finds >= 4
    uniform = found.archive.outcomes[1].energy
    assert uniform > known + 1  # the published start misses it


RANKS = """
    import json, sys
    from pathlib import Path
    from mpi4py import MPI
    from glvortex.verify.prescribed import landscape
    from glvortex.output.searches.store import FolderStore
    from glvortex.problems.search.rounds import search
    from glvortex.problems.search_section import KINDS, SearchSection
    comm = MPI.COMM_WORLD
    settings = SearchSection(seed=3, trials=4, confidence=0.999)
    for groups in (1, 2):
        folder = Path(sys.argv[1]) / f"groups{groups}"
        if comm.rank == 0:
            folder.mkdir()
        comm.Barrier()
        found = search(lambda c: landscape(c, size=0.9), settings, FolderStore(folder), comm,
                       groups=groups)
        rows = [[o.number, o.kind, o.parents, o.end, round(o.energy, 5) + 0.0]
                for o in found.archive.outcomes.values() if o.end == "minimum"]
        rows += [[o.number, o.kind, o.parents, o.end, o.known]
                 for o in found.archive.outcomes.values() if o.end != "minimum"]
        if comm.rank == 0:
            print(json.dumps(rows))
"""


def test_the_answer_hangs_on_no_ranks_and_no_groups(run_on_ranks, tmp_path):
    (tmp_path / "two").mkdir()
    (tmp_path / "one").mkdir()
    one, same = run_on_ranks(1, RANKS, tmp_path / "one").splitlines()
    two, apart = run_on_ranks(2, RANKS, tmp_path / "two").splitlines()
    assert one == same == two == apart


def call(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main([str(argument) for argument in arguments])
    return stop.value.code, *capsys.readouterr()


def without_times(folder):
    found = json.loads((folder / "search.json").read_text())
    rows = [{k: v for k, v in row.items() if k != "lowest_eigenvalue"} for row in found["states"]]
    for row in rows:
        row["energy"], row["gradient_norm"] = round(row["energy"], 7), 0
    return rows, found["confidence"], found["trials"]


def test_a_search_from_the_command_line_and_its_folder(capsys, small, tmp_path):
    run = tmp_path / "run"
    status, screen, error = call(capsys, "search", small, "-o", run)
    assert (status, error) == (0, "")
    assert "states" in screen
    assert "separate beginnings" in screen
    found = json.loads((run / "search.json").read_text())
    best, second = found["states"]
    assert best["energy"] < second["energy"]
    assert best["lowest_eigenvalue"] > 0
    assert best["gradient_norm"] < 1e-8
    assert found["ended"] in ("sure", "trials")
    assert (run / "search.csv").read_text().count("\n") == 3
    assert (run / "search.png").stat().st_size > 10_000
    state = gl.open_run(run / "states" / "01")
    assert state.energy.total == pytest.approx(best["energy"], rel=1e-12)
    assert len(state.vortices) == best["vortices"] + best["antivortices"]
    status, _, error = call(capsys, "solve", small, "-o", run)
    assert status == 2
    assert "search.json" in error
    states = gl.load(small).search(run, resume=True)
    assert states.energy.tolist() == [state["energy"] for state in found["states"]]
    assert states.attrs["missed"] == found["confidence"]["missed"]


def test_a_search_that_was_killed_goes_on(capsys, small, tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    command = [sys.executable, "-m", "glvortex", "search", str(small), "-o", str(killed)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (killed / "trials" / "00003.json").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert (killed / "trials" / "00003.json").exists()
    assert not (killed / "states").exists()
    assert call(capsys, "search", small, "-o", whole)[0] == 0
    status, _, _ = call(capsys, "search", small, "-o", killed, "--resume")
    assert status == 0
    assert without_times(killed) == without_times(whole)
    shutil.rmtree(whole)
    status, _, error = call(capsys, "search", small, "-o", killed, "--resume", "--seed", "5")
    assert status == 2
    assert "search.seed is 0 there and 5 here" in error


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--set", "search.kinds=[]"], "search.kinds"),
        (["--set", "search.kinds=['hopping']"], "search.kinds"),
        (["--set", "search.confidence=1"], "search.confidence"),
        (["--seed", "-1"], "search.seed"),
        (["--set", "solver.model=london"], 'a search needs solver.model = "ginzburg-landau"'),
        (["--groups", "2"], "--groups must be 1, there is one rank, got 2."),
    ],
)
def test_mistakes_are_said_in_a_sentence(capsys, small, tmp_path, arguments, said):
    status, _, error = call(capsys, "search", small, "-o", tmp_path / "run", *arguments)
    assert status == 2
    assert error.count("\n") == 1
    assert said in error


def test_a_system_holds_what_it_is_told_to():
    from glvortex.solve.held import HeldSystem

    functional = GinzburgLandau(square(8.0, 8), kappa=2.0, applied_field=0.3)
    imprint(functional, [Vortex(0.3, 0.2, 1)])
    held = functional.space.vertices[:, 0] < -1.0
    edges = np.asarray(abs(functional.space.vertex_differences) @ held == 2)
    before = functional.f.x.array.reshape(-1, 2)[held].copy()
    system = HeldSystem(functional, held, edges)
    free = System(functional)
    start = free.energy()
    assert minimise(system, gradient_tolerance=1e-8).energy < start
    assert np.array_equal(functional.f.x.array.reshape(-1, 2)[held], before)
    assert free.gradient_norm(free.gradient()) > 1e-3
