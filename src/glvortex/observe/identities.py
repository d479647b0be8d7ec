"""Identities that every converged state obeys, each with what it may miss (docs/theory.md, 8)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import ufl
from dolfinx import fem, la
from dolfinx.mesh import exterior_facet_indices
from mpi4py import MPI

from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.linear import lumped
from glvortex.fem.space import EDGES
from glvortex.observe.balance import FORCE, TORQUE, VIRIAL, Balance, Balances
from glvortex.observe.bulk import has_sources, stress
from glvortex.observe.vortices import hidden_charge
from glvortex.solve.cell_shape import TOLERANCE as SHAPE_TOLERANCE
from glvortex.solve.london import Vortex

_ROUNDING = 1e-10
_FIELD_TERMS = ("field", "magnetisation")  # those without the order parameter
_TERMS = ("condensation", "gradient", *_FIELD_TERMS)
_NO_PHASE = 1e-6  # |f| over its bulk value


@dataclass(frozen=True)
class Identity:
    """What should vanish in a state, and what it may be.

    Attributes:
        name: such as "fluxoid".
        value: left side less right side.
        scale: size of the terms that cancel.
        bound: of ``residual``.
        expected: where the bound comes from: "rounding", "convergence" (the gradient tolerance) or
            "mesh" (the square of the cell size).

    """

    name: str
    value: float
    scale: float
    bound: float
    expected: str

    @property
    def residual(self) -> float:
        """Value over scale."""
        return self.value / self.scale if self.scale else 0.0

    @property
    def holds(self) -> bool:
        """Whether the residual is within its bound."""
        return self.residual <= self.bound

    @property
    def warning(self) -> str:
        """What to say where it does not hold."""
        return (
            f"the identity '{self.name}' does not hold: its residual is {self.residual:.1e}, "
            f"where {self.expected} allows {self.bound:.1e}."
        )


def identities(
    functional: GinzburgLandau,
    vortices: Sequence[Vortex],
    *,
    gradient_tolerance: float = 1e-8,
    shape_relaxed: bool = False,
) -> tuple[Identity, ...]:
    """Check a state in two dimensions; collective.

    Args:
        functional: holds the state.
        vortices: those found in it.
        gradient_tolerance: to which the state has converged.
        shape_relaxed: whether the cell has taken its best shape.

    Only what applies is returned: a normal state has no fluxoid, a cell no torque; where somebody
    added a term to the energy the forces are not known.
    """
    balances = Balances(functional)
    # what the forces of a state that only rounding and tolerance set in motion add up to
    noise = gradient_tolerance**2 * functional.area
    known = set(functional.terms) == set(_TERMS)
    return (
        *_fluxoid(functional, balances.flux(), vortices),
        _current(functional, gradient_tolerance),
        *(_balances(functional, balances, noise) if known else ()),
        *([_shape(functional)] if shape_relaxed else []),
    )


def _fluxoid(
    functional: GinzburgLandau, flux: float, vortices: Sequence[Vortex]
) -> Iterable[Identity]:
    """Charges, also of holes, against flux of b + curl a~ less the phase along the boundary."""
    phases = _boundary_phases(functional)
    if phases is None:
        return
    sums = np.array([phases.sum(), np.abs(phases).sum()])
    phase, length = functional.space.mesh.comm.allreduce(sums, MPI.SUM) / (2 * np.pi)
    charge = sum(vortex.charge for vortex in vortices) + hidden_charge(functional)
    value = abs(charge - flux / (2 * np.pi) + phase)
    scale = max(1.0, abs(flux) / (2 * np.pi) + length)
    yield Identity("fluxoid", float(value), float(scale), _ROUNDING, "rounding")


def _boundary_phases(functional: GinzburgLandau) -> np.ndarray | None:
    """int (grad theta + a + a~).dl of this rank's boundary edges, the sample on their left.

    None if f vanishes somewhere on the boundary.
    """
    space = functional.space
    topology = space.mesh.topology
    for pair in ((1, 2), (2, 1)):
        topology.create_connectivity(*pair)
    facets = exterior_facet_indices(topology)
    cells = topology.connectivity(1, 2).array[topology.connectivity(1, 2).offsets[facets]]
    edges = topology.connectivity(2, 1).array.reshape(-1, 3)[cells]
    which = np.argmax(edges == facets[:, None], axis=1)
    tails, heads = np.array(EDGES[2])[which].T
    f = space.at_corners(functional.f)[cells]
    tail, head = (np.take_along_axis(f, ends[:, None], 1)[:, 0] for ends in (tails, heads))
    least = np.sqrt(functional.t) * _NO_PHASE
    if space.mesh.comm.allreduce(bool(np.any(abs(tail) <= least)), MPI.LOR):
        return None
    unknowns = (functional.a.x.array + functional.pseudo_gauge.x.array)[
        space.vector_potential.dofmap.list[cells]
    ]
    links = space.edge_signs[cells] * unknowns + space.background_integrals[cells]
    link = np.take_along_axis(links, which[:, None], 1)[:, 0]
    phases = np.angle(head * np.conj(tail) * np.exp(1j * link))
    # the reference cell's edges run as (1, 2), (0, 2), (0, 1), of which the second goes clockwise
    turn = np.sign(np.linalg.det(np.diff(space.corner_coordinates[cells], axis=1)))
    return np.asarray(phases * turn * np.array([1.0, -1.0, 1.0])[which])


def _current(functional: GinzburgLandau, tolerance: float) -> Identity:
    """Divergence of the current at every vertex: the derivative along gauge transformations.

    The energy is exactly gauge invariant, so that the divergence at a vertex equals the energy's
    derivative with its phase: it is at most the tolerance times the largest |f|.
    """
    space, comm = functional.space, functional.space.mesh.comm
    pairs = sum(term for name, term in functional.terms.items() if name not in _FIELD_TERMS)
    current = fem.assemble_vector(fem.form(ufl.derivative(pairs, functional.a)))
    current.scatter_reverse(la.InsertMode.add)
    divergence = fem.Function(space.scalar)
    divergence.x.array[:] = space.vertex_differences.T @ current.array[: space.owned_edges]
    divergence.x.scatter_reverse(la.InsertMode.add)
    n = space.owned_vertices
    square = float(np.sum(divergence.x.array[:n] ** 2 / lumped(space)[:n]))
    value = np.sqrt(comm.allreduce(square, MPI.SUM) / functional.area)
    flow = functional.inside * functional.interpolant.current
    square = functional.integrate(fem.form(ufl.inner(flow, flow) * functional.dx))
    scale = max(2 * np.sqrt(square / functional.area), tolerance)
    f = functional.f.x.array.reshape(-1, 2)
    largest = comm.allreduce(float(np.hypot(*f.T).max(initial=0.0)), MPI.MAX)
    bound = float(tolerance * largest / scale) + _ROUNDING
    return Identity("current conservation", float(value), float(scale), bound, "convergence")


def _balances(functional: GinzburgLandau, balances: Balances, noise: float) -> Iterable[Identity]:
    """What holds up to the square of the cell size."""
    lattice = functional.space.lattice
    flows = {"force": FORCE}
    if lattice is None:  # nothing that repeats can be turned or stretched
        flows |= {"torque": TORQUE, "virial": VIRIAL}
    for name, flow in flows.items():
        yield _from_mesh(f"{name}, order parameter", balances.condensate(flow), noise)
    if functional.screening:
        for name, flow in flows.items():
            yield _from_mesh(f"{name}, field", balances.field(flow), noise)
        if lattice is None or len(lattice.periods) == 1:
            yield _from_mesh("magnetic moment", balances.ampere(), noise)
        elif _self_dual(functional):
            for name, found in zip(("energy", "density"), balances.self_dual(), strict=True):
                yield _from_mesh(f"self-dual {name}", found, noise)


def _self_dual(functional: GinzburgLandau) -> bool:
    """Whether a cell is uniform, at kappa = 1/sqrt2, and below Hc2."""
    lattice = functional.space.lattice
    return (
        lattice is not None
        and bool(np.isclose(functional.kappa, np.sqrt(0.5), rtol=1e-12))
        and 0 < abs(lattice.mean_field) < functional.t
        and functional.medium is None
        and not has_sources(functional)
    )


def _from_mesh(name: str, found: Balance, noise: float) -> Identity:
    scale = max(found.scale, noise)
    return Identity(name, found.value, scale, found.error / scale + _ROUNDING, "mesh")


def _shape(functional: GinzburgLandau) -> Identity:
    """Shear stress of a cell that has taken its best shape."""
    found = stress(functional)
    value = max(abs(found[0, 0] - found[1, 1]), abs(found[0, 1] + found[1, 0]))
    scale = sum(abs(energy) for energy in functional.budget().values())
    return Identity("shear stress", float(value), float(scale), SHAPE_TOLERANCE, "convergence")
