"""Vortices as particles at any places of a London superconductor: energy, forces, relaxation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.spatial import cKDTree

from glvortex import interrupt
from glvortex.solve.london import London, Vortex
from glvortex.solve.london_images import LondonImages
from glvortex.solve.smooth import SmoothField
from glvortex.solve.vortex_kernel import VortexKernel

Floats = NDArray[np.float64]

_SURFACE = 1.0  # coherence lengths: a vortex nearer to the surface has left
_PAIR = 1.5  # coherence lengths: two of opposite sign nearer to each other are none
_MOST_ROUNDS = 200
_MOST_STEPS = 60  # of the minimiser in one round
_FORCE = 5e-5  # over 2 pi, in Bc^2 xi/mu0 per length: weaker ones move nothing


class _Cloud(NamedTuple):
    """Places (n, 2) and charges (n,) of vortices."""

    places: Floats
    charges: Floats

    def without(self, gone: NDArray[np.bool_]) -> _Cloud:
        """Return those that are left."""
        return _Cloud(self.places[~gone], self.charges[~gone])


class Vertices(NamedTuple):
    """Vertices of all ranks, in the same order on each: places (n, 2) and values (n,).

    Attributes:
        places: in xi.
        field: g.
        density: rho; core: rho e1.
        superconducting: 1 where a vortex may be.
    """

    places: Floats
    field: Floats
    density: Floats
    core: Floats
    superconducting: Floats

    def only(self, which: NDArray[np.bool_]) -> Vertices:
        """Return some of them."""
        return Vertices(*(values[which] for values in self))


class LondonGas:
    """Vortices at any places of a London problem; every method is collective.

    The energy is that of `London.energy`, up to the mesh:

        2 pi sum_i [s_i^2 rho e1 - 2 s_i g(r_i) + sum_j s_i s_j G_reg(r_i, r_j)
                    + sum_(j != i) s_i s_j K(r_i - r_j)]

    where G_reg comes from one linear solve for all vortices (`LondonImages`) and g is interpolated
    with a continuous slope. Kernels are rounded off within xi of a vortex.
    """

    def __init__(self, london: London, *, depairing: bool = False) -> None:
        self.london = london
        self.comm = london.space.mesh.comm
        self.images = LondonImages(london)
        self._core = london.coherence_length
        everywhere = self._gathered(london.field(depairing=depairing).x.array)
        self._field = SmoothField(everywhere.places, everywhere.field, london.space.lattice)
        self._vertices = everywhere.only(everywhere.superconducting > 0)
        self._tree = cKDTree(self._vertices.places)
        self._surface = _Surface(london)

    def _gathered(self, field: Floats) -> Vertices:
        london = self.london
        values = (field, london.density, london.core_energy, london.superconducting)
        here = np.column_stack([london.space.vertices[:, :2], *values])
        everything = np.vstack(self.comm.allgather(here[: london.space.owned_vertices]))
        everything = everything[np.lexsort(np.round(everything[:, :2], 9).T)]
        return Vertices(everything[:, :2], *everything[:, 2:].T)

    def candidates(self, depth: float) -> Vertices:
        """Return the superconducting vertices at least so deep, in xi of the temperature."""
        distance = self._surface.distance(self._vertices.places)
        return self._vertices.only(distance > depth * self._core)

    def kernels(self, points: Floats, places: Floats, density: float) -> Floats:
        """Return (points, places) K in material of a density, of all images of each place."""
        away = self.images.displacements(points, places)
        return self._kernel(density).value(np.sqrt((away**2).sum(axis=-1))).sum(axis=-1)

    def _kernel(self, density: float) -> VortexKernel:
        return VortexKernel(density, self.images.species(density).kernel.rate, self._core)

    def energy(self, vortices: Sequence[Vortex]) -> float:
        """What vortices add to the energy, in Bc^2 xi^2/mu0 per length."""
        return 2 * np.pi * self._energy(_cloud(vortices))[0]

    def forces(self, vortices: Sequence[Vortex]) -> Floats:
        """Return the forces (n, 2) on vortices, in Bc^2 xi/mu0 per length."""
        return -2 * np.pi * self._energy(_cloud(vortices))[1]

    def relax(self, vortices: Sequence[Vortex], *, force: float = _FORCE) -> list[Vortex]:
        """Let vortices move until hardly a ``force`` is left; the same list on every rank.

        Those that come within xi of the surface, a hole or a normal region leave, and two of
        opposite sign within 1.5 xi of each other annihilate; xi is that of the temperature.
        """
        cloud = _cloud(vortices)
        for _ in range(_MOST_ROUNDS):
            interrupt.check(self.comm)
            cloud = cloud.without(self._gone(cloud))
            if not len(cloud.charges):
                break
            reach = self._reach(cloud)
            before = cloud
            cloud, settled = self._descend(cloud, reach, force)
            moved = np.abs(cloud.places - before.places).max(axis=1)
            if settled and (moved < 0.99 * reach).all() and not self._gone(cloud).any():
                break
        cloud = cloud.without(self._gone(cloud))
        return vortices_at(self._home(cloud.places), cloud.charges)

    def _descend(self, cloud: _Cloud, reach: Floats, force: float) -> tuple[_Cloud, bool]:
        """Lower the energy with each vortex within its reach; say whether that has converged."""

        def objective(x: Floats) -> tuple[float, Floats]:
            energy, gradient = self._energy(_Cloud(x.reshape(-1, 2), cloud.charges))
            return energy, gradient.ravel()

        start = cloud.places.ravel()
        width = np.repeat(reach, 2)
        found = minimize(
            objective,
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=np.column_stack([start - width, start + width]),
            options={"maxiter": _MOST_STEPS, "gtol": force, "ftol": 1e-12, "maxcor": 20},
        )
        return _Cloud(found.x.reshape(-1, 2), cloud.charges), found.status == 0

    def _reach(self, cloud: _Cloud) -> Floats:
        """How far each may go before it is looked at again: not through a surface or another."""
        room = self._surface.distance(cloud.places)
        opposite = np.where(np.outer(cloud.charges, cloud.charges) < 0, 1.0, np.inf)
        pairs = (self._distances(cloud.places) * opposite).min(axis=1, initial=np.inf) / 2
        return np.clip(np.minimum(room, pairs) / 2, self._core, 10 * self._core)

    def _gone(self, cloud: _Cloud) -> NDArray[np.bool_]:
        """Which have left or annihilate."""
        gone = self._surface.distance(cloud.places) < _SURFACE * self._core
        distances = self._distances(cloud.places)
        first, second = np.nonzero(np.triu(distances < _PAIR * self._core))
        for pair in np.argsort(distances[first, second], kind="stable"):
            i, j = first[pair], second[pair]
            if cloud.charges[i] == -cloud.charges[j] and not (gone[i] or gone[j]):
                gone[[i, j]] = True
        return gone

    def _distances(self, places: Floats) -> Floats:
        """(n, n) distances to the nearest image of each other vortex, infinite on the diagonal."""
        away = places[:, None] - places
        if self.london.space.lattice is not None:
            away = self.london.space.lattice.nearest_image(away)
        distances = np.sqrt((away**2).sum(axis=-1))
        np.fill_diagonal(distances, np.inf)
        return distances

    def _home(self, places: Floats) -> Floats:
        lattice = self.london.space.lattice
        return places if lattice is None else lattice.split(places)[0]

    def _energy(self, cloud: _Cloud) -> tuple[float, Floats]:
        """Energy over 2 pi and its gradient (n, 2); on every rank the same."""
        if not len(cloud.charges):
            return 0.0, np.zeros((0, 2))
        places, charges = self._home(cloud.places), cloud.charges
        nearest = self._vertices.only(self._tree.query(places)[1])
        density, core = nearest.density, nearest.core
        g, slope = self._field(places)
        total, gradient = self.images.energy(places, charges, density)
        total += float(charges**2 @ core - 2 * charges @ g)
        gradient -= 2 * charges[:, None] * slope
        for rho in np.unique(density):
            own = density == rho
            species = self.images.species(rho)
            total += species.own * float((charges[own] ** 2).sum())
            energy, pull = self._pairs(rho, places, charges, np.flatnonzero(own))
            total += energy
            gradient += pull
        return total, gradient

    def _pairs(
        self, density: float, places: Floats, charges: Floats, own: NDArray[np.int64]
    ) -> tuple[float, Floats]:
        """Energy of all vortices in the kernels of some, and its gradient."""
        kernel, images = self._kernel(density), self.images.displacements(places, places[own])
        distance = np.sqrt((images**2).sum(axis=-1))
        weight = np.outer(charges, charges[own])
        weight[own, np.arange(len(own))] = 0.0
        value, slope, _ = kernel.derivatives(distance)
        pull = np.einsum("ijk,ijkd->ijd", slope * weight[..., None], images)
        gradient = pull.sum(axis=1)
        gradient[own] -= pull.sum(axis=0)
        return float((value.sum(axis=-1) * weight).sum()), gradient


def vortices_at(places: Floats, charges: NDArray[Any]) -> list[Vortex]:
    """Return the vortices of some places (n, 2) and charges (n,)."""
    x, y = places.T
    return [
        Vortex(float(x), float(y), int(charge)) for x, y, charge in zip(x, y, charges, strict=True)
    ]


def _cloud(vortices: Sequence[Vortex]) -> _Cloud:
    places = np.array([(vortex.x, vortex.y) for vortex in vortices], dtype=float).reshape(-1, 2)
    return _Cloud(places, np.array([vortex.charge for vortex in vortices], dtype=float))


class _Surface:
    """The edges of the mesh that bound the superconductor: the surface, holes, normal regions."""

    def __init__(self, london: London) -> None:
        space, medium = london.space, london.functional.medium
        bound = np.zeros(len(space.vertices), dtype=bool)
        bound[london.boundary_dofs] = True
        cells, corners = space.scalar.dofmap.list, space.corner_coordinates
        ends = np.array([[1, 2], [2, 0], [0, 1]])
        edges = [corners[:, ends][bound[cells[:, ends]].all(axis=2)]]
        if medium is not None:
            normal = medium.density.x.array[medium.density.function_space.dofmap.list[:, 0]] == 0.0
            edges.append(corners[normal][:, ends].reshape(-1, 2, 2))
        own = np.unique(np.round(np.concatenate(edges), 9), axis=0)
        everything = np.concatenate(space.mesh.comm.allgather(own))
        self._tails, self._along = everything[:, 0], everything[:, 1] - everything[:, 0]
        self._lattice = space.lattice

    def distance(self, places: Floats) -> Floats:
        """Distance of places (n, 2) to the nearest of the edges, infinite if there is none."""
        away = places[:, None] - self._tails
        if self._lattice is not None:
            away = self._lattice.nearest_image(away)
        length = np.maximum((self._along**2).sum(axis=1), 1e-300)
        along = np.clip((away * self._along).sum(axis=2) / length, 0.0, 1.0)
        nearest = away - along[..., None] * self._along
        return np.sqrt((nearest**2).sum(axis=2)).min(axis=1, initial=np.inf)
