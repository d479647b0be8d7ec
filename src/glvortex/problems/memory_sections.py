"""Sections of a problem whose inclusions remember: their moments, and what is done to them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from glvortex.problems.messages import Source
from glvortex.problems.sections import Section
from glvortex.problems.units import Duration, Length, Moment, MomentField, MomentTemperature

_LABORATORY = ("moment", "anisotropy_field")


class MomentsSection(Section):
    """The local moments of the inclusions, for `glvortex memory`.

    Each inclusion holds grains with easy axes along z, macrospins that obey the stochastic
    Landau-Lifshitz-Gilbert equation; exchange field, pseudo-gauge field and magnetisation of the
    inclusion are multiplied by the mean of their m_z. In reduced files fields count in the mean
    anisotropy field B_K, temperatures in M B_K/k_B and times in 1/(gamma B_K), with the moment M
    of a grain and the gyromagnetic ratio gamma of an electron.
    """

    grains: int = Field(default=1, ge=1, le=10_000, description="macrospins of each inclusion")
    moment: Moment | None = Field(default=None, gt=0, description="laboratory: moment of a grain")
    layers: int = Field(
        default=1,
        ge=1,
        description="laboratory: superconducting layers through which a grain reaches",
    )
    anisotropy_field: MomentField | None = Field(
        default=None, gt=0, description="laboratory: mean anisotropy field B_K of the grains"
    )
    anisotropy_spread: float = Field(
        default=0.0,
        ge=0,
        le=2,
        description="standard deviation of ln B_K, which is drawn from a normal distribution",
    )
    damping: float = Field(default=0.1, gt=0, le=10, description="Gilbert damping")
    coupling: MomentField = Field(
        default=0.0,
        description="mean field that all other inclusions exert on one when they point along z; it "
        "falls as 1/r^2, and is positive if they align each other",
    )
    coupling_spread: MomentField = Field(
        default=0.0,
        ge=0,
        description="its standard deviation when signs and sizes of the couplings of pairs are "
        "drawn at random",
    )


class ProtocolSection(Section):
    """What is done to the moments, and how often, for `glvortex memory`.

    They begin in random directions, are trained at a fixed temperature, the training is removed
    evenly, they wait, and are cooled evenly without it. The problem is then solved with the moments
    they have, which is where the superconductor comes in.
    """

    training: list[MomentField] = Field(
        min_length=1,
        max_length=100,
        description="values of what trains the moments, signed, 0 for none: a field along z, or "
        "the torque of a current in units of field",
    )
    drive: Literal["field", "spin-hall", "dirac"] = Field(
        default="field",
        description="what trains: a field along z, or a current along x by the damping-like torque "
        "of a spin Hall metal or of a Dirac surface (002 (13))",
    )
    in_plane_field: MomentField = Field(
        default=0.0,
        description="field along x while a current trains; with it a current decides between up "
        "and down",
    )
    temperature: MomentTemperature = Field(ge=0, description="at which they are trained and wait")
    final_temperature: MomentTemperature | None = Field(
        default=None,
        ge=0,
        description="to which they are cooled; the temperature of the material if not given, 0 in "
        "a reduced file",
    )
    other_temperatures: list[MomentTemperature] = Field(
        default=[],
        max_length=100,
        description="at which the moments of the first realisation are trained as well, without a "
        "superconductor: what is kept against temperature",
    )
    training_time: Duration = Field(gt=0, description="how long the training lasts")
    removal_time: Duration = Field(gt=0, description="how long its removal takes")
    waiting_time: Duration = Field(gt=0, description="how long they wait without it")
    cooling_time: Duration = Field(gt=0, description="how long the cooling takes")
    realisations: int = Field(
        default=1,
        ge=1,
        le=10_000,
        description="samples with moments, couplings and thermal noise of their own, and with "
        '`layout = "random"` inclusions of their own: those of `inclusions.seed`, of the next, ...',
    )
    cool_downs: int = Field(
        default=1,
        ge=1,
        le=1000,
        description="of each trained sample through Tc, with the same moments",
    )
    seed: int = Field(default=0, ge=0, description="seed of all that is drawn for the moments")
    height: Length | None = Field(
        default=None,
        ge=0,
        description="of the probe above the surface in the picture of the field, length; 10 xi if "
        "not given",
    )
    ordering_temperature: MomentTemperature | None = Field(
        default=None, gt=0, description="T* of an experiment, a mark in the picture"
    )


def check_memory(
    source: Source, moments: MomentsSection | None, protocol: ProtocolSection | None
) -> None:
    """Demand keys that go together and refuse those that do not.

    Raises:
        ParameterError: one sentence with the file, the key and what is allowed.
    """
    for one, other, name in ((moments, protocol, "protocol"), (protocol, moments, "moments")):
        if one is not None and other is None:
            raise source.mistake(name, "is missing, [moments] and [protocol] go together")
    if moments is None or protocol is None:
        return
    laboratory = source.data.get("units") == "laboratory"
    for key in _LABORATORY:
        given = getattr(moments, key) is not None
        if laboratory and not given:
            raise source.mistake(f"moments.{key}", 'is missing (needed with units = "laboratory")')
        if given and not laboratory:
            text = 'does not belong in a file with units = "reduced"; fields count in it'
            raise source.mistake(f"moments.{key}", text)
    if protocol.drive == "field" and protocol.in_plane_field:
        raise source.mistake("protocol.in_plane_field", "goes with the drive of a current only")
    if len(set(protocol.training)) < len(protocol.training):
        raise source.mistake("protocol.training", "holds a value twice")
