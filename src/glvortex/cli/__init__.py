"""The ``glvortex`` command, one module for each of its commands.

Exit status: 0, 1 for a computation that did not converge, 2 for a mistake in a file or on the
command line, 130 when interrupted. Under ``mpirun`` only the first rank speaks.
"""

# each joins the application when it is imported, in the order that --help shows
from glvortex.cli import (  # noqa: F401, I001
    solve,
    search,
    sweep,
    memory,
    magnetization,
    inclusion_lattice,
    coefficients,
    critical,
    mesh,
    plot,
    report,
    export,
    papers,
    verify,
)
from glvortex.cli.application import app, main

__all__ = ["app", "main"]
