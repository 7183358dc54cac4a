"""The page of a request and the inbox: who can decide, what is written where, and what an approval holds for."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from environments.choices import RequestStatus
from environments.models import Request, Review
from environments.services.proposals import Wish
from environments.services.requests import create_request
from environments.tests.conftest import acting


def forms_in(page: str) -> list[str]:
    """The forms of a page's main part that take a text."""
    return [form for form in re.findall(r"<form.*?</form>", page, re.DOTALL) if "<textarea" in form]


def page_of(client: Client, person: User, request: Request) -> str:
    client.force_login(person)
    return client.get(request.get_absolute_url()).text


def test_a_reason_goes_with_the_decision_and_a_comment_with_the_discussion(
    client: Client, request_of_alice: Request, bob: User
) -> None:
    discussion, decision = forms_in(page_of(client, bob, request_of_alice))

    assert ('name="comment"' in discussion, 'name="reason"' in discussion) == (True, False)
    assert 'comment/"' in discussion
    assert "decides nothing" in discussion
    assert ('name="reason"' in decision, 'name="comment"' in decision) == (True, False)
    assert ("/approve/" in decision, "/deny/" in decision) == (True, True)
    assert "Needed to deny" in decision


def test_a_browser_asks_for_the_reason_of_a_denial_only(
    client: Client, request_of_alice: Request, bob: User
) -> None:
    _, decision = forms_in(page_of(client, bob, request_of_alice))

    assert re.search(r'<textarea[^>]*name="reason"[^>]*required', decision)
    assert re.search(r"<button[^>]*formnovalidate[^>]*/approve/", decision)
    assert not re.search(r"<button[^>]*formnovalidate[^>]*/deny/", decision)


def test_the_reason_of_a_denial_is_read_by_who_asked(
    client: Client, request_of_alice: Request, alice: User, bob: User
) -> None:
    client.force_login(bob)
    address = request_of_alice.get_absolute_url()

    missing = client.post(f"{address}deny/", {"comment": "of the other box"}, follow=True).text
    assert "A denial needs a reason." in missing
    client.post(f"{address}deny/", {"reason": "One task is enough."})

    request_of_alice.refresh_from_db()
    assert request_of_alice.status == RequestStatus.DENIED
    assert "One task is enough." in page_of(client, alice, request_of_alice)


def test_an_approval_can_have_a_reason_too(client: Client, request_of_alice: Request, bob: User) -> None:
    client.force_login(bob)

    client.post(
        f"{request_of_alice.get_absolute_url()}approve/", {"hash": request_of_alice.hash, "reason": "Fine."}
    )

    assert Review.objects.get().comment == "Fine."


def test_who_cannot_decide_reads_whose_turn_it_is(
    client: Client, request_of_alice: Request, alice: User, victor: User
) -> None:
    own = page_of(client, alice, request_of_alice)
    assert "Nobody approves their own request" in own
    assert "/cancel/" in own
    assert "Only approvers of the team decide." in page_of(client, victor, request_of_alice)


def test_who_has_approved_reads_that_it_waits_for_another(
    client: Client, request_of_alice: Request, bob: User
) -> None:
    Request.objects.update(approvals_needed=2)
    client.force_login(bob)
    client.post(f"{request_of_alice.get_absolute_url()}approve/", {"hash": request_of_alice.hash})

    assert "You have approved it" in page_of(client, bob, request_of_alice)


@pytest.mark.parametrize(
    ("person", "call"), [("alice", "/cancel"), ("bob", "/approve"), ("victor", "-X GET")]
)
def test_the_page_shows_the_call_that_its_reader_can_make(
    client: Client, request_of_alice: Request, person: str, call: str, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(person))

    assert call in client.get(request_of_alice.get_absolute_url()).context["curl"]


def test_the_fingerprint_is_explained_beside_it(client: Client, request_of_alice: Request, bob: User) -> None:
    page = page_of(client, bob, request_of_alice)

    told = re.search(r'<p[^>]*id="fingerprint">(.*?)</p>', page, re.DOTALL)
    assert told is not None
    assert request_of_alice.hash[:10] in told[1]
    assert "exactly this plan at this price" in told[1]
    assert re.search(r'/approve/"[^>]*aria-describedby="fingerprint"', page)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (RequestStatus.PENDING, "an approver must decide"),
        (RequestStatus.STALE, "somebody of the team must renew it"),
        (RequestStatus.DENIED, "it was denied"),
        (RequestStatus.CANCELLED, "it was withdrawn"),
    ],
)
def test_the_way_of_a_request_says_where_it_stands(
    client: Client, request_of_alice: Request, bob: User, status: str, words: str
) -> None:
    Request.objects.update(status=status)

    assert words in page_of(client, bob, request_of_alice)


# The inbox -------------------------------------------------------------------------------------------------------


def test_ones_own_requests_are_not_among_those_to_decide(client: Client, wish: Wish, bob: User) -> None:
    asked = create_request(wish=wish, by=acting(bob))
    client.force_login(bob)

    shown = client.get("/inbox/").context
    assert (list(shown["waiting"]), list(shown["mine"])) == ([], [asked])
    Request.objects.update(status=RequestStatus.STALE)
    shown = client.get("/inbox/").context
    assert (list(shown["waiting"]), list(shown["stale"])) == ([], [asked])


def test_what_a_rule_lets_its_requester_decide_is_shown_once(client: Client, wish: Wish, bob: User) -> None:
    asked = create_request(wish=wish, by=acting(bob))
    Request.objects.update(own_approval=True)
    client.force_login(bob)

    shown = client.get("/inbox/").context

    assert (list(shown["waiting"]), list(shown["mine"])) == ([asked], [])
