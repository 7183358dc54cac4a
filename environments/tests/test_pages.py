"""The pages: who sees what."""

from __future__ import annotations

import json
import shlex
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from environments.choices import Lifecycle, OperationKind, OperationStatus, RequestStatus
from environments.models import Environment, Request
from environments.models.environment import SWEPT_WITHIN
from environments.services.requests import approve, cancel
from environments.tests.conftest import acting, end, record
from environments.tests.test_api import call, key
from provisioning.blueprints.comparison import comparison
from provisioning.kinds.backup_vault import VaultProps
from provisioning.plan import plan_for
from provisioning.resource import Resource


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


@pytest.mark.parametrize(
    "path",
    ["/", "/catalogue/", "/catalogue/prices/", "/inbox/", "/environments/", "/operations/", "/tokens/"],
)
def test_a_signed_in_person_sees_every_list(browser: Client, path: str) -> None:
    assert browser.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/", "/inbox/", "/environments/", "/operations/", "/tokens/"])
def test_nobody_else_does(client: Client, db: None, path: str) -> None:
    assert client.get(path).status_code == 302


def test_the_documentation_is_for_everybody_and_every_page_leads_to_it(
    client: Client, request_of_alice: Request, alice: User
) -> None:
    page = client.get("/documentation/").text
    for link in ('href="/api/v1/docs"', 'href="/tokens/"', 'id="fingerprint"'):
        assert link in page

    client.force_login(alice)
    assert 'href="/documentation/"' in client.get("/").text
    assert 'href="/documentation/#fingerprint"' in client.get(request_of_alice.get_absolute_url()).text
    assert 'href="/documentation/"' in client.get("/api/v1/docs").text


def test_the_form_shows_the_price_of_its_defaults(browser: Client, request_of_alice: Request) -> None:
    page = browser.get("/catalogue/containers/production/")

    assert page.status_code == 200
    assert b"price-total" in page.content


def test_the_form_shows_the_same_as_an_api_call_and_that_call_works(
    browser: Client, request_of_alice: Request, alice: User
) -> None:
    page = browser.get("/catalogue/containers/production/?name=fair&min_tasks=3")
    command = page.context["curl"]
    body = json.loads(shlex.split(command)[-1])

    assert "/api/v1/requests " in command
    assert body["options"] == {"min_tasks": 3}
    assert body["usage"] == {}
    made = call(key(alice), "POST", "requests", body)
    assert made.status_code == 201, made.content
    assert made.json()["plan"]["spec"]["environment"] == "fair"


def test_an_unknown_architecture_is_not_there(browser: Client) -> None:
    assert browser.get("/catalogue/mainframe/mvp/").status_code == 404


def test_the_requester_cannot_approve_and_the_approver_can(
    client: Client, request_of_alice: Request, alice: User, bob: User
) -> None:
    address = request_of_alice.get_absolute_url()
    client.force_login(alice)
    assert b"/approve/" not in client.get(address).content
    client.force_login(bob)
    assert b"/approve/" in client.get(address).content


@pytest.mark.parametrize("tab", ["", "resources/", "cost/", "activity/", "destroy/"])
def test_every_tab_of_an_environment_opens(browser: Client, ready: Environment, tab: str) -> None:
    assert browser.get(f"{ready.get_absolute_url()}{tab}").status_code == 200


def test_a_stranger_finds_nothing(client: Client, ready: Environment, mallory: User) -> None:
    client.force_login(mallory)
    operation = ready.operations.get()

    for address in (
        ready.get_absolute_url(),
        operation.get_absolute_url(),
        f"{ready.get_absolute_url()}destroy/",
    ):
        assert client.get(address).status_code == 404


def test_destroying_asks_for_the_right_name(browser: Client, ready: Environment) -> None:
    wrong = browser.post(f"{ready.get_absolute_url()}destroy/", {"confirm_name": "something"})
    assert wrong.status_code == 422

    right = browser.post(f"{ready.get_absolute_url()}destroy/", {"confirm_name": ready.slug})
    assert right.status_code == 302
    ready.refresh_from_db()
    assert ready.lifecycle == "destroying"


