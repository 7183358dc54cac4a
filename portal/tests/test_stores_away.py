"""A database or a queue that does not answer: who asks is told to come again, and nothing is lost."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from pytest_django import Settings

from environments import queue
from environments.choices import Role, Scope, Via
from environments.management.commands import scheduler
from environments.models import Operation, Rule
from environments.services.actor import Actor
from environments.services.tokens import create_token
from environments.tests.factories import AccountFactory, ApplicationFactory, MembershipFactory, TeamFactory
from portal.launcher.home import free_port
from portal.launcher.redis import Redis
from portal.launcher.services import Running, stop, wait_ready

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def person() -> User:
    return User.objects.create_user("alice", password="a long password")


@pytest.fixture
def token(person: User) -> str:
    return create_token(user=person, name="ci", scopes=Scope.values, by=Actor(user=person, via=Via.COMMAND))[
        1
    ]


@pytest.fixture
def browser(person: User) -> Client:
    signed_in = Client(raise_request_exception=False)
    signed_in.force_login(person)
    return signed_in


@pytest.fixture
def no_database(person: User, token: str, browser: Client) -> Iterator[None]:
    """The database is gone, after everybody had signed in."""
    port = connection.settings_dict["PORT"]
    connection.close()
    connection.settings_dict["PORT"] = free_port()
    yield
    connection.close()
    connection.settings_dict["PORT"] = port


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "environments"), ("GET", "catalogue"), ("POST", "requests/1/cancel")]
)
def test_a_call_is_told_to_come_again(no_database: None, token: str, method: str, path: str) -> None:
    answer = Client(raise_request_exception=False).generic(
        method, f"/api/v1/{path}", headers={"Authorization": f"Bearer {token}"}
    )

    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert set(answer.json()) == {"code", "message", "hint", "field"}
    assert answer.json()["code"] == "database.unavailable"
    assert answer.json()["hint"]


@pytest.mark.parametrize("path", ["/", "/environments/", "/requests/1/", "/tokens/", "/admin/"])
def test_a_page_is_told_to_come_again_in_the_frame_of_all_pages(
    no_database: None, browser: Client, path: str
) -> None:
    answer = browser.get(path)

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "database does not answer" in answer.text
    assert "Go home" in answer.text, "the bare page of an error is for worse"
    assert "port " not in answer.text


def test_a_part_of_a_page_is_told_so_beside_what_stands_there(no_database: None, browser: Client) -> None:
    answer = browser.get("/environments/", headers={"hx-request": "true"})

    assert (answer.status_code, answer["HX-Retarget"]) == (503, "#toasts")
    assert "database does not answer" in answer.text


def test_who_signs_in_is_told_so(no_database: None) -> None:
    answer = Client(raise_request_exception=False).post(
        "/accounts/login/", {"login": "alice", "password": "a long password"}
    )

    assert answer.status_code == 503
    assert "database does not answer" in answer.text


def test_all_is_well_when_it_is_back(browser: Client, person: User) -> None:
    port = connection.settings_dict["PORT"]
    connection.close()
    connection.settings_dict["PORT"] = free_port()
    try:
        assert browser.get("/environments/").status_code == 503
    finally:
        connection.settings_dict["PORT"] = port

    assert browser.get("/environments/").status_code == 200


def test_a_crash_is_still_a_crash(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("environments.views.home.comparison", lambda: 1 / 0)

    answer = browser.get("/catalogue/")

    assert answer.status_code == 500
    assert not answer.has_header("Retry-After")


@pytest.fixture
def own_redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """A Redis of this test's own, which it may stop."""
    server = Redis(folder=tmp_path / "redis", port=free_port(), durable=False)
    running = Running(server.service(environment=os.environ, log=tmp_path / "redis.log"))
    wait_ready(running)
    for one in settings.RQ_QUEUES.values():
        monkeypatch.setitem(one, "URL", server.url)
    yield running
    stop(running)


@pytest.fixture
def asked() -> dict[str, object]:
    """What needs no approval and starts at once."""
    team = TeamFactory.create(slug="flowise")
    alice = MembershipFactory.create(team=team, user__username="alice", role=Role.DEVELOPER).user
    Rule.objects.create(name="everything is fine", approvals=0)
    application, account = ApplicationFactory.create(team=team), AccountFactory.create(teams=[team])
    token = create_token(user=alice, name="ci", scopes=Scope.values, by=Actor(user=alice, via=Via.COMMAND))[1]
    return {
        "token": token,
        "body": {
            "application": application.slug,
            "name": "fair",
            "architecture": "containers",
            "phase": "production",
            "region": "us-east-1",
            "account": account.slug,
        },
    }


@pytest.mark.parametrize("silent", [False, True], ids=["gone", "silent, which is worse"])
def test_a_request_is_stored_while_redis_is_away_and_rung_for_when_it_is_back(
    own_redis: Running, asked: dict[str, object], silent: bool
) -> None:
    if silent:
        os.kill(own_redis.pid, signal.SIGSTOP)
    else:
        stop(own_redis)
    started = time.monotonic()

    answer = Client().post(
        "/api/v1/requests",
        json.dumps(asked["body"]),
        content_type="application/json",
        headers={"Authorization": f"Bearer {asked['token']}"},
    )

    assert answer.status_code == 201, answer.content
    took = time.monotonic() - started
    assert took < 10, "nobody waits long for a doorbell"
    assert Operation.objects.due(Now()).count() == 1
    assert scheduler.Command().tick() == scheduler.BREAK

    if silent:
        os.kill(own_redis.pid, signal.SIGCONT)
    else:
        own_redis = Running(own_redis.service)
        wait_ready(own_redis)
    scheduler.Command().tick()
    waiting = queue.waiting()
    stop(own_redis)
    assert waiting >= 1


def test_who_signs_in_while_redis_is_away_is_told_so(person: User, settings: Settings) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": f"redis://127.0.0.1:{free_port()}/0",
        }
    }

    answer = Client(raise_request_exception=False).post(
        "/accounts/login/", {"login": "alice", "password": "a long password"}
    )

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "Redis does not answer" in answer.text
