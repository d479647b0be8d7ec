"""Meshes from files: every format says the same, every bad mesh gets its own sentence."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import meshio
import numpy as np
import pytest
from mpi4py import MPI

from glvortex.errors import ParameterError
from glvortex.geometry import mesh_files
from glvortex.geometry.arrays import MeshArrays, collect
from glvortex.geometry.carving import CellTag
from glvortex.geometry.inclusions import Disks, Inclusions
from glvortex.geometry.mesh import make_mesh
from glvortex.geometry.mesh_checks import mended
from glvortex.geometry.mesh_files import MeshFile, read_mesh
from glvortex.geometry.mesh_inclusions import mesh_inclusions
from glvortex.geometry.meshed import Meshed, Part, meshed_sample
from glvortex.geometry.quarters import quartered
from glvortex.geometry.sample import Rectangle
from glvortex.geometry.sizes import MeshSizes

DISK = """\
SetFactory("OpenCASCADE");
Rectangle(1) = {-20, -15, 0, 40, 30};
Disk(2) = {0, 0, 0, 10};
Disk(3) = {0, 0, 0, 6};
BooleanFragments{ Surface{1}; Delete; }{ Surface{2, 3}; Delete; }
edge() = Surface In BoundingBox{-10.1, -10.1, -1, 10.1, 10.1, 1};
edge() -= {3};
host() = Surface{:};
host() -= {edge(), 3};
Physical Surface("host", 1) = {host()};
Physical Surface("core", 2) = {3};
Physical Surface("edge", 3) = {edge()};
MeshSize{:} = 2;
"""
POINTS = np.array([[0, 0], [4, 0], [8, 0], [0, 4], [4, 4], [8, 4]], dtype=float)
CELLS = np.array([[0, 1, 4], [0, 4, 3], [1, 2, 5], [1, 5, 4]])
NM = 0.05  # xi


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gmsh script: one disk in a rectangle."""
    path = tmp_path_factory.mktemp("meshes") / "disk.geo"
    path.write_text(DISK)
    return path


@pytest.fixture(scope="module")
def read(disk: Path) -> MeshFile:
    """What it says."""
    return read_mesh(disk)


def grid(n: int = 3, step: float = 1.0) -> MeshFile:
    """A square of n x n cells of two triangles each, without tags."""
    x = np.arange(n + 1) * step
    points = np.column_stack([c.ravel() for c in np.meshgrid(x, x)])
    corner = (np.arange(n)[:, None] * (n + 1) + np.arange(n)).ravel()
    lower = np.column_stack([corner, corner + 1, corner + n + 2])
    upper = np.column_stack([corner, corner + n + 2, corner + n + 1])
    cells = np.vstack([lower, upper]).astype(np.int64)
    return MeshFile(Path("grid.msh"), points, cells, np.zeros(len(cells), dtype=np.int64), {})


def save(path: Path, points: Any, kind: str, cells: Any, **more: Any) -> Path:
    meshio.write(path, meshio.Mesh(np.asarray(points, dtype=float), [(kind, cells)], **more))
    return path


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("disk.msh", {"file_format": "gmsh22", "binary": False}),
        ("disk.msh", {"file_format": "gmsh22", "binary": True}),
        ("disk.vtu", {}),
        ("disk.vtk", {}),
        ("disk.xdmf", {}),
        ("disk.mesh", {}),
        ("disk.med", {}),
        ("disk.inp", {}),
    ],
)
def test_formats(name: str, options: dict[str, Any], read: MeshFile, tmp_path: Path) -> None:
    """Points, triangles and groups survive every format, whatever it calls them."""
    points = np.column_stack([read.points, np.zeros(len(read.points))])
    cells = [("triangle", read.triangles)]
    groups = {name: int(tags[0]) for name, tags in read.names.items()}
    mesh = meshio.Mesh(points, cells, cell_data={"gmsh:physical": [read.tags.astype(np.int32)]})
    if name.endswith(".med"):
        mesh = meshio.Mesh(points, cells, cell_data={"cell_tags": [-read.tags]})
        mesh.cell_tags = {-number: [group] for group, number in groups.items()}
    elif name.endswith(".inp"):
        sets = {group: [np.flatnonzero(read.tags == n)] for group, n in groups.items()}
        mesh = meshio.Mesh(points, cells, cell_sets=sets)
    elif name.endswith(".msh"):
        mesh.cell_data["gmsh:geometrical"] = mesh.cell_data["gmsh:physical"]
        mesh.field_data = {group: np.array([n, 2]) for group, n in groups.items()}
    meshio.write(tmp_path / name, mesh, **options)
    again = read_mesh(tmp_path / name)
    named = name.endswith((".med", ".inp", ".msh"))
    assert np.allclose(again.points, read.points, rtol=1e-6, atol=1e-6)
    assert (again.triangles == read.triangles).all()
    for group, number in groups.items():
        key = group if named else number
        assert (np.isin(again.tags, again.group(key)) == (read.tags == number)).all()
    if not again.numbered:
        assert again.group(1) == ()


