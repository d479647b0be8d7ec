"""What is compared: a check is one number beside its reference, a run computes some of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from mpi4py import MPI

from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.space import CovariantSpace
from glvortex.fem.transfer import carry_over
from glvortex.geometry.inclusions import Disks, Inclusions
from glvortex.geometry.mesh import make_mesh
from glvortex.geometry.sample import Sample
from glvortex.geometry.sizes import MeshSizes
from glvortex.solve.extrapolation import extrapolate
from glvortex.solve.minimiser import minimise
from glvortex.solve.system import System


@dataclass(frozen=True)
class Check:
    """One number and what it should be.

    Attributes:
        name: what it is, with the parameters.
        reference: exact, or known from elsewhere to the tolerance.
        result: as computed here.
        tolerance: largest relative error (absolute where the reference is 0).
        order: power of the mesh size with which the number converged, nan if none was measured.
    """

    name: str
    reference: float
    result: float
    tolerance: float
    order: float = math.nan

    @property
    def error(self) -> float:
        """Relative error; absolute where the reference is 0."""
        return abs(self.result - self.reference) / (abs(self.reference) or 1.0)

    @property
    def passed(self) -> bool:
        """Whether the error is within the tolerance."""
        return self.error <= self.tolerance


@dataclass(frozen=True)
class Run:
    """A computation that yields checks.

    Attributes:
        section: under which heading its checks are listed.
        title: what is computed.
        quick: whether the quick report holds it.
        checks: computes; collective.
    """

    section: str
    title: str
    quick: bool
    checks: Callable[[], Sequence[Check]]


def extrapolated(name: str, reference: float, values: Sequence[float], tolerance: float) -> Check:
    """Compare what numbers on refined meshes tend to."""
    found = extrapolate(values)
    return Check(name, reference, found.limit, tolerance, found.order)


def fine_disk(radius: float) -> Inclusions:
    """An inclusion without strength: its mesh follows the circle r = radius and is finer there."""
    width, zero = 1.0, np.zeros(1)
    return Disks(
        x=zero,
        y=zero,
        radius=np.array([radius + width / 2]),  # the core ends at the circle
        sign=np.ones(1),
        edge_width=width,
        edge_smoothing=width,
        pseudo_gauge=zero,
        magnetisation=zero,
    )


def functionals(
    sample: Sample,
    size: float,
    levels: int,
    *,
    inclusions: Inclusions | None = None,
    core_size: float | None = None,
    **parameters: float | bool,
) -> Iterator[GinzburgLandau]:
    """Yield the free energy on a mesh of the given size and on its refinements; collective."""
    inclusions = inclusions or Inclusions.none()
    sizes = MeshSizes.of(size, core_size, core_size, inclusions.edge_width)
    for level in range(levels):
        data = make_mesh(MPI.COMM_WORLD, sample, inclusions, sizes, refinements=level)
        space = CovariantSpace(data.mesh, sample.lattice)
        yield GinzburgLandau(space, **{"kappa": 1.0, **parameters})  # type: ignore[arg-type]


def states(
    meshes: Iterator[GinzburgLandau],
    begin: Callable[[GinzburgLandau], None],
    prescribe: Callable[[GinzburgLandau], None] = lambda functional: None,
) -> Iterator[GinzburgLandau]:
    """Relax one state on mesh after mesh, carried over from each to the next; collective.

    Args:
        meshes: see ``functionals``.
        begin: sets the start on the first mesh.
        prescribe: sets what is given, such as a fixed vector potential, on every mesh.

    """
    before = None
    for functional in meshes:
        if before is None:
            begin(functional)
        else:
            carry_over(before, functional)
        prescribe(functional)
        minimise(System(functional), gradient_tolerance=1e-8)
        yield functional
        before = functional
