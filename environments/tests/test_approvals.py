"""Which approvals count: of exactly what the request says, by people who may approve at the moment of the last one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from environments.choices import RequestStatus, Role
from environments.errors import Conflict, InvalidInput
from environments.models import Membership, Operation, Request, Review, Rule, Team
from environments.services import requests
from environments.services.proposals import Wish
from environments.tests.conftest import acting
from environments.tests.factories import MembershipFactory, UserFactory
from environments.tests.test_api import call, key


@pytest.fixture
def carol(team: Team) -> User:
    """Another approver of the team."""
    return MembershipFactory.create(team=team, user__username="carol", role=Role.APPROVER).user


@pytest.fixture
def half(wish: Wish, alice: User, bob: User) -> Request:
    """Alice's request, which needs two approvals and has bob's."""
    Rule.objects.create(name="two", approvals=2)
    asked = requests.create_request(wish=wish, by=acting(alice))
    return requests.approve(request=asked, seen=asked.hash, by=acting(bob))


def approve(request: Request, person: User) -> Request:
    return requests.approve(request=request, seen=request.hash, by=acting(person))


def leaves(bob: User) -> None:
    Membership.objects.filter(user=bob).delete()


def becomes_a_developer(bob: User) -> None:
    Membership.objects.filter(user=bob).update(role=Role.DEVELOPER)


def is_deactivated(bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(is_active=False)


@pytest.mark.parametrize("happens", [leaves, becomes_a_developer, is_deactivated])
def test_an_approval_of_somebody_who_no_longer_may_does_not_count(
    half: Request, bob: User, carol: User, ada: User, happens: Callable[[User], None]
) -> None:
    happens(bob)

    approve(half, carol)
    assert not Operation.objects.exists()
    assert Request.objects.get().status == RequestStatus.PENDING

    approve(half, ada)
    assert Operation.objects.count() == 1


def test_an_approval_of_a_platform_admin_counts_while_they_are_one(half: Request, carol: User) -> None:
    eve = UserFactory.create(username="eve", is_superuser=True)
    Review.objects.update(reviewer=eve)
    User.objects.filter(pk=eve.pk).update(is_superuser=False)

    approve(half, carol)

    assert not Operation.objects.exists()


def test_their_own_approval_counts_only_while_the_rule_lets_people_approve_their_own(
    wish: Wish, bob: User, carol: User
) -> None:
    rule = Rule.objects.create(name="two", approvals=2, own=True)
    asked = requests.create_request(wish=wish, by=acting(bob))
    approve(asked, bob)
    Request.objects.update(status=RequestStatus.STALE)
    Rule.objects.filter(pk=rule.pk).update(own=False)

    renewed = requests.renew(request=asked, by=acting(bob))
    approve(renewed, carol)

    assert renewed.hash == asked.hash
    assert not Operation.objects.exists()


def test_who_may_approve_again_completes_the_approvals_by_saying_yes_again(
    half: Request, bob: User, carol: User
) -> None:
    is_deactivated(bob)
    approve(half, carol)
    User.objects.filter(pk=bob.pk).update(is_active=True)

    approve(half, User.objects.get(pk=bob.pk))

    assert Operation.objects.count() == 1
    assert Review.objects.count() == 2


def test_an_approval_says_what_was_seen(request_of_alice: Request, bob: User) -> None:
    with pytest.raises(InvalidInput) as refused:
        requests.approve(request=request_of_alice, seen="", by=acting(bob))

    assert refused.value.field == "hash"
    assert not Review.objects.exists()


@pytest.mark.parametrize("body", [{}, {"hash": ""}, {"hash": None}, {"comment": "fine"}])
def test_the_api_takes_no_approval_without_the_hash_of_what_was_read(
    request_of_alice: Request, bob: User, body: dict[str, object]
) -> None:
    answer = call(key(bob), "POST", f"requests/{request_of_alice.pk}/approve", body)

    assert answer.status_code == 422, answer.content
    assert (answer.json()["code"], answer.json()["field"]) == ("input.invalid", "hash")
    assert answer.json()["message"] and answer.json()["hint"]
    assert not Operation.objects.exists()


def test_the_api_refuses_an_approval_of_what_the_request_said_before(
    request_of_alice: Request, bob: User
) -> None:
    answer = call(key(bob), "POST", f"requests/{request_of_alice.pk}/approve", {"hash": "0" * 64})

    assert (answer.status_code, answer.json()["code"]) == (409, "request.changed")
    assert answer.json()["field"] == "hash"


def test_the_api_refuses_what_went_out_of_date(
    request_of_alice: Request, bob: User, application_image: None
) -> None:
    path = f"requests/{request_of_alice.pk}/approve"
    answer = call(key(bob), "POST", path, {"hash": request_of_alice.hash})

    assert (answer.status_code, answer.json()["code"]) == (409, "request.stale")


def test_a_second_yes_of_one_person_is_refused_while_others_are_missing(half: Request, bob: User) -> None:
    with pytest.raises(Conflict):
        approve(half, bob)

    assert Review.objects.count() == 1


def test_the_page_says_that_another_approval_is_missing(
    wish: Wish, alice: User, bob: User, client: Client
) -> None:
    Rule.objects.create(name="two", approvals=2)
    asked = requests.create_request(wish=wish, by=acting(alice))
    client.force_login(bob)

    answer = client.post(f"/requests/{asked.pk}/approve/", {"hash": asked.hash}, follow=True)

    assert "It waits for another approval." in answer.text
