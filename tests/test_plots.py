"""What `glvortex plot` draws, by the data in the figures, and what it refuses."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.collections import PathCollection, QuadMesh, TriMesh
from mpi4py import MPI
from mpl_toolkits.axes_grid1.anchored_artists import AnchoredSizeBar
from PIL import Image

import glvortex as gl
from glvortex.cli import main
from glvortex.errors import ParameterError
from glvortex.output.drawing.captions import captions
from glvortex.output.drawing.layers import LAYERS
from glvortex.output.drawing.pictures import Drawing
from glvortex.output.drawing.plots import height_in_xi, view_of
from glvortex.output.runs.folder import prepare, write_run
from glvortex.output.runs.run import open_run
from glvortex.problems.schema import load
from glvortex.problems.setup import setup_from
from glvortex.problems.solve import solve
from glvortex.solve.london import Vortex

COMM = MPI.COMM_WORLD
QUIET = ["output.pictures=false", "output.fields=false"]


def solved(folder, path, *changes):
    problem = load(path, [*QUIET, *changes])
    prepare(folder, COMM)
    write_run(folder, problem, solve(setup_from(problem)))
    return open_run(folder, COMM)


@pytest.fixture(scope="module")
def runs(tmp_path_factory, small_problem):
    folder = tmp_path_factory.mktemp("runs")
    weak = solved(folder / "weak", small_problem)
    return [weak, solved(folder / "strong", small_problem, "field.applied=0.05")]


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory, laboratory_problem):
    return solved(tmp_path_factory.mktemp("laboratory") / "run", laboratory_problem)


@pytest.fixture(scope="module")
def views(runs):
    return [view_of(run.solution, 5.0) for run in runs]


def mappable(axes):
    return next(c for c in axes.collections if isinstance(c, TriMesh | QuadMesh))


def uniform(view, **values):
    """The same view with other values everywhere."""
    fields = {name: np.zeros_like(value) for name, value in view.fields.values.items()}
    for name, value in values.items():
        fields[name] = np.full_like(fields[name], value)
    return replace(view, fields=replace(view.fields, values=fields), vortices=[])


def scale_bar(axes):
    (bar,) = (artist for artist in axes.artists if isinstance(artist, AnchoredSizeBar))
    return bar.size_bar.get_children()[0].get_width(), bar.txt_label.get_text()


@pytest.mark.parametrize("name", LAYERS)
def test_every_field_is_drawn_with_its_vortices_and_scale(name, views):
    figure = Drawing(name, views[:1]).single()
    axes = figure.axes[0]
    vortices = views[0].vortices
    marked = sum(len(line.get_xdata()) for line in axes.lines if line.get_marker() in "os")
    assert marked == len(vortices) > 0
    length, text = scale_bar(axes)
    assert length == pytest.approx(5.0 if name != "stray_field" else 10.0)
    assert text == (r"5 $\xi$ = 1 $\lambda$" if length == 5.0 else r"10 $\xi$ = 2 $\lambda$")
    figure.canvas.draw()


def test_maps_suit_their_fields(views):
    def drawn(name):
        return mappable(Drawing(name, views[:1]).single().axes[0])

    phase, modulus = drawn("phase"), drawn("order_parameter")
    assert (phase.norm.vmin, phase.norm.vmax) == (-np.pi, np.pi)
    assert phase.cmap(0.0) == pytest.approx(phase.cmap(1.0), abs=0.02)  # cyclic
    assert modulus.norm.vmin == 0.0
    assert modulus.norm.vmax >= 1.0
    signed = Drawing("magnetisation", views[:1])  # 0.002 in the inclusion, 0 elsewhere
    assert signed.scale.cmap == "Oranges"
    assert signed.scale.norm.vmax == pytest.approx(0.002, rel=1e-3)
    values = drawn("stray_field").get_array()
    assert values.min() < 0.03 < values.max() + 0.01


def test_signed_fields_are_centred_where_they_have_both_signs(views):
    view = uniform(views[0], flux_density=0.5)
    left = view.fields.points[view.fields.cells][..., 0].max(axis=1) < 0.0
    view.fields.values["flux_density"][left] = -0.01
    norm = Drawing("flux_density", [view]).scale.norm
    assert norm.vmax == -norm.vmin
    negative = Drawing("flux_density", [uniform(views[0], flux_density=-0.5)])
    assert negative.scale.cmap == "Blues_r"
    assert negative.scale.norm.vmin < -0.5 < negative.scale.norm.vmax < 0.0


def test_noise_about_nothing_looks_like_nothing(views):
    view = uniform(views[0], order_parameter=1.0)
    for name in ("flux_density", "supercurrent", "magnetisation", "pseudo_gauge"):
        values = view.fields.values[name]
        values += 1e-13 * np.random.default_rng(0).normal(size=values.shape)
    b = Drawing("flux_density", [view]).scale
    assert (b.cmap, b.norm.vmin, b.norm.vmax) == ("RdBu_r", -0.04, 0.04)  # 1/kappa^2
    assert Drawing("supercurrent", [view]).scale.norm.vmax == pytest.approx(0.04 * 2 / 27**0.5)
    assert Drawing("order_parameter", [view]).scale.norm.vmax == pytest.approx(1.0)
    for name in ("flux_density", "supercurrent", "phase"):
        axes = Drawing(name, [view]).single().axes[0]
        assert not [c for c in axes.collections if type(c).__name__ == "Quiver"]
        assert not [line for line in axes.lines if line.get_marker() in "os"]


def test_markers_keep_apart(views):
    places = np.stack(np.meshgrid(np.linspace(-18, 18, 20), np.linspace(-13, 13, 10)), axis=-1)
    crowd = [Vortex(x, y, 1) for x, y in places.reshape(-1, 2)]
    figures = [
        Drawing("phase", [replace(views[0], vortices=some)]).single() for some in (crowd[:1], crowd)
    ]
    few, many = (
        next(line for line in figure.axes[0].lines if line.get_marker() == "o")
        for figure in figures
    )
    assert len(many.get_xdata()) == 200
    figures[1].canvas.draw()
    points = figures[1].axes[0].transData.transform(many.get_xydata()[:2])
    apart = np.linalg.norm(points[1] - points[0]) * 72 / figures[1].dpi
    assert 2.0 < many.get_markersize() < 0.5 * apart
    assert few.get_markersize() == pytest.approx(5.0)


def test_lengths_are_in_every_unit_that_is_known(laboratory):
    figure = Drawing("flux_density", [view_of(laboratory.solution)]).single()
    length, text = scale_bar(figure.axes[0])
    assert length == pytest.approx(0.2)
    assert text == r"0.2 µm = 10 $\xi$ = 0.33 $\lambda$"
    assert "mT" in figure.axes[0].child_axes[0].get_ylabel()
    setup = laboratory.solution.setup
    assert height_in_xi("500nm", setup) == pytest.approx(25.0)


def test_runs_side_by_side_share_their_colours(runs, views):
    texts = captions(runs)
    assert texts == ["field.applied = 0.03", "field.applied = 0.05"]
    figure = Drawing("flux_density", views).side_by_side(texts)
    first, second = (mappable(axes) for axes in figure.axes[:2])
    assert first.norm is second.norm
    together = np.concatenate([first.get_array(), second.get_array()])
    assert together.min() < 0.0
    assert first.norm.vmax == -first.norm.vmin == together.max()
    assert [axes.get_title().replace("\n", " ") for axes in figure.axes[:2]] == texts
    assert len(figure.axes) == 3  # one colour bar
    assert not [
        c for axes in figure.axes for c in axes.collections if isinstance(c, PathCollection)
    ]


def test_captions_fall_back_on_the_names_of_folders(runs):
    assert captions([runs[0], runs[0]]) == ["weak", "weak"]


def test_a_run_in_python_draws_the_same(runs):
    run = gl.open_run(runs[0].folder)
    figure = run.plot("stray_field", height=4)
    assert figure.axes[0].get_title().endswith("4 ξ above the surface")
    with pytest.raises(ParameterError, match="needs a height"):
        run.plot("stray_field")


def call(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main(["plot", *map(str, arguments)])
    return stop.value.code, *capsys.readouterr()


def test_pictures_go_into_the_run_or_where_they_are_wanted(capsys, tmp_path, runs):
    folder = runs[0].folder
    status, printed, error = call(
        capsys, folder, "--field", "phase", "--height", "4", "--data", "--format", "svg"
    )
    assert (status, error) == (0, "")
    written = [folder / name for name in ("phase.svg", "stray_field.svg", "stray_field.npz")]
    assert printed.split() == [str(path) for path in written]
    with np.load(folder / "stray_field.npz") as data:
        assert data["height"] == 4.0
        assert data["B_z"].shape == data["x"].shape == data["y"].shape
        assert set(data) == {"x", "y", "height", "B_z"}
    folders = [run.folder for run in runs]
    assert call(capsys, *folders, "--field", "phase", "-o", tmp_path)[0] == 0
    assert {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*.png")} == {
        "weak/phase.png",
        "strong/phase.png",
    }


def test_a_series_becomes_a_film(capsys, tmp_path, runs):
    folders = [run.folder for run in runs]
    status, printed, _ = call(
        capsys, *folders, "--animate", "--field", "flux_density", "-o", tmp_path
    )
    assert (status, printed) == (0, f"{tmp_path / 'flux_density.gif'}\n")
    with Image.open(tmp_path / "flux_density.gif") as film:
        assert film.n_frames == 2
        assert film.info["loop"] == 0  # for ever
        assert film.size[0] == 630
    assert call(capsys, *folders, "--compare", "--field", "phase", "-o", tmp_path)[0] == 0
    assert (tmp_path / "phase.png").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere"], "no such run folder"),
        (["RUN", "--field", "foo"], "known are order_parameter, phase"),
        (["RUN", "--field", "stray_field"], "needs --height"),
        (["RUN", "--height", "5nm"], "plain number (in xi)"),
        (["LAB", "--height", "5"], 'such as "200 nm"'),
        (["LAB", "--height", "5kg"], "which is in kg"),
        (["RUN", "--height", "-1"], "at least 0"),
        (["RUN", "--height", "nan"], "at least 0"),
        (["RUN", "--height", "1e300"], "at most 1e+06 xi"),
        (["RUN", "--compare"], "two runs or more"),
        (["RUN", "LAB", "--compare"], "share no colour scale"),
        (["RUN", "RUN", "--compare", "--animate"], "not both"),
        (["RUN", "RUN", "-o", "x"], "two of the runs are called weak"),
        (["RUN", "RUN", "--animate", "--format", "pdf"], "writes GIF"),
        (["RUN", "--format", "bmp"], "one of png, pdf, svg"),
        (["RUN", "--data"], "goes with --height"),
        (["RUN", "-o", "FILE", "--field", "phase"], "cannot be written"),
    ],
)
def test_every_mistake_has_its_sentence(
    arguments, words, capsys, tmp_path, monkeypatch, runs, laboratory
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "FILE").touch()
    known = {"RUN": runs[0].folder, "LAB": laboratory.folder}
    status, _, error = call(capsys, *(known.get(a, a) for a in arguments))
    assert status == 2
    assert error.startswith("glvortex: ")
    assert error.count("\n") == 1
    assert words in error
    assert [path.name for path in tmp_path.iterdir()] == ["FILE"]


def test_what_cannot_be_drawn_says_which_run(tmp_path, small_problem, runs):
    rigid = solved(tmp_path / "rigid", small_problem, "superconductor.screening=false")
    _, text = scale_bar(Drawing("phase", [view_of(rigid.solution)]).single().axes[0])
    assert text == r"5 $\xi$"  # no London length to compare with
    with pytest.raises(ParameterError, match="no stray field"):
        view_of(rigid.solution, 1.0)


RANKS = """
    import sys
    from glvortex import cli
    cli.main(["plot", sys.argv[1], "--height", "4", "--data", "-o", sys.argv[2]])
