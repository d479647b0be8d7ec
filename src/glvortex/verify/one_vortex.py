"""One vortex in an infinite sample: the radial spectral solver and the finite elements."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

from dolfinx import fem

from glvortex.geometry.sample import Disk
from glvortex.material.isolated_vortex import isolated_vortex
from glvortex.solve.london import Vortex
from glvortex.solve.starts import imprint
from glvortex.verify.checks import Check, Run, extrapolated, fine_disk, functionals, states

SECTION = "1. One vortex in an infinite sample"

# kappa: line energy, Hc1/Hc2, b(0) in sqrt2 mu0 Hc, xi f'(0)
_RADIAL = {
    0.5: (0.8679102903, 1.7358205806, 0.81256032, 0.95050628),
    1 / math.sqrt(2): (1.0, 1.0, 0.70710678, 0.85317787),
    1.0: (1.1567609413, 0.5783804707, 0.61657331, 0.77735953),
    2.0: (1.5526763033, 0.1940845379, 0.46614486, 0.67609356),
    5.0: (2.2408557284, 0.0448171146, 0.30695698, 0.61253741),
    10.0: (2.8547970716, 0.0142739854, 0.21096813, 0.59400181),
    50.0: (4.4139519741, 0.0008827904, 0.07277168, 0.58398443),
}
_MULTIPLE = {
    (1.0, 2): 2.41915560,
    (1.0, 3): 3.71608114,
    (2.0, 2): 3.55718495,
    (2.0, 3): 5.73534926,
}
_COLUMNS = (("e1", 10), ("Hc1/Hc2", 10), ("b(0)/(sqrt2 mu0 Hc)", 8), ("xi f'(0)", 8))  # decimals


def radial() -> Sequence[Check]:
    """The table of the radial solutions, to its last digits."""
    checks = []
    for kappa, references in _RADIAL.items():
        vortex = isolated_vortex(kappa)
        found = (
            vortex.line_energy,
            vortex.lower_critical_field,
            kappa * vortex.central_field,
            vortex.slope,
        )
        for (name, decimals), result, reference in zip(_COLUMNS, found, references, strict=True):
            label = f"{name}, kappa {kappa:.4g}"
            checks.append(Check(label, reference, result, _rounding(decimals) / reference))
        checks.append(Check(f"virial, kappa {kappa:.4g}", 0.0, vortex.virial, 1e-8))
        checks.append(Check(f"flux, kappa {kappa:.4g}", 1.0, vortex.flux, 1e-8))
    for (kappa, n), reference in _MULTIPLE.items():
        result = isolated_vortex(kappa, n).line_energy
        label = f"e{n}, kappa {kappa:.4g}"
        checks.append(Check(label, reference, result, _rounding(8) / reference))
    dual = isolated_vortex(1 / math.sqrt(2), 2).line_energy
    checks.append(Check("e2 - 2 e1 at kappa 1/sqrt2", 0.0, dual - 2.0, 1e-9))
    return checks


def _rounding(decimals: int) -> float:
    """Half of the last decimal of a reference, and a little for the rounding of both."""
    return 0.6 * 10.0**-decimals


def finite_elements(kappa: float, radius: float) -> Sequence[Check]:
    """Line energy and virial of a vortex in a disk many London lengths wide."""
    energies, virials = [], []
    fine = fine_disk(2.0)  # where the vortex will be
    meshes = functionals(Disk(radius), 1.0, 3, inclusions=fine, core_size=0.5, kappa=kappa)
    for state in states(meshes, lambda functional: imprint(functional, [Vortex(0, 0, 1)])):
        energies.append((sum(state.budget().values()) + state.area / 2) / (2 * math.pi))
        excess = (1 - state.interpolant.density) ** 2 / 2
        virials.append(state.integrate(fem.form(excess * state.dx)) / state.budget()["field"])
    e1 = isolated_vortex(kappa).line_energy
    label = f"kappa {kappa:.4g}, finite elements"
    return [
        extrapolated(f"e1, {label}", e1, energies, 1e-5),
        extrapolated(f"virial, {label}", 1.0, virials, 1e-5),
    ]


RUNS = (
    Run(SECTION, "radial spectral solver", True, radial),
    Run(SECTION, "kappa 1", True, partial(finite_elements, 1.0, 10.0)),
    Run(SECTION, "kappa 1/sqrt2", False, partial(finite_elements, 1 / math.sqrt(2), 10.0)),
    Run(SECTION, "kappa 2", False, partial(finite_elements, 2.0, 18.0)),
)
