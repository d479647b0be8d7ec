"""Say whether this Python can run glvortex (for docker/run).

Exit status 0: yes; 2: it has dolfinx but something else is missing, which is named; 3: no dolfinx.
"""

import sys
from importlib.util import find_spec

OTHERS = [
    "petsc4py",
    "slepc4py",
    "mpi4py",
    "numpy",
    "scipy",
    "gmsh",
    "meshio",
    "pydantic",
    "pint",
    "typer",
    "rich",
    "matplotlib",
    "h5py",
    "shapely",
    "ezdxf",
    "contourpy",
    "PIL",
    "jinja2",
    "xarray",
    "netCDF4",
    "pandas",
]


def has(module):
    """Tell whether a module is installed (a stray folder of that name is not)."""
    spec = find_spec(module)
    return spec is not None and spec.origin is not None


if not has("dolfinx"):
    sys.exit(3)
missing = [module for module in OTHERS if not has(module)]
if sys.version_info < (3, 11):  # noqa: UP036 (this may be any Python)
    missing.insert(0, "Python 3.11")
if missing:
    sys.stderr.write(
        "docker/run: the Python in {} has dolfinx but lacks {}: install what is missing "
        "(environment.yml names the packages), or say docker/run --suite trixie to use another "
        "environment\n".format(sys.prefix, ", ".join(missing))
    )
    sys.exit(2)
