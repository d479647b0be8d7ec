"""The verification report: exact and independently computed numbers, met with a measured error.

from glvortex.verify import RUNS
for run in RUNS:
    for check in run.checks():
        print(check.name, check.result, check.error)
"""

from glvortex.verify.checks import Check, Run
from glvortex.verify.runs import RUNS

__all__ = ["RUNS", "Check", "Run"]
