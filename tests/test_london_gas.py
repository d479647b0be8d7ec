"""London vortices at any places: energy, forces, relaxation, annealing."""

import numpy as np
import pytest
from mpi4py import MPI
from scipy.special import k0, k1

from functionals import square
from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.medium import make_medium
from glvortex.fem.sources import pseudo_gauge_field
from glvortex.fem.space import CovariantSpace
from glvortex.geometry.inclusions import Disks, Inclusions
from glvortex.geometry.mesh import MeshSizes, make_mesh
from glvortex.geometry.regions import Hole
from glvortex.geometry.sample import Cell, Disk, Rectangle, Strip
from glvortex.solve.annealing import CoreEnergies, LondonAnnealing
from glvortex.solve.calibration import fitted
from glvortex.solve.london import London, Vortex
from glvortex.solve.london_gas import LondonGas
from glvortex.solve.proposal import propose
from glvortex.solve.vortex_kernel import VortexKernel


def ring_of_flow(radius, strength):
    """An inclusion in the middle with a pseudo-gauge field in its edge region of width 4 xi."""
    one = np.ones(1)
    place = {"x": 0 * one, "y": 0 * one, "radius": radius * one, "sign": one}
    amount = {"pseudo_gauge": strength * one, "magnetisation": 0 * one}
    return Disks(**place, **amount, edge_width=4.0, edge_smoothing=0.5)


def space_of(sample, size, inclusions=None, comm=MPI.COMM_SELF):
    inclusions = inclusions or Inclusions.none()
    sizes = MeshSizes.of(size, None, None, inclusions.edge_width)
    return CovariantSpace(make_mesh(comm, sample, inclusions, sizes).mesh, sample.lattice)


def differences(gas, vortices, step=1e-3):
    """Forces from energies."""
    result = np.zeros((len(vortices), 2))
    for i, vortex in enumerate(vortices):
        for axis, way in enumerate(np.eye(2) * step):
            ends = []
            for sign in (1, -1):
                x, y = np.array([vortex.x, vortex.y]) + sign * way
                moved = [*vortices[:i], Vortex(x, y, vortex.charge), *vortices[i + 1 :]]
                ends.append(gas.energy(moved))
            result[i, axis] = (ends[1] - ends[0]) / (2 * step)
    return result


@pytest.mark.parametrize("rate", [0.0, 0.3])
def test_kernel_is_rounded_off_with_its_slope_and_integral(rate):
    kernel = VortexKernel(0.7, rate, core=1.5)
    r = np.linspace(0.05, 4.0, 2000)
    value, slope, bend = kernel.derivatives(r)
    assert np.allclose(np.gradient(value, r), slope * r, atol=2e-3)
    away = (abs(r - 1.5) > 0.01) & (r > 0.06) & (r < 3.99)
    assert np.allclose(np.gradient(slope, r)[away], (bend * r)[away], atol=2e-3)
    assert np.allclose(value[r > 1.5], kernel.bulk(r[r > 1.5]))
    lost = np.trapezoid((kernel.bulk(r) - value) * r, r)
    assert lost == pytest.approx(0.0, abs=0.01 * np.trapezoid(abs(value * r), r))


def test_image_force_in_a_disk():
    """Without screening a vortex at r in a disk has the energy 2 pi [c + ln((R^2 - r^2)/R)]."""
    gas = LondonGas(London(GinzburgLandau(space_of(Disk(16.0), 0.8), kappa=9.0, screening=False)))
    alone = [gas.energy([Vortex(r, 0.0, 1)]) for r in (0.0, 12.3)]
    assert (alone[1] - alone[0]) / (2 * np.pi) == pytest.approx(
        np.log(1 - (12.3 / 16) ** 2), abs=2e-3
    )
    force = gas.forces([Vortex(0.0, 12.3, -1)])[0] / (2 * np.pi)
    assert force == pytest.approx([0.0, 2 * 12.3 / (16**2 - 12.3**2)], abs=3e-3)


