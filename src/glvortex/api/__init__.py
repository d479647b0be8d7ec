"""glvortex in Python: problems, runs and materials as objects, for scripts and notebooks.

These are the names of ``import glvortex as gl``. They wrap what the commands use: a `Problem` is a
checked problem file, a `Run` is its solution. Everything that computes is collective: under mpirun
every rank calls it, and every rank has the answer.
"""

from glvortex.api.folders import open_sweep
from glvortex.api.material import Material
from glvortex.api.problem import Problem, load, open_run
from glvortex.api.run import Energy, Run, compare
from glvortex.errors import NotConvergedError, ParameterError
from glvortex.output.state.sampling import SampledField

__all__ = [
    "Energy",
    "Material",
    "NotConvergedError",
    "ParameterError",
    "Problem",
    "Run",
    "SampledField",
    "compare",
    "load",
    "open_run",
    "open_sweep",
]
