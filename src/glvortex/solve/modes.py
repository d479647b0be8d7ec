"""The lowest modes of a stationary state: eigenpairs of its Hessian modulo gauge.

With screening every gauge transformation chi leaves the energy alone, so that the directions

    G chi = (df, da) = (i chi f, -grad chi)

are null vectors of the Hessian H. The physical modes are those orthogonal to all of them in the
mass M, ``(M G)^T x = 0`` (background gauge), and no gauge fixing must disturb their values. They
are the finite eigenvalues of the pencil

    ( H         M G )     ( M  0 )
    ( (M G)^T  -W/s )     ( 0  0 )

with the vertex volumes W and a large s: eliminating its second row gives H + s (M G) W^-1 (M G)^T,
which leaves physical modes alone and lifts gauge directions out of sight. Without screening only
the global phase is null; it is deflated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse
from petsc4py import PETSc

from glvortex.fem.linear import lumped
from glvortex.solve.eigen import Eigenpairs, Pencil
from glvortex.solve.system import System

_LIFT = 1e6  # s above, times what |f|^2 and the gradient of chi make of it


@dataclass(frozen=True)
class Modes:
    """The lowest modes of a stationary state, normalised to int |df|^2 + |da|^2 = 1
    (the first part over the sample without its holes).

    The second variation of the energy along a mode is its value, so that a negative one is a way
    down and zero a soft mode.

    Attributes:
        values: (count,) eigenvalues of the Hessian modulo gauge, ascending.
        f: (count, n, 2) changes of the order parameter at this rank's own vertices.
        a: (count, m) changes of the vector potential on its own edges; m = 0 without screening.
        residuals: (count,) norms of H x - value M x.

    """

    values: np.ndarray
    f: np.ndarray
    a: np.ndarray
    residuals: np.ndarray

    @property
    def vectors(self) -> np.ndarray:
        """(count, unknowns) the modes as ``System.state`` has them."""
        return np.concatenate([self.f.reshape(len(self.f), -1), self.a], axis=1)


def lowest_modes(system: System, count: int) -> Modes:
    """Return the ``count`` lowest modes of the stationary state a system holds; collective.

    Raises:
        NotConvergedError: they could not be found.

    """
    hessian, mass = system.free_hessian(), _mass(system)
    if system.functional.screening:
        pairs = _modulo_gauge(system, hessian, mass, count)
    else:
        phase = _global_phase(system)
        null = [phase] if phase.norm() > 0 else []
        pairs = Pencil(hessian, mass, null=null).lowest(count)
    hessian.destroy()
    mass.destroy()
    owned = 2 * system.functional.space.owned_vertices
    own = system.gradient_vector.getLocalSize()
    f, a = pairs.vectors[:, :owned], pairs.vectors[:, owned:own]
    return Modes(pairs.values, f.reshape(count, -1, 2), a, pairs.residuals)


def _mass(system: System) -> PETSc.Mat:
    """M with the volumes of the sample alone: in holes there is no f that could change."""
    mass, functional = system.mass(), system.functional
    if functional.medium is not None:
        owned = functional.space.owned_vertices
        diagonal = mass.getDiagonal()
        diagonal.array[: 2 * owned] = np.repeat(lumped(functional.space, functional.inside), 2)[
            : 2 * owned
        ]
        mass.setDiagonal(diagonal)
        diagonal.destroy()
    return mass


def _modulo_gauge(system: System, hessian: PETSc.Mat, mass: PETSc.Mat, count: int) -> Eigenpairs:
    """Return the lowest eigenpairs of the pencil above; x comes first in its vectors."""
    directions = _gauge_directions(system)
    coupling = mass.matMult(directions)
    transposed = coupling.transpose(PETSc.Mat())
    owned = system.functional.space.owned_vertices
    volumes = system.metric.array_r[: 2 * owned : 2]
    blocks = [[hessian, coupling], [transposed, _diagonal(-volumes / _LIFT, system)]]
    masses = [[mass, None], [None, _diagonal(0 * volumes, system)]]
    whole, metric = (
        PETSc.Mat().createNest(nest, comm=system.comm).convert("aij") for nest in (blocks, masses)
    )
    always = system.functional.space.scalar.dofmap.index_map.size_global
    pairs = Pencil(whole, metric, negative=always).lowest(count)
    for thing in (whole, metric, directions, coupling, transposed):
        thing.destroy()
    return pairs


def _diagonal(values: np.ndarray, system: System) -> PETSc.Mat:
    n = len(values)
    start = system.functional.space.scalar.dofmap.index_map.local_range[0]
    csr = (np.arange(n + 1, dtype=PETSc.IntType), start + np.arange(n, dtype=PETSc.IntType), values)
    return PETSc.Mat().createAIJ(((n, None), (n, None)), csr=csr, comm=system.comm)


def _gauge_directions(system: System) -> PETSc.Mat:
    """Return G, sparse (unknowns, vertices)."""
    space = system.functional.space
    owned, vertices = space.owned_vertices, len(space.vertices)
    re, im = system.functional.f.x.array.reshape(-1, 2)[:owned].T
    turn = np.column_stack([-im, re]).ravel()
    rows, columns = np.arange(2 * owned), np.repeat(np.arange(owned), 2)
    local = scipy.sparse.vstack(
        [
            scipy.sparse.csr_matrix((turn, (rows, columns)), shape=(2 * owned, vertices)),
            -space.vertex_differences,
        ],
        format="csr",
    )
    number = space.scalar.dofmap.index_map.local_to_global
    columns = number(local.indices.astype(np.int32)).astype(PETSc.IntType)
    sizes = ((local.shape[0], None), (owned, None))
    csr = (local.indptr.astype(PETSc.IntType), columns, local.data)
    return PETSc.Mat().createAIJ(sizes, csr=csr, comm=system.comm)


def _global_phase(system: System) -> PETSc.Vec:
    """The direction i f."""
    vector = system.gradient_vector.duplicate()
    re, im = system.state().reshape(-1, 2).T
    vector.array[:] = np.column_stack([-im, re]).ravel()
    return vector
