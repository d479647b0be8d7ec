"""The moments of a memory experiment in its folder: every sample trained, each file written once.

moments/RRRR-KK.csv     layout file of realisation R after training K, with its moments below Tc
moments/RRRR-KK.json    the same moments above and below Tc, and how their mean came about
moments/kept-NN.json    how the first realisation trains at the N-th of other_temperatures
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import numpy as np
from mpi4py import MPI

from glvortex import interrupt
from glvortex.errors import ParameterError
from glvortex.geometry.layouts import Table
from glvortex.output.ranks import on_first_rank, replacing
from glvortex.problems.memory import Experiment, inclusions_of_sample, layout_text
from glvortex.problems.tasks import Group, run_tasks
from glvortex.problems.training import Trained, train

MOMENTS = "moments"


@dataclass(frozen=True)
class _Task:
    """A sample to train: its file without suffix, its number, place of the training, temperature.

    Without a temperature it is that of the protocol, and the sample is solved later on.
    """

    name: str
    realisation: int
    place: int
    temperature: float | None = None


def train_all(
    folder: Path,
    found: Experiment,
    comm: MPI.Intracomm,
    *,
    groups: int | None,
    count: Callable[[int, int], None],
) -> None:
    """Train what has not been trained yet, side by side on groups of ranks; collective.

    ``count`` hears how many are done and how many there are.

    Raises:
        ParameterError: on every rank, where inclusions do not fit or a file cannot be written.
    """
    on_first_rank(comm, lambda: (folder / MOMENTS).mkdir(exist_ok=True))
    tasks = _tasks(found)
    there = on_first_rank(comm, lambda: [_record(folder, task.name).exists() for task in tasks])
    done = comm.bcast(there)
    left = [task for task, ready in zip(tasks, done, strict=True) if not ready]
    # all of them before the first is trained: one may not fit
    numbers = dict.fromkeys(task.realisation for task in left)
    samples = {number: inclusions_of_sample(found, number) for number in numbers}
    heard = [len(tasks) - len(left)]
    count(heard[0], len(tasks))

    def hear(_: str) -> None:
        heard[0] += 1
        count(heard[0], len(tasks))

    def work(task: _Task, group: Group) -> None:
        _train(folder, found, task, samples[task.realisation], group)
        group.tell(task.name)

    run_tasks(left, work, comm, groups=groups, heard=hear)


def layouts(folder: Path, found: Experiment) -> list[Path]:
    """The layout files of all trained samples."""
    return [folder / MOMENTS / f"{_name(*sample)}.csv" for sample in found.trained]


def trained(folder: Path, realisation: int, place: int) -> Trained:
    """What has become of the moments of a sample.

    Raises:
        ParameterError: its file is damaged.
    """
    return _read(_record(folder, _name(realisation, place)))


def kept(folder: Path, found: Experiment) -> list[Trained]:
    """What has become of the first realisation at each of the other temperatures.

    Raises:
        ParameterError: a file is damaged.
    """
    names = (task.name for task in _tasks(found) if task.temperature is not None)
    return [_read(_record(folder, name)) for name in names]


def _name(realisation: int, place: int) -> str:
    return f"{realisation:04d}-{place + 1:02d}"


def _record(folder: Path, name: str) -> Path:
    return folder / MOMENTS / f"{name}.json"


def _tasks(found: Experiment) -> list[_Task]:
    samples = [_Task(_name(*sample), *sample) for sample in found.trained]
    strongest = int(np.argmax(np.abs(found.values)))
    others = [
        _Task(f"kept-{i + 1:02d}", 1, strongest, temperature / found.units.temperature)
        for i, temperature in enumerate(found.protocol.other_temperatures)
    ]
    return samples + others


def _train(folder: Path, found: Experiment, task: _Task, table: Table, group: Group) -> None:
    def listen() -> None:
        interrupt.check(group.comm)
        group.listen()

    treatment = found.treatment
    if task.temperature is not None:
        treatment = replace(treatment, temperature=task.temperature)
    centres = np.column_stack([table.x, table.y])
    value = found.values[task.place]
    moments = train(treatment, centres, value, task.realisation, task.place, listen)

    def write() -> None:
        record = _record(folder, task.name)
        if task.temperature is None:
            with replacing(record.with_suffix(".csv")) as path:
                path.write_text(layout_text(table, moments.below), encoding="utf-8")
        # the last one: where it is, all is
        with replacing(record) as path:
            values = {name: array.tolist() for name, array in asdict(moments).items()}
            path.write_text(json.dumps(values) + "\n", encoding="utf-8")

    on_first_rank(group.comm, write)


def _read(path: Path) -> Trained:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return Trained(**{field.name: np.array(values[field.name]) for field in fields(Trained)})
    except (OSError, ValueError, KeyError, TypeError):
        raise ParameterError(
            f"{path}: is damaged; remove it and use --resume to train the sample again."
        ) from None
