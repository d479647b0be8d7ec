"""Forms assembled again and again while few of their coefficients change."""

from __future__ import annotations

from typing import Any

import numpy as np
from dolfinx import cpp
from petsc4py import PETSc


class Assembler:
    """Assembles compiled forms, and packs only those of their coefficients that have changed.

    To pack all of them anew takes about as long as a kernel, the longer the less the mesh fits into
    a cache. Forms with the same coefficients share what is packed.
    """

    def __init__(self) -> None:
        self._forms: dict[int, tuple[Any, _Table | None]] = {}
        self._tables: dict[tuple[int, ...], _Table] = {}
        self._gatherers: dict[int, _Gatherer] = {}

    def scalar(self, form: Any) -> float:
        """Return this rank's share of a form without arguments."""
        return float(cpp.fem.assemble_scalar(form._cpp_object, *self._packed(form)))

    def vector(self, vector: PETSc.Vec, form: Any) -> None:
        """Overwrite a vector with ghosts with a linear form; collective."""
        with vector.localForm() as local:
            local.set(0.0)
            cpp.fem.assemble_vector(local.array_w, form._cpp_object, *self._packed(form))
        vector.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)

    def matrix(self, matrix: PETSc.Mat, form: Any) -> None:
        """Overwrite a matrix with a bilinear form; collective."""
        matrix.zeroEntries()
        cpp.fem.petsc.assemble_matrix(matrix, form._cpp_object, *self._packed(form), [])
        matrix.assemble()

    def _packed(self, form: Any) -> tuple[np.ndarray, dict[Any, np.ndarray]]:
        """Return the constants and the coefficients of a form, as DOLFINx wants them."""
        compiled = form._cpp_object
        constants = cpp.fem.pack_constants(compiled)
        if id(compiled) not in self._forms:
            self._forms[id(compiled)] = compiled, self._table(compiled)
        table = self._forms[id(compiled)][1]
        packed = table.current() if table else cpp.fem.pack_coefficients(compiled)
        return constants, packed

    def _table(self, compiled: Any) -> _Table | None:
        """Return a table, None for a form that needs more than one with a row for every cell."""
        integrals = list(cpp.fem.pack_coefficients(compiled))
        topology = compiled.mesh.topology
        cells = topology.index_map(topology.dim).size_local
        whole = len(integrals) == 1 and len(compiled.domains(*integrals[0])) == cells
        if not whole or not compiled.coefficients:
            return None
        key = tuple(map(id, compiled.coefficients))
        if key not in self._tables:
            gatherers = [self._gatherer(function, cells) for function in compiled.coefficients]
            if any(gatherer.mixed for gatherer in gatherers):
                return None
            self._tables[key] = _Table(integrals[0], gatherers)
        return self._tables[key]

    def _gatherer(self, function: Any, cells: int) -> _Gatherer:
        if id(function) not in self._gatherers:
            self._gatherers[id(function)] = _Gatherer(function, cells)
        return self._gatherers[id(function)]


class _Table:
    """The coefficients of a form in all cells, (cells, dofs of all coefficients)."""

    def __init__(self, integral: Any, gatherers: list[_Gatherer]) -> None:
        self._integral, self._gatherers = integral, gatherers
        widths = [gatherer.width for gatherer in gatherers]
        self._values = np.empty((gatherers[0].cells, sum(widths)))
        self._parts = np.split(self._values, np.cumsum(widths)[:-1], axis=1)
        self._seen = [np.full_like(gatherer.function.x.array, np.nan) for gatherer in gatherers]

    def current(self) -> dict[Any, np.ndarray]:
        """Return the table; what is no longer as it was seen last is gathered again."""
        for gatherer, seen, part in zip(self._gatherers, self._seen, self._parts, strict=True):
            now = gatherer.function.x.array
            if not np.array_equal(now, seen):
                seen[:] = now
                gatherer.gather(part)
        return {self._integral: self._values}


class _Gatherer:
    """Brings the unknowns of a function to the cells.

    Attributes:
        function: the function, of the compiled part of DOLFINx.
        cells, width: shape of what is gathered.
        mixed: whether a cell sees more than unknowns with signs, which is not gathered here.

    """

    def __init__(self, function: Any, cells: int) -> None:
        space = function.function_space
        # integers of the machine's width: numpy gathers with others at a third of the speed
        numbers, block = space.dofmap.map()[:cells].astype(np.intp), space.dofmap.bs
        self.function = function
        self.cells, self.width = cells, numbers.shape[1] * block
        self._numbers = (block * numbers[..., None] + np.arange(block)).reshape(cells, self.width)
        signs = _turned(space, np.ones((cells, self.width)))
        count = np.arange(1.0, self.width + 1)
        self.mixed = not np.array_equal(_turned(space, signs * count), np.tile(count, (cells, 1)))
        self._signs = signs if space.element.needs_dof_transformations else np.ones((1, 1))

    def gather(self, values: np.ndarray) -> None:
        """Write the unknowns that each cell sees into ``values`` (cells, width)."""
        np.multiply(self.function.x.array[self._numbers], self._signs, out=values)


def _turned(space: Any, values: np.ndarray) -> np.ndarray:
    """Turn unknowns (cells, dofs of a cell) of the mesh's entities into those of each cell."""
    result = values.copy()
    if values.size and space.element.needs_dof_transformations:
        topology = space.mesh.topology
        topology.create_entity_permutations()
        turns = topology.get_cell_permutation_info()[: len(values)]
        space.element.T_apply(result.ravel(), turns, 1)
    return result
