"""Expiry, protection and renewal: the pages and calls over services that other tests try one by one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from environments.choices import RequestStatus, Role, Scope
from environments.models import Application, Environment, Membership, Request
from environments.services import requests
from environments.tests.conftest import acting
from environments.tests.test_api import call, key


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def stale(request_of_alice: Request, application_image: None, bob: User) -> Request:
    """The image changed between the request and bob's yes."""
    with pytest.raises(Exception, match="has changed"):
        requests.approve(request=request_of_alice, seen=request_of_alice.hash, by=acting(bob))
    request_of_alice.refresh_from_db()
    return request_of_alice


# Expiry ----------------------------------------------------------------------------------------------------------


def test_a_new_end_date_is_set_by_page(browser: Client, ready: Environment) -> None:
    answer = browser.post(f"/environments/{ready.slug}/extend/", {"days": "14"})

    assert answer.status_code == 302
    ready.refresh_from_db()
    assert ready.expires_at is not None
    assert timedelta(days=13) < ready.expires_at - timezone.now() <= timedelta(days=14)


def test_no_number_of_days_means_that_it_never_expires(browser: Client, ready: Environment) -> None:
    Environment.objects.update(expires_at=timezone.now())

    browser.post(f"/environments/{ready.slug}/extend/", {"days": ""})

    ready.refresh_from_db()
    assert ready.expires_at is None


@pytest.mark.parametrize("days", ["0", "366", "soon"])
def test_an_impossible_number_of_days_is_told_at_its_field(
    browser: Client, ready: Environment, days: str
) -> None:
    answer = browser.post(f"/environments/{ready.slug}/extend/", {"days": days})

    assert answer.status_code == 422
    assert b'aria-invalid="true"' in answer.content
    ready.refresh_from_db()
    assert ready.expires_at is None


def test_the_page_of_the_end_date_shows_the_same_as_an_api_call(browser: Client, ready: Environment) -> None:
    page = browser.get(f"/environments/{ready.slug}/extend/").content.decode()

    assert f"/api/v1/environments/{ready.slug}/extend" in page
    assert "&quot;days&quot;: 30" in page


def test_a_viewer_sees_the_end_date_and_cannot_set_it(
    client: Client, ready: Environment, victor: User
) -> None:
    client.force_login(victor)

    assert b"<form method" not in client.get(f"/environments/{ready.slug}/extend/").content.split(b"<main")[1]
    refused = client.post(f"/environments/{ready.slug}/extend/", {"days": "14"}, follow=True)
    assert b"You may not change" in refused.content
    ready.refresh_from_db()
    assert ready.expires_at is None


def test_a_script_sets_the_end_date(ready: Environment, alice: User) -> None:
    answer = call(key(alice, Scope.CHANGE), "POST", f"environments/{ready.slug}/extend", {"days": 3})
    assert answer.status_code == 200, answer.content
    assert answer.json()["expires_at"]

    never = call(key(alice, Scope.CHANGE), "POST", f"environments/{ready.slug}/extend", {"days": None})
    assert never.json()["expires_at"] is None


def test_a_script_is_told_of_an_impossible_end_date(ready: Environment, alice: User) -> None:
    for days in (0, 366, "soon"):
        answer = call(key(alice), "POST", f"environments/{ready.slug}/extend", {"days": days})
        assert (answer.status_code, answer.json()["field"]) == (422, "days")


# Protection ------------------------------------------------------------------------------------------------------


def test_a_protected_environment_shows_it_and_cannot_be_destroyed(
    browser: Client, ready: Environment
) -> None:
    browser.post(f"/environments/{ready.slug}/protection/", {"protected": "on"})

    assert b"Protected" in browser.get(ready.get_absolute_url()).content
    refused = browser.post(f"/environments/{ready.slug}/destroy/", {"confirm_name": ready.slug})
    assert b"is protected" in refused.content
    ready.refresh_from_db()
    assert (ready.protected, ready.lifecycle) == (True, "ready")


def test_only_an_admin_takes_the_protection_off(client: Client, ready: Environment, bob: User) -> None:
    Environment.objects.update(protected=True)
    client.force_login(bob)
    address = f"/environments/{ready.slug}/protection/"

    assert b'value="off"' not in client.get(address).content
    client.post(address, {"protected": "off"})
    ready.refresh_from_db()
    assert ready.protected

    Membership.objects.filter(user=bob).update(role=Role.ADMIN)
    assert b'value="off"' in client.get(address).content
    client.post(address, {"protected": "off"})
    ready.refresh_from_db()
    assert not ready.protected


