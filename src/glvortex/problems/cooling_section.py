"""The section [cooling] of a problem file: how the start "cooled" comes about."""

from __future__ import annotations

from pydantic import Field

from glvortex.problems.sections import Section


class CoolingSection(Section):
    """How the start "cooled" falls through the transition, with thermal noise.

    Times count in Ginzburg-Landau times, pi hbar/(8 k_B (Tc - T)) at the temperature where t = 1.
    """

    t_start: float = Field(
        default=-0.5, ge=-100, lt=0, description="1 - T/Tc at the beginning, in the normal state"
    )
    duration: float = Field(
        default=100.0, gt=0, le=1e6, description="time in which t rises to superconductor.t"
    )
    waiting: float = Field(
        default=0.0, ge=0, le=1e6, description="time at superconductor.t after that, with noise"
    )
    noise: float | None = Field(
        default=None,
        ge=0,
        le=10,
        description="k_B T over Bc^2 xi^2/mu0 times the length along z that fluctuates as one; if "
        "not given 0.01, in laboratory files that of one layer, T falling with t",
    )
    seed: int = Field(default=0, ge=0, description="seed of the noise, and of the start 'annealed'")
