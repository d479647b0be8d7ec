"""Figure 2 of 002: switching by a Dirac and by a spin Hall torque, for stated protocols.

The paper states neither its protocol nor its damping. Colours and symbols: the torque sets in at
once on moments that rest in the field (`glvortex.micro.torque.switching`), m_z read at rest with
the torque on; curves: the limit of no damping, and a torque that rises slowly (linear stability).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from glvortex.micro.torque.stability import spin_hall_limit
from glvortex.micro.torque.switching import after_sudden_torque, threshold, undamped_threshold
from glvortex.output.papers.figure_parts import Figure, Regions, Series

NAMES = {"dirac": "Dirac torque", "spin_hall": "spin Hall torque"}
WIDEST = {"dirac": 2.0, "spin_hall": 1.0}
MAP_DAMPING = 0.1
OTHERS = (0.03, 0.3)
FIELDS = np.array([0.05, 0.2, 0.4, 0.6, 0.8])
FINE = np.concatenate([[1e-3], np.linspace(0.02, 0.999, 80)])
FIELD = "H_x / H_K"
BOTH, UP, DOWN = range(3)


def _map(torque: str) -> Regions:
    """Whether both states stay, or m_z > 0 or m_z < 0 alone."""
    positive = np.linspace(0.0, WIDEST[torque], 51)
    fields = np.linspace(-0.98, 0.98, 60)  # none at 0, where moments end in the plane
    from_up = after_sudden_torque(torque, positive, fields[:, None], MAP_DAMPING)
    from_down = -from_up[::-1]
    kind = np.where(from_up < 0.0, DOWN, np.where(from_down > 0.0, UP, BOTH))
    # the other sign of the torque: h -> -h
    whole = np.concatenate([kind[::-1, :0:-1], kind], axis=1)
    strengths = np.concatenate([-positive[:0:-1], positive])
    states = ("both states stay", "m_z > 0 alone", "m_z < 0 alone")
    names = tuple(f"sudden, damping {MAP_DAMPING:g}: {state}" for state in states)
    return Regions(strengths, fields, whole, names, ("#b7e0b0", "#f4b6a6", "#a9c6ea"))


def _four(strength: np.ndarray, field: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All signs of both, in turn around the origin."""
    x = np.concatenate([strength, -strength[::-1], -strength, strength[::-1]])
    y = np.concatenate([field, field[::-1], -field, -field[::-1]])
    return x, y


def _diagram(torque: str) -> Figure:
    """Fig. 2(a) or (b)."""
    widest = WIDEST[torque]
    if torque == "dirac":
        slow = (
            np.array([-widest, widest, np.nan, widest, -widest]),
            np.array([1, 1, np.nan, -1, -1]),
        )
    else:
        slow = _four(np.asarray(spin_hall_limit(FINE)), FINE)
    limit = np.asarray(undamped_threshold(torque, FINE))
    series = [
        Series("slow torque: both stay inside", "curve", 7, *slow),
        Series(
            "sudden, damping -> 0: both stay inside",
            "curve",
            3,
            *_four(limit, FINE),
        ),
    ]
    strengths = np.linspace(0.0, widest, 101)
    found = threshold(torque, strengths, FIELDS, np.array(OTHERS)[:, None])
    for group, (damping, values) in enumerate(zip(OTHERS, np.asarray(found), strict=True)):
        x, y = _four(np.asarray(values), FIELDS)
        series.append(Series(f"sudden, damping {damping:g}: edge", "exact", 4 + group, x, y))
    letter = "a" if torque == "dirac" else "b"
    title = f"002 Fig. 2({letter}): {NAMES[torque]}, read with the torque on"
    label = "H_dir / H_K" if torque == "dirac" else "H_she / H_K"
    return Figure(title, label, FIELD, series, _map(torque))


def _against_damping() -> Figure:
    """Where one of two states is lost at H_x = 0, the half width of the diagrams there."""
    dampings = np.array([0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4])
    dirac = threshold("dirac", np.arange(0.9, 2.6, 0.02), 0.0, dampings)
    hall = threshold("spin_hall", np.arange(0.35, 0.55, 0.005), 0.0, dampings)
    ends, limits = np.array([0.0, 0.4]), [float(undamped_threshold(t, 0.0)) for t in NAMES]
    slow = np.full(2, float(spin_hall_limit(0.0)))
    series = [
        Series("Dirac torque, sudden", "exact", 3, dampings, dirac),
        Series("its limit at no damping", "curve", 3, ends, np.full(2, limits[0])),
        Series("spin Hall torque, sudden", "exact", 0, dampings, hall),
        Series("its limit at no damping", "curve", 0, ends, np.full(2, limits[1])),
        Series("spin Hall torque, slow", "curve", 9, ends, slow),
        Series("ratio of the sudden ones", "exact", 7, dampings, dirac / hall),
        Series("its limit at no damping", "curve", 7, ends, np.full(2, limits[0] / limits[1])),
        Series("ratio in the text of 002", "printed", 7, ends, np.full(2, 2.0)),
    ]
    title = "002 Fig. 2: width at H_x = 0 (Dirac torque, slow: no limit)"
    return Figure(title, "damping", "torque / H_K, and their ratio", series)


TORQUE_FIGURES: dict[str, Callable[[], Figure]] = {
    "002-fig2a": partial(_diagram, "dirac"),
    "002-fig2b": partial(_diagram, "spin_hall"),
    "002-fig2-damping": _against_damping,
}
"""Their part of `FIGURES`."""
