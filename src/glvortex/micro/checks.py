"""What arguments of the closed forms must be, by their names: one table for the whole package."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import NamedTuple, ParamSpec, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glvortex.errors import ParameterError

P = ParamSpec("P")
R = TypeVar("R")
Array = NDArray[np.float64]


class Rule(NamedTuple):
    """``least`` is POSITIVE, NOT_NEGATIVE or empty for any sign; ``why`` ends the message."""

    least: str = ""
    unit: str = ""
    why: str = ""
    infinite: bool = False


POSITIVE, NOT_NEGATIVE = "be positive", "not be negative"
ENERGY = "J"
SIGNED = Rule()
FROM_ZERO = Rule(NOT_NEGATIVE)

RULES: dict[str, Rule] = {
    "chemical_potential": Rule(POSITIVE, ENERGY),
    "gap": Rule(NOT_NEGATIVE, ENERGY),
    "zero_gap": Rule(POSITIVE, ENERGY),
    "rashba_energy": Rule(NOT_NEGATIVE, ENERGY),
    "thermal_energy": Rule(NOT_NEGATIVE, ENERGY),
    "broadening": Rule(NOT_NEGATIVE, ENERGY),
    "cutoff": Rule(POSITIVE, ENERGY),
    "temperature": Rule(NOT_NEGATIVE, "K"),
    "critical_temperature": Rule(POSITIVE, "K"),
    "reduced_temperature": FROM_ZERO,
    "effective_mass": Rule(POSITIVE, "kg"),
    "mass": Rule(POSITIVE, "kg", infinite=True),
    "velocity": Rule(POSITIVE, "m/s"),
    "fermi_velocity": Rule(POSITIVE, "m/s"),
    "fermi_wavenumber": Rule(POSITIVE, "1/m"),
    "layer_spacing": Rule(POSITIVE, "m"),
    "density": Rule(POSITIVE, "1/m^3"),
    "compressibility": Rule(POSITIVE, "1/(J m^2)"),
    "chi_spin": Rule(POSITIVE, "1/(J m^2)"),
    "radius": Rule(POSITIVE, "m"),
    "edge_width": Rule(POSITIVE, "m"),
    "depth": Rule(POSITIVE, "m"),
    "distance": Rule(NOT_NEGATIVE, "m"),
    "delta": Rule(NOT_NEGATIVE, infinite=True),
    "ratio": Rule(POSITIVE),
    "accuracy": Rule(POSITIVE),
}
ANY_SIGN = """rashba_length2 potential_step gamma lande_factor radial_slope current_coefficient
g_soc charge warping exchange index mass_term kx ky gradient"""
RULES |= dict.fromkeys(ANY_SIGN.split(), SIGNED)


def checked(**special: Rule) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A function whose arguments named in `RULES` (or ``special``) arrive as sound arrays.

    It raises ParameterError, naming the argument, for what is no number, not finite, of the wrong
    sign, of shapes that do not broadcast, or an array where the annotation says float.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(function)
        rules = {
            name: special.get(name, RULES.get(name))
            for name in signature.parameters
            if name in special or name in RULES
        }

        @wraps(function)
        def sound(*args: P.args, **kwargs: P.kwargs) -> R:
            bound = signature.bind(*args, **kwargs)
            shapes: dict[str, tuple[int, ...]] = {}
            for name, value in bound.arguments.items():
                rule = rules.get(name)
                if rule is None or (value is None and signature.parameters[name].default is None):
                    continue
                array = check(value, name, rule)
                shapes[name], bound.arguments[name] = array.shape, array
                if signature.parameters[name].annotation == "float":
                    if array.ndim:
                        raise ParameterError(f"{name} must be one number, got {array.shape}.")
                    bound.arguments[name] = float(array)
            _check_shapes(shapes)
            return function(*bound.args, **bound.kwargs)

        return sound

    return decorate


def check(value: ArrayLike, name: str, rule: Rule) -> Array:
    """``value`` as an array that follows ``rule``; raises ParameterError otherwise."""
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise ParameterError(f"{name} must be numbers, got {value!r}.") from None
    bad = np.isnan(array) if rule.infinite else ~np.isfinite(array)
    if np.any(bad):
        raise ParameterError(f"{name} must be finite, got {array[bad][0]:g}.")
    wrong = {POSITIVE: array <= 0.0, NOT_NEGATIVE: array < 0.0}.get(rule.least)
    if wrong is not None and np.any(wrong):
        unit = f" {rule.unit}" if rule.unit else ""
        raise ParameterError(f"{name} must {rule.least}, got {np.min(array):g}{unit}{rule.why}.")
    return array


def _check_shapes(shapes: dict[str, tuple[int, ...]]) -> None:
    try:
        np.broadcast_shapes(*shapes.values())
    except ValueError:
        named = ", ".join(f"{name} {shape}" for name, shape in shapes.items() if shape)
        raise ParameterError(f"these shapes do not broadcast: {named}.") from None
