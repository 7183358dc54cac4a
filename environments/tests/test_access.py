"""Who sees and does what: permission is the queryset, and what one may not see is not there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.contrib.auth.models import AnonymousUser, User
from pytest_django import DjangoAssertNumQueries

from environments.choices import Role
from environments.models import (
    Account,
    Application,
    AuditLine,
    Environment,
    Operation,
    Request,
    Team,
)
from environments.querysets import Person
from environments.services import requests
from environments.services.proposals import Wish
from environments.tests.conftest import acting
from environments.tests.factories import AccountFactory, MembershipFactory, TeamFactory

SEEN = [Team, Application, Account, Environment, Request, Operation, AuditLine]


@pytest.mark.parametrize("model", SEEN, ids=lambda model: str(model.__name__))
def test_a_stranger_sees_nothing_of_another_team(
    approved: Request, mallory: User, victor: User, ada: User, model: type[Team]
) -> None:
    nobody = User(username="new")
    inactive = User.objects.create(username="gone", is_active=False, is_superuser=True)
    theirs = model.objects.visible_to(victor)

    assert theirs.exists()
    assert not theirs.intersection(model.objects.visible_to(mallory)).exists()
    assert set(theirs) <= set(model.objects.visible_to(ada))
    for person in (AnonymousUser(), inactive):
        assert not model.objects.visible_to(person).exists()
    nobody.save()
    assert not model.objects.visible_to(nobody).exists()


def test_who_loses_the_role_loses_the_right(approved: Request, alice: User) -> None:
    environments = Environment.objects
    assert environments.changeable_by(alice).exists()

    alice.memberships.update(role=Role.VIEWER)
    assert environments.visible_to(alice).exists()
    assert not environments.changeable_by(alice).exists()

    alice.memberships.all().delete()
    assert not environments.visible_to(alice).exists()


@pytest.mark.parametrize(
    ("role", "changes", "decides", "administers"),
    [
        (Role.VIEWER, False, False, False),
        (Role.DEVELOPER, True, False, False),
        (Role.APPROVER, True, True, False),
        (Role.ADMIN, True, True, True),
    ],
)
def test_each_role_can_do_what_its_name_says(
    request_of_alice: Request, role: Role, changes: bool, decides: bool, administers: bool
) -> None:
    person = MembershipFactory.create(team=Team.objects.get(slug="flowise"), role=role).user

    assert Environment.objects.changeable_by(person).exists() is changes
    assert Request.objects.decidable_by(person).exists() is decides
    assert Environment.objects.administered_by(person).exists() is administers


def test_a_role_in_one_team_is_no_role_in_another(request_of_alice: Request, victor: User) -> None:
    MembershipFactory.create(team=TeamFactory.create(), user=victor, role=Role.ADMIN)

    assert not Request.objects.decidable_by(victor).exists()
    assert not Environment.objects.changeable_by(victor).exists()


def test_who_is_in_two_teams_sees_nothing_twice(approved: Request, alice: User) -> None:
    other = TeamFactory.create()
    MembershipFactory.create(team=other, user=alice)
    Account.objects.get().teams.add(other)

    assert Account.objects.visible_to(alice).count() == 1
    assert Environment.objects.visible_to(alice).count() == 1
    assert Team.objects.visible_to(alice).count() == 2


# The inbox -------------------------------------------------------------------------------------------------------


def test_a_request_waits_for_those_who_can_decide_on_it(
    request_of_alice: Request, alice: User, bob: User, victor: User, mallory: User, ada: User
) -> None:
    waiting = {
        person.username: Request.objects.waiting_for(person).count()
        for person in (alice, bob, victor, mallory, ada)
    }

    assert waiting == {"alice": 0, "bob": 1, "victor": 0, "mallory": 0, "ada": 1}
    assert not Request.objects.waiting_for(AnonymousUser()).exists()


def test_a_decided_request_waits_for_nobody(approved: Request, bob: User) -> None:
    assert not Request.objects.waiting_for(bob).exists()


def test_an_approvers_own_request_does_not_wait_for_them(wish: Wish, bob: User) -> None:
    requests.create_request(wish=wish, by=acting(bob))

    assert not Request.objects.waiting_for(bob).exists()


def test_a_stale_request_waits_for_its_requester(request_of_alice: Request, alice: User, bob: User) -> None:
    Request.objects.update(status="stale")

    assert Request.objects.waiting_for(alice).exists()
    assert not Request.objects.waiting_for(bob).exists()


# Lists cost the same however long they are -----------------------------------------------------------------------


def rows_of(model: type[Environment], person: Person) -> list[str]:
    """What a page's row of this model shows, as text."""
    return [_row(one) for one in model.objects.visible_to(person).for_list()]


def _row(one: object) -> str:
    environment = one if isinstance(one, Environment) else getattr(one, "environment", None)
    assert isinstance(environment, Environment)
    people = [getattr(one, name, "") for name in ("owner", "requester", "requested_by")]
    return f"{one} {environment.application.team} {people}"


@pytest.mark.parametrize("model", [Environment, Request, Operation], ids=lambda model: str(model.__name__))
def test_a_list_is_one_question_with_one_row_and_with_many(
    wish: Wish,
    alice: User,
    bob: User,
    model: type[Environment],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(6):
        asked = requests.create_request(wish=replace(wish, name=f"e{number}"), by=acting(alice))
        requests.approve(request=asked, seen=asked.hash, by=acting(bob))
        if number == 0:
            with django_assert_num_queries(1):
                assert len(rows_of(model, alice)) == 1
    with django_assert_num_queries(1):
        assert len(rows_of(model, alice)) == 6


def test_accounts_are_offered_to_their_teams_alone(account: Account, team: Team) -> None:
    AccountFactory.create()
    AccountFactory.create(teams=[team], active=False)

    assert list(Account.objects.usable_by(team)) == [account]
