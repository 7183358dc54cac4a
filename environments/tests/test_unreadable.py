"""Rows that make no sense (of another version, or changed by hand): nobody is left waiting, AWS is left alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import NoReturn

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from environments.choices import Lifecycle, Notice, OperationStatus, RequestStatus
from environments.jobs import connection_to
from environments.journal import TRIES, DatabaseSource
from environments.models import Environment, Notification, Operation, Request, ResourceRecord
from environments.services import operations
from environments.tests.conftest import acting, end, record
from environments.tests.test_api import call, key
from provisioning.aws import AccountAccess, Connection
from provisioning.journal import Claim, Result


@pytest.fixture
def operation(approved: Request) -> Operation:
    """The building of alice's environment; one thing of it is recorded."""
    found = approved.operations.get()
    record(found.environment, next(one for one in approved.plan.changes if one.key == "vpc"))
    return found


def no_aws(access: AccountAccess, region: str) -> NoReturn:
    raise AssertionError("AWS was touched")


def look(times: int = 1, connect: Callable[[AccountAccess, str], Connection] = no_aws) -> list[Claim]:
    """What a worker gets that looks so often, each time after the last lease has run out."""
    claims: list[Claim] = []
    for _ in range(times):
        claims += DatabaseSource(connect=connect).claim(10)
        Operation.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    return claims


def spec(operation: Operation) -> None:
    Operation.objects.filter(pk=operation.pk).update(raw_spec={"of": "another version"})


def step(operation: Operation) -> None:
    operation.steps.filter(key="database").update(raw_step={"of": "another version"})


def state(operation: Operation) -> None:
    operation.steps.filter(key="database").update(raw_state={"of": "another version"})


def resource(operation: Operation) -> None:
    operation.environment.resources.update(raw={"of": "another version"})


def kind(operation: Operation) -> None:
    row = operation.steps.get(key="database")
    row.raw_step["target"]["kind"] = "quantum.computer"
    row.save()


SPOILT = pytest.mark.parametrize("spoil", [spec, step, state, resource, kind])
Spoil = Callable[[Operation], None]


@SPOILT
def test_an_operation_that_cannot_be_read_ends_after_a_few_tries_and_people_are_told(
    operation: Operation, alice: User, spoil: Spoil
) -> None:
    spoil(operation)

    look(TRIES - 1)
    operation.refresh_from_db()
    assert operation.is_open, "another version may still read it"

    look()
    operation.refresh_from_db()
    assert (operation.status, operation.owner) == (OperationStatus.FAILED, "")
    assert operation.finished_at is not None
    assert Environment.objects.get().lifecycle == Lifecycle.FAILED
    assert Request.objects.get().status == RequestStatus.FAILED
    assert Notification.objects.filter(user=alice, key=Notice.OPERATION_FAILED).count() == 1
    assert look(3) == []


@SPOILT
def test_its_pages_and_calls_say_what_happened_and_what_to_do(
    operation: Operation, alice: User, client: Client, spoil: Spoil
) -> None:
    spoil(operation)
    look(TRIES)
    client.force_login(alice)

    page = client.get(operation.get_absolute_url())
    assert page.status_code == 200
    assert "cannot be read" in page.text
    assert "AWS says" not in page.text
    assert "Retry from here" in page.text

    told = call(key(alice), "GET", f"operations/{operation.pk}").json()
    assert (told["status"], told["error"]["code"]) == ("failed", "operation.unreadable")
    assert told["error"]["message"] and told["error"]["hint"]


@SPOILT
def test_the_pages_of_its_environment_hold(
    operation: Operation, alice: User, client: Client, spoil: Spoil
) -> None:
    spoil(operation)
    look(TRIES)
    client.force_login(alice)
    address = operation.environment.get_absolute_url()

    for path in (
        address,
        f"{address}resources/",
        f"{address}cost/",
        f"{address}activity/",
        f"{address}destroy/",
    ):
        assert client.get(path).status_code == 200, path


def test_what_can_be_read_again_goes_on_and_is_counted_from_nothing(operation: Operation) -> None:
    before = operation.raw_spec
    spec(operation)
    look(TRIES - 1)
    Operation.objects.update(raw_spec=before)

    (held,) = look(connect=connection_to)
    spec(operation)
    look(TRIES - 1)

    operation.refresh_from_db()
    assert held.operation == str(operation.pk)
    assert operation.is_open


def test_one_that_is_to_be_cancelled_is_at_once(operation: Operation, alice: User) -> None:
    spec(operation)
    operations.cancel_operation(operation=operation, by=acting(alice))

    look()

    operation.refresh_from_db()
    assert operation.status == OperationStatus.CANCELLED


def test_retrying_gives_it_all_its_tries_again(operation: Operation, alice: User) -> None:
    spec(operation)
    look(TRIES)
    operations.retry_operation(operation=Operation.objects.get(), by=acting(alice))

    look(TRIES - 1)

    operation.refresh_from_db()
    assert operation.is_open


def test_a_worker_that_lost_the_lease_ends_nothing(
    operation: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = operation.raw_spec
    spec(operation)
    look(TRIES - 1)
    lost: list[Claim] = []
    load = DatabaseSource._claim_of

    def while_another_takes_it(source: DatabaseSource, mine: Operation, taken: object) -> Claim:
        monkeypatch.setattr(DatabaseSource, "_claim_of", load)
        Operation.objects.update(raw_spec=before, lease_until=timezone.now() - timedelta(seconds=1))
        lost.extend(DatabaseSource(connect=connection_to).claim(10))
        return load(source, mine, taken)  # type: ignore[arg-type]  # as it was given

    monkeypatch.setattr(DatabaseSource, "_claim_of", while_another_takes_it)
    assert list(DatabaseSource(connect=no_aws).claim(10)) == []

    operation.refresh_from_db()
    assert operation.is_open
    lost[0].journal.finish(Result.CANCELLED)


def test_destroying_what_cannot_be_read_is_refused_in_words(
    ready: Environment, alice: User, client: Client
) -> None:
    ResourceRecord.objects.update(raw={"of": "another version"})

    answer = call(key(alice), "DELETE", f"environments/{ready.slug}")
    assert (answer.status_code, answer.json()["code"]) == (500, "record.unreadable")
    assert "nothing was changed" in answer.json()["message"]

    client.force_login(alice)
    client.raise_request_exception = False
    page = client.post(f"{ready.get_absolute_url()}destroy/", {"confirm_name": ready.slug})
    assert page.status_code == 500
    assert "nothing was changed" in page.text
    ready.refresh_from_db()
    assert ready.lifecycle == Lifecycle.READY


def test_an_ordinary_failure_has_its_error_in_the_call_too(operation: Operation, alice: User) -> None:
    row = operation.steps.get(key="vpc")
    row.status = "failed"
    row.raw_state |= {
        "status": "failed",
        "error": {"code": "aws.VpcLimitExceeded", "message": "Full.", "hint": ""},
    }
    row.save()
    end(operation, OperationStatus.FAILED)

    told = call(key(alice), "GET", f"operations/{operation.pk}").json()

    assert told["error"]["code"] == "aws.VpcLimitExceeded"
