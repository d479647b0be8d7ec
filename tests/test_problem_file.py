"""Problem files: what they mean, and one clear sentence for every way to get them wrong."""

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest

from glvortex.errors import ParameterError
from glvortex.geometry.sample import Disk, Polygon, Rectangle
from glvortex.problems.resolved import resolved_toml, write_resolved
from glvortex.problems.schema import ProblemFile, load
from glvortex.problems.setup import Setup, setup_from

PROBLEMS = Path(__file__).parent.parent / "problems"

REDUCED = """\
title = "A small array"
[superconductor]
kappa = 30.0
[sample]
shape = "rectangle"
size = [100.0, 60.0]
[inclusions]
layout = "square"
count = [2, 1]
spacing = 44.0
radius = 17.0
edge_width = 8.0
pseudo_gauge = 0.45
[mesh]
size = 1.5
"""

LABORATORY = """\
units = "laboratory"
[material]
critical_temperature = "2.7 K"
temperature = "0.5 K"
layer_spacing = "1.18 nm"
coherence_length = "20 nm"
london_lambda = "600 nm"
effective_mass = "1 m_e"
chemical_potential = "0.3 eV"
rashba_energy = "10 meV"
out_of_plane_field = "1e7 V/m"
[sample]
shape = "rectangle"
size = ["2000 nm", "1.2 um"]
[inclusions]
layout = "square"
count = [2, 1]
spacing = "880 nm"
radius = "340 nm"
edge_width = "160 nm"
exchange_field = "1 meV"
potential_step = "30 mV"
[field]
applied = "2 mT"
[mesh]
size = "30 nm"
"""

# Lines that turn REDUCED into another layout or start, given as overrides.
RANDOM = [
    'inclusions={layout="random", count=3, minimum_distance=27, radius=9, edge_width=8}',
]
TABLE = ['inclusions={layout="file", file="table.csv", edge_width=8}']


