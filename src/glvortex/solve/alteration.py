"""A state with some vortices taken out and others put in, the rest of it left as it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem import petsc as fem_petsc
from petsc4py import PETSc
from scipy.optimize import linear_sum_assignment

from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.linear import direct_solver
from glvortex.solve.london import Vortex

_SMALLEST = 0.05  # profile of a core that is taken out counts as no less than that


@dataclass(frozen=True)
class Change:
    """Vortices that leave a state and vortices that enter it."""

    out: tuple[Vortex, ...] = ()
    into: tuple[Vortex, ...] = ()

    @property
    def net_charge(self) -> int:
        """What it adds to the net charge."""
        return sum(v.charge for v in self.into) - sum(v.charge for v in self.out)


class Alteration:
    """Changes the vortices of what a functional holds; collective.

    The phase of a vortex that leaves is taken off f and that of one that enters is put on; then a
    smooth phase that vanishes where f is held takes the value that minimises the energy of the flow
    at the new |f|, a staying as it is. Samples that do not repeat, two dimensions.

    Args:
        functional: holds the state.
        held: True at this rank's vertices whose f must not change; None for nowhere.
        shores: (n, 2) points of the boundary of the sample, across which the net charge can change
            where f is held elsewhere.

    Attributes:
        open: whether the net charge can change.
    """

    def __init__(
        self,
        functional: GinzburgLandau,
        held: np.ndarray | None = None,
        shores: np.ndarray | None = None,
    ) -> None:
        self.open = held is None or (shores is not None and len(shores) > 0)
        self._shores = None if shores is None or not len(shores) else shores @ [1, 1j]
        space = functional.space
        self.functional = functional
        self._density = fem.Function(space.scalar)
        self._flow = fem.Function(space.vector_potential)
        self._ends = fem.Function(space.scalar)
        if held is None:  # chi is free up to a constant: zero at one vertex
            rows = np.array([0] if space.mesh.comm.rank == 0 and space.owned_vertices else [])
            held = np.zeros(len(space.vertices), dtype=bool)
            held[rows.astype(int)] = True
        self._held = np.flatnonzero(held).astype(np.int32)
        trial, test = ufl.TrialFunction(space.scalar), ufl.TestFunction(space.scalar)
        stiffness = self._density * ufl.inner(ufl.grad(trial), ufl.grad(test)) * ufl.dx
        right = -self._density * ufl.inner(self._flow, ufl.grad(test)) * ufl.dx
        self._left, self._right = fem.form(stiffness), fem.form(right)
        self._condition = fem.dirichletbc(self._ends, self._held)
        self._matrix = fem_petsc.create_matrix(self._left)
        self._solver = direct_solver(self._matrix)

    def make(self, change: Change) -> None:
        """Change the vortices."""
        functional, space = self.functional, self.functional.space
        old = functional.f.x.array.reshape(-1, 2) @ [1, 1j]
        core = np.sqrt(2 / functional.t)
        points = space.vertices[:, :2] @ [1, 1j]
        modulus, turn = np.abs(old), self._turn(points, change)
        for vortex in change.out:
            away = np.abs(points - complex(vortex.x, vortex.y))
            modulus /= np.maximum(away / np.hypot(away, core), _SMALLEST) ** abs(vortex.charge)
        modulus = np.minimum(modulus, max(np.sqrt(functional.t), np.abs(old).max(initial=0.0)))
        for vortex in change.into:
            away = np.abs(points - complex(vortex.x, vortex.y))
            modulus *= (away / np.hypot(away, core)) ** abs(vortex.charge)
        modulus[self._held] = np.abs(old)[self._held]
        theta = np.angle(old) + turn
        theta += self._smooth(theta, turn, modulus)
        new = modulus * np.exp(1j * theta)
        functional.f.x.array[:] = np.column_stack([new.real, new.imag]).ravel()

    def _turn(self, points: np.ndarray, change: Change) -> np.ndarray:
        """Phase that the change puts on f, whose cuts are short lines between its vortices."""
        charges = [(complex(v.x, v.y), v.charge) for v in change.into]
        charges += [(complex(v.x, v.y), -v.charge) for v in change.out]
        plus = [place for place, charge in charges for _ in range(charge)]
        minus = [place for place, charge in charges for _ in range(-charge)]
        rows, columns = linear_sum_assignment(np.abs(np.subtract.outer(plus, minus)))
        turn = np.zeros(len(points))
        for i, j in zip(rows, columns, strict=True):
            turn -= np.angle((points - plus[i]) * np.conj(points - minus[j]))
        for sign, places, paired in ((-1, plus, rows), (1, minus, columns)):
            for i in set(range(len(places))) - set(paired):
                turn += sign * self._alone(points, places[i])
        return turn

    def _alone(self, points: np.ndarray, place: complex) -> np.ndarray:
        """Angle about a place; the cut, with shores, goes out across the nearest one."""
        if self._shores is None:
            return np.angle(points - place)
        image = 2 * self._shores[np.argmin(np.abs(self._shores - place))] - place
        return np.angle((points - place) * np.conj(points - image))

    def _smooth(self, theta: np.ndarray, turn: np.ndarray, modulus: np.ndarray) -> np.ndarray:
        """The smooth phase: see the class."""
        functional, space = self.functional, self.functional.space
        steps = space.vertex_differences @ theta + space.edge_background
        felt = functional.a.x.array + functional.pseudo_gauge.x.array
        owned = space.owned_edges
        flow = np.angle(np.exp(1j * (steps + felt[:owned])))
        centre = modulus < 1e-3 * np.sqrt(functional.t)
        flow[abs(space.vertex_differences) @ centre > 0] = 0.0
        self._flow.x.array[:owned] = flow
        self._flow.x.scatter_forward()
        self._density.x.array[:] = np.maximum(modulus**2, 1e-3 * functional.t)
        self._ends.x.array[:] = -turn
        matrix = self._matrix
        matrix.zeroEntries()
        fem_petsc.assemble_matrix(matrix, self._left, bcs=[self._condition])
        matrix.assemble()
        right = fem_petsc.assemble_vector(self._right)
        fem_petsc.apply_lifting(right, [self._left], [[self._condition]])
        right.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
        fem_petsc.set_bc(right, [self._condition])
        solution = fem.Function(space.scalar)
        self._solver.setOperators(matrix)
        self._solver.solve(right, solution.x.petsc_vec)
        solution.x.scatter_forward()
        right.destroy()
        return np.asarray(solution.x.array)
