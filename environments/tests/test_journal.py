"""The journal in Postgres: leases, fences, and waking in time."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from environments.jobs import connection_to
from environments.journal import LEASE_SECONDS, DatabaseJournal, DatabaseSource
from environments.models import Operation, Request
from provisioning.aws import AccountAccess, Connection
from provisioning.errors import LeaseLost
from provisioning.journal import Claim, Entry, Line, Result
from provisioning.resource import Recorded, Standing
from provisioning.run import Run
from provisioning.steps import StepStatus
from provisioning.timing import Timing


@pytest.fixture
def operation(approved: Request) -> Operation:
    return approved.operations.get()


def claim() -> list[Claim]:
    return list(DatabaseSource(connect=connection_to).claim(10))


def test_an_operation_is_claimed_by_one_worker_at_a_time(operation: Operation) -> None:
    assert [one.operation for one in claim()] == [str(operation.pk)]
    assert claim() == []


def test_whoever_lost_the_lease_can_write_nothing(operation: Operation) -> None:
    first = claim()[0]
    Operation.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    second = claim()[0]

    for attempt in (first.journal.renew, lambda: first.journal.finish(Result.SUCCEEDED)):
        with pytest.raises(LeaseLost):
            attempt()
    assert second.journal.renew() is False


def test_a_worker_that_stood_still_before_it_read_what_it_claimed_does_not_get_the_fence_of_the_next(
    operation: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    others: list[Claim] = []
    read = Operation.objects.filter

    def after_standing_still(**conditions: object) -> object:
        monkeypatch.undo()
        Operation.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        others.extend(claim())
        return read(**conditions)

    monkeypatch.setattr(Operation.objects, "filter", after_standing_still)
    mine = claim()

    assert len(others) == 1
    assert mine == []
    assert others[0].journal.renew() is False


def test_a_lease_is_counted_from_before_the_claim_not_from_when_everything_was_loaded(
    operation: Operation,
) -> None:
    def slowly(access: AccountAccess, region: str) -> Connection:
        time.sleep(0.2)
        return connection_to(access, region)

    (held,) = DatabaseSource(connect=slowly).claim(1)

    assert time.monotonic() - Run(held, Timing()).lease_until + held.lease_seconds >= 0.2


def test_a_parked_operation_sleeps_until_its_time(operation: Operation) -> None:
    claim()[0].journal.park(300)

    assert claim() == []


def test_one_that_was_cancelled_meanwhile_is_due_at_once(operation: Operation) -> None:
    held = claim()[0]
    Operation.objects.update(cancel_requested=True)

    held.journal.park(300)

    assert [one.cancelled for one in claim()] == [True]


def test_one_that_cannot_be_read_does_not_hold_up_the_others(operation: Operation) -> None:
    Operation.objects.filter(pk=operation.pk).update(raw_spec={"nonsense": True})

    assert claim() == []

    operation.refresh_from_db()
    assert operation.fence == 1, "it was taken, and is due again when its lease has run out"


def test_a_journal_under_an_old_fence_is_closed(operation: Operation) -> None:
    claim()
    operation.refresh_from_db()
    old = DatabaseJournal(
        operation_id=operation.pk, environment_id=operation.environment_id, fence=operation.fence - 1
    )

    with pytest.raises(LeaseLost):
        old.renew()


def test_an_entry_is_written_whole_in_one_statement(
    operation: Operation, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    held = claim()[0]
    vpc, bucket = held.states["vpc"], held.states["files"]
    made = Recorded(key="vpc", kind="ec2.vpc", name="shop", props={}, id="vpc-1", standing=Standing.MADE)
    entry = Entry(
        states=[
            vpc.evolve(status=StepStatus.RUNNING),
            bucket.evolve(status=StepStatus.RUNNING),
            vpc.evolve(status=StepStatus.SUCCEEDED, note="it's «done»"),
        ],
        resources=[made.model_copy(update={"id": None}), made],
        lines=[
            Line(at=1_800_000_000.5, step="vpc", text="done"),
            Line(at=1_800_000_001, step="vpc", text="100 %"),
        ],
    )

    with django_assert_num_queries(1):
        assert held.journal.write(entry) is False

    states = {step.key: step.state for step in operation.steps.all()}
    assert states["vpc"].status is StepStatus.SUCCEEDED
    assert states["vpc"].note == "it's «done»"
    assert states["files"].status is StepStatus.RUNNING
    assert operation.environment.resources.get().recorded == made
    assert [(line.at.timestamp(), line.text) for line in operation.lines.all()] == [
        (1_800_000_000.5, "done"),
        (1_800_000_001.0, "100 %"),
    ]


def test_what_is_recorded_again_replaces_what_was(operation: Operation) -> None:
    held = claim()[0]
    made = Recorded(key="vpc", kind="ec2.vpc", name="shop", props={}, id="vpc-1", standing=Standing.MADE)

    held.journal.write(Entry(resources=[made]))
    held.journal.write(Entry(resources=[made.model_copy(update={"standing": Standing.GONE})]))

    assert operation.environment.resources.get().recorded.standing is Standing.GONE


def test_an_entry_of_whoever_lost_the_lease_leaves_no_trace(operation: Operation) -> None:
    first = claim()[0]
    Operation.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    claim()
    made = Recorded(key="vpc", kind="ec2.vpc", name="shop", props={}, id="vpc-1", standing=Standing.MADE)

    with pytest.raises(LeaseLost):
        first.journal.write(
            Entry(
                states=[first.states["vpc"].evolve(status=StepStatus.SUCCEEDED)],
                resources=[made],
                lines=[Line(at=1.0, step="vpc", text="done")],
            )
        )

    assert operation.steps.get(key="vpc").state.status is StepStatus.PENDING
    assert not operation.environment.resources.exists()
    assert not operation.lines.exists()


def test_a_worker_that_stands_still_in_a_transaction_loses_it_before_its_lease(operation: Operation) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        (timeout,) = cursor.fetchone() or ("",)

    assert 0 < int(timeout.removesuffix("s")) < LEASE_SECONDS
