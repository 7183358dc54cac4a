"""The database's clock is the only one that counts; where it is set, nobody fails and nobody sleeps for it."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.db.models import F, Value
from django.db.models.functions import Now

from environments.jobs import connection_to
from environments.journal import DatabaseSource, due_now
from environments.models import Operation, Request
from provisioning.journal import Claim, Entry
from provisioning.run import Run
from provisioning.steps import StepStatus
from provisioning.timing import Timing

HOUR = 3600.0


@pytest.fixture
def operation(approved: Request) -> Operation:
    return approved.operations.get()


def claim() -> list[Claim]:
    return list(DatabaseSource(connect=connection_to).claim(10))


def work_on_database(seconds: float) -> Claim:
    """A claim under which AWS has worked on the database for so long; it is looked at again in five seconds."""
    (held,) = claim()
    at = Run(held, Timing()).now()
    state = held.states["database"].evolve(
        status=StepStatus.WAITING, started_at=at - seconds, settling_since=at - seconds, due_at=at + 5
    )
    held.journal.write(Entry(states=[state]))
    return held


def set_clock(operation: Operation, seconds: float) -> None:
    """As if the database's clock had been set so much ahead: all that was written is that much longer ago."""
    back = Value(timedelta(seconds=seconds))
    Operation.objects.update(wake_at=F("wake_at") - back, lease_until=F("lease_until") - back)
    for row in operation.steps.all():
        row.raw_state = row.state.later(-seconds).model_dump(mode="json")
        row.save()


def elapsed(held: Claim) -> float:
    return Run(held, Timing()).now() - (held.states["database"].started_at or 0)


@pytest.mark.parametrize("jump", [HOUR, -HOUR], ids=["an hour ahead", "an hour back"])
def test_a_parked_operation_is_due_at_once_and_its_steps_are_as_old_as_they_were(
    operation: Operation, jump: float
) -> None:
    work_on_database(seconds=120).journal.park(5)
    set_clock(operation, jump)

    assert due_now() == 1
    (held,) = claim()

    assert elapsed(held) == pytest.approx(125, abs=10)
    assert (held.states["database"].due_at or 0) == pytest.approx(Run(held, Timing()).now(), abs=1)


def test_the_time_that_was_taken_out_stays_out(operation: Operation) -> None:
    work_on_database(seconds=120).journal.park(5)
    set_clock(operation, HOUR)
    claim()[0].journal.park(0)

    (held,) = claim()

    assert elapsed(held) < HOUR / 2


def test_a_worker_that_died_is_followed_at_once_and_nothing_is_taken_out(operation: Operation) -> None:
    work_on_database(seconds=600)
    Operation.objects.update(
        wake_at=Now() - Value(timedelta(seconds=700)), lease_until=Now() - Value(timedelta(seconds=1))
    )

    (held,) = claim()

    assert elapsed(held) == pytest.approx(600, abs=10)


def test_a_living_owner_keeps_its_operation_when_the_clock_is_set_back(operation: Operation) -> None:
    held = work_on_database(seconds=1)
    set_clock(operation, -HOUR)

    assert claim() == []
    assert held.journal.renew() is False


def test_a_few_seconds_of_waiting_for_a_worker_change_nothing(operation: Operation) -> None:
    work_on_database(seconds=120).journal.park(5)
    set_clock(operation, 30)

    assert elapsed(claim()[0]) == pytest.approx(150, abs=10)


def test_the_run_counts_by_the_databases_clock_whatever_this_host_says(
    operation: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + HOUR)

    (held,) = claim()

    assert Run(held, Timing()).now() == pytest.approx(real(), abs=5)
