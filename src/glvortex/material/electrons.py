"""From a material in SI units to Ginzburg-Landau lengths and response coefficients."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.constants import e, hbar, mu_0
from scipy.constants import k as boltzmann

from glvortex import micro
from glvortex.errors import ParameterError
from glvortex.material.coefficients import Coefficients
from glvortex.material.critical import lower_critical_field, upper_critical_field

METHODS = ("closed", "exact")
SMALL = 0.1
"""A ratio assumed small is reported from here on."""
INACCURATE = 1e-3
"""A relative error of the exact engine is reported from here on."""


@dataclass(frozen=True, kw_only=True)
class Material:
    """A layered Rashba superconductor, 003 (14) in every layer; SI units.

    Raises ParameterError for values out of range, for T >= Tc, and where the Rashba coupling
    vanishes.

    Attributes:
        effective_mass: kg.
        chemical_potential: J, from the band bottom.
        layer_spacing: m.
        out_of_plane_field: E_z, V/m, signed.
        rashba_energy: |lambda e E_z| k_F, J, lambda taking the sign of E_z; or instead of it
        rashba_length2: lambda, m^2, signed.
        gap: at zero temperature, J.
        critical_temperature: K. Gap or Tc may be left out and follows from the other in weak
            coupling; given both, the gap stretches the weak-coupling curve.
        temperature: K, below Tc.
        london_lambda, coherence_length: measured values, m; they win over the derived ones
            (`glvortex.micro.lengths`), whose temperature dependence they take.
        measured_at: K, below Tc: where these were measured; None for ``temperature``.
        susceptibility: a key of `micro.SUSCEPTIBILITIES`.
        gamma_formula: a key of `micro.GAMMA_FORMULAS`.
        method: "closed" forms, quasi-classical, or "exact": gamma, chi and the spin susceptibility
            by diagonalisation (`micro.exact_metal`), at any Rashba energy over chemical potential.
    """

    effective_mass: float
    chemical_potential: float
    layer_spacing: float
    out_of_plane_field: float
    rashba_energy: float | None = None
    rashba_length2: float | None = None
    gap: float | None = None
    critical_temperature: float | None = None
    temperature: float = 0.0
    london_lambda: float | None = None
    coherence_length: float | None = None
    measured_at: float | None = None
    susceptibility: str = "pauli-2d"
    gamma_formula: str = "corrected"
    method: str = "closed"

    def __post_init__(self) -> None:
        optional = ("gap", "critical_temperature", "london_lambda", "coherence_length")
        for name in ("effective_mass", "chemical_potential", "layer_spacing", *optional):
            value = getattr(self, name)
            if value is None and name in optional:
                continue
            if not (np.isfinite(value) and value > 0.0):
                raise ParameterError(f"{name} must be a positive number, got {value:g}.")
        if self.gap is None and self.critical_temperature is None:
            raise ParameterError("gap or critical_temperature is missing, one of them is needed.")
        self._check_rashba()
        self._check_method()
        if not 0.0 <= self.temperature < self.transition:
            raise ParameterError(
                f"temperature must be at least 0 and below Tc = {self.transition:.4g} K, where the"
                f" condensate and with it gamma vanish: take one just below for that limit, got"
                f" {self.temperature:g} K."
            )
        if self.measured_at is not None and not 0.0 <= self.measured_at < self.transition:
            raise ParameterError(
                f"measured_at must be at least 0 and below Tc = {self.transition:.4g} K, got"
                f" {self.measured_at:g} K."
            )

    def _check_rashba(self) -> None:
        if (self.rashba_energy is None) == (self.rashba_length2 is None):
            raise ParameterError("either rashba_energy or rashba_length2 is needed, and not both.")
        limit = "take a small value for that limit, or potential_step = 0"
        energy, length2 = self.rashba_energy, self.rashba_length2
        if not np.isfinite(self.out_of_plane_field) or self.out_of_plane_field == 0.0:
            raise ParameterError(
                "out_of_plane_field must not be zero: there is no Rashba splitting then and gamma"
                f" vanishes as its square, so {limit}."
            )
        if energy is not None and not (np.isfinite(energy) and energy > 0.0):
            raise ParameterError(
                f"rashba_energy must be positive, got {energy:g} J: towards zero gamma vanishes as"
                f" (rashba_energy/gap)^2, so {limit}."
            )
        if length2 is not None and (not np.isfinite(length2) or length2 == 0.0):
            raise ParameterError(
                "rashba_length2 must not be zero: there is no Rashba splitting then and gamma"
                f" vanishes as its third power, so {limit}."
            )

    def _check_method(self) -> None:
        if self.method not in METHODS:
            names = ", ".join(METHODS)
            raise ParameterError(f"method must be one of {names}, got '{self.method}'.")
        if self.method == "exact" and self.gamma_formula != "corrected":
            raise ParameterError(
                f"gamma_formula '{self.gamma_formula}' is a closed form, so method must be closed."
            )

    def at(self, temperature: float) -> Material:
        """The same material at another temperature in K; measured lengths follow `measured_at`."""
        measured = self.temperature if self.measured_at is None else self.measured_at
        return replace(self, temperature=temperature, measured_at=measured)

    @property
    def transition(self) -> float:
        """Tc in K, given or from the gap."""
        if self.critical_temperature is not None:
            return self.critical_temperature
        assert self.gap is not None
        return float(micro.critical_temperature(self.gap))

    @property
    def fermi_wavenumber(self) -> float:
        """k_F in 1/m, without spin-orbit coupling."""
        return float(micro.fermi_wavenumber(self.effective_mass, self.chemical_potential))

    @property
    def rashba(self) -> tuple[float, float]:
        """(lambda in m^2 with its sign, Rashba energy in J), whichever of the two was given."""
        per_length2 = e * self.out_of_plane_field * self.fermi_wavenumber
        if self.rashba_energy is not None:
            return self.rashba_energy / per_length2, self.rashba_energy
        assert self.rashba_length2 is not None
        return self.rashba_length2, abs(self.rashba_length2 * per_length2)

    def coefficients(self) -> Coefficients:
        """Everything the electrons decide, at ``temperature``."""
        mass, temperature, k_F = self.effective_mass, self.temperature, self.fermi_wavenumber
        length2, energy = self.rashba
        gap = float(micro.gap(temperature, self.transition, self.gap))
        clean = self._clean_lengths(temperature)
        london_lambda, xi = self._lengths(clean)
        kappa = london_lambda / xi
        responses = self._responses(gap)
        return Coefficients(
            temperature=temperature,
            critical_temperature=self.transition,
            gap=gap,
            coherence_length=xi,
            london_lambda=london_lambda,
            kappa=kappa,
            bc2=float(upper_critical_field(xi)),
            hc1=float(lower_critical_field(london_lambda, kappa)),
            **responses,
            chi_spin=float(micro.spin_susceptibility(mass, self.susceptibility)),
            method=self.method,
            k_F=k_F,
            fermi_velocity=hbar * k_F / mass,
            density=float(micro.electron_density(k_F, self.layer_spacing)),
            chemical_potential=self.chemical_potential,
            rashba_energy=energy,
            rashba_length2=length2,
            out_of_plane_field=self.out_of_plane_field,
            layer_spacing=self.layer_spacing,
            stiffness=self.layer_spacing * hbar**2 / (4.0 * e**2 * mu_0 * london_lambda**2),
            notes=(
                *self._lengths_note(clean, (london_lambda, xi)),
                *self._regime_notes(gap, energy, kappa),
                *_accuracy_notes(responses),
            ),
        )

    def _clean_lengths(self, temperature: float) -> tuple[float, float]:
        """London and coherence length in m derived for clean layers."""
        k_F, gap = self.fermi_wavenumber, float(micro.gap(temperature, self.transition, self.gap))
        density = float(micro.electron_density(k_F, self.layer_spacing))
        velocity = hbar * k_F / self.effective_mass
        return (
            float(micro.london_lambda(self.effective_mass, density, gap, temperature)),
            float(micro.coherence_length(velocity, gap, temperature)),
        )

    def _lengths(self, clean: tuple[float, float]) -> tuple[float, float]:
        """Both at ``temperature``, measured ones scaled as the clean ones."""
        then = clean if self.measured_at is None else self._clean_lengths(self.measured_at)
        given = self.london_lambda, self.coherence_length
        london_lambda, xi = (
            now if value is None else value * (now / before)
            for value, now, before in zip(given, clean, then, strict=True)
        )
        return london_lambda, xi

    def _responses(self, gap: float) -> dict[str, float]:
        """The coefficients and errors of `Coefficients` that the chosen method decides."""
        mass, temperature = self.effective_mass, self.temperature
        length2, energy = self.rashba
        errors = {}
        if self.method == "exact":
            scales = (self.chemical_potential, gap, energy, temperature)
            estimates = {
                "gamma": micro.exact_metal.gamma(mass, scales[0], length2, *scales[1:]),
                "chi": micro.exact_metal.chi(*scales),
                "spin": micro.exact_metal.chi_spin_perp(mass, *scales),
            }
            gamma, chi, perp = (float(x.value) for x in estimates.values())
            errors = {f"{name}_error": _relative(x) for name, x in estimates.items()}
        else:
            formula = self.gamma_formula
            gamma = float(micro.gamma(mass, length2, gap, energy, temperature, formula))
            chi = float(micro.chi(gap, energy, temperature))
            perp = float(micro.chi_spin_perp(mass, gap, energy, temperature))
        return {
            "gamma": gamma,
            "chi": chi,
            "chi_zeeman": micro.BOHR_MAGNETON * perp,
            "spin_fraction": perp / float(micro.spin_susceptibility(mass)),
            **errors,
        }

    def _lengths_note(
        self, clean: tuple[float, float], used: tuple[float, float]
    ) -> tuple[str, ...]:
        notes = []
        names = ("london_lambda", "coherence_length")
        for name, derived, value in zip(names, clean, used, strict=True):
            given = getattr(self, name)
            if given is None:
                notes.append(f"{name} = {derived * 1e9:.4g} nm is derived, for clean layers.")
                continue
            note = f"{name}: the measured {given * 1e9:.4g} nm"
            if self.measured_at is not None and self.measured_at != self.temperature:
                note += f" at {self.measured_at:g} K, {value * 1e9:.4g} nm here,"
            notes.append(f"{note} wins over the derived {derived * 1e9:.4g} nm.")
        if self.london_lambda and abs(np.log(used[0] / clean[0])) > np.log(1.5):
            share = (clean[0] / used[0]) ** 2
            notes.append(
                f"the measured london_lambda means {share:.2g} times the clean superfluid density,"
                " while gamma and chi stay those of clean layers: A~ may be off by that factor."
            )
        return tuple(notes)

    def _regime_notes(self, gap: float, rashba_energy: float, kappa: float) -> tuple[str, ...]:
        """One sentence for every assumption that does not hold well."""
        notes = []
        thermal = boltzmann * self.temperature
        for name, energy in (("rashba_energy", rashba_energy), ("gap", gap), ("k_B T", thermal)):
            ratio = energy / self.chemical_potential
            if ratio > SMALL:
                assumed = "the gap equation and the lengths assume"
                if self.method == "closed":
                    assumed = 'the quasi-classical coefficients assume (method = "exact" does not)'
                notes.append(f"{name}/chemical_potential = {ratio:.2g} is not small, as {assumed}.")
        if self.gap is not None and self.critical_temperature is not None:
            ratio = self.gap / (boltzmann * self.critical_temperature)
            if abs(ratio / micro.GAP_RATIO - 1.0) > SMALL:
                notes.append(
                    f"gap/(k_B Tc) = {ratio:.3g} is not {micro.GAP_RATIO:.3g}: the given gap"
                    " stretches the weak-coupling curve."
                )
        distance = 1.0 - self.temperature / self.transition
        if distance > 0.5:
            notes.append(
                f"1 - T/Tc = {distance:.2g} is not small: Ginzburg-Landau theory is used with the"
                " lengths of this temperature."
            )
        if kappa < np.sqrt(0.5):
            notes.append(
                f"kappa = {kappa:.3g} is below 1/sqrt2: the superconductor is of type I and"
                " Hc1 bounds nothing."
            )
        return tuple(notes)


def _relative(estimate: micro.Estimate) -> float:
    """Its error over its value, infinite for a value of zero."""
    value = abs(float(estimate.value))
    return float(estimate.error) / value if value else np.inf


def _accuracy_notes(responses: dict[str, float]) -> tuple[str, ...]:
    """One sentence for every number of the exact engine that is not good to `INACCURATE`."""
    return tuple(
        f"{name} by diagonalisation has an estimated error of {100.0 * error:.2g} % (it cancels,"
        ' as close to Tc): method = "closed" has no such error.'
        for key, name in (("gamma", "gamma"), ("chi", "chi"), ("spin", "the spin susceptibility"))
        if (error := responses.get(f"{key}_error", 0.0)) > INACCURATE
    )
