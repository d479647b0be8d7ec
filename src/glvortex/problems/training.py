"""What a protocol does to the moments of inclusions: trained, left alone, cooled.

Every inclusion holds grains, macrospins with an easy axis along z (`micro.torque`); what counts for
the superconductor is the mean of their m_z. All numbers here are reduced: fields in the mean
anisotropy field B_K, temperatures in M B_K/k_B, times in 1/(gamma B_K).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.optimize import brentq

from glvortex.geometry.sample import Floats
from glvortex.micro.torque import Drive, Macrospins, evolve
from glvortex.micro.torque.laboratory import thermal, unit_time
from glvortex.problems.memory_sections import MomentsSection, ProtocolSection
from glvortex.problems.schema import ProblemFile

_STEP = 0.1  # of the macrospins; averages are good to a per cent
_MEETINGS = 1.0  # between looks of inclusions at each other: a sixth of a turn
_DISORDER, _NOISE = 0, 1  # streams of random numbers
_TORQUES = {"spin-hall": "spin_hall", "dirac": "dirac"}


@dataclass(frozen=True)
class MomentUnits:
    """What divides the file's numbers to make them reduced: 1 for a reduced file, else SI."""

    field: float = 1.0
    temperature: float = 1.0
    time: float = 1.0

    @classmethod
    def of(cls, moments: MomentsSection) -> MomentUnits:
        """The units that the moments of a problem set."""
        if moments.moment is None or moments.anisotropy_field is None:
            return cls()
        field = moments.anisotropy_field
        kelvin = thermal(1.0, moments.moment, field)
        return cls(field, 1 / float(kelvin), float(unit_time(field)))


@dataclass(frozen=True)
class Treatment:
    """What is done to which moments.

    Attributes:
        grains: of each inclusion.
        anisotropy_spread: standard deviation of the logarithm of their anisotropy fields.
        damping: Gilbert damping.
        coupling, coupling_spread: mean and random part of the field of all other inclusions.
        drive: "field", "spin-hall" or "dirac".
        in_plane_field: along x while the drive lasts.
        temperature, final_temperature: of the training and after the cooling.
        ends: times at which training, removal, waiting and cooling end.
        seed: of everything that is drawn.
    """

    grains: int
    anisotropy_spread: float
    damping: float
    coupling: float
    coupling_spread: float
    drive: str
    in_plane_field: float
    temperature: float
    final_temperature: float
    ends: tuple[float, float, float, float]
    seed: int

    @classmethod
    def of(
        cls, problem: ProblemFile, moments: MomentsSection, protocol: ProtocolSection
    ) -> Treatment:
        """What a problem asks for."""
        unit = MomentUnits.of(moments)
        final = protocol.final_temperature
        if final is None:
            final = problem.material.temperature if problem.material else 0.0
        lasting = ("training_time", "removal_time", "waiting_time", "cooling_time")
        ends = np.cumsum([getattr(protocol, name) / unit.time for name in lasting])
        return cls(
            grains=moments.grains,
            anisotropy_spread=moments.anisotropy_spread,
            damping=moments.damping,
            coupling=moments.coupling / unit.field,
            coupling_spread=moments.coupling_spread / unit.field,
            drive=protocol.drive,
            in_plane_field=protocol.in_plane_field / unit.field,
            temperature=protocol.temperature / unit.temperature,
            final_temperature=final / unit.temperature,
            ends=(float(ends[0]), float(ends[1]), float(ends[2]), float(ends[3])),
            seed=protocol.seed,
        )

    def at(self, time: float, value: float) -> tuple[float, float]:
        """Training and temperature at a time, where `value` is the full training."""
        trained, removed, waited, _ = self.ends
        share = float(np.interp(time, (trained, removed), (1.0, 0.0)))
        ways = (self.temperature, self.final_temperature)
        return share * value, float(np.interp(time, (waited, self.ends[3]), ways))

    def drive_at(self, time: float, value: float, field: Floats) -> Drive:
        """What acts on all grains, besides the field along z that inclusions exert, (n, 1)."""
        strength, temperature = self.at(time, value)
        vector = np.zeros((*field.shape, 3))
        vector[..., 2] = field
        if self.drive == "field":
            vector[..., 2] += strength
            return Drive(vector, temperature=temperature)
        vector[..., 0] += self.in_plane_field * (strength / value if value else 0.0)
        return Drive(vector, temperature=temperature, **{_TORQUES[self.drive]: strength})


