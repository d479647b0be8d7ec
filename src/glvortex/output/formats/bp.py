"""Fields as an ADIOS2 folder, which DOLFINx writes and ParaView reads."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import dolfinx
from dolfinx import fem
from dolfinx.mesh import Mesh

from glvortex.errors import ParameterError
from glvortex.output.ranks import replacing_together
from glvortex.output.state.fields import Floats


def bp_available() -> bool:
    """Whether this DOLFINx can write such folders (it can where it was built with ADIOS2)."""
    return bool(dolfinx.has_adios2)


def write_bp(path: Path, mesh: Mesh, values: Mapping[str, Floats]) -> None:
    """Write corner values of all local cells as one VTX file, a folder; collective.

    Every field is one discontinuous linear function, scalar or vector: those may share a file,
    because VTX asks for the same element, not for the same number of components.

    Raises:
        ParameterError: this DOLFINx has no ADIOS2, or the folder cannot be written.
    """
    if not bp_available():
        raise ParameterError(f"{path}: this DOLFINx was built without ADIOS2; choose vtkhdf.")
    from dolfinx.io import VTXWriter

    functions = []
    for name, value in values.items():
        components = value.shape[2:]
        space = fem.functionspace(mesh, ("DG", 1, components) if components else ("DG", 1))
        function = fem.Function(space, name=name)
        # the nodes of a linear element are the corners, in their order
        nodes = function.x.array.reshape(-1, *components)
        nodes[space.dofmap.list] = value
        functions.append(function)
    with (
        replacing_together(path, mesh.comm) as temporary,
        VTXWriter(mesh.comm, temporary, functions, engine="BP4") as writer,
    ):
        writer.write(0.0)
