"""Notifications and teams, as pages and as calls: everybody reads their own, admins choose who is in a team."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from environments.choices import Notice, Role, Scope
from environments.models import AuditLine, Membership, Notification, Request, Team
from environments.services.notices import tell
from environments.tests.factories import MembershipFactory, UserFactory
from environments.tests.test_api import call, key


@pytest.fixture
def bobs(client: Client, bob: User) -> Client:
    client.force_login(bob)
    return client


@pytest.fixture
def leader(team: Team) -> User:
    """Leads the team of alice and bob."""
    return MembershipFactory.create(team=team, user__username="lea", role=Role.ADMIN).user


# Notifications ---------------------------------------------------------------------------------------------------


def test_the_bell_counts_what_was_not_read(bobs: Client, request_of_alice: Request) -> None:
    header = bobs.get("/").content.decode().split("<main")[0]
    assert 'href="/notifications/"' in header
    assert '1<span class="visually-hidden"> unread' in header

    bobs.post("/notifications/read/")
    assert "unread" not in bobs.get("/").content.decode().split("<main")[0]


def test_a_notification_leads_to_its_subject_and_is_read_by_going_there(
    bobs: Client, request_of_alice: Request, bob: User
) -> None:
    told = Notification.objects.get(user=bob)
    assert told.text in bobs.get("/notifications/").content.decode()

    answer = bobs.get(f"/notifications/{told.pk}/")

    assert answer["Location"] == request_of_alice.get_absolute_url()
    told.refresh_from_db()
    assert told.read_at is not None


def test_one_alone_can_be_marked_as_read(bobs: Client, request_of_alice: Request, bob: User) -> None:
    tell([bob], Notice.REQUEST_STALE, request_of_alice)
    newest = Notification.objects.of(bob).first()
    assert newest is not None

    bobs.post("/notifications/read/", {"only": str(newest.pk)})

    assert Notification.objects.of(bob).unread().count() == 1
    page = bobs.get("/notifications/?unread=1").content.decode()
    assert "waits for your approval" in page
    assert "out of date" not in page


def test_nobody_reads_what_others_were_told(
    client: Client, request_of_alice: Request, alice: User, bob: User
) -> None:
    told = Notification.objects.get(user=bob)
    client.force_login(alice)

    assert client.get(f"/notifications/{told.pk}/").status_code == 404
    client.post("/notifications/read/", {"only": str(told.pk)})
    client.post("/notifications/read/")
    call(key(alice), "POST", "notifications/read", {"ids": [told.pk]})

    told.refresh_from_db()
    assert told.read_at is None
    assert call(key(alice), "GET", "notifications").json()["items"] == []


def test_a_long_list_has_pages(bobs: Client, request_of_alice: Request, bob: User) -> None:
    for _ in range(26):
        tell([bob], Notice.REQUEST_STALE, request_of_alice)

    first = bobs.get("/notifications/")
    oldest = first.context["notifications"][-1].pk
    second = bobs.get(f"/notifications/?before={oldest}")

    assert first.context["older_url"] == f"?before={oldest}"
    assert len(second.context["notifications"]) == 2
    assert second.context["older_url"] is None


@pytest.mark.parametrize("number", [1, 20])
def test_the_list_asks_the_same_questions_however_long_it_is(
    bobs: Client,
    request_of_alice: Request,
    bob: User,
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(number - 1):
        tell([bob], Notice.REQUEST_STALE, request_of_alice)

    # The session, the person, the list, the choice of mail, the two counts and the teams of the header.
    with django_assert_num_queries(7):
        bobs.get("/notifications/")


def test_a_script_reads_and_marks_what_its_user_was_told(request_of_alice: Request, bob: User) -> None:
    answer = call(key(bob, Scope.READ), "GET", "notifications?unread=true").json()
    assert answer["next"] is None
    assert [(one["key"], one["request"], one["read_at"]) for one in answer["items"]] == [
        ("request.review_wanted", request_of_alice.pk, None)
    ]

    assert call(key(bob, Scope.READ), "POST", "notifications/read", {}).json()["code"] == "token.scope"
    assert call(key(bob), "POST", "notifications/read", {"ids": None}).json() == {"marked": 1}
    assert call(key(bob), "GET", "notifications?unread=true").json()["items"] == []
    assert len(call(key(bob), "GET", "notifications").json()["items"]) == 1


# Teams -----------------------------------------------------------------------------------------------------------


def test_everybody_sees_their_teams_and_who_is_in_them(
    client: Client, alice: User, bob: User, mallory: User
) -> None:
    client.force_login(alice)

    teams = client.get("/teams/").content.decode()
    assert "Flowise" in teams
    assert "Developer" in teams
    page = client.get("/teams/flowise/").content.decode()
    assert "bob" in page
    assert "mallory" not in page
    assert "<select" not in page.split("<main")[1]


def test_another_team_is_not_there(client: Client, alice: User, mallory: User, team: Team) -> None:
    client.force_login(mallory)
    person = Membership.objects.get(user=alice)

    assert client.get("/teams/flowise/").status_code == 404
    assert client.post("/teams/flowise/", {"username": "mallory", "role": "admin"}).status_code == 404
    assert client.post(f"/teams/flowise/members/{person.user_id}/", {"role": ""}).status_code == 404
    assert call(key(mallory), "GET", "teams/flowise/members").status_code == 404
    assert call(key(mallory), "PUT", "teams/flowise/members/mallory", {"role": "admin"}).status_code == 404
    assert Membership.objects.filter(team=team).count() == 1


def test_who_may_take_nobody_in_does_not_learn_who_there_is(alice: User, mallory: User, team: Team) -> None:
    answers = [
        call(key(alice), "PUT", f"teams/{team.slug}/members/{name}", {"role": "viewer"})
        for name in (mallory.username, "nobody-of-this-name")
    ]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert answers[0].json()["message"] == answers[1].json()["message"]


def test_an_admin_takes_somebody_in_changes_their_role_and_lets_them_go(
    client: Client, leader: User, team: Team
) -> None:
    newcomer = UserFactory.create(username="nina")
    client.force_login(leader)

    client.post("/teams/flowise/", {"username": "nina", "role": "viewer"})
    assert Membership.objects.get(user=newcomer).role == Role.VIEWER
    client.post(f"/teams/flowise/members/{newcomer.pk}/", {"role": "approver"})
    assert Membership.objects.get(user=newcomer).role == Role.APPROVER
    client.post(f"/teams/flowise/members/{newcomer.pk}/", {"role": ""})
    assert not Membership.objects.filter(user=newcomer).exists()
    assert AuditLine.objects.filter(team=team).count() == 3


def test_a_name_that_nobody_has_is_told_at_its_field(client: Client, leader: User) -> None:
    client.force_login(leader)

    answer = client.post("/teams/flowise/", {"username": "nobody", "role": "viewer"})

    assert answer.status_code == 422
    assert b"Nobody signs in as nobody." in answer.content


def test_who_is_no_admin_changes_nobody(client: Client, alice: User, bob: User) -> None:
    client.force_login(bob)

    client.post("/teams/flowise/", {"username": "bob", "role": "admin"})
    client.post(f"/teams/flowise/members/{alice.pk}/", {"role": ""})

    assert Membership.objects.get(user=bob).role == Role.APPROVER
    assert Membership.objects.filter(user=alice).exists()


@pytest.mark.parametrize("role", ["", "viewer"])
def test_the_last_admin_stays_one(client: Client, leader: User, role: str) -> None:
    client.force_login(leader)

    answer = client.post(f"/teams/flowise/members/{leader.pk}/", {"role": role}, follow=True)

    assert b"is the only admin" in answer.content
    assert Membership.objects.get(user=leader).role == Role.ADMIN


def test_an_admin_who_is_not_the_last_may_go(client: Client, leader: User, team: Team) -> None:
    MembershipFactory.create(team=team, role=Role.ADMIN)
    client.force_login(leader)

    answer = client.post(f"/teams/flowise/members/{leader.pk}/", {"role": ""}, follow=True)

    assert answer.redirect_chain[-1][0] == "/teams/"
    assert not Membership.objects.filter(user=leader).exists()


def test_scripts_do_the_same(leader: User, alice: User) -> None:
    UserFactory.create(username="nina")

    assert call(key(leader), "GET", "teams").json() == [
        {"slug": "flowise", "name": "Flowise", "role": "admin", "people": 2}
    ]
    made = call(key(leader), "PUT", "teams/flowise/members/nina", {"role": "viewer"})
    assert (made.status_code, made.json()) == (200, {"username": "nina", "role": "viewer"})
    names = [one["username"] for one in call(key(alice), "GET", "teams/flowise/members").json()]
    assert names == ["alice", "lea", "nina"]
    assert call(key(alice), "DELETE", "teams/flowise/members/nina").status_code == 403
    assert call(key(leader, Scope.READ), "DELETE", "teams/flowise/members/nina").status_code == 403
    assert call(key(leader), "DELETE", "teams/flowise/members/nina").status_code == 204
    assert call(key(leader), "DELETE", "teams/flowise/members/nina").status_code == 404
    unknown = call(key(leader), "PUT", "teams/flowise/members/nobody", {"role": "viewer"})
    assert (unknown.status_code, unknown.json()["field"]) == (422, "username")
    wrong = call(key(leader), "PUT", "teams/flowise/members/alice", {"role": "king"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "role")
    last = call(key(leader), "DELETE", "teams/flowise/members/lea")
    assert (last.status_code, last.json()["code"]) == (409, "team.last_admin")


@pytest.mark.parametrize("number", [1, 20])
@pytest.mark.parametrize(("path", "questions"), [("/teams/", 6), ("/teams/flowise/", 8)])
def test_the_lists_of_teams_and_people_ask_the_same_questions_however_long_they_are(
    client: Client,
    leader: User,
    team: Team,
    path: str,
    questions: int,
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(number):
        MembershipFactory.create(team=team)
        MembershipFactory.create(user=leader)
    client.force_login(leader)

    with django_assert_num_queries(questions):
        client.get(path)
