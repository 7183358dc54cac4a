"""Operations: one at a time, cancel, retry, roll back, and what follows from an end."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from environments.choices import (
    Drift,
    Health,
    Lifecycle,
    OperationKind,
    OperationStatus,
    RequestStatus,
)
from environments.errors import Conflict, NotAllowed
from environments.models import Environment, Operation, Request, ResourceRecord, StepRecord, UsualDuration
from environments.services import operations, requests
from environments.services.proposals import Wish
from environments.tests.conftest import acting, end, record
from provisioning.steps import StepPhase, StepStatus


@pytest.fixture
def operation(approved: Request) -> Operation:
    """The building of alice's environment, queued."""
    return approved.operations.get()


@pytest.fixture
def failed(operation: Operation) -> Operation:
    """The same after its network was made and its database failed: nothing else was begun."""
    changes = {change.key: change for change in operation.request.plan.changes} if operation.request else {}
    record(operation.environment, changes["vpc"])
    record(operation.environment, changes["database"])
    set_state(operation, "vpc", status=StepStatus.SUCCEEDED, attempts=1)
    set_state(operation, "database", status=StepStatus.FAILED, attempts=2, phase=StepPhase.SETTLING)
    end(operation, OperationStatus.FAILED)
    operation.refresh_from_db()
    return operation


def set_state(operation: Operation, key: str, **changes: object) -> None:
    """What the engine would have written of a step."""
    row = operation.steps.get(key=key)
    state = row.state.evolve(**changes)
    row.status, row.raw_state = state.status.value, state.model_dump(mode="json")
    row.save()


def test_a_fresh_operation_is_due_at_once(operation: Operation) -> None:
    assert list(Operation.objects.due(timezone.now())) == [operation]
    assert {row.status for row in operation.steps.all()} == {StepStatus.PENDING}


@pytest.mark.parametrize(
    "changes",
    [
        {"status": OperationStatus.SUCCEEDED},
        {"status": OperationStatus.WAITING, "wake_at": timezone.now() + timedelta(hours=1)},
        {
            "status": OperationStatus.RUNNING,
            "owner": "host/7",
            "lease_until": timezone.now() + timedelta(hours=1),
        },
    ],
    ids=["ended", "parked until later", "in living hands"],
)
def test_what_is_ended_parked_or_owned_is_not_due(operation: Operation, changes: dict[str, object]) -> None:
    Operation.objects.update(**changes)

    assert not Operation.objects.due(timezone.now()).exists()


def test_an_operation_whose_owner_died_is_due_again(operation: Operation) -> None:
    past = timezone.now() - timedelta(seconds=1)
    Operation.objects.update(status=OperationStatus.RUNNING, owner="gone", lease_until=past)

    assert Operation.objects.due(timezone.now()).count() == 1


def test_the_database_keeps_a_second_open_operation_out(operation: Operation, alice: User) -> None:
    with (
        pytest.raises(IntegrityError, match="one_open_operation_per_environment"),
        transaction.atomic(),
    ):
        Operation.objects.create(
            environment=operation.environment, kind=OperationKind.DESTROY, raw_spec={}, requested_by=alice
        )