def written(folder: Path, text: str, name: str = "problem.toml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def reduce(folder: Path, text: str, overrides: list[str] = ()) -> Setup:
    return setup_from(load(written(folder, text), overrides))


def same(a: object, b: object, tolerance: float = 1e-12) -> bool:
    """Equal up to rounding, through dataclasses, arrays and tuples."""
    if dataclasses.is_dataclass(a):
        return type(a) is type(b) and all(
            same(getattr(a, f.name), getattr(b, f.name), tolerance)
            for f in dataclasses.fields(a)
            if f.compare
        )
    if isinstance(a, np.ndarray | float):
        return np.allclose(a, b, rtol=tolerance, atol=tolerance)
    if isinstance(a, tuple):
        return len(a) == len(b) and all(same(x, y, tolerance) for x, y in zip(a, b, strict=True))
    return a == b


# --- what a file means ----------------------------------------------------------------------------


def test_a_reduced_file(tmp_path):
    setup = reduce(tmp_path, REDUCED)
    assert (setup.name, setup.title) == ("problem", "A small array")
    assert setup.sample == Rectangle(100, 60)
    assert setup.inclusions.x.tolist() == [-22, 22]
    assert setup.inclusions.pseudo_gauge.tolist() == [0.45, 0.45]
    assert setup.inclusions.edge_smoothing == 1.0
    assert (setup.kappa, setup.t, setup.screening, setup.applied_field) == (30, 1, True, 0)
    assert setup.starts == ("uniform", "london")
    assert dataclasses.astuple(setup.sizes) == (1.5, 1.5, 1.5)
    assert (setup.length_unit, setup.length_unit_in_xi) == ("xi", 1.0)
    assert setup.coefficients is None
    assert setup.warnings == ()


def test_no_inclusions_and_all_defaults(tmp_path):
    text = "[superconductor]\nkappa = 2\n[sample]\nshape = 'disk'\nradius = 5\n"
    setup = reduce(tmp_path, text)
    assert setup.sample == Disk(5)
    assert len(setup.inclusions) == 0
    assert dataclasses.astuple(setup.sizes) == (1, 1, 1)
    assert setup.title == "problem"


def test_polygon_and_vortices(tmp_path):
    overrides = [
        'sample={shape="polygon", points=[[0, 0], [9, 0], [0, 9]]}',
        'solver={starts=["file"], vortices=[[1, 2, -1], [2, 1, 2]]}',
    ]
    setup = reduce(tmp_path, "superconductor.kappa = 2\n", overrides)
    assert setup.sample == Polygon(((0, 0), (9, 0), (0, 9)))
    assert setup.vortices == ((1, 2, -1), (2, 1, 2))


def test_laboratory_units_say_the_same_as_reduced_ones(tmp_path):
    """Reduced numbers written by hand from the lengths, and from the coefficients' own values."""
    laboratory = reduce(tmp_path, LABORATORY)
    coefficients, sources = laboratory.coefficients, laboratory.sources
    reduced = reduce(
        tmp_path,
        REDUCED,
        [
            "title=problem",
            f"field.applied={2e-3 / coefficients.bc2!r}",
            f"inclusions.pseudo_gauge={sources.pseudo_gauge!r}",
            f"inclusions.magnetisation={sources.magnetisation_reduced!r}",
        ],
    )
    expected = dataclasses.replace(
        reduced,
        coefficients=coefficients,
        sources=sources,
        cooling=laboratory.cooling,
        length_unit="nm",
        length_unit_in_xi=1 / 20,
    )
    assert same(laboratory, expected)
    assert not same(laboratory, dataclasses.replace(expected, kappa=30 * (1 + 1e-10)))
    assert coefficients.coherence_length == pytest.approx(20e-9)
    assert coefficients.bc2 == pytest.approx(2.067833848e-15 / (2 * np.pi * 20e-9**2))


def test_signs_of_laboratory_sources(tmp_path):
    plus = reduce(tmp_path, LABORATORY).inclusions
    minus = reduce(tmp_path, LABORATORY, ["inclusions.exchange_field=-1 meV"]).inclusions
    outside = reduce(tmp_path, LABORATORY, ["inclusions.potential_step=-30 mV"]).inclusions
    assert minus.pseudo_gauge == pytest.approx(-plus.pseudo_gauge)
    assert minus.magnetisation == pytest.approx(-plus.magnetisation)
    assert outside.pseudo_gauge == pytest.approx(-plus.pseudo_gauge)
    assert outside.magnetisation == pytest.approx(plus.magnetisation)


def test_random_layout_is_the_same_in_both_units(tmp_path):
    keys = 'seed = 4\ncount = 2\nlayout = "random"\n'
    lines = {
        "nm": 'minimum_distance = "540 nm"\nradius = "180 nm"\n',
        "xi": "minimum_distance = 27.0\nradius = 9.0\n",
    }
    cut = re.compile(r"layout = .*\ncount = .*\nspacing = .*\nradius = .*\n")
    laboratory = reduce(tmp_path, cut.sub(keys + lines["nm"], LABORATORY)).inclusions
    reduced = reduce(tmp_path, cut.sub(keys + lines["xi"], REDUCED)).inclusions
    assert np.allclose(laboratory.centres, reduced.centres, rtol=1e-12)


def test_moments_and_charges_of_single_inclusions(tmp_path):
    """m_z scales all that an inclusion does, its charge the pseudo-gauge field alone."""
    rows = "x, y, radius, sign, moment, charge\n-440, 0, 180, 1, 1, 1\n440, 0, 180, -1, 0.5, -0.8\n"
    written(tmp_path, rows, "t.csv")
    cut = re.compile(r"layout = .*\ncount = .*\nspacing = .*\nradius = .*\n")
    keys = 'layout = "file"\nfile = "t.csv"\nfile_unit = "nm"\n'
    laboratory, reduced = (
        reduce(tmp_path, cut.sub(keys, LABORATORY), ["sample.size=['2 um', '2 um']"]).inclusions,
        reduce(
            tmp_path,
            REDUCED,
            [
                "sample.size=[2000, 2000]",
                'inclusions={layout="file", file="t.csv", edge_width=8, pseudo_gauge=0.3, '
                "magnetisation=1e-3}",
            ],
        ).inclusions,
    )
    for found in (laboratory, reduced):
        assert found.sign.tolist() == [1.0, -0.5]
        assert found.pseudo_gauge[1] == pytest.approx(0.4 * found.pseudo_gauge[0])
        assert found.magnetisation[1] == pytest.approx(-0.5 * found.magnetisation[0])
    assert reduced.pseudo_gauge.tolist() == [0.3, 0.12]


def test_a_larger_gamma_is_said(tmp_path):
    plain = reduce(tmp_path, LABORATORY)
    larger = reduce(tmp_path, LABORATORY, ["material.gamma_factor=300"])
    assert larger.coefficients.gamma == pytest.approx(300 * plain.coefficients.gamma)
    assert larger.inclusions.pseudo_gauge == pytest.approx(300 * plain.inclusions.pseudo_gauge)
    assert larger.sources.M_gamma == pytest.approx(300 * plain.sources.M_gamma)
    assert larger.sources.M_n == plain.sources.M_n
    assert any("300 times what the electrons give" in note for note in larger.notes)


def test_density_of_a_random_layout(tmp_path):
    overrides = [
        "sample.size=[300, 200]",
        'inclusions={layout="random", density=5e-4, minimum_distance=16, radius=5, edge_width=4}',
    ]
    assert len(reduce(tmp_path, REDUCED, overrides).inclusions) == 30


def test_layout_files(tmp_path):
    written(
        tmp_path,
        "x, y, radius, sign, pseudo_gauge\n-22, 0, 17, 1, 0.3\n22, 0, 15, -1, 0.4\n",
        "t.csv",
    )
    overrides = ['inclusions={layout="file", file="t.csv", edge_width=8, magnetisation=1e-3}']
    inclusions = reduce(tmp_path, REDUCED, overrides).inclusions
    assert inclusions.pseudo_gauge.tolist() == [0.3, -0.4]
    assert inclusions.magnetisation.tolist() == [1e-3, -1e-3]
    assert inclusions.radius.tolist() == [17, 15]
    written(tmp_path, "x, y, radius, sign\n-0.44, 0, 0.34, 1\n0.44, 0, 0.34, -1\n", "t.csv")
    overrides = [
        'inclusions={layout="file", file="t.csv", file_unit="um", edge_width="160 nm", '
        'exchange_field="1 meV", potential_step="30 mV"}'
    ]
    inclusions = reduce(tmp_path, LABORATORY, overrides).inclusions
    assert inclusions.x == pytest.approx([-22, 22])
    assert inclusions.radius == pytest.approx([17, 17])
    assert inclusions.pseudo_gauge[0] == -inclusions.pseudo_gauge[1] != 0


def test_overrides(tmp_path):
    overrides = [
        "mesh.size=2.5",
        'field.applied="3"',
        "title=Other words",
        "solver.starts=['uniform']",
    ]
    with pytest.raises(ParameterError, match="applied must be a plain number"):
        load(written(tmp_path, REDUCED), overrides)
    overrides[1] = "field.applied = 0.1"
    setup = reduce(tmp_path, REDUCED, overrides)
    assert setup.sizes.size == 2.5
    assert setup.applied_field == 0.1
    assert setup.title == "Other words"
    assert setup.starts == ("uniform",)


def test_beyond_depairing_is_a_warning(tmp_path):
    (warning,) = reduce(tmp_path, REDUCED, ["inclusions.pseudo_gauge=-0.7"]).warnings
    assert "0.7" in warning
    assert "depairing" in warning


@pytest.mark.parametrize("path", sorted(PROBLEMS.glob("*.toml")), ids=lambda path: path.stem)
def test_problems_of_this_repository(path, tmp_path):
    """Each can be read, and the resolved file in the run folder says the same."""
    problem = load(path)
    setup = setup_from(problem)
    assert setup.title and not setup.warnings
    copy = write_resolved(problem, setup, tmp_path)
    again = setup_from(load(copy))
    assert same(dataclasses.replace(again, name=setup.name), setup)
    assert resolved_toml(load(copy), again) == copy.read_text()


def test_the_readme_problem_has_the_numbers_it_was_measured_with():
    setup = setup_from(load(PROBLEMS / "spontaneous_vortices.toml"))
    inclusions = setup.inclusions
    assert setup.sample == Rectangle(176, 176)
    assert len(inclusions) == 16
    assert (inclusions.edge_width, inclusions.edge_smoothing) == (8, 1)
    assert set(inclusions.radius) == {17}
    assert set(inclusions.pseudo_gauge) == {0.45}
    assert dataclasses.astuple(setup.sizes) == (1.5, 1.5, 1.5)


def test_resolved_file_with_unit_defaults(tmp_path):
    text = LABORATORY.replace('temperature = "0.5 K"\n', "", 1).replace('applied = "2 mT"', "")
    text = text.replace("critical_\n", "critical_")
    problem = load(written(tmp_path, text))
    setup = setup_from(problem)
    resolved = resolved_toml(problem, setup)
    assert 'applied = "0.0 T"' in resolved
    assert same(setup_from(load(written(tmp_path, resolved))), dataclasses.replace(setup))


def test_every_key_is_described():
    def undescribed(model, prefix=""):
        for name, field in model.model_fields.items():
            kinds = [field.annotation, *getattr(field.annotation, "__args__", ())]
            section = next((k for k in kinds if hasattr(k, "model_fields")), None)
            if section is not None:
                yield from undescribed(section, f"{prefix}{name}.")
            elif not field.description:
                yield prefix + name

    assert list(undescribed(ProblemFile)) == []


# --- what is wrong with a file --------------------------------------------------------------------

# (text of the file, overrides, what the sentence must say)
BAD = {
    "section with a space": (REDUCED + '["my section"]\n', [], "my section is not a known key"),
    "key with a space": (REDUCED + '"my key" = 3\n', [], "mesh.my key is not a known key"),
    "far too fine a mesh": (REDUCED, ["mesh.size=1e-300"], "mesh asks for about"),
    "far too many inclusions": (
        REDUCED,
        ["inclusions.count=[1000000, 1000000]"],
        "more than 100000 inclusions",
    ),
    "null character": (
        REDUCED,
        ['inclusions={layout="file", file="a\\u0000b", edge_width=8}'],
        "cannot be read",
    ),
    "unknown section": (REDUCED, ["meshes.size=1"], "meshes is not a known key, did you mean mesh"),
    "unknown key": (
        REDUCED.replace("spacing", "spaceing"),
        [],
        "line 10: inclusions.spaceing is not a known key, did you mean spacing",
    ),
    "unknown key, nothing near": (
        REDUCED,
        ["mesh.quux=1"],
        "allowed are accuracy, core_size, edge_size",
    ),
    "no sample": ("[superconductor]\nkappa = 2\n", [], "sample is missing"),
    "no kappa": (REDUCED.replace("kappa = 30.0", ""), [], "superconductor.kappa is missing"),
    "misspelt and so missing": (
        REDUCED.replace("edge_width", "edge_widht"),
        [],
        "edge_widht is not a known key, did you mean edge_width",
    ),
    "missing": (
        REDUCED.replace("edge_width = 8.0", ""),
        [],
        "line 7: inclusions.edge_width is missing",
    ),
    "kappa misspelt": (REDUCED.replace("kappa", "kapa"), [], "did you mean kappa"),
    "kappa zero": (REDUCED, ["superconductor.kappa=0"], "kappa must be at least 0.01, got 0"),
    "kappa no number": (REDUCED, ["superconductor.kappa=big"], 'must be a number, got "big"'),
    "kappa nan": (REDUCED, ["superconductor.kappa=nan"], "kappa must be a finite number"),
    "mesh size": (REDUCED.replace("1.5", "-1.5"), [], "mesh.size must be greater than 0, got -1.5"),
    "edge size": (REDUCED, ["mesh.size=9", "mesh.edge_size=9"], "edge_size must not exceed"),
    "screening": (
        REDUCED,
        ["superconductor.screening=1"],
        "screening must be true or false, got 1",
    ),
    "shape": (REDUCED, ["sample.shape=square"], "must be 'rectangle', 'disk', 'polygon', "),
    "shape and size": (REDUCED, ["sample.shape=disk"], "sample.size is not used with shape"),
    "no radius": (REDUCED, ['sample={shape="disk"}'], "sample.radius is missing"),
    "one side": (REDUCED, ["sample.size=[100.0]"], "sample.size must be two lengths [x, y]"),
    "negative side": (
        REDUCED,
        ["sample.size=[100, -60]"],
        "sample is wrong: the sides of a rectangle",
    ),
    "bow tie": (
        REDUCED,
        ['sample={shape="polygon", points=[[0, 0], [9, 9], [9, 0], [0, 9]]}'],
        "must not cross",
    ),
    "overlap": (REDUCED.replace("44.0", "24.0"), [], "inclusion 1 at (-12, 0) and inclusion 2"),
    "outside": (REDUCED, ["inclusions.count=[2, 2]"], "does not lie inside the sample"),
    "no core": (REDUCED, ["inclusions.edge_width=34"], "wider than the disk"),
    "units of another system": (
        REDUCED.replace("17.0", '"340 nm"'),
        [],
        'radius must be a plain number (in xi) in a file with units = "reduced", got "340 nm"',
    ),
    "laboratory key": (REDUCED, ["inclusions.exchange_field=1"], "exchange_field does not belong"),
    "material in reduced": (
        REDUCED + LABORATORY[LABORATORY.index("[material]") : LABORATORY.index("[sample]")],
        [],
        "material does not belong in a file with units",
    ),
    "count of an array": (REDUCED, ["inclusions.count=4"], "must be [columns, rows], got 4"),
    "count no number": (
        REDUCED,
        ["inclusions.count=[2, 0]"],
        "count must be a positive whole number",
    ),
    "layout key": (REDUCED, ["inclusions.seed=3"], 'seed is not used with layout = "square"'),
    "no spacing": (REDUCED.replace("spacing = 44.0", ""), [], "inclusions.spacing is missing"),
    "unknown start": (REDUCED, ['solver.starts=["random"]'], "solver.starts[1] must be 'uniform'"),
    "no start": (REDUCED, ["solver.starts=[]"], "solver.starts must not be empty"),
    "start file alone": (REDUCED, ['solver.starts=["file"]'], "vortices must list [x, y, charge]"),
    "vortices alone": (REDUCED, ["solver.vortices=[[0, 0, 1]]"], 'only with "file" among'),
    "vortex outside": (
        REDUCED,
        ['solver={starts=["file"], vortices=[[0, 0, 1], [70, 0, 1]]}'],
        "solver.vortices[2] lies outside the sample",
    ),
    "vortex without charge": (
        REDUCED,
        ['solver={starts=["file"], vortices=[[0, 0, 0]]}'],
        "solver.vortices[1] must have a charge",
    ),
    "vortex of two": (REDUCED, ["solver.vortices=[[0, 0]]"], "must be [x, y, charge], got [0, 0]"),
    "charge no integer": (REDUCED, ["solver.vortices=[[0, 0, 0.5]]"], "must be a whole number"),
    "cooling upwards": (REDUCED, ["cooling.t_start=0.1"], "cooling.t_start must be less than 0"),
    "no time to cool": (REDUCED, ["cooling.duration=0"], "duration must be greater than 0"),
    "noise below zero": (REDUCED, ["cooling.noise=-0.1"], "cooling.noise must be at least 0"),
    "tolerance": (REDUCED, ["solver.gradient_tolerance=0"], "must be greater than 0, got 0"),
    "random, no count": (REDUCED, [*RANDOM, "inclusions.density=1e-3"], "given, not both"),
    "random, two counts": (REDUCED, [*RANDOM, "inclusions.count=[2, 2]"], "one whole number"),
    "random, too close": (
        REDUCED,
        [*RANDOM, "inclusions.minimum_distance=20"],
        "lets inclusions overlap",
    ),
    "random, too many": (
        REDUCED,
        [*RANDOM, "inclusions.count=90"],
        "of 90 inclusions could be placed",
    ),
    "no table": (REDUCED, TABLE, "table.csv: cannot be read (No such file"),
    "syntax": (REDUCED + "x = \n", [], "line 16, column 5: not valid TOML: invalid value"),
    "key twice": (REDUCED + "size = 3\n", [], "not valid TOML"),
    "override of nothing": (REDUCED, ["mesh.size"], 'write it as "section.key=value"'),
    "override in a value": (REDUCED, ["mesh.size.x=1"], "size is not a section"),
    "section as value": (REDUCED, ["mesh=3"], "mesh must be a section, got 3"),
    "title": (REDUCED, ["title=3"], "title must be text in quotes, got 3"),
    "units": (REDUCED, ["units=SI"], "units must be 'reduced' or 'laboratory', got \"SI\""),
    "bare number": (
        LABORATORY.replace('"340 nm"', "340"),
        [],
        "inclusions.radius must be a length with a unit such as",
    ),
    "bare number in text": (LABORATORY, ['inclusions.radius="340"'], "must be a length such as"),
    "wrong dimension": (LABORATORY, ["inclusions.radius=3 K"], 'got "3 K", which is in K'),
    "unknown unit": (
        LABORATORY,
        ["field.applied=3 mTT"],
        'a magnetic field such as "2 mT", got "3 mTT"',
    ),
    "infinite": (LABORATORY, ["mesh.size=1e999 nm"], "mesh.size must be a length"),
    "negative length": (LABORATORY, ["mesh.size=-1 nm"], 'must be greater than 0, got "-1 nm"'),
    "kappa with material": (LABORATORY, ["superconductor.kappa=3"], "[material] gives kappa"),
    "no material": (REDUCED, ["units=laboratory"], "[material] gives kappa"),
    "a~ with material": (LABORATORY, ["inclusions.pseudo_gauge=0.4"], "give exchange_field"),
    "no exchange field": (
        LABORATORY.replace('exchange_field = "1 meV"', ""),
        [],
        "inclusions.exchange_field is missing",
    ),
    "too warm": (LABORATORY, ["material.temperature=3 K"], "material is wrong: temperature must"),
    "overlap in nm": (LABORATORY, ["inclusions.spacing=500 nm"], "(1 xi is 2e-08 m)"),
}


@pytest.mark.parametrize(("text", "overrides", "sentence"), BAD.values(), ids=BAD.keys())
def test_one_clear_sentence(tmp_path, text, overrides, sentence):
    with pytest.raises(ParameterError) as error:
        reduce(tmp_path, text, overrides)
    message = str(error.value)
    assert sentence in message
    assert message.startswith(str(tmp_path / "problem.toml"))
    assert message.endswith(".")
    assert "\n" not in message
    assert ". " not in message.replace("e.g. ", "")
    assert ".." not in message


TABLES = {
    "no header": ("1, 2, 3, 1\n", "line 1: the header must name the columns x, y, radius, sign"),
    "unknown column": ("x, y, radius, sign, spin\n", "line 1: the header"),
    "twice": ("x, x, y, radius, sign\n", "line 1: the header"),
    "empty": ("x, y, radius, sign\n", "there is no inclusion below the header"),
    "short row": ("x, y, radius, sign\n1, 2, 3\n", "line 2: 4 numbers are wanted, got 3"),
    "no number": ("# c\nx, y, radius, sign\n\n1, b, 3, 1\n", 'line 4: y must be a number, got "b"'),
    "nan": ("x, y, radius, sign\nnan, 0, 3, 1\n", "line 2: x must be a number"),
    "radius": ("x, y, radius, sign\n0, 0, -3, 1\n", "line 2: radius must be greater than 0"),
    "sign": ("x, y, radius, sign\n0, 0, 9, 0.5\n", "line 2: sign must be 1 or -1"),
}


@pytest.mark.parametrize(("table", "sentence"), TABLES.values(), ids=TABLES.keys())
def test_bad_tables(tmp_path, table, sentence):
    written(tmp_path, table, "table.csv")
    with pytest.raises(ParameterError) as error:
        reduce(tmp_path, REDUCED, TABLE)
    assert f"{tmp_path / 'table.csv'}" in str(error.value)
    assert sentence in str(error.value)


def test_files_that_cannot_be_read(tmp_path):
    for path, sentence in [
        (tmp_path / "absent.toml", "there is no such problem file"),
        (tmp_path, "is a directory"),
    ]:
        with pytest.raises(ParameterError, match=sentence):
            load(path)
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ParameterError, match="not a text file in UTF-8"):
        load(tmp_path / "bytes.toml")


