"""Langevin cooling: Boltzmann's distribution, gauge, energy, vortices frozen in."""

import numpy as np
import pytest
from mpi4py import MPI

from functionals import noisy, parallelogram, square
from glvortex.errors import ParameterError
from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.medium import make_medium
from glvortex.fem.numbers import Drawer
from glvortex.geometry.lattice import Lattice
from glvortex.geometry.regions import Region
from glvortex.geometry.sample import Rectangle
from glvortex.interrupt import Interrupted
from glvortex.observe.vortices import find_vortices
from glvortex.output.runs.keeper import FolderKeeper
from glvortex.problems.schema import load
from glvortex.problems.setup import setup_from
from glvortex.problems.solve import solve
from glvortex.solve.cooling import Bath, Moment, Ramp, cool, normal_state
from glvortex.solve.london import London
from glvortex.solve.system import System


def held(duration, t, noise):
    return Ramp((0.0, duration), (t, t), (noise, noise))


def sampled(system, t, noise, measure, *, steps=480, time_step=0.4):
    """What a measure gives after each step in equilibrium."""
    cool(system, held(20.0, t, noise), seed=1, time_step=time_step)
    bath = Bath(system, Drawer(system.functional.space, 2))
    bath.expose(t, noise, None)
    found = []
    for number in range(steps):
        if number % 5 == 0:
            bath.prepare(time_step)
        bath.step(number)
        found.append(measure())
    return np.array(found)


def mean_and_error(values, blocks=16):
    means = values.reshape(blocks, -1).mean(axis=1)
    return means.mean(), means.std() / np.sqrt(blocks - 1)


@pytest.mark.parametrize("t", [-1.0, 1.0])
@pytest.mark.parametrize("screening", [True, False])
def test_every_degree_of_freedom_has_half_of_the_noise(t, screening):
    space = square(5.0, 5)
    functional = GinzburgLandau(space, kappa=20.0, t=t, screening=screening)
    normal_state(functional)
    if t > 0:
        functional.f.x.array[::2] = np.sqrt(t)
    system, noise = System(functional), 1e-4
    ground = system.energy()
    # f at each vertex; of a only what b is made of, one value in each cell; not the global phase
    cells = space.mesh.topology.index_map(2).size_local if screening else 0
    freedom = 2 * space.owned_vertices + cells - (t > 0)
    mean, error = mean_and_error(sampled(system, t, noise, system.energy) - ground)
    assert error < 0.015 * mean
    assert abs(mean - noise * freedom / 2) < 4 * error


def test_the_variance_of_a_mode_is_the_noise_over_its_eigenvalue():
    # plane waves in a cell without flux: exact eigenvectors of -lap - t on a regular mesh
    side, cells, t, noise = 6.0, 6, -0.5, 1e-3
    space = parallelogram(Lattice(((side, 0.0), (0.0, side)), 0), (cells, cells))
    functional = GinzburgLandau(space, kappa=1.0, t=t, screening=False)
    normal_state(functional)
    system = System(functional)
    x = space.vertices[:, 0]
    for wave in (0, 3):
        shape = np.cos(2 * np.pi * wave * x / side)
        shape /= np.sqrt((shape**2).sum())
        functional.f.x.array[:] = np.column_stack([shape, 0 * shape]).ravel()
        # F is quadratic up to the quartic term, which is left out at small amplitude
        functional.f.x.array[:] *= 1e-4
        stiffness = 2e8 * system.energy()
        normal_state(functional)

        def amplitude(shape=shape):
            return (functional.f.x.array[::2] @ shape) ** 2

        mean, error = mean_and_error(sampled(system, t, noise, amplitude, steps=1200))
        assert error < 0.15 * mean
        assert abs(mean - noise / stiffness) < 3 * error


@pytest.mark.parametrize("screening", [True, False])
def test_strong_noise_obeys_the_virial_theorem(screening):
    # <f dF/df> = 2 T for each vertex, however far F is from quadratic; error of first order in ds
    space, noise, time_step = square(4.0, 3), 0.3, 0.1
    functional = GinzburgLandau(space, kappa=2.0, t=0.5, screening=screening)
    normal_state(functional)
    system = System(functional)
    count = 2 * space.owned_vertices

    def virial():
        return system.gradient().array_r[:count] @ system.state()[:count]

    found = sampled(system, 0.5, noise, virial, steps=1200, time_step=time_step)
    mean, error = mean_and_error(found / (count * noise))
    assert error < 0.03
    assert abs(mean - 1.0) < 3 * error + 0.2 * time_step


class Turned(Drawer):
    """Noise that goes with a state whose phases are turned."""

    phase = np.array(0.0)

    def vertices(self, step):
        drawn = super().vertices(step) @ [1, 1j] * np.exp(1j * self.phase)
        return np.column_stack([drawn.real, drawn.imag])


