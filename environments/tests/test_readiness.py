"""The readiness checklist: what a worker finds out, what people tick, and who may do what."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
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
