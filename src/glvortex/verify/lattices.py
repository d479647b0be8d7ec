"""Bulk vortex lattices in a magnetic cell, and the identities at kappa = 1/sqrt2."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np

from glvortex.geometry.sample import Cell
from glvortex.observe.bulk import bulk
from glvortex.solve.extrapolation import extrapolate
from glvortex.solve.london import Vortex
from glvortex.solve.starts import imprint
from glvortex.verify.checks import Check, Run, extrapolated, functionals, states

IDENTITIES = "2. Any vortices at kappa = 1/sqrt2"
LATTICES = "3. Vortex lattices"

# (kappa, B/Bc2): energy density, H/Hc2, <f^4>/<f^2>^2, <f^2>, all known to 1e-6
_TRIANGULAR = {
    (2.0, 0.1): (-0.337855, 0.223346, 1.057346, 0.854387),
    (2.0, 0.3): (0.140057, 0.381115, 1.114266, 0.634562),
    (2.0, 0.5): (0.889145, 0.555980, 1.137370, 0.445629),
    (2.0, 0.9): (3.235607, 0.910990, 1.156879, 0.087911),
    (5.0, 0.2): (0.714486, 0.215145, 1.098126, 0.722481),
}
_ABRIKOSOV = {"triangular": 1.1595952670, "square": 1.1803405990}
_ANGLE = {"triangular": math.pi / 3, "square": math.pi / 2}
_NEAR = (0.92, 0.94, 0.96, 0.98)  # fields from which those at Hc2 are extrapolated
_COARSEST = 0.08  # of a period: cells of the first mesh


def _cell(shape: str, field: float) -> Cell:
    """One flux quantum."""
    angle = _ANGLE[shape]
    side = math.sqrt(2 * math.pi / field / math.sin(angle))
    return Cell(((side, 0.0), (side * math.cos(angle), side * math.sin(angle))), 1)


def _averages(shape: str, kappa: float, field: float, levels: int) -> np.ndarray:
    """Energy density, H, <f^4>/<f^2>^2 and <f^2> on each mesh, (levels, 4)."""
    cell = _cell(shape, field)
    size = cell.periods[0][0] * _COARSEST
    rows = []
    centre = [Vortex(0.0, 0.0, 1)]
    for state in states(
        functionals(cell, size, levels, kappa=kappa), lambda start: imprint(start, centre)
    ):
        found = bulk(state)
        assert found.field is not None  # there is flux
        rows.append((found.energy_density, found.field, found.abrikosov_ratio, found.density))
    return np.array(rows)


def triangular(kappa: float, field: float) -> Sequence[Check]:
    """One line of the table of independent calculations."""
    values = _averages("triangular", kappa, field, 3).T
    names = ("energy density", "H/Hc2", "<f^4>/<f^2>^2", "<f^2>")
    references = _TRIANGULAR[kappa, field]
    label = f"kappa {kappa:g}, B {field:g}"
    # the references have six decimals
    return [
        extrapolated(f"{name}, {label}", reference, column, max(1e-5, 1e-6 / abs(reference)))
        for name, reference, column in zip(names, references, values, strict=True)
    ]


def near_hc2(shape: str) -> Sequence[Check]:
    """Abrikosov's ratio and the slope of M(H) where superconductivity ends, from B below Hc2."""
    kappa, ratios, slopes = 2.0, [], []
    for field in _NEAR:
        _, applied, ratio, _ = (extrapolate(c).limit for c in _averages(shape, kappa, field, 4).T)
        ratios.append(ratio)
        slopes.append((applied - field) / (1 - applied))
    at_hc2 = [
        float(np.polyval(np.polyfit(_NEAR, values, len(_NEAR) - 1), 1.0))
        for values in (ratios, slopes)
    ]
    beta = _ABRIKOSOV[shape]
    slope = 1 / ((2 * kappa**2 - 1) * beta)
    return [
        Check(f"beta_A, {shape}", beta, at_hc2[0], 1e-5),
        Check(f"-dM/dH at Hc2, {shape}, kappa 2", slope, at_hc2[1], 1e-4),
    ]


def self_dual() -> Sequence[Check]:
    """Two vortices anywhere in an oblique cell: no forces, energies and averages known."""
    cell = Cell(((4.0, 0.3), (-0.7, 5.0)), 2)
    field = cell.lattice.mean_field
    places = [Vortex(0.3, 0.4, 1), Vortex(-1.0, 1.9, 1)]
    rows = []
    for state in states(
        functionals(cell, 0.22, 3, kappa=1 / math.sqrt(2)), lambda start: imprint(start, places)
    ):
        found = bulk(state)
        assert found.field is not None  # there is flux
        rows.append((found.energy_density, found.field, found.density))
    energies, fields, densities = np.array(rows).T
    return [
        extrapolated("energy density, B - 1/2", field - 0.5, energies, 1e-6),
        extrapolated("H/Hc2", 1.0, fields, 1e-6),
        extrapolated("<f^2>, 1 - B", 1 - field, densities, 1e-6),
    ]


RUNS = (
    Run(IDENTITIES, "two vortices", True, self_dual),
    *(
        Run(
            LATTICES,
            f"kappa {kappa:g}, B {field:g}",
            field == 0.5,
            partial(triangular, kappa, field),
        )
        for kappa, field in _TRIANGULAR
    ),
    *(Run(LATTICES, f"{shape}, near Hc2", False, partial(near_hc2, shape)) for shape in _ANGLE),
)
