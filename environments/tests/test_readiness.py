"""The readiness checklist: what a worker finds out, what people tick, who may do what, by page and by API."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from environments import jobs, queue
from environments.choices import Lifecycle, OperationStatus, Scope
from environments.errors import Conflict, InvalidInput, NotAllowed, NotThere
from environments.management.commands.scheduler import Command
from environments.models import AuditLine, Environment, ReadinessCheck, ReadinessTick, Request
from environments.readiness import checklist_of
from environments.services import readiness
from environments.services.tokens import create_token
from environments.tests.conftest import acting, end, record
from environments.tests.test_list_questions import FRAME
from provisioning.kinds.tests.cloud import running_cloud
from provisioning.readiness.answer import Answer, State
from provisioning.readiness.checklist import ITEMS

pytestmark = pytest.mark.django_db
MANUAL = "restore"
OF_ENVIRONMENT = 8  # itself, its resources, requests, operation, and what this person may do


def answers(**states: State) -> dict[str, Answer]:
    """Everything passes, but what is told otherwise."""
    return {
        item.key: Answer(state=states.get(item.key.replace("-", "_"), State.PASS), seen="Seen.")
        for item in ITEMS
        if not item.is_manual
    }


def found(environment: Environment, **states: State) -> ReadinessCheck:
    """A check that ended so."""
    readiness.want_check(environment)
    claimed = readiness.claim_check()
    assert claimed is not None
    readiness.record_check(claimed, answers(**states))
    return ReadinessCheck.objects.get(environment=environment)


def page(client: Client, user: User, environment: Environment, query: str = "") -> str:
    client.force_login(user)
    return client.get(f"/environments/{environment.slug}/readiness/{query}").content.decode()


def by_api(user: User, method: str, path: str, body: object = None, scope: Scope = Scope.READ) -> Any:
    _, text = create_token(user=user, name="test", scopes=[scope], by=acting(user))
    return Client().generic(
        method,
        f"/api/v1/environments/{path}",
        data=json.dumps(body) if body is not None else "",
        content_type="application/json",
        headers={"Authorization": f"Bearer {text}"},
    )


# What a worker does ------------------------------------------------------------------------------------------------


def test_a_worker_asks_aws_and_writes_down_what_it_said(ready: Environment, alice: User) -> None:
    with running_cloud() as endpoint:
        ready.account.endpoint_url = endpoint
        ready.account.save()
        readiness.request_check(environment=ready, by=acting(alice))

        assert jobs.check_next() == 1

    check = ReadinessCheck.objects.get(environment=ready)
    assert check.checked_at is not None
    assert check.wanted_at is None
    assert check.answers["account"].seen == f"AWS answers for account {ready.account.number}."
    assert check.answers["deletion-protection"].seen.startswith("AWS no longer has ")
    assert jobs.check_next() == 0


def test_an_environment_is_checked_when_it_was_built(
    approved: Request, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    vpc = next(change for change in approved.plan.changes if change.key == "vpc")
    record(approved.environment, vpc)

    with django_capture_on_commit_callbacks() as waiting:
        end(approved.environment.operations.get(), OperationStatus.SUCCEEDED)

    assert queue.ring_readiness in waiting
    assert ReadinessCheck.objects.get().wanted_at is not None


def test_what_stands_ready_is_checked_once_a_day(ready: Environment) -> None:
    found(ready)
    readiness.want_daily_checks()
    assert ReadinessCheck.objects.get().wanted_at is None

    ReadinessCheck.objects.update(checked_at=timezone.now() - timedelta(hours=25))
    Command().ring_for_readiness()

    assert ReadinessCheck.objects.get().wanted_at is not None


def test_what_sleeps_or_is_gone_is_not_checked_by_itself(ready: Environment) -> None:
    Environment.objects.update(lifecycle=Lifecycle.ASLEEP)
    ReadinessCheck.objects.all().delete()

    readiness.want_daily_checks()

    assert not ReadinessCheck.objects.exists()


def test_two_workers_do_not_check_the_same(ready: Environment) -> None:
    readiness.want_check(ready)

    assert readiness.claim_check() is not None
    assert readiness.claim_check() is None


def test_a_check_whose_worker_died_is_taken_up_again(ready: Environment) -> None:
    readiness.want_check(ready)
    readiness.claim_check()
    ReadinessCheck.objects.update(started_at=timezone.now() - timedelta(minutes=6))

    assert readiness.claim_check() is not None


def test_a_check_that_was_wanted_while_one_ran_is_still_to_come(ready: Environment) -> None:
    readiness.want_check(ready)
    claimed = readiness.claim_check()
    assert claimed is not None
    readiness.want_check(ready)

    readiness.record_check(claimed, answers())

    check = ReadinessCheck.objects.get()
    assert check.checked_at is not None
    assert check.wanted_at is not None
    assert check.started_at is None


def test_rows_of_another_version_end_the_check_and_are_told(
    ready: Environment, alice: User, client: Client
) -> None:
    Environment.objects.update(raw_spec={"of": "another version"})
    readiness.want_check(ready)

    jobs.check_next()

    assert ReadinessCheck.objects.get().wanted_at is None
    assert "cannot read what is recorded" in page(client, alice, ready)


def test_a_check_of_what_is_gone_meanwhile_is_dropped(ready: Environment) -> None:
    readiness.want_check(ready)
    Environment.objects.update(lifecycle=Lifecycle.DESTROYED)

    jobs.check_next()

    check = ReadinessCheck.objects.get()
    assert (check.wanted_at, check.checked_at) == (None, None)


# The score ---------------------------------------------------------------------------------------------------------


def test_the_score_leaves_out_what_does_not_apply_and_counts_ticks(ready: Environment, alice: User) -> None:
    found(ready, firewall=State.NOT_APPLICABLE, budget=State.FAIL)
    manual = sum(item.is_manual for item in ITEMS)
    before = checklist_of(ready)
    assert (before.done, before.total) == (len(ITEMS) - manual - 2, len(ITEMS) - 1)
    assert before.left == manual + 1

    readiness.tick_item(environment=ready, item=MANUAL, note="", by=acting(alice))

    assert checklist_of(ready).done == before.done + 1


def test_an_answer_that_another_version_wrote_counts_as_not_checked(ready: Environment) -> None:
    check = found(ready)
    check.raw_answers["budget"] = {"state": "splendid"}
    check.save()

    lines = {line.item.key: line for section in checklist_of(ready).sections for line in section.lines}

    assert lines["budget"].state == "unchecked"


def test_an_item_says_since_when_it_stands_so(ready: Environment) -> None:
    found(ready, budget=State.FAIL)
    first = ReadinessCheck.objects.get().since
    check = found(ready, budget=State.FAIL, firewall=State.FAIL)

    assert check.since["budget"] == first["budget"]
    assert check.since["firewall"] > first["firewall"]


# Ticks -------------------------------------------------------------------------------------------------------------


def test_a_tick_says_who_and_what_and_can_be_taken_back(ready: Environment, alice: User, bob: User) -> None:
    readiness.tick_item(environment=ready, item=MANUAL, note="took 12 minutes", by=acting(alice))
    readiness.tick_item(environment=ready, item=MANUAL, note="again", by=acting(bob))

    tick = ReadinessTick.objects.get()
    assert (tick.by, tick.note) == (bob, "again")

    readiness.untick_item(environment=ready, item=MANUAL, by=acting(alice))
    readiness.untick_item(environment=ready, item=MANUAL, by=acting(alice))

    assert not ReadinessTick.objects.exists()
    lines = AuditLine.objects.filter(verb__startswith="readiness.").order_by("pk")
    assert [line.verb for line in lines] == ["readiness.ticked", "readiness.ticked", "readiness.unticked"]
    assert lines[1].before == {"item": MANUAL, "note": "took 12 minutes"}
    assert lines[2].before["by"] == "bob"  # type: ignore[index]


def test_what_a_probe_sees_nobody_ticks(ready: Environment, alice: User) -> None:
    with pytest.raises(InvalidInput, match="seen by AWS"):
        readiness.tick_item(environment=ready, item="backups", note="", by=acting(alice))
    with pytest.raises(NotThere, match="no item nothing"):
        readiness.tick_item(environment=ready, item="nothing", note="", by=acting(alice))


def test_a_viewer_reads_and_neither_ticks_nor_checks(
    ready: Environment, victor: User, client: Client
) -> None:
    found(ready, backups=State.FAIL)

    shown = page(client, victor, ready)

    assert "Automated backups" in shown
    main = shown.split("<main")[1]
    assert "<form" not in main
    assert "/change/" not in main
    for forbidden in (
        lambda: readiness.tick_item(environment=ready, item=MANUAL, note="", by=acting(victor)),
        lambda: readiness.request_check(environment=ready, by=acting(victor)),
    ):
        with pytest.raises(NotAllowed):
            forbidden()


def test_a_stranger_finds_nothing(ready: Environment, mallory: User, client: Client) -> None:
    client.force_login(mallory)
    address = f"/environments/{ready.slug}/readiness/"

    assert client.get(address).status_code == 404
    assert client.post(f"{address}check/").status_code == 404
    assert client.post(f"{address}{MANUAL}/tick/").status_code == 404
    assert by_api(mallory, "GET", f"{ready.slug}/readiness").status_code == 404


def test_what_does_not_stand_is_not_checked(request_of_alice: Request, alice: User) -> None:
    with pytest.raises(Conflict, match="nothing to check"):
        readiness.request_check(environment=request_of_alice.environment, by=acting(alice))


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