def test_table_in_laboratory_units_needs_a_unit(tmp_path):
    written(tmp_path, "x, y, radius, sign\n0, 0, 0.34, 1\n", "table.csv")
    section = (
        'inclusions={layout="file", file="table.csv", edge_width="160 nm", '
        'exchange_field="1 meV", potential_step="30 mV"}'
    )
    with pytest.raises(ParameterError, match="file_unit is missing"):
        reduce(tmp_path, LABORATORY, [section])
    with pytest.raises(ParameterError, match='such as "nm", got "parsec K"'):
        reduce(tmp_path, LABORATORY, [section, "inclusions.file_unit=parsec K"])


@pytest.mark.parametrize(
    ("field", "tesla"), [("1 G", 1e-4), ("10 gauss", 1e-3), ("1 kG", 0.1), ("2 mT", 2e-3)]
)
def test_fields_in_gauss(tmp_path, field, tesla):
    setup = reduce(tmp_path, LABORATORY, [f'field.applied="{field}"'])
    assert setup.applied_field * setup.coefficients.bc2 == pytest.approx(tesla, rel=1e-12)


def test_files_with_a_byte_order_mark(tmp_path):
    path = tmp_path / "problem.toml"
    path.write_bytes(b"\xef\xbb\xbf" + REDUCED.encode())
    (tmp_path / "table.csv").write_bytes(b"\xef\xbb\xbfx,y,radius,sign\n0,0,17,1\n")
    assert len(setup_from(load(path, TABLE)).inclusions) == 1