def test_a_script_protects_and_an_admins_script_takes_it_off(
    ready: Environment, alice: User, ada: User
) -> None:
    assert call(key(alice), "POST", f"environments/{ready.slug}/protect").json()["protected"] is True
    assert call(key(alice), "DELETE", f"environments/{ready.slug}").json()["code"] == "environment.protected"
    assert call(key(alice), "POST", f"environments/{ready.slug}/unprotect").status_code == 403
    assert call(key(ada), "POST", f"environments/{ready.slug}/unprotect").json()["protected"] is False


def test_a_token_without_the_scope_changes_nothing(ready: Environment, alice: User) -> None:
    for path in ("extend", "protect", "unprotect"):
        answer = call(key(alice, Scope.READ), "POST", f"environments/{ready.slug}/{path}", {"days": 3})
        assert answer.json()["code"] == "token.scope"


# Renewal ---------------------------------------------------------------------------------------------------------


def test_a_request_out_of_date_says_so_and_shows_the_way_out(browser: Client, stale: Request) -> None:
    page = browser.get(stale.get_absolute_url()).content.decode()

    assert "out of date" in page
    assert f"/requests/{stale.pk}/renew/" in page
    assert f"/requests/{stale.pk}/cancel/" in page
    assert "somebody of the team must renew it" in page


def test_before_it_is_renewed_a_person_sees_what_changed(browser: Client, stale: Request) -> None:
    page = browser.get(f"/requests/{stale.pk}/renew/").content.decode()

    assert "shop:2" in page  # the image of today, beside that of the request
    assert f"/api/v1/requests/{stale.pk}/renew" in page


def test_a_renewed_request_is_approved_as_it_stands_now(
    browser: Client, stale: Request, bob: User, client: Client
) -> None:
    browser.post(f"/requests/{stale.pk}/renew/")

    stale.refresh_from_db()
    assert stale.status == RequestStatus.PENDING
    assert stale.plan.spec.image == "shop:2"
    approved = call(key(bob), "POST", f"requests/{stale.pk}/approve", {"hash": stale.hash})
    assert approved.json()["status"] == "approved"


def test_what_is_not_out_of_date_cannot_be_renewed(browser: Client, request_of_alice: Request) -> None:
    address = f"/requests/{request_of_alice.pk}/renew/"

    assert browser.get(address).status_code == 302
    assert b"waiting for approval" in browser.post(address, follow=True).content


def test_what_can_no_longer_be_made_says_why_and_offers_no_button(browser: Client, stale: Request) -> None:
    stale.environment.account.teams.clear()

    page = browser.get(f"/requests/{stale.pk}/renew/").content.decode()

    assert "may not use this account" in page
    assert "<form method" not in page.split("<main")[1]


def test_a_script_renews(stale: Request, alice: User) -> None:
    answer = call(key(alice, Scope.REQUEST), "POST", f"requests/{stale.pk}/renew")
    assert (answer.status_code, answer.json()["status"]) == (200, "pending")

    again = call(key(alice, Scope.REQUEST), "POST", f"requests/{stale.pk}/renew")
    assert again.status_code == 409


# Strangers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["extend", "protection"])
def test_a_stranger_finds_none_of_these_pages(
    client: Client, ready: Environment, mallory: User, path: str
) -> None:
    client.force_login(mallory)

    for answer in (client.get, client.post):
        assert answer(f"/environments/{ready.slug}/{path}/").status_code == 404


def test_a_stranger_renews_nothing(client: Client, stale: Request, mallory: User) -> None:
    client.force_login(mallory)

    assert client.post(f"/requests/{stale.pk}/renew/").status_code == 404
    assert call(key(mallory), "POST", f"requests/{stale.pk}/renew").status_code == 404
    assert call(key(mallory), "POST", "environments/shop-staging/protect").status_code == 404
    assert call(key(mallory), "POST", "environments/shop-staging/extend", {"days": 1}).status_code == 404
    assert Application.objects.get().image == "shop:2"
    stale.refresh_from_db()
    assert stale.status == RequestStatus.STALE
