"""The point symmetry of a problem: what maps its states to states of equal energy.

A rotation keeps the charge of a vortex. A mirror turns an applied field, a magnetisation and a~
around; together with time reversal, which turns them back, it is a symmetry wherever it maps the
geometry to itself and the strengths of inclusions to those of their images. Both together keep the
charges: a mirror alone would reverse them, and so does time reversal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from scipy.spatial import cKDTree

from glvortex.geometry.inclusions import Disks
from glvortex.geometry.regions import Perforated
from glvortex.geometry.sample import Cornered, Disk
from glvortex.problems.setup import Setup
from glvortex.solve.london import Vortex

_NEAR = 1e-6  # of the size of the sample
_OF_DISK = 6  # turns of a disk without anything in it that are tried


class Symmetry:
    """A group of orthogonal maps about a centre; the first is the identity.

    Attributes:
        matrices: (n, 2, 2) maps of places relative to the centre.
        centre: (2,) fixed point of all maps.
    """

    def __init__(self, matrices: Sequence[np.ndarray], centre: np.ndarray) -> None:
        self.matrices = np.asarray(matrices, dtype=float).reshape(-1, 2, 2)
        self.centre = np.asarray(centre, dtype=float)

    @staticmethod
    def none() -> Symmetry:
        """The identity alone."""
        return Symmetry([np.eye(2)], np.zeros(2))

    def __len__(self) -> int:
        return len(self.matrices)

    def places(self, number: int, points: np.ndarray) -> np.ndarray:
        """Images (n, 2) of points under a map."""
        mapped = (np.asarray(points) - self.centre) @ self.matrices[number].T + self.centre
        return np.asarray(mapped)

    def image(self, number: int, vortices: Iterable[Vortex]) -> tuple[Vortex, ...]:
        """Vortices of the state that a map makes of one."""
        vortices = tuple(vortices)
        places = self.places(number, np.array([(v.x, v.y) for v in vortices]).reshape(-1, 2))
        return tuple(
            Vortex(float(x), float(y), v.charge) for (x, y), v in zip(places, vortices, strict=True)
        )


def of_square() -> list[np.ndarray]:
    """The eight maps of a square to itself, the identity first."""
    turn, mirror = np.array([[0.0, -1.0], [1.0, 0.0]]), np.diag([1.0, -1.0])
    turns = [np.linalg.matrix_power(turn, k) for k in range(4)]
    return turns + [mirror @ t for t in turns]


def symmetry_of(setup: Setup) -> Symmetry:
    """Return the symmetry of a problem's sample and of the strengths and places in it.

    It knows the maps of a square and of a regular polygon, disks as inclusions, and takes samples
    with holes or regions, or that repeat, for unsymmetric.
    """
    sample, inclusions = setup.sample, setup.inclusions
    plain = sample.lattice is None and not setup.regions and not isinstance(sample, Perforated)
    if not plain or not (isinstance(inclusions, Disks) or not len(inclusions)):
        return Symmetry.none()
    if isinstance(sample, Cornered):
        corners = np.asarray(sample.corners)
        centre = corners.mean(axis=0)
    elif isinstance(sample, Disk):
        centre = np.array(sample.centre)
        angles = 2 * np.pi * np.arange(_OF_DISK * 4) / (_OF_DISK * 4)
        corners = centre + sample.radius * np.column_stack([np.cos(angles), np.sin(angles)])
    else:
        return Symmetry.none()
    scale = float(np.ptp(corners, axis=0).max())
    fits = [
        matrix
        for matrix in _candidates(len(corners))
        if _onto_itself(corners, matrix, centre, np.zeros((len(corners), 0)), scale)
        and _inclusions_fit(inclusions, matrix, centre, scale)
    ]
    return Symmetry(fits, centre)


def _candidates(corners: int) -> list[np.ndarray]:
    maps = of_square()
    for k in range(1, corners):
        angle = 2 * np.pi * k / corners
        c, s = np.cos(angle), np.sin(angle)
        turn = np.array([[c, -s], [s, c]])
        maps += [turn, turn @ np.diag([1.0, -1.0])]
    distinct: list[np.ndarray] = []
    for matrix in maps:
        if not any(np.allclose(matrix, other) for other in distinct):
            distinct.append(matrix)
    return distinct


def _inclusions_fit(inclusions: object, matrix: np.ndarray, centre: np.ndarray, s: float) -> bool:
    if not isinstance(inclusions, Disks) or not len(inclusions):
        return True
    marks = np.column_stack([inclusions.radius, inclusions.pseudo_gauge, inclusions.magnetisation])
    return _onto_itself(inclusions.centres, matrix, centre, marks, s)


def _onto_itself(
    points: np.ndarray, matrix: np.ndarray, centre: np.ndarray, marks: np.ndarray, scale: float
) -> bool:
    """Whether a map takes points to points with the same marks."""
    mapped = (points - centre) @ matrix.T + centre
    distance, index = cKDTree(points).query(mapped)
    return bool(
        (distance < _NEAR * scale).all()
        and len(set(index)) == len(points)
        and np.allclose(marks[index], marks)
    )
