"""The sections of a problem file, one small model each.

Descriptions are written for the user: they are what the guide prints. Quantities hold reduced
numbers after reading a reduced file and SI numbers after reading one in laboratory units.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from glvortex.problems.units import (
    Area,
    Density,
    ElectricField,
    Energy,
    Length,
    MagneticField,
    Mass,
    Potential,
    SheetCharge,
    Temperature,
    shown,
)


class Section(BaseModel):
    """Base of all sections: nothing unknown, nothing converted silently, nothing changed later."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def _count(value: Any) -> Any:
    whole = [value] if isinstance(value, int) else value
    if (
        isinstance(whole, list)
        and len(whole) in (1, 2)
        and all(type(n) is int and n > 0 for n in whole)
    ):
        return value
    raise ValueError(
        f"must be a positive whole number or two of them [columns, rows], got {shown(value)}"
    )


def _pair(value: Any) -> Any:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError(f"must be two lengths [x, y], got {shown(value)}")
    return tuple(value)


def _vortex(value: Any) -> Any:
    if not isinstance(value, list) or len(value) != 3:
        raise ValueError(f"must be [x, y, charge], got {shown(value)}")
    return tuple(value)


FILE = "path of a file, from the problem file"  # marks keys that name one


def _tag(value: Any) -> Any:
    if type(value) is int or (isinstance(value, str) and value):
        return value
    raise ValueError(f"must be the number or the name of a group of triangles, got {value}")


TagKey = Annotated[int | str, BeforeValidator(_tag)]
Count = Annotated[int | list[int], BeforeValidator(_count)]
Point = Annotated[tuple[Length, Length], BeforeValidator(_pair)]
Vortex = Annotated[tuple[Length, Length, int], BeforeValidator(_vortex)]


class Superconductor(Section):
    """The superconductor itself."""

    kappa: float | None = Field(
        default=None,
        ge=0.01,
        le=1e6,
        description="London length over coherence length (reduced files; [material] gives it else)",
    )
    t: float = Field(
        default=1.0,
        gt=0,
        le=1,
        description="1 - T/Tc against the temperature at which lengths are counted: 1 everywhere "
        "in a uniform sample",
    )
    screening: bool = Field(
        default=True,
        description="false keeps the applied field: the limit of a large London length",
    )


