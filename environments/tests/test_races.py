"""Two at once: what two people do in the same moment happens once, and the second reads why."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection

from environments.choices import OperationStatus
from environments.models import Environment, Operation, Request, Rule
from environments.services import operations, requests
from environments.services.proposals import Wish
from environments.tests.conftest import acting, end
from provisioning.errors import ProvisioningError

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> list[BaseException | None]:
    """Do all of them in threads that start together; what each of them raised."""
    start = threading.Barrier(len(acts))
    raised: list[BaseException | None] = [None] * len(acts)

    def run(number: int, act: Callable[[], object]) -> None:
        try:
            start.wait(10)
            act()
        except Exception as error:  # noqa: BLE001 # judged by the test, in the test's own thread
            raised[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return raised


def only_one_was_refused(raised: list[BaseException | None]) -> bool:
    """All but one went through, and that one was told why."""
    refused = [error for error in raised if error is not None]
    return len(refused) == len(raised) - 1 and all(isinstance(one, ProvisioningError) for one in refused)


def test_two_approvals_at_once_start_one_operation(request_of_alice: Request, bob: User, ada: User) -> None:
    raised = at_once(
        *(
            lambda by=person: requests.approve(
                request=request_of_alice, seen=request_of_alice.hash, by=acting(by)
            )
            for person in (bob, ada)
        )
    )

    assert only_one_was_refused(raised), raised
    assert Operation.objects.count() == 1


def test_of_two_approvals_that_are_both_needed_neither_is_lost(
    wish: Wish, alice: User, bob: User, ada: User
) -> None:
    Rule.objects.create(name="two", approvals=2)
    asked = requests.create_request(wish=wish, by=acting(alice))

    raised = at_once(
        lambda: requests.approve(request=asked, seen=asked.hash, by=acting(bob)),
        lambda: requests.approve(request=asked, seen=asked.hash, by=acting(ada)),
    )

    assert raised == [None, None]
    assert Operation.objects.count() == 1


def test_one_name_is_given_once(wish: Wish, alice: User, bob: User) -> None:
    raised = at_once(
        lambda: requests.create_request(wish=wish, by=acting(alice)),
        lambda: requests.create_request(wish=wish, by=acting(bob)),
    )

    assert only_one_was_refused(raised), raised
    assert Environment.objects.count() == 1


def test_an_environment_is_destroyed_once(ready: Environment, alice: User, bob: User) -> None:
    raised = at_once(
        *(
            lambda by=person: requests.request_destroy(
                environment=ready, confirm_name=ready.slug, by=acting(by)
            )
            for person in (alice, bob)
        )
    )

    assert only_one_was_refused(raised), raised
    assert Operation.objects.open().count() == 1


def test_retrying_and_rolling_back_at_once_is_one_of_them(approved: Request, alice: User, bob: User) -> None:
    operation = approved.operations.get()
    end(operation, OperationStatus.FAILED)

    raised = at_once(
        lambda: operations.retry_operation(operation=operation, by=acting(alice)),
        lambda: operations.roll_back_operation(operation=operation, by=acting(bob)),
    )

    assert only_one_was_refused(raised), raised
    assert Operation.objects.open().count() == 1
