"""The API as CI uses it: tokens, requests, errors in one shape."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from environments.choices import Lifecycle, Scope, Via
from environments.models import Environment, Token
from environments.services.actor import Actor
from environments.services.proposals import Wish
from environments.services.tokens import create_token


def key(user: User, *scopes: Scope) -> str:
    _, text = create_token(
        user=user,
        name="test",
        scopes=[s.value for s in scopes or Scope],
        by=Actor(user=user, via=Via.COMMAND),
    )
    return text


def call(token: str, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    return Client().generic(
        method,
        f"/api/v1/{path}",
        data="" if body is None else json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )


@pytest.fixture
def asked(wish: Wish) -> dict[str, Any]:
    return {
        "application": wish.application.slug,
        "name": wish.name,
        "architecture": wish.architecture,
        "phase": wish.phase,
        "region": wish.region,
        "account": wish.account.slug,
    }


def test_a_request_is_made_approved_by_another_token_and_becomes_an_operation(
    asked: dict[str, Any], alice: User, bob: User
) -> None:
    made = call(key(alice), "POST", "requests", asked)
    assert made.status_code == 201, made.content
    assert made.json()["status"] == "pending"
    assert float(made.json()["estimate"]["gross"]) > 80

    own = call(key(alice), "POST", f"requests/{made.json()['id']}/approve", {"hash": made.json()["hash"]})
    assert (own.status_code, own.json()["code"]) == (403, "request.own")

    approved = call(key(bob), "POST", f"requests/{made.json()['id']}/approve", {"hash": made.json()["hash"]})
    assert approved.json()["status"] == "approved"

    operation = call(key(alice), "GET", f"operations/{approved.json()['operation']}").json()
    assert operation["status"] == "queued"
    assert len(operation["steps"]) > 40
    assert operation["eta"] == round(operation["eta"], 1)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "Not A Name"}, "name"),
        ({"region": "eu-south-2"}, "region"),
        ({"options": {"colour": "red"}}, "colour"),
        ({"options": {"min_tasks": 500}}, "min_tasks"),
        ({"options": {"min_tasks": 9, "max_tasks": 3}}, "max_tasks"),
        ({"options": {"domain": "shop.example.org"}}, "hosted_zone_id"),
        ({"account": "elsewhere"}, "account"),
    ],
)
def test_bad_input_is_told_at_its_field_and_changes_nothing(
    asked: dict[str, Any], alice: User, change: dict[str, Any], field: str
) -> None:
    answer = call(key(alice), "POST", "requests", {**asked, **change})

    assert answer.status_code in (400, 422), answer.content
    assert set(answer.json()) == {"code", "message", "hint", "field"}
    assert answer.json()["field"] == field
    assert not Environment.objects.exists()


def test_an_expired_a_revoked_and_an_unknown_token_are_refused(alice: User) -> None:
    text = key(alice)
    Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert call(text, "GET", "environments").json()["code"] == "token.expired"

    Token.objects.update(expires_at=timezone.now() + timedelta(days=1), revoked_at=timezone.now())
    assert call(text, "GET", "environments").json()["code"] == "token.revoked"

    unknown = call("and_nothing", "GET", "environments")
    assert (unknown.status_code, unknown.json()["code"]) == (401, "token.invalid")


def test_a_token_does_only_what_its_scopes_say(asked: dict[str, Any], alice: User) -> None:
    answer = call(key(alice, Scope.READ), "POST", "requests", asked)

    assert (answer.status_code, answer.json()["code"]) == (403, "token.scope")
    assert not Environment.objects.exists()


def test_another_teams_environment_is_not_there(ready: Environment, mallory: User) -> None:
    assert call(key(mallory), "GET", f"environments/{ready.slug}").status_code == 404
    assert call(key(mallory), "DELETE", f"environments/{ready.slug}").status_code == 404
    assert call(key(mallory), "GET", "environments").json()["items"] == []


def test_destroying_answers_with_where_to_look(ready: Environment, alice: User) -> None:
    answer = call(key(alice), "DELETE", f"environments/{ready.slug}")

    assert answer.status_code == 202, answer.content
    assert answer["Location"] == f"/api/v1/operations/{answer.json()['id']}"


def test_what_is_destroyed_costs_nothing_any_more(ready: Environment, alice: User) -> None:
    token, path = key(alice, Scope.READ), f"environments/{ready.slug}"
    assert call(token, "get", path).json()["cost"]["expected"]

    Environment.objects.update(lifecycle=Lifecycle.DESTROYED)

    assert call(token, "get", path).json()["cost"] is None


def test_the_api_describes_itself(db: None) -> None:
    assert "/api/v1/requests" in Client().get("/api/v1/openapi.json").json()["paths"]
