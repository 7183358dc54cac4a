"""Requests: what can be asked for, who decides, and what an approval binds to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from environments.choices import Lifecycle, OperationKind, RequestStatus, Role, Verdict
from environments.errors import Conflict, InvalidInput, NotAllowed
from environments.models import (
    Account,
    AuditLine,
    Environment,
    Membership,
    Operation,
    Request,
    Review,
    Rule,
)
from environments.services import requests
from environments.services.proposals import Wish
from environments.tests.conftest import acting
from environments.tests.factories import AccountFactory, ApplicationFactory
from provisioning.errors import ProvisioningError
from provisioning.steps import Verb


def test_a_request_holds_the_plan_the_price_and_their_hash(request_of_alice: Request) -> None:
    assert request_of_alice.status == RequestStatus.PENDING
    assert len(request_of_alice.plan.changes) > 30
    assert request_of_alice.estimate.gross > 50
    assert not request_of_alice.estimate.partial
    assert len(request_of_alice.hash) == 64
    assert request_of_alice.environment.lifecycle == Lifecycle.REQUESTED
    assert not Operation.objects.exists()


def test_approval_starts_exactly_the_planned_steps(approved: Request) -> None:
    operation = approved.environment.operations.get()

    assert approved.status == RequestStatus.APPROVED
    assert approved.environment.lifecycle == Lifecycle.BUILDING
    assert operation.kind == OperationKind.PROVISION
    planned = [change.key for change in approved.plan.changes]
    steps = [record.step for record in operation.steps.all()]
    assert [step.target.key for step in steps if step.verb is not Verb.CHECK] == planned
    assert steps[0].verb is Verb.CHECK


def test_nobody_approves_their_own_request(wish: Wish, bob: User) -> None:
    own = requests.create_request(wish=wish, by=acting(bob))

    with pytest.raises(NotAllowed) as refused:
        requests.approve(request=own, seen=own.hash, by=acting(bob))

    assert refused.value.code == "request.own"
    assert not Operation.objects.exists()


def test_the_database_itself_keeps_reviewer_and_requester_apart(
    request_of_alice: Request, alice: User
) -> None:
    with pytest.raises(IntegrityError, match="nobody_approves_their_own_request"), transaction.atomic():
        Review.objects.create(
            request=request_of_alice,
            reviewer=alice,
            requester=alice,
            verdict=Verdict.APPROVE,
            hash=request_of_alice.hash,
        )


def test_a_developer_cannot_approve_for_others(wish: Wish, bob: User, alice: User) -> None:
    of_bob = requests.create_request(wish=wish, by=acting(bob))

    with pytest.raises(NotAllowed):
        requests.approve(request=of_bob, seen=of_bob.hash, by=acting(alice))


def test_a_platform_admin_may_approve(request_of_alice: Request, ada: User) -> None:
    requests.approve(request=request_of_alice, seen=request_of_alice.hash, by=acting(ada))

    assert Operation.objects.count() == 1


def test_an_approval_of_something_else_is_refused(request_of_alice: Request, bob: User) -> None:
    with pytest.raises(Conflict) as refused:
        requests.approve(request=request_of_alice, seen="0" * 64, by=acting(bob))

    assert refused.value.code == "request.changed"
    assert not Review.objects.exists()


def test_a_second_approval_of_one_person_does_not_count_twice(
    wish: Wish, alice: User, bob: User, ada: User
) -> None:
    Rule.objects.create(name="two", approvals=2)
    asked = requests.create_request(wish=wish, by=acting(alice))

    requests.approve(request=asked, seen=asked.hash, by=acting(bob))
    with pytest.raises(Conflict):
        requests.approve(request=asked, seen=asked.hash, by=acting(bob))
    assert not Operation.objects.exists()

    requests.approve(request=asked, seen=asked.hash, by=acting(ada))
    assert Operation.objects.count() == 1


def test_a_closed_request_cannot_be_decided_again(approved: Request, ada: User) -> None:
    with pytest.raises(Conflict) as refused:
        requests.approve(request=approved, seen=approved.hash, by=acting(ada))

    assert refused.value.code == "request.closed"
    assert Operation.objects.count() == 1


def test_a_denial_needs_a_reason(request_of_alice: Request, bob: User) -> None:
    with pytest.raises(InvalidInput) as refused:
        requests.deny(request=request_of_alice, reason="  ", by=acting(bob))

    assert refused.value.field == "reason"


def test_a_denied_request_gives_the_name_back(
    request_of_alice: Request, wish: Wish, alice: User, bob: User
) -> None:
    requests.deny(request=request_of_alice, reason="Use the existing one.", by=acting(bob))

    again = requests.create_request(wish=wish, by=acting(alice))

    assert again.environment.slug == request_of_alice.environment.slug
    assert again.environment.identity != request_of_alice.environment.identity


def test_its_requester_can_cancel_a_request(request_of_alice: Request, alice: User) -> None:
    cancelled = requests.cancel(request=request_of_alice, by=acting(alice))

    assert cancelled.status == RequestStatus.CANCELLED
    assert not Environment.objects.living().exists()


def test_a_stranger_cannot_cancel_nor_comment(request_of_alice: Request, mallory: User) -> None:
    with pytest.raises(ProvisioningError):
        requests.cancel(request=request_of_alice, by=acting(mallory))
    with pytest.raises(ProvisioningError):
        requests.comment(request=request_of_alice, text="hello", by=acting(mallory))

    assert not Review.objects.exists()


def test_a_request_can_expire_its_environment(wish: Wish, alice: User, bob: User) -> None:
    asked = requests.create_request(wish=wish, expires_in_days=7, by=acting(alice))

    requests.approve(request=asked, seen=asked.hash, by=acting(bob))

    asked.environment.refresh_from_db()
    assert asked.environment.expires_at is not None
    assert 6 < (asked.environment.expires_at - timezone.now()).total_seconds() / 86400 <= 7


# Bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "Staging"}, "name"),
        ({"name": "a--b"}, "name"),
        ({"name": "-a"}, "name"),
        ({"name": "a-"}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"name": "prod\n"}, "name"),
        ({"region": "mars-north-1"}, "region"),
        ({"architecture": "mainframe"}, "architecture"),
        ({"options": {"colour": "blue"}}, "colour"),
        ({"options": {"min_tasks": 0}}, "min_tasks"),
        ({"options": {"database_storage": 10**6}}, "database_storage"),
        ({"usage": {"requests": -1}}, "requests"),
        ({"usage": {"unheard_of": 1}}, "unheard_of"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_nothing_changes(
    wish: Wish, alice: User, change: dict[str, object], field: str
) -> None:
    with pytest.raises(ProvisioningError) as refused:
        requests.create_request(wish=replace(wish, **change), by=acting(alice))  # type: ignore[arg-type]

    assert refused.value.field == field
    assert refused.value.message and refused.value.hint
    assert not Environment.objects.exists()
    assert not AuditLine.objects.exists()


@pytest.mark.parametrize("days", [0, -3, 366])
def test_an_expiry_out_of_bounds_is_refused(wish: Wish, alice: User, days: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        requests.create_request(wish=wish, expires_in_days=days, by=acting(alice))

    assert refused.value.field == "expires_in_days"


def test_a_taken_name_is_refused_at_its_field(request_of_alice: Request, wish: Wish, alice: User) -> None:
    with pytest.raises(InvalidInput) as refused:
        requests.create_request(wish=wish, by=acting(alice))

    assert refused.value.field == "name"
    assert Environment.objects.count() == 1


def test_two_applications_cannot_meet_in_one_address(wish: Wish, alice: User) -> None:
    requests.create_request(wish=replace(wish, name="a-b"), by=acting(alice))
    other = ApplicationFactory.create(team=wish.application.team, slug="shop-a")

    with pytest.raises(InvalidInput) as refused:
        requests.create_request(wish=replace(wish, application=other, name="b"), by=acting(alice))

    assert refused.value.field == "name"


def test_an_account_of_another_team_is_refused(wish: Wish, alice: User) -> None:
    with pytest.raises(InvalidInput) as refused:
        requests.create_request(wish=replace(wish, account=AccountFactory.create()), by=acting(alice))

    assert refused.value.field == "account"


def test_an_inactive_account_is_refused(wish: Wish, account: Account, alice: User) -> None:
    Account.objects.update(active=False)

    with pytest.raises(InvalidInput) as refused:
        requests.create_request(wish=wish, by=acting(alice))

    assert refused.value.field == "account"


def test_viewers_and_strangers_cannot_ask(wish: Wish, victor: User, mallory: User) -> None:
    for person in (victor, mallory):
        with pytest.raises(NotAllowed):
            requests.create_request(wish=wish, by=acting(person))

    assert not Environment.objects.exists()


@pytest.mark.parametrize("name", ["ab", "x" * 30])
def test_names_at_their_limits_give_names_within_those_of_aws(wish: Wish, alice: User, name: str) -> None:
    asked = requests.create_request(wish=replace(wish, name=name), by=acting(alice))

    assert asked.environment.slug == f"shop-{name}"
    names = [change.name for change in asked.plan.changes]
    assert len(set(zip([c.kind for c in asked.plan.changes], names, strict=True))) == len(names)


# What an approval binds to ---------------------------------------------------------------------------------------


def test_a_request_whose_price_or_plan_moved_is_stale_and_not_carried_out(
    request_of_alice: Request, bob: User, application_image: None
) -> None:
    with pytest.raises(Conflict) as refused:
        requests.approve(request=request_of_alice, seen=request_of_alice.hash, by=acting(bob))

    request_of_alice.refresh_from_db()
    assert refused.value.code == "request.stale"
    assert request_of_alice.status == RequestStatus.STALE
    assert not Operation.objects.exists()


def test_a_renewed_request_needs_its_approvals_again(wish: Wish, alice: User, bob: User, ada: User) -> None:
    Rule.objects.create(name="two", approvals=2)
    asked = requests.create_request(wish=wish, by=acting(alice))
    requests.approve(request=asked, seen=asked.hash, by=acting(bob))
    before = asked.hash
    wish.application.image = "shop:2"
    wish.application.save()
    with pytest.raises(Conflict):
        requests.approve(request=asked, seen=asked.hash, by=acting(ada))

    renewed = requests.renew(request=asked, by=acting(alice))

    assert renewed.status == RequestStatus.PENDING
    assert renewed.hash != before
    assert renewed.plan.spec.image == "shop:2"
    requests.approve(request=renewed, seen=renewed.hash, by=acting(ada))
    assert not Operation.objects.exists()
    requests.approve(request=renewed, seen=renewed.hash, by=acting(bob))
    assert Operation.objects.count() == 1


def test_who_may_not_ask_any_more_does_not_renew_either(request_of_alice: Request, alice: User) -> None:
    Request.objects.update(status=RequestStatus.STALE)
    Membership.objects.filter(user=alice).update(role=Role.VIEWER)

    with pytest.raises(NotAllowed):
        requests.renew(request=request_of_alice, by=acting(alice))

    assert Request.objects.get().status == RequestStatus.STALE


def test_a_stale_request_can_be_cancelled(request_of_alice: Request, alice: User, bob: User) -> None:
    Request.objects.update(status=RequestStatus.STALE)

    assert requests.cancel(request=request_of_alice, by=acting(alice)).status == RequestStatus.CANCELLED
