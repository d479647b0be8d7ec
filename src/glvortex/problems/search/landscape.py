"""What a search needs to know of a problem: its energy landscape on one group of ranks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from mpi4py import MPI
from scipy.spatial import cKDTree

from glvortex.fem.cellwise import CellValues, assign, gathered, input_index
from glvortex.fem.energy import GinzburgLandau
from glvortex.geometry.arrays import MeshArrays, MeshData, collect
from glvortex.problems.search.archive import Compare, pattern_distance
from glvortex.problems.search.symmetry import Symmetry
from glvortex.solve.calibration import CalibratedLondon
from glvortex.solve.cooling import Ramp
from glvortex.solve.london import Vortex
from glvortex.solve.starts import imprint
from glvortex.solve.system import System
from glvortex.solve.window import Whole, Window

_LARGE = 20_000  # unknowns from which on states are improved window by window
_WINDOW = 16_000  # unknowns of a window, about
_CORE = 0.6  # of the half width of a window: where vortices are changed
_OVERLAP = 0.6  # half width of a part over the distance of parts

Inside = Callable[[np.ndarray], np.ndarray]
Proposal = Callable[[], Sequence[Vortex]]


@dataclass
class Landscape:
    """A free energy, and how to get about in it.

    Attributes:
        mesh_data: the mesh.
        functional: the free energy, which holds the present state.
        inside: which of (n, 2) points may be vortices.
        proposals: vortices to start from, by name.
        symmetry: maps of states to states of equal energy.
        gradient_tolerance, max_steps: of the minimiser.
        in_holes: vortices that stand for what holes hold.
        centres: (n, 2) of parts of the sample that are alike, such as inclusions.
        london: returns the London problem, the same every time; None if there is none.
        ramp: along which the sample is cooled; None if it is not.
        build: sets up the free energy on part of the mesh; None where it cannot.
    """

    mesh_data: MeshData
    functional: GinzburgLandau
    inside: Inside
    proposals: Mapping[str, Proposal]
    symmetry: Symmetry
    gradient_tolerance: float = 1e-8
    max_steps: int = 200
    in_holes: tuple[Vortex, ...] = ()
    centres: np.ndarray | None = None
    london: Callable[[], CalibratedLondon] | None = None
    ramp: Ramp | None = None
    build: Callable[[MeshData], GinzburgLandau] | None = None

    def __post_init__(self) -> None:
        self._windows: dict[int, Window] = {}

    @property
    def comm(self) -> MPI.Intracomm:
        """The ranks that share the work."""
        return self.functional.space.mesh.comm

    @cached_property
    def system(self) -> System:
        """Gradient and Hessian."""
        return System(self.functional)

    @property
    def quanta(self) -> int | None:
        """Net charge of every state, where it is given: in a cell."""
        lattice = self.functional.space.lattice
        fixed = lattice is not None and len(lattice.periods) == 2
        return lattice.flux_quanta if lattice is not None and fixed else None

    @cached_property
    def distance(self) -> Compare:
        """How far two patterns of vortices are from one another."""
        lattice = self.functional.space.lattice
        free = lattice is not None and self.centres is None
        return pattern_distance(lattice, free=free)

    @cached_property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Smallest and largest coordinates of the sample."""
        points = self.mesh.points
        return points.min(axis=0), points.max(axis=0)

    @cached_property
    def mesh(self) -> MeshArrays:
        """The whole mesh, on every rank."""
        found = self.comm.bcast(collect(self.mesh_data))
        assert found is not None
        return found

    def begin(self, vortices: Sequence[Vortex]) -> None:
        """Hold the London state of some vortices; collective."""
        imprint(self.functional, [*vortices, *self.in_holes])

    def state(self) -> CellValues:
        """Return the state of the whole sample on every rank; collective."""
        return self.comm.bcast(gathered(self.functional))

    def hold(self, state: CellValues) -> None:
        """Hold the state of the whole sample."""
        here = input_index(self.functional.space)
        assign(self.functional, CellValues(state.f[here], state.a[here]))

    @property
    def alterable(self) -> bool:
        """Whether single vortices of a state can be changed, the rest of it left as it is."""
        return self.functional.medium is None and self.functional.space.lattice is None

    @cached_property
    def large(self) -> bool:
        """Whether it takes less time to improve a state window by window than as a whole."""
        return self.build is not None and self.system.size > _LARGE

    @property
    def unfit(self) -> tuple[str, ...]:
        """Kinds of trials that do not go with this: without symmetry, or a cooling that is long."""
        missing = {
            "symmetric": len(self.symmetry) == 1,
            "image": len(self.symmetry) == 1,
            "annealed": self.london is None,
            "mixed": self.london is None,
            "cooled": self.large or self.ramp is None,
        }
        return tuple(kind for kind, is_missing in missing.items() if is_missing)

    @cached_property
    def half_width(self) -> float:
        """Of a window, in xi."""
        low, high = self.bounds
        if not self.large:
            return float((high - low).max())
        return float(np.sqrt(np.prod(high - low) * _WINDOW / self.system.size) / 2)

    @cached_property
    def parts(self) -> np.ndarray:
        """Middles (n, 2) of the parts in which states are changed, each in a window about it."""
        if self.centres is not None:
            return self.centres
        low, high = self.bounds
        counts = np.ceil((high - low) / self.half_width).astype(int)
        axes = [
            a + (np.arange(n) + 0.5) * (b - a) / n
            for a, b, n in zip(low, high, counts, strict=True)
        ]
        grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2)
        return grid[self.inside(grid)] if len(grid) > 1 else grid

    @cached_property
    def core(self) -> float:
        """Half width of a part, in which vortices are changed; parts overlap, as windows do."""
        if len(self.parts) == 1:
            return self.half_width
        nearest = cKDTree(self.parts).query(self.parts, k=2)[0][:, 1]
        return min(_CORE * self.half_width, _OVERLAP * float(np.median(nearest)))

    def window(self, number: int) -> Whole:
        """The window about a part; collective."""
        if not self.large:
            return self._whole
        if number not in self._windows:
            assert self.build is not None
            middles = self.mesh.points[self.mesh.cells].mean(axis=1)
            near = np.abs(middles - self.parts[number]).max(axis=1) < self.half_width
            self._windows[number] = Window(self.mesh, np.flatnonzero(near), self.build, self.comm)
        return self._windows[number]

    @cached_property
    def _whole(self) -> Whole:
        return Whole(self.system)

    def lowest_of(self, patterns: Sequence[Sequence[Vortex]]) -> Sequence[Vortex]:
        """Return the vortices whose London state has the lowest energy, unrelaxed; collective."""
        if len(patterns) == 1:
            return patterns[0]
        energies = []
        for vortices in patterns:
            self.begin(vortices)
            energies.append(round(self.system.energy(), 6))
        return patterns[int(np.argmin(energies))]