def test_energy_and_forces_with_inclusions():
    inclusions = ring_of_flow(12.0, 0.4)
    space = space_of(Disk(40.0), 1.5, inclusions)
    functional = GinzburgLandau(
        space, kappa=10.0, pseudo_gauge=pseudo_gauge_field(space, inclusions), applied_field=0.02
    )
    london = London(functional)
    gas = LondonGas(london)
    places = [(0, 0), (20, 5), (-7, 24), (3, -36), (9, -1)]
    nearest = [space.vertices[np.argmin(np.hypot(*(space.vertices[:, :2] - p).T))] for p in places]
    vortices = [Vortex(x, y, s) for (x, y, _), s in zip(nearest, (1, -1, 1, 1, -1), strict=True)]
    assert gas.energy(vortices) == pytest.approx(london.energy(vortices), rel=2e-3)
    assert gas.energy([]) == 0.0
    forces = gas.forces(vortices)
    assert np.allclose(forces, differences(gas, vortices), atol=1e-3 * abs(forces).max())


def sample_with(kind):
    """A functional of a sample that is not plain, and two places well inside it."""
    if kind == "cell":
        space = space_of(Cell(((30.0, 0.0), (12.0, 24.0))), 1.0)
        return GinzburgLandau(space, kappa=30.0), [(3.3, 4.1), (14.2, 11.9)]
    if kind == "strip":
        space = space_of(Strip(24.0, 11.0), 0.8)
        return GinzburgLandau(space, kappa=6.0), [(3.3, 2.1), (-4.2, -1.9)]
    hole = Hole(Disk(6.0), 1)
    space = space_of(Rectangle(40.0, 40.0), 1.0, ring_of_flow(8.0, 0.0))
    medium = make_medium(space, 1.0, [hole], [])
    return GinzburgLandau(space, kappa=6.0, medium=medium), [(12.1, 1.3), (-6.0, -11.1)]


@pytest.mark.parametrize("kind", ["cell", "strip", "hole"])
def test_forces_where_more_than_a_surface_acts(kind):
    functional, places = sample_with(kind)
    gas = LondonGas(London(functional, [1] if kind == "hole" else []))
    vortices = [Vortex(*place, charge) for place, charge in zip(places, (1, -1), strict=True)]
    forces = gas.forces(vortices)
    assert np.allclose(forces, differences(gas, vortices), atol=1e-3 * abs(forces).max())


def test_a_pair_in_a_cell_sees_all_images():
    functional, places = sample_with("cell")
    gas = LondonGas(London(functional))
    one, other = (Vortex(*place, 1) for place in places)
    found = gas.energy([one, other]) - gas.energy([one]) - gas.energy([other])
    steps = np.stack(np.meshgrid(*[np.arange(-16, 17)] * 2), axis=-1).reshape(-1, 2)
    images = steps @ functional.space.lattice.matrix + np.subtract(*places)
    expected = 4 * np.pi * k0(np.hypot(*images.T) / 30.0).sum()
    assert found == pytest.approx(expected, rel=2e-3)


def test_vortices_relax_or_leave():
    """Two of one sign find their equilibrium; those near the surface and a close pair vanish."""
    gas = LondonGas(London(GinzburgLandau(square(40.0, 40), kappa=8.0, applied_field=0.06)))
    start = [
        *(Vortex(-4.0, 1.0, 1), Vortex(5.0, -2.0, 1)),
        *(Vortex(0.3, 18.9, -1), Vortex(12.0, 12.0, 1), Vortex(13.0, 12.4, -1)),
    ]
    relaxed = gas.relax(start)
    assert [vortex.charge for vortex in relaxed] == [1, 1]
    assert gas.energy(relaxed) < gas.energy(start)
    assert abs(gas.forces(relaxed)).max() < 2e-3
    (one, other) = ((vortex.x, vortex.y) for vortex in relaxed)
    assert np.add(one, other) == pytest.approx([0.0, 0.0], abs=0.1)  # a tenth of a cell
    # a force balance of its own: the drive of the field and the repulsion, by differences
    assert np.allclose(differences(gas, relaxed), 0.0, atol=5e-3)
    assert k1(np.hypot(*np.subtract(one, other)) / 8.0) > 0.1  # they do repel
    assert gas.relax([]) == []


