"""The figures of the papers drawn again: closed forms as curves, exact numbers as symbols.

`figure` writes a PNG and a CSV with the same numbers. Where a paper plots a formula that the
package corrects, the printed one is a dotted curve. Units are in the axis labels.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from glvortex.errors import ParameterError
from glvortex.micro import Electrons, dirac, exact, sums, universal
from glvortex.micro.equations.numbers_surface import dirac_parts
from glvortex.micro.nambu import SIGMA
from glvortex.output.papers.figure_parts import Figure, Regions, Series
from glvortex.output.papers.figures_torque import TORQUE_FIGURES
from glvortex.output.papers.figures_weyl import WEYL_FIGURES

UNIT = 1.0 / (4.0 * np.pi)
R20 = 1.0 / np.sqrt(20.0)
STYLES = {"curve": "-", "printed": ":", "exact": "o"}


def figure(name: str, folder: str | Path) -> tuple[Path, Path]:
    """Draw the figure ``name``, a key of `FIGURES`, into ``folder``: the paths of PNG and CSV.

    Raises ParameterError for an unknown name.
    """
    check([name])
    content = FIGURES[name]()
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    picture, table = folder / f"{name}.png", folder / f"{name}.csv"
    _draw(content, picture)
    with table.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["series", "kind", content.x_label, content.y_label])
        for s in content.series:
            for x, y in zip(s.x, s.y, strict=True):
                writer.writerow([s.label, s.kind, f"{x:.10g}", f"{y:.10g}"])
        for name, x, y in _points(content.regions):
            writer.writerow([name, "region", f"{x:.10g}", f"{y:.10g}"])
    return picture, table


def check(names: Iterable[str]) -> None:
    """Raise ParameterError where a name is not in `FIGURES`."""
    for name in names:
        if name not in FIGURES:
            raise ParameterError(f"there is no figure '{name}': take one of {', '.join(FIGURES)}.")


def _points(regions: Regions | None) -> Iterator[tuple[str, float, float]]:
    if regions is not None:
        for y, row in zip(regions.y, regions.kind, strict=True):
            for x, kind in zip(regions.x, row, strict=True):
                yield regions.names[kind], x, y


def _draw(content: Figure, path: Path) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.colors import ListedColormap
    from matplotlib.figure import Figure as Canvas
    from matplotlib.patches import Patch

    canvas = Canvas(figsize=(6.4, 4.8), layout="constrained")
    FigureCanvasAgg(canvas)
    axes = canvas.add_subplot()
    patches = []
    if (r := content.regions) is not None:
        shades = ListedColormap(r.colours)
        axes.pcolormesh(r.x, r.y, r.kind, cmap=shades, vmin=-0.5, vmax=len(r.names) - 0.5)
        patches = [Patch(color=c, label=n) for c, n in zip(r.colours, r.names, strict=True)]
    for s in content.series:
        symbol = STYLES[s.kind]
        axes.plot(s.x, s.y, symbol, color=f"C{s.group}", label=s.label, markersize=4.5, mfc="none")
    axes.axhline(0.0, color="0.7", linewidth=0.6, zorder=0)
    axes.set(xlabel=content.x_label, ylabel=content.y_label, title=content.title)
    if patches:
        lines = axes.get_legend_handles_labels()[0]
        canvas.legend(
            handles=[*patches, *lines],
            fontsize="small",
            frameon=False,
            loc="outside lower center",
            ncols=2,
        )
    elif any(s.label for s in content.series):
        axes.legend(fontsize="small", frameon=False)
    canvas.savefig(path, dpi=150)


def _current(gap: float, rashba: float, thermal: float) -> float:
    """003 (23) with the fields of Fig. 2, over e^2 lambda m E_x b_z; energies in mu."""
    in_plane, exchange = -0.01 * R20, 0.5e-3
    model = Electrons(
        chemical_potential=0.5,
        rashba=-rashba,
        gap=0.5 * gap,
        in_plane=in_plane,
        exchange=(0.0, 0.0, exchange),
        temperature=0.5 * thermal,
    )
    return float(exact.average(model, ["current_y"], 1e-5).value[0]) / (in_plane * exchange)


CURRENT = "<J_y> in e^2 lambda m E_x b_z / hbar^3"


def _fig_2a() -> Figure:
    """003 Fig. 2(a): three gaps; the paper's values of Delta are not in its caption."""
    fine, few = np.geomspace(2e-3, 1.0, 200) * R20, np.geomspace(5e-3, 1.0, 11) * R20
    series = []
    for group, gap in enumerate((0.003, 0.01, 0.03)):
        closed = universal(0.5 * gap / fine) / (2.0 * np.pi)
        series += [
            Series(f"Delta = {gap:g} mu", "curve", group, fine / R20, closed),
            Series("003 (17)", "printed", group, fine / R20, -0.5 * closed),
            Series(
                "exact", "exact", group, few / R20, np.array([_current(gap, r, 1e-4) for r in few])
            ),
        ]
    title = "003 Fig. 2(a): current and vertical field, T = 1e-4 mu"
    return Figure(title, "lambda e E_z sqrt(20) / v_F", CURRENT, series)


