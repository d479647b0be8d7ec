"""What each field looks like: its values, its colours and the scale they share.

Modulus and other sizes are on sequential maps from zero, signed fields on diverging maps about
zero (half of one where there is one sign only), the phase on a cyclic map. Numerical noise about
zero is drawn on the natural scale of the field, so that an empty state looks empty.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import CenteredNorm, Colormap, ListedColormap, Normalize
from matplotlib.tri import LinearTriInterpolator, Triangulation
from numpy.typing import NDArray

from glvortex.errors import ParameterError
from glvortex.observe.stray_field import StrayField
from glvortex.output.drawing.overlay import unit_name
from glvortex.output.state.fields import FIELDS, Field
from glvortex.output.state.gather import GatheredFields
from glvortex.output.state.subdivide import drawn_order_parameter
from glvortex.problems.setup import Setup
from glvortex.solve.london import Vortex

Floats = NDArray[np.float64]

_NOISE = 1e-6  # of the natural scale
_ARROWS = 36  # along the longer side
_DEPAIRING = 2 / 27**0.5  # largest |f|^2 |v| of a uniform flow


@dataclass(frozen=True)
class View:
    """A state ready to draw, on one rank.

    Attributes:
        setup: the problem in reduced numbers.
        fields: at the corners of the cells.
        vortices: to be marked.
        stray: the field above the surface, None unless it is drawn.
    """

    setup: Setup
    fields: GatheredFields
    vortices: Sequence[Vortex]
    stray: StrayField | None = None


@dataclass(frozen=True)
class Sheet:
    """Values in the plane, in the units that are shown.

    Attributes:
        x, y: coordinates of vertices, or of a grid of them, shape (n,) or (n, m).
        values: there, or per cell.
        natural: size that the field has in this material, below which there is noise.
        cells: (cells, 3) corners, None for a grid.
        vectors: (n, 2) of which the values are the lengths, None for scalars.
    """

    x: Floats
    y: Floats
    values: Floats
    natural: float
    cells: NDArray[np.int64] | None = None
    vectors: Floats | None = None

    def draw(self, axes: Axes, scale: Scale) -> Any:
        """Draw the values, interpolated within each triangle unless they are per cell."""
        # as pixels in vector formats, too: a mesh has more triangles than a page can hold
        style: dict[str, Any] = {"cmap": scale.cmap, "norm": scale.norm, "rasterized": True}
        if self.cells is None:
            return axes.pcolormesh(self.x, self.y, self.values, shading="gouraud", **style)
        triangles = Triangulation(self.x, self.y, self.cells)
        if len(self.values) == len(self.cells):
            return axes.tripcolor(triangles, facecolors=self.values, **style)
        drawn = axes.tripcolor(triangles, self.values, shading="gouraud", **style)
        if self.vectors is not None and self.values.max() > _NOISE * self.natural:
            _draw_arrows(axes, triangles, self.vectors, float(scale.norm.vmax or 1.0))
        return drawn


@dataclass(frozen=True)
class Scale:
    """Colours of values; ``bar`` holds what the colour bar is told besides."""

    cmap: str | Colormap
    norm: Normalize
    bar: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Layer:
    """A field as it is drawn.

    Attributes:
        field: its name, symbol and units.
        sheet: its values in a state.
        scale: colours for the values of several states.
        outline: colour of lines on top.
        filled: whether holes are grey, for fields that do not exist in them.
        markers: size of the markers of vortices, less than 1 where they would hide much.
    """

    field: Field
    sheet: Callable[[View, Field], Sheet]
    scale: Callable[[Sequence[Sheet]], Scale]
    outline: str = "0.2"
    filled: bool = True
    markers: float = 1.0

    def title(self, view: View) -> str:
        """What is shown, in words."""
        what = self.field.what.partition(",")[0]
        if view.stray is None or self.sheet is not _stray_field:
            return what
        height = view.stray.height / view.setup.length_unit_in_xi
        return f"{what}, {height:.4g} {unit_name(view.setup)} above the surface"


def label(field: Field, setup: Setup) -> str:
    """Symbol and unit of a field, as on the colour bars."""
    reduced = setup.coefficients is None
    unit = field.unit if reduced else field.si_unit
    symbol = field.symbol if reduced else field.symbol.replace(r"\mu_0 ", "")
    return f"${symbol}$ (${unit}$)" if unit else f"${symbol}$"


def _factor(view: View, field: Field) -> float:
    """What one reduced unit of the field is in the unit that is shown."""
    coefficients = view.setup.coefficients
    return 1.0 if coefficients is None else field.scale(coefficients)


def _on_mesh(
    view: View, field: Field, values: Floats, natural: float, vectors: Floats | None = None
) -> Sheet:
    """Reduced values on the mesh."""
    x, y = (view.fields.points / view.setup.length_unit_in_xi).T
    factor = _factor(view, field)
    if vectors is not None:
        vectors = factor * vectors
    return Sheet(x, y, factor * values, factor * natural, view.fields.cells, vectors)


def _interpolated(view: View, part: Callable[[Any], Floats]) -> Sheet:
    """A part of the order parameter as it is between the vertices."""
    pieces, f = drawn_order_parameter(view.fields)
    unit = view.setup.length_unit_in_xi
    return Sheet(pieces.x / unit, pieces.y / unit, part(f), 1.0, pieces.triangles)


def _modulus(view: View, field: Field) -> Sheet:
    return _interpolated(view, np.abs)


def _phase(view: View, field: Field) -> Sheet:
    return _interpolated(view, np.angle)


def _flux_density(view: View, field: Field) -> Sheet:
    return _on_mesh(view, field, view.fields.at_vertices(field.name), view.setup.kappa**-2)


def _per_cell(view: View, field: Field) -> Sheet:
    return _on_mesh(view, field, view.fields.values[field.name][:, 0], view.setup.kappa**-2)


def _effective_field(view: View, field: Field) -> Sheet:
    """b_a + m^ - b: each part jumps from cell to cell, the sum hardly does."""
    if not view.setup.screening:
        raise ParameterError(f"there is no {field.name} without screening: the field is given.")
    values = dict(view.fields.values)
    moments, b = values["magnetisation"], values["flux_density"]
    values[field.name] = view.setup.applied_field + moments - b
    drawn = replace(view.fields, values=values).at_vertices(field.name)
    return _on_mesh(view, field, drawn, view.setup.kappa**-2)


def _flow(natural: Callable[[Setup], float]) -> Callable[[View, Field], Sheet]:
    def sheet(view: View, field: Field) -> Sheet:
        vectors = view.fields.at_vertices(field.name)
        return _on_mesh(view, field, np.hypot(*vectors.T), natural(view.setup), vectors)

    return sheet


def _stray_field(view: View, field: Field) -> Sheet:
    assert view.stray is not None
    x, y = np.moveaxis(view.stray.points / view.setup.length_unit_in_xi, -1, 0)
    factor = _factor(view, field)
    return Sheet(x, y, factor * view.stray.b, factor * view.setup.kappa**-2)


def _up_to_one(sheets: Sequence[Sheet]) -> Scale:
    top = max(float(sheet.values.max()) for sheet in sheets)
    return Scale("magma", Normalize(0.0, max(top, 1.0)))


def _cyclic(sheets: Sequence[Sheet]) -> Scale:
    """A cyclic map, light enough for lines on top; nothing is averaged over the branch cut."""
    colours = 0.75 * colormaps["twilight_shifted"].resampled(256)(np.arange(256)) + 0.25
    quarters = {-2: r"$-\pi$", -1: r"$-\pi/2$", 0: "0", 1: r"$\pi/2$", 2: r"$\pi$"}
    bar = {"ticks": [np.pi / 2 * n for n in quarters], "labels": list(quarters.values())}
    return Scale(ListedColormap(colours), Normalize(-np.pi, np.pi), bar)


def _signed(both: str, positive: str, negative: str) -> Callable[[Sequence[Sheet]], Scale]:
    """Colours about zero; where there is one sign only, from the least to the largest value."""

    def scale(sheets: Sequence[Sheet]) -> Scale:
        low = min(float(sheet.values.min()) for sheet in sheets)
        high = max(float(sheet.values.max()) for sheet in sheets)
        natural = max(sheet.natural for sheet in sheets)
        noise = _NOISE * max(natural, abs(low), abs(high))
        if max(abs(low), abs(high)) <= _NOISE * natural:
            return Scale(both, Normalize(-natural, natural))
        if low < -noise and high > noise:
            return Scale(both, CenteredNorm(halfrange=max(-low, high)))
        cmap = positive if high > noise else negative
        if high - low <= noise:  # a constant sits in the middle of a visible range
            low, high = low - 0.1 * abs(low), high + 0.1 * abs(high)
        return Scale(cmap, Normalize(low, high))

    return scale


def _from_zero(cmap: str) -> Callable[[Sequence[Sheet]], Scale]:
    def scale(sheets: Sequence[Sheet]) -> Scale:
        largest = max(float(sheet.values.max()) for sheet in sheets)
        natural = max(sheet.natural for sheet in sheets)
        if largest <= _NOISE * natural:
            return Scale(cmap, Normalize(0.0, natural))
        # flow is singular at re-entrant corners, which must not make all the rest look still
        usual = max(float(np.percentile(sheet.values, 99)) for sheet in sheets)
        top = min(largest, 2 * usual) or largest
        return Scale(cmap, Normalize(0.0, top), {"extend": "max" if largest > top else "neither"})

    return scale


def _draw_arrows(axes: Axes, triangles: Triangulation, flow: Floats, top: float) -> None:
    """Arrows along the flow on a regular grid, longer where it is stronger."""
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    step = max(right - left, high - low) / _ARROWS
    x, y = (np.arange(a + step / 2, b, step) for a, b in ((left, right), (low, high)))
    finder = triangles.get_trifinder()
    grid = np.meshgrid(x, y)
    u, v = (LinearTriInterpolator(triangles, c, finder)(*grid) for c in flow.T)
    modulus = np.ma.hypot(u, v)
    longer = 0.95 * step / np.ma.sqrt(np.ma.maximum(modulus, 1e-3 * top) * top)
    u, v = (np.ma.masked_where(modulus < 1e-3 * top, longer * c) for c in (u, v))
    style: dict[str, Any] = {"angles": "xy", "scale_units": "xy", "scale": 1.0, "pivot": "middle"}
    style |= {"width": 0.07 * step, "units": "xy", "headwidth": 4, "headlength": 4}
    axes.quiver(*grid, u, v, headaxislength=3.6, color=(1, 1, 1, 0.85), **style)


_NAMED = {field.name: field for field in FIELDS}
_EFFECTIVE = replace(
    _NAMED["flux_density"],
    name="effective_field",
    symbol=r"h_\mathrm{eff}",
    what="effective field, b_a + m^ - b",
)
_ABOVE = replace(_NAMED["flux_density"], name="stray_field", symbol="B_z")
_BLUE_RED = _signed("RdBu_r", "Reds", "Blues_r")  # red along +z and blue against it, in any case

LAYERS = {
    layer.field.name: layer
    for layer in (
        Layer(_NAMED["order_parameter"], _modulus, _up_to_one, markers=0.75),
        Layer(_NAMED["phase"], _phase, _cyclic),
        Layer(_NAMED["flux_density"], _flux_density, _BLUE_RED, filled=False),
        Layer(
            _NAMED["supercurrent"],
            _flow(lambda setup: _DEPAIRING / setup.kappa**2),
            _from_zero("viridis"),
            outline="white",
        ),
        Layer(
            _NAMED["pseudo_gauge"],
            _flow(lambda setup: 3**-0.5),
            _from_zero("cividis"),
            outline="white",
        ),
        Layer(_EFFECTIVE, _effective_field, _BLUE_RED),
        Layer(_NAMED["magnetisation"], _per_cell, _signed("PuOr_r", "Oranges", "Purples_r")),
        Layer(_ABOVE, _stray_field, _BLUE_RED, filled=False, markers=0.6),
    )
}
