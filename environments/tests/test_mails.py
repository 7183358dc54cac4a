"""Mails: only for who wants them, in their language, once; a refusal or a server that is away holds up nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks, Settings

from environments import queue
from environments.choices import Notice, Role, Scope
from environments.errors import InvalidInput
from environments.jobs import send_mails
from environments.models import Notification, Request, Team
from environments.services.mails import choose_mail, send_due
from environments.services.notices import tell
from environments.tests.conftest import acting
from environments.tests.factories import MembershipFactory
from environments.tests.postman import Postman, postman
from environments.tests.test_api import call, key


@pytest.fixture
def wants(bob: User) -> User:
    """Bob wants mails."""
    return wishing(bob)


def wishing(person: User, language: str = "en") -> User:
    person.email = f"{person.username}@example.org"
    person.save()
    choose_mail(mail=True, language=language, by=acting(person))
    return person


@pytest.fixture
def server(settings: Settings) -> Iterator[Postman]:
    with postman() as working:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", working.port
        yield working


def test_who_wants_mail_gets_one_with_a_link(
    wants: User, request_of_alice: Request, settings: Settings
) -> None:
    settings.PUBLIC_URL = "https://portal.example.org"

    assert send_due() == 1

    [sent] = mail.outbox
    told = Notification.objects.get(user=wants)
    assert sent.to == ["bob@example.org"]
    assert sent.subject == f"Andamio: {request_of_alice} waits for your approval"
    assert f"https://portal.example.org/notifications/{told.pk}/" in sent.body


def test_nobody_else_gets_any(bob: User, request_of_alice: Request) -> None:
    bob.email = "bob@example.org"
    bob.save()

    tell([bob], Notice.REQUEST_STALE, request_of_alice)

    assert send_due() == 0
    assert mail.outbox == []


@pytest.mark.django_db(transaction=True)  # a worker looks after its own connections
def test_no_mail_goes_twice(wants: User, request_of_alice: Request) -> None:
    assert [send_mails(), send_mails()] == [1, 0]


def test_what_was_told_before_it_was_wanted_stays_in_the_portal(request_of_alice: Request, bob: User) -> None:
    wishing(bob)

    assert send_due() == 0


def test_old_news_are_not_sent(wants: User, request_of_alice: Request) -> None:
    Notification.objects.update(created_at=timezone.now() - timedelta(days=2))

    assert send_due() == 0


def test_a_doorbell_rings_when_the_notification_is_committed(
    wants: User,
    request_of_alice: Request,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks() as waiting:
        tell([wants], Notice.REQUEST_STALE, request_of_alice)

    assert queue.ring_mail in waiting


def test_a_refused_address_holds_up_nobody_and_is_not_asked_again(
    server: Postman, wants: User, alice: User, request_of_alice: Request
) -> None:
    server.refusals["bob@example.org"] = 550
    tell([wishing(alice)], Notice.REQUEST_DENIED, request_of_alice)

    assert send_due() == 1
    assert server.taken == ["alice@example.org"]
    server.refusals.clear()
    assert send_due() == 0


def test_an_address_that_is_refused_for_now_is_asked_again(
    server: Postman, wants: User, alice: User, request_of_alice: Request
) -> None:
    server.refusals["bob@example.org"] = 450
    tell([wishing(alice)], Notice.REQUEST_DENIED, request_of_alice)

    assert send_due() == 1
    server.refusals.clear()
    assert send_due() == 1
    assert server.taken == ["alice@example.org", "bob@example.org"]


def test_an_address_to_which_nothing_can_be_written_holds_up_nobody_and_is_not_asked_again(
    server: Postman, wants: User, alice: User, request_of_alice: Request
) -> None:
    User.objects.filter(pk=wants.pk).update(email="bob@@")  # as a sign-in elsewhere may tell it
    tell([wishing(alice)], Notice.REQUEST_DENIED, request_of_alice)

    assert send_due() == 1
    assert server.taken == ["alice@example.org"]
    assert not Notification.objects.filter(mail_due=True).exists()


def test_a_server_that_is_away_is_asked_later(
    server: Postman, wants: User, request_of_alice: Request, settings: Settings
) -> None:
    settings.EMAIL_PORT = 1
    assert send_due() == 0

    settings.EMAIL_PORT = server.port
    assert send_due() == 1


def test_mail_is_chosen_by_page_and_the_page_remembers(client: Client, bob: User) -> None:
    client.force_login(bob)

    client.post("/notifications/mail/", {"mail": "on", "language": "es"})

    form = client.get("/notifications/").context["mail_form"]
    assert form.initial == {"mail": True, "language": "es"}
    client.post("/notifications/mail/", {"language": "es"})
    assert client.get("/notifications/").context["mail_form"].initial["mail"] is False


def test_mail_is_chosen_by_a_script(bob: User) -> None:
    assert call(key(bob), "GET", "notifications/mail").json() == {"mail": False, "language": "en"}
    chosen = call(key(bob), "PUT", "notifications/mail", {"mail": True, "language": "es"})
    assert chosen.json() == {"mail": True, "language": "es"}
    refused = call(key(bob), "PUT", "notifications/mail", {"mail": True, "language": "tlh"})
    assert (refused.status_code, refused.json()["field"]) == (422, "language")
    assert call(key(bob, Scope.READ), "PUT", "notifications/mail", {"mail": True}).status_code == 403


def test_there_is_no_mail_in_an_unknown_language(bob: User) -> None:
    with pytest.raises(InvalidInput):
        choose_mail(mail=True, language="tlh", by=acting(bob))


def test_many_reviewers_are_asked_with_as_many_questions_as_one(
    wants: User, team: Team, request_of_alice: Request, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    people = [wishing(MembershipFactory.create(team=team, role=Role.APPROVER).user) for _ in range(10)]

    with django_assert_num_queries(2):
        tell(people, Notice.REVIEW_WANTED, request_of_alice)

    assert Notification.objects.filter(mail_due=True).count() == 11
