"""The description of the API (OpenAPI): every call says in words what it does and which scope it needs."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from environments.api.routes import api
from environments.choices import Scope
from environments.services.tokens import create_token
from environments.tests.conftest import acting

DESCRIPTION: dict[str, Any] = api.get_openapi_schema()
CALLS = [
    (method, path, call) for path, methods in DESCRIPTION["paths"].items() for method, call in methods.items()
]
WISH: dict[str, object] = dict.fromkeys(
    ("application", "name", "architecture", "phase", "region", "account"), "x"
)
BODIES: dict[str, dict[str, object]] = {
    "/api/v1/estimates": WISH,
    "/api/v1/requests": WISH,
    "/api/v1/requests/{pk}/approve": {"hash": "x"},
    "/api/v1/requests/{pk}/deny": {"reason": "x"},
    "/api/v1/environments/{slug}/extend": {"days": 1},
    "/api/v1/notifications/mail": {"mail": True},
    "/api/v1/teams/{slug}/members/{username}": {"role": "viewer"},
}

every_call = pytest.mark.parametrize(
    ("method", "path", "call"), CALLS, ids=[f"{method} {path}" for method, path, _ in CALLS]
)


@every_call
def test_a_call_says_what_it_does(method: str, path: str, call: dict[str, Any]) -> None:
    made_of_its_function = (
        call["operationId"].rpartition("_api_")[2].partition("_")[2].replace("_", " ").title()
    )

    assert call["summary"] != made_of_its_function
    assert len(call["summary"]) < 45
    assert call["description"].endswith("`.")


@every_call
def test_a_call_names_the_scope_that_it_needs(
    method: str, path: str, call: dict[str, Any], alice: User
) -> None:
    named = re.search(r"Scope: `(\S+)`\.$", call["description"])
    assert named is not None
    assert named[1] in Scope.values
    others = [scope for scope in Scope.values if scope != named[1]]
    _, text = create_token(user=alice, name="others", scopes=others, by=acting(alice))

    answer = Client().generic(
        method.upper(),
        re.sub(r"{\w+}", "1", path),
        data=json.dumps(BODIES.get(path, {})),
        content_type="application/json",
        headers={"Authorization": f"Bearer {text}"},
    )

    assert answer.status_code == 403, answer.content
    assert answer.json()["code"] == "token.scope"
    assert named[1] in answer.json()["message"]


def test_every_group_of_calls_is_described() -> None:
    described = {tag["name"]: tag["description"] for tag in DESCRIPTION["tags"]}

    assert {tag for _, _, call in CALLS for tag in call["tags"]} == set(described)
    assert all(described.values())
    assert "Authorization: Bearer" in DESCRIPTION["info"]["description"]
