"""Maps of charge: screened potentials against quadrature, fields against those of disks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from mpi4py import MPI
from scipy.constants import e, hbar, m_e, mu_0
from scipy.integrate import quad
from scipy.special import j0, j1

from glvortex.errors import ParameterError
from glvortex.geometry.charge_map import ChargeMap, Interpolated
from glvortex.geometry.inclusions import Disks
from glvortex.geometry.rasters import read_raster
from glvortex.geometry.sample import Disk, Rectangle
from glvortex.material.critical import FLUX_QUANTUM
from glvortex.micro import screening
from glvortex.micro.charge_map import smoothed
from glvortex.observe.moments import moments
from glvortex.problems.build import build, free_energy
from glvortex.problems.resolved import write_resolved
from glvortex.problems.schema import load
from glvortex.problems.setup import setup_from
from glvortex.solve.minimiser import minimise
from glvortex.solve.starts import imprint
from glvortex.solve.system import System

RADIUS, WIDTH, FLANK = 8.0, 6.0, 0.8


def grid(n: int, size: float) -> tuple[float, np.ndarray, np.ndarray]:
    """Side of a pixel, and x and y (n, n) of their middles, the first row at the top."""
    pixel = size / n
    x = pixel * (np.arange(n) - (n - 1) / 2)
    return pixel, *np.meshgrid(x, x[::-1])


def disk_share(r: np.ndarray) -> np.ndarray:
    """The potential whose gradient has the flanks of a disk's a~: 1 inside, 0 outside."""
    s, half = r - RADIUS, WIDTH / 2

    def primitive(x: np.ndarray) -> np.ndarray:
        return FLANK * (np.abs(x) / FLANK + np.log1p(np.exp(-2 * np.abs(x) / FLANK)))

    return 0.5 - (primitive(s + half) - primitive(s - half)) / (2 * WIDTH)


def charge_map(share: np.ndarray, pixel: float, total: float, **other: object) -> ChargeMap:
    one = np.ones(1)
    more = {"exchange": None, "magnetisation": 0.0 * one} | other
    return ChargeMap(
        sign=one, edge_width=0.0, edge_smoothing=1.0, pseudo_gauge=total * one, pixel=pixel,
        potential=share, **more,
    )  # fmt: skip


@pytest.mark.parametrize("wavenumber", [0.1, 0.5, 4.0])
def test_gaussian_charge_against_quadrature(wavenumber: float) -> None:
    """Potential and field of a Gaussian on a square of 13 standard deviations."""
    sigma = 3.0
    pixel, x, y = grid(160, 40.0)
    found = smoothed(np.exp(-(x**2 + y**2) / (2 * sigma**2)), (pixel, pixel), wavenumber)
    map_of_it = Interpolated(found, pixel)
    for r in (0.5, 3.0, 7.0, 12.0):

        def integral(bessel, power: int, r: float = r) -> float:
            def integrand(q: float) -> float:
                gauss = sigma**2 * np.exp(-((q * sigma) ** 2) / 2)
                return q**power * gauss * wavenumber / (q + wavenumber) * bessel(q * r)

            return quad(integrand, 0.0, 12.0 / sigma, limit=400)[0]

        at = np.array([[0.6 * r, 0.8 * r]])
        # the map repeats beyond its rim, which shifts the potential and hardly tilts it
        assert map_of_it(at)[0] == pytest.approx(integral(j0, 1), abs=1e-3)
        gradient = map_of_it.gradient(at)[:, 0]
        assert gradient == pytest.approx(-integral(j1, 2) * np.array([0.6, 0.8]), abs=2e-5)


def test_disk_of_charge_against_its_hankel_transform() -> None:
    """A screened disk of constant charge with a linear edge has the field of 003 App. A."""
    states = float(screening.compressibility(m_e)) / 2000  # 1/k_TF of 53 nm
    length, radius, width = 1e-9, 60e-9, 30e-9
    charge = 1e-3 * e / length**2
    pixel, x, y = grid(400, 400.0)
    rho = screening.disk_charge(np.hypot(x, y) * length, charge, radius, width)
    wavenumber = float(screening.thomas_fermi_wavenumber(states)) * length
    found = smoothed(screening.thomas_fermi_potential(rho, states), (pixel, pixel), wavenumber)
    r = np.array([20.0, 50.0, 60.0, 70.0, 100.0])
    points = np.column_stack([r, 0 * r])
    field = -Interpolated(found, pixel).gradient(points)[0] / length
    expected = screening.screened_potential(r * length, charge, radius, width, states)[1]
    assert np.abs(field - expected).max() < 2e-3 * np.abs(expected).max()


