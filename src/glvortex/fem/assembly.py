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
        packed = cpp.fem.pack_coefficients(compiled)
        topology = compiled.mesh.topology
        cells = topology.index_map(topology.dim).size_local
        whole = len(packed) == 1 and len(compiled.domains(*next(iter(packed)))) == cells
        if not whole or not compiled.coefficients:
            return None
        key = tuple(map(id, compiled.coefficients))
        if key not in self._tables:
            columns = [_Column(function, cells) for function in compiled.coefficients]
            if any(column.mixed for column in columns):
                return None
            self._tables[key] = _Table(next(iter(packed)), columns)
        return self._tables[key]


class _Table:
    """The coefficients of a form in all cells, (cells, dofs of all coefficients)."""

    def __init__(self, integral: Any, columns: list[_Column]) -> None:
        self._integral, self._columns = integral, columns
        widths = [column.width for column in columns]
        self._values = np.empty((columns[0].cells, sum(widths)))
        self._parts = np.split(self._values, np.cumsum(widths)[:-1], axis=1)

    def current(self) -> dict[Any, np.ndarray]:
        """Return the table, brought up to date."""
        for column, values in zip(self._columns, self._parts, strict=True):
            column.update(values)
        return {self._integral: self._values}


class _Column:
    """What a table holds of one coefficient, and how it is gathered.

    Attributes:
        cells, width: rows and columns that it has in a table.
        mixed: whether its values in a cell are more than its unknowns with signs.

    """

    def __init__(self, function: Any, cells: int) -> None:
        space = function.function_space
        numbers, block = space.dofmap.map()[:cells].astype(np.intp), space.dofmap.bs
        self._function = function
        self._numbers = (block * numbers[..., None] + np.arange(block)).reshape(cells, -1)
        self._gathered = np.full_like(function.x.array, np.nan)
        self.cells, self.width = self._numbers.shape
        signs = _turned(space, np.ones((cells, self.width)))
        count = np.arange(1.0, self.width + 1)
        self.mixed = not np.array_equal(_turned(space, signs * count), np.tile(count, (cells, 1)))
        self._signs = signs if space.element.needs_dof_transformations else np.ones((1, 1))

    def update(self, values: np.ndarray) -> None:
        """Bring the columns up to date if the coefficient is not what it was."""
        now = self._function.x.array
        if not np.array_equal(now, self._gathered):
            self._gathered[:] = now
            np.multiply(now[self._numbers], self._signs, out=values)


def _turned(space: Any, values: np.ndarray) -> np.ndarray:
    """Turn unknowns (cells, dofs of a cell) of the mesh's entities into those of each cell."""
    result = values.copy()
    if space.element.needs_dof_transformations:
        topology = space.mesh.topology
        topology.create_entity_permutations()
        turns = topology.get_cell_permutation_info()[: len(values)]
        space.element.T_apply(result.ravel(), turns, 1)
    return result
