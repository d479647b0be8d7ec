"""Problems whose sample is a mesh: the same results as the same thing given in another way."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from mpi4py import MPI

from glvortex.errors import ParameterError
from glvortex.geometry.arrays import collect
from glvortex.output.formats.export import write_mesh
from glvortex.output.runs import folder
from glvortex.output.runs.run import open_run
from glvortex.problems.build import build, mesh_of
from glvortex.problems.resolved import write_resolved
from glvortex.problems.schema import load
from glvortex.problems.setup import Setup, setup_from
from glvortex.problems.solve import Solution, solve

ROOT = Path(__file__).parents[1]
RING = """\
[superconductor]
kappa = 3.0
[sample]
shape = "disk"
radius = 8.0
[[hole]]
shape = "disk"
radius = 2.0
centre = [3.0, 0.0]
fluxoid = 1
[[region]]
shape = "rectangle"
size = [3.0, 3.0]
centre = [-4.0, 0.0]
t = 0.3
[solver]
starts = ["uniform"]
refinements = 1
[mesh]
size = 1.0
"""
MESHED = """\
[superconductor]
kappa = {kappa}
[sample]
shape = "mesh"
file = "{file}"
{tags}
{parts}
[solver]
starts = {starts}
"""
HOLE_AND_REGION = """\
[[hole]]
shape = "mesh"
tags = ["hole"]
fluxoid = 1
[[region]]
shape = "mesh"
tags = [5]
t = 0.3
"""
INCLUSION = """\
[inclusions]
layout = "mesh"
edge_smoothing = 0.5
pseudo_gauge = 0.5
magnetisation = 0.002
"""
DISKS = """\
[inclusions]
layout = "square"
count = [1, 1]
radius = 8.0
edge_width = 6.0
edge_smoothing = 0.5
pseudo_gauge = 0.5
magnetisation = 0.002
"""
SCRIPT = """\
SetFactory("OpenCASCADE");
Rectangle(1) = {-18, -16, 0, 36, 32};
Disk(2) = {0, 0, 0, 11};
Disk(3) = {0, 0, 0, 5};
BooleanFragments{ Surface{1}; Delete; }{ Surface{2, 3}; Delete; }
edge() = Surface In BoundingBox{-11.1, -11.1, -1, 11.1, 11.1, 1};
edge() -= {3};
host() = Surface{:};
host() -= {edge(), 3};
Physical Surface("host", 1) = {host()};
Physical Surface("core", 2) = {3};
Physical Surface("edge", 3) = {edge()};
MeshSize{:} = 1.1;
"""


def reduced(folder: Path, name: str, text: str) -> Setup:
    path = folder / name
    path.write_text(text)
    return setup_from(load(path))


def relaxed(folder: Path, name: str, text: str) -> Solution:
    return solve(reduced(folder, name, text), MPI.COMM_SELF)


def test_hole_and_region_by_their_tags(tmp_path: Path) -> None:
    """A mesh that glvortex wrote gives what it gives itself, holes, regions and fluxoids too."""
    drawn = reduced(tmp_path, "ring.toml", RING)
    mesh = collect(mesh_of(drawn, MPI.COMM_SELF))
    write_mesh(tmp_path / "ring.msh", mesh, MPI.COMM_SELF)
    text = MESHED.format(
        kappa=3.0, file="ring.msh", tags="", parts=HOLE_AND_REGION, starts='["uniform"]'
    )
    expected, found = solve(drawn, MPI.COMM_SELF), relaxed(tmp_path, "mesh.toml", text)
    assert found.states[0].energy == pytest.approx(expected.states[0].energy, abs=1e-8)
    assert [hole.fluxoid for hole in found.holes] == [1]
    assert found.setup.sample.area == pytest.approx(expected.setup.sample.area, rel=0.02)
    # refined, new points of the circles stay on their chords: another sample, nearly the same
    finer = relaxed(tmp_path, "finer.toml", text + "refinements = 1\n")
    assert finer.extrapolation is not None and expected.extrapolation is not None
    assert abs(finer.best.energy - expected.best.energy) < 0.02 * abs(expected.best.energy)
    assert finer.best.energy < found.best.energy + 1.0


@pytest.fixture(scope="module")
def on_mesh(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Solution]:
    """The inclusion of a mesh, relaxed with and without vortices; and where its files are."""
    folder = tmp_path_factory.mktemp("inclusion")
    (folder / "disk.geo").write_text(SCRIPT)
    text = MESHED.format(
        kappa=20.0, file="disk.geo", tags="", parts=INCLUSION, starts='["uniform", "london"]'
    )
    return folder, relaxed(folder, "mesh.toml", text)


def test_inclusion_of_a_mesh_is_the_disk(on_mesh: tuple[Path, Solution]) -> None:
    """Energy and vortices are those of the disk's formula on the same mesh."""
    folder, found = on_mesh
    tags = 'tags = { host = ["host", "core", "edge"] }'
    text = MESHED.format(
        kappa=20.0, file="disk.geo", tags=tags, parts=DISKS, starts='["uniform", "london"]'
    )
    expected = relaxed(folder, "disks.toml", text)
    assert found.dofs == expected.dofs
    assert len(found.best.vortices) == len(expected.best.vortices) > 0
    bare = -found.setup.sample.area / 2  # without sources
    for state, same in zip(found.states, expected.states, strict=True):
        # the polygons within the circles are a percent smaller
        assert abs(state.energy - same.energy) < 0.01 * abs(same.energy - bare)
    gain, other = (s.states[0].energy - s.best.energy for s in (found, expected))
    assert gain == pytest.approx(other, rel=0.03)
    for vortex, other_vortex in zip(found.best.vortices, expected.best.vortices, strict=True):
        assert vortex.charge == other_vortex.charge
        assert np.hypot(vortex.x - other_vortex.x, vortex.y - other_vortex.y) < 0.5
    assert found.moments is not None and expected.moments is not None
    assert found.moments.gamma == pytest.approx(expected.moments.gamma, rel=0.02)


