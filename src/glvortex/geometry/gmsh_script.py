"""Run a gmsh script in a process of its own: ``python -m glvortex.geometry.gmsh_script``.

A script may set any option of gmsh, end the program or crash it; here that touches nobody else.
Arguments: the script, the mesh file to write, a factor on all edge lengths.
"""

from __future__ import annotations

import sys


def main(script: str, target: str, factor: str) -> int:
    """Mesh the script's plane geometry into ``target``; returns 1 with a reason on stderr."""
    import gmsh

    gmsh.initialize(readConfigFiles=False, interruptible=False)
    for option, value in {
        "General.Terminal": 0.0,
        "General.NumThreads": 1.0,
        "Mesh.RandomSeed": 1.0,
    }.items():
        gmsh.option.setNumber(option, value)
    gmsh.logger.start()
    try:
        gmsh.open(script)
        gmsh.option.setNumber(
            "Mesh.MeshSizeFactor", gmsh.option.getNumber("Mesh.MeshSizeFactor") * float(factor)
        )
        if not gmsh.model.getEntities(2) and not gmsh.model.getEntities(3):
            raise ValueError("it draws no surface")
        if not gmsh.model.mesh.getNodes()[0].size:
            gmsh.model.mesh.generate(2)
        gmsh.option.setNumber("Mesh.MshFileVersion", 4.1)
        gmsh.write(target)
    except Exception as error:
        lines = [line for line in gmsh.logger.get() if line.startswith("Error")]
        print((lines[0].partition(": ")[2] if lines else str(error)), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
