"""Kill runs and sweeps at random moments, let them go on, compare with uninterrupted ones.

    docker/run python3 tests/benchmarks/kill.py [--kills 20] [--seed 1] [--ranks 1]

Every other kill hits a sweep. A line says when it came, what was kept then, how much of that was
done again (nothing may be) and how far the result is from that of an uninterrupted run.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUN = """\
[superconductor]
kappa = 5.0
[sample]
shape = "rectangle"
size = [40.0, 30.0]
[inclusions]
layout = "square"
count = [1, 1]
radius = 8.0
edge_width = 4.0
pseudo_gauge = 0.3
[field]
applied = 0.05
[mesh]
size = 1.5
[solver]
starts = ["uniform", "london", "file"]
vortices = [[-14.0, 2.5, 1], [1.0, -0.5, 1]]
[output]
fields = false
pictures = false
"""
SWEEP = """\
[superconductor]
kappa = 2.0
[sample]
shape = "rectangle"
size = [12.0, 12.0]
[mesh]
size = 1.2
[solver]
starts = ["uniform"]
"""
LOOP = ["--over", "field.applied=0.1:0.7:5", "--up-and-down"]


class Job:
    """A command that can be killed, and what it leaves."""

    def __init__(self, name: str, problem: Path, options: list[str], ranks: int) -> None:
        launcher = ["mpirun", "--oversubscribe", "-n", str(ranks)] if ranks > 1 else []
        self.name = name
        self.command = [*launcher, sys.executable, "-m", "glvortex", name, str(problem), *options]

    def start(self, folder: Path) -> subprocess.Popen[str]:
        """Begin in a folder, or go on there."""
        return subprocess.Popen(
            [*self.command, "-o", str(folder), "--resume"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def finish(self, folder: Path) -> float:
        """Run to the end; return the seconds."""
        begin = time.perf_counter()
        process = self.start(folder)
        _, error = process.communicate()
        if process.returncode:
            sys.exit(f"{self.name} in {folder} ended with {process.returncode}: {error}")
        return time.perf_counter() - begin

    def kept(self, folder: Path) -> dict[str, int]:
        """Finished starts or points, with the time of their file."""
        pattern = "checkpoint/starts/*.h5" if self.name == "solve" else "points/*/result.json"
        return {str(p.relative_to(folder)): p.stat().st_mtime_ns for p in folder.glob(pattern)}

    def numbers(self, folder: Path) -> list[float]:
        """Energies and charges that two runs must have in common."""
        if self.name == "solve":
            result = json.loads((folder / "result.json").read_text())
            return [s[name] for s in result["states"] for name in ("energy", "net_charge")]
        with (folder / "sweep.csv").open() as file:
            rows = list(csv.DictReader(file))
        return [float(row[name]) for row in rows for name in ("energy", "net_charge", "moment")]

    def again(self, folder: Path, kept: dict[str, int]) -> int:
        """How many of the finished starts or points were done again."""
        if self.name == "sweep":
            after = self.kept(folder)
            return sum(after[name] != moment for name, moment in kept.items())
        last = (folder / "run.log").read_text().split(" ranks: ")[-1]
        return sum(f"relaxing from {Path(name).stem}\n" in last for name in kept)


def kill(process: subprocess.Popen[str]) -> None:
    """SIGKILL for the process and all of its session, mpirun's ranks included."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            session = int(stat.read_text().rpartition(")")[2].split()[3])
            if session == process.pid:
                os.kill(int(stat.parent.name), signal.SIGKILL)
        except (OSError, ValueError):
            continue  # it has ended meanwhile
    process.wait()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ranks", type=int, default=1)
    options = parser.parse_args()
    chance, lost, worst = random.Random(options.seed), 0, 0.0
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary)
        (home / "run.toml").write_text(RUN)
        (home / "loop.toml").write_text(SWEEP)
        jobs = [
            Job("solve", home / "run.toml", [], options.ranks),
            Job("sweep", home / "loop.toml", LOOP, options.ranks),
        ]
        seconds = [job.finish(home / job.name) for job in jobs]
        expected = [job.numbers(home / job.name) for job in jobs]
        print("uninterrupted: solve {:.1f} s, sweep {:.1f} s".format(*seconds))
        print("kill  what   after (s)  finished by then  done again  largest difference")
        for number in range(options.kills):
            which = number % 2
            job, folder = jobs[which], home / f"kill-{number}"
            moment = chance.uniform(0.15, 1.0) * seconds[which]
            process = job.start(folder)
            try:
                process.wait(moment)
            except subprocess.TimeoutExpired:
                kill(process)
            ended = (folder / ("result.json" if which == 0 else "sweep.png")).exists()
            kept = job.kept(folder)
            job.finish(folder)
            again = job.again(folder, kept)
            pairs = zip(job.numbers(folder), expected[which], strict=True)
            difference = max(abs(a - b) / max(1.0, abs(b)) for a, b in pairs)
            lost, worst = lost + again, max(worst, difference)
            there = "all" if ended else str(len(kept))
            row = (number + 1, job.name, moment, there, again, difference)
            print("{:4d}  {:5s}  {:9.2f}  {:>16s}  {:10d}  {:18.1e}".format(*row), flush=True)
    print(f"{lost} finished starts or points done again, largest difference {worst:.1e}")
    sys.exit(1 if lost or worst > 1e-10 else 0)


if __name__ == "__main__":
    main()
