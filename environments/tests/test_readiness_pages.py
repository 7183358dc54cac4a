"""The readiness checklist by page and by API."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from environments.choices import Scope
from environments.models import Environment, ReadinessCheck, ReadinessTick
from environments.readiness import checklist_of
from environments.services import readiness
from environments.tests.conftest import acting
from environments.tests.test_list_questions import FRAME
from environments.tests.test_readiness import MANUAL, OF_ENVIRONMENT, answers, by_api, found, page
from provisioning.readiness.answer import State
from provisioning.readiness.checklist import ITEMS

pytestmark = pytest.mark.django_db


# The page ----------------------------------------------------------------------------------------------------------


def test_before_the_first_check_the_page_says_so(ready: Environment, alice: User, client: Client) -> None:
    ReadinessCheck.objects.all().delete()

    assert "Not checked yet." in page(client, alice, ready)


def test_the_button_has_aws_asked_and_htmx_gets_the_page_part_when_it_is_over(
    ready: Environment, alice: User, client: Client
) -> None:
    ReadinessCheck.objects.all().delete()
    client.force_login(alice)
    address = f"/environments/{ready.slug}/readiness/"
    assert client.post(f"{address}check/").headers["Location"] == address

    running = client.get(address).content.decode()
    assert 'hx-trigger="every 2s"' in running
    assert client.get(address, headers={"HX-Request": "true"}).status_code == 204

    claimed = readiness.claim_check()
    assert claimed is not None
    readiness.record_check(claimed, answers())
    over = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert over.strip().startswith('<div id="readiness"')
    assert "every 2s" not in over


def test_what_an_option_sets_right_is_a_link_to_a_change(
    ready: Environment, alice: User, client: Client
) -> None:
    found(ready, firewall=State.FAIL, domain=State.FAIL, budget=State.FAIL)

    shown = page(client, alice, ready)

    assert f'href="/environments/{ready.slug}/change/?firewall=on"' in shown
    assert f'href="/environments/{ready.slug}/change/#id_option_domain"' in shown
    assert f'href="/environments/{ready.slug}/change/#id_option_monthly_budget"' in shown


def test_what_the_environment_was_asked_with_already_is_no_fix(ready: Environment, alice: User) -> None:
    spec = {**ready.raw_spec, "options": {**ready.raw_spec["options"], "firewall": True}}
    Environment.objects.update(raw_spec=spec)
    ready.refresh_from_db()
    found(ready, firewall=State.FAIL)

    lines = {line.item.key: line for section in checklist_of(ready).sections for line in section.lines}

    assert lines["firewall"].options == {}
    assert lines["firewall"].change == ""


def test_only_what_is_left_can_be_shown(ready: Environment, alice: User, client: Client) -> None:
    found(ready, budget=State.FAIL)

    shown = page(client, alice, ready, "?left=1")

    assert 'id="item-budget"' in shown
    assert f'id="item-{MANUAL}"' in shown
    assert 'id="item-backups"' not in shown


def test_a_tick_by_page_and_back(ready: Environment, alice: User, client: Client) -> None:
    client.force_login(alice)
    address = f"/environments/{ready.slug}/readiness/{MANUAL}/tick/"

    assert client.post(address, {"note": "12 minutes"}).headers["Location"].endswith(f"#item-{MANUAL}")
    assert "12 minutes" in page(client, alice, ready)

    client.post(address, {"untick": "1"})
    assert "12 minutes" not in page(client, alice, ready)


def test_who_looks_at_what_is_left_goes_on_looking_at_it(
    ready: Environment, alice: User, client: Client
) -> None:
    client.force_login(alice)
    address = f"/environments/{ready.slug}/readiness/"

    assert f'action="{address}{MANUAL}/tick/?left=1"' in page(client, alice, ready, "?left=1")
    assert client.post(f"{address}{MANUAL}/tick/?left=1").headers["Location"] == f"{address}?left=1"


def test_a_note_that_is_too_long_is_told(ready: Environment, alice: User, client: Client) -> None:
    client.force_login(alice)

    answer = client.post(
        f"/environments/{ready.slug}/readiness/{MANUAL}/tick/", {"note": "x" * 501}, follow=True
    )

    assert "at most 500 characters" in answer.content.decode()


def test_the_page_speaks_spanish_all_through(ready: Environment, alice: User, client: Client) -> None:
    found(ready, budget=State.FAIL)
    client.cookies["django_language"] = "es"

    shown = page(client, alice, ready)

    assert "Copias de seguridad automáticas" in shown
    assert "Automated backups" not in shown


def test_the_page_asks_the_database_as_often_with_many_ticks_as_with_none(
    ready: Environment, alice: User, client: Client
) -> None:
    found(ready, budget=State.FAIL)
    page(client, alice, ready)
    with CaptureQueriesContext(
        connection,
    ) as before:
        page_again = client.get(f"/environments/{ready.slug}/readiness/")
    for item in ITEMS:
        if item.is_manual:
            readiness.tick_item(environment=ready, item=item.key, note="", by=acting(alice))

    with CaptureQueriesContext(connection) as after:
        client.get(f"/environments/{ready.slug}/readiness/")

    assert page_again.status_code == 200
    assert len(after) == len(before) == FRAME + OF_ENVIRONMENT


# The API -----------------------------------------------------------------------------------------------------------


def test_the_api_tells_the_checklist(ready: Environment, victor: User) -> None:
    found(ready, firewall=State.FAIL)

    told = by_api(victor, "GET", f"{ready.slug}/readiness").json()

    assert [part["key"] for part in told["parts"]] == ["setup", "application", "monitoring", "security"]
    items = {item["key"]: item for part in told["parts"] for item in part["items"]}
    assert items["firewall"]["state"] == "fail"
    assert items["firewall"]["fix"]["options"] == {"firewall": True}
    assert items["backups"]["fix"] is None
    assert told["total"] == len(ITEMS)
    assert told["checking"] is False


def test_the_api_has_aws_asked_and_ticks(ready: Environment, alice: User) -> None:
    asked = by_api(alice, "POST", f"{ready.slug}/readiness/check", scope=Scope.CHANGE)
    assert asked.status_code == 202
    assert asked.headers["Location"] == f"/api/v1/environments/{ready.slug}/readiness"
    assert asked.json()["checking"] is True

    path = f"{ready.slug}/readiness/{MANUAL}/tick"
    ticked = by_api(alice, "PUT", path, {"note": "12 minutes"}, scope=Scope.CHANGE).json()
    tick = next(item["tick"] for part in ticked["parts"] for item in part["items"] if item["key"] == MANUAL)
    assert (tick["by"], tick["note"]) == ("alice", "12 minutes")

    back = by_api(alice, "DELETE", path, scope=Scope.CHANGE)
    assert back.status_code == 200
    assert not ReadinessTick.objects.exists()


@pytest.mark.parametrize(
    ("item", "status", "code"), [("backups", 422, "input.invalid"), ("nothing", 404, "not_found")]
)
def test_the_api_refuses_in_its_one_shape(
    ready: Environment, alice: User, item: str, status: int, code: str
) -> None:
    refused = by_api(alice, "PUT", f"{ready.slug}/readiness/{item}/tick", {"note": ""}, scope=Scope.CHANGE)

    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert {*refused.json()} == {"code", "message", "hint", "field"}