def _fig_2b() -> Figure:
    """003 Fig. 2(b): lambda e E_z = 0.5 v_F/sqrt 20."""
    rashba = 0.5 * R20
    fine, few = np.geomspace(1e-4, 0.5, 200), np.geomspace(5e-4, 0.5, 11)
    closed = universal(0.5 * fine / rashba) / (2.0 * np.pi)
    series = [
        Series("T -> 0, closed form", "curve", 0, fine, closed),
        Series("003 (17)", "printed", 0, fine, -0.5 * closed),
    ]
    for group, thermal in enumerate((1e-4, 3e-3, 1e-2)):
        if group:
            warm = sums.current_sum(0.5 * fine, rashba, 0.5 * thermal) / (2.0 * np.pi)
            series.append(Series(f"T = {thermal:g} mu, sum", "curve", group, fine, warm))
        numbers = np.array([_current(g, rashba, thermal) for g in few])
        series.append(Series(f"T = {thermal:g} mu, exact", "exact", group, few, numbers))
    title = "003 Fig. 2(b): current and gap, lambda e E_z = 0.5 v_F/sqrt(20)"
    return Figure(title, "Delta / mu", CURRENT, series)


def _landau(out_of_plane: bool) -> Figure:
    """000 Fig. 2: M_z or M_y = 0.5, hbar omega_B = 1, mu = 0; v = 1, so the slope is 1/2."""
    k, few = np.linspace(-1.0, 1.0, 101), np.linspace(-0.8, 0.8, 5)
    series = []
    for n in range(-4, 5):
        term = k - 0.5 if out_of_plane else np.full_like(k, 0.5)
        energy = term if n == 0 else np.sign(n) * np.sqrt(abs(n) + term**2)
        label = {0: "n = 0, closed form", 1: "n not 0, closed form"}.get(n, "")
        series.append(Series(label, "curve", int(n == 0), k, energy))
    levels = [_levels_on_a_line(x, out_of_plane) for x in few]
    xs = np.concatenate([np.full(len(e), x) for x, e in zip(few, levels, strict=True)])
    series.append(Series("diagonalised on a line", "exact", 3, xs, np.concatenate(levels)))
    which = "(b): gradient of M_z, M_y" if out_of_plane else "(a): gradient of M_y, M_z"
    return Figure(
        f"000 Fig. 2{which} = 0.5", "v hbar k_x / hbar omega_B", "E / hbar omega_B", series
    )


def _levels_on_a_line(kx: float, out_of_plane: bool, n: int = 120) -> np.ndarray:
    """Levels of 000 (30) or (34) below 2.1 with states away from the ends of a line."""
    length = 20.0
    y = (np.arange(n) + 0.5) / n * length - 0.5 * length
    k = 2.0 * np.pi * np.fft.fftfreq(n, length / n)
    momentum = np.fft.ifft(k[:, None] * np.fft.fft(np.eye(n), axis=0), axis=0)
    if out_of_plane:
        h = (kx - 0.5) * np.kron(SIGMA["y"], np.eye(n)) - 0.5 * np.kron(SIGMA["z"], np.diag(y))
    else:
        h = np.kron(SIGMA["y"], np.diag(kx - 0.5 * y)) - 0.5 * np.kron(SIGMA["z"], np.eye(n))
    energy, state = np.linalg.eigh(h - np.kron(SIGMA["x"], momentum))
    inside = np.tile(np.abs(y) < 0.4 * length, 2)
    keep = (np.sum(np.abs(state[inside]) ** 2, axis=0) > 0.9) & (np.abs(energy) < 2.1)
    return energy[keep]


CHI = "chi in e / 4 pi hbar"


def _surface(title: str) -> Figure:
    """000 Fig. 3, 001 Fig. 1(a): one Dirac cone, mu > 0."""
    fine, few = np.linspace(1e-4, 3.0, 300), np.array([0.01, 0.1, 0.3, 0.6, 1.0, 1.5, 2.0, 3.0])
    whole = dirac.chi(1.0, 0.0)
    parts = (dirac.chi, dirac.chi_part_1, dirac.chi_part_2)
    names = ("chi", "part I, 000 (42)", "part II, 000 (43)")
    series = [
        Series(name, "curve", group, fine, part(1.0, fine) / whole)
        for group, (name, part) in enumerate(zip(names, parts, strict=True))
    ]
    models = [Electrons(chemical_potential=1.0, rashba=1.0, gap=g, inverse_mass=0.0) for g in few]
    series.append(Series("chi, exact", "exact", 0, few, np.array([_chi(m) for m in models])))
    some = np.array([0.3, 0.6, 1.0, 2.0])
    integrals = np.array([dirac_parts(g) for g in some])
    for part in (0, 1):
        label = f"part {'I' * (part + 1)}, integral 000 (17)"
        series.append(Series(label, "exact", part + 1, some, integrals[:, part]))
    normal = Electrons(chemical_potential=1.0, rashba=1.0, inverse_mass=0.0, temperature=0.02)
    series.append(Series("exact, no gap", "exact", 3, np.zeros(1), np.array([_chi(normal)])))
    return Figure(title, "Delta / |mu|", CHI, series)


