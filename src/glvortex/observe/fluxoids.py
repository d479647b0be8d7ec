"""What holes and regions hold: quanta of fluxoid and flux."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import ufl
from dolfinx import fem
from mpi4py import MPI

from glvortex.fem.energy import GinzburgLandau
from glvortex.observe.vortices import cell_turns


@dataclass(frozen=True)
class Trapped:
    """What one hole or region holds.

    Attributes:
        fluxoid: quanta of ``flux - loop integral of the current`` around it, in Phi0; positive for
            flux along +z. For a region these are the vortices in it.
        flux: of b through it, in Phi0.

    """

    fluxoid: int
    flux: float


def trapped(functional: GinzburgLandau, parts: Sequence[np.ndarray]) -> tuple[Trapped, ...]:
    """Return what each of the parts holds, given as cells of each rank; collective.

    The phase differences along edges inside a part cancel, so that its cells add up to the winding
    along its edge, gauge invariant by the links, whatever f is inside.
    """
    if not parts:
        return ()
    comm = functional.space.mesh.comm
    turns, flux = cell_turns(functional), cell_flux(functional)
    owned = [cells[cells < len(turns)] for cells in parts]
    sums = np.array([(turns[cells].sum(), flux[cells].sum()) for cells in owned])
    totals = comm.allreduce(sums, MPI.SUM)
    return tuple(Trapped(round(quanta), float(flux)) for quanta, flux in totals)


def cell_flux(functional: GinzburgLandau) -> np.ndarray:
    """Flux of b through each of this rank's cells, in Phi0."""
    test = ufl.TestFunction(fem.functionspace(functional.space.mesh, ("DG", 0)))
    return fem.assemble_vector(fem.form(functional.b * test * functional.dx)).array / (2 * np.pi)
