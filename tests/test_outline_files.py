"""Polygons from CSV, GeoJSON and DXF files and from images: what is read, and what is refused."""

import json

import ezdxf
import numpy as np
import pytest
from PIL import Image

from glvortex.errors import ParameterError
from glvortex.geometry.outline_files import column, read_outlines
from glvortex.problems.schema import load
from glvortex.problems.setup import setup_from

SQUARE = [[0, 0], [8, 0], [8, 8], [0, 8], [0, 0]]
PROBLEM = """\
[superconductor]
kappa = 5.0
[sample]
shape = "rectangle"
size = [60.0, 40.0]
[inclusions]
layout = "outlines"
file = "FILE"
edge_width = 4.0
pseudo_gauge = 0.3
"""


def feature(geometry, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def polygon(*rings):
    return {"type": "Polygon", "coordinates": list(rings)}


def collection(*features):
    return json.dumps({"type": "FeatureCollection", "features": list(features)})


def drawing(path, draw):
    document = ezdxf.new()
    draw(document.modelspace())
    document.saveas(path)


# --- what is read ---------------------------------------------------------------------------------


def test_csv(tmp_path):
    path = tmp_path / "two.csv"
    path.write_text(
        "x, y, sign, outline, magnetisation # in any order\n"
        "0, 0, 1, a b, 0.5\n4, 0, 1, a b, 0.5\n10, 0, -1, 2, 0.1\n4, 4, 1, a b, 0.5\n\n"
        "14, 0, -1, 2, 0.1\n14, 4, -1, 2, 0.1\n"
    )
    one, two = found = read_outlines(path)
    assert (one.polygon.area, two.polygon.area) == (8.0, 8.0)
    assert column(found, "sign", 1.0).tolist() == [1, -1]
    assert column(found, "magnetisation", 0.0).tolist() == [0.5, 0.1]
    assert column(found, "pseudo_gauge", 0.3).tolist() == [0.3, 0.3]
    path.write_text("x, y\n0, 0\n1, 0\n1, 1\n")
    (single,) = read_outlines(path)
    assert single.polygon.area == 0.5


def test_geojson(tmp_path):
    path = tmp_path / "three.geojson"
    hole = [[2, 2], [2, 4], [4, 4], [2, 2]]
    far = [[[x + 20, y, 7.0] for x, y in SQUARE]]
    several = {"type": "MultiPolygon", "coordinates": [far, [[[-9, 0], [-9, 9], [-5, 0], [-9, 0]]]]}
    features = feature(polygon(SQUARE, hole), sign=-1, name="a"), feature(several, pseudo_gauge=0.1)
    path.write_text(collection(*features))
    found = read_outlines(path)
    assert [outline.polygon.area for outline in found] == [62.0, 64.0, 18.0]
    assert column(found, "sign", 1.0).tolist() == [-1, 1, 1]
    assert column(found, "pseudo_gauge", 0.3).tolist() == [0.3, 0.1, 0.1]
    path.write_text(json.dumps(polygon(SQUARE)))
    assert len(read_outlines(path)) == 1


def test_dxf(tmp_path):
    path = tmp_path / "drawing.dxf"

    def draw(space):
        space.add_lwpolyline([(0, 0), (8, 0), (8, 8)], close=True, dxfattribs={"layer": "a"})
        space.add_lwpolyline([(0, 0, 1), (8, 0, 1)], "xyb", close=True, dxfattribs={"layer": "b"})
        space.add_circle((20, 0), 3, dxfattribs={"layer": "A-Minus"})
        space.add_ellipse((30, 0), (3, 0), 0.5, dxfattribs={"layer": "a"})
        space.add_open_spline([(0, 20), (5, 20), (5, 25), (0, 20)], dxfattribs={"layer": "a"})
        space.add_text("a text does not count", dxfattribs={"layer": "a"})
        space.add_line((0, 0), (1, 1), dxfattribs={"layer": "0"})
        block = space.doc.blocks.new("block")
        block.add_circle((0, 0), 1, dxfattribs={"layer": "c"})
        space.add_blockref("block", (50, 0), dxfattribs={"layer": "c"})

    drawing(path, draw)
    found = read_outlines(path, ["a", "A-minus", "b", "c"])
    areas = [outline.polygon.area for outline in found]
    expected = [32.0, np.pi * 16, np.pi * 9, np.pi * 4.5]
    assert areas[:4] == pytest.approx(expected, rel=1e-3)
    assert areas[-1] == pytest.approx(np.pi, rel=1e-3)
    assert column(found, "sign", 1.0).tolist() == [1, 1, -1, 1, 1, 1]
    assert len(read_outlines(path, ["b"])) == 1


# --- what is refused ------------------------------------------------------------------------------

CSV = {
    "columns": ("x, z\n", "line 1: the header must name the columns x, y and, optionally, outline"),
    "empty": ("x, y\n", "there is no corner below the header"),
    "no number": ("x, y\n0, a\n", 'line 2: y must be a number, got "a"'),
    "two corners": ("x, y\n0, 0\n1, 1\n0, 0\n", "fewer than three different corners"),
    "on a line": ("x, y\n0, 0\n1, 1\n3, 3\n", "all corners lie on one line"),
    "crossing": ("x, y\n0, 0\n8, 8\n8, 0\n0, 8\n", "outline: its sides cross at (4, 4)"),
    "two signs": (
        "outline, x, y, sign\nk, 0, 0, 1\nk, 1, 1, -1\n",
        'line 3: outline "k" has another sign than on its lines before',
    ),
    "sign": ("x, y, sign\n0, 0, 2\n", "line 2: sign must be 1 or -1"),
    "in metres": ("x, y\n0, 0\n1e-7, 0\n1e-7, 1e-7\n", "its lengths seem to be in another unit"),
    "in angstrom": ("x, y\n0, 0\n1e9, 0\n0, 1e9\n", "is 1e+09 xi wide, 0.01 to 1e+06 make sense"),
    "too thin": ("x, y\n0, 0\n9, 0\n9, 2\n", "inclusion 1 at (6, 0.666667) has no core"),
    "outside": ("x, y\n0, 0\n40, 0\n40, 9\n0, 9\n", "does not lie inside the sample"),
}
GEOJSON = {
    "no json": ("{", "line 1: is no GeoJSON"),
    "deep": ("[" * 100000, "is no GeoJSON"),
    "no object": ("[1, 2]", "the file is no GeoJSON object"),
    "no type": ("{}", "the file is no GeoJSON object"),
    "nothing": (collection(), "holds no polygon"),
    "wrong type": (
        collection(feature(polygon(SQUARE)), feature(polygon(SQUARE) | {"type": "LineString"})),
        "feature 2 is a LineString; Polygon and MultiPolygon are wanted",
    ),
    "no geometry": (collection(feature(None)), "feature 1 is no GeoJSON object"),
    "no coordinates": (json.dumps({"type": "Polygon"}), ".geojson: a polygon is a list of rings"),
    "no list": (json.dumps({"type": "MultiPolygon"}), "the file lacks the list coordinates"),
    "corner": (json.dumps(polygon([[0, "a"]])), '.geojson: a corner must be [x, y], got [0, "a"]'),
    "not a ring": (json.dumps(polygon(7)), "a corner must be [x, y], got null"),
    "infinite": ('{"type": "Polygon", "coordinates": [[[0, NaN]]]}', "[x, y], got [0, NaN]"),
    "open": (json.dumps(polygon(SQUARE[:-1])), "is open, its last corner must be its first"),
    "sign": (collection(feature(polygon(SQUARE), sign=0)), "feature 1: sign must be 1 or -1"),
    "text": (
        collection(feature(polygon(SQUARE), pseudo_gauge="a")),
        'feature 1: pseudo_gauge must be a number, got "a"',
    ),
    "hole outside": (
        json.dumps(polygon(SQUARE, [[20, 20], [21, 20], [21, 21], [20, 20]])),
        "a hole lies outside of it",
    ),
    "overlap": (
        collection(feature(polygon(SQUARE)), feature(polygon([[x + 9, y] for x, y in SQUARE]))),
        "overlap: their outlines are 1 xi apart and their edge regions need more than 4 xi",
    ),
}
DXF = {
    "open polyline": (
        lambda space: space.add_lwpolyline([(1, 2), (3, 0), (3, 3)], dxfattribs={"layer": "k"}),
        'on layer "k" from (1, 2) is not closed: join lines',
    ),
    "lines": (lambda space: space.add_line((0, 0), (1, 1)), "is not closed: join lines"),
    "nothing": (
        lambda space: space.add_text("text"),
        "there is no closed polyline, circle, ellipse or spline",
    ),
    "crossing": (
        lambda space: space.add_lwpolyline([(0, 0), (8, 8), (8, 0), (0, 8)], close=True),
        "its sides cross at (4, 4)",
    ),
}


def refused(tmp_path, name, text=PROBLEM):
    path = tmp_path / "problem.toml"
    path.write_text(text.replace("FILE", name))
    with pytest.raises(ParameterError) as error:
        setup_from(load(path))
    message = str(error.value)
    assert message.startswith(f"{path}, line ")
    assert message.endswith(".")
    assert "\n" not in message
    assert ". " not in message and ".." not in message
    return message


@pytest.mark.parametrize(("text", "sentence"), CSV.values(), ids=CSV)
def test_bad_csv(tmp_path, text, sentence):
    (tmp_path / "bad.csv").write_text(text)
    assert sentence in refused(tmp_path, "bad.csv")


@pytest.mark.parametrize(("text", "sentence"), GEOJSON.values(), ids=GEOJSON)
def test_bad_geojson(tmp_path, text, sentence):
    (tmp_path / "bad.geojson").write_text(text)
    assert sentence in refused(tmp_path, "bad.geojson")


@pytest.mark.parametrize(("draw", "sentence"), DXF.values(), ids=DXF)
def test_bad_dxf(tmp_path, draw, sentence):
    drawing(tmp_path / "bad.dxf", draw)
    assert sentence in refused(tmp_path, "bad.dxf")


def test_files_of_another_kind(tmp_path):
    (tmp_path / "text.dxf").write_text("nothing of the kind\n")
    assert "text.dxf" in refused(tmp_path, "text.dxf")
    (tmp_path / "binary.dxf").write_bytes(bytes(range(256)) * 8)
    message = refused(tmp_path, "binary.dxf")
    assert "binary.dxf: cannot be read" in message
    assert "1 xi is" not in message  # no length in it
    assert "cannot be read (No such file or directory)" in refused(tmp_path, "absent.geojson")
    assert "read from .csv, .geojson and .dxf files" in refused(tmp_path, "drawing.svg")
    drawing(tmp_path / "one.dxf", lambda space: space.add_circle((0, 0), 9))
    layers = PROBLEM + 'layers = ["film"]\n'
    assert 'there is no layer "film", only 0' in refused(tmp_path, "one.dxf", layers)
    (tmp_path / "one.csv").write_text("x, y\n0, 0\n")
    assert "layers are those of a .dxf file" in refused(tmp_path, "one.csv", layers)


def image(tmp_path, values, **keys):
    """The sentence about an image; `keys` change those of the problem."""
    if values is not None:
        Image.fromarray(np.asarray(values)).save(tmp_path / "map.png")
    given = {"file": '"map.png"', "pixel": 1.0} | keys
    lines = "".join(f"{key} = {value}\n" for key, value in given.items() if value is not None)
    text = PROBLEM.replace('"outlines"\nfile = "FILE"\n', f'"image"\n{lines}')
    return refused(tmp_path, "", text)


def test_bad_images(tmp_path):
    (tmp_path / "map.png").write_text("no image")
    assert "map.png: cannot be read (not an image)" in image(tmp_path, None)
    black = np.zeros((30, 40), dtype=np.uint8)
    Image.fromarray(black).save(tmp_path / "cut.png")
    content = (tmp_path / "cut.png").read_bytes()
    (tmp_path / "map.png").write_bytes(content[: len(content) // 2])
    assert "map.png: cannot be read" in image(tmp_path, None)
    sentence = "no pixel is brighter than threshold 0.5, smoothed grey values run from 0 to 0"
    assert sentence in image(tmp_path, black)
    assert "every pixel is darker than threshold 0.5" in image(tmp_path, black, inside='"dark"')
    message = image(tmp_path, black[:1])
    assert (
        "has 40 x 1 pixels: each side must have at least 3, and the image at most 10,0" in message
    )
    speck = black.copy()
    speck[10:13, 10:13] = 255
    assert "no bright island is larger than minimum_area 12.6" in image(tmp_path, speck)
    wide = black.copy()
    wide[:, 10:20] = 255
    assert "inclusion 1" in image(tmp_path, wide, pixel=2.0)  # cut off by the image's border
    assert "seem to be in another unit" in image(tmp_path, wide, pixel=1e9)
    assert "inclusions.pixel is missing" in image(tmp_path, wide, pixel=None)
    assert "threshold must be less than 1" in image(tmp_path, wide, threshold=1.5)


SAMPLES = {
    "two": (
        "outline, x, y\na, 0, 0\na, 9, 0\na, 9, 9\nb, 20, 0\nb, 30, 0\nb, 30, 9\n",
        "holds 2 polygons, the sample is one",
    ),
    "crossing": ("x, y\n0, 0\n8, 8\n8, 0\n0, 8\n", "its sides cross at (4, 4)"),
    "unit": ("x, y\n0, 0\n1e-6, 0\n0, 1e-6\n", "is 1e-06 xi wide"),
}


@pytest.mark.parametrize(("text", "sentence"), SAMPLES.values(), ids=SAMPLES)
def test_bad_samples(tmp_path, text, sentence):
    (tmp_path / "s.csv").write_text(text)
    problem = 'superconductor.kappa = 5.0\n[sample]\nshape = "polygon"\nfile = "s.csv"\n'
    assert sentence in refused(tmp_path, "", problem)


KEYS = {
    "both": ('points = [[0, 0], [1, 0], [1, 1]]\nfile = "s.csv"', "points and file are given"),
    "neither": ("", 'points is missing (needed with shape = "polygon", or file instead)'),
    "unit": ('file = "s.csv"\nfile_unit = "nm"', "does not belong in a file with units"),
    "no file": ('points = [[0, 0], [1, 0], [1, 1]]\nlayers = ["a"]', "is used only with file"),
}


@pytest.mark.parametrize(("keys", "sentence"), KEYS.values(), ids=KEYS)
@pytest.mark.parametrize("table", ["[sample]", "[[hole]]"])
def test_keys_of_polygons(tmp_path, keys, sentence, table):
    problem = "superconductor.kappa = 5.0\n"
    if table != "[sample]":
        problem += '[sample]\nshape = "disk"\nradius = 9.0\n'
    assert sentence in refused(tmp_path, "", f'{problem}{table}\nshape = "polygon"\n{keys}\n')


def test_a_laboratory_problem_says_the_unit_of_its_files(tmp_path):
    from conftest import LABORATORY

    array = 'layout = "square"\ncount = [1, 1]\nradius = "200 nm"\n'
    text = LABORATORY.replace(array, 'layout = "outlines"\nfile = "FILE"\n')
    table = "x, y\n-200, -200\n200, -200\n200, 200\n-200, 200\n"
    (tmp_path / "s.csv").write_text(table)
    assert "file_unit is missing" in refused(tmp_path, "s.csv", text)
    text = text.replace('file = "FILE"', 'file = "FILE"\nfile_unit = "nm"')
    strong = table.replace("\n", ", 1\n").replace("y, 1", "y, magnetisation")
    (tmp_path / "t.csv").write_text(strong)
    assert "must not say pseudo_gauge and magnetisation" in refused(tmp_path, "t.csv", text)
    (tmp_path / "problem.toml").write_text(text.replace("FILE", "s.csv"))
    setup = setup_from(load(tmp_path / "problem.toml"))
    assert setup.inclusions.area == pytest.approx(400 - (4 - np.pi) * 4, rel=1e-3)
    assert setup.sources.radius == pytest.approx(20e-9 * setup.inclusions.mean_radius)
