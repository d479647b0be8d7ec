"""Transport current through a strip, as a difference of the applied field between its sides."""

from __future__ import annotations

from typing import Any

import ufl

from glvortex.errors import ParameterError
from glvortex.fem.energy import GinzburgLandau


def transport_term(functional: GinzburgLandau, step: float) -> Any:
    """The energy of a current along a strip that is periodic along y, as a form for its ``terms``.

    ``step`` is b_a at the left side less b_a at the right side in Bc2 (Ampere: positive for a
    current along +y), half of it on either side of ``applied_field``:

        functional.terms["transport"] = transport_term(functional, step)

    The boundary term -2 kappa^2 oint (b_a - applied_field) a.t makes b = b_a natural at the sides;
    its curl vanishes inside, so no current is prescribed there. States are metastable, and none
    exists above the depairing current.

    Raises ParameterError unless the sample is a strip along y with screening.
    """
    lattice = functional.space.lattice
    if lattice is None or len(lattice.periods) != 1 or lattice.periods[0][0] != 0.0:
        raise ParameterError("a transport current needs a strip that is periodic along y.")
    if not functional.screening:
        raise ParameterError("a transport current needs screening.")
    normal = ufl.FacetNormal(functional.space.mesh)
    tangent = ufl.as_vector((-normal[1], normal[0]))
    excess = -0.5 * step * normal[0]  # the left side has normal -x
    return -2.0 * functional.kappa**2 * excess * ufl.inner(functional.a, tangent) * ufl.ds
