"""The gauge-covariant discretisation: order parameter at vertices, vector potential on edges.

On a simplex with barycentric coordinates ``lambda_i`` the order parameter is interpolated as

    f_h(x) = sum_i f_i lambda_i(x) exp(-i S_i(x)),    S_i(x) = A(x).(x - x_i)

where ``A = a + a~`` is the lowest-order Nedelec field the pairs feel and ``S_i`` its exact integral
along the straight line from ``x_i`` to ``x`` (A is affine with a skew gradient G). The covariant
derivative is then

    D f_h = sum_i f_i exp(-i S_i) [grad lambda_i + i lambda_i G (x - x_i)]

Both change by the phase of a gauge transformation and nothing else, so the energy is exactly gauge
invariant. The same code serves triangles and tetrahedra.

In a magnetic cell (`glvortex.geometry.lattice`) the potential of the mean field is added to A,
which stays affine with a skew gradient, and the values f_i of a cell are those of the vertices
times one constant phase for each corner, its twist.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

import basix.ufl
import numpy as np
import scipy.sparse
import ufl
from dolfinx import fem
from dolfinx.mesh import Mesh

from glvortex.compat import geometry_dofmap, reshaped_space
from glvortex.geometry.lattice import Lattice

# Edges of the reference triangle and tetrahedron, in the order of the Nedelec unknowns.
EDGES = {
    2: ((1, 2), (0, 2), (0, 1)),
    3: ((2, 3), (1, 3), (1, 2), (0, 3), (0, 2), (0, 1)),
}


class Interpolant(NamedTuple):
    """UFL expressions of f_h and its covariant derivative at a point, real and imaginary parts."""

    re: Any
    im: Any
    grad_re: Any
    grad_im: Any

    @property
    def density(self) -> Any:
        """|f|^2."""
        return self.re**2 + self.im**2

    @property
    def gradient_density(self) -> Any:
        """|D f|^2."""
        return ufl.dot(self.grad_re, self.grad_re) + ufl.dot(self.grad_im, self.grad_im)

    @property
    def current(self) -> Any:
        """Im(f* D f) = |f|^2 (grad theta + A)."""
        return self.re * self.grad_im - self.im * self.grad_re


class CovariantSpace:
    """Unknowns of the covariant Ginzburg-Landau functional on an affine simplicial mesh.

    Attributes:
        mesh: simplicial mesh, lengths in xi.
        scalar: continuous piecewise linear scalars; their nodes are the vertices.
        order_parameter: space of f, two reals (Re, Im) per vertex. Seen from a cell, a function of
            this space is the constant (d+1, 2) array of its vertex values.
        weight: space of one real per vertex, seen from a cell as a constant (d+1,) array.
        vector_potential: lowest-order Nedelec space, one line integral per edge.
        corners: (d+1, d) coordinates of the corners of a cell (UFL).
        lattice: the periods of the mesh, None for a sample with a boundary all round.
        twist: (d+1,) array of phases by which f at a cell's corners exceeds f at its vertices, as
            a function; None where nothing is twisted.
        background: potential of the mean field of a cell (UFL), None where there is none.

    """

    def __init__(self, mesh: Mesh, lattice: Lattice | None = None) -> None:
        dim = mesh.geometry.dim
        self.mesh = mesh
        self.lattice = lattice
        self.scalar = fem.functionspace(mesh, ("Lagrange", 1))
        self.order_parameter = self._seen_from_cells((dim + 1, 2), (2,))
        self.weight = self._seen_from_cells((dim + 1,), None)
        self.vector_potential = fem.functionspace(mesh, ("N1curl", 1))
        self.corners = ufl.classes.CellVertices(mesh)
        self.twist = self.background = None
        if lattice is not None and lattice.flux_quanta:
            self.twist = self._per_cell(self.corner_twists)
            x, y = ufl.SpatialCoordinate(mesh)
            half = fem.Constant(mesh, lattice.mean_field / 2)
            self.background = ufl.as_vector([-half * y, half * x])

    def _per_cell(self, values: np.ndarray) -> fem.Function:
        """Return a function that is constant in each cell, of values (cells, ...)."""
        function = fem.Function(fem.functionspace(self.mesh, ("DG", 0, values.shape[1:])))
        function.x.array.reshape(values.shape)[function.function_space.dofmap.list[:, 0]] = values
        return function

    def _seen_from_cells(
        self, shape: tuple[int, ...], per_vertex: tuple[int, ...] | None
    ) -> fem.FunctionSpace:
        nodal = fem.functionspace(self.mesh, ("Lagrange", 1, per_vertex))
        element = basix.ufl.element("DG", self.mesh.basix_cell(), 0, shape=shape)
        return reshaped_space(self.mesh, element, nodal)

    @property
    def dim(self) -> int:
        """Dimension d of space."""
        return self.mesh.geometry.dim

    @cached_property
    def vertices(self) -> np.ndarray:
        """(n, 3) coordinates of this rank's vertices, owned ones first, then ghosts.

        In a cell those of the image in the home cell.
        """
        coordinates = self.scalar.tabulate_dof_coordinates()
        if self.lattice is not None:
            coordinates[:, :2] = self.lattice.split(coordinates[:, :2])[0]
        return coordinates

    @cached_property
    def corner_coordinates(self) -> np.ndarray:
        """(cells, d+1, d) coordinates of the corners of this rank's cells, ghosts included."""
        return self.mesh.geometry.x[geometry_dofmap(self.mesh)][..., : self.dim]

    @cached_property
    def corner_twists(self) -> np.ndarray:
        """(cells, d+1) values of ``twist``, zero where nothing is twisted."""
        if self.lattice is None:
            return np.zeros(self.corner_coordinates.shape[:2])
        return self.lattice.twist(*self.lattice.split(self.corner_coordinates))

    @cached_property
    def edge_background(self) -> np.ndarray:
        """(owned edges,) steps of the twist along an edge and integrals of the background."""
        tails, heads = np.array(EDGES[self.dim]).T
        steps = self.corner_twists[:, heads] - self.corner_twists[:, tails]
        result = np.zeros(self.owned_edges + self.vector_potential.dofmap.index_map.num_ghosts)
        dofs = self.vector_potential.dofmap.list
        result[dofs] = self.edge_signs * (steps + self.background_integrals)
        return result[: self.owned_edges]

    @cached_property
    def background_integrals(self) -> np.ndarray:
        """(cells, edges) integrals of the background as the reference cell has the edges."""
        tails, heads = np.array(EDGES[self.dim]).T
        start, end = self.corner_coordinates[:, tails], self.corner_coordinates[:, heads]
        half = self.lattice.mean_field / 2 if self.lattice is not None else 0.0
        return half * (start[..., 0] * end[..., 1] - start[..., 1] * end[..., 0])

    @cached_property
    def edge_signs(self) -> np.ndarray:
        """(cells, edges) +1 where an edge's unknown runs as the reference cell has the edge."""
        topology = self.mesh.topology
        cells = topology.connectivity(topology.dim, 0).array.reshape(-1, self.dim + 1)
        numbers = topology.index_map(0).local_to_global(cells.ravel()).reshape(cells.shape)
        ends = np.array(EDGES[self.dim])
        return np.where(numbers[:, ends[:, 0]] < numbers[:, ends[:, 1]], 1.0, -1.0)

    def at_corners(self, f: fem.Function) -> np.ndarray:
        """Complex (cells, d+1) values of an order parameter at the corners of this rank's cells."""
        values = f.x.array.reshape(-1, 2) @ [1, 1j]
        return values[self.scalar.dofmap.list] * np.exp(1j * self.corner_twists)

    @property
    def owned_vertices(self) -> int:
        """Number of vertices this rank owns."""
        return self.scalar.dofmap.index_map.size_local

    @property
    def owned_edges(self) -> int:
        """Number of edges this rank owns."""
        return self.vector_potential.dofmap.index_map.size_local

    @cached_property
    def vertex_differences(self) -> scipy.sparse.csr_matrix:
        """Sparse (owned edges, vertices) matrix: value at an edge's head less that at its tail."""
        gradient = fem.discrete_gradient(self.scalar, self.vector_potential)
        # the entries are 0 and +-1 but for rounding (DOLFINx 0.11)
        rows = (np.rint(gradient.data), gradient.indices, gradient.indptr)
        shape = (len(gradient.indptr) - 1, len(self.vertices))
        return scipy.sparse.csr_matrix(rows, shape=shape)[: self.owned_edges]

    def barycentric(self) -> tuple[list[Any], list[Any]]:
        """UFL expressions of the d+1 barycentric coordinates and their gradients."""
        inverse_jacobian = ufl.JacobianInverse(self.mesh)
        offset = ufl.SpatialCoordinate(self.mesh) - self.corners[0, :]
        gradients = [inverse_jacobian[k, :] for k in range(self.dim)]
        values = [ufl.dot(gradient, offset) for gradient in gradients]
        return [1 - sum(values), *values], [-sum(gradients[1:], gradients[0]), *gradients]

    def interpolant(self, f: Any, potential: Any) -> Interpolant:
        """Return f_h and D f_h of vertex values f in the field ``potential`` (UFL).

        That is a + a~, and in a cell with flux its ``background``.
        """
        x = ufl.SpatialCoordinate(self.mesh)
        skew = ufl.grad(potential)
        zero = ufl.as_vector([0.0] * self.dim)
        re, im, grad_re, grad_im = 0.0, 0.0, zero, zero
        for i, (value, gradient) in enumerate(zip(*self.barycentric(), strict=True)):
            arm = x - self.corners[i, :]
            angle = ufl.dot(potential, arm)
            if self.twist is not None:
                angle -= self.twist[i]
            cos, sin = ufl.cos(angle), ufl.sin(angle)
            f_re = f[i, 0] * cos + f[i, 1] * sin
            f_im = f[i, 1] * cos - f[i, 0] * sin
            twist = value * ufl.dot(skew, arm)
            re, im = re + value * f_re, im + value * f_im
            grad_re += f_re * gradient - f_im * twist
            grad_im += f_im * gradient + f_re * twist
        return Interpolant(re, im, grad_re, grad_im)
