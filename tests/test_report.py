"""The HTML report: sound markup, nothing from elsewhere, the numbers of the screen, repeatable."""

import base64
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from mpi4py import MPI

from glvortex.cli import main
from glvortex.errors import ParameterError
from glvortex.output.reports import report_parts
from glvortex.output.reports.report import write_report
from glvortex.output.reports.report_parts import slug, typeset
from glvortex.output.reports.rows import rows_of
from glvortex.output.reports.tables import coefficients_table, summary_tables
from glvortex.output.runs.folder import prepare, write_run
from glvortex.problems.schema import load
from glvortex.problems.setup import setup_from
from glvortex.problems.solve import solve
from glvortex.solve.london import Vortex

COMM = MPI.COMM_WORLD
VOID = {"meta", "img", "br", "hr", "link", "input"}
RING = """\
title = "A ring"
[superconductor]
kappa = 2.0
[sample]
shape = "disk"
radius = 6.0
[[hole]]
shape = "disk"
radius = 2.0
fluxoid = 1
[mesh]
size = 1.0
[solver]
starts = ["uniform"]
"""
CELL = """\
title = "A cell"
[superconductor]
kappa = 2.0
[sample]
shape = "cell"
periods = [[4.0, 0.0], [0.0, 7.0]]
flux_quanta = 2
[mesh]
size = 1.0
"""


class Page(HTMLParser):
    """A page, taken apart; elements that are not closed in order fail."""

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.addresses, self.images = [], [], [], []
        self.texts, self.cells, self.folded = {}, [], 0
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        assert len(values) == len(attributes), f"<{tag}> says something twice"
        assert tag != "script"
        self.ids += [values["id"]] if "id" in values else []
        self.addresses += [values[key] for key in ("href", "src") if key in values]
        if tag == "img":
            self.images.append(values)
        if tag == "td":
            self.cells.append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not self.open:
            assert not data.strip()
            return
        self.texts[self.open[-1]] = self.texts.get(self.open[-1], "") + data
        if "td" in self.open:
            self.cells[-1] += data
            self.folded += "details" in self.open


def check(text):
    """Return the page of a report that is sound and complete in itself."""
    page = Page(text)
    assert len(set(page.ids)) == len(page.ids)
    for address in page.addresses:
        assert address.startswith("data:") or (address[0] == "#" and address[1:] in page.ids)
    assert not any(word in text for word in ("http:", "https:", "url(", "@import"))
    for image in page.images:
        assert image["alt"]
        assert base64.b64decode(image["src"].partition(",")[2]).startswith(b"\x89PNG")
    return page


@pytest.fixture(scope="module")
def plain(small_problem):
    problem = load(small_problem)
    return problem, solve(setup_from(problem))


@pytest.fixture
def no_pictures(monkeypatch):
    monkeypatch.setattr(report_parts, "drawn", lambda solution, fields: [])


def page_of(folder, problem, solution):
    path = folder / "report.html"
    write_report(path, problem, solution, "0.1.0")
    return check(path.read_text(encoding="utf-8"))


def check_tables(page, solution):
    """All cells of the tables on the screen are there, in their order."""
    tables = [rows_of(table) for table in summary_tables(solution)]
    assert {slug(table.title) for table in tables} < set(page.ids)
    cells = [typeset(cell) for table in tables for row in table.rows for cell in row]
    left = iter(page.cells)
    assert all(any(cell == other for other in left) for cell in cells)


def test_a_report_holds_what_the_screen_shows_and_pictures(tmp_path, plain):
    problem, solution = plain
    page = page_of(tmp_path, problem, solution)
    check_tables(page, solution)
    assert len(page.images) == 5
    assert page.texts["h1"] == page.texts["title"] == solution.setup.title
    assert {"vortices", "parameters", "again", "certificate"} < set(page.ids)
    assert "coefficients" not in page.ids
    assert "pseudo_gauge" in page.cells
    assert f"{solution.best.vortices[0].x:.4g}" in page.cells


def test_what_the_report_carries_along_gives_the_same_setup(tmp_path, plain, no_pictures):
    page = page_of(tmp_path, *plain)
    (address,) = (each for each in page.addresses if each.startswith("data:text"))
    (tmp_path / "problem.toml").write_bytes(base64.b64decode(address.partition(",")[2]))
    again, setup = setup_from(load(tmp_path / "problem.toml")), plain[1].setup
    assert (again.sizes, again.vortices, again.kappa) == (setup.sizes, setup.vortices, setup.kappa)


