"""What divides the numbers of a problem file to make them reduced, and whose mistakes are whose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from glvortex.errors import ParameterError
from glvortex.material import Coefficients, Material
from glvortex.problems.schema import ProblemFile
from glvortex.problems.sections import MaterialSection
from glvortex.problems.units import LENGTH, to_si

_LENGTHS = re.compile(r"\d xi\b|\([-+.e\d]+, [-+.e\d]+\)")  # in a message: so many xi, or a point


@dataclass(frozen=True)
class Scale:
    """What divides the file's numbers to make them reduced: 1 for a reduced file, else SI.

    Attributes:
        length, field: xi and Bc2 in the file's numbers.
        coefficients: of the material, SI; None for a reduced file.
    """

    length: float = 1.0
    field: float = 1.0
    coefficients: Coefficients | None = None

    def reduced(self, length: float | None) -> float:
        """A length that the schema demands, in xi."""
        assert length is not None
        return length / self.length


def scale_of(problem: ProblemFile) -> tuple[Scale, float]:
    """The units of length and field, and kappa."""
    if problem.material is None:
        assert problem.superconductor.kappa is not None  # the schema sees to it
        return Scale(), problem.superconductor.kappa
    with blaming(problem, "material", Scale()):
        coefficients = coefficients_of(problem.material)
    scale = Scale(coefficients.coherence_length, coefficients.bc2, coefficients)
    return scale, coefficients.kappa


def coefficients_of(material: MaterialSection) -> Coefficients:
    """What a material comes down to; a note says where gamma is not what its electrons give.

    Raises:
        ParameterError: its keys do not make a superconductor.
    """
    electrons = material.model_dump(exclude={"spin_moment", "gamma_factor"})
    found, factor = Material(**electrons).coefficients(), material.gamma_factor
    if factor == 1.0:
        return found
    note = f"gamma is {factor:g} times what the electrons give, as gamma_factor asks."
    return replace(found, gamma=found.gamma * factor, notes=(*found.notes, note))


def unit_of_file(problem: ProblemFile, unit: str | None, scale: Scale) -> float:
    """The unit of the lengths in a file that a problem names, in xi; 1 for a reduced problem.

    Raises:
        ParameterError: a laboratory problem without it, or no unit of length.
    """
    if not problem.laboratory:
        return 1.0
    if unit is None:
        raise ParameterError(
            'file_unit is missing: say the unit of the lengths in it, such as "nm"'
        )
    try:
        return to_si(f"1 {unit}", LENGTH) / scale.length
    except ValueError:
        raise ParameterError(
            f'file_unit must be a unit of length such as "nm", got "{unit}"'
        ) from None


@contextmanager
def blaming(problem: ProblemFile, key: str, scale: Scale) -> Iterator[None]:
    """Name file and section in errors of the rooms to the left, which know neither."""
    try:
        yield
    except ParameterError as error:
        lengths = scale.length != 1.0 and _LENGTHS.search(str(error))
        in_metres = f" (1 xi is {scale.length:.4g} m)" if lengths else ""
        raise problem.source.mistake(
            key, f"is wrong: {str(error).rstrip('.')}{in_metres}"
        ) from None
