"""Plane triangle meshes from files: gmsh scripts, and every format that meshio reads.

What comes out is what the file says, in its own unit; `glvortex.geometry.mesh_checks` judges it.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from glvortex.errors import ParameterError
from glvortex.geometry.lattice import Floats, Integers

SCRIPTS = (".geo", ".geo_unrolled")
SCRIPT_SECONDS = 600.0
"""Time that gmsh may take for a script."""
_SOLID = (".node", ".ele")  # of TetGen; meshio waits forever for the tetrahedra
_PLANE = 1e-6  # of the extent: how far a plane mesh may leave z = const
_GMSH = "gmsh:physical"
_NOT_TAGS = ("gmsh:geometrical", "vtkOriginalCellIds", "vtkGhostType")


@dataclass(frozen=True)
class MeshFile:
    """A plane mesh of triangles with the groups its triangles belong to.

    Attributes:
        path: the file, for messages.
        points: (n, 2) coordinates in the file's unit.
        triangles: (m, 3) rows of ``points``.
        tags: (m,) group of each triangle, 0 for none.
        names: the groups that have a name, and under each name their tags.
        numbered: whether the tags are numbers of the file, not the reader's own.
    """

    path: Path
    points: Floats
    triangles: Integers
    tags: Integers
    names: Mapping[str, tuple[int, ...]]
    numbered: bool = True

    def group(self, key: int | str) -> tuple[int, ...]:
        """The tags of a group given by its number or its name; none for an unknown one."""
        if isinstance(key, str):
            return self.names.get(key, ())
        return (key,) if self.numbered else ()

    def described(self, tags: ArrayLike | None = None) -> str:
        """Tags with their names, for messages; all that triangles have if None."""
        shown = np.unique(self.tags) if tags is None else np.asarray(tags)
        called = {tag: name for name, group in self.names.items() for tag in group}
        words = [
            f'{tag} "{called[tag]}"' if self.numbered else f'"{called[tag]}"'
            for tag in map(int, shown)
            if tag in called
        ] + [str(tag) for tag in shown if tag not in called and tag != 0]
        return ", ".join(words[:12]) + (", ..." if len(words) > 12 else "")


def read_mesh(path: Path, *, tag_array: str | None = None, size_factor: float = 1.0) -> MeshFile:
    """Read a plane mesh of triangles.

    Args:
        path: a gmsh script (.geo), which is meshed, or any mesh that meshio reads.
        tag_array: name of the cell data that tell the groups; None takes gmsh's physical groups,
            or the only whole numbers there are.
        size_factor: on the edge lengths of a script.

    Raises:
        ParameterError: the file cannot be read, is no plane mesh of straight triangles, or leaves
            open which of its data are the tags.
    """
    try:
        path.open("rb").close()
    except (OSError, ValueError) as error:  # a null character in the name is a ValueError
        reason = getattr(error, "strerror", None) or "no such file"
        raise ParameterError(f"{path}: cannot be read ({reason}).") from None
    if path.suffix.lower() in _SOLID:
        raise ParameterError(f"{path}: is three-dimensional, a plane mesh of triangles is wanted.")
    if path.suffix.lower() in SCRIPTS:
        with tempfile.TemporaryDirectory() as folder:
            meshed = Path(folder) / "script.msh"
            _run_script(path, meshed, size_factor)
            return _plane_mesh(path, _by_meshio(meshed, path), tag_array)
    return _plane_mesh(path, _by_meshio(path, path), tag_array)


def _run_script(path: Path, target: Path, size_factor: float) -> None:
    command = [sys.executable, "-m", "glvortex.geometry.gmsh_script"]
    with subprocess.Popen(
        [*command, str(path), str(target), repr(size_factor)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,  # what the script starts ends with it
    ) as child:
        try:
            _, said = child.communicate(timeout=SCRIPT_SECONDS)
        except subprocess.TimeoutExpired:
            raise ParameterError(
                f"{path}: gmsh has not meshed it in {SCRIPT_SECONDS:g} s, perhaps a loop in it has "
                "no end; what takes so long mesh with gmsh, and name the .msh."
            ) from None
        finally:
            if child.returncode is None:  # too long, or Ctrl-C
                os.killpg(child.pid, signal.SIGKILL)
    if child.returncode or not target.exists():
        lines = said.strip().splitlines() or ["the script ended gmsh without a mesh"]
        raise ParameterError(f"{path}: gmsh cannot mesh it: {lines[-1].strip().rstrip('.')}.")


def _by_meshio(path: Path, named: Path) -> Any:
    """What meshio reads; whatever its readers raise becomes one sentence about ``named``."""
    import meshio

    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            return meshio.read(path)
    except (Exception, SystemExit) as error:  # some readers end the program
        lines = str(error).strip().splitlines() if isinstance(error, Exception) else []
        telling = lines and "Error" not in lines[0]  # else a library talks to programmers
        reason = f" ({lines[0].rstrip('.')})" if telling else ""
    if _without_cells(path):
        raise ParameterError(f"{named}: holds no triangles.")
    known = sorted(meshio.extension_to_filetypes)
    if named.suffix.lower() in known:
        raise ParameterError(f"{named}: is no {named.suffix} file that can be read{reason}.")
    raise ParameterError(
        f"{named}: is neither a gmsh script ({SCRIPTS[0]}) nor a mesh that meshio reads; those end "
        f"in {', '.join(known)}."
    )


def _without_cells(path: Path) -> bool:
    """Whether it is a .vtu without a cell, at which meshio stumbles."""
    counts = re.findall(rb'NumberOfCells="(\d+)"', path.read_bytes())
    return bool(counts) and not any(map(int, counts))


def _plane_mesh(path: Path, mesh: Any, tag_array: str | None) -> MeshFile:
    blocks = [i for i, block in enumerate(mesh.cells) if block.dim >= 2 and len(block.data)]
    _check_kinds(path, sorted({mesh.cells[i].type for i in blocks}), mesh)
    triangles = np.vstack([mesh.cells[i].data for i in blocks]).astype(np.int64)
    points = np.asarray(mesh.points, dtype=float)
    if triangles.min() < 0 or triangles.max() >= len(points):
        raise ParameterError(f"{path}: has triangles with corners that are no points of it.")
    used = points[np.unique(triangles)]
    if not np.isfinite(used).all():
        raise ParameterError(f"{path}: has points whose coordinates are no finite numbers.")
    if points.shape[1] == 3:
        low, high = used.min(axis=0), used.max(axis=0)
        if high[2] - low[2] > _PLANE * float(np.hypot(*(high - low)[:2])):
            raise ParameterError(
                f"{path}: does not lie in a plane z = const, z goes from {low[2]:g} to "
                f"{high[2]:g}: turn it into the plane of the sample."
            )
    tags, names = _tags(path, mesh, blocks, tag_array)
    # negative numbers are families of a MED file, or combinations of sets
    own = bool(names) and bool(tags.size) and int(tags.min()) < 0
    if own:
        tags, names = -tags, {name: tuple(-tag for tag in group) for name, group in names.items()}
    return MeshFile(path, points[:, :2].copy(), triangles, tags, names, numbered=not own)


def write_mesh(path: Path, file: MeshFile) -> None:
    """Write the mesh as a gmsh file with its tags, in its own unit."""
    import meshio

    tags = np.asarray(file.tags, dtype=np.int32)
    mesh = meshio.Mesh(
        np.column_stack([file.points, np.zeros(len(file.points))]),
        [("triangle", file.triangles)],
        cell_data={_GMSH: [tags], "gmsh:geometrical": [tags]},
    )
    meshio.write(path, mesh, file_format="gmsh22", binary=False)


def _check_kinds(path: Path, kinds: Sequence[str], mesh: Any) -> None:
    solid = sorted({b.type for b in mesh.cells if b.dim == 3 and len(b.data)})
    if solid:
        raise ParameterError(
            f"{path}: is three-dimensional, it has cells of type {', '.join(solid)}: a plane mesh "
            "of triangles is wanted, which stands for a sample that is invariant along z."
        )
    if not kinds:
        raise ParameterError(f"{path}: holds no triangles.")
    higher = [
        kind for kind in kinds if kind.startswith(("triangle", "quad")) and kind[-1].isdigit()
    ]
    if higher:
        raise ParameterError(
            f"{path}: has cells of higher order ({', '.join(higher)}): straight triangles of three "
            "points are wanted (in gmsh: Mesh.ElementOrder = 1)."
        )
    if "quad" in kinds:
        raise ParameterError(
            f"{path}: has quadrilaterals: triangles are wanted (in gmsh: without Recombine)."
        )
    if list(kinds) != ["triangle"]:
        raise ParameterError(
            f"{path}: has cells of type {', '.join(k for k in kinds if k != 'triangle')}: "
            "triangles are wanted."
        )


def _tags(
    path: Path, mesh: Any, blocks: list[int], wanted: str | None
) -> tuple[Integers, dict[str, tuple[int, ...]]]:
    """Group of each triangle and the names of groups, from whatever the format has for them."""
    arrays = {
        name: np.concatenate([np.asarray(values[i]).astype(float) for i in blocks])
        for name, values in mesh.cell_data.items()
        if name not in _NOT_TAGS and all(_numbers(values[i]) for i in blocks)
    }
    arrays = {name: v for name, v in arrays.items() if np.isfinite(v).all() and not (v % 1).any()}
    if wanted is not None and wanted not in arrays:
        known = ", ".join(f'"{name}"' for name in arrays) or "none"
        raise ParameterError(
            f'{path}: has no whole numbers called "{wanted}" for its cells (there are: {known}).'
        )
    sets = {name: s for name, s in mesh.cell_sets.items() if not name.startswith("gmsh:")}
    if wanted is None and _GMSH in arrays:
        wanted = _GMSH
    elif wanted is None and len(arrays) == 1 and not sets:
        (wanted,) = arrays
    elif wanted is None and sets:
        return _from_sets(mesh, blocks, sets)
    elif wanted is None and arrays:
        raise ParameterError(
            f"{path}: has several numbers for each cell "
            f"({', '.join(arrays)}): say with tag_array which of them are the tags."
        )
    if wanted is None:
        return np.zeros(sum(len(mesh.cells[i].data) for i in blocks), dtype=np.int64), {}
    return arrays[wanted].astype(np.int64), _names(mesh)


def _numbers(values: Any) -> bool:
    kind = np.asarray(values).dtype.kind if values is not None else ""
    return kind in ("i", "u", "f", "b") and np.asarray(values).ndim == 1


def _names(mesh: Any) -> dict[str, tuple[int, ...]]:
    """Names of gmsh's physical surfaces, or of the groups of a MED file."""
    names: dict[str, tuple[int, ...]] = {}
    for name, value in mesh.field_data.items():
        number = np.asarray(value).ravel()
        if number.size == 2 and number[1] == 2:
            names[name] = (int(number[0]),)
    for family, groups in getattr(mesh, "cell_tags", {}).items():
        for group in groups:
            names[group] = (*names.get(group, ()), int(family))
    return names


def _from_sets(
    mesh: Any, blocks: list[int], sets: Mapping[str, Any]
) -> tuple[Integers, dict[str, tuple[int, ...]]]:
    """Number every combination of sets that occurs: -1, -2, ..."""
    offsets = np.cumsum([0] + [len(mesh.cells[i].data) for i in blocks])
    member = np.zeros((offsets[-1], len(sets)), dtype=bool)
    for column, chosen in enumerate(sets.values()):
        for start, block in zip(offsets[:-1], blocks, strict=True):
            if chosen[block] is not None:
                member[start + np.asarray(chosen[block], dtype=np.int64), column] = True
    kinds, kind = np.unique(member, axis=0, return_inverse=True)
    numbers = np.where(kinds.any(axis=1), -1 - np.arange(len(kinds)), 0)
    names = {
        name: tuple(int(n) for n in numbers[kinds[:, column]])
        for column, name in enumerate(sets)
        if kinds[:, column].any()
    }
    return numbers[kind.ravel()].astype(np.int64), names