def test_run_folder_needs_nothing_else(on_mesh: tuple[Path, Solution]) -> None:
    """It opens again without the script, and its problem is a problem of its own."""
    where, solution = on_mesh
    problem = load(where / "mesh.toml")
    run = where / "run"
    folder.prepare(run, MPI.COMM_SELF)
    without = replace(solution, setup=replace(solution.setup, fields=False, pictures=False))
    folder.write_run(run, problem, without)
    moved = where / "moved"
    shutil.move(run, moved)
    (where / "disk.geo").rename(where / "away.geo")
    try:
        again = open_run(moved, MPI.COMM_SELF)
        assert sum(again.solution.functional.budget().values()) == pytest.approx(
            solution.best.energy, rel=1e-10
        )
        copy = setup_from(load(moved / "problem.toml"))
        energy = sum(build(copy, MPI.COMM_SELF)[1].budget().values())
        here = sum(build(solution.setup, MPI.COMM_SELF)[1].budget().values())
        assert energy == pytest.approx(here, rel=1e-12)
        second = where / "second"
        second.mkdir()
        text = write_resolved(load(moved / "problem.toml"), copy, second).read_text()
        assert text == (moved / "problem.toml").read_text()
        with (moved / "sample.msh").open("a") as mesh:
            mesh.write("\n")
        with pytest.raises(ParameterError, match=r"the content of sample\.msh is another one"):
            open_run(moved, MPI.COMM_SELF)
    finally:
        (where / "away.geo").rename(where / "disk.geo")


def test_laboratory_units(tmp_path: Path, laboratory_problem: Path) -> None:
    """Coordinates count in file_unit; a wrong one is found out by the extent."""
    (tmp_path / "disk.geo").write_text(SCRIPT)
    material = laboratory_problem.read_text().partition("[sample]")[0]
    sample = '[sample]\nshape = "mesh"\nfile = "disk.geo"\nfile_unit = "{}"\n'
    strengths = (
        '[inclusions]\nlayout = "mesh"\nexchange_field = "1 meV"\npotential_step = "30 mV"\n'
    )
    path = tmp_path / "laboratory.toml"
    path.write_text(material + sample.format("nm") + strengths)
    setup = setup_from(load(path))
    assert setup.sample.area == pytest.approx(36 * 32 / 20**2)
    assert setup.length_unit == "nm"
    assert setup.sources is not None and setup.sources.edge_width == pytest.approx(6e-9, rel=0.01)
    path.write_text(material + sample.format("m") + strengths)
    with pytest.raises(
        ParameterError, match=r"laboratory.toml, line \d+: sample is wrong: the edg"
    ):
        setup_from(load(path))
    path.write_text(material + sample.format("pm") + strengths)
    with pytest.raises(ParameterError, match=r"smaller than one coherence length.*file_unit"):
        setup_from(load(path))
    path.write_text(material + sample.replace('file_unit = "{}"\n', "") + strengths)
    with pytest.raises(ParameterError, match="file_unit is missing"):
        setup_from(load(path))


OTHERS = {
    "square": "count = [1, 1]\nradius = 4",
    "random": "count = 2\nradius = 2\nminimum_distance = 6",
    "outlines": 'file = "outline.csv"',
}