def test_the_doorbell_rings_only_once_the_work_is_committed(
    request_of_alice: Request, bob: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        requests.approve(request=request_of_alice, seen=request_of_alice.hash, by=acting(bob))

    assert [callback.__name__ for callback in callbacks] == ["ring"]


# Cancel ----------------------------------------------------------------------------------------------------------


def test_cancelling_wakes_a_parked_operation(operation: Operation, alice: User) -> None:
    later = timezone.now() + timedelta(hours=1)
    Operation.objects.update(status=OperationStatus.WAITING, wake_at=later)

    operations.cancel_operation(operation=operation, by=acting(alice))

    due = Operation.objects.due(timezone.now()).get()
    assert due.cancel_requested


def test_an_ended_operation_cannot_be_cancelled(failed: Operation, alice: User) -> None:
    with pytest.raises(Conflict) as refused:
        operations.cancel_operation(operation=failed, by=acting(alice))

    assert refused.value.code == "operation.ended"


def test_viewers_and_strangers_operate_nothing(failed: Operation, victor: User, mallory: User) -> None:
    for person in (victor, mallory):
        for act in (
            operations.cancel_operation,
            operations.retry_operation,
            operations.roll_back_operation,
        ):
            with pytest.raises(NotAllowed):
                act(operation=failed, by=acting(person))


# Retry -----------------------------------------------------------------------------------------------------------


def test_a_retry_goes_on_from_the_failed_step_and_looks_before_it_acts(
    failed: Operation, alice: User
) -> None:
    again = operations.retry_operation(operation=failed, by=acting(alice))

    database = again.steps.get(key="database")
    assert (database.status, database.state.phase) == (StepStatus.PENDING, StepPhase.LOOKING)
    assert database.state.attempts == 2
    assert again.steps.get(key="vpc").status == StepStatus.SUCCEEDED
    assert again.status == OperationStatus.QUEUED
    assert again.environment.lifecycle == Lifecycle.BUILDING
    assert again.request is not None and again.request.status == RequestStatus.APPROVED
    assert Operation.objects.due(timezone.now()).count() == 1


def test_what_goes_well_cannot_be_retried(operation: Operation, alice: User) -> None:
    with pytest.raises(Conflict) as refused:
        operations.retry_operation(operation=operation, by=acting(alice))

    assert refused.value.code == "operation.not_retryable"


def test_what_another_operation_came_after_cannot_be_retried(failed: Operation, alice: User) -> None:
    later = operations.roll_back_operation(operation=failed, by=acting(alice))
    end(later, OperationStatus.FAILED)

    with pytest.raises(Conflict) as refused:
        operations.retry_operation(operation=failed, by=acting(alice))

    assert refused.value.code == "operation.superseded"
    assert f"#{later.pk}" in refused.value.message


# Roll back -------------------------------------------------------------------------------------------------------


def test_rolling_back_removes_what_was_tried_and_no_more(failed: Operation, alice: User) -> None:
    back = operations.roll_back_operation(operation=failed, by=acting(alice))

    assert back.kind == OperationKind.ROLLBACK
    assert {row.key for row in back.steps.all()} == {"vpc", "database"}
    assert {row.step.verb for row in back.steps.all()} == {"remove"}


def test_an_environment_of_which_nothing_is_left_is_destroyed(failed: Operation, alice: User) -> None:
    back = operations.roll_back_operation(operation=failed, by=acting(alice))
    forget_all(back.environment)

    end(back, OperationStatus.SUCCEEDED)

    environment = Environment.objects.get()
    assert environment.lifecycle == Lifecycle.DESTROYED
    assert environment.destroyed_at is not None
    assert not Environment.objects.living().exists()
    assert failed.request is not None
    failed.request.refresh_from_db()
    assert failed.request.status == RequestStatus.FAILED


def forget_all(environment: Environment) -> None:
    """As the engine writes it when AWS has nothing any more."""
    for row in ResourceRecord.objects.filter(environment=environment):
        row.raw = {**row.raw, "standing": "gone"}
        row.standing = "gone"
        row.save()


# Ends ------------------------------------------------------------------------------------------------------------


def test_a_success_makes_the_environment_ready(operation: Operation) -> None:
    assert operation.request is not None
    changes = {change.key: change for change in operation.request.plan.changes}
    record(operation.environment, changes["load-balancer"], dns_name="shop.elb.example")

    end(operation, OperationStatus.SUCCEEDED)

    environment = Environment.objects.get()
    assert environment.lifecycle == Lifecycle.READY
    assert (environment.health, environment.drift) == (Health.HEALTHY, Drift.NONE)
    assert environment.url == "http://shop.elb.example"
    assert "repository" not in environment.outputs  # not made here: no unresolved text is shown
    operation.request.refresh_from_db()
    assert operation.request.status == RequestStatus.DONE


@pytest.mark.parametrize("status", [OperationStatus.FAILED, OperationStatus.CANCELLED])
def test_a_bad_end_leaves_an_environment_that_can_be_destroyed(
    operation: Operation, alice: User, status: OperationStatus
) -> None:
    end(operation, status)

    environment = Environment.objects.get()
    assert environment.lifecycle == Lifecycle.FAILED
    asked = requests.request_destroy(environment=environment, confirm_name=environment.slug, by=acting(alice))
    assert asked.operations.get().kind == OperationKind.DESTROY


def test_the_end_overwrites_nothing_that_a_person_changed_meanwhile(operation: Operation) -> None:
    held = Operation.objects.select_related("environment__application__team", "request").get()
    Environment.objects.update(protected=True)

    operations.finish_operation(operation=held, status=OperationStatus.SUCCEEDED)

    assert Environment.objects.get().protected


def test_a_destroy_that_failed_is_not_retried_once_the_environment_is_protected(
    ready: Environment, alice: User
) -> None:
    asked = requests.request_destroy(environment=ready, confirm_name=ready.slug, by=acting(alice))
    failed = asked.operations.get()
    end(failed, OperationStatus.FAILED)
    Environment.objects.update(protected=True)

    with pytest.raises(Conflict) as refused:
        operations.retry_operation(operation=failed, by=acting(alice))

    assert refused.value.code == "environment.protected"
    assert not Operation.objects.open().exists()


def test_a_protected_environment_is_not_taken_back_by_rolling_back_its_making(
    operation: Operation, alice: User
) -> None:
    end(operation, OperationStatus.FAILED)
    Environment.objects.update(protected=True)

    with pytest.raises(Conflict) as refused:
        operations.roll_back_operation(operation=operation, by=acting(alice))

    assert refused.value.code == "environment.protected"
    assert Operation.objects.get().can_retry


def test_durations_are_learnt_from_what_succeeded(operation: Operation) -> None:
    now = time.time()
    set_state(operation, "database", settling_since=now - 300, finished_at=now, started_at=now - 310)

    end(operation, OperationStatus.SUCCEEDED)

    learnt = UsualDuration.objects.get()
    assert (learnt.kind, learnt.verb, learnt.samples) == ("rds.db_instance", "create", 1)
    assert learnt.seconds == pytest.approx(300)


def test_a_guess_gives_way_to_the_first_measure_and_measures_are_averaged(operation: Operation) -> None:
    account = operation.environment.account
    guess = UsualDuration.objects.create(
        account=account, kind="rds.db_instance", verb="create", seconds=10, samples=0
    )
    other = UsualDuration.objects.create(account=account, kind="s3.bucket", verb="create", seconds=1)
    now = time.time()
    set_state(operation, "database", settling_since=now - 300, finished_at=now)

    end(operation, OperationStatus.SUCCEEDED)
    guess.refresh_from_db()
    assert guess.seconds == pytest.approx(300)

    set_state(operation, "database", settling_since=now - 200, finished_at=now)
    end(operation, OperationStatus.SUCCEEDED)
    guess.refresh_from_db()
    other.refresh_from_db()
    assert guess.seconds == pytest.approx(250)
    assert guess.samples == 2
    assert (other.seconds, other.samples) == (1, 1)


def test_the_end_of_a_long_operation_costs_few_questions(
    operation: Operation, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    now = time.time()
    for row in StepRecord.objects.all():
        set_state(operation, row.key, settling_since=now - 5, finished_at=now)

    with django_assert_max_num_queries(20):
        end(operation, OperationStatus.SUCCEEDED)

    assert UsualDuration.objects.count() > 10


def test_a_destroyed_name_can_be_asked_for_again(ready: Environment, alice: User, wish: Wish) -> None:
    asked = requests.request_destroy(environment=ready, confirm_name=ready.slug, by=acting(alice))
    forget_all(ready)
    end(asked.operations.get(), OperationStatus.SUCCEEDED)

    again = requests.create_request(wish=wish, by=acting(alice))

    assert again.environment.slug == ready.slug
    found = Environment.objects.filter(slug=ready.slug).newest_first()
    assert list(found) == [again.environment, ready]