def test_flanks_as_wide_as_the_edge_region_are_noticed(tmp_path):
    narrow = reduce(tmp_path, REDUCED, ["inclusions.edge_width=1"])
    assert narrow.inclusions.edge_smoothing == 0.125
    assert not narrow.warnings
    wide = reduce(tmp_path, REDUCED, ["inclusions.edge_width=1", "inclusions.edge_smoothing=1"])
    assert "reaches only 46% of its nominal peak" in wide.warnings[0]


CELL = """\
superconductor.kappa = 2.0
[sample]
shape = "cell"
periods = [[6.0, 0.0], [1.0, 6.0]]
flux_quanta = 2
"""


def test_a_cell_starts_from_what_fits_its_flux(tmp_path):
    path = tmp_path / "cell.toml"
    path.write_text(CELL)
    setup = setup_from(load(path))
    assert setup.sample.lattice.mean_field == pytest.approx(4 * np.pi / 36)
    assert setup.starts == ("lattice",) and not setup.relax
    assert setup_from(load(path, ["sample.flux_quanta=0"])).starts == ("uniform", "london")


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("field.applied=0.1", "field.applied must be 0"),
        ("superconductor.screening=false", "screening must be true"),
        ("sample.flux_quanta=1.5", "flux_quanta must be a whole number"),
        ('solver.starts=["uniform"]', 'must not hold "uniform"'),
        ("sample.periods=[[1.0, 0.0], [2.0, 0.0]]", "parallel"),
        ("sample.periods=[[1.0, 0.0]]", "sample.periods"),
        ("sample.radius=3.0", 'radius is not used with shape = "cell"'),
        ("solver.refinements=9", "refinements"),
    ],
)
def test_mistakes_in_a_cell(tmp_path, override, words):
    path = tmp_path / "cell.toml"
    path.write_text(CELL)
    with pytest.raises(ParameterError, match=re.escape(words)):
        setup_from(load(path, [override]))


def test_vortices_of_a_cell_add_up_to_its_flux(tmp_path):
    path = tmp_path / "cell.toml"
    path.write_text(CELL + '[solver]\nstarts = ["file"]\nvortices = [[0.0, 0.0, 1]]\n')
    with pytest.raises(ParameterError, match="add up to flux_quanta 2, not 1"):
        load(path)
