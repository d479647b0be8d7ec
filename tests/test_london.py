"""The London field, its Green function and the vortices it proposes."""

import numpy as np
import pytest
from mpi4py import MPI
from scipy.special import k0

from functionals import square
from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.sources import magnetisation_field, pseudo_gauge_field
from glvortex.fem.space import CovariantSpace
from glvortex.geometry.inclusions import Disks, Inclusions
from glvortex.geometry.mesh import MeshSizes, make_mesh
from glvortex.geometry.sample import Cell, Disk, Strip
from glvortex.material.london_disk import MagnetisedDisk
from glvortex.observe.vortices import find_vortices
from glvortex.solve.london import London, Vortex
from glvortex.solve.minimiser import minimise
from glvortex.solve.proposal import propose
from glvortex.solve.starts import imprint
from glvortex.solve.system import System


def one_inclusion(radius, *, pseudo_gauge=0.0, magnetisation=0.0):
    one = np.ones(1)
    strength = {"pseudo_gauge": pseudo_gauge * one, "magnetisation": magnetisation * one}
    place = {"x": 0 * one, "y": 0 * one, "radius": radius * one}
    return Disks(**place, **strength, sign=one, edge_width=4.0, edge_smoothing=0.5)


def disk_space(radius, size, inclusions=None):
    inclusions = inclusions or Inclusions.none()
    sizes = MeshSizes.of(size, None, None, inclusions.edge_width)
    return CovariantSpace(make_mesh(MPI.COMM_SELF, Disk(radius), inclusions, sizes).mesh)


@pytest.mark.parametrize("source", ["magnetisation", "pseudo_gauge"])
def test_field_of_a_disk_against_its_closed_form(source):
    """h_eff = m^ - b of uniform m^; with a~ the same of h~ = -S0 inside the ring, less h~.

    The ring of a~ has kappa^2 S0 = a0 d; h_eff = K h~ - h~ with h~ a smooth disk.
    """
    kappa, radius = 10.0, 12.0
    strength = {"magnetisation": 0.01, "pseudo_gauge": 0.0}
    if source == "pseudo_gauge":
        strength = {"magnetisation": 0.0, "pseudo_gauge": 0.05}
    inclusions = one_inclusion(radius, **strength)
    space = disk_space(70.0, 2.0, inclusions)
    functional = GinzburgLandau(
        space,
        kappa=kappa,
        pseudo_gauge=pseudo_gauge_field(space, inclusions),
        magnetisation=magnetisation_field(space, inclusions),
    )
    h_eff = London(functional).field().x.array / kappa**2
    r = np.hypot(*space.vertices[:, :2].T)
    away = (np.abs(r - radius) > 4.0) & (r < 40.0)  # from the smooth edge and from the boundary
    if source == "magnetisation":
        strength, expected = 0.01, MagnetisedDisk(radius, 0.01, kappa).effective_field(r)
    else:
        strength = 0.05 * 4.0 / kappa**2
        radii = radius + 4.0 * (np.arange(8) - 3.5) / 8  # a~ over its width d = 4
        disks = [MagnetisedDisk(one, -strength, kappa).effective_field(r) for one in radii]
        expected = np.mean(disks, axis=0) + strength * (r < radius)
    error = np.abs(h_eff - expected)[away].max() / strength
    print(f"{source}: h_eff off by {error:.1e} of the source")
    assert error < 0.005


@pytest.mark.parametrize("place", [0.0, 6.0, 12.0])
def test_image_of_a_vortex_in_a_disk(place):
    """Without screening exp(G_reg) is the conformal radius (R^2 - r^2)/R."""
    space = disk_space(16.0, 0.8)
    london = London(GinzburgLandau(space, kappa=50.0, screening=False))
    x, y, _ = min(space.vertices, key=lambda vertex: np.hypot(vertex[0] - place, vertex[1]))
    _, regular = london.green(x, y)
    assert np.exp(regular) == pytest.approx((16.0**2 - x**2 - y**2) / 16.0, rel=0.005)


def test_proposed_vortices_are_minima_of_the_london_energy():
    """In a field above threshold vortices of the field's sign enter, and GL keeps them."""
    functional = GinzburgLandau(square(24.0, 32), kappa=5.0, applied_field=0.12)
    vortices = propose(London(functional))
    assert vortices and all(vortex.charge == 1 for vortex in vortices)
    imprint(functional)
    uniform = minimise(System(functional))
    imprint(functional, vortices)
    relaxed = minimise(System(functional))
    assert relaxed.energy < uniform.energy
    assert len(find_vortices(functional)) == len(vortices)


