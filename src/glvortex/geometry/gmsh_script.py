"""Run a gmsh script in a process of its own: ``python -m glvortex.geometry.gmsh_script``.

A script may set any option of gmsh, end the program or crash it; here that touches nobody else. It
leads a process group, which ends with the parent.
Arguments: the script, the mesh file to write, a factor on all edge lengths.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import Any


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
        groups = {dimension for dimension, _ in gmsh.model.getPhysicalGroups()}
        if groups and 2 not in groups:  # gmsh writes what is in a group only
            raise ValueError("it has physical groups, but no surface is in one")
        if not gmsh.model.mesh.getNodes()[0].size:
            gmsh.model.mesh.generate(2)
        gmsh.option.setNumber("Mesh.MshFileVersion", 4.1)
        gmsh.write(target)
    except UnicodeDecodeError:  # gmsh quotes what it does not understand
        print("it is no text that gmsh understands", file=sys.stderr)
        return 1
    except Exception as error:
        print(_reason(gmsh) or str(error), file=sys.stderr)
        return 1
    return 0


def _reason(gmsh: Any) -> str:
    """What gmsh said first about what is wrong."""
    try:
        said = gmsh.logger.get()
    except UnicodeDecodeError:
        return "it is no text that gmsh understands"
    wrong = [line.partition(": ")[2] for line in said if line.startswith("Error")]
    return wrong[0] if wrong else ""


def _end_with(parent: int) -> None:
    """End this process and what the script started, where who wants the mesh is no more."""
    while os.getppid() == parent:
        time.sleep(1.0)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    sys.exit(main(*sys.argv[1:]))