def test_script_and_its_mesh(disk: Path, read: MeshFile) -> None:
    """gmsh's own file of a script says what the script says; a factor changes the edges."""
    import subprocess

    target = disk.with_suffix(".msh")
    command = ["gmsh", "-2", "-format", "msh41", "-nt", "1", str(disk), "-o", str(target)]
    subprocess.run(command, check=True, capture_output=True)
    again = read_mesh(target)
    assert again.names == read.names
    assert len(again.triangles) == len(read.triangles)
    finer = read_mesh(disk, size_factor=0.5)
    assert 3.0 < len(finer.triangles) / len(read.triangles) < 5.0


def damage(path: Path) -> None:
    """Write a compressed mesh with a few wrong bytes in it."""
    save(path, np.eye(3) * 5, "triangle", [[0, 1, 2]])
    content = path.read_bytes()
    at = content.index(b"AQAAAA")  # where the first compressed array begins
    path.write_bytes(content[: at + 40] + b"AAAA" + content[at + 44 :])


BAD_FILES = {
    "damaged inside": ("a.vtu", damage, "is no .vtu file that can be read."),
    "solid": (
        "a.vtu",
        lambda p: save(p, np.eye(4, 3), "tetra", [[0, 1, 2, 3]]),
        "is three-dimensional, it has cells of type tetra",
    ),
    "tetgen": ("a.node", lambda p: p.write_text("0 3\n"), "is three-dimensional"),
    "not in the plane": (
        "a.vtu",
        lambda p: save(p, [[0, 0, 0], [1, 0, 0], [1, 1, 1]], "triangle", [[0, 1, 2]]),
        "does not lie in a plane z = const, z goes from 0 to 1",
    ),
    "no triangles": (
        "a.vtu",
        lambda p: save(p, np.eye(3), "line", [[0, 1], [1, 2]]),
        "holds no triangles",
    ),
    "nothing": (
        "a.vtu",
        lambda p: meshio.write(p, meshio.Mesh(np.zeros((0, 3)), [])),
        "holds no triangles",
    ),
    "points only": (
        "a.vtu",
        lambda p: meshio.write(p, meshio.Mesh(np.eye(3), [])),
        "holds no triangles",
    ),
    "quadrilaterals": (
        "a.vtu",
        lambda p: save(p, [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], "quad", [[0, 1, 2, 3]]),
        "has quadrilaterals: triangles are wanted",
    ),
    "higher order": (
        "a.vtu",
        lambda p: save(p, np.eye(6, 3), "triangle6", [[0, 1, 2, 3, 4, 5]]),
        "has cells of higher order (triangle6)",
    ),
    "no mesh": (
        "a.png",
        lambda p: p.write_bytes(b"x"),
        "is neither a gmsh script (.geo) nor a mesh",
    ),
    "damaged": (
        "a.msh",
        lambda p: p.write_bytes(b"$MeshFormat\n4.1 0"),
        "is no .msh file that can",
    ),
    "empty": ("a.vtk", lambda p: p.write_bytes(b""), "is no .vtk file that can be read"),
    "missing": ("a.msh", lambda p: None, "cannot be read (No such file or directory)"),
    "script error": ("a.geo", lambda p: p.write_text("Point(1) = {0, 0"), "gmsh cannot mesh it"),
    "script draws nothing": (
        "a.geo",
        lambda p: p.write_text("Point(1) = {0, 0, 0};"),
        "no surface",
    ),
    "script without surfaces in groups": (
        "a.geo",
        lambda p: p.write_text(
            'SetFactory("OpenCASCADE");\nRectangle(1) = {0, 0, 0, 9, 9};\nPhysical Curve(1) = 1;\n'
        ),
        "it has physical groups, but no surface is in one",
    ),
    "script ends gmsh": ("a.geo", lambda p: p.write_text("Exit;"), "ended gmsh without a mesh"),
    "which tags": (
        "a.vtu",
        lambda p: save(
            p,
            [[0, 0, 0], [1, 0, 0], [1, 1, 0]],
            "triangle",
            [[0, 1, 2]],
            cell_data={"one": [[1]], "two": [[2]]},
        ),
        "several numbers for each cell (one, two): say with tag_array",
    ),
    "not a number": (
        "a.vtk",
        lambda p: save(p, [[0, 0, 0], [1, 0, np.nan], [1, 1, 0]], "triangle", [[0, 1, 2]]),
        "coordinates are no finite numbers",
    ),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_bad_files(case: str, tmp_path: Path) -> None:
    """One sentence that names the file and what is wrong with it."""
    name, make, sentence = BAD_FILES[case]
    make(tmp_path / name)
    with pytest.raises(ParameterError) as caught:
        read_mesh(tmp_path / name)
    text = str(caught.value)
    assert sentence in text and text.startswith(str(tmp_path / name)) and "\n" not in text


LOOP = 'SystemCall "sleep 1000 & echo $! > FOLDER/pid";\nFor i In {1:1e12}\nx = i;\nEndFor\n'


def looping(folder: Path) -> Path:
    """A script without an end that starts a program."""
    script = folder / "loop.geo"
    script.write_text(LOOP.replace("FOLDER", str(folder)))
    return script


def ended(pid: int) -> bool:
    """Whether a process ends within a few seconds."""
    for _ in range(100):
        state = Path(f"/proc/{pid}/stat")
        if not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


def test_a_script_without_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence after the limit, and nothing goes on."""
    monkeypatch.setattr(mesh_files, "SCRIPT_SECONDS", 3.0)
    with pytest.raises(ParameterError, match=r"loop\.geo: gmsh has not meshed it in 3 s"):
        read_mesh(looping(tmp_path))
    assert ended(int((tmp_path / "pid").read_text()))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_script_ends_with_who_wants_its_mesh(tmp_path: Path, number: int) -> None:
    """Ctrl-C, or the end of the program without a word."""
    code = (
        "import sys; from pathlib import Path; from glvortex.geometry.mesh_files import read_mesh"
    )
    code += "; read_mesh(Path(sys.argv[1]))"
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(looping(tmp_path))], stderr=subprocess.DEVNULL
    )
    pid = tmp_path / "pid"
    while not (pid.exists() and pid.read_text().strip()) and child.poll() is None:
        time.sleep(0.05)
    child.send_signal(number)
    assert child.wait(timeout=20) != 0
    assert ended(int(pid.read_text()))


def test_tag_array(tmp_path: Path) -> None:
    """Named cell data are the tags; a name that is not there is refused with those that are."""
    data = {"one": [[1, 1, 1, 1]], "two": [[7, 8, 8, 8]]}
    path = save(
        tmp_path / "a.vtu", np.c_[POINTS, 0 * POINTS[:, 0]], "triangle", CELLS, cell_data=data
    )
    assert read_mesh(path, tag_array="two").tags.tolist() == [7, 8, 8, 8]
    with pytest.raises(ParameterError, match=r'no whole numbers called "three".*"one", "two"'):
        read_mesh(path, tag_array="three")


def broken(name: str) -> tuple[np.ndarray, np.ndarray]:
    points, cells = POINTS.copy(), CELLS.copy()
    if name == "no area":
        points[4] = (4, 0)
        points[4, 1] = 1e-9
    elif name == "over another":
        cells = np.vstack([cells, [0, 1, 3]])
    elif name == "folded":
        points[5] = (3, 4.5)
    elif name == "hanging":
        points = np.vstack([points, [4, 2], [0.5, -1]])
        cells = np.array([[0, 1, 4], [0, 4, 3], [1, 2, 6], [6, 2, 5], [6, 5, 4]])
    elif name == "two pieces":
        points = np.vstack([points, points + np.array([20, 0])])
        cells = np.vstack([cells, cells[:1] + 6])
    elif name == "a single point in common":
        points = np.vstack([points, [12, 4], [12, 8]])
        cells = np.vstack([cells, [5, 6, 7]])
    return points, cells


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("no area", "have no area, the first at"),
        ("over another", "triangles lie over another"),
        ("folded", "lie over another"),
        ("hanging", "1 vertex lies on a side of a triangle"),
        ("two pieces", "falls into 2 pieces that share no edge.*has 1 triangle, at"),
        ("a single point in common", "falls into 2 pieces"),
    ],
)
def test_bad_triangles(name: str, sentence: str) -> None:
    """Each gets its own sentence, with a place."""
    with pytest.raises(ParameterError, match=sentence):
        mended(*broken(name))


def test_what_is_mended() -> None:
    """Unused points, points given twice and triangles turned round change nothing."""
    points = np.vstack([[99, 99], POINTS, POINTS])
    cells = CELLS + 1
    cells[2:] += 6  # the other half has points of its own
    cells[1] = cells[1, ::-1]
    found, triangles, merged = mended(points, cells)
    assert merged == 2 and len(found) == 6
    middles = found[triangles].mean(axis=1)
    assert np.allclose(middles, POINTS[CELLS].mean(axis=1))
    u, v = (
        found[triangles[:, 1]] - found[triangles[:, 0]],
        found[triangles[:, 2]] - found[triangles[:, 0]],
    )
    assert np.allclose(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0], 16.0)


def roles(**keys: Any) -> dict[CellTag, Any]:
    return {CellTag[name.upper()]: value for name, value in keys.items()}


def test_tags_that_do_not_fit(read: MeshFile) -> None:
    """Unknown, missing and doubly given groups, and a mesh without any."""
    for given, sentence in (
        (roles(host=[1], core=[2, 9], edge=[3]), "tags.core names 9, which no triangle"),
        (roles(host=["film"], core=[2], edge=[3]), 'tags.host names "film", which.*1 "host"'),
        (roles(host=[1], core=[2]), 'of 764 triangles have the tags 3 "edge", which tags does not'),
        (
            roles(host=[1, 2], core=[2], edge=[3]),
            'tags.core and tags.host both name the tag 2 "core"',
        ),
    ):
        with pytest.raises(ParameterError, match=sentence):
            meshed_sample(read, 1.0, given)
    with pytest.raises(ParameterError, match="its triangles have no tags: make physical groups"):
        meshed_sample(grid(), 1.0, roles(host=[1]))
    assert meshed_sample(grid(), 1.0, None)[0].area == pytest.approx(9.0)


def test_extent_that_cannot_be_meant(read: MeshFile) -> None:
    """A mesh in metres, or in nanometres where xi is meant."""
    with pytest.raises(
        ParameterError, match="smaller than one coherence length: coordinates count in"
    ):
        meshed_sample(read, 1e-9, None)
    with pytest.raises(ParameterError, match=r"edges of the mesh are \d+.\d xi long"):
        meshed_sample(read, 20.0, None)


def test_holes_of_a_mesh() -> None:
    """What a hole must be; an open one is refused since its field is part of the solution."""
    mesh = grid(5)
    middle = mesh.points[mesh.triangles].mean(axis=1)
    inner = (np.abs(middle - 2.5) < 0.5).all(axis=1)
    tags = np.where(inner, 4, 1)
    part = Part([4], CellTag.HOLE, "hole[1]", 1)

    def made(tags: np.ndarray, **other: Any) -> Meshed:
        file = MeshFile(mesh.path, mesh.points, mesh.triangles, tags, {}, **other)
        return meshed_sample(file, 1.0, roles(host=[1]), [part])[0]

    sample = made(tags)
    assert sample.area == pytest.approx(24.0) and sample.enclosed[0].fluxoid == 1
    assert sample.contains([(2.5, 2.5), (1.2, 2.5), (-0.1, 1)]).tolist() == [False, True, False]
    assert sample.boundary_distance([(1.5, 2.5)])[0] == pytest.approx(0.5)
    with pytest.raises(ParameterError, match=r"hole\[1\] reaches the outline"):
        made(np.where(middle[:, 0] < 1, 4, 1))
    with pytest.raises(ParameterError, match="cut the sample into 2 pieces"):
        made(np.where(np.abs(middle[:, 0] - 2.5) < 0.5, 4, 1))
    with pytest.raises(ParameterError, match=r"leaves 1 holes open, the first at \(2.5, 2.5\)"):
        open_mesh = MeshFile(mesh.path, mesh.points, mesh.triangles[~inner], tags[~inner], {})
        meshed_sample(open_mesh, 1.0, None)


@pytest.mark.parametrize("factor", [0.5, 0.25])
def test_fields_between_concentric_circles(factor: float, disk: Path) -> None:
    """They are those of the disk, up to the polygons that stand for the circles."""
    sample, _ = meshed_sample(read_mesh(disk, size_factor=factor), 1.0, None)
    found = mesh_inclusions(sample.arrays, 0.5)
    found.check(sample)
    one = np.ones(1)
    strength = {"pseudo_gauge": 0.3 * one, "magnetisation": 0.01 * one}
    width = {"edge_width": 4.0, "edge_smoothing": 0.5}
    exact = Disks(0 * one, 0 * one, 8 * one, sign=one, **width, **strength)
    points = np.random.default_rng(1).uniform(-14, 14, (2000, 2))
    found = type(found)(**{**vars(found), **strength})
    error = factor**2
    assert abs(found.edge_width - 4.0) < 0.05 * error
    assert np.abs(found.area / exact.area - 1).max() < 0.03 * error  # of polygons within circles
    assert np.abs(found.edge_distance(points) - exact.edge_distance(points)).max() < 0.08 * error
    deviation = found.pseudo_gauge_at(points) - exact.pseudo_gauge_at(points)
    assert np.sqrt(np.mean(deviation**2)) < 0.006 * factor  # a side has one direction
    assert (found.nearest(points) == 0).all()
    assert [len(found.outlines(offset)) for offset in (-2.0, 0.0, 2.0)] == [1, 1, 1]


def test_inclusions_that_are_none(read: MeshFile) -> None:
    """No edge region, one without a core, one that does not surround its core."""
    for given, sentence in (
        (roles(host=[1, 3], core=[2]), "name its cores and edge regions"),
        (roles(host=[2], core=[1], edge=[3]), "has an edge region that is 0 xi wide"),
    ):
        sample, _ = meshed_sample(read, 1.0, given)
        with pytest.raises(ParameterError, match=sentence):
            mesh_inclusions(sample.arrays, None).check(sample)


def test_quarters_are_those_of_gmsh() -> None:
    """A refined mesh has the same triangles in the same order, whoever cuts them."""
    sizes, rectangle = MeshSizes.of(1.0, None, None, 0.0), Rectangle(5.0, 4.0)
    coarse, fine = (
        collect(make_mesh(MPI.COMM_SELF, rectangle, Inclusions.none(), sizes, refinements=n))
        for n in (0, 1)
    )
    assert coarse is not None and fine is not None
    ours = quartered(coarse)
    assert isinstance(ours, MeshArrays) and len(ours.points) == len(fine.points)
    assert np.allclose(ours.points[ours.cells], fine.points[fine.cells])