def test_annealing_finds_both_signs():
    """Above the pair threshold: no worse than what is proposed, and the same for a seed."""
    inclusions = ring_of_flow(12.0, 1.0)
    space = space_of(Rectangle(44.0, 44.0), 1.5, inclusions)
    flow = pseudo_gauge_field(space, inclusions)
    london = London(GinzburgLandau(space, kappa=10.0, pseudo_gauge=flow))
    gas = LondonGas(london)
    annealing = LondonAnnealing(gas, places=300)
    found = annealing.run(seed=4)
    assert {vortex.charge for vortex in found} == {1, -1}
    assert gas.energy(found) <= gas.energy(propose(london))
    assert annealing.run(seed=4) == found
    # vortices that cost more are fewer, and those of the other sign have lost partners
    fewer = annealing.run(seed=4, core=CoreEnergies(positive=12.0))
    assert charges(fewer).count(1) < charges(found).count(1)
    assert charges(fewer).count(-1) <= charges(found).count(-1)
    # close to where they were there is nothing much better, far away nothing to gain
    again = annealing.run(seed=5, near=np.array([(v.x, v.y) for v in found]))
    assert gas.energy(again) == pytest.approx(gas.energy(found), rel=0.03)
    assert annealing.run(seed=5, near=np.array([[19.0, 19.0]])) == []


def charges(vortices):
    return [vortex.charge for vortex in vortices]


def test_core_energies_are_fitted_to_minima():
    """From energies made with known ones; where nothing is known there is nothing beyond London."""
    rng = np.random.default_rng(2)

    def minimum(positive, negative):
        london = -4.0 * (positive + negative) + rng.normal()
        vortices = [Vortex(0.0, 0.0, sign) for sign in [1] * positive + [-1] * negative]
        return london + 2.5 * positive + 1.5 * negative - 700.0, london, vortices

    assert fitted([]) == (0.0, 0.0)
    assert fitted([minimum(0, 0)]) == pytest.approx((0.0, 0.0))
    minima = [minimum(p, n) for p, n in [(0, 0), (20, 10), (24, 10), (22, 14), (25, 15)]]
    core = fitted(minima)
    assert core == pytest.approx((2.5, 1.5), abs=0.1)
    assert core.of(minima[1][2]) == pytest.approx(20 * core.positive + 10 * core.negative)
    # a state far above the others that does not fit is of no weight
    assert fitted([*minima, (0.0, *minima[1][1:])]) == pytest.approx(core, abs=0.2)


def test_annealing_in_a_cell_keeps_its_flux():
    """Pairs enter beside the two vortices of the flux."""
    inclusions = ring_of_flow(7.0, 0.9)
    space = space_of(Cell(((26.0, 0.0), (0.0, 26.0)), 2), 1.5, inclusions)
    flow = pseudo_gauge_field(space, inclusions)
    gas = LondonGas(London(GinzburgLandau(space, kappa=10.0, pseudo_gauge=flow)))
    found = LondonAnnealing(gas, places=150).run(seed=1)
    assert sum(vortex.charge for vortex in found) == 2
    assert len(found) > 2
    assert gas.energy(found) < gas.energy(gas.relax([Vortex(0, 0, 1), Vortex(13, 13, 1)]))


def test_no_vortices_anneal_where_none_gains():
    weak = GinzburgLandau(square(24.0, 16), kappa=5.0, applied_field=0.01)
    type_one = GinzburgLandau(square(24.0, 16), kappa=0.3, applied_field=0.5)
    for functional in (weak, type_one):
        assert LondonAnnealing(LondonGas(London(functional))).run(seed=0) == []
