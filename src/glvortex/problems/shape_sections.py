"""The sections of a problem file that are shapes: the sample, its holes and regions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from glvortex.problems.sections import FILE, Point, Section, TagKey
from glvortex.problems.units import Length

_POLYGON_FILE = (
    "polygon, instead of points: CSV with the columns x, y and, for several polygons, outline; "
    "GeoJSON; DXF with closed lines"
)


class CellTags(Section):
    """Which triangles of a mesh are what: numbers or names of gmsh's physical groups, or alike."""

    host: list[TagKey] = Field(default=[], description="the superconductor")
    core: list[TagKey] = Field(default=[], description="cores of inclusions")
    edge: list[TagKey] = Field(default=[], description="their edge regions, one around each core")


class Outlined(Section):
    """What may be given by a file of polygons."""

    shape: str
    points: list[Point] | None = Field(default=None, description="polygon: corners [x, y], lengths")
    file: Annotated[str | None, FILE] = Field(
        default=None,
        min_length=1,
        description=_POLYGON_FILE,
    )
    file_unit: str | None = Field(
        default=None, description="polygon, laboratory: unit of the lengths in the file"
    )
    layers: list[str] | None = Field(
        default=None, min_length=1, description="polygon: layers of the DXF that count, if not all"
    )


class SampleOutline(Outlined):
    """The outline of the sample, or its mesh."""

    shape: Literal["rectangle", "disk", "polygon", "strip", "cell", "mesh"] = Field(
        description="outline of the sample; a strip repeats along y, a cell in both directions; "
        "mesh: what a mesh covers"
    )
    file: Annotated[str | None, FILE] = Field(
        default=None,
        min_length=1,
        description=f"{_POLYGON_FILE}. mesh: a gmsh script (.geo) or any mesh of triangles that "
        "meshio reads (.msh, .vtu, .xdmf, .med, .inp, ...). A gmsh script is a program: what its "
        "SystemCall says is executed, and it is ended after 10 minutes",
    )
    file_unit: str | None = Field(
        default=None,
        description="polygon, mesh, laboratory: unit of the lengths in the file, such as 'nm'",
    )
    tags: CellTags | None = Field(
        default=None,
        description="mesh: groups of triangles {host = [...], core = [...], edge = [...]}, by "
        "number or name; if not given the groups with these names, or all as host",
    )
    tag_array: str | None = Field(
        default=None,
        description="mesh: name of the cell data that are the tags; if not given gmsh's physical "
        "groups, or the only whole numbers there are",
    )
    size: Point | None = Field(
        default=None, description="rectangle: [width, height]; strip: [width, period], lengths"
    )
    radius: Length | None = Field(default=None, gt=0, description="disk: radius, length")
    periods: list[Point] | None = Field(
        default=None,
        min_length=2,
        max_length=2,
        description="cell: its two sides [x, y], lengths; it is centred on the origin",
    )
    flux_quanta: int | None = Field(
        default=None,
        ge=-10_000,
        le=10_000,
        description="cell: flux through it in Phi0, signed; it sets the mean field",
    )
    relax: bool | None = Field(
        default=None,
        description="cell with flux, without inclusions: change its shape at the given area until "
        "no shear lowers the energy",
    )


class Shape(Outlined):
    """A disk, a rectangle or a polygon somewhere in the sample."""

    shape: Literal["disk", "rectangle", "polygon", "mesh"] = Field(
        description="its outline; mesh, where the sample is one: triangles with these tags"
    )
    tags: list[TagKey] | None = Field(
        default=None, min_length=1, description="mesh: numbers or names of groups of triangles"
    )
    centre: Point | None = Field(
        default=None, description="disk, rectangle: centre [x, y], lengths; the origin if not given"
    )
    radius: Length | None = Field(default=None, gt=0, description="disk: radius, length")
    size: Point | None = Field(default=None, description="rectangle: [width, height], lengths")


class HoleSection(Shape):
    """A hole: wholly inside the sample, or cut out of its edge (a notch, an indentation).

    Inside a hole there is vacuum, with the flux that its fluxoid demands. Holes must not touch
    each other or an inclusion, unless both are cuts, and must leave one connected sample. A file
    with several polygons makes as many holes.
    """

    fluxoid: int = Field(
        default=0,
        description="quanta of fluxoid in the hole in every start, positive for flux along +z",
    )


class RegionSection(Shape):
    """A region whose superconductivity differs; where two lie over each other the later one counts.

    Inclusions and holes may lie in it, and what sticks out of the sample does not count.
    """

    t: float | None = Field(
        default=None,
        ge=-1000,
        le=10,
        description="1 - T/Tc there, negative for a normal metal; superconductor.t if not given",
    )
    kappa: float | None = Field(
        default=None,
        ge=0.01,
        le=1e6,
        description="London length over coherence length there, the coherence length being that of "
        "the sample; the sample's kappa if not given",
    )
