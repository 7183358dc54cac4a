"""Rules: how many approvals a request needs, and whose."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from environments.choices import RequestStatus
from environments.models import Operation, Request, Rule
from environments.services import requests
from environments.services.proposals import Wish
from environments.tests.conftest import acting


def test_without_rules_one_approval_is_needed(request_of_alice: Request) -> None:
    assert request_of_alice.approvals_needed == 1


def test_the_first_active_rule_that_fits_decides(wish: Wish, alice: User) -> None:
    Rule.objects.create(name="switched off", position=1, approvals=0, active=False)
    Rule.objects.create(name="another phase", position=2, phase="mvp", approvals=0)
    Rule.objects.create(name="too cheap for this", position=3, cost_up_to=Decimal(1), approvals=0)
    Rule.objects.create(name="this one", position=4, phase="production", approvals=2)
    Rule.objects.create(name="too late", position=5, approvals=0)

    assert requests.create_request(wish=wish, by=acting(alice)).approvals_needed == 2


def test_a_rule_of_another_team_says_nothing(wish: Wish, alice: User, mallory: User) -> None:
    Rule.objects.create(name="theirs", team=mallory.memberships.get().team, approvals=0)

    assert requests.create_request(wish=wish, by=acting(alice)).approvals_needed == 1


def test_where_a_rule_asks_for_no_approval_building_starts_at_once(wish: Wish, alice: User) -> None:
    Rule.objects.create(name="trusted", approvals=0)

    asked = requests.create_request(wish=wish, by=acting(alice))

    assert asked.status == RequestStatus.APPROVED
    assert Operation.objects.get().requested_by == alice


def test_a_rule_lets_people_approve_their_own(wish: Wish, bob: User) -> None:
    Rule.objects.create(name="grown-ups", approvals=1, own=True)
    asked = requests.create_request(wish=wish, by=acting(bob))

    requests.approve(request=asked, seen=asked.hash, by=acting(bob))

    assert asked.reviews.get().by_rule
    assert Operation.objects.count() == 1


def test_another_approval_is_by_no_rule_even_where_a_rule_allows_ones_own(
    wish: Wish, bob: User, ada: User
) -> None:
    Rule.objects.create(name="grown-ups", approvals=1, own=True)
    asked = requests.create_request(wish=wish, by=acting(bob))

    requests.approve(request=asked, seen=asked.hash, by=acting(ada))

    assert not asked.reviews.get().by_rule


def test_a_rule_asks_for_at_most_two_approvals(db: None) -> None:
    with pytest.raises(IntegrityError, match="at_most_two_approvals"), transaction.atomic():
        Rule.objects.create(name="never", approvals=3)
