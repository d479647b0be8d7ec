"""How forms are compiled, and what interrupted runs leave in the cache of compiled forms.

Whoever compiles a form puts an empty NAME.c into the cache; everybody else waits for NAME.c.cached.
A run that is interrupted meanwhile never writes it, and without care all later runs would fail.
"""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO

import dolfinx.jit
from mpi4py import MPI

PATIENCE = 120
"""Seconds to wait for another run that compiles the same form."""

# Only with -ffast-math do sines and cosines go through the vector units.
_FLAGS = ["-O3", "-g0", "-ffast-math"]
_LEVEL_3 = {"avx2", "bmi2", "fma"}  # what tells a processor of the level x86-64-v3

_held: list[IO[str]] = []  # locks of this process, released when it ends, however it ends


def prepare() -> None:
    """Clear the cache that DOLFINx will use and be patient with other runs; every rank calls it."""
    defaults = dolfinx.jit.DOLFINX_DEFAULT_JIT_OPTIONS
    defaults["timeout"] = (PATIENCE, defaults["timeout"][1])
    arguments = defaults["cffi_extra_compile_args"]
    defaults["cffi_extra_compile_args"] = (compiler_flags(), arguments[1])
    if MPI.COMM_WORLD.rank == 0:  # it compiles, the others read
        clear(Path(dolfinx.jit.get_options()["cache_dir"]))


def compiler_flags() -> list[str]:
    """Flags for the compiler of forms on this machine.

    The level of the processor is named, not ``native``, so that the cache, which knows forms by
    their flags, may be shared with other machines. A user's dolfinx_jit_options.json has the last
    word.
    """
    try:
        processor = set(Path("/proc/cpuinfo").read_text().split())
    except OSError:
        processor = set()
    return [*_FLAGS, *["-march=x86-64-v3"] * (processor >= _LEVEL_3)]


def clear(folder: Path) -> None:
    """Remove what was not compiled to the end, unless a run that may still do so is alive."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "glvortex.lock").open("w")
    except OSError:  # read-only: nothing will be compiled there either
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for source in folder.glob("*.c"):
            if not source.with_suffix(".c.cached").exists():
                source.unlink(missing_ok=True)
    except OSError:  # others are at work, or a file system without locks
        pass
    try:
        fcntl.flock(lock, fcntl.LOCK_SH)
    except OSError:
        lock.close()
        return
    _held.append(lock)
