"""Tasks side by side on groups of ranks: each done once, by the group that is free."""

import json

import pytest
from mpi4py import MPI

from glvortex.problems.tasks import run_tasks

PROGRAM = """
    import json, sys, time
    from mpi4py import MPI
    from glvortex.problems.tasks import run_tasks
    comm, heard = MPI.COMM_WORLD, []

    def work(task, group):
        time.sleep(0.1 * task)
        group.tell("x" * 100_000)  # more than MPI sends ahead of its being received
        return task, group.number, group.comm.allreduce(1)

    found = {
        str(groups): run_tasks([8, *[1] * 8, 2], work, comm, groups=groups, heard=heard.append)
        for groups in (None, 2, 1)
    }

    def fail(task, group):
        if task == 1:
            raise ValueError(f"task {task}")
        return task

    try:
        run_tasks([0, 1, 2], fail, comm)
    except ValueError as error:
        found["error"] = str(error)
    everywhere = comm.gather(found)
    if comm.rank == 0:
        assert all(each == found for each in everywhere)
        print(json.dumps([found, len(heard)]))
"""


def test_free_groups_take_the_next_task(run_on_ranks):
    found, heard = json.loads(run_on_ranks(3, PROGRAM))
    assert heard == 30
    for groups, sizes in (("None", {1}), ("2", {1, 2}), ("1", {3})):
        assert [task for task, _, _ in found[groups]] == [8, *[1] * 8, 2]
        assert {size for _, _, size in found[groups]} == sizes
    # while one group is busy with the long task the others do all the rest
    busy = found["2"][0][1]
    assert [group for _, group, _ in found["2"]].count(busy) < 4
    assert found["error"] == "task 1"


def test_one_rank_does_all_and_hears_itself():
    heard = []

    def work(task, group):
        group.tell(task)
        return -task

    assert run_tasks([3, 1, 2], work, MPI.COMM_SELF, groups=5, heard=heard.append) == [-3, -1, -2]
    assert heard == [3, 1, 2]
    assert run_tasks([], work, MPI.COMM_SELF) == []


def test_an_error_ends_the_whole():
    done = []

    def work(task, group):
        done.append(task)
        if task == 2:
            raise ValueError("two")

    with pytest.raises(ValueError, match="two"):
        run_tasks([1, 2, 3], work, MPI.COMM_SELF)
    assert done == [1, 2]
