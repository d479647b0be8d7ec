"""Sources of a problem that names a map of charge, by its screened potential."""

from __future__ import annotations

import math

import numpy as np

from glvortex.errors import ParameterError
from glvortex.geometry.charge_map import ChargeMap, Interpolated, border
from glvortex.geometry.rasters import read_raster
from glvortex.geometry.sample import Floats
from glvortex.material import Sources
from glvortex.micro import screening
from glvortex.micro.charge_map import smoothed
from glvortex.problems.scale import Scale
from glvortex.problems.schema import ProblemFile
from glvortex.problems.sections import InclusionLayout

SMOOTHING = 1.0  # pixels: what a sharp edge between two pixels means


def charge_map_of(
    problem: ProblemFile, given: InclusionLayout, scale: Scale
) -> tuple[ChargeMap, Sources | None]:
    """Screen the charge of a map; where a material does so, also its sources.

    Those are of a disk whose M_gamma is that of the map, with its largest potential and field.

    Raises:
        ParameterError: a bad map, or one of the same charge everywhere.
    """
    numbers = read_raster(problem.source.folder / str(given.file))
    exchange = _exchange(problem, given, numbers.shape)
    low, high = given.charge or (0.0, 1.0)
    pixel = scale.reduced(given.pixel)
    potential, wavenumber = _thomas_fermi(problem, given, low + (high - low) * numbers, scale)
    blur = pixel * (SMOOTHING if given.smoothing is None else given.smoothing)
    potential = smoothed(potential, (pixel, pixel), wavenumber, blur)
    outside = float(border(potential).mean())
    step = float((potential - outside).ravel()[np.argmax(np.abs(potential - outside))])
    if not abs(step) > 1e-12 * np.abs(potential).max():
        raise ParameterError(
            f"{given.file} has the same charge everywhere, which makes no electric field"
        )
    share = np.asarray((potential - outside) / step, dtype=float)
    total, moment, sources = _strengths(problem, given, step, share, pixel, scale)
    return ChargeMap(
        sign=np.ones(1),
        edge_width=0.0,
        edge_smoothing=1.0,
        pseudo_gauge=np.array([total]),
        magnetisation=np.array([moment]),
        pixel=pixel,
        potential=share,
        exchange=exchange,
    ), sources


def _exchange(
    problem: ProblemFile, given: InclusionLayout, shape: tuple[int, ...]
) -> Floats | None:
    """b_z over its full value, None where it is the same everywhere."""
    if given.magnetic_file is None:
        return None
    path = problem.source.folder / given.magnetic_file
    found = read_raster(path)
    if found.shape != shape:
        wanted, got = (" x ".join(map(str, size)) for size in (shape, found.shape))
        raise ParameterError(
            f"{path}: must have as many rows and columns as {given.file}, {wanted}, got {got}"
        )
    return found


def _thomas_fermi(
    problem: ProblemFile, given: InclusionLayout, charge: Floats, scale: Scale
) -> tuple[Floats, float]:
    """The Thomas-Fermi potential in V, or the charge as it is, and k_TF xi."""
    if problem.material is None:
        return charge, given.screening_wavenumber or math.inf
    states = float(screening.compressibility(problem.material.effective_mass))
    wavenumber = float(screening.thomas_fermi_wavenumber(states)) * scale.length
    return screening.thomas_fermi_potential(charge, states), wavenumber


def _strengths(
    problem: ProblemFile,
    given: InclusionLayout,
    step: float,
    share: Floats,
    pixel: float,
    scale: Scale,
) -> tuple[float, float, Sources | None]:
    """What a~ adds up to from outside to the extreme of the potential, m^, and the sources.

    ``step`` is the potential there less that outside, and ``share`` the map over it.
    """
    if scale.coefficients is None or problem.material is None:
        return (given.pseudo_gauge_step or 0.0) * step, given.magnetisation or 0.0, None
    rows, columns = (pixel * (np.arange(n) - (n - 1) / 2) for n in share.shape)
    points = np.column_stack([a.ravel() for a in np.meshgrid(columns, rows)])
    width = 1.0 / float(np.hypot(*Interpolated(share, pixel).gradient(points)).max())
    area = max(abs(float(share.sum())), 1.0) * pixel**2
    sources = Sources.of(
        scale.coefficients,
        exchange_field=given.exchange_field or 0.0,
        potential_step=-step,
        radius=scale.length * math.sqrt(area / math.pi),
        edge_width=scale.length * width,
        spin_moment=problem.material.spin_moment,
    )
    return sources.pseudo_gauge * width, sources.magnetisation_reduced, sources
