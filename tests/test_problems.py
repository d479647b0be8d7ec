"""The files in problems/, coarse in every test run and in full as slow tests."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from mpi4py import MPI

from glvortex.problems.build import build
from glvortex.problems.magnetization import magnetization_curve
from glvortex.problems.schema import load
from glvortex.problems.setup import setup_from
from glvortex.problems.solve import Solution, solve
from glvortex.solve.london import Vortex
from glvortex.solve.minimiser import minimise
from glvortex.solve.starts import imprint
from glvortex.solve.system import System

PROBLEMS = Path(__file__).parent.parent / "problems"


def solved(name: str, *overrides: str) -> Solution:
    return solve(setup_from(load(PROBLEMS / f"{name}.toml", list(overrides))))


def check_single_inclusion(solution: Solution) -> None:
    inclusions, kappa = solution.setup.inclusions, solution.setup.kappa
    # I = gamma b_z V is -a0 d/kappa^2 in reduced units (A~ = -mu0 lambda^2 j/s)
    current = -inclusions.pseudo_gauge[0] * inclusions.edge_width / kappa**2
    assert solution.moments.gamma == pytest.approx(np.pi * 20.0**2 * current, rel=0.01)
    assert not solution.best.vortices
    assert abs(solution.moments.screening) < 1e-3 * abs(solution.moments.gamma)


def check_spontaneous_vortices(solution: Solution) -> None:
    uniform, london, depaired = solution.states
    assert [state.start for state in solution.states] == ["uniform", "london", "london-depaired"]
    assert not uniform.vortices
    inclusions = solution.setup.inclusions
    for state in (london, depaired):
        assert state.certificate.minimum
        assert state.certificate.newton_steps <= 20
        assert state.energy < uniform.energy - 168
        places = np.array([(vortex.x, vortex.y) for vortex in state.vortices])
        charges = np.array([vortex.charge for vortex in state.vortices])
        # flux + sits inside the inclusions, flux - only outside
        distances = inclusions.edge_distance(places)
        assert (distances[charges > 0] < 0).all()
        assert (distances[charges < 0] > 0).all()
        occupied = set(inclusions.nearest(places[charges > 0]))
        rim = set(np.flatnonzero(np.abs(inclusions.centres).max(axis=1) > 30))
        assert occupied == (rim if state is depaired else set(range(16)))
    # without pairs all vortices are inside, rim first; the pairs that a~ as given makes gain more
    assert {vortex.charge for vortex in depaired.vortices} == {1}
    assert solution.best is london
    assert london.energy < depaired.energy - 150


def check_isolated_pair(solution: Solution) -> None:
    threshold = solution.threshold
    enters = max(threshold.h_eff_max, -threshold.h_eff_min) > threshold.hc1
    assert bool(solution.best.vortices) == enters
    assert solution.best.net_charge == 0
    left = {vortex.charge for vortex in solution.best.vortices if vortex.x < 0}
    right = {vortex.charge for vortex in solution.best.vortices if vortex.x > 0}
    if enters:
        assert len(left) == len(right) == 1
        assert left != right


def check_laboratory_units(solution: Solution) -> None:
    ratios = solution.ratios
    assert ratios.ratio_field == pytest.approx(ratios.ratio_analytic, rel=0.05)
    assert not solution.best.vortices


def check_vortex_lattice(solution: Solution) -> None:
    """The triangular lattice: sqrt3 in the periods, energy and virial field as they should be."""
    (ax, ay), (bx, by) = solution.cell.periods
    assert np.hypot(bx, by) / np.hypot(ax, ay) == pytest.approx(np.sqrt(3), rel=0.02)
    assert abs(ax * bx + ay * by) < 0.1 * np.hypot(ax, ay) * np.hypot(bx, by)
    area, found = solution.functional.area, solution.extrapolation
    assert found.limit / area == pytest.approx(0.889145, abs=2e-6 + found.error / area)
    assert solution.bulk.field == pytest.approx(0.555980, abs=1e-3)
    assert [vortex.charge for vortex in solution.best.vortices] == [1, 1]


def check_magnetization(solution: Solution) -> None:
    """Solved as it is, a point of its curve, which passes where it should."""
    here = solution.bulk.mean_field
    low, point, high = magnetization_curve(solution.setup, [0.45, here, 0.5]).equilibria
    assert low.field < point.field < high.field
    assert solution.bulk.field == pytest.approx(point.field, abs=2e-3)
    assert high.field == pytest.approx(0.555980, abs=1e-6 + high.errors.field)
    error = high.errors.energy_density
    assert high.averages.energy_density == pytest.approx(0.889145, abs=1e-6 + error)


def check_ring(solution: Solution) -> None:
    (hole,) = solution.holes
    assert hole.fluxoid == 1
    # the London field of a ring; the mesh has chords for circles
    assert hole.flux == pytest.approx(0.36374, rel=0.01)
    assert solution.flux == pytest.approx(0.86517, rel=0.01)
    assert solution.best.certificate.null_eigenvalues == 0
    assert not solution.best.vortices


def check_tas2_memory(solution: Solution) -> None:
    """With full moments: vortices along them inside, others outside; gamma is what it says."""
    assert solution.ratios.ratio_analytic / 600 == pytest.approx(-0.139, abs=0.001)
    distances = solution.edge_distances
    charges = np.array([vortex.charge for vortex in solution.best.vortices])
    assert (charges > 0).any()
    assert np.array_equal(charges > 0, distances < 0)


def check_weak_region(solution: Solution) -> None:
    uniform, pinned = solution.states
    assert pinned.energy == pytest.approx(uniform.energy - 7.0, abs=0.3)
    assert solution.best is pinned
    assert [region.fluxoid for region in solution.regions] == [1, 0]
    (vortex,) = pinned.vortices
    assert np.hypot(vortex.x + 15.0, vortex.y) < 1.0


def check_field_cooled(solution: Solution) -> None:
    """Vortices of one sign, fewer than the flux of the field, most of the weak spots taken."""
    (cooled,) = solution.states
    quanta = 0.12 * 30.0**2 / (2 * np.pi)
    assert cooled.net_charge == len(cooled.vortices)
    assert 0.5 * quanta < cooled.net_charge < 0.85 * quanta
    assert sum(region.fluxoid for region in solution.regions) >= 3
    assert -356 < cooled.energy < -325  # the lowest known is that of the start "london"


def check_inclusion_lattice(solution: Solution) -> None:
    """Pairs across the edge region, which London theory overestimates and proposes."""
    uniform = solution.states[0]
    assert uniform.minimum and not uniform.vortices
    assert solution.best.start.startswith("london")
    assert solution.best.energy < uniform.energy - 5
    assert solution.best.net_charge == 0 and solution.best.vortices
    places = np.array([(vortex.x, vortex.y) for vortex in solution.best.vortices])
    charges = np.array([vortex.charge for vortex in solution.best.vortices])
    assert ((solution.edge_distances < 0) == (charges > 0)).all()
    assert (np.abs(places) <= 30.0).all()


def check_phase_map(solution: Solution) -> None:
    """Flux against h~ inside the inclusions, along it between them, as far as there is any."""
    charges = np.array([vortex.charge for vortex in solution.best.vortices])
    assert charges.any()
    assert np.array_equal(charges > 0, solution.edge_distances < 0)


def check_inside(solution: Solution) -> None:
    """Vortices inside outlines, with the flux that the sign of each wants."""
    uniform, inclusions = solution.states[0], solution.setup.inclusions
    assert uniform.start == "uniform" and uniform.minimum and not uniform.vortices
    assert solution.best.energy < uniform.energy - 1.0
    places = np.array([(vortex.x, vortex.y) for vortex in solution.best.vortices])
    charges = np.array([vortex.charge for vortex in solution.best.vortices])
    assert (solution.edge_distances < 0).all()
    assert (charges == inclusions.sign[inclusions.nearest(places)]).all()


def check_letters(solution: Solution) -> None:
    check_inside(solution)
    assert solution.best.net_charge == 0 and len(solution.best.vortices) == 4


def check_islands(solution: Solution) -> None:
    check_inside(solution)
    places = np.array([(vortex.x, vortex.y) for vortex in solution.best.vortices])
    assert sorted(solution.setup.inclusions.nearest(places)) == [0, 1, 2, 3]


def check_bridge(solution: Solution) -> None:
    (hole,) = solution.holes
    assert hole.fluxoid == 1
    assert not solution.best.vortices
    # both integrated from the fields, over two outlines of opposite sign
    assert solution.ratios.ratio_field == pytest.approx(solution.ratios.ratio_analytic, rel=0.02)


def check_imported_mesh(solution: Solution) -> None:
    check_inside(solution)
    assert [hole.fluxoid for hole in solution.holes] == [1]
    assert solution.best.net_charge == 2


def check_charge_map(solution: Solution) -> None:
    """Vortices where the charge is, and at most of the other sign beside it."""
    uniform, best = solution.states[0], solution.best
    assert best.energy < uniform.energy - 20
    charges = np.array([vortex.charge for vortex in best.vortices])
    assert ((solution.edge_distances < 0) == (charges > 0)).all()
    assert best.net_charge >= 2


def check_hysteresis(solution: Solution) -> None:
    """Nothing enters without a field; past the entry field the uniform start fills up."""
    assert not solution.best.vortices and solution.flux == pytest.approx(0.0, abs=1e-9)
    past_entry = solve(replace(solution.setup, applied_field=0.45))
    assert past_entry.states[0].start == "uniform"
    assert past_entry.best.net_charge >= 10


def check_vortices_between(solution: Solution) -> None:
    """A vortex in each inclusion, one of the other sign in each gap, as accurate as asked."""
    found, inclusions = solution.adaptation, solution.setup.inclusions
    assert found.reached < solution.setup.accuracy
    assert len(found.levels) > 1
    places = np.array([(vortex.x, vortex.y) for vortex in solution.best.vortices])
    charges = np.array([vortex.charge for vortex in solution.best.vortices])
    assert ((solution.edge_distances < 0) == (charges > 0)).all()
    inside = inclusions.nearest(places[charges > 0])
    assert sorted(inside) == list(range(len(inclusions)))
    assert (charges < 0).sum() == (np.sqrt(len(inclusions)) - 1) ** 2


COARSE = {
    "vortices_between": [
        "sample.size=[336.0, 336.0]",
        "inclusions.count=[2, 2]",
        "solver.vortices=[[-109.4, -107.7, 1], [107.9, -109.3, 1], [-109.1, 107.5, 1], "
        "[107.7, 109.1, 1], [-19.8, 18.7, -1]]",
        "mesh.accuracy=2e-3",
    ],
    "imported_mesh": ["mesh.size_factor=1.5"],
    "charge_map": ["mesh.size=2.0"],
    "hysteresis": ["mesh.size=1.2"],
    "letters": ["mesh.size=3.0"],
    "tas2_memory": ["sample.size=['1.3 um', '1.3 um']", "inclusions.count=1"],
    "frame": ["mesh.size=3.0"],
    "bridge": ["mesh.size=60 nm"],
    "islands": ["mesh.size=3.0", "mesh.edge_size=2.0"],
    "inclusion_lattice": ["mesh.size=2.5"],
    "phase_map_cell": ["inclusions.pseudo_gauge=0.5"],
    "phase_map_sample": [],
    "magnetization": ["mesh.size=0.7", "solver.refinements=1"],
    "vortex_lattice": ["mesh.size=0.5", "solver.refinements=1"],
    "single_inclusion": ["mesh.size=4.0", "mesh.edge_size=1.0"],
    "spontaneous_vortices": ["mesh.size=3.0"],
    "isolated_pair": ["mesh.size=3.0"],
    "laboratory_units": ["mesh.size=80 nm"],
    "ring": ["mesh.size=2.5"],
    "weak_region": ["mesh.size=1.5"],
    "field_cooled": ["mesh.size=1.5", "cooling.duration=40"],
}
CHECKS = {
    "vortices_between": check_vortices_between,
    "imported_mesh": check_imported_mesh,
    "charge_map": check_charge_map,
    "hysteresis": check_hysteresis,
    "letters": check_letters,
    "tas2_memory": check_tas2_memory,
    "frame": check_inside,
    "bridge": check_bridge,
    "islands": check_islands,
    "inclusion_lattice": check_inclusion_lattice,
    "phase_map_cell": check_phase_map,
    "phase_map_sample": check_phase_map,
    "magnetization": check_magnetization,
    "single_inclusion": check_single_inclusion,
    "spontaneous_vortices": check_spontaneous_vortices,
    "isolated_pair": check_isolated_pair,
    "laboratory_units": check_laboratory_units,
    "ring": check_ring,
    "weak_region": check_weak_region,
    "field_cooled": check_field_cooled,
    "vortex_lattice": check_vortex_lattice,
}


@pytest.mark.parametrize("name", CHECKS)
def test_coarse(name):
    CHECKS[name](solved(name, *COARSE[name]))


@pytest.mark.slow
@pytest.mark.parametrize("name", CHECKS)
def test_in_full(name):
    CHECKS[name](solved(name))


def test_every_problem_is_tested():
    assert {path.stem for path in PROBLEMS.glob("*.toml")} == set(CHECKS)


def test_below_the_pair_threshold_nothing_enters():
    solution = solved("isolated_pair", "mesh.size=3.0", "inclusions.pseudo_gauge=0.1")
    check_isolated_pair(solution)
    assert not solution.best.vortices


@pytest.mark.slow
def test_reference_energies_of_a_first_prototype():
    """-13328.9 without vortices and -13500.3 with one in each rim inclusion, on its own mesh."""
    setup = setup_from(load(PROBLEMS / "spontaneous_vortices.toml"))
    _, functional = build(setup, MPI.COMM_WORLD)
    system = System(functional)
    imprint(functional)
    uniform = minimise(system).energy
    places = [-66.0, -22.0, 22.0, 66.0]
    rim = [Vortex(x, y, 1) for x in places for y in places if max(abs(x), abs(y)) > 30]
    imprint(functional, rim)
    vortices = minimise(system).energy
    assert uniform == pytest.approx(-13328.9, abs=3.0)
    assert vortices - uniform == pytest.approx(-171.4, abs=1.0)