@pytest.mark.parametrize("layout", OTHERS)
def test_other_layouts_on_a_mesh(layout: str, on_mesh: tuple[Path, Solution]) -> None:
    """Inclusions may lie anywhere in a mesh; those that stick out are refused."""
    where, _ = on_mesh
    corners = [(-6, -6), (6, -6), (0, 7)]
    (where / "outline.csv").write_text(
        "outline,x,y\n" + "".join(f"1,{x},{y}\n" for x, y in corners)
    )
    text = MESHED.format(
        kappa=20.0,
        file="disk.geo",
        tags="tags = { host = [1, 2, 3] }",
        parts=f'[inclusions]\nlayout = "{layout}"\nedge_width = 1.5\npseudo_gauge = 0.2\n'
        + OTHERS[layout],
        starts='["uniform"]',
    )
    setup = reduced(where, f"{layout}.toml", text)
    functional = build(setup, MPI.COMM_SELF)[1]
    assert np.abs(functional.pseudo_gauge.x.array).max() > 0.1
    if layout == "random":
        return
    with pytest.raises(ParameterError, match="does not lie inside the sample"):
        text = text.replace("radius = 4", "radius = 17")
        (where / "outline.csv").write_text("outline,x,y\n1,-6,-6\n1,30,-6\n1,30,7\n1,-6,7\n")
        reduced(where, f"{layout}.toml", text)


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        ("mesh.size=2", r'mesh.size is not used with sample.shape = "mesh": give size_factor'),
        ("sample.radius=2", r'sample.radius is not used with shape = "mesh"'),
        ("sample.tags={host=[1.5]}", r"sample.tags.host\[1\] must be the number or the name of"),
        ("sample.tags={film=[1]}", "sample.tags.film is not a known key"),
        ("sample.tags={host=[1], core=[2]}", r'have the tags 3 "edge", which tags does not map'),
        ("sample.tag_array=colour", 'has no whole numbers called "colour"'),
        ("sample.file=nowhere.msh", r"cannot be read \(No such file"),
        ("sample.shape=disk", r"sample.radius is missing|sample.file is not used"),
        ("mesh.size_factor=0", "mesh.size_factor must be greater than 0"),
    ],
)
def test_mistakes_in_the_problem_file(
    override: str, sentence: str, on_mesh: tuple[Path, Solution]
) -> None:
    """One sentence each."""
    where, _ = on_mesh
    with pytest.raises(ParameterError, match=sentence):
        setup_from(load(where / "mesh.toml", [override]))


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ('[inclusions]\nlayout = "mesh"\n', 'inclusions.layout can be "mesh" only with sample'),
        ('[[hole]]\nshape = "mesh"\ntags = [4]\n', r'hole\[1\].shape can be "mesh" only with'),
        ("[mesh]\nsize_factor = 2\n", "mesh.size_factor is used only with a sample from a gmsh"),
    ],
)
def test_what_needs_a_mesh(lines: str, sentence: str, tmp_path: Path) -> None:
    """Tags say nothing in a sample without them."""
    text = '[superconductor]\nkappa = 2\n[sample]\nshape = "disk"\nradius = 5\n'
    with pytest.raises(ParameterError, match=sentence):
        reduced(tmp_path, "disk.toml", text + lines)


def test_two_ranks(on_mesh: tuple[Path, Solution], run_on_ranks) -> None:
    """They find the energy that one finds, and give the same sentence."""
    where, solution = on_mesh
    code = """
        import sys
        from mpi4py import MPI
        from glvortex.errors import ParameterError
        from glvortex.problems.schema import load
        from glvortex.problems.setup import setup_from
        from glvortex.problems.solve import solve
        setup = setup_from(load(sys.argv[1], ['solver.starts=["uniform"]']))
        energy = solve(setup, MPI.COMM_WORLD).best.energy
        try:
            setup_from(load(sys.argv[1], ["sample.tags={host=[7]}"]))
        except ParameterError as error:
            sentences = {*MPI.COMM_WORLD.allgather(str(error))}
        if MPI.COMM_WORLD.rank == 0:
            print(repr(energy), *sentences, sep="\\n", flush=True)
    """
    energy, sentence = run_on_ranks(2, code, where / "mesh.toml").splitlines()
    assert float(energy) == pytest.approx(solution.states[0].energy, rel=1e-9)
    assert "tags.host names 7" in sentence


def test_example_script_and_mesh(tmp_path: Path) -> None:
    """The example reads from the script and from the mesh that was made of it."""
    file = ROOT / "problems" / "imported_mesh.toml"
    drawn = setup_from(load(file))
    tags = ["sample.tags={host=[1], core=[2], edge=[3]}", "hole.1.tags=[4]", "region.1.tags=[5]"]
    read = setup_from(load(file, ["sample.file=../meshes/device.vtu", *tags]))
    for one in (drawn, read):
        assert len(one.inclusions) == len(one.holes) == len(one.regions) == 1
        assert one.holes[0].fluxoid == 1
    assert read.sample.area == pytest.approx(drawn.sample.area, rel=1e-3)
    assert read.inclusions.area == pytest.approx(drawn.inclusions.area, rel=0.02)
