"""The border between laboratory units and numbers: pint strings in, SI floats out.

A problem file is either reduced (every quantity a plain number) or in laboratory units (every
quantity with a dimension a string such as "200 nm"); a quantity of the wrong sort is refused.
"""

from __future__ import annotations

import functools
import json
import math
import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationInfo

_NUMBER_AND_UNIT = re.compile(
    r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*(?P<unit>(/|°|[^\W\d_])[^\[\]{}]*)"
)


@dataclass(frozen=True)
class Dimension:
    """A kind of quantity: its name with article, its SI unit, its reduced unit, an example."""

    name: str
    si: str
    reduced: str
    example: str


LENGTH = Dimension("a length", "m", "xi", "200 nm")
DENSITY = Dimension("a number per area", "1/m^2", "1/xi^2", "0.5 / um^2")
FIELD = Dimension("a magnetic field", "T", "Bc2", "2 mT")
MASS = Dimension("a mass", "kg", "", "0.5 m_e")
ENERGY = Dimension("an energy", "J", "", "1 meV")
TEMPERATURE = Dimension("a temperature", "K", "", "2 K")
POTENTIAL = Dimension("a potential", "V", "", "50 mV")
ELECTRIC_FIELD = Dimension("an electric field", "V/m", "", "1e8 V/m")
SHEET_CHARGE = Dimension("a charge per area", "C/m^2", "any unit", "0.01 e/nm^2")
DURATION = Dimension("a time", "s", "1/(gamma B_K)", "20 ns")
MOMENT = Dimension("a magnetic moment", "J/T", "", "100 mu_B")
MOMENT_FIELD = Dimension("a magnetic field", "T", "B_K", "20 mT")
MOMENT_TEMPERATURE = Dimension("a temperature", "K", "M B_K/k_B", "3 K")
AREA = Dimension("an area", "m^2", "", "0.01 nm^2")


def to_si(text: str, dimension: Dimension) -> float:
    """Value of a pint string in the SI unit of `dimension`.

    Raises:
        ValueError: not a finite quantity of that dimension; the message completes "<key> ...".
    """
    wanted = f'must be {dimension.name} such as "{dimension.example}"'
    quantity = _quantity(text)
    if quantity is None or not math.isfinite(quantity.magnitude):
        raise ValueError(f'{wanted}, got "{text}"')
    if not quantity.is_compatible_with(dimension.si):
        unit = f"{quantity.units:~}"
        raise ValueError(f'{wanted}, got "{text}", which is in {unit}')
    return float(quantity.to(dimension.si).magnitude)


def written_unit(text: str) -> str:
    """The unit in a quantity as the user wrote it, such as "um" of "2.8 um"."""
    match = _NUMBER_AND_UNIT.fullmatch(text)
    assert match is not None  # it has been read as a quantity before
    return match["unit"].strip()


def _quantity(text: str) -> Any:
    if not _NUMBER_AND_UNIT.fullmatch(text):
        return None
    # pint's own gauss belongs to the cgs system, whose fields are no multiples of a tesla
    text = re.sub(r"\b(G|[Gg]auss)\b", "decimillitesla", text)
    try:
        return _registry().Quantity(text)
    except Exception:  # pint's parser raises whatever the text leads it to
        return None


@functools.cache
def _registry() -> Any:
    import pint  # slow to import, and reduced files do not need it

    registry = pint.UnitRegistry(on_redefinition="ignore", cache_folder=None)
    registry.define("gauss = 1e-4 tesla = G")
    registry.define("decimillitesla = 1e-4 tesla")
    return registry


def _reader(dimension: Dimension) -> BeforeValidator:
    def read(value: Any, info: ValidationInfo) -> Any:
        laboratory = (info.context or {}).get("units") == "laboratory"
        if laboratory and isinstance(value, str):
            return to_si(value, dimension)
        if laboratory and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise ValueError(
                f'must be {dimension.name} such as "{dimension.example}", got {shown(value)}'
            )
        if laboratory:
            raise ValueError(
                f'must be {dimension.name} with a unit such as "{dimension.example}" in a file '
                f'with units = "laboratory", got the bare number {value}'
            )
        if isinstance(value, str) and not laboratory:
            raise ValueError(
                f"must be a plain number{_in(dimension)} in a file with "
                f'units = "reduced", got "{value}"'
            )
        return value

    return BeforeValidator(read)


def shown(value: Any) -> str:
    """A value as the user may have written it."""
    return json.dumps(value, ensure_ascii=False, default=str)


def _in(dimension: Dimension) -> str:
    return f" (in {dimension.reduced})" if dimension.reduced else ""


Length = Annotated[float, _reader(LENGTH), LENGTH]
Density = Annotated[float, _reader(DENSITY), DENSITY]
MagneticField = Annotated[float, _reader(FIELD), FIELD]
Mass = Annotated[float, _reader(MASS), MASS]
Energy = Annotated[float, _reader(ENERGY), ENERGY]
Temperature = Annotated[float, _reader(TEMPERATURE), TEMPERATURE]
Potential = Annotated[float, _reader(POTENTIAL), POTENTIAL]
ElectricField = Annotated[float, _reader(ELECTRIC_FIELD), ELECTRIC_FIELD]
SheetCharge = Annotated[float, _reader(SHEET_CHARGE), SHEET_CHARGE]
Duration = Annotated[float, _reader(DURATION), DURATION]
Moment = Annotated[float, _reader(MOMENT), MOMENT]
MomentField = Annotated[float, _reader(MOMENT_FIELD), MOMENT_FIELD]
MomentTemperature = Annotated[float, _reader(MOMENT_TEMPERATURE), MOMENT_TEMPERATURE]
Area = Annotated[float, _reader(AREA), AREA]
