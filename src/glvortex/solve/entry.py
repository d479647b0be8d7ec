"""Fields and currents up to which a state without vortices holds: entry field and depairing.

The entry (superheating) field is where the state without vortices loses its stability as the
applied field rises from zero. At a smooth surface it is of the order of Hc, and sqrt5/3 Hc at a
plane one for large kappa (Chapman, SIAM J. Appl. Math. 55, 1233 (1995)).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import ufl
from dolfinx import fem
from scipy.optimize import brentq

from glvortex.errors import NotConvergedError, ParameterError
from glvortex.fem.energy import GinzburgLandau
from glvortex.material.critical import thermodynamic_critical_field
from glvortex.solve.follow import Limit, stability_limit
from glvortex.solve.minimiser import minimise
from glvortex.solve.starts import follow_field, imprint
from glvortex.solve.stationary import make_stationary
from glvortex.solve.system import System


def entry_field(functional: GinzburgLandau, *, tolerance: float = 1e-7) -> Limit:
    """Raise the applied field from zero until the state without vortices is no longer stable.

    The state is the one that the uniform start relaxes to without field; sources of vortices in
    the sample may have put some there. The functional holds the last stable state afterwards.

    Returns the limit, in Bc2; ``tolerance`` is relative. On uniformly refined meshes its error goes
    with the square of the cell size, unless the mesh breaks a symmetry of the sample.

    Raises:
        NotConvergedError: there is no minimum to start from, or the limit could not be reached.

    """

    def apply(field: float) -> None:
        functional.applied_field = field
        if not functional.screening:
            follow_field(functional)

    functional.applied_field = 0.0
    imprint(functional)
    system = System(functional)
    minimise(system, gradient_tolerance=1e-9)
    quantum = 2 * np.pi / functional.area
    hc = float(thermodynamic_critical_field(functional.kappa, functional.t))
    step = hc / 4 if functional.screening else quantum / 4
    return stability_limit(system, apply, 0.0, step, tolerance=tolerance)


@dataclass(frozen=True)
class Depairing:
    """The largest supercurrent, reached at a certain flow.

    Attributes:
        flow: q in Phi0/(2 pi xi), 1/sqrt3 in a uniform sample.
        current: mean of |f|^2 (grad theta + a + a~) along the flow, in the same unit; 2/(3 sqrt3)
            in a uniform sample. Over kappa^2 it is the current in Bc2/(mu0 xi).

    """

    flow: float
    current: float


def depairing(functional: GinzburgLandau, direction: fem.Function) -> Depairing:
    """Raise the flow a~ = q ``direction`` until the current it drives is largest; collective.

    Args:
        functional: without screening, of a sample that closes on itself along the direction (a
            cell, a ring): elsewhere f takes the flow back. It holds the state of the largest
            current afterwards. Its own a~ stays and the flow is added.
        direction: of the flow, a function of ``space.vector_potential`` of size about 1.

    Raises:
        ParameterError: with screening, where a takes the flow back.
        NotConvergedError: no flow that the sample feels, or no maximum up to a flow of 10.

    """
    if functional.screening:
        raise ParameterError("the depairing current is defined without screening only.")
    driven = _Driven(functional, direction)
    low, step = 0.0, 0.1
    if driven.stiffness(0.0) <= 1e-9:
        raise NotConvergedError("no current flows: the sample does not close along the flow.")
    while driven.stiffness(low + step) > 0:
        low += step
        if low > 10:
            raise NotConvergedError("the current still rises at a flow of 10.")
    flow = brentq(driven.stiffness, low, low + step, xtol=1e-11, rtol=1e-11)
    driven.stiffness(flow)
    return Depairing(flow, driven.current())


class _Driven:
    """A state driven by a flow q, its current j = dE/dq/(2 area) and the stiffness dj/dq."""

    def __init__(self, functional: GinzburgLandau, direction: fem.Function) -> None:
        self.functional, self.direction = functional, direction
        self.own = functional.pseudo_gauge.x.array.copy()
        functional.f.x.array[::2], functional.f.x.array[1::2] = (
            np.sqrt(functional.uniform_density),
            0.0,
        )
        self.system = System(functional)
        energy = sum(functional.terms.values())
        slope = ufl.derivative(energy, functional.pseudo_gauge, direction)
        self._slope = fem.form(slope)
        self._curvature = fem.form(ufl.derivative(slope, functional.pseudo_gauge, direction))
        self._mixed = fem.form(ufl.derivative(slope, functional.f))
        self._force = self.system.gradient_vector.duplicate()
        self._response = self._force.duplicate()
        self._twice_area = 2 * functional.area

    def current(self) -> float:
        """j of the present state."""
        return self.functional.integrate(self._slope) / self._twice_area

    def stiffness(self, flow: float) -> float:
        """Relax at a flow from the present state; return dj/dq, the response of f included."""
        functional, system = self.functional, self.system
        functional.pseudo_gauge.x.array[:] = self.own + flow * self.direction.x.array
        make_stationary(system)
        system.hessian()
        system.factor.factor(0.0)
        system.assemble(self._force, self._mixed)
        system.factor.solve(self._force, self._response)
        bare = functional.integrate(self._curvature)
        return (bare - self._force.dot(self._response)) / self._twice_area