"""


def test_two_ranks_draw_what_one_draws(tmp_path, runs, run_on_ranks):
    folder = runs[1].folder
    printed = run_on_ranks(2, RANKS, folder, tmp_path / "two")
    assert printed.count("stray_field.png") == 1
    stray = view_of(runs[1].solution, 4.0).stray
    with np.load(tmp_path / "two" / "stray_field.npz") as two:
        assert two["B_z"] == pytest.approx(stray.b, abs=1e-12)
        assert two["y"] == pytest.approx(stray.points[..., 1], abs=1e-12)


def test_a_figure_leaves_no_gap_beside_wide_or_high_panels(views):
    for factor in (0.4, 1.0, 1.7):
        fields = replace(views[0].fields, points=views[0].fields.points * [1.0, factor])
        view = replace(views[0], fields=fields)
        for columns in (1, 3):
            drawing = Drawing("pseudo_gauge", [view] * columns)
            texts = ["one\ntwo"] * columns
            figure = drawing.side_by_side(texts) if columns > 1 else drawing.single()
            figure.draw_without_rendering()
            axes = figure.axes[0]
            slot, drawn = axes.get_position(original=True), axes.get_position()
            around = axes.get_tightbbox().height / figure.bbox.height
            assert slot.height < around + 0.02
            assert drawn.width == pytest.approx(slot.width, rel=0.02)


def test_a_legend_shows_white_lines_on_grey(runs):
    figure = Drawing("pseudo_gauge", [view_of(runs[0].solution)]).single()
    (legend,) = figure.legends
    lines = {
        text.get_text(): handle
        for text, handle in zip(legend.get_texts(), legend.legend_handles, strict=True)
    }
    assert lines["inclusion"].get_color() == "white"
    assert legend.get_frame_on() and legend.get_frame().get_facecolor()[:3] == (0.7, 0.7, 0.7)
