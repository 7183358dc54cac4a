"""The critical path, and what the plain script's graph makes of it."""

from __future__ import annotations

import pytest

from provisioning.bench.paths import critical_path
from provisioning.bench.plain.create import CREATE
from provisioning.bench.plain.destroy import DESTROY
from provisioning.bench.plain.script import Task, path_of
from provisioning.bench.waits import CALL_SECONDS, Pace


def test_the_longest_chain_counts_not_the_sum() -> None:
    lengths = {"vpc": 1.0, "subnet": 2.0, "database": 300.0, "bucket": 100.0, "task": 1.0}

    path = critical_path(lengths, {"subnet": ["vpc"], "database": ["subnet"], "task": ["database", "bucket"]})

    assert path.keys == ("vpc", "subnet", "database", "task")
    assert path.seconds == 304.0


def test_a_graph_without_needs_takes_as_long_as_its_longest_task() -> None:
    assert critical_path({"a": 1.0, "b": 5.0}, {}).keys == ("b",)


def test_the_look_that_ends_a_wait_costs_nothing() -> None:
    waits = Task(key="cache", act=lambda _: None, calls=2, wait="elasticache.create", ready=lambda _: True)

    assert waits.seconds(Pace(scale=1)) == pytest.approx(240 + CALL_SECONDS)


def test_a_shorter_wait_does_not_shorten_the_calls() -> None:
    waits = Task(key="cache", act=lambda _: None, calls=2, wait="elasticache.create", ready=lambda _: True)

    assert waits.seconds(Pace(scale=240)) == pytest.approx(1 + CALL_SECONDS)


def test_creation_leads_through_the_database_and_the_service() -> None:
    path = path_of(CREATE, Pace(scale=1))

    assert path.keys[0] == "vpc"
    assert {"database", "task", "service"} < set(path.keys)
    assert path.seconds == pytest.approx(360 + 8 * CALL_SECONDS)


def test_destruction_leads_through_the_database_to_the_network() -> None:
    path = path_of(DESTROY, Pace(scale=1))

    assert path.keys[0] == "database"
    assert path.keys[-1] == "vpc"
    assert path.seconds == pytest.approx(240 + 6 * CALL_SECONDS)


@pytest.mark.parametrize("tasks", [CREATE, DESTROY], ids=["create", "destroy"])
def test_every_task_stands_once_and_needs_only_tasks(tasks: tuple[Task, ...]) -> None:
    keys = [task.key for task in tasks]

    assert len(keys) == len(set(keys))
    assert {need for task in tasks for need in task.needs} <= set(keys)