@dataclass(frozen=True)
class Trained:
    """What has become of the moments of one sample.

    Attributes:
        times, training, temperatures, means: (t,) what acted at some times, and the mean m_z.
        above: (n,) m_z of each inclusion after the waiting.
        below: (n,) m_z of each inclusion after the cooling.
    """

    times: Floats
    training: Floats
    temperatures: Floats
    means: Floats
    above: Floats
    below: Floats


def train(
    treatment: Treatment,
    centres: Floats,
    value: float,
    realisation: int,
    place: int,
    heard: Callable[[], None] = lambda: None,
) -> Trained:
    """Train the moments of the inclusions at `centres`, (n, 2), and cool them.

    Args:
        treatment: what is done.
        centres: of the inclusions, in any unit.
        value: of the training.
        realisation: whose anisotropies and couplings are drawn.
        place: of the training in its list; the noise of each is its own.
        heard: called now and then.
    """
    disorder = np.random.default_rng([treatment.seed, _DISORDER, realisation])
    noise = np.random.default_rng([treatment.seed, _NOISE, realisation, place])
    shape = (len(centres), treatment.grains)
    spread = np.exp(treatment.anisotropy_spread * disorder.standard_normal(shape))
    spins = Macrospins(anisotropy=spread / _mean(treatment), damping=treatment.damping)
    couplings = _couplings(treatment, centres, disorder)
    m = noise.standard_normal((*shape, 3))
    rows = [(0.0, *treatment.at(0.0, value), float(_moments(m).mean()))]
    states = []
    for begin, end in pairwise((0.0, *treatment.ends)):
        count = max(1, math.ceil((end - begin) / _MEETINGS))
        for i in range(count):
            heard()
            length = (end - begin) / count
            now = begin + (i + 1) * length
            field = couplings @ _moments(m)
            drive = treatment.drive_at(now - length / 2, value, field[:, None])
            m = evolve(spins, m, drive, length, _STEP, noise)
            rows.append((now, *treatment.at(now, value), float(_moments(m).mean())))
        states.append(_moments(m))
    times, training, temperatures, means = np.array(rows).T
    return Trained(times, training, temperatures, means, states[2], states[3])


def blocking_temperature(treatment: Treatment) -> float:
    """Temperature at which grains of the mean anisotropy lose all but 1/e while they wait.

    By Brown's rate for high barriers, Phys. Rev. 130, 1677 (1963): m_z falls as exp(-r t) with r =
    2 alpha/(1 + alpha^2) sqrt(sigma/pi) exp(-sigma) gamma B_K, where sigma = M B_K/(2 k_B T).
    """
    waiting = treatment.ends[2] - treatment.ends[1]
    alpha = treatment.damping

    def turns(sigma: float) -> float:
        attempts = 2 * alpha / (1 + alpha**2) * math.sqrt(sigma / math.pi)
        return math.log(attempts * waiting) - sigma

    # the rate is largest at sigma = 1/2
    if turns(0.5) <= 0.0:
        return math.inf
    return 1 / (2 * brentq(turns, 0.5, 1000.0))


def _mean(treatment: Treatment) -> float:
    """The mean of the anisotropy fields that are drawn, before they are divided by it."""
    return math.exp(treatment.anisotropy_spread**2 / 2)


def _moments(m: Floats) -> Floats:
    """m_z of each inclusion."""
    length = np.linalg.norm(m, axis=-1)
    found: Floats = (m[..., 2] / length).mean(axis=1)
    return found


def _couplings(treatment: Treatment, centres: Floats, draw: np.random.Generator) -> Floats:
    """Field on each inclusion of each other one, (n, n): 1/r^2 times a mean and a random part."""
    n = len(centres)
    upper = np.triu(draw.standard_normal((n, n)), 1)
    distances = np.linalg.norm(centres[:, None] - centres, axis=2)
    weights = np.divide(1.0, distances**2, out=np.zeros((n, n)), where=distances > 0)
    if n < 2:
        return weights
    even = weights / weights.sum(axis=1).mean()
    uneven = weights / math.sqrt((weights**2).sum(axis=1).mean())
    return treatment.coupling * even + treatment.coupling_spread * (upper + upper.T) * uneven