def test_destroying_says_what_goes_that_no_name_tells(browser: Client, ready: Environment) -> None:
    plain = browser.get(f"{ready.get_absolute_url()}destroy/").content.decode()
    vault = Resource(key="backup-vault", props=VaultProps())
    record(ready, plan_for(ready.spec, (vault,)).changes[0])

    page = browser.get(f"{ready.get_absolute_url()}destroy/").content.decode()

    assert "All scheduled backups go with their vault." in page
    assert "scheduled backups" not in plain


@pytest.mark.parametrize("page", ["destroy/", "extend/", "protection/"])
def test_a_page_below_an_environment_leads_back_to_it(browser: Client, ready: Environment, page: str) -> None:
    address = ready.get_absolute_url()

    crumbs = browser.get(f"{address}{page}").context["crumbs"]

    assert [crumb["url"] for crumb in crumbs] == ["/environments/", address, ""]


def test_the_picture_of_an_environment_knows_what_was_chosen(browser: Client, ready: Environment) -> None:
    page = browser.get(ready.get_absolute_url())

    assert "database" in page.context["wanted"]
    assert "domain-record" not in page.context["wanted"]
    assert "optional, not chosen here" in page.text


def test_what_was_only_asked_for_has_no_health_and_nothing_to_destroy(
    browser: Client, request_of_alice: Request
) -> None:
    asked = request_of_alice.environment

    page = browser.get(asked.get_absolute_url()).text

    assert "Health unknown" not in page + browser.get("/environments/").text
    assert f"{asked.get_absolute_url()}destroy/" not in page


def test_while_an_operation_runs_nothing_else_is_offered(browser: Client, approved: Request) -> None:
    page = browser.get(approved.environment.get_absolute_url()).text

    assert "Watch progress" in page
    assert f"{approved.environment.get_absolute_url()}destroy/" not in page


def test_cancelling_says_what_becomes_of_what_was_done(browser: Client, approved: Request) -> None:
    operation = approved.operations.get()
    assert "can be retried, rolled back or destroyed" in browser.get(operation.get_absolute_url()).text

    approved.operations.update(kind=OperationKind.DESTROY)

    assert "What is gone stays gone" in browser.get(operation.get_absolute_url()).text


@pytest.fixture
def destroyed(ready: Environment) -> Environment:
    """The environment, destroyed a moment ago; nobody has looked in the account yet."""
    ready.operations.update(kind=OperationKind.DESTROY)
    ready.lifecycle, ready.destroyed_at = Lifecycle.DESTROYED, timezone.now()
    ready.save()
    return ready


def pages_of_the_end(browser: Client, environment: Environment) -> list[str]:
    operation = environment.operations.get()
    return [browser.get(one.get_absolute_url()).text for one in (environment, operation)]


def test_a_sweep_to_come_is_waited_for(browser: Client, destroyed: Environment) -> None:
    on_environment, on_operation = pages_of_the_end(browser, destroyed)

    assert "follows in a moment" in on_environment
    assert "follows in a moment" in on_operation
    assert "hx-trigger" in on_operation


def test_a_sweep_that_never_got_an_answer_is_said_and_no_longer_waited_for(
    browser: Client, destroyed: Environment
) -> None:
    destroyed.destroyed_at = timezone.now() - SWEPT_WITHIN - timedelta(seconds=1)
    destroyed.save()

    for page in pages_of_the_end(browser, destroyed):
        assert "Destroyed, but not swept." in page
        assert destroyed.spec.stack in page
        assert "follows in a moment" not in page
        assert "hx-trigger" not in page


@pytest.mark.parametrize(("kept", "tone"), [(True, "tone-success"), (False, "tone-warning")])
def test_what_the_sweep_found_is_listed(
    browser: Client, destroyed: Environment, kept: bool, tone: str
) -> None:
    destroyed.remains = [{"arn": "arn:aws:rds:::snapshot:last", "key": "database", "kept": kept}]
    destroyed.save()

    for page in pages_of_the_end(browser, destroyed):
        assert f'<div class="notice {tone}"' in page
        assert "arn:aws:rds:::snapshot:last" in page
        assert ("kept on purpose, and billed until" in page) is kept
        assert "hx-trigger" not in page


def test_the_page_of_what_is_destroyed_speaks_of_it_as_past(browser: Client, destroyed: Environment) -> None:
    facts = browser.get(destroyed.get_absolute_url()).text.partition("<main")[2]

    assert "Expected while it stood" in facts
    for present in ("Ready since", "Health unknown", "Protection", "Nothing deployed", "Drift"):
        assert present not in facts


