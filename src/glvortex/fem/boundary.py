"""The closed curves that bound a plane sample: its outside and its holes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.sparse
from dolfinx import fem
from dolfinx import mesh as dolfinx_mesh

from glvortex.fem.energy import GinzburgLandau


@dataclass(frozen=True)
class Boundary:
    """One closed curve, run through with the enclosed area on the left.

    Attributes:
        area: enclosed by it, in xi^2.
        phase: gauge-invariant phase of the order parameter along it, int (grad theta + a + a~).dl.
        flux: int (a + a~).dl, in xi^2 Bc2.

    """

    area: float
    phase: float
    flux: float

    @property
    def vortices(self) -> int:
        """Net charge inside, positive = flux along +z (that is, less the winding of theta)."""
        return round((self.flux - self.phase) / (2 * np.pi))


class _Edge(NamedTuple):
    """A boundary edge: numbers and coordinates of its ends, what runs along it."""

    tail: int
    head: int
    start: list[float]
    end: list[float]
    phase: float
    link: float


def boundaries(functional: GinzburgLandau) -> list[Boundary]:
    """Return the boundary curves of a plane sample, the outermost first; the same on every rank.

    Where boundary curves touch in a vertex, they count as one.
    """
    edges = [e for rank in functional.space.mesh.comm.allgather(_edges(functional)) for e in rank]
    at: dict[int, list[int]] = {}
    for number, edge in enumerate(edges):
        for end in (edge.tail, edge.head):
            at.setdefault(end, []).append(number)
    left, curves = set(range(len(edges))), []
    while left:
        start = min(left)
        left.remove(start)
        curve, here = [(edges[start], 1)], edges[start].head
        while nexts := [n for n in at[here] if n in left]:
            left.remove(nexts[0])
            edge = edges[nexts[0]]
            forward = edge.tail == here
            curve.append((edge, 1 if forward else -1))
            here = edge.head if forward else edge.tail
        curves.append(_boundary(curve))
    return sorted(curves, key=lambda curve: -curve.area)


def _boundary(curve: list[tuple[_Edge, int]]) -> Boundary:
    area, phase, flux = 0.0, 0.0, 0.0
    for edge, sign in curve:
        (x, y), (x1, y1) = edge.start, edge.end
        area += sign * (x * y1 - x1 * y) / 2
        phase += sign * edge.phase
        flux += sign * edge.link
    turn = np.sign(area)
    return Boundary(float(turn * area), float(turn * phase), float(turn * flux))


def _edges(functional: GinzburgLandau) -> list[_Edge]:
    """Return this rank's boundary edges."""
    space = functional.space
    mesh = space.mesh
    mesh.topology.create_connectivity(1, 2)
    facets = dolfinx_mesh.exterior_facet_indices(mesh.topology)
    dofs = fem.locate_dofs_topological(space.vector_potential, 1, facets, remote=False)
    dofs = dofs[dofs < space.owned_edges]
    difference = space.vertex_differences[dofs]
    tails, heads = (_columns(difference, sign) for sign in (-1, 1))
    f = functional.f.x.array.reshape(-1, 2) @ [1, 1j]
    link = (functional.a.x.array + functional.pseudo_gauge.x.array)[dofs]
    phase = np.angle(f[heads] * np.conj(f[tails]) * np.exp(1j * link))
    number = space.scalar.dofmap.index_map.local_to_global
    rows = zip(
        number(tails).tolist(),
        number(heads).tolist(),
        space.vertices[tails, :2].tolist(),
        space.vertices[heads, :2].tolist(),
        phase.tolist(),
        link.tolist(),
        strict=True,
    )
    return [_Edge(*row) for row in rows]


def _columns(difference: scipy.sparse.csr_matrix, sign: int) -> np.ndarray:
    """Column of the entry ``sign`` in each row."""
    rows, columns = (difference == sign).nonzero()
    return columns[np.argsort(rows, kind="stable")].astype(np.int32)
