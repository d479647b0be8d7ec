"""The benchmarks start and measure something, at a tiny size and without py-tdgl."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.append(str(Path(__file__).parent / "benchmarks"))

import noise
import py_tdgl
import scaling


def test_scaling_measures_every_part_and_fits_exponents(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [scaling.measure(12.0, cells) for cells in (8, 12)]
    assert rows[1]["unknowns"] > 2 * rows[0]["unknowns"] > 0
    assert rows[0]["factorisations"] > 1
    assert all(row[part] > 0 for row in rows for part in (*scaling.PARTS, "minimise"))
    for row in rows:
        row |= {"numeric": row["unknowns"] ** 1.6, "rest": row["unknowns"]}
    assert scaling.exponent(rows, "numeric") == pytest.approx(1.6)
    assert not scaling.table("two", rows)  # 1.6 is too much
    assert f"{rows[0]['unknowns']:.0f}" in capsys.readouterr().out


def test_from_noise_every_part_of_the_time_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["noise.py", "--seeds", "1", "--side", "8", "--cells", "8"])
    assert noise.main() == 0
    line = capsys.readouterr().out.splitlines()[-2].split()
    steps, factorisations = int(line[2]), int(line[3])
    assert factorisations > steps > 1
    assert 0 < sum(float(seconds) for seconds in line[5:10]) <= 1.1 * float(line[4]) + 0.05


def test_states_of_py_tdgl_have_our_energy_in_their_own_convention() -> None:
    """A relaxed state handed over as py-tdgl would: conjugate, vertex by vertex."""
    line = np.linspace(-4.0, 4.0, 15)
    points = np.array([(x, y) for x in line for y in line])
    corner = np.array([15 * i + j for i in range(14) for j in range(14)])
    triangles = np.vstack(
        [
            np.column_stack([corner, corner + 1, corner + 15]),
            np.column_stack([corner + 1, corner + 16, corner + 15]),
        ]
    )
    functional, certificate = py_tdgl.relaxed(points, triangles, 0.3, False, "london")
    vertices = functional.space.vertices[:, :2]
    order = [int(np.argmin(((vertices - point) ** 2).sum(axis=1))) for point in points]
    psi = (functional.f.x.array.reshape(-1, 2) @ [1, -1j])[order]
    energies = py_tdgl.energies_of(points, triangles, 0.3, np.array([psi, psi.conj()]))
    assert certificate.minimum
    assert energies[0] == pytest.approx(certificate.energy, rel=1e-10)
    assert energies[1] > certificate.energy + 1  # of the field turned round


def test_py_tdgl_missing_is_said_with_the_command_that_gets_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(py_tdgl, "PACKAGES", tmp_path / "none")
    monkeypatch.setattr(sys, "argv", ["py_tdgl.py"])
    with pytest.raises(SystemExit, match=r"pip install --target .*tdgl==0.9.0"):
        py_tdgl.main()