def test_a_request_whose_operation_is_over_offers_no_progress_to_watch(
    browser: Client, approved: Request
) -> None:
    operation = approved.operations.get()
    assert "Watch progress" in browser.get(approved.get_absolute_url()).text

    approved.operations.update(status=OperationStatus.SUCCEEDED)
    page = browser.get(approved.get_absolute_url()).text

    assert "Watch progress" not in page
    assert operation.get_absolute_url() in page


def test_an_approval_leads_to_the_steps_that_it_started(
    client: Client, request_of_alice: Request, bob: User
) -> None:
    client.force_login(bob)
    address = f"/requests/{request_of_alice.pk}/"

    answer = client.post(f"{address}approve/", {"hash": request_of_alice.hash})

    operation = request_of_alice.operations.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/operations/{operation.pk}/")


def test_a_request_that_waits_follows_what_happens_to_it(
    client: Client, request_of_alice: Request, alice: User, bob: User
) -> None:
    client.force_login(alice)
    address = f"/requests/{request_of_alice.pk}/"
    assert f'hx-get="{address}?seen=pending"' in client.get(address).content.decode()
    follow = {"HX-Request": "true"}

    assert "HX-Refresh" not in client.get(f"{address}?seen=pending", headers=follow)
    approve(request=request_of_alice, seen=request_of_alice.hash, by=acting(bob))

    assert client.get(f"{address}?seen=pending", headers=follow)["HX-Refresh"] == "true"
    part = client.get(f"{address}?seen={RequestStatus.APPROVED}", headers=follow).content.decode()
    assert "Watch progress" in part
    assert "?seen=approved" in part


def test_a_request_that_is_over_is_not_asked_about_again(
    client: Client, request_of_alice: Request, alice: User
) -> None:
    client.force_login(alice)
    cancel(request=request_of_alice, by=acting(alice))

    assert "?seen=" not in client.get(f"/requests/{request_of_alice.pk}/").content.decode()


def test_an_environments_page_follows_what_is_being_built_and_is_asked_no_more_afterwards(
    browser: Client, approved: Request
) -> None:
    address = approved.environment.get_absolute_url()
    assert f'hx-get="{address}?seen=building"' in browser.get(address).content.decode()

    assert "HX-Refresh" not in browser.get(f"{address}?seen=building")
    end(approved.environment.operations.get(), OperationStatus.SUCCEEDED)

    assert browser.get(f"{address}?seen=building")["HX-Refresh"] == "true"
    assert "?seen=" not in browser.get(address).content.decode()


def test_prices_stand_side_by_side_with_the_range_of_their_phase(browser: Client) -> None:
    page = browser.get("/catalogue/prices/").content.decode()

    assert "should cost 80 to 150 USD a month" in page
    for one in comparison():
        assert f"/catalogue/{one.blueprint.architecture}/{one.blueprint.phase}/" in page


def test_a_kept_snapshot_comes_with_how_to_restore_and_to_delete_it(
    browser: Client, destroyed: Environment
) -> None:
    for arn, commands in (
        (
            "arn:aws:rds:us-east-1:123456789012:snapshot:shop-final-7",
            ("--db-snapshot-identifier shop-final-7 --db-instance-identifier", "aws rds delete-db-snapshot"),
        ),
        (
            "arn:aws:rds:us-east-1:123456789012:cluster-snapshot:shop-final-7",
            (
                "--snapshot-identifier shop-final-7 --db-cluster-identifier",
                "aws rds delete-db-cluster-snapshot",
            ),
        ),
    ):
        destroyed.remains = [{"arn": arn, "key": "database", "kept": True}]
        destroyed.save()

        page = browser.get(f"/environments/{destroyed.slug}/").text

        for command in commands:
            assert command in page


def test_a_request_says_how_long_it_takes_until_it_is_decided(
    browser: Client, request_of_alice: Request, bob: User
) -> None:
    assert "Usually done in about" in browser.get(f"/requests/{request_of_alice.pk}/").text

    approve(request=request_of_alice, seen=request_of_alice.hash, by=acting(bob))

    assert "Usually done in about" not in browser.get(f"/requests/{request_of_alice.pk}/").text


@pytest.mark.usefixtures("application", "account")
def test_the_form_says_how_long_it_would_take(browser: Client) -> None:
    assert "Usually done in about" in browser.get("/catalogue/containers/production/").text
