"""Vortices of a state: cells around which the phase winds, made gauge invariant by the links."""

from __future__ import annotations

import numpy as np
from dolfinx import fem

from glvortex.fem.energy import GinzburgLandau
from glvortex.solve.london import Vortex

_NORMAL = 1e-6  # |f| over its bulk value, below which a cell counts as normal


def find_vortices(functional: GinzburgLandau) -> list[Vortex]:
    """Return the vortices of the current state, sorted by position; the same list on every rank.

    A cell holds charge q (positive = flux along +z) if the gauge-invariant phase differences of its
    edges, each taken in (-pi, pi], add up to its flux of a + a~ less 2 pi q. The position is the
    zero of the order parameter's interpolant. Cells where |f| vanishes at every corner, as in a
    normal region, have no phase and hold no vortex; neither do cells of holes, whose quanta
    `glvortex.observe.fluxoids` counts. Two dimensions.
    """
    f, x, link, turns = _cells(functional)
    charge = np.rint(turns).astype(int) * ~_phaseless(functional, f)
    found = [
        (*_zero(f[cell], x[cell], link[cell]), int(charge[cell])) for cell in np.flatnonzero(charge)
    ]
    everywhere = [row for rows in functional.space.mesh.comm.allgather(found) for row in rows]
    return [Vortex(*row) for row in sorted(everywhere)]


def cell_turns(functional: GinzburgLandau) -> np.ndarray:
    """Return what each cell this rank owns adds to the charge inside a loop around many cells.

    It is the charge of the cell where f has a phase at all corners. Where it has none the sum over
    the cells inside a loop still is the number of fluxoid quanta of the loop, if it has one there.
    """
    return _cells(functional)[-1]


def hidden_charge(functional: GinzburgLandau) -> int:
    """Quanta of fluxoid where no vortex can be seen, in holes and normal regions; collective."""
    f, _, _, turns = _cells(functional)
    hidden = float(turns[_phaseless(functional, f)].sum())
    return round(functional.space.mesh.comm.allreduce(hidden))


def _phaseless(functional: GinzburgLandau, f: np.ndarray) -> np.ndarray:
    """Whether cells with the corner values f are in holes or normal."""
    result = np.abs(f).max(axis=1) <= _NORMAL * np.sqrt(max(functional.t, 0.0))
    if functional.medium is not None:
        result |= functional.medium.inside.x.array[: len(f)] == 0.0
    return result


def _cells(
    functional: GinzburgLandau,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Corner values of f, corners, link integrals and turns of the cells this rank owns."""
    space = functional.space
    mesh = space.mesh
    cells = mesh.topology.index_map(mesh.topology.dim).size_local
    f = space.at_corners(functional.f)[:cells]
    x = space.corner_coordinates[:cells]
    link = _link_integrals(functional, x)

    steps = np.roll(f, -1, axis=1) * np.conj(f) * np.exp(1j * link)
    # -0.0 would have the angle pi on both sides of an edge, where opposite angles have to cancel
    phases = np.where(steps == 0, 0.0, np.angle(steps))
    orientation = np.sign(np.linalg.det(np.diff(x, axis=1)))
    return f, x, link, orientation * (link - phases).sum(axis=1) / (2 * np.pi)


def _link_integrals(functional: GinzburgLandau, x: np.ndarray) -> np.ndarray:
    """Line integrals of a + a~ along the edges 0-1, 1-2, 2-0 of a cell, shape (cells, 3)."""
    mesh = functional.space.mesh
    at_corners = fem.Expression(
        functional.potential, np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    )
    cells = np.arange(len(x), dtype=np.int32)
    potential = at_corners.eval(mesh, cells).reshape(x.shape)
    # the field is affine with a skew gradient: its component along an edge is the same all along it
    return np.einsum("cij,cij->ci", potential, np.roll(x, -1, axis=1) - x)


def _zero(f: np.ndarray, x: np.ndarray, link: np.ndarray) -> tuple[float, float]:
    """Position of the interpolant's zero in one cell, in the gauge in which its links are even."""
    excess = link - link.mean()
    # phases that take the uneven part of the links out of the corner values
    gauge = np.array([0.0, excess[0], excess[0] + excess[1]])
    g = f * np.exp(1j * (gauge - gauge.mean()))
    system = np.array([g.real, g.imag, np.ones(3)])
    weights = np.linalg.lstsq(system, np.array([0.0, 0.0, 1.0]), rcond=None)[0]
    weights = np.clip(weights, 0.0, 1.0)
    position = weights @ x / weights.sum()
    return float(position[0]), float(position[1])