@pytest.mark.parametrize("screening", [True, False])
def test_a_lower_temperature_is_only_another_scale(screening):
    """t changes lengths by 1/sqrt t, fields by t and the energy by t: the states are the same."""
    results = []
    for t in (1.0, 0.25):
        functional = GinzburgLandau(
            square(16.0 / np.sqrt(t), 24),
            kappa=5.0,
            t=t,
            applied_field=0.2 * t,
            screening=screening,
        )
        vortices = propose(London(functional))
        imprint(functional, vortices)
        energy = minimise(System(functional), gradient_tolerance=1e-9 * t**2).energy
        results.append(([(v.x * np.sqrt(t), v.y * np.sqrt(t)) for v in vortices], energy / t))
    (places, energy), (places_at_t, energy_at_t) = results
    assert len(places) > 0
    assert np.allclose(places, places_at_t, atol=1e-5)
    assert energy_at_t == pytest.approx(energy, rel=1e-9)


def test_no_vortex_below_the_threshold():
    functional = GinzburgLandau(square(24.0, 16), kappa=5.0, applied_field=0.01)
    assert propose(London(functional)) == []


def test_no_vortex_in_a_type_one_superconductor():
    functional = GinzburgLandau(square(24.0, 16), kappa=0.3, applied_field=0.5)
    assert propose(London(functional)) == []


def test_no_more_vortices_than_there_is_room_for():
    functional = GinzburgLandau(square(12.0, 16), kappa=5.0, applied_field=50.0)
    assert 0 < len(propose(London(functional))) <= 12.0**2 / (2 * np.pi)


def test_imprinted_vortices_are_found_where_they_were_put():
    wanted = [Vortex(-5.3, 2.2, 1), Vortex(4.1, -3.7, -1), Vortex(6.2, 6.3, 1)]
    functional = GinzburgLandau(square(24.0, 40), kappa=5.0, applied_field=0.2)
    imprint(functional, wanted)
    found = find_vortices(functional)
    assert [vortex.charge for vortex in found] == [1, -1, 1]
    for vortex, place in zip(found, wanted, strict=True):
        assert np.hypot(vortex.x - place.x, vortex.y - place.y) < 0.1


def cell_space(lattice, size=1.0):
    mesh = make_mesh(MPI.COMM_SELF, lattice, Inclusions.none(), MeshSizes.of(size, None, None, 0.0))
    return CovariantSpace(mesh.mesh, lattice.lattice)


@pytest.mark.parametrize("kappa", [5.0, 30.0])
def test_the_green_function_of_a_cell_is_a_sum_over_images(kappa):
    cell = Cell(((30.0, 0.0), (12.0, 24.0)))
    space = cell_space(cell)
    vertices = space.vertices[:, :2]
    green, regular = London(GinzburgLandau(space, kappa=kappa)).green(*vertices[5])
    steps = np.arange(-int(kappa), int(kappa) + 1)
    images = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2) @ cell.lattice.matrix
    distance = np.hypot(*images.T)
    assert regular == pytest.approx(k0(distance[distance > 0] / kappa).sum(), abs=0.02)
    for i in (50, 200, len(vertices) - 1):
        all_images = np.hypot(*(images + vertices[i] - vertices[5]).T)
        assert green[i] == pytest.approx(k0(np.maximum(all_images, 1) / kappa).sum(), abs=0.02)


def test_a_strip_has_images_across_its_period():
    """As a wide rectangle has where the same vortex sits again and again."""
    strip = Strip(20.0, 9.0)
    space = cell_space(strip)
    point = space.vertices[np.argmin(np.hypot(*space.vertices[:, :2].T))]
    green, regular = London(GinzburgLandau(space, kappa=4.0)).green(*point[:2])
    three = cell_space(Strip(20.0, 27.0))
    london = London(GinzburgLandau(three, kappa=4.0))
    alone, alone_regular = london.green(*point[:2])
    others = sum(london.at(alone, Vortex(point[0], point[1] + way, 1)) for way in (-9.0, 9.0))
    assert regular == pytest.approx(alone_regular + others, abs=0.03)
    assert np.abs(green).max() < 5


@pytest.mark.parametrize("quanta", [0, -1])
def test_a_cell_gets_its_flux_and_pairs(quanta):
    """Both signs across a strong edge region, and as many more as the flux of the cell wants."""
    cell = Cell(((40.0, 0.0), (0.0, 40.0)), quanta)
    inclusions = one_inclusion(12.0, pseudo_gauge=1.0)
    sizes = MeshSizes.of(1.5, None, None, 4.0)
    space = CovariantSpace(make_mesh(MPI.COMM_SELF, cell, inclusions, sizes).mesh, cell.lattice)
    functional = GinzburgLandau(
        space, kappa=10.0, pseudo_gauge=pseudo_gauge_field(space, inclusions)
    )
    london = London(functional)
    vortices = propose(london)
    assert sum(vortex.charge for vortex in vortices) == quanta
    places = cell.lattice.nearest_image([(vortex.x, vortex.y) for vortex in vortices])
    charges = np.array([vortex.charge for vortex in vortices])
    assert (charges == 1).any()
    assert (inclusions.edge_distance(places[charges == 1]) < 0).all()
    assert (inclusions.edge_distance(places[charges == -1]) > 0).all()
    assert london.energy(vortices) < 0
    functional.pseudo_gauge.x.array[:] *= 0.3
    assert len(propose(London(functional))) == abs(quanta)
