"""Magnetic cells: opposite sides are one line, and f and a repeat up to a gauge transformation."""

from itertools import pairwise

import numpy as np
import pytest
import ufl
from dolfinx import fem
from dolfinx.mesh import create_unit_square, exterior_facet_indices
from mpi4py import MPI

from functionals import parallelogram
from glvortex.compat import geometry_dofmap
from glvortex.errors import ParameterError
from glvortex.fem.energy import GinzburgLandau
from glvortex.geometry.lattice import Lattice
from glvortex.geometry.wrapped import wrapped_mesh
from glvortex.observe.vortices import find_vortices
from glvortex.solve.london import Vortex
from glvortex.solve.minimiser import minimise
from glvortex.solve.starts import imprint
from glvortex.solve.system import System

OBLIQUE = ((4.0, 0.5), (-1.0, 5.0))


def random_state(space, seed=0):
    """A functional far from any minimum, the same state for the same mesh."""
    functional = GinzburgLandau(space, kappa=2.0)
    rng = np.random.default_rng(seed)
    functional.f.x.array[:] = rng.standard_normal(functional.f.x.array.size)
    functional.a.x.array[:] = 0.3 * rng.standard_normal(functional.a.x.array.size)
    return functional


def test_a_wrapped_mesh_has_no_boundary():
    lattice = Lattice(OBLIQUE)
    space = parallelogram(lattice, (6, 7))
    topology = space.mesh.topology
    topology.create_connectivity(1, 2)
    assert len(exterior_facet_indices(topology)) == 0
    assert space.scalar.dofmap.index_map.size_global == 6 * 7
    assert space.vector_potential.dofmap.index_map.size_global == 3 * 6 * 7
    area = fem.assemble_scalar(fem.form(fem.Constant(space.mesh, 1.0) * ufl.dx))
    assert area == pytest.approx(lattice.area, rel=1e-12)


def test_sides_that_do_not_match_are_refused():
    flat = create_unit_square(MPI.COMM_SELF, 4, 4)
    points, cells = flat.geometry.x[:, :2].copy(), geometry_dofmap(flat)
    for periods in (((1, 0), (0, 1)), ((1, 0),)):
        wrapped_mesh(MPI.COMM_SELF, points, cells, Lattice(periods))
    points[np.argmin(np.hypot(points[:, 0] - 1, points[:, 1] - 0.5))] += [0, 0.02]
    for periods in (((1, 0), (0, 1)), ((1, 0),)):
        with pytest.raises(ParameterError, match="opposite sides"):
            wrapped_mesh(MPI.COMM_SELF, points, cells, Lattice(periods))
    with pytest.raises(ParameterError, match="three triangles"):
        parallelogram(Lattice(OBLIQUE), (2, 3))


@pytest.mark.parametrize("quanta", [1, -2, 3])
def test_the_energy_does_not_know_where_the_cell_was_cut(quanta):
    """Cells cut along other lines: the same vertices, energies and states, twisted anew."""
    lattice = Lattice(OBLIQUE, quanta)
    here = GinzburgLandau(parallelogram(lattice, (6, 7)), kappa=2.0)
    there = GinzburgLandau(parallelogram(lattice, (6, 7), origin=(2, -3)), kappa=2.0)
    vortices = [Vortex(1.1, 2.3, int(np.sign(quanta)))] * abs(quanta)
    vortices += [Vortex(2.4, 1.5, 1), Vortex(0.7, 4.0, -1)]
    energies = []
    for functional in (here, there):
        imprint(functional, vortices)
        energies.append(System(functional).energy())
    assert energies[0] == pytest.approx(energies[1], rel=1e-11)


def test_gauge_transformations_leave_the_energy():
    space = parallelogram(Lattice(OBLIQUE, 2), (6, 7))
    functional = random_state(space)
    system = System(functional)
    before = system.energy()
    chi = 10 * np.sin(np.arange(len(space.vertices)) ** 2)
    turned = (functional.f.x.array.reshape(-1, 2) @ [1, 1j]) * np.exp(-1j * chi)
    functional.f.x.array[:] = np.column_stack([turned.real, turned.imag]).ravel()
    functional.a.x.array[:] += space.vertex_differences @ chi
    assert system.energy() == pytest.approx(before, rel=1e-12)


@pytest.mark.parametrize("ratio", [0.3, 1.0, 4.0])
def test_the_phase_of_a_vortex_is_twisted_as_it_should(ratio):
    """Winding -1 round each vortex, and everywhere else a flow without jumps: no other vortices."""
    lattice = Lattice(((12.0, 0.0), (3.0, 12.0 * ratio)), 1)
    space = parallelogram(lattice, (36, int(36 * max(ratio, 0.5))))
    functional = GinzburgLandau(space, kappa=2.0)
    places = [Vortex(5.2, 2.9 * ratio, 2), Vortex(9.0, 7.7 * ratio, -1)]
    imprint(functional, places)
    found = find_vortices(functional)
    assert sum(v.charge for v in found) == 1
    for place in places:
        here = [(place.x - v.x, place.y - v.y) for v in found if v.charge * place.charge > 0]
        away = lattice.nearest_image(np.array(here))
        assert len(here) == abs(place.charge)
        assert np.hypot(*away.T).max() < 0.8


def test_flux_and_charges_must_agree():
    functional = GinzburgLandau(parallelogram(Lattice(OBLIQUE, 2), (6, 7)), kappa=2.0)
    with pytest.raises(ParameterError, match="add up to its 2 flux quanta, not to 1"):
        imprint(functional, [Vortex(1.0, 1.0, 1)])


@pytest.mark.parametrize(
    ("periods", "quanta", "words"),
    [
        (((1, 0), (2, 0)), 0, "parallel"),
        (((0, 0), (2, 0)), 0, "zero"),
        (((1, np.nan), (2, 0)), 0, "finite"),
        (((1, 0),), 2, "strip"),
        ((), 0, "one or two"),
    ],
)
def test_bad_lattices_are_refused(periods, quanta, words):
    with pytest.raises(ParameterError, match=words):
        Lattice(periods, quanta)


def test_a_triangular_lattice_by_richardson():
    """kappa 2, B 0.5: the energy density of an independent calculation to 1e-5 (extrapolated)."""
    side = np.sqrt(2 * np.pi / 0.5 * 2 / np.sqrt(3))
    lattice = Lattice(((side, 0.0), (side / 2, side * np.sqrt(3) / 2)), 1)
    energies = []
    for n in (10, 20, 40):
        functional = GinzburgLandau(parallelogram(lattice, (n, n)), kappa=2.0)
        imprint(functional, [Vortex(0.4 * side, 0.3 * side, 1)])
        energies.append(minimise(System(functional)).energy / lattice.area)
    first = [b + (b - a) / 3 for a, b in pairwise(energies)]
    assert first[1] + (first[1] - first[0]) / 15 == pytest.approx(0.889145, abs=2e-6)


def test_the_state_of_a_strip_repeats():
    """Meissner state of a film, b = b_a cosh(x/kappa)/cosh(w/2 kappa), and no edge along y."""
    strip = Lattice(((0.0, 1.0),))
    space = parallelogram(strip, (160, 8), origin=(-80, 0), width=20.0)
    functional = GinzburgLandau(space, kappa=2.0, applied_field=0.001)
    imprint(functional)
    minimise(System(functional), gradient_tolerance=1e-10)
    flux = functional.integrate(fem.form(functional.b * ufl.dx))
    assert flux == pytest.approx(0.001 * 2 * 2 * np.tanh(5.0), rel=1e-3)
