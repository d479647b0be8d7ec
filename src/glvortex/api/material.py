"""A material: electrons in, lengths and response coefficients out."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import ValidationError

from glvortex.errors import ParameterError
from glvortex.material import Coefficients, Sources
from glvortex.output.reports import frames
from glvortex.problems import units
from glvortex.problems.messages import Source, explain
from glvortex.problems.scale import coefficients_of
from glvortex.problems.sections import MaterialSection

_DIMENSIONS = {
    "exchange_field": units.ENERGY,
    "potential_step": units.POTENTIAL,
    "radius": units.LENGTH,
    "edge_width": units.LENGTH,
}


class Material:
    """A layered Rashba superconductor, as the section ``[material]`` of a problem file states it.

    Args:
        keys: those of the section (docs/problem_file.md), quantities as text with a unit, such as
            ``effective_mass="1 m_e"``.

    Attributes:
        given: the keys as they were given.
        si: every coefficient in SI units, `glvortex.material.Coefficients`.

    Raises:
        ParameterError: one sentence with the key and what is allowed.
    """

    def __init__(self, **keys: Any) -> None:
        self.given = keys
        source = Source("material", "Material", Path.cwd(), keys)
        try:
            section = MaterialSection.model_validate(keys, context={"units": "laboratory"})
        except ValidationError as error:
            raise explain(source, error.errors(), MaterialSection) from None
        self._spin_moment = section.spin_moment
        try:
            self.si: Coefficients = coefficients_of(section)
        except ParameterError as error:
            raise ParameterError(f"Material: {error}") from None

    @cached_property
    def coefficients(self) -> pd.DataFrame:
        """The table of `glvortex coefficients`: per name symbol, value, unit and source."""
        return frames.coefficients(self.si)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was measured and what derived, and which small parameter is not small."""
        return self.si.notes

    def replace(self, **keys: Any) -> Material:
        """The same material with other values of some keys; None leaves a key out.

        Raises:
            ParameterError: as the class.
        """
        changed = self.given | keys
        return Material(**{key: value for key, value in changed.items() if value is not None})

    def inclusion(
        self, *, exchange_field: str, potential_step: str, radius: str, edge_width: str
    ) -> pd.DataFrame:
        """What a charged magnetic disk in this material is to the condensate (003 (4)-(11)).

        Args:
            exchange_field: b_z inside, an energy, signed.
            potential_step: V outside less V inside, signed.
            radius, edge_width: R of the middle of the edge region, and its width d.

        Returns:
            A table as ``coefficients``: pseudo-gauge field A~, magnetisation, moments M_gamma, M_n.

        Raises:
            ParameterError: a quantity is not one of its kind.
        """
        texts = (exchange_field, potential_step, radius, edge_width)
        values = {}
        for text, (name, dimension) in zip(texts, _DIMENSIONS.items(), strict=True):
            try:
                values[name] = units.to_si(str(text), dimension)
            except ValueError as error:
                raise ParameterError(f"inclusion: {name} {error}.") from None
        sources = Sources.of(self.si, **values, spin_moment=self._spin_moment)
        return frames.coefficients(self.si, sources).iloc[len(self.coefficients) :]

    def __repr__(self) -> str:
        keys = ", ".join(f"{key}={value!r}" for key, value in self.given.items())
        return f"Material({keys})"

    def _repr_html_(self) -> str:
        return self.coefficients.to_html(float_format="{:.5g}".format)
