"""Input that is huge or deep: refused in a few words, never a fault."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from environments.models import Environment
from environments.tests.test_api import asked, call, key
from environments.tests.test_people_pages import leader

__all__ = ["asked", "leader"]
LONGEST_ANSWER = 1200  # of an error, in bytes


def post(token: str, path: str, body: str) -> Any:
    return Client(raise_request_exception=False).post(
        f"/api/v1/{path}", body, content_type="application/json", headers={"Authorization": f"Bearer {token}"}
    )


def deep(levels: int, inner: str = "1", opens: str = "[", closes: str = "]") -> str:
    return opens * levels + inner + closes * levels


DEEP = pytest.mark.parametrize("levels", [60, 500, 990, 3000, 50_000])
KINDS = pytest.mark.parametrize(("opens", "closes"), [("[", "]"), ('{"a":', "}")], ids=["lists", "objects"])


@DEEP
@KINDS
@pytest.mark.parametrize("path", ["requests", "estimates"])
@pytest.mark.parametrize("place", ["options", "usage", "name", "unheard_of"])
def test_a_body_that_is_deeper_than_any_choice_is_refused(
    asked: dict[str, Any], alice: User, path: str, place: str, levels: int, opens: str, closes: str
) -> None:
    value = deep(levels, opens=opens, closes=closes)
    value = f'{{"min_tasks": {value}, "requests": {value}}}' if place in ("options", "usage") else value
    body = json.dumps({**asked, place: "HERE"}).replace('"HERE"', value)

    answer = post(key(alice), path, body)

    assert answer.status_code in (400, 422), answer.content[:300]
    assert len(answer.content) < LONGEST_ANSWER
    assert set(answer.json()) == {"code", "message", "hint", "field"}
    assert not Environment.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"options": {"min_tasks": "9" * 400_000}},
        {"options": {"min_tasks": ["x"] * 100_000}},
        {"options": {"min_tasks": {str(number): number for number in range(50_000)}}},
        {"options": {"domain": "x" * 400_000}},
        {"options": {"x" * 400_000: 1}},
        {"options": {f"option_{number}": number for number in range(30_000)}},
        {"usage": {"requests": "9" * 400_000}},
        {"usage": {"x" * 400_000: 1}},
        {"name": "x" * 400_000},
        {"application": "x" * 400_000},
        {"account": "x" * 400_000},
        {"region": "x" * 400_000},
        {"architecture": "x" * 400_000},
        {"phase": "x" * 400_000},
        {"note": "x" * 400_000},
        {"name": ["x"] * 100_000},
        {"expires_in_days": 10**4000},
        {"expires_in_days": "9" * 400_000},
        {"x" * 400_000: 1},
    ],
    ids=lambda change: str(change)[:30],
)
def test_a_value_of_hundreds_of_kilobytes_is_refused_in_a_few_words(
    asked: dict[str, Any], alice: User, change: dict[str, Any]
) -> None:
    unknown = next(iter(change)) not in asked and len(next(iter(change))) > 100

    answer = post(key(alice), "requests", json.dumps({**asked, **change}))

    if unknown:  # what no field takes is left alone
        assert answer.status_code == 201
        return
    assert answer.status_code in (400, 422), answer.content[:300]
    assert len(answer.content) < LONGEST_ANSWER, answer.content[:300]
    assert not Environment.objects.exists()


def test_a_body_of_megabytes_is_not_read(alice: User, asked: dict[str, Any]) -> None:
    answer = post(key(alice), "requests", json.dumps({**asked, "note": "x" * 5_000_000}))

    assert (answer.status_code, answer.json()["code"]) == (413, "request.too_long")
    assert "longer" in answer.json()["message"]
    assert answer.json()["hint"]


def test_a_form_of_megabytes_is_told_so_on_a_page(client: Client, alice: User) -> None:
    client.force_login(alice)

    answer = client.post("/tokens/", {"name": "x" * 5_000_000})

    assert answer.status_code == 413
    assert "longer" in answer.text


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "teams/flowise/members/bob", {"role": "x" * 400_000}),
        ("PUT", f"teams/flowise/members/{'x' * 3000}", {"role": "viewer"}),
        ("PUT", "notifications/mail", {"mail": True, "language": "x" * 400_000}),
        ("POST", "notifications/read", {"ids": [10**400]}),
        ("POST", "notifications/read", {"ids": list(range(100_000))}),
        ("POST", "environments/shop-staging/extend", {"days": 10**4000}),
    ],
)
def test_every_other_call_is_as_brief(
    ready: Environment, leader: User, method: str, path: str, body: dict[str, Any]
) -> None:
    answer = call(key(leader), method, path, body)

    assert answer.status_code < 500
    assert len(answer.content) < LONGEST_ANSWER, answer.content[:300]


def test_every_form_is_as_brief(client: Client, alice: User, ready: Environment) -> None:
    client.force_login(alice)
    long = "x" * 400_000
    posts = [
        (
            "/catalogue/containers/production/",
            {"name": long, "option_min_tasks": long, "option_domain": long},
        ),
        ("/catalogue/containers/production/", {"name": long[:29], "usage_requests": "9" * 4000}),
        (f"{ready.get_absolute_url()}destroy/", {"confirm_name": long}),
        (f"{ready.get_absolute_url()}extend/", {"days": long}),
        ("/tokens/", {"name": long, "scopes": [long], "days": long}),
    ]
    for path, data in posts:
        answer = client.post(path, data)
        told = [text for form in _forms(answer) for errors in form.errors.values() for text in errors]
        assert answer.status_code < 500, path
        assert all(len(text) < 400 for text in told), (path, [text[:100] for text in told])


def _forms(answer: Any) -> list[Any]:
    return [answer.context["form"]] if answer.context and "form" in answer.context else []
