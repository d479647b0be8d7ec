"""`glvortex coefficients`."""

from __future__ import annotations

from glvortex.cli.application import app
from glvortex.cli.common import File, Overrides, load, speaker
from glvortex.errors import ParameterError


@app.command()
def coefficients(file: File, overrides: Overrides = None) -> None:
    """Print what the material and the inclusions of a problem come down to, with units."""
    from glvortex.output.reports import tables

    _, reduced = load(file, overrides)
    if reduced.coefficients is None:
        raise ParameterError(
            f"{file}: is in reduced units and has no material, so there are no coefficients to "
            'derive; a file with units = "laboratory" and a [material] section has them.'
        )
    voice = speaker()
    voice.show(tables.coefficients_table(reduced))
    for note in (*reduced.notes, *reduced.warnings):
        voice.show(f"- {note}")