def test_thomas_fermi_limit_is_the_disk() -> None:
    """a~ of a map of a disk is that of the disk's formula, to the error of interpolation."""
    one = np.ones(1)
    exact = Disks(
        0 * one, 0 * one, RADIUS * one, sign=one, edge_width=WIDTH, edge_smoothing=FLANK,
        pseudo_gauge=0.4 * one, magnetisation=0.01 * one,
    )  # fmt: skip
    points = np.random.default_rng(1).uniform(-15, 15, (3000, 2))
    wanted, errors = exact.pseudo_gauge_at(points), []
    for n in (64, 128):
        pixel, x, y = grid(n, 32.0)
        share = smoothed(disk_share(np.hypot(x, y)), (pixel, pixel), np.inf)
        found = charge_map(share, pixel, 0.4 * WIDTH)
        errors.append(np.abs(found.pseudo_gauge_at(points) - wanted).max())
        assert found.peak == pytest.approx(exact.peak, rel=2e-3)
    assert errors[0] < 4e-3 and errors[1] < errors[0] / 4
    blurred = smoothed(disk_share(np.hypot(x, y)), (pixel, pixel), np.inf, blur=1.0)
    weaker = charge_map(blurred, pixel, 0.4 * WIDTH)
    assert np.abs(weaker.peak) < 0.99 * np.abs(found.peak)


def test_current_follows_the_magnetic_map() -> None:
    """a~ and m^ are there where b_z is."""
    pixel, x, y = grid(96, 32.0)
    half = (x > 0).astype(float)
    share = disk_share(np.hypot(x, y))
    strength = {"exchange": half, "magnetisation": np.full(1, 0.02)}
    found = charge_map(share, pixel, 2.0, **strength)
    points = np.array([[8.0, 0.0], [-8.0, 0.0], [0.0, 8.0]])
    a, m = found.pseudo_gauge_at(points), found.magnetisation_at(points)
    assert a[1, 0] == pytest.approx(2.0 / WIDTH, rel=0.01) and abs(a[0, 0]) < 1e-3
    assert np.abs(a[:, 1]).max() < 1e-9
    assert m[:2] == pytest.approx([0.02, 0.0], abs=1e-9)
    assert len(found) == 0 and found.edge_distance(points) == pytest.approx(0.0, abs=0.02)
    assert found.edge_distance([(0, 0), (12, 0)]) == pytest.approx([-8.0, 4.0], abs=0.02)
    assert np.hypot(*found.outlines()[0].T) == pytest.approx(8.0, abs=0.02)


def test_sample_beyond_the_map() -> None:
    """A map goes on as it ends, if it ends in a constant."""
    pixel, x, y = grid(64, 32.0)
    found = charge_map(disk_share(np.hypot(x, y)), pixel, 2.0)
    found.check(Rectangle(60.0, 30.0))
    assert not found.pseudo_gauge_at(np.array([[25.0, 0.0], [0.0, -16.5]])).any()
    cut = charge_map(disk_share(np.hypot(x - 12, y)), pixel, 2.0)
    cut.check(Disk(16.0))
    with pytest.raises(ParameterError, match=r"32 x 32 xi .* its screened potential"):
        cut.check(Disk(17.0))


