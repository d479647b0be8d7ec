"""What a state is on each of its adapted meshes, what its energy tends to, and how sure that is.

The energy less its estimated error is the extrapolated energy. How wrong that is, is not known from
one mesh: the estimate is right only where the mesh resolves the state. So two meshes are compared
(docs/theory.md, section 5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from glvortex.problems.starts import State

LEAST_DOUBT = 0.05  # share of the mesh's error by which its estimate may be wrong, at least


@dataclass(frozen=True)
class Level:
    """What a state is on one mesh; energies in Bc^2 xi^2/mu0 per length.

    Attributes:
        unknowns: of the mesh.
        energy: of the relaxed state.
        mesh_error: estimate of that energy less the one without a mesh.
        error: of the extrapolated energy, as far as the meshes so far can tell.
        carried: energy of the state as it came from the mesh before; None on the first one.
        vortices, net_charge: how many there are, and their sum.
    """

    unknowns: int
    energy: float
    mesh_error: float
    error: float
    carried: float | None
    vortices: int
    net_charge: int

    @property
    def extrapolated(self) -> float:
        """Energy less its estimated error."""
        return self.energy - self.mesh_error


@dataclass(frozen=True)
class Adaptation:
    """How the kept state came to its mesh.

    Attributes:
        accuracy: what was asked for, error of the extrapolated energy over condensation energy.
        condensation: energy of the uniform superconductor, int t^2/2, positive.
        levels: on each mesh.
        warnings: sentences the user should read.
    """

    accuracy: float
    condensation: float
    levels: tuple[Level, ...]
    warnings: tuple[str, ...] = ()

    @property
    def limit(self) -> float:
        """The extrapolated energy of the kept state."""
        return self.levels[-1].extrapolated

    @property
    def error(self) -> float:
        """Estimate of its error."""
        return self.levels[-1].error

    @property
    def reached(self) -> float:
        """That error over the condensation energy."""
        return self.error / self.condensation


def level_after(
    before: Sequence[Level], state: State, unknowns: int, mesh_error: float, carried: float | None
) -> Level:
    """Return the level of a state on its next mesh, with the error that those before tell."""
    counts = len(state.vortices), state.net_charge
    now = Level(unknowns, state.energy, mesh_error, abs(mesh_error), carried, *counts)
    share = doubt(before[-1], now) if before else 1.0
    return replace(now, error=share * abs(mesh_error))


def doubt(before: Level, now: Level) -> float:
    """Share of the mesh's error by which its estimate may be wrong, 1 where nothing is known.

    It is how much the extrapolated energy changed since the mesh before, over how much the estimate
    fell: the part of the estimate that was wrong there. On a finer mesh that part is smaller, so
    this is on the safe side; two meshes may agree by accident, hence a least value.
    """
    if (before.vortices, before.net_charge) != (now.vortices, now.net_charge):
        return 1.0  # another state
    fallen = abs(before.mesh_error) - abs(now.mesh_error)
    change = abs(before.extrapolated - now.extrapolated)
    return max(LEAST_DOUBT, change / fallen) if change < fallen else 1.0


def shortfall(found: Adaptation, max_unknowns: int) -> list[str]:
    """Say how far the error is from what was asked for, if it is."""
    if found.reached <= found.accuracy:
        return []
    last = found.levels[-1]
    return [
        f"mesh.accuracy {found.accuracy:g} was not reached: the estimated error of the "
        f"extrapolated energy is {found.reached:.1e} of the condensation energy with "
        f"{last.unknowns} unknowns; raise mesh.max_unknowns, now {max_unknowns}."
    ]


def changes(found: Adaptation) -> list[str]:
    """Say where the vortices became others than those of the mesh before."""
    said = []
    for number, (before, after) in enumerate(pairwise(found.levels), start=2):
        old, new = ((level.vortices, level.net_charge) for level in (before, after))
        if old != new:
            said.append(
                f"on mesh {number} the kept state went over to another one: {old[0]} vortices of "
                f"net charge {old[1]} became {new[0]} of net charge {new[1]}."
            )
    return said