@pytest.mark.parametrize("screening", [True, False])
def test_a_gauge_transformation_of_state_and_noise_is_one_of_the_path(screening):
    space = square(5.0, 4)
    chi = np.random.default_rng(8).uniform(-9, 9, len(space.vertices))
    paths = []
    for phase in (0 * chi, chi):
        functional = noisy(space, screening=screening)
        f = functional.f.x.array.reshape(-1, 2) @ [1, 1j] * np.exp(1j * phase)
        functional.f.x.array[:] = np.column_stack([f.real, f.imag]).ravel()
        functional.a.x.array[:] -= space.vertex_differences @ phase
        system, drawer = System(functional), Turned(space, 5)
        drawer.phase = phase
        bath = Bath(system, drawer)
        bath.expose(0.8, 0.1, None)
        path = []
        for number in range(12):
            if number % 4 == 0:
                bath.prepare(0.2)
            bath.step(number)
            path.append([*functional.budget().values()])
        paths.append(path)
    assert np.ptp(np.array(paths[0]), axis=0).max() > 1
    assert np.abs(np.subtract(*paths)).max() < 1e-9 * np.abs(paths).max()


@pytest.mark.parametrize("screening", [True, False])
def test_without_noise_the_energy_falls(screening):
    functional = noisy(square(6.0, 5), screening=screening)
    system, energies = System(functional), []
    cool(
        system,
        held(20.0, 0.8, 0.0),
        time_step=0.05,
        report=lambda moment: energies.append(system.energy()),
    )
    assert len(energies) > 15
    assert (np.diff(energies) < 1e-12 * np.abs(energies[1:])).all()
    assert energies[-1] < energies[0] - 10


def test_time_counts_in_ginzburg_landau_times():
    # a small uniform f grows as exp(s) and saturates; the error of a step is of first order
    functional = GinzburgLandau(square(3.0, 2), kappa=2.0, screening=False)
    system, errors = System(functional), []
    exact = np.exp(5.0) / np.sqrt(1e4 + np.exp(10.0) - 1)
    for time_step in (0.1, 0.05):
        functional.f.x.array[:] = 0.0
        functional.f.x.array[::2] = 1e-2
        cool(system, held(5.0, 1.0, 0.0), time_step=time_step)
        errors.append(np.abs(functional.f.x.array[::2] - exact).max())
    assert errors[1] < 0.6 * errors[0] < 0.01


def test_the_field_diffuses_into_the_normal_state():
    # b - b_a falls as exp(-2 kappa^2 pi^2 s/side^2), its energy twice as fast
    side, kappa = 6.0, 2.0
    functional = GinzburgLandau(square(side, 6), kappa=kappa, t=-1.0)
    normal_state(functional)
    functional.applied_field = 0.1
    system, energies = System(functional), []
    cool(
        system,
        held(1.0, -1.0, 0.0),
        time_step=0.01,
        report=lambda moment: energies.append(system.energy()),
    )
    rate = np.log(energies[3] / energies[5]) / 0.4
    assert rate == pytest.approx(4 * (kappa * np.pi / side) ** 2, rel=0.05)


def frozen_in(duration, seeds):
    """Vortices left by a cooling of a cell without field, when thermal ones have gone."""
    side = 30.0
    space = parallelogram(Lattice(((side, 0.0), (0.0, side)), 0), (20, 20))
    functional = GinzburgLandau(space, kappa=10.0, screening=False)
    system, total = System(functional), 0
    for seed in seeds:
        normal_state(functional)
        ramp = Ramp((0.0, duration, duration + 4.0), (-0.5, 1.0, 1.0), (1e-3, 1e-3, 0.0))
        cool(system, ramp, seed=seed, time_step=0.4)
        total += len(find_vortices(functional))
    return total / len(seeds)


def test_slower_cooling_leaves_fewer_vortices():
    fast, slow = frozen_in(4.0, range(4)), frozen_in(48.0, range(4))
    assert fast > 4
    assert slow < fast / 2


def test_cooling_in_a_field_puts_in_about_the_right_number_of_vortices():
    # 20 x 20 xi hold 12.7 quanta of the field, and 8 or 9 vortices in the states of lowest energy
    functional = GinzburgLandau(square(20.0, 14), kappa=4.0, applied_field=0.2, screening=True)
    system = System(functional)
    normal_state(functional)
    cool(system, Ramp((0.0, 40.0), (-0.5, 1.0), (3e-3, 0.0)), seed=0, time_step=0.4)
    cooled = [vortex.charge for vortex in find_vortices(functional)]
    assert set(cooled) == {1}
    assert 7 <= len(cooled) <= 10


def weak_disk():
    space = square(8.0, 6)
    region = Region(Rectangle(4.0, 4.0), t=0.3, quartic=2.0)
    return GinzburgLandau(space, kappa=3.0, medium=make_medium(space, 1.0, [], [region]))


