"""The Ginzburg-Landau free energy as a sum of named terms.

In reduced units (lengths in xi, fields in Bc2, vector potentials in Phi0/2 pi xi, energies in
Bc^2/mu0 times xi^2 or xi^3)

    F = int |(grad + i(a + a~)) f|^2 - t |f|^2 + |f|^4/2 + kappa^2 |b - b_a|^2 - 2 kappa^2 m^.b

(docs/theory.md, section 2). Without screening a is fixed to the applied field's and only f varies.
In a magnetic cell a is the periodic part of the vector potential, beside that of the mean field.
A medium makes t and the weight of |f|^4 change from place to place; in its holes only the field
terms count, and f is held at 0 by ``|f|^2`` at their inner vertices.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import ufl
from dolfinx import fem
from mpi4py import MPI

from glvortex.fem.medium import Medium
from glvortex.fem.space import CovariantSpace, Interpolant

# The integrands are products of trigonometric functions of small angles and quartic polynomials.
QUADRATURE = {"quadrature_degree": 4}


class GinzburgLandau:
    """The free energy on a mesh, with its first and second derivatives as compiled forms.

    Args:
        space: the covariant space.
        kappa: Ginzburg-Landau parameter london_lambda/xi.
        t: reduced temperature 1 - T/Tc (1 where lengths are in xi(T)); that of the host where a
            medium has others.
        applied_field: b_a along z in Bc2.
        pseudo_gauge: a~, a function of ``space.vector_potential`` (zero if not given).
        magnetisation: m^ along z, a piecewise constant function (zero if not given).
        screening: whether a is an unknown.
        medium: holes and regions with their own coefficients; None for a uniform sample.

    The unknowns are ``f`` (vertex values) and ``a``; ``terms`` maps a name to a UFL form. A user
    adds a term by putting one more form of ``f`` and ``a`` into ``terms`` before the first use.

    """

    def __init__(
        self,
        space: CovariantSpace,
        *,
        kappa: float,
        t: float = 1.0,
        applied_field: float = 0.0,
        pseudo_gauge: fem.Function | None = None,
        magnetisation: fem.Function | None = None,
        screening: bool = True,
        medium: Medium | None = None,
    ) -> None:
        mesh = space.mesh
        self.space = space
        self.kappa = kappa
        self.screening = screening
        self.f = fem.Function(space.order_parameter, name="order_parameter")
        self.a = fem.Function(space.vector_potential, name="vector_potential")
        self.pseudo_gauge = pseudo_gauge or fem.Function(space.vector_potential)
        self.magnetisation = magnetisation or fem.Function(fem.functionspace(mesh, ("DG", 0)))
        self._t = fem.Constant(mesh, float(t))
        self.medium = medium
        self.dx = ufl.Measure("dx", domain=mesh, metadata=QUADRATURE)

        stiffness = fem.Constant(mesh, float(kappa) ** 2)
        self._applied_field = fem.Constant(mesh, float(applied_field))
        excess = self.b - self._along_z(self._applied_field)
        self.terms: dict[str, Any] = {
            "condensation": self._condensation(),
            "gradient": self.inside * self.interpolant.gradient_density * self.dx,
            "field": stiffness * ufl.inner(excess, excess) * self.dx,
            "magnetisation": -2 * stiffness * ufl.inner(self.moment, self.b) * self.dx,
        }

    @property
    def applied_field(self) -> float:
        """b_a along z in Bc2; may be set, and the energy follows. ``apply_field`` then adapts a."""
        return float(self._applied_field.value)

    @applied_field.setter
    def applied_field(self, value: float) -> None:
        self._applied_field.value = value

    @property
    def t(self) -> float:
        """Reduced temperature; may be set, and the energy follows.

        The t of all regions of a medium change by as much: a change of temperature changes
        (Tc - T)/(Tc_host - T_reference) by the same amount whatever the local Tc.
        """
        return float(self._t.value)

    @t.setter
    def t(self, value: float) -> None:
        if self.medium is not None and value != self.t:
            self.medium.shift(value - self.t)
        self._t.value = value

    def _condensation(self) -> Any:
        density, medium = self.interpolant.density, self.medium
        if medium is None:
            return (density**2 / 2 - self._t * density) * self.dx
        bulk = medium.inside * (medium.quartic * density**2 / 2 - medium.t * density) * self.dx
        corners = range(self.space.dim + 1)
        held = [medium.held[i] * (self.f[i, 0] ** 2 + self.f[i, 1] ** 2) for i in corners]
        return bulk + sum(held) / len(held) * self.dx(degree=0)

    @property
    def inside(self) -> Any:
        """1 in the sample and 0 in its holes (UFL)."""
        return 1.0 if self.medium is None else self.medium.inside

    @property
    def uniform_density(self) -> np.ndarray:
        """|f|^2 at this rank's vertices without fields, were each material on its own."""
        if self.medium is None:
            return np.full(len(self.space.vertices), max(self.t, 0.0))
        return self.medium.density_at_vertices

    def _along_z(self, value: Any) -> Any:
        """Return a field along z: the number itself in two dimensions, where b is one."""
        return value if self.space.dim == 2 else ufl.as_vector([0, 0, value])

    @property
    def vector_potential(self) -> Any:
        """The whole vector potential: a, and in a cell that of the mean field (UFL)."""
        background = self.space.background
        return self.a if background is None else self.a + background

    @property
    def potential(self) -> Any:
        """What the pairs feel, the vector potential and a~ (UFL)."""
        return self.vector_potential + self.pseudo_gauge

    @property
    def interpolant(self) -> Interpolant:
        """f_h and its covariant derivative (UFL)."""
        return self.space.interpolant(self.f, self.potential)

    @property
    def moment(self) -> Any:
        """m^ as a field like b (UFL)."""
        return self._along_z(self.magnetisation)

    @property
    def b(self) -> Any:
        """Flux density in Bc2 (UFL)."""
        return ufl.curl(self.vector_potential)

    @property
    def unknowns(self) -> list[fem.Function]:
        """The functions the minimiser may change."""
        return [self.f, self.a] if self.screening else [self.f]

    @cached_property
    def area(self) -> float:
        """Area (volume in three dimensions) of the sample, in xi^2 (xi^3)."""
        return self.integrate(fem.form(fem.Constant(self.space.mesh, 1.0) * self.dx))

    def apply_field(self) -> None:
        """Set a to the applied field's: in the symmetric gauge about the origin, or along a strip.

        In a cell the mean field is given by its flux quanta, and a is zero.
        """
        lattice, b = self.space.lattice, self.applied_field
        if lattice is None:
            half = b / 2
            self.a.interpolate(lambda x: half * np.array([-x[1], x[0], 0 * x[2]])[: self.space.dim])
        elif len(lattice.periods) == 1:
            (along,) = lattice.matrix / np.linalg.norm(lattice.matrix)
            self.a.interpolate(lambda x: b * np.outer(along, along[1] * x[0] - along[0] * x[1]))
        else:
            self.a.x.array[:] = 0.0

    def budget(self) -> dict[str, float]:
        """Energy of each term, in Bc^2 xi^2/mu0 (per unit length along z, in two dimensions)."""
        return {name: self.integrate(form) for name, form in self._term_forms.items()}

    @cached_property
    def _term_forms(self) -> dict[str, Any]:
        return {name: fem.form(term) for name, term in self.terms.items()}

    def integrate(self, form: Any) -> float:
        """Sum a compiled scalar form over all ranks."""
        return self.space.mesh.comm.allreduce(fem.assemble_scalar(form), MPI.SUM)
