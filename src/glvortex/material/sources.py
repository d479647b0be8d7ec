"""What one charged magnetic inclusion puts into the free energy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.constants import e, mu_0

from glvortex import micro
from glvortex.errors import ParameterError
from glvortex.material.coefficients import Coefficients
from glvortex.material.critical import FLUX_QUANTUM

SPIN_MOMENTS = {"levitan-2025": 1.0, "electron": -1.0}
"""Sign of the spin moment for b_z > 0: as counted in 003 (8), or the -mu_B sigma of an electron."""

LIMITS = {
    "|exchange_field|/sqrt(gap^2 + rashba_energy^2)": 0.2,
    "in-plane over out-of-plane electric field": 0.3,
    "e |potential_step|/chemical_potential": 0.1,
    "coherence_length/edge_width": 1.0,
}
"""Where a note says that an assumption is strained (the first two: gamma off by 2 to 7 %)."""


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Sources of one disk-shaped inclusion whose moment points along +z.

    Attributes:
        exchange_field, potential_step, radius, edge_width: b_z (J), V (V), R and d (m) as given.
        pseudo_gauge: peak of a~ along +phi, in Phi0/(2 pi xi); pseudo_gauge_si: A~ in T m.
        magnetisation: m inside, along +z, A/m; magnetisation_reduced: mu0 m/Bc2.
        magnetisation_spin, magnetisation_chi: the two parts of m, A/m.
        h_tilde: h~ inside (003 (11)), T; h_tilde_reduced: h~/Bc2.
        M_gamma, M_n: moments of the gamma current and of the normal spins, A m^2 per layer.
        ratio_analytic: M_gamma/M_n = gamma V/(mu_B chi_spin).
        ratio_own_spin: M_gamma over the spin moment that the superconductor itself has; at T = 0
            independent of gap and Rashba energy, 0 at Tc.
        notes: which perturbation is not weak.
    """

    exchange_field: float
    potential_step: float
    radius: float
    edge_width: float
    pseudo_gauge: float
    pseudo_gauge_si: float
    magnetisation: float
    magnetisation_reduced: float
    magnetisation_spin: float
    magnetisation_chi: float
    h_tilde: float
    h_tilde_reduced: float
    M_gamma: float
    M_n: float
    ratio_analytic: float
    ratio_own_spin: float
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        coefficients: Coefficients,
        exchange_field: float,
        potential_step: float,
        radius: float,
        edge_width: float,
        spin_moment: str = "levitan-2025",
    ) -> Sources:
        """Sources of a disk with b_z inside and E_par = -(V/d) r in its edge region, 003 (4)-(11).

        A~ = -mu0 lambda^2 gamma b_z V/(s d) phi, h~ = mu0 gamma b_z V/s, M_gamma = pi R^2 gamma b_z
        V; V is the potential outside minus inside. m = m_spin + m_chi: m_chi = -chi b_z/s (000 (2))
        and m_spin = +-mu_B chi_spin b_z/s with the superconductor's own susceptibility.
        ``spin_moment`` gives that sign, and M_n the same: "levitan-2025" counts along +b_z, so that
        M_gamma/M_n has the sign of gamma V; "electron" against it, as -b_z sigma_z and the moment
        -mu_B sigma say.

        Raises ParameterError for a radius or edge_width that is not positive and an unknown
        ``spin_moment``.
        """
        for name, value in (("radius", radius), ("edge_width", edge_width)):
            if not value > 0.0:
                raise ParameterError(f"{name} must be positive, got {value:g} m.")
        if spin_moment not in SPIN_MOMENTS:
            names = ", ".join(SPIN_MOMENTS)
            raise ParameterError(f"spin_moment must be one of {names}, got '{spin_moment}'.")
        c, spacing = coefficients, coefficients.layer_spacing
        sign = SPIN_MOMENTS[spin_moment]
        current = c.gamma * exchange_field * potential_step  # around one layer, 003 (6)
        normal = sign * micro.BOHR_MAGNETON * c.chi_spin * exchange_field  # moment per area
        spin = normal * c.spin_fraction / spacing
        orbital = -c.chi * exchange_field / spacing
        h_tilde = mu_0 * current / spacing
        pseudo_gauge = -(c.london_lambda**2) * h_tilde / edge_width
        area = np.pi * radius**2
        ratio = sign * micro.moment_ratio(c.gamma, potential_step, c.chi_spin)
        return cls(
            exchange_field=exchange_field,
            potential_step=potential_step,
            radius=radius,
            edge_width=edge_width,
            pseudo_gauge=pseudo_gauge * 2.0 * np.pi * c.coherence_length / FLUX_QUANTUM,
            pseudo_gauge_si=pseudo_gauge,
            magnetisation=spin + orbital,
            magnetisation_reduced=mu_0 * (spin + orbital) / c.bc2,
            magnetisation_spin=spin,
            magnetisation_chi=orbital,
            h_tilde=h_tilde,
            h_tilde_reduced=h_tilde / c.bc2,
            M_gamma=area * current,
            M_n=area * normal,
            ratio_analytic=float(ratio),
            ratio_own_spin=float(ratio) / c.spin_fraction,
            notes=_notes(c, exchange_field, potential_step, edge_width),
        )


def _notes(c: Coefficients, exchange: float, step: float, width: float) -> tuple[str, ...]:
    values = (
        abs(exchange) / float(np.hypot(c.gap, c.rashba_energy)),
        abs(step / (width * c.out_of_plane_field)),
        e * abs(step) / c.chemical_potential,
        c.coherence_length / width,
    )
    return tuple(
        f"{name} = {value:.2g} is not small, as a linear and local response to an inclusion needs."
        for (name, limit), value in zip(LIMITS.items(), values, strict=True)
        if value > limit
    )
