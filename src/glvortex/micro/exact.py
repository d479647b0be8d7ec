"""Exact averages and static responses of the 4x4 Nambu Hamiltonian, by diagonalisation over k.

Every function takes a model (`Electrons`, `Semimetal`), names of observables and sources as in
`Nambu.operator`, the ``accuracy`` asked for, and optionally an MPI communicator whose ranks
share the work; it returns an `Estimate` (value, error, momenta used). Units: hbar = e = 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glvortex.errors import ParameterError
from glvortex.micro.estimate import Estimate
from glvortex.micro.momentum import fermi_momenta, integrate
from glvortex.micro.nambu import Nambu
from glvortex.micro.occupation import Occupation

Array = NDArray[np.float64]
Matrices = NDArray[np.complex128]

ACCURACY = 1e-7
FAR = 50.0  # in Fermi momenta: occupied levels cancel in an average, and rounding is left


def average(
    model: Nambu, observables: Sequence[str], accuracy: float = ACCURACY, comm: Any = None
) -> Estimate:
    """003 (23) per area for every name in ``observables``, nothing expanded; shape (m,)."""
    occupied = Occupation(model.temperature, model.broadening)

    def integrand(kx: Array, ky: Array) -> tuple[Array, Array]:
        energy, state = np.linalg.eigh(model.hamiltonian(kx, ky))
        filling = 0.5 * (occupied(energy) - 0.5)  # half of all levels carries nothing in all
        values, sizes = [], []
        for name in observables:
            weights = (state.conj() * (model.operator(name, kx, ky) @ state)).real
            values.append(np.sum(filling * weights.sum(axis=-2), axis=-1))
            # also where the weights of every level cancel
            sizes.append(np.sum(np.abs(filling) * np.abs(weights).sum(axis=-2), axis=-1))
        return np.stack(values, axis=-1), np.stack(sizes, axis=-1)

    return integrate(integrand, model, accuracy, comm, FAR)


def response(
    model: Nambu, observable: str, source: str, accuracy: float = ACCURACY, comm: Any = None
) -> Estimate:
    """d<observable>/d(source), uniform and static: the limit q -> 0 of the Kubo formula.

    Without the diamagnetic term where the source is a vector potential. (exchange_z, spin_z) is the
    spin susceptibility, (exchange_x, current_y) the Edelstein effect.
    """
    occupied = Occupation(model.temperature, model.broadening)

    def integrand(kx: Array, ky: Array) -> tuple[Array, Array]:
        energy, state = np.linalg.eigh(model.hamiltonian(kx, ky))
        o, v = (_rotate(model.operator(name, kx, ky), state) for name in (observable, source))
        levels = occupied.pairs(energy, energy)
        value = np.einsum("knm,kmn,knm->k", o, v, levels).real
        added = model.derivative(observable, source, kx, ky)
        if added is not None:
            diagonal = np.einsum("knn->kn", _rotate(added, state)).real
            value += np.sum(occupied(energy) * diagonal, axis=-1)
        return _column(0.5 * value)

    return _scalar(integrate(integrand, model, accuracy, comm))


def gradient_response(
    model: Nambu,
    observable: str,
    source: str,
    accuracy: float = ACCURACY,
    comm: Any = None,
    along: str = "x",
) -> Estimate:
    """<observable> per d(source)/dx, or dy by ``along``: the exact q-derivative of Kubo's formula.

    (current_y, exchange_z) is chi and (spin_x, exchange_z) is g_soc, 000 (3), (4), (A2), (A3).
    """
    if along not in ("x", "y"):
        raise ParameterError(f"along must be x or y, got '{along}'.")
    occupied = Occupation(model.temperature, model.broadening)

    def integrand(kx: Array, ky: Array) -> tuple[Array, Array]:
        energy, state = np.linalg.eigh(model.hamiltonian(kx, ky))
        o, v = (_rotate(model.operator(name, kx, ky), state) for name in (observable, source))
        slope = _rotate(model.velocity(kx, ky, along), state)
        levels = occupied.triples(energy)
        return _column(0.5 * np.einsum("knl,klm,kmn,klmn->k", o, slope, v, levels).imag)

    return _scalar(integrate(integrand, model, accuracy, comm))


def mixed_response(
    model: Nambu,
    observable: str,
    source: str,
    second: str,
    accuracy: float = ACCURACY,
    comm: Any = None,
) -> Estimate:
    """d^2 <observable>/d(source) d(second), uniform and static, at the fields of the model.

    (current_y, exchange_z, in_plane) is -gamma/(lambda e^2 m/hbar^3), 003 (2), in the units of
    `glvortex.micro.exact_metal`.
    """
    occupied = Occupation(model.temperature, model.broadening)

    def integrand(kx: Array, ky: Array) -> tuple[Array, Array]:
        energy, state = np.linalg.eigh(model.hamiltonian(kx, ky))
        names = (observable, source, second)
        o, v, w = (_rotate(model.operator(name, kx, ky), state) for name in names)
        value = np.einsum("knl,klm,kmn,klmn->k", o, v, w, occupied.triples(energy)).real
        for first, other in ((source, second), (second, source)):
            added = model.derivative(observable, first, kx, ky)
            if added is not None:
                change = _rotate(model.operator(other, kx, ky), state)
                levels = occupied.pairs(energy, energy)
                value += (
                    0.5 * np.einsum("knm,kmn,knm->k", _rotate(added, state), change, levels).real
                )
        return _column(value)

    return _scalar(integrate(integrand, model, accuracy, comm))


def wavevector_response(
    model: Nambu,
    observable: str,
    source: str,
    q: float,
    accuracy: float = ACCURACY,
    comm: Any = None,
    less_uniform: bool = False,
) -> Estimate:
    """(real, imaginary) part of <observable>_q for a source exp(iqx), shape (2,).

    ``less_uniform`` subtracts the response at q = 0 under the integral. The current vertex is taken
    at the middle momentum, which is exact up to the order k^2 of the dispersion; no diamagnetic
    term.
    """
    occupied = Occupation(model.temperature, model.broadening)

    def kubo(kx: Array, ky: Array, half: float) -> NDArray[np.complex128]:
        below, left = np.linalg.eigh(model.hamiltonian(kx - half, ky))
        above, right = np.linalg.eigh(model.hamiltonian(kx + half, ky))
        o = _adjoint(left) @ model.operator(observable, kx, ky) @ right
        v = _adjoint(right) @ model.operator(source, kx, ky) @ left
        return 0.5 * np.einsum("knm,kmn,knm->k", o, v, occupied.pairs(below, above))

    def integrand(kx: Array, ky: Array) -> tuple[Array, Array]:
        value = kubo(kx, ky, 0.5 * q)
        if less_uniform:
            value = value - kubo(kx, ky, 0.0)
        parts = np.stack([value.real, value.imag], axis=-1)
        return parts, np.abs(value)[:, None] * np.ones(2)

    return integrate(integrand, model, accuracy, comm)


def orbital_susceptibility(model: Nambu, accuracy: float = 1e-5, comm: Any = None) -> Estimate:
    """Orbital moment per area and field B_z, in units e^2/m: the q^2 term of J_y per A_y.

    Negative is diamagnetic; a parabolic band gives Landau's -1/(12 pi m). In a superconductor it is
    the next term after the Meissner effect. Two wave vectors, extrapolated to zero.
    """
    fermi = fermi_momenta(model, 0.0, model.momentum_scale)
    if len(fermi) == 0:
        raise ParameterError("orbital_susceptibility needs a Fermi momentum to choose q by.")
    bands = model.electron_bands(fermi * (1.0 + 1e-5), 0.0 * fermi)
    speed = np.abs(bands).min(axis=-1).max() / (1e-5 * fermi.max())
    q = 0.2 * model.resolution / speed
    values = []
    for step in (q, 0.5 * q):
        pair = ("current_y", "vector_potential_y")
        part = wavevector_response(model, *pair, step, accuracy, comm, less_uniform=True)
        values.append((part.value[0] / step**2, part.error[0] / step**2, part.evaluations))
    (coarse, _, n1), (fine, error, n2) = values
    return Estimate(
        np.asarray((4.0 * fine - coarse) / 3.0),
        np.asarray(abs(fine - coarse) / 8.0 + error),
        n1 + n2,
    )


def _rotate(operator: Matrices, state: Matrices) -> Matrices:
    return _adjoint(state) @ operator @ state


def _adjoint(matrix: Matrices) -> Matrices:
    return np.swapaxes(matrix.conj(), -1, -2)


def _column(value: Array) -> tuple[Array, Array]:
    return value[:, None], np.abs(value)[:, None]


def _scalar(estimate: Estimate) -> Estimate:
    return Estimate(estimate.value[0], estimate.error[0], estimate.evaluations)
