"""Expectation values and static response of the 4x4 Rashba-Nambu Hamiltonian, by diagonalisation.

Units: hbar = m = k_F = v_F = 1, so mu = 1/2; ``rashba`` = lambda e E_z = E_R. Nambu basis and signs
of 003 (14) and (15). Nothing here uses the package.
"""

import numpy as np

ONE = np.eye(2)
X = np.array([[0, 1], [1, 0]], dtype=complex)
Y = np.array([[0, -1j], [1j, 0]])
Z = np.diag([1.0, -1.0]).astype(complex)
MU = 0.5


def k_grid(gap, rashba, temperature, nodes=12, k_max=4.0):
    """Gauss nodes and weights in k, panels refined towards both Fermi momenta."""
    edges = {0.0, k_max}
    for fermi in np.sqrt(1.0 + rashba**2) + np.array([1.0, -1.0]) * abs(rashba):
        distance = max(gap, temperature) * 2.0 ** np.arange(-1, 20)
        edges |= {fermi, *(fermi + distance), *(fermi - distance)}
    edges = np.array(sorted(edge for edge in edges if 0.0 <= edge <= k_max))
    x, w = np.polynomial.legendre.leggauss(nodes)
    half = np.diff(edges)[:, None] / 2.0
    return (edges[:-1, None] + half * (x + 1.0)).ravel(), (half * w).ravel()


def polar_grid(gap, rashba, temperature, angles):
    """kx, ky and the weight of d^2k/(2 pi)^2, each (n, angles)."""
    k, w = k_grid(gap, rashba, temperature)
    theta = 2.0 * np.pi * (np.arange(angles) + 0.5) / angles
    weight = np.repeat((w * k / (2.0 * np.pi * angles))[:, None], angles, axis=1)
    return np.outer(k, np.cos(theta)), np.outer(k, np.sin(theta)), weight


def hamiltonian(kx, ky, gap, rashba, in_plane=0.0, exchange=0.0):
    """003 (14) in momentum space; ``in_plane`` = lambda e E_x."""
    kx, ky = kx[..., None, None], ky[..., None, None]
    kinetic = ((kx**2 + ky**2) / 2.0 - MU) * np.kron(Z, ONE)
    # (sigma x E).k = kx sigma_y E_z + ky (sigma_z E_x - sigma_x E_z)
    spin_orbit = kx * rashba * np.kron(Z, Y)
    spin_orbit = spin_orbit + ky * np.kron(Z, in_plane * Z - rashba * X)
    return kinetic - spin_orbit - gap * np.kron(X, ONE) - exchange * np.kron(ONE, Z)


def current_y(ky, rashba, in_plane=0.0):
    """Twice J_y of 003 (15) over e; the half of the Nambu counting is left to the caller."""
    return -(ky[..., None, None] * np.eye(4) - np.kron(ONE, in_plane * Z - rashba * X))


def occupation(energy, temperature):
    if temperature == 0.0:
        return (energy < 0.0).astype(float)
    return 0.5 * (1.0 - np.tanh(energy / (2.0 * temperature)))


def average(gap, rashba, in_plane, exchange, temperature=0.0, angles=8):
    """003 (23): (J_y/e, <sigma_z>) per area."""
    kx, ky, weight = polar_grid(gap, rashba, temperature, angles)
    energy, state = np.linalg.eigh(hamiltonian(kx, ky, gap, rashba, in_plane, exchange))
    weight = weight[..., None] * occupation(energy, temperature)
    results = []
    for operator in (current_y(ky, rashba, in_plane), np.kron(ONE, Z)):
        expectation = np.sum(state.conj() * (operator @ state), axis=-2).real
        results.append(0.5 * np.sum(weight * expectation))
    return results


def gradient_response(gap, rashba, temperature=0.0, q=1e-3, angles=32):
    """(J_y/e, <sigma_x>) per d M_z/dx for a perturbation -M_z sigma_z e^(iqx), by the Kubo formula.

    By 000 (3) and (4) these are chi/e and g_soc of a metal with Rashba velocity v = -``rashba``.
    """
    kx, ky, weight = polar_grid(gap, rashba, temperature, angles)
    below, left = np.linalg.eigh(hamiltonian(kx - q / 2.0, ky, gap, rashba))
    above, right = np.linalg.eigh(hamiltonian(kx + q / 2.0, ky, gap, rashba))
    step = above[..., None, :] - below[..., :, None]
    f = occupation(below, temperature)[..., :, None]
    change = f - occupation(above, temperature)[..., None, :]
    equal = np.abs(step) < 1e-6 * max(temperature, gap)
    slope = f * (1.0 - f) / temperature if temperature else 0.0 * f
    weight = weight[..., None, None] * np.where(equal, slope, change / np.where(equal, 1.0, step))
    bra, ket = np.swapaxes(left.conj(), -1, -2), right
    back = np.swapaxes(np.swapaxes(right.conj(), -1, -2) @ np.kron(ONE, Z) @ left, -1, -2)
    operators = (current_y(ky, rashba), np.kron(ONE, X))
    return [(0.5 * np.sum(weight * (bra @ o @ ket) * back) / (1j * q)).real for o in operators]
