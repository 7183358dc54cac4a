"""Destroying: who may ask for it, what stands in its way, and what a rule demands."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from environments.choices import Lifecycle, OperationKind, RequestKind, RequestStatus
from environments.errors import Conflict, InvalidInput, NotAllowed
from environments.models import (
    Environment,
    Operation,
    Request,
    Rule,
)
from environments.services import requests
from environments.tests.conftest import acting


def test_destroying_needs_the_typed_name(ready: Environment, alice: User) -> None:
    with pytest.raises(InvalidInput) as refused:
        requests.request_destroy(environment=ready, confirm_name="shop", by=acting(alice))

    assert refused.value.field == "confirm_name"
    assert ready.operations.open().count() == 0


def test_a_developer_destroys_without_an_approval(ready: Environment, alice: User) -> None:
    asked = requests.request_destroy(environment=ready, confirm_name=ready.slug, by=acting(alice))

    ready.refresh_from_db()
    operation = asked.operations.get()
    assert (asked.kind, asked.status) == (RequestKind.DESTROY, RequestStatus.APPROVED)
    assert ready.lifecycle == Lifecycle.DESTROYING
    assert operation.kind == OperationKind.DESTROY
    assert {record.key for record in operation.steps.all()} == {"vpc", "database"}
    assert asked.estimate.gross == 0
    assert asked.estimate_before is not None and asked.estimate_before.gross > 50


def test_a_rule_can_demand_an_approval_for_destroying(ready: Environment, alice: User, bob: User) -> None:
    Rule.objects.create(name="think twice", kind=RequestKind.DESTROY, approvals=1)

    asked = requests.request_destroy(environment=ready, confirm_name=ready.slug, by=acting(alice))

    assert asked.status == RequestStatus.PENDING
    assert ready.operations.open().count() == 0
    requests.approve(request=asked, seen=asked.hash, by=acting(bob))
    assert ready.operations.open().get().kind == OperationKind.DESTROY


def test_a_denied_destruction_leaves_the_environment_as_it_is(
    ready: Environment, alice: User, bob: User
) -> None:
    Rule.objects.create(name="think twice", kind=RequestKind.DESTROY, approvals=1)
    asked = requests.request_destroy(environment=ready, confirm_name=ready.slug, by=acting(alice))

    requests.deny(request=asked, reason="The fair is tomorrow.", by=acting(bob))

    ready.refresh_from_db()
    assert ready.lifecycle == Lifecycle.READY
    assert ready.destroyed_at is None


def test_a_protected_environment_refuses_to_be_destroyed(ready: Environment, alice: User) -> None:
    Environment.objects.update(protected=True)
    ready.refresh_from_db()

    with pytest.raises(Conflict) as refused:
        requests.request_destroy(environment=ready, confirm_name=ready.slug, by=acting(alice))

    assert refused.value.code == "environment.protected"


def test_what_was_protected_after_it_was_asked_for_is_not_destroyed(
    ready: Environment, alice: User, bob: User
) -> None:
    Rule.objects.create(name="think twice", kind=RequestKind.DESTROY, approvals=1)
    asked = requests.request_destroy(environment=ready, confirm_name=ready.slug, by=acting(alice))
    Environment.objects.update(protected=True)

    with pytest.raises(Conflict) as refused:
        requests.approve(request=asked, seen=asked.hash, by=acting(bob))

    asked.refresh_from_db()
    assert refused.value.code == "environment.protected"
    assert asked.status == RequestStatus.PENDING
    assert Environment.objects.get().lifecycle == Lifecycle.READY


def test_a_stale_copy_does_not_get_round_protection(ready: Environment, alice: User) -> None:
    Environment.objects.update(protected=True)

    with pytest.raises(Conflict):
        requests.request_destroy(environment=ready, confirm_name=ready.slug, by=acting(alice))


def test_while_an_operation_is_under_way_another_is_refused_and_named(approved: Request, alice: User) -> None:
    operation = Operation.objects.get()

    with pytest.raises(Conflict) as refused:
        requests.request_destroy(
            environment=approved.environment, confirm_name=approved.environment.slug, by=acting(alice)
        )

    assert refused.value.code == "operation.blocked"
    assert f"#{operation.pk}" in refused.value.message


def test_viewers_cannot_destroy(ready: Environment, victor: User) -> None:
    with pytest.raises(NotAllowed):
        requests.request_destroy(environment=ready, confirm_name=ready.slug, by=acting(victor))


def test_an_environment_that_was_only_asked_for_is_not_destroyed_but_withdrawn(
    request_of_alice: Request, alice: User
) -> None:
    with pytest.raises(Conflict) as refused:
        requests.request_destroy(
            environment=request_of_alice.environment,
            confirm_name=request_of_alice.environment.slug,
            by=acting(alice),
        )

    assert f"#{request_of_alice.pk}" in refused.value.message
