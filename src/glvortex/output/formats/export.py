"""A state for other programs: its fields in their formats, and a folder that ParaView opens.

    fields.vtu, fields.xdmf with fields.h5, fields.vtkhdf, fields.bp    for ParaView and others
    fields.msh            for gmsh
    vortices.vtp          points with `charge` and `edge_distance`
    outlines.vtp          outside of the sample and outlines of its subdomains
    paraview_state.py     lays all of this out in ParaView

Lengths are in xi and fields in reduced units; `glvortex.output.state.fields.FIELDS` names them.
All ranks write the fields, one rank those of gmsh; only `.bp` depends on the number of ranks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from importlib import resources
from pathlib import Path

import numpy as np
from mpi4py import MPI

from glvortex.errors import ParameterError
from glvortex.geometry.arrays import MeshArrays, MeshData, collect
from glvortex.geometry.outlines import outlines
from glvortex.output.formats.bp import write_bp
from glvortex.output.formats.grid import Grid, grid_of_fields, grid_of_mesh
from glvortex.output.formats.hdf5 import write_vtkhdf, write_xdmf
from glvortex.output.formats.msh import write_msh
from glvortex.output.formats.vtk_xml import write_vtp, write_vtu
from glvortex.output.ranks import on_first_rank, replacing
from glvortex.output.state.fields import Floats, corner_values
from glvortex.output.state.gather import gather
from glvortex.problems.solve import Solution

SURROUNDINGS = ("vortices.vtp", "outlines.vtp", "paraview_state.py")


class Fields:
    """The fields of a mesh, as the formats want them.

    Attributes:
        mesh_data: the mesh.
        values: of its cells on this rank, from `corner_values`.
    """

    def __init__(self, mesh_data: MeshData, values: dict[str, Floats]) -> None:
        self.mesh_data, self.values = mesh_data, values
        self.comm = mesh_data.mesh.comm

    @cached_property
    def grid(self) -> Grid:
        """The grid, spread over the ranks; collective when first asked for."""
        return grid_of_fields(self.mesh_data, self.values)


def fields_of(solution: Solution) -> Fields:
    """Return the fields of a state in the gauge that its functional has; collective."""
    values = corner_values(solution.functional, solution.mesh_data.cell_tags)
    return Fields(solution.mesh_data, values)


def _msh(path: Path, fields: Fields) -> None:
    whole = gather(fields.mesh_data, fields.values)

    def write() -> None:
        assert whole is not None
        tags = whole.values["subdomain"][:, 0].astype(np.int32)
        write_msh(path, MeshArrays(whole.points, whole.cells, tags), whole.values)

    on_first_rank(fields.comm, write)


FORMATS: dict[str, Callable[[Path, Fields], None]] = {
    "vtu": lambda path, fields: write_vtu(path, fields.comm, fields.grid),
    "xdmf": lambda path, fields: write_xdmf(path, fields.comm, fields.grid),
    "vtkhdf": lambda path, fields: write_vtkhdf(path, fields.comm, fields.grid),
    "bp": lambda path, fields: write_bp(path, fields.mesh_data.mesh, fields.values),
    "msh": _msh,
}
"""What writes the fields, under the suffix of the file."""
MESH_FORMATS = ("msh", "vtu", "xdmf", "vtkhdf")


def check_formats(wanted: Iterable[str], known: Iterable[str] = tuple(FORMATS)) -> None:
    """Refuse formats that nobody writes.

    Raises:
        ParameterError: one is not among the known ones.
    """
    for name in wanted:
        if name not in known:
            raise ParameterError(f'there is no format "{name}"; choose from {", ".join(known)}.')


def export_solution(
    folder: Path, solution: Solution, formats: Iterable[str] = ("vtu",)
) -> list[Path]:
    """Write a state, with all that ParaView needs, into a folder; collective.

    Returns the paths of what was written: for gmsh alone no more than its file.

    Raises:
        ParameterError: on every rank, where a format is unknown or a file cannot be written.
    """
    formats = list(dict.fromkeys(formats))
    check_formats(formats)
    fields = fields_of(solution)
    on_first_rank(fields.comm, lambda: folder.mkdir(parents=True, exist_ok=True))
    paths = write_fields(folder, fields, formats)
    return paths if formats == ["msh"] else paths + write_surroundings(folder, solution)


def write_fields(folder: Path, fields: Fields, formats: Iterable[str]) -> list[Path]:
    """Write the fields in some of `FORMATS` and return the paths; collective."""
    paths = []
    for name in formats:
        path = folder / f"fields.{name}"
        FORMATS[name](path, fields)
        paths.append(path)
    return paths


def write_surroundings(folder: Path, solution: Solution) -> list[Path]:
    """Write vortices, outlines and the script, and return their paths; collective."""
    mesh = collect(solution.mesh_data)
    paths = [folder / name for name in SURROUNDINGS]

    def write() -> None:
        assert mesh is not None
        write_vortices(paths[0], solution)
        write_outlines(paths[1], mesh)
        write_script(paths[2])

    on_first_rank(solution.mesh_data.mesh.comm, write)
    return paths


def write_vortices(path: Path, solution: Solution) -> None:
    """Write the vortices as points, lengths in xi, on one rank."""
    found = solution.best.vortices
    points = np.array([(v.x, v.y, 0.0) for v in found], dtype=float).reshape(-1, 3)
    data = {
        "charge": np.array([v.charge for v in found], dtype=np.int32),
        "edge_distance": np.asarray(solution.edge_distances, dtype=float),
    }
    write_vtp(path, points, None, point_data=data)


def write_outlines(path: Path, mesh: MeshArrays) -> None:
    """Write the outlines as lines with what they are the outline of, on one rank."""
    tags, lines = zip(*outlines(mesh), strict=True)
    ends = np.cumsum([len(line) for line in lines])
    points = np.pad(np.concatenate(lines), [(0, 0), (0, 1)])
    numbers = np.split(np.arange(len(points)), ends[:-1])
    write_vtp(path, points, numbers, cell_data={"subdomain": np.array(tags, dtype=np.int32)})


def write_script(path: Path) -> None:
    """Put the script beside what it opens, on one rank."""
    source = resources.files("glvortex.output.formats") / "paraview_state.py"
    with replacing(path) as temporary:
        temporary.write_bytes(source.read_bytes())


def write_mesh(path: Path, mesh: MeshArrays | None, comm: MPI.Intracomm) -> None:
    """Write the first rank's mesh (None on the others) in the format of the suffix; collective.

    Raises:
        ParameterError: on every rank, where the format is unknown or the file cannot be written.
    """
    name = path.suffix.removeprefix(".")
    check_formats([name], MESH_FORMATS)
    if name == "msh":
        on_first_rank(comm, lambda: write_msh(path, mesh) if mesh else None)
        return
    writer = {"vtu": write_vtu, "xdmf": write_xdmf, "vtkhdf": write_vtkhdf}[name]
    writer(path, comm, grid_of_mesh(mesh, comm))
