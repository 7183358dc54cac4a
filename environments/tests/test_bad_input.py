"""What nobody types by accident: every door answers with an error of its own, never with a fault."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from environments.choices import OperationStatus
from environments.errors import InvalidInput
from environments.models import Environment, Operation, Request, Review
from environments.services.requests import comment
from environments.tests.conftest import acting, end
from environments.tests.test_api import asked, call, key

__all__ = ["asked"]
NUMBERS = ["\u00b2", "\u0663", "-1", "9" * 30, "9" * 3000, "1;drop", "1e5"]


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


@pytest.mark.parametrize("before", NUMBERS)
@pytest.mark.parametrize("path", ["/environments/", "/operations/", "/notifications/"])
def test_a_cursor_that_is_none_leaves_a_list_as_it_is(browser: Client, path: str, before: str) -> None:
    assert browser.get(path, {"before": before}).status_code == 200


@pytest.mark.parametrize("only", ["\u00b2", "9" * 30, "9" * 5000])
def test_what_is_no_key_marks_nothing_as_read(browser: Client, only: str) -> None:
    assert browser.post("/notifications/read/", {"only": only}).status_code == 302


@pytest.mark.parametrize("cursor", NUMBERS)
def test_the_api_says_what_a_cursor_must_be(alice: User, cursor: str) -> None:
    answer = Client().get(
        "/api/v1/environments", {"cursor": cursor}, headers={"Authorization": f"Bearer {key(alice)}"}
    )

    assert answer.status_code in (200, 422)


@pytest.mark.parametrize(
    "path",
    ["/catalogue/containers/production/?application=%00", "/environments/?before=%00", "/requests/1%00/"],
)
def test_an_address_with_what_no_database_holds_is_refused(browser: Client, path: str) -> None:
    assert browser.get(path).status_code == 400


@pytest.mark.parametrize("path", ["environments/a%00b", "teams/a%00b/members", "operations?cursor=%00"])
def test_the_api_refuses_such_an_address_in_its_own_shape(alice: User, path: str) -> None:
    answer = call(key(alice), "GET", path)

    assert (answer.status_code, answer.json()["code"]) == (400, "request.malformed")


@pytest.mark.parametrize("bad", ["a\0b", "\ud800"])
@pytest.mark.parametrize("field", ["application", "account", "name", "note", "architecture"])
def test_the_api_refuses_such_text_in_a_body(
    alice: User, asked: dict[str, Any], field: str, bad: str
) -> None:
    answer = call(key(alice), "POST", "requests", {**asked, field: bad})

    assert (answer.status_code, answer.json()["code"]) == (400, "request.malformed")
    assert not Request.objects.exists()


def test_a_body_that_is_too_long_is_said_to_be(alice: User) -> None:
    answer = call(key(alice), "POST", "estimates", {"name": "x" * 3_000_000})

    assert (answer.status_code, answer.json()["code"]) == (413, "request.too_long")


@pytest.mark.parametrize("text", ["a\0b", "x" * 4001])
def test_a_comment_is_text_of_a_readable_length(request_of_alice: Request, alice: User, text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        comment(request=request_of_alice, text=text, by=acting(alice))

    assert refused.value.field == "comment"
    assert not Review.objects.exists()


def test_a_team_that_cannot_be_is_no_team(browser: Client) -> None:
    assert browser.post("/team/", {"team": "a\0b"}).status_code == 302


def test_days_beyond_all_numbers_are_told_at_their_field(browser: Client, ready: Environment) -> None:
    answer = browser.post(f"{ready.get_absolute_url()}extend/", {"days": "9" * 5000})

    assert answer.status_code == 422


def test_an_action_that_does_not_exist_does_nothing(browser: Client, approved: Request) -> None:
    failed = approved.operations.get()
    end(failed, OperationStatus.FAILED)

    assert browser.post(f"{failed.get_absolute_url()}cancle/").status_code == 404
    assert browser.post(f"{approved.get_absolute_url()}aprove/", {"comment": "x"}).status_code == 404
    assert Operation.objects.get().can_retry


def test_a_host_that_is_not_ours_is_refused_with_a_page_that_holds(
    client: Client, db: None, caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.get("/", headers={"host": "evil.example"})

    assert answer.status_code == 400
    assert "could not be understood" in answer.content.decode()
    assert "failed itself" not in caplog.text