def test_kinds_of_maps(tmp_path: Path) -> None:
    """Pictures of 8 and 16 bits, tables and arrays hold the same map, its first row at the top."""
    from PIL import Image

    grey = np.arange(30).reshape(5, 6) / 29
    Image.fromarray((grey * 255).round().astype(np.uint8)).save(tmp_path / "map.png")
    Image.fromarray((grey * 65535).round().astype(np.uint16)).save(tmp_path / "deep.png")
    np.savetxt(tmp_path / "map.csv", grey, delimiter=",", header="charge")
    np.savetxt(tmp_path / "map.txt", grey)
    np.save(tmp_path / "map.npy", grey)
    for name, tolerance in (
        ("map.png", 2e-3), ("deep.png", 1e-5), ("map.csv", 1e-9), ("map.txt", 1e-9), ("map.npy", 0)
    ):  # fmt: skip
        assert np.abs(read_raster(tmp_path / name) - grey).max() <= tolerance, name


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("map.png", b"no picture", r"cannot be read \(not an image\)"),
        ("map.csv", b"1,2,3\n4,5\n", r"cannot be read \(not a table of numbers\)"),
        ("map.csv", b"1,2\n3,4\n", "four rows and columns at least.*got 2 x 2"),
        ("map.csv", b"1,2,3,nan\n" * 4, "must hold finite numbers only"),
        ("map.npy", b"x", r"cannot be read \(not an array of numbers\)"),
        ("map.xyz", b"", r"is no map, a file is wanted that ends in one of \.png"),
        ("map.csv", None, r"cannot be read \(No such file"),
    ],
)
def test_bad_maps(name: str, content: bytes | None, sentence: str, tmp_path: Path) -> None:
    """One sentence that names the file."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ParameterError, match=sentence) as caught:
        read_raster(tmp_path / name)
    assert str(tmp_path / name) in str(caught.value) and "\n" not in str(caught.value)


# --- problems -------------------------------------------------------------------------------------

REDUCED = """\
[superconductor]
kappa = 10.0
[sample]
shape = "rectangle"
size = [30.0, 26.0]
[inclusions]
layout = "charge-map"
file = "map.npy"
pixel = 0.5
smoothing = 0
pseudo_gauge_step = 2.4
magnetisation = 0.001
[mesh]
size = 1.5
[solver]
starts = ["uniform"]
"""
LAYOUT = REDUCED[REDUCED.index("[inclusions]") : REDUCED.index("[mesh]")]
AS_DISK = f"""\
[inclusions]
layout = "square"
count = [1, 1]
radius = {RADIUS}
edge_width = {WIDTH}
edge_smoothing = {FLANK}
pseudo_gauge = 0.4
[mesh]
edge_size = 1.5
"""


@pytest.fixture
def reduced(tmp_path: Path) -> Path:
    """A problem with a map of a disk."""
    _, x, y = grid(64, 32.0)
    np.save(tmp_path / "map.npy", disk_share(np.hypot(x, y)))
    (tmp_path / "map.toml").write_text(REDUCED)
    return tmp_path / "map.toml"


def test_problem_with_a_map_of_a_disk(reduced: Path) -> None:
    """It has the energy and the moment of the disk, on the same mesh."""
    setup = setup_from(load(reduced))
    file = reduced.with_name("disk.toml")
    file.write_text(REDUCED.replace(LAYOUT, AS_DISK).replace("[mesh]\nsize", "size"))
    disk = setup_from(load(file))
    mesh_data, as_disk = build(disk, MPI.COMM_SELF)
    without = replace(setup.inclusions, magnetisation=np.zeros(1))  # m^ of a map is not a disk's
    as_map = free_energy(replace(setup, inclusions=without), mesh_data, setup.sample)
    found, expected = (gl.pseudo_gauge.x.array for gl in (as_map, as_disk))
    assert np.abs(found - expected).max() < 4e-3 * np.abs(expected).max()
    energies = []
    for functional in (as_map, as_disk):
        imprint(functional, [])
        energies.append(minimise(System(functional), gradient_tolerance=1e-8).energy)
    bare = -setup.sample.area / 2
    assert energies[0] == pytest.approx(energies[1], abs=1e-3 * (energies[1] - bare))
    assert moments(as_map).gamma == pytest.approx(moments(as_disk).gamma, rel=1e-3)


def test_screening_and_smoothing_weaken_the_field(reduced: Path) -> None:
    """The less is screened over a given length, the less of the step is left."""
    peaks = [
        float(setup_from(load(reduced, [f"inclusions.{change}"])).inclusions.peak[0])
        for change in ("smoothing=0", "screening_wavenumber=5", "screening_wavenumber=0.5")
    ]
    assert peaks[0] > 1.02 * peaks[1] > 1.2 * peaks[2] > 0.0
    more = setup_from(load(reduced, ["inclusions.charge=[1, -1]"])).inclusions
    assert more.peak[0] == pytest.approx(-2 * peaks[0])


def test_material_makes_the_map(laboratory_problem: Path, tmp_path: Path) -> None:
    """The moment of the gamma current, integrated from a~, is gamma b_z int (V_outside - V)."""
    size, x, y = grid(64, 32.0)
    np.savetxt(tmp_path / "map.csv", disk_share(np.hypot(x, y)), delimiter=",")
    text = laboratory_problem.read_text()
    head, tail = text.split("[inclusions]")[0], text[text.index("[mesh]") :]
    layout = '[inclusions]\nlayout = "charge-map"\nfile = "map.csv"\npixel = "10 nm"\n'
    strength = 'smoothing = 0\ncharge = ["0 e/nm^2", "-0.02 e/nm^2"]\nexchange_field = "1 meV"\n'
    path = tmp_path / "laboratory.toml"
    path.write_text(head + layout + strength + tail)
    setup = setup_from(load(path))
    c, sources = setup.coefficients, setup.sources
    assert c is not None and sources is not None
    states = m_e / (np.pi * hbar**2)
    # the layer's electrons screen over 0.03 nm: the Thomas-Fermi potential, positive outside
    assert sources.potential_step == pytest.approx(0.02 / (e * states * 1e-18), rel=1e-3)
    x, y = 0.5 / size * x, 0.5 / size * y  # a pixel is half a coherence length
    xy = np.column_stack([x.ravel(), y.ravel()])
    a = setup.inclusions.pseudo_gauge_at(xy) * FLUX_QUANTUM / (2 * np.pi * c.coherence_length)
    pixel = 10e-9
    current = -a * c.layer_spacing / (mu_0 * c.london_lambda**2)  # of one layer
    turning = (xy[:, 0] * current[1] - xy[:, 1] * current[0]) * c.coherence_length
    moment = 0.5 * turning.sum() * pixel**2
    share = disk_share(np.hypot(x, y)).sum() * pixel**2
    expected = c.gamma * sources.exchange_field * sources.potential_step * share
    assert moment == pytest.approx(expected, rel=2e-3)
    assert sources.M_gamma == pytest.approx(expected, rel=2e-3)
    copy = tmp_path / "copy"
    copy.mkdir()
    again = setup_from(load(write_resolved(load(path), setup, copy)))
    assert again.inclusions.pseudo_gauge == pytest.approx(setup.inclusions.pseudo_gauge)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("inclusions.edge_width=2", 'edge_width is not used with layout = "charge-map"'),
        ("inclusions.pseudo_gauge=0.1", 'pseudo_gauge is not used with layout = "charge-map"'),
        ("inclusions.pixel=0", "pixel must be greater than 0"),
        ("inclusions.charge=[1]", "inclusions.charge"),
        ("inclusions.charge=[1, 1]", "map.npy has the same charge everywhere"),
        ("inclusions.screening_wavenumber=-1", "must be greater than 0"),
        (
            "inclusions.magnetic_file=other.csv",
            r"other.csv: must have as many rows.*64 x 64, got 4",
        ),
        ("sample.size=[40, 20]", None),
    ],
)
def test_mistakes(change: str, sentence: str | None, reduced: Path) -> None:
    """One sentence each."""
    reduced.with_name("other.csv").write_text("1,2,3,4\n" * 4)
    if sentence is None:
        setup_from(load(reduced, [change]))
        return
    with pytest.raises(ParameterError, match=sentence):
        setup_from(load(reduced, [change]))


def test_missing_strength(reduced: Path) -> None:
    """A map without a strength says which key is missing."""
    reduced.write_text(REDUCED.replace("pseudo_gauge_step = 2.4\n", ""))
    with pytest.raises(ParameterError, match=r"pseudo_gauge_step is missing \(needed with layout"):
        load(reduced)