class InclusionLayout(Section):
    """Charged magnetic disks, or inclusions of any outline: where they are and how strong.

    Corners of outlines are rounded to the radius d/2; they must be wide enough for a core, and have
    no bay narrower than the edge region.
    """

    layout: Literal[
        "square", "triangular", "random", "file", "outlines", "image", "mesh", "charge-map"
    ] = Field(
        description="how the inclusions are given: disks in an array (centred on the origin), at "
        "random or in a table (file); polygons in a file (outlines); islands in an image; the "
        "cores and edge regions of a sample given by its mesh (mesh); a map of charge, whose "
        "screened potential takes their place (charge-map)"
    )
    count: Count | None = Field(
        default=None, description="arrays: [columns, rows]; random: how many inclusions"
    )
    density: Density | None = Field(
        default=None, gt=0, description="random, instead of count: inclusions per area"
    )
    spacing: Length | None = Field(
        default=None, gt=0, description="arrays: distance of nearest centres, length"
    )
    minimum_distance: Length | None = Field(
        default=None, gt=0, description="random: smallest distance of two centres, length"
    )
    seed: int | None = Field(
        default=None, ge=0, description="random: seed of the draw, 0 if not given"
    )
    radius_spread: float | None = Field(
        default=None,
        ge=0,
        lt=1,
        description="random: radii are drawn evenly between 1 - this and 1 + this times `radius`; "
        "0 if not given",
    )
    charge_spread: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="random: so are the charges, which multiply the potential step and with it the "
        "pseudo-gauge field, about 1; 0 if not given",
    )
    opposite_charge: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="random: probability that a charge has the other sign; 0 if not given",
    )
    file: Annotated[str | None, FILE] = Field(
        default=None,
        min_length=1,
        description="file: CSV with the columns x, y, radius, sign and optionally moment (factor "
        "on exchange field, pseudo-gauge field and magnetisation) and charge (on the pseudo-gauge "
        "field alone) and, in reduced files, pseudo_gauge and magnetisation. outlines: CSV with "
        "the columns outline, x, y and optionally the last two and sign, one corner per line; "
        "GeoJSON, optionally with these properties; "
        "DXF with closed lines, on layers whose name ends in minus those of sign -1. image: PNG "
        "or another image, its middle at the origin. charge-map: an image (greys count from 0 to "
        "1), a table of numbers (CSV, no header) or an array (NPY), its middle at the origin and "
        "its first row at the top",
    )
    file_unit: str | None = Field(
        default=None,
        description="file, outlines, laboratory: unit of the lengths in the file, such as 'nm'",
    )
    layers: list[str] | None = Field(
        default=None, min_length=1, description="outlines: layers of the DXF that count, if not all"
    )
    pixel: Length | None = Field(
        default=None, gt=0, description="image, charge-map: side of a pixel, length"
    )
    threshold: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="image: grey value at the edges, from 0 (black) to 1 (white); 0.5 if not given",
    )
    inside: Literal["bright", "dark"] | None = Field(
        default=None, description='image: which parts are inclusions, "bright" if not given'
    )
    smoothing: float | None = Field(
        default=None,
        ge=0,
        le=100,
        description="image, charge-map: standard deviation of the Gaussian that smooths it first, "
        "in pixels; 1 if not given",
    )
    minimum_area: Area | None = Field(
        default=None,
        ge=0,
        description="image: smaller islands and holes in islands do not count; if not given that "
        "of a disk as wide as the edge region",
    )
    charge: list[SheetCharge] | None = Field(
        default=None,
        min_length=2,
        max_length=2,
        description="charge-map: charge where the map is 0 and where it is 1; [0, 1] if not given "
        "(reduced)",
    )
    screening_wavenumber: float | None = Field(
        default=None,
        gt=0,
        description="charge-map, reduced: k_TF xi; if not given the potential follows the charge",
    )
    pseudo_gauge_step: float | None = Field(
        default=None,
        description="charge-map, reduced: what the pseudo-gauge field adds up to across the edge "
        "of a wide patch of charge 1, in Phi0/(2 pi); positive where it runs counterclockwise",
    )
    magnetic_file: Annotated[str | None, FILE] = Field(
        default=None,
        min_length=1,
        description="charge-map: another map with as many pixels, of the exchange field over "
        "exchange_field; 1 everywhere if not given",
    )
    radius: Length | None = Field(
        default=None, gt=0, description="radius R of the middle of the edge region, length"
    )
    edge_width: Length | None = Field(
        default=None,
        gt=0,
        description="width d of the edge region, half of it on each side of the edge, length",
    )
    edge_smoothing: Length | None = Field(
        default=None,
        gt=0,
        description="width of the tanh flanks of the edge region, length; if not given "
        "1 xi, or edge_width/8 where that is less",
    )
    pseudo_gauge: float | None = Field(
        default=None,
        description="reduced: pseudo-gauge field at its peak in Phi0/(2 pi xi), positive along phi",
    )
    magnetisation: float | None = Field(
        default=None, description="reduced: magnetisation m inside in Bc2/mu0, positive along z"
    )
    exchange_field: Energy | None = Field(
        default=None, description="laboratory: exchange field b_z inside, energy, signed"
    )
    potential_step: Potential | None = Field(
        default=None, description="laboratory: potential outside less potential inside, signed"
    )


class AppliedField(Section):
    """The field from outside."""

    applied: MagneticField = Field(
        default=0.0, description="applied field along z, in Bc2 or tesla"
    )


class MeshSection(Section):
    """Edge lengths the mesh aims at; single edges come out up to 1.4 times as long."""

    size: Length | None = Field(
        default=None, gt=0, description="in the host, length; 1 xi if not given"
    )
    edge_size: Length | None = Field(
        default=None,
        gt=0,
        description="in edge regions, length; if not given a quarter of edge_width, at most size",
    )
    core_size: Length | None = Field(
        default=None, gt=0, description="inside the inclusions, length; size if not given"
    )
    accuracy: float | None = Field(
        default=None,
        ge=1e-6,
        le=0.1,
        description="adapts the mesh to the state until the estimated error of its extrapolated "
        "energy is below this part of the condensation energy (t^2/2 per area of the sample, in "
        "Bc^2/mu0); the other sizes are then those of the first mesh, size 2 xi if not given, and "
        "edge_size bounds all meshes",
    )
    max_unknowns: int | None = Field(
        default=None,
        ge=1000,
        description="with accuracy: about how many unknowns an adapted mesh may have; 1000000 if "
        "not given",
    )
    size_factor: float | None = Field(
        default=None,
        gt=0,
        description="sample from a gmsh script: factor on the edge lengths that the script sets "
        "(the other keys do not go with a mesh from a file)",
    )


