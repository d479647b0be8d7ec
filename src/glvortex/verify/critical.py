"""Fields and currents at which superconductivity begins and ends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np
from dolfinx import fem
from mpi4py import MPI

from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.space import CovariantSpace
from glvortex.geometry.inclusions import Inclusions
from glvortex.geometry.mesh import make_mesh
from glvortex.geometry.sample import Cell, Disk, Rectangle, Strip
from glvortex.geometry.sizes import MeshSizes
from glvortex.material.superheating import superheating_field
from glvortex.material.surface_nucleation import disk_nucleation, surface_critical_field
from glvortex.solve.entry import depairing, entry_field
from glvortex.solve.nucleation import nucleation_field
from glvortex.verify.checks import Check, Run, extrapolated, functionals

SECTION = "4. Critical fields and currents"

_SURFACE = 1.694610439917623
_DISKS = {
    1.0: (2.859534516, 0),
    2.0: (2.108001304, 2),
    4.0: (1.862951953, 11),
    6.0: (1.797202925, 26),
}
_SIZES = {1.0: 0.1, 2.0: 0.2, 4.0: 0.12, 6.0: 0.15}  # of the coarsest meshes, in xi
_DEPTH = 10.0  # xi, over which the mode at a plane surface has decayed


def spectral() -> Sequence[Check]:
    """Radial and one-dimensional spectral solutions."""
    checks = [Check("Hc3/Hc2, spectral", _SURFACE, surface_critical_field(), 1e-12)]
    for radius, (field, vortices) in _DISKS.items():
        found = disk_nucleation(radius)
        checks.append(Check(f"nucleation, R {radius:g} xi, spectral", field, found.field, 1e-9))
        checks.append(Check(f"winding, R {radius:g} xi, spectral", vortices, found.winding, 0.0))
    return checks


def superheating() -> Sequence[Check]:
    """The half plane's superheating field in Hc, extrapolated in 1/sqrt(kappa) to large kappa."""
    kappas = np.array([100.0, 400.0, 1600.0])
    fields = [math.sqrt(2) * kappa * superheating_field(kappa).field for kappa in kappas]
    limit = np.polyval(np.polyfit(kappas**-0.5, fields, 2), 0.0)
    return [Check("superheating field over Hc, large kappa", math.sqrt(5) / 3, float(limit), 1e-4)]


def slab() -> Sequence[Check]:
    """The same in one dimension, for finite kappa, with finite elements: a slab of 20 lambda."""
    kappa, fields = 1.0, []
    for functional in functionals(Strip(20.0, 1.0), 0.25, 3, kappa=kappa):
        fields.append(entry_field(functional).parameter)
    reference = superheating_field(kappa, modulated=False).field
    return [extrapolated("superheating field, slab, kappa 1", reference, fields, 1e-5)]


def depairing_current() -> Sequence[Check]:
    """The largest current of a uniform flow."""
    flows, currents = [], []
    cell = Cell(((1.0, 0.0), (0.0, 1.0)))
    for functional in functionals(cell, 0.125, 3, screening=False):
        along = fem.Function(functional.space.vector_potential)
        along.interpolate(lambda x: [1 + 0 * x[0], 0 * x[0]])
        found = depairing(functional, along)
        flows.append(found.flow)
        currents.append(found.current)
    return [
        extrapolated("depairing current", 2 / (3 * math.sqrt(3)), currents, 1e-6),
        extrapolated("flow there", 1 / math.sqrt(3), flows, 1e-6),
    ]


def disk(radius: float) -> Sequence[Check]:
    """Nucleation field and winding of a meshed disk."""
    reference, winding = _DISKS[radius]
    found = [nucleation_field(f) for f in functionals(Disk(radius), _SIZES[radius], 3)]
    label = f"R {radius:g} xi, finite elements"
    fields = [nucleation.field for nucleation in found]
    return [
        extrapolated(f"nucleation, {label}", reference, fields, 1e-6),
        Check(f"winding, {label}", winding, found[-1].vortices or 0, 0.0),
    ]


def plane_surface() -> Sequence[Check]:
    """Nucleation at a plane surface, with the wave number that the mode has at Hc3."""
    fields = []
    strip, size = Strip(_DEPTH, _DEPTH / 20), _DEPTH / 60
    for level in range(3):
        sizes = MeshSizes.of(size, None, None, 0.0)
        mesh = make_mesh(MPI.COMM_WORLD, strip, Inclusions.none(), sizes, refinements=level).mesh
        mesh.geometry.x[:, 0] += _DEPTH / 2  # a surface at x = 0: there the wave number is -1
        functional = GinzburgLandau(CovariantSpace(mesh, strip.lattice), kappa=1.0)
        functional.pseudo_gauge.interpolate(lambda x: [0 * x[0], 0 * x[0] - 1.0])
        fields.append(nucleation_field(functional).field)
    return [extrapolated("Hc3/Hc2, finite elements", _SURFACE, fields, 1e-6)]


def corner() -> Sequence[Check]:
    """A corner of 90 degrees: in a wide square the corners hardly feel each other."""
    fields = [nucleation_field(f).field for f in functionals(Rectangle(16.0, 16.0), 0.4, 3)]
    return [extrapolated("90-degree corner", 1.96, fields, 5e-3)]


RUNS = (
    Run(SECTION, "spectral", True, spectral),
    Run(SECTION, "plane surface", True, plane_surface),
    Run(SECTION, "depairing", True, depairing_current),
    Run(SECTION, "superheating, half plane", False, superheating),
    Run(SECTION, "superheating, slab", False, slab),
    *(
        Run(SECTION, f"disk, R {radius:g} xi", radius < 2.0, partial(disk, radius))
        for radius in _DISKS
    ),
    Run(SECTION, "corner", False, corner),
)
