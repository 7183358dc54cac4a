"""Faults that nobody foresaw, and sessions that ended, in the product as it is wired."""

from __future__ import annotations

from typing import NoReturn

import pytest
from django.contrib.auth.models import User
from django.test import Client

from environments.choices import Scope, Via
from environments.services.actor import Actor
from environments.services.tokens import create_token

pytestmark = pytest.mark.django_db
SECRET = "the password is hunter2"


@pytest.fixture
def person() -> User:
    return User.objects.create_user("alice")


@pytest.fixture
def client(person: User) -> Client:
    signed_in = Client(raise_request_exception=False)
    signed_in.force_login(person)
    return signed_in


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The catalogue cannot be read, neither by its page nor by its API call."""

    def fail() -> NoReturn:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("environments.views.home.comparison", fail)
    monkeypatch.setattr("environments.api.catalogue.comparison", fail)


def test_the_api_answers_in_the_one_shape_and_keeps_its_secret(broken: None, person: User) -> None:
    _, token = create_token(
        user=person, name="ci", scopes=[Scope.READ], by=Actor(user=person, via=Via.COMMAND)
    )

    answer = Client(raise_request_exception=False).get(
        "/api/v1/catalogue", headers={"authorization": f"Bearer {token}", "x-request-id": "from-the-proxy"}
    )

    assert answer.status_code == 500
    assert set(answer.json()) == {"code", "message", "hint", "field"}
    assert answer.json()["code"] == "server.error"
    assert "from-the-proxy" in answer.json()["hint"]
    assert SECRET not in answer.text
    assert "Traceback" not in answer.text


def test_a_page_answers_with_the_error_page_and_keeps_its_secret(broken: None, client: Client) -> None:
    answer = client.get("/catalogue/", headers={"x-request-id": "from-the-proxy"})

    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text
    assert "from-the-proxy" in answer.text
    assert SECRET not in answer.text
    assert "Traceback" not in answer.text


def test_a_part_of_a_page_answers_with_a_notice_for_that_page(broken: None, client: Client) -> None:
    answer = client.get("/catalogue/", headers={"hx-request": "true"})

    assert (answer.status_code, answer["HX-Retarget"]) == (500, "#toasts")
    assert "<html" not in answer.text
    assert SECRET not in answer.text


def test_an_address_that_is_not_in_the_api_is_told_in_the_one_shape(client: Client) -> None:
    answer = client.get("/api/v1/nothing")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_an_address_that_only_takes_forms_says_so(client: Client) -> None:
    answer = client.get("/operations/1/cancel/")

    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "only for what a form sends" in answer.text


def test_a_poll_after_the_session_ended_leads_to_the_sign_in_and_back_to_the_page() -> None:
    answer = Client().get(
        "/operations/7/",
        headers={"hx-request": "true", "hx-current-url": "http://testserver/operations/7/?a=b"},
    )

    assert answer["HX-Redirect"] == "/accounts/login/?next=%2Foperations%2F7%2F"


def test_a_form_after_the_session_ended_leads_back_to_its_page() -> None:
    answer = Client().post("/requests/7/approve/", headers={"referer": "http://testserver/requests/7/"})

    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=%2Frequests%2F7%2F")


def test_a_form_from_elsewhere_is_not_led_there() -> None:
    answer = Client().post("/requests/7/approve/", headers={"referer": "http://evil.example/requests/7/"})

    assert answer["Location"] == "/accounts/login/?next=/requests/7/approve/"
