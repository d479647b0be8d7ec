"""States the minimiser starts from: vortices imprinted at given places, or none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import ufl
from dolfinx import fem

from glvortex.errors import ParameterError
from glvortex.fem.energy import GinzburgLandau
from glvortex.fem.linear import removable_phase, solve_symmetric
from glvortex.geometry.lattice import Lattice
from glvortex.solve.london import Vortex

_PROXIMITY = 0.1  # least |f|/sqrt(t) of a start in a normal region, so that it has a phase there
_VACUUM = 1e-9  # weight of the flow in a hole, where none is


def imprint(functional: GinzburgLandau, vortices: Iterable[Vortex] = ()) -> None:
    """Set f and a to the London state of vortices at the given places; collective.

    Each vortex contributes the phase ``-charge arg(r - r0)`` and the core ``r/sqrt(r^2 + 2/t)`` to
    ``|f| = sqrt(t)``. Where the material changes from place to place, |f| is that of the local one,
    but not less than a tenth in a normal region. Then a (with screening) or a smooth phase
    (without) takes the value that minimises the energy of the flow at this |f|. Without vortices
    this is the uniform state. A vortex in a hole gives it a fluxoid. In a cell each vortex stands
    for all its images.

    Raises:
        ParameterError: the charges do not add up to the flux quanta of the cell.
    """
    space, t = functional.space, functional.t
    vortices = list(vortices)
    _check_flux(vortices, space.lattice)
    theta, modulus = np.zeros(len(space.vertices)), _uniform_modulus(functional)
    for vortex in vortices:
        away = space.vertices[:, :2] - [vortex.x, vortex.y]
        if space.lattice is None:
            theta -= vortex.charge * np.arctan2(away[:, 1], away[:, 0])
        else:
            theta -= vortex.charge * space.lattice.vortex_phase(away)
            away = space.lattice.nearest_image(away)
        square = (away**2).sum(axis=1)
        modulus *= np.sqrt(square / (square + 2 / t)) ** abs(vortex.charge)
    if space.lattice is not None:
        theta -= space.vertices[:, :2] @ _smooth_twist(vortices, space.lattice)
    functional.apply_field()
    flow = _flow(functional, theta, modulus)
    if functional.screening:
        functional.a.x.array[:] += _screening(functional, flow, modulus)
    else:
        theta += removable_phase(space, flow, _in_sample(functional, 1.0))
    functional.f.x.array[:] = np.column_stack(
        [modulus * np.cos(theta), modulus * np.sin(theta)]
    ).ravel()


def follow_field(functional: GinzburgLandau) -> None:
    """Set a to the applied field's, where it is given, and let the phase of f follow; collective.

    f turns by the smooth phase that takes up as much of the change of a as a phase can.
    """
    change = fem.Function(functional.a.function_space)
    change.x.array[:] = -functional.a.x.array
    functional.apply_field()
    change.x.array[:] += functional.a.x.array
    chi = removable_phase(functional.space, change)
    f = functional.f.x.array.reshape(-1, 2) @ [1, 1j] * np.exp(1j * chi)
    functional.f.x.array[:] = np.column_stack([f.real, f.imag]).ravel()


def _check_flux(vortices: list[Vortex], lattice: Lattice | None) -> None:
    if lattice is None or len(lattice.periods) == 1:
        return
    total = sum(vortex.charge for vortex in vortices)
    if total != lattice.flux_quanta:
        raise ParameterError(
            f"the charges of the vortices in a cell must add up to its {lattice.flux_quanta} flux "
            f"quanta, not to {total}."
        )


def _smooth_twist(vortices: list[Vortex], lattice: Lattice) -> np.ndarray:
    charges = np.array([vortex.charge for vortex in vortices])
    return lattice.smooth_twist(charges, np.array([(v.x, v.y) for v in vortices]).reshape(-1, 2))


def _uniform_modulus(functional: GinzburgLandau) -> np.ndarray:
    modulus = np.sqrt(np.maximum(functional.uniform_density, _PROXIMITY**2 * functional.t))
    if functional.medium is not None:
        modulus[functional.medium.held.x.array == 1.0] = 0.0
    return modulus


def _in_sample(functional: GinzburgLandau, weight: Any) -> Any:
    """A weight of the flow (UFL) that counts hardly at all in holes."""
    return functional.inside * weight + _VACUUM * (1 - functional.inside)


def _flow(functional: GinzburgLandau, theta: np.ndarray, modulus: np.ndarray) -> fem.Function:
    """Return grad theta + a + a~ (and a cell's background) as a function of the edges."""
    space = functional.space
    flow = fem.Function(space.vector_potential)
    # the phase is known up to 2 pi: an edge's true step is the one nearest to zero
    steps = space.vertex_differences @ theta + space.edge_background
    flow.x.array[: space.owned_edges] = np.angle(np.exp(1j * steps))
    flow.x.scatter_forward()
    flow.x.array[:] += functional.a.x.array + functional.pseudo_gauge.x.array
    # a vertex in the very centre of a vortex has no phase, and its edges run across the flow
    centre = modulus < 1e-3 * np.sqrt(functional.t)
    flow.x.array[: space.owned_edges][abs(space.vertex_differences) @ centre > 0] = 0.0
    flow.x.scatter_forward()
    return flow


def _screening(functional: GinzburgLandau, flow: fem.Function, modulus: np.ndarray) -> np.ndarray:
    """Return the change of a that minimises int |f|^2 |flow + da|^2 + kappa^2 |b - b_a|^2 - ..."""
    space = functional.space
    density = fem.Function(space.scalar)
    density.x.array[:] = np.maximum(modulus**2, 1e-3 * functional.t)  # not 0 in a core
    trial, test = (
        ufl.TrialFunction(space.vector_potential),
        ufl.TestFunction(space.vector_potential),
    )
    stiffness = fem.Constant(space.mesh, functional.kappa**2)
    curl = ufl.inner(ufl.curl(trial), ufl.curl(test))
    weight = _in_sample(functional, density)
    left = weight * ufl.inner(trial, test) + stiffness * curl
    # a holds the applied field already, so that only m^ is left of b - b_a - m^
    right = stiffness * ufl.inner(functional.moment, ufl.curl(test)) - weight * ufl.inner(
        flow, test
    )
    return solve_symmetric(left, right, space.vector_potential)