WIDTH = 0.1  # level width in E_soc
DELTAS = np.geomspace(1e-3, 3.0, 300)
FEW_DELTAS = np.array([0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3.0])


def _metal(title: str) -> Figure:
    """000 Fig. 4, 001 Fig. 1(b): clean, and with a level width."""
    soc, everywhere, intra = _closed_chi()
    clean = soc - sums.current_sum(DELTAS, 1.0)
    models, broad = ([_rashba(d, width) for d in FEW_DELTAS] for width in (0.0, WIDTH))
    symbols = (
        ("chi_soc, exact", [_chi(m, "current_y_spin") for m in models]),
        ("chi, clean, exact", [_chi(m) for m in models]),
        ("chi with Gamma, exact", [_chi(m) for m in broad]),
    )
    series = [
        Series("chi_soc = e v g_soc", "curve", 0, DELTAS, soc),
        Series("chi, clean", "curve", 1, DELTAS, clean),
        Series("chi, Gamma = 0.1 E_soc in 000 (47) only", "printed", 2, DELTAS, intra),
        Series("chi, Gamma = 0.1 E_soc everywhere", "curve", 2, DELTAS, everywhere),
    ]
    return Figure(title, "Delta / E_soc", CHI, [*series, *_symbols(symbols)])


def _zeeman(title: str) -> Figure:
    """000 Fig. 5: chi, chi_Z and their sum, all with the level width of Fig. 4."""
    _, chi, intra = _closed_chi()
    # m = m_e, g = 2: chi_Z is 2 e/4 pi hbar in the normal state
    spin, clean_spin = (2.0 * sums.spin_sum(DELTAS, 1.0, 0.0, width) for width in (WIDTH, 0.0))
    models = [_rashba(d, WIDTH) for d in FEW_DELTAS]
    numbers = np.array([_chi(m) for m in models])
    perp = np.array([exact.response(m, "spin_z", "exchange_z", 1e-6).value for m in models])
    perp = 2.0 * np.pi * perp
    symbols = (("chi, exact", numbers), ("chi_Z, exact", perp), ("X, exact", numbers + perp))
    series = [
        Series("chi", "curve", 0, DELTAS, chi),
        Series("chi_Z, m = m_e, g = 2", "curve", 1, DELTAS, spin),
        Series("X = chi + chi_Z", "curve", 2, DELTAS, chi + spin),
        Series("chi, Gamma in 000 (47) only", "printed", 0, DELTAS, intra),
        Series("chi_Z, no Gamma", "printed", 1, DELTAS, clean_spin),
        Series("X, Gamma in 000 (47) only", "printed", 2, DELTAS, intra + clean_spin),
    ]
    return Figure(title, "Delta / E_soc", CHI, [*series, *_symbols(symbols)])


def _closed_chi() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Clean chi_soc, and chi with the level width in all parts and in 000 (47) only."""
    soc = sums.soc_sum(DELTAS, 1.0)
    broad = sums.soc_sum(DELTAS, 1.0, 0.0, WIDTH) - sums.current_sum(DELTAS, 1.0, 0.0, WIDTH)
    intra = soc - sums.spin_sum(DELTAS, 1.0) + WIDTH / np.hypot(WIDTH, DELTAS)
    return soc, broad, intra


def _symbols(parts: Iterable[tuple[str, Sequence[float] | np.ndarray]]) -> list[Series]:
    return [
        Series(label, "exact", group, FEW_DELTAS, np.asarray(values))
        for group, (label, values) in enumerate(parts)
    ]


def _rashba(delta: float, width: float = 0.0) -> Electrons:
    """E_soc = 0.02 mu, gap and level width in E_soc."""
    return Electrons(chemical_potential=0.5, rashba=0.01, gap=0.01 * delta, broadening=0.01 * width)


@cache
def _chi(model: Electrons, name: str = "current_y") -> float:
    return float(exact.gradient_response(model, name, "exchange_z", 1e-6).value) / UNIT


FIGURES: dict[str, Callable[[], Figure]] = {
    "003-fig2a": _fig_2a,
    "003-fig2b": _fig_2b,
    "000-fig2a": lambda: _landau(False),
    "000-fig2b": lambda: _landau(True),
    "000-fig3": lambda: _surface("000 Fig. 3: Dirac surface"),
    "000-fig4": lambda: _metal("000 Fig. 4: Rashba metal, E_soc = 0.02 mu"),
    "000-fig5": lambda: _zeeman("000 Fig. 5: Zeeman effect, E_soc = 0.02 mu, Gamma = 0.1 E_soc"),
    "001-fig1a": lambda: _surface("001 Fig. 1(a): Dirac surface"),
    "001-fig1b": lambda: _metal("001 Fig. 1(b): Rashba metal, E_soc = 0.02 mu"),
    **TORQUE_FIGURES,
    **WEYL_FIGURES,
}
"""Names that `figure` takes."""
