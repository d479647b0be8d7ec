"""Refined meshes, states carried over to them, and the order at which energies converge."""

import numpy as np
import pytest
from mpi4py import MPI

from glvortex.compat import geometry_dofmap
from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.space import CovariantSpace
from glvortex.fem.transfer import carry_over
from glvortex.geometry.inclusions import Disks, Inclusions
from glvortex.geometry.mesh import MeshSizes, make_mesh
from glvortex.geometry.sample import Cell, Disk, Rectangle, Strip
from glvortex.observe.vortices import find_vortices
from glvortex.output.runs.checkpoint import read_checkpoint, write_checkpoint
from glvortex.solve.london import Vortex
from glvortex.solve.minimiser import minimise
from glvortex.solve.starts import imprint
from glvortex.solve.system import System

CELL = Cell(((6.0, 0.0), (2.0, 7.0)), 2)
ONE = Disks(
    x=np.array([0.5]),
    y=np.array([-0.3]),
    radius=np.array([1.5]),
    sign=np.ones(1),
    edge_width=1.0,
    edge_smoothing=0.1,
    pseudo_gauge=np.ones(1),
    magnetisation=np.zeros(1),
)


def mesh(sample, size, refinements=0, inclusions=None):
    inclusions = inclusions or Inclusions.none()
    return make_mesh(
        MPI.COMM_WORLD,
        sample,
        inclusions,
        MeshSizes(size, min(size, 0.5), size),
        refinements=refinements,
    )


def functional(sample, size, refinements=0, **parameters):
    space = CovariantSpace(mesh(sample, size, refinements).mesh, sample.lattice)
    return GinzburgLandau(space, **({"kappa": 2.0} | parameters))


def in_order(data):
    """Corners and tags of the cells in their input order."""
    order = np.argsort(data.mesh.topology.original_cell_index)
    corners = data.mesh.geometry.x[geometry_dofmap(data.mesh)[order]][..., :2]
    return corners, data.cell_tags.values[order]


@pytest.mark.parametrize("sample", [Disk(4.0), Rectangle(7, 8), CELL, Strip(8.0, 6.0)])
def test_the_four_quarters_of_a_triangle_follow_it(sample):
    coarse, tags = in_order(mesh(sample, 1.0, inclusions=ONE))
    fine, fine_tags = in_order(mesh(sample, 1.0, 1, inclusions=ONE))
    assert (fine_tags.reshape(-1, 4) == tags[:, None]).all()
    middles = fine.reshape(-1, 4, 3, 2).mean(axis=(1, 2))
    # new points on a circle leave the chord by the height of the arc
    np.testing.assert_allclose(middles, coarse.mean(axis=1), atol=0.03)


def test_refined_disks_fill_the_circle():
    sample = Disk(4.0)
    missing = [
        sample.area - GinzburgLandau(CovariantSpace(mesh(sample, 1.0, n).mesh), kappa=1.0).area
        for n in (0, 1, 2)
    ]
    assert missing[0] / missing[1] == pytest.approx(4, rel=0.01)
    assert missing[1] / missing[2] == pytest.approx(4, rel=0.01)


@pytest.mark.parametrize("sample", [Rectangle(5, 6), CELL])
def test_the_transfer_is_gauge_covariant(sample):
    """A gauge transformation before the transfer changes nothing after it."""
    coarse, fine = functional(sample, 1.0), functional(sample, 1.0, 1)
    space = coarse.space
    chi = 3 * np.sin(2 * space.vertices[:, 0]) + np.cos(5 * space.vertices[:, 1])
    imprint(coarse, [Vortex(1, 1, 1), Vortex(2, 2.5, 1)])
    carry_over(coarse, fine)
    plain = System(fine).energy()
    assert plain == pytest.approx(System(coarse).energy(), rel=0.2)  # both far from smooth
    f = (coarse.f.x.array.reshape(-1, 2) @ [1, 1j]) * np.exp(-1j * chi)
    coarse.f.x.array[:] = np.column_stack([f.real, f.imag]).ravel()
    coarse.a.x.array[:] += space.vertex_differences @ chi
    carry_over(coarse, fine)
    assert System(fine).energy() == pytest.approx(plain, rel=1e-12)


def test_energies_of_a_curved_sample_converge_with_order_two():
    """A vortex in a disk: order 2 in h, and two extrapolations agree to 1e-6."""
    energies, before = [], None
    for refinements in range(3):
        here = functional(Disk(4.0), 0.6, refinements, kappa=1.0, applied_field=0.7)
        if before is None:
            imprint(here, [Vortex(0.0, 0.0, 1)])
        else:
            carry_over(before, here)
        certificate = minimise(System(here))
        assert certificate.newton_steps < 10
        assert [vortex.charge for vortex in find_vortices(here)] == [1]
        energies.append(certificate.energy)
        before = here
    steps = np.diff(energies)
    assert np.log2(steps[0] / steps[1]) == pytest.approx(2.0, abs=0.05)


def test_checkpoints_of_a_cell(tmp_path):
    """Both images of a vertex on a side come back, each with its twist."""
    data = mesh(CELL, 1.0)
    state, fresh = (
        GinzburgLandau(CovariantSpace(data.mesh, CELL.lattice), kappa=2.0) for _ in range(2)
    )
    imprint(state, [Vortex(1, 1, 1), Vortex(2, 2.5, 1)])
    write_checkpoint(tmp_path / "state.h5", data, state)
    read_checkpoint(tmp_path / "state.h5", MPI.COMM_WORLD).restore(fresh)
    assert System(fresh).energy() == pytest.approx(System(state).energy(), rel=1e-13)
    np.testing.assert_allclose(fresh.f.x.array, state.f.x.array, atol=1e-14)