def test_the_temperature_of_a_functional_may_be_set():
    for functional in (GinzburgLandau(square(8.0, 6), kappa=3.0), weak_disk()):
        functional.f.x.array[::2] = 0.7
        system, before = System(functional), functional.uniform_density.copy()
        energy, squared = system.energy(), 0.49 * functional.area
        functional.t = 0.6
        assert system.energy() == pytest.approx(energy + 0.4 * squared)
        assert functional.budget()["condensation"] == pytest.approx(system.energy())
        here = functional.uniform_density
        assert here.max() == pytest.approx(0.6)
        # in the weak region 0.3 becomes -0.1, a normal metal
        assert here.min() == pytest.approx(0.6 if before.min() == 1.0 else 0.0)
        functional.t = -0.2
        assert not functional.uniform_density.any()
        assert not find_vortices(functional)
        functional.t = 1.0
        assert functional.uniform_density == pytest.approx(before)
        assert system.energy() == pytest.approx(energy)


def test_the_london_problem_knows_its_temperature():
    functional = GinzburgLandau(square(8.0, 6), kappa=3.0, applied_field=0.2)
    london = London(functional)
    functional.t = 0.5
    with pytest.raises(ParameterError, match="made at t = 1"):
        london.field()
    assert London(functional).threshold().hc1 < 0.5


def test_a_moment_is_resumed_on_the_same_way():
    functional = noisy(square(5.0, 4))
    system, kept = System(functional), []

    def report(moment):
        kept.append((moment, system.state()))

    ramp = Ramp((0.0, 4.0, 6.0), (-0.5, 1.0, 1.0), (0.1, 0.05, 0.05), (0.0, 0.4, 0.4))
    last = cool(system, ramp, seed=4, report=report)
    end, energy = system.state(), system.energy()
    assert (last.time, functional.t, functional.applied_field) == (6.0, 1.0, 0.4)
    moment, state = kept[3]
    functional.t = -3.0
    system.set_state(state)
    assert cool(system, ramp, seed=4, resumed=moment) == last
    assert system.energy() == pytest.approx(energy, rel=1e-9)
    system.set_state(state)
    cool(system, ramp, seed=5, resumed=moment)
    assert abs(system.energy() - energy) > 1e-3
    assert end.shape == system.state().shape


def test_ramps_are_checked():
    with pytest.raises(ParameterError, match="as many values"):
        Ramp((0.0, 1.0), (0.0,), (0.1, 0.1))
    with pytest.raises(ParameterError, match="begin with 0"):
        Ramp((0.0, 2.0, 1.0), (0.0, 1.0, 1.0), (0.1, 0.1, 0.1))
    with pytest.raises(ParameterError, match="negative"):
        Ramp((0.0, 1.0), (0.0, 1.0), (0.1, -0.1))


def test_the_noise_of_one_layer_falls_with_the_temperature(laboratory_problem):
    ramp = setup_from(load(laboratory_problem, ["cooling.waiting=5"])).cooling.ramp
    assert ramp.times == (0.0, 100.0, 105.0)
    bc = 2.067833848e-15 / (2 * np.sqrt(2) * np.pi * 600e-9 * 20e-9)
    energy = bc**2 * (20e-9) ** 2 * 1.18e-9 / (4e-7 * np.pi)
    temperatures = 2.7 - 2.2 * np.array([-0.5, 1.0, 1.0])  # t is 1 at 0.5 K
    assert ramp.noise == pytest.approx(1.380649e-23 * temperatures / energy, rel=1e-6)
    given = setup_from(load(laboratory_problem, ["cooling.noise=0.02"])).cooling
    assert given.ramp.noise == (0.02, 0.02, 0.02)


def test_an_interrupted_cooling_goes_on_in_a_folder(small_problem, tmp_path):
    chosen = ['solver={starts=["cooled"]}', "cooling.duration=12", "mesh.size=3"]
    setup = setup_from(load(small_problem, chosen))
    alone = solve(setup)
    seen = []

    class Impatient(FolderKeeper):
        def reach(self, start, step, *args, last=False):
            seen.append(step)
            super().reach(start, step, *args, last=last)
            if len(seen) == 3:
                raise Interrupted

    with pytest.raises(Interrupted):
        solve(setup, keeper=Impatient(tmp_path, MPI.COMM_WORLD))
    assert isinstance(seen[-1], Moment) and 0 < seen[-1].time < 12
    resumed = solve(setup, keeper=FolderKeeper(tmp_path, MPI.COMM_WORLD))
    assert resumed.best.energy == pytest.approx(alone.best.energy, rel=1e-9)
    assert resumed.functional.t == 1.0


COOL = """
    import sys
    from mpi4py import MPI
    from glvortex.problems.schema import load
    from glvortex.problems.setup import setup_from
    from glvortex.problems.solve import solve
    solution = solve(setup_from(load(sys.argv[1], sys.argv[2:])))
    if MPI.COMM_WORLD.rank == 0:
        print(solution.best.start, solution.best.energy)
"""


def test_one_and_two_ranks_cool_to_the_same_state(run_on_ranks, small_problem):
    solver = 'solver={starts=["cooled"]}'
    options = [solver, "cooling.duration=5", "mesh.size=3"]
    one, two = (run_on_ranks(n, COOL, small_problem, *options).split() for n in (1, 2))
    assert one[0] == two[0] == "cooled"
    assert float(one[1]) == pytest.approx(float(two[1]), rel=1e-8)