StartName = Literal["uniform", "london", "annealed", "lattice", "file", "cooled"]


class SolverSection(Section):
    """Which model is solved, where the minimiser starts and when it stops."""

    model: Literal["ginzburg-landau", "london"] = Field(
        default="ginzburg-landau",
        description="ginzburg-landau: order parameter and field, minimised and certified; london: "
        "vortices as particles in the field of a superconductor whose |f| does not change, in "
        "seconds; states and energies are those of that limit (kappa large, vortices far apart)",
    )
    starts: list[StartName] | None = Field(
        default=None,
        min_length=1,
        description="states to relax, the lowest wins: uniform (no vortices), london (vortices "
        "placed by the London field; in a cell its flux quanta, and pairs), annealed (the same by "
        "simulated annealing, seed in [cooling]), lattice (cell: one vortex per flux quantum, "
        "evenly spread), file (the list `vortices`), cooled (through the transition with thermal "
        'noise, see [cooling]; fluxoids of holes as they come); if not given ["uniform", "london"] '
        'or in a cell with flux ["lattice"], in the London model ["uniform", "annealed"] or '
        '["lattice", "annealed"]',
    )
    vortices: list[Vortex] = Field(
        default=[], description="start 'file': [x, y, charge] each; charge 1 has its flux along +z"
    )
    gradient_tolerance: float = Field(
        default=1e-8,
        gt=0,
        lt=1,
        description="norm of the energy gradient at which a state has converged",
    )
    max_steps: int = Field(default=200, ge=1, description="most Newton steps per start")
    refinements: int = Field(
        default=0,
        ge=0,
        le=4,
        description="how often the mesh is refined under the kept state, each time into a quarter "
        "of every triangle, to extrapolate its energy; fields are those of the last mesh",
    )


class OutputSection(Section):
    """What the run folder holds besides the numbers."""

    fields: bool = Field(default=True, description="write the fields for ParaView")
    pictures: bool = Field(default=True, description="draw the pictures")


class MaterialSection(Section):
    """Laboratory files: the superconductor's electrons; measured lengths win over derived ones."""

    effective_mass: Mass = Field(gt=0, description="effective mass, such as '0.5 m_e'")
    chemical_potential: Energy = Field(gt=0, description="chemical potential from the band bottom")
    gap: Energy | None = Field(
        default=None,
        gt=0,
        description="gap Delta(0) at zero temperature; with critical_temperature given as well it "
        "stretches the weak-coupling curve",
    )
    critical_temperature: Temperature | None = Field(
        default=None, gt=0, description="critical temperature; if not given it follows from gap"
    )
    temperature: Temperature = Field(default=0.0, ge=0, description="temperature, below critical")
    rashba_energy: Energy | None = Field(  # Material says which limit to take at zero
        default=None,
        description="Rashba energy at the Fermi momentum, E_R = |lambda e E_z| k_F",
    )
    rashba_length2: Area | None = Field(
        default=None,
        description="instead of rashba_energy: spin-orbit constant lambda, area, may be negative",
    )
    out_of_plane_field: ElectricField = Field(description="electric field E_z, signed")
    layer_spacing: Length = Field(gt=0, description="distance s of superconducting layers")
    london_lambda: Length | None = Field(
        default=None,
        gt=0,
        description="London length measured at `measured_at`; derived if not given",
    )
    coherence_length: Length | None = Field(
        default=None,
        gt=0,
        description="coherence length measured at `measured_at`; derived if not given",
    )
    measured_at: Temperature | None = Field(
        default=None,
        ge=0,
        description="temperature of the measured lengths, which change with `temperature` as the "
        "derived ones do; `temperature` if not given",
    )
    susceptibility: Literal["pauli-2d", "levitan-2025"] = Field(
        default="pauli-2d",
        description="spin susceptibility of the normal state; the second as printed",
    )
    gamma_formula: Literal["corrected", "printed"] = Field(
        default="corrected", description="coefficient gamma; the second as printed"
    )
    gamma_factor: float = Field(
        default=1.0,
        description="factor on gamma, to show what would happen if it were larger than computed",
    )
    method: Literal["closed", "exact"] = Field(
        default="closed",
        description="gamma, chi and the spin susceptibility by closed forms, or by diagonalisation "
        "where rashba_energy or gap over chemical_potential is not small",
    )
    spin_moment: Literal["levitan-2025", "electron"] = Field(
        default="levitan-2025",
        description="direction of the spin moment: along the exchange field, or against it as that "
        "of electrons",
    )
