"""What a sweep says while it runs, and what it leaves at its end."""

from __future__ import annotations

from pathlib import Path

from mpi4py import MPI

from glvortex.output.drawing.pictures import DPI
from glvortex.output.ranks import on_first_rank, replacing
from glvortex.output.runs.result import plain
from glvortex.output.screen.console import Voice
from glvortex.output.sweeps.contents_picture import draw_contents
from glvortex.output.sweeps.points import result_of
from glvortex.output.sweeps.searched import lowest_of
from glvortex.output.sweeps.sweep import begin_sweep, finished_points, run_sweep
from glvortex.output.sweeps.sweep_pictures import draw_sweep
from glvortex.output.sweeps.sweep_table import (
    Row,
    dataset,
    row_of,
    rows_of,
    sweep_table,
    write_csv,
    write_netcdf,
)
from glvortex.problems.sweep import Plan, Point


def sweep_in_folder(
    folder: Path,
    plan: Plan,
    comm: MPI.Intracomm,
    voice: Voice,
    *,
    groups: int | None = None,
    begun: bool = False,
) -> int:
    """Do a sweep into its folder, or with ``begun`` what is left of it; collective.

    Returns:
        1 where points failed, else 0.

    Raises:
        ParameterError: on every rank, as `run_sweep`.
    """
    if not begun:
        begin_sweep(folder, plan, comm)
    tally = Tally(folder, plan, voice)
    tally.recall(finished_points(folder, plan, comm))
    voice.stage("points")
    run_sweep(folder, plan, comm, groups=groups, heard=tally.hear)
    return tally.finish(comm)


class Tally:
    """The rows of the points that are done; only the first rank has them."""

    def __init__(self, folder: Path, plan: Plan, voice: Voice) -> None:
        self.folder, self.plan, self.voice = folder, plan, voice
        self.rows: dict[int, Row] = {}

    def recall(self, numbers: set[int]) -> None:
        """Take in the points that have been done before; collective."""
        on_first_rank(self.voice.comm, lambda: [self._take(n) for n in sorted(numbers)])
        if numbers:
            self.voice.say(f"{len(numbers)} of {len(self.plan.points)} points had been done before")
        self.voice.count("points", len(numbers), len(self.plan.points))

    def hear(self, point: Point) -> None:
        """Take in a point that is done; on the first rank."""
        row = self._take(point.number)
        way = f", {point.branch}" if self.plan.both_ways else ""
        found = row["failed"] or (
            f"energy {row['energy']:.6f}, vortices {row['vortices']:.0f}, "
            f"net charge {row['net_charge']:+.0f} ({row['seconds']:.1f} s)"
        )
        self.voice.say(f"{point.said}{way}: {found}")
        self.voice.count("points", len(self.rows), len(self.plan.points))

    def _take(self, number: int) -> Row:
        point = self.plan.points[number - 1]
        result = (lowest_of if self.plan.searched else result_of)(self.folder, point)
        row = self.rows[number] = row_of(point, result)
        return row

    def finish(self, comm: MPI.Intracomm) -> int:
        """Write and show the tables; return the exit status: 1 where points failed; collective."""
        status = comm.bcast(on_first_rank(comm, self._write))
        assert isinstance(status, int)
        return status

    def _write(self) -> int:
        plan, folder = self.plan, self.folder
        rows = [self.rows[point.number] for point in plan.points]
        table = dataset(plan, rows)
        write_netcdf(folder / "sweep.nc", table)
        write_csv(folder / "sweep.csv", plan, rows)
        figure, contents = draw_sweep(plan, table), draw_contents(plan, table)
        if figure is None:
            self.voice.say("sweep.png is left out: it shows one or two keys.")
        for name, drawn in (("sweep.png", figure), ("contents.png", contents)):
            if drawn is not None:
                with replacing(folder / name) as path:
                    drawn.savefig(path, dpi=DPI)
        self.voice.numbers({"points": plain(rows_of(plan, rows))})
        self.voice.show(sweep_table(plan, rows))
        failed = sum(bool(row["failed"]) for row in rows)
        if failed:
            self.voice.warn(
                f"{failed} of {len(rows)} points reached no minimum, see their run.log."
            )
        return 1 if failed else 0