def test_files_that_a_problem_names_are_carried_along(request, monkeypatch):
    path = request.path.parent.parent / "problems" / "islands.toml"
    problem = load(path)
    setup = setup_from(problem)
    text, image = report_parts.files(problem, setup)
    assert text.text.startswith('title = "')
    assert (image.name, image.text) == ("inclusions.png", None)
    data = base64.b64decode(image.address.partition(",")[2])
    assert data == (path.parent / problem.inclusions.file).read_bytes()
    assert 'file = "inclusions.png"' in text.text
    assert report_parts.left_out(problem) == []
    monkeypatch.setattr(report_parts, "_MOST_BYTES", 1000)
    assert report_parts.left_out(problem) == ["inclusions.png"]
    assert len(report_parts.files(problem, setup)) == 1


def test_laboratory_units_bring_coefficients_notes_and_units(
    tmp_path, laboratory_problem, no_pictures
):
    problem = load(laboratory_problem)
    solution = solve(setup_from(problem))
    page = page_of(tmp_path, problem, solution)
    check_tables(page, solution)
    for row in rows_of(coefficients_table(solution.setup)).rows:
        assert row[0] in page.cells
        assert row[2] in page.cells
    assert any(solution.setup.notes[0] in text for text in page.texts.values())
    assert "The kept state has none." in page.texts["p"]
    assert "200 nm" in page.cells


@pytest.mark.parametrize(("text", "id_"), [(RING, "holes-and-regions"), (CELL, "cell")])
def test_holes_and_cells(tmp_path, text, id_, no_pictures):
    (tmp_path / "problem.toml").write_text(text)
    problem = load(tmp_path / "problem.toml")
    solution = solve(setup_from(problem))
    page = page_of(tmp_path, problem, solution)
    check_tables(page, solution)
    assert id_ in page.ids


def test_titles_are_text_and_many_vortices_are_folded(tmp_path, plain, no_pictures):
    problem, solution = plain
    title = '<b onload="x">a & b</b> < "c" \' {{ d }}</title></script>'
    many = tuple(Vortex(0.01 * i, 1.0, 1 if i % 2 else -1) for i in range(200))
    warned = replace(solution.setup, title=title, warnings=("1 < 2 & 3",))
    strange = replace(solution, setup=warned, best=replace(solution.best, vortices=many))
    page = page_of(tmp_path, problem, strange)
    assert page.texts["h1"] == page.texts["title"] == title
    assert "1 < 2 & 3" in page.texts["p"]
    assert "b" not in page.texts
    assert page.folded >= 5 * 200
    assert "100 up, 100 down" in page.texts["dd"]


def test_the_command_writes_into_the_run_or_where_it_is_told(tmp_path, plain, capsys, no_pictures):
    run = tmp_path / "run"
    prepare(run, COMM)
    bare = replace(plain[1], setup=replace(plain[1].setup, fields=False, pictures=False))
    write_run(run, plain[0], bare)

    def call(*arguments):
        with pytest.raises(SystemExit) as stop:
            main(["report", *map(str, arguments)])
        return stop.value.code, *capsys.readouterr()

    assert call(run) == (0, f"The report is in {run / 'report.html'}\n", "")
    check((run / "report.html").read_text(encoding="utf-8"))
    assert call(run, "-o", tmp_path / "other.html")[0] == 0
    for wrong in ((tmp_path / "nowhere",), (tmp_path,), (run, "-o", run / "problem.toml" / "a")):
        status, output, error = call(*wrong)
        assert (status, output) == (2, "")
        assert error.startswith("glvortex: ")
        assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("plain", "set_"),
    [
        ("Phi0/(2 pi xi)^2", "Φ₀/(2 π ξ)²"),
        ("Bc^2 xi^2/mu0 per length", "Bc² ξ²/μ₀ per length"),
        ("M_gamma/M_n, pip", "M_gamma/M_n, pip"),
        ("10^-3 mu_B chi_perp", "10⁻³ μ_B chi_perp"),
    ],
)
def test_symbols_are_typeset(plain, set_):
    assert typeset(plain) == set_


def test_a_place_that_cannot_be_written_is_said_before_drawing(tmp_path, plain, monkeypatch):
    monkeypatch.setattr(report_parts, "drawn", lambda *_: pytest.fail("has drawn"))
    with pytest.raises(ParameterError, match="cannot be written"):
        write_report(tmp_path / "none" / "x.html", *plain, "1")
