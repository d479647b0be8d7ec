"""What is assembled in the joint space, of kept coefficients, is what DOLFINx assembles itself."""

import numpy as np
import pytest
import ufl
from dolfinx import fem, la

from functionals import box, noisy, parallelogram, square
from glvortex.fem.assembly import Assembler
from glvortex.fem.energy import GinzburgLandau
from glvortex.geometry.lattice import Lattice
from glvortex.solve.system import System

CELL = Lattice(((5.0, 0.0), (1.0, 4.0)), flux_quanta=1)


def gradient_by_blocks(functional: GinzburgLandau) -> np.ndarray:
    """The gradient [f, a] of this rank from one plain form for each unknown."""
    energy, blocks = sum(functional.terms.values()), []
    for u in functional.unknowns:
        dofmap = u.function_space.dofmap
        vector = la.vector(dofmap.index_map, dofmap.index_map_bs)
        fem.assemble_vector(vector.array, fem.form(ufl.derivative(energy, u)))
        vector.scatter_reverse(la.InsertMode.add)
        blocks.append(vector.array[: dofmap.index_map.size_local * dofmap.index_map_bs])
    return np.concatenate(blocks)


def shift(function: fem.Function) -> None:
    function.x.array[:] += np.random.default_rng(8).standard_normal(function.x.array.size)
    function.x.scatter_forward()


def shift_state(functional: GinzburgLandau) -> None:
    for u in functional.unknowns:
        shift(u)


def shift_sources(functional: GinzburgLandau) -> None:
    shift(functional.pseudo_gauge)
    shift(functional.magnetisation)


def shift_numbers(functional: GinzburgLandau) -> None:
    functional.t, functional.applied_field = -0.3, 0.9


@pytest.mark.parametrize("screening", [True, False])
@pytest.mark.parametrize(
    "space", [square(6.0, 5), box(3.0, 2), parallelogram(CELL, (4, 5))], ids=["2D", "3D", "cell"]
)
def test_energy_and_gradient_follow_whatever_changes(space, screening):
    functional = noisy(space, screening=screening)
    system, seen = System(functional), []
    for change in (lambda functional: None, shift_state, shift_sources, shift_numbers):
        change(functional)
        energy = system.energy()
        assert energy == pytest.approx(sum(functional.budget().values()), rel=1e-12)
        gradient = gradient_by_blocks(functional)
        error = np.abs(system.gradient().array_r - gradient).max(initial=0.0)
        assert error < 1e-12 * np.abs(gradient).max(initial=1.0)
        seen.append(energy)
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize("element", [("N1curl", 2), ("Lagrange", 2, (2,)), ("DG", 1, (2,))])
@pytest.mark.parametrize("measure", [ufl.dx, ufl.ds, ufl.dx + ufl.ds])
def test_coefficients_of_any_element_and_integral(element, measure):
    """Also of elements whose unknowns a cell may see in another order, and of the boundary."""
    space = square(3.0, 3)
    function = fem.Function(fem.functionspace(space.mesh, element))
    form = fem.form((function[0] * function[1] + 3 * function[0]) * measure)
    assembler = Assembler()
    for _ in range(3):
        shift(function)
        function.x.array[:] *= 2
        assert assembler.scalar(form) == pytest.approx(fem.assemble_scalar(form), rel=1e-12)
