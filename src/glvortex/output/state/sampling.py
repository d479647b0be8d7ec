"""Fields of a state as numbers: at the vertices of the mesh, at any point, on a grid of pixels."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.tri import LinearTriInterpolator, Triangulation
from numpy.typing import ArrayLike

from glvortex.errors import ParameterError
from glvortex.observe.stray_field import StrayField
from glvortex.output.drawing.layers import label
from glvortex.output.state.fields import FIELDS, Field, Floats, corner_values
from glvortex.output.state.gather import GatheredFields, gather
from glvortex.output.state.gauge import smooth_gauge
from glvortex.problems.setup import Setup
from glvortex.problems.solve import Solution

_MOST_PIXELS = 10_000


def gather_everywhere(solution: Solution) -> GatheredFields:
    """All fields on every rank, in the gauge of run folders; collective."""
    smooth_gauge(solution.functional)
    values = corner_values(solution.functional, solution.mesh_data.cell_tags)
    gathered = solution.mesh_data.mesh.comm.bcast(gather(solution.mesh_data, values))
    assert gathered is not None
    return gathered


def triangulation(fields: GatheredFields, setup: Setup) -> Triangulation:
    """The mesh for matplotlib, lengths in the problem's unit."""
    x, y = fields.points.T / setup.length_unit_in_xi
    return Triangulation(x, y, fields.cells)


def field_named(name: str) -> Field:
    """The row of `FIELDS` with this name.

    Raises:
        ParameterError: there is none.
    """
    for field in FIELDS:
        if field.name == name:
            return field
    names = ", ".join(field.name for field in FIELDS)
    raise ParameterError(f'there is no field "{name}"; the fields are {names}.')


class SampledField:
    """One field of a state, in SI units where the material is known and else in reduced ones.

    Attributes:
        name, what: its name, and one line about it.
        unit: such as "mT" or "Bc2", empty for a plain number.
        label: symbol and unit as on the colour bars, in matplotlib's mathtext.
        triangulation: the mesh, `matplotlib.tri.Triangulation`, lengths in the problem's unit.
        corners: (triangles, 3) or (triangles, 3, 2), seen from inside each triangle.
    """

    def __init__(
        self, field: Field, fields: GatheredFields, mesh: Triangulation, setup: Setup
    ) -> None:
        self._fields = fields
        self._factor = field.scale(setup.coefficients) if setup.coefficients else 1.0
        self._length_unit = setup.length_unit
        self.name, self.what = field.name, field.what
        self.unit = _plain(field.si_unit if setup.coefficients else field.unit)
        self.label = label(field, setup)
        self.triangulation = mesh
        self.corners = self._factor * fields.values[field.name]

    @cached_property
    def values(self) -> Floats:
        """(vertices,) or (vertices, 2): means over the triangles around each vertex.

        Raises:
            ParameterError: of the phase, which has no mean, and of the number of a subdomain.
        """
        if self.name in ("phase", "subdomain"):
            raise ParameterError(
                f"{self.name} has no mean at a vertex: use .corners, or .at(x, y)."
            )
        return self._factor * self._fields.at_vertices(self.name)

    def at(self, x: ArrayLike, y: ArrayLike) -> Floats:
        """Values at points, linear between vertices as in pictures, NaN outside the mesh.

        Args:
            x, y: coordinates in the problem's unit, of any shapes that go together.

        Returns:
            Array of that shape, a further axis of 2 for a vector.
        """
        x, y = np.broadcast_arrays(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
        if self.name == "subdomain":
            where = np.asarray(self.triangulation.get_trifinder()(x, y), dtype=np.intp)
            return np.where(where < 0, np.nan, self.corners[where, 0])
        if self.name == "phase":  # it may jump by a turn, the order parameter does not
            f = self._between(self._order_parameter(), x, y)
            return np.asarray(np.angle(f @ [1, 1j]), dtype=float)
        return self._between(self.values, x, y)

    def on_grid(self, pixels: int = 200) -> xr.DataArray:
        """The field on a regular grid, as many pixels along the longer side; dimensions y and x.

        A vector has the further dimension ``component``, "x" and "y".

        Raises:
            ParameterError: ``pixels`` is not between 2 and 10000.
        """
        if not 2 <= pixels <= _MOST_PIXELS:
            raise ParameterError(f"pixels must be between 2 and {_MOST_PIXELS}, got {pixels}.")
        points = np.column_stack([self.triangulation.x, self.triangulation.y])
        low, high = points.min(axis=0), points.max(axis=0)
        step = (high - low).max() / pixels
        x, y = (np.arange(a + step / 2, b, step) for a, b in zip(low, high, strict=True))
        vector = self.corners.ndim == 3
        grid = xr.DataArray(
            self.at(*np.meshgrid(x, y)),
            coords={"y": y, "x": x} | ({"component": ["x", "y"]} if vector else {}),
            dims=("y", "x", "component")[: 3 if vector else 2],
            name=self.name,
            attrs={"long_name": self.what, "units": self.unit},
        )
        for axis in "xy":
            grid[axis].attrs["units"] = self._length_unit
        return grid

    def _order_parameter(self) -> Floats:
        """Real and imaginary part at the vertices, (vertices, 2)."""
        f = np.empty((len(self._fields.points), 2))
        modulus = self._fields.values["order_parameter"]
        f[self._fields.cells] = np.stack(
            [modulus * np.cos(self.corners), modulus * np.sin(self.corners)], axis=-1
        )
        return f

    def _between(self, values: Floats, x: Floats, y: Floats) -> Floats:
        """Vertex values, (vertices,) or (vertices, 2), at points."""
        finder = self.triangulation.get_trifinder()
        found = [
            np.ma.filled(LinearTriInterpolator(self.triangulation, column, finder)(x, y), np.nan)
            for column in values.reshape(len(values), -1).T
        ]
        return np.stack(found, axis=-1) if values.ndim == 2 else found[0]


def stray_map(stray: StrayField, setup: Setup) -> xr.DataArray:
    """B_z above the surface with its coordinates in the problem's unit, dimensions y and x.

    Of a cell whose sides are not along x and y the dimensions are its sides, second and first.
    """
    points = np.swapaxes(stray.points, 0, 1) / setup.length_unit_in_xi
    x, y = points[..., 0], points[..., 1]
    field = field_named("flux_density")
    factor, unit = 1.0, field.unit
    if setup.coefficients is not None:
        factor, unit = field.scale(setup.coefficients), field.si_unit
    straight = np.ptp(x, axis=0).max() + np.ptp(y, axis=1).max() < 1e-9 * np.ptp(points)
    sides = ("y", "x") if straight else ("second", "first")
    places: dict[str, Any] = {"y": y[:, 0], "x": x[0]}
    if not straight:
        places = {"y": (sides, y), "x": (sides, x)}
    height = stray.height / setup.length_unit_in_xi
    grid = xr.DataArray(
        factor * stray.b.T,
        coords=places | {"height": height},
        dims=sides,
        name="stray_field",
        attrs={"long_name": "flux density along z above the surface", "units": _plain(unit)},
    )
    for axis in ("x", "y", "height"):
        grid[axis].attrs["units"] = setup.length_unit
    return grid


def _plain(unit: str) -> str:
    """A unit in mathtext as plain text."""
    unit = re.sub(r"\\mathrm\{(.*)\}", r"\1", unit).replace(r"\,", " ").replace(r"\pi", " pi ")
    return re.sub(r"[\\{}_]", "", unit)
