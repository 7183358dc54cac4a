"""Two at once: what two people do in the same moment happens once, and the second reads why."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Model, QuerySet

from environments.choices import OperationStatus
from environments.models import Application, Environment, Operation, Request, Rule
from environments.services import operations, requests
from environments.services.proposals import Wish
from environments.tests.conftest import acting, end
from provisioning.errors import ProvisioningError

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(held: QuerySet[Model], *acts: Callable[[], object]) -> list[BaseException | None]:
    """Do all of them in threads; what each of them raised.

    The rows `held` are locked until every thread waits for them (or one second has passed): each has then read
    what it reads before its first lock or write, so that they really meet.
    """
    raised: list[BaseException | None] = [None] * len(acts)

    def run(number: int, act: Callable[[], object]) -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 # judged by the test, in the test's own thread
            raised[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    with transaction.atomic():
        list(held.select_for_update())
        for thread in threads:
            thread.start()
        _wait_until_blocked(len(acts))
    for thread in threads:
        thread.join(30)
    return raised


def _wait_until_blocked(number: int) -> None:
    give_up = time.monotonic() + 1
    with connection.cursor() as cursor:
        while time.monotonic() < give_up:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # a transaction sees one moment otherwise
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            if cursor.fetchone()[0] >= number:
                return
            time.sleep(0.01)


def only_one_was_refused(raised: list[BaseException | None]) -> bool:
    """All but one went through, and that one was told why."""
    refused = [error for error in raised if error is not None]
    return len(refused) == len(raised) - 1 and all(isinstance(one, ProvisioningError) for one in refused)


def test_two_approvals_at_once_start_one_operation(request_of_alice: Request, bob: User, ada: User) -> None:
    raised = at_once(
        Request.objects.all(),
        *(
            lambda by=person: requests.approve(
                request=request_of_alice, seen=request_of_alice.hash, by=acting(by)
            )
            for person in (bob, ada)
        ),
    )

    assert only_one_was_refused(raised), raised
    assert Operation.objects.count() == 1


def test_of_two_approvals_that_are_both_needed_neither_is_lost(
    wish: Wish, alice: User, bob: User, ada: User
) -> None:
    Rule.objects.create(name="two", approvals=2)
    asked = requests.create_request(wish=wish, by=acting(alice))

    raised = at_once(
        Request.objects.all(),
        lambda: requests.approve(request=asked, seen=asked.hash, by=acting(bob)),
        lambda: requests.approve(request=asked, seen=asked.hash, by=acting(ada)),
    )

    assert raised == [None, None]
    assert Operation.objects.count() == 1


def test_one_name_is_given_once(wish: Wish, alice: User, bob: User) -> None:
    raised = at_once(
        Application.objects.all(),
        lambda: requests.create_request(wish=wish, by=acting(alice)),
        lambda: requests.create_request(wish=wish, by=acting(bob)),
    )

    assert only_one_was_refused(raised), raised
    assert Environment.objects.count() == 1


def test_an_environment_is_destroyed_once(ready: Environment, alice: User, bob: User) -> None:
    raised = at_once(
        Environment.objects.all(),
        *(
            lambda by=person: requests.request_destroy(
                environment=ready, confirm_name=ready.slug, by=acting(by)
            )
            for person in (alice, bob)
        ),
    )

    assert only_one_was_refused(raised), raised
    assert Operation.objects.open().count() == 1


def test_retrying_and_rolling_back_at_once_is_one_of_them(approved: Request, alice: User, bob: User) -> None:
    operation = approved.operations.get()
    end(operation, OperationStatus.FAILED)

    raised = at_once(
        Environment.objects.all(),
        lambda: operations.retry_operation(operation=operation, by=acting(alice)),
        lambda: operations.roll_back_operation(operation=operation, by=acting(bob)),
    )

    assert only_one_was_refused(raised), raised
    assert Operation.objects.open().count() == 1


def test_retrying_and_destroying_at_once_is_one_of_them(approved: Request, alice: User, bob: User) -> None:
    operation = approved.operations.get()
    end(operation, OperationStatus.FAILED)
    environment = Environment.objects.get()

    raised = at_once(
        Environment.objects.all(),
        lambda: operations.retry_operation(operation=operation, by=acting(alice)),
        lambda: requests.request_destroy(
            environment=environment, confirm_name=environment.slug, by=acting(bob)
        ),
    )

    assert only_one_was_refused(raised), raised
    assert Operation.objects.open().count() == 1
