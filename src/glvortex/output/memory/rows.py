"""The numbers of one cool-down of a memory experiment."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from glvortex.errors import ParameterError
from glvortex.observe.moments import moment_unit
from glvortex.output.ranks import replacing
from glvortex.problems.memory import CoolDown, Experiment
from glvortex.problems.training import Trained

_DIGITS = 6


@dataclass(frozen=True)
class Row:
    """One cool-down; NaN for what is unknown. Moments in A m^2 per layer, along +z.

    Numbers of states are rounded to what does not depend on how Newton's method came there.

    Attributes:
        point: number of its run folder.
        realisation, training, cool_down: which one; the training as the file has it.
        moment_above, moment_below: mean m_z of the inclusions above Tc and below.
        vortices, antivortices: with their flux along +z, and against it.
        outside: how many are no nearer to an inclusion than half an edge width.
        edge_distance: mean of all to the nearest mid-edge, negative inside, in the user's unit.
        normal: moment of the electrons' spins in the normal state.
        superconducting: moment of all currents and spins of electrons below Tc.
        gamma, screening: the parts of it from the gamma current and from the rest of the current.
        local: moment of the macrospins above Tc, which is there at all temperatures.
        flux: of b through the sample, in Phi0.
        energy: of the kept state, in Bc^2 xi^2/mu0 per length.
        failed: why there is no state, empty where there is one.
    """

    point: int
    realisation: int
    training: str
    cool_down: int
    moment_above: float
    moment_below: float
    vortices: float = math.nan
    antivortices: float = math.nan
    outside: float = math.nan
    edge_distance: float = math.nan
    normal: float = math.nan
    superconducting: float = math.nan
    gamma: float = math.nan
    screening: float = math.nan
    local: float = math.nan
    flux: float = math.nan
    energy: float = math.nan
    failed: str = ""

    @property
    def net(self) -> float:
        """Vortices less antivortices."""
        return self.vortices - self.antivortices


def row_of(found: Experiment, job: CoolDown, moments: Trained, result: dict[str, Any] | str) -> Row:
    """The numbers of a cool-down from its `result.json`, or without them the reason.

    Raises:
        ParameterError: the result lacks some of them.
    """
    empty = Row(
        point=job.number,
        realisation=job.realisation,
        training=found.trainings[job.place],
        cool_down=job.cool_down,
        moment_above=float(moments.above.mean()),
        moment_below=float(moments.below.mean()),
    )
    if isinstance(result, str):
        return replace(empty, failed=result)
    try:
        known: dict[str, Any] = _electrons(found, job, moments) | _state(job, result)
        return replace(empty, **known)
    except (KeyError, TypeError, ValueError):
        raise ParameterError(
            f"point {job.number} ({job.said}): its result.json is not that of this version; leave "
            "--resume out to begin anew."
        ) from None


def _electrons(found: Experiment, job: CoolDown, moments: Trained) -> dict[str, float]:
    """Moments above Tc."""
    sources, coefficients = job.setup.sources, job.setup.coefficients
    if sources is None or coefficients is None:
        return {}
    areas = job.setup.inclusions.area * coefficients.coherence_length**2
    per_area = sources.M_n / (np.pi * sources.radius**2)
    return {
        "normal": float(per_area * (areas * moments.above).sum()),
        "local": float(found.local_moment * moments.above.sum()),
    }


def _state(job: CoolDown, result: dict[str, Any]) -> dict[str, float]:
    """What there is below Tc."""
    vortices, setup = result["vortices"], job.setup
    distances = np.array([vortex["edge_distance"] for vortex in vortices], dtype=float)
    half = setup.inclusions.edge_width / 2 / setup.length_unit_in_xi
    values = {
        "vortices": float(sum(vortex["charge"] > 0 for vortex in vortices)),
        "antivortices": float(sum(vortex["charge"] < 0 for vortex in vortices)),
        "outside": float((distances >= half).sum()),
        "edge_distance": float(distances.mean()) if len(distances) else math.nan,
        "flux": float(result["flux_phi0"]),
        "energy": float(result["energy"]["total"]),
    }
    if setup.coefficients is not None and result["moments"] is not None:
        unit = moment_unit(setup.coefficients)
        names = {"superconducting": "total", "gamma": "gamma", "screening": "screening"}
        values |= {name: unit * result["moments"][key] for name, key in names.items()}
    return {name: float(f"{value:.{_DIGITS}g}") for name, value in values.items()}


def write_csv(path: Path, rows: Sequence[Row]) -> None:
    """One row per cool-down, NaN as an empty field; on one rank."""
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Row)])
        writer.writeheader()
        for row in rows:
            writer.writerow({k: "" if v != v else v for k, v in asdict(row).items()})
