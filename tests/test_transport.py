"""A current through a strip, driven by a slab of Dirac electrons."""

import numpy as np
import pytest
import ufl
from dolfinx import fem
from scipy.constants import eV

from functionals import parallelogram, square
from glvortex.errors import ParameterError
from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.transport import transport_term
from glvortex.geometry.lattice import Lattice
from glvortex.micro.weyl import DiracSlab, current, gradient_profile, potential_gradient
from glvortex.micro.weyl.drive import boundary_field_step, boundary_fields, sheet_current
from glvortex.solve.minimiser import minimise
from glvortex.solve.starts import imprint
from glvortex.solve.system import System

KAPPA, WIDTH = 2.0, 20.0


def driven(step):
    """A strip along y that carries a current."""
    space = parallelogram(Lattice(((0.0, 1.0),)), (160, 8), width=WIDTH)
    functional = GinzburgLandau(space, kappa=KAPPA)
    functional.terms["transport"] = transport_term(functional, step)
    imprint(functional)
    minimise(System(functional), gradient_tolerance=1e-10)
    return functional


def test_current_of_a_dirac_slab_drives_a_strip():
    """Lattice to field step to superconductor; b = -step/2 sinh(x/kappa)/sinh(w/2 kappa)."""
    slab = DiracSlab(gradient_profile(1.6, 6, 6), sites=6)
    flow = float(current(slab, potential_gradient(0.1, 0.0, 1.0, 6), accuracy=1e-2).value)
    sheet = float(sheet_current(flow, 1.0 * eV, 5e-10))
    assert sheet == pytest.approx(flow * 1.602177e-19 * 1.519267e15 / 5e-10, rel=1e-5)  # A/m
    step = float(boundary_field_step(sheet, 1.0))
    assert step > 0.0 and step == pytest.approx(4e-7 * np.pi * sheet, rel=1e-6)
    functional = driven(step)
    x = ufl.SpatialCoordinate(functional.space.mesh)[0] - WIDTH / 2
    moment = functional.integrate(fem.form(functional.b * x * ufl.dx))
    half = WIDTH / 2
    exact = -step * KAPPA * (half / np.tanh(half / KAPPA) - KAPPA)
    assert moment == pytest.approx(exact, rel=2e-3)
    flux = functional.integrate(fem.form(functional.b * ufl.dx))
    assert abs(flux) < 1e-6 * abs(moment)


def test_fields_at_the_sides():
    left, right = boundary_fields(0.1, 1e5, 2.0)
    assert left - right == pytest.approx(4e-7 * np.pi * 1e5 / 2.0, rel=1e-6)
    assert left + right == pytest.approx(0.2)
    with pytest.raises(ParameterError, match="upper_critical_field"):
        boundary_field_step(1.0, 0.0)
    with pytest.raises(ParameterError, match="mean"):
        boundary_fields(np.nan, 1.0, 1.0)


def test_only_strips_with_screening():
    with pytest.raises(ParameterError, match="strip"):
        transport_term(GinzburgLandau(square(4.0, 2), kappa=2.0), 0.1)
    space = parallelogram(Lattice(((0.0, 1.0),)), (4, 4), width=4.0)
    with pytest.raises(ParameterError, match="screening"):
        transport_term(GinzburgLandau(space, kappa=2.0, screening=False), 0.1)
