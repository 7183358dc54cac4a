"""What waits for a person elsewhere: told by page and API until AWS says that it is done."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client

from environments import watching
from environments.models import Environment, Team
from environments.services.tokens import create_token
from environments.services.waiting import may_wait, waiting
from environments.tests.conftest import acting, record
from environments.tests.factories import AccountFactory
from provisioning.aws import AccountAccess, Aws, Connection
from provisioning.inspect.alarms import SILENCE
from provisioning.kinds.codeconnections_connection import ConnectionProps
from provisioning.plan import plan_for
from provisioning.resource import Resource
from provisioning.simulator.launch import Simulator, start

pytestmark = pytest.mark.simulator


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with start(speed=1000) as running:
        yield running


@pytest.fixture
def connected(ready: Environment, simulator: Simulator) -> Environment:
    """An environment whose pipeline waits for somebody who lets AWS in at GitHub."""
    account = ready.account
    account.endpoint_url, account.simulated = simulator.endpoint, False
    account.save()
    access = AccountAccess(account=account.number, endpoint_url=simulator.endpoint)
    aws = Aws(connection=Connection(access, ready.region))
    name = f"source-{ready.stack}"
    arn = aws.codeconnections.create_connection(ConnectionName=name, ProviderType="GitHub")["ConnectionArn"]
    resource = Resource(key="source", title="Connection to GitHub", name=name, props=ConnectionProps())
    row = record(ready, plan_for(ready.spec, (resource,)).changes[0])
    row.raw |= {"id": arn, "title": resource.title}
    row.aws_id = arn
    row.save()
    return ready


def test_an_environment_without_such_things_asks_nobody(ready: Environment) -> None:
    assert not may_wait(ready)
    assert waiting(ready) == []


def test_the_page_says_what_somebody_has_to_do_and_that_it_was_done(
    connected: Environment, alice: User, client: Client, simulator: Simulator
) -> None:
    client.force_login(alice)
    address = f"{connected.get_absolute_url()}waiting/"
    assert f'hx-get="{address}"' in client.get(connected.get_absolute_url()).content.decode()

    asked = client.get(address).content.decode()
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    simulator.finish_connection(f"source-{connected.stack}")
    done = client.get(address).content.decode()

    assert "Waits for somebody: Connection to GitHub" in asked
    assert "https://us-east-1.console.aws.amazon.com/codesuite/settings/connections" in asked
    assert "Update pending connection" in part and "<html" not in part
    assert "This AWS is simulated" not in asked
    assert "Done: Connection to GitHub" in done and "Waits for somebody:" not in done


def test_the_api_tells_the_same(
    connected: Environment, alice: User, client: Client, simulator: Simulator
) -> None:
    token = create_token(user=alice, name="ci", scopes=["read"], by=acting(alice))[1]
    headers = {"Authorization": f"Bearer {token}"}
    address = f"/api/v1/environments/{connected.slug}/waiting"

    (asked,) = client.get(address, headers=headers).json()
    simulator.finish_connection(f"source-{connected.stack}")
    (done,) = client.get(address, headers=headers).json()

    assert (asked["key"], asked["done"]) == ("source", False)
    assert asked["summary"].startswith("Nobody has let AWS in at GitHub yet")
    assert (done["done"], done["hint"]) == (True, "")


def test_an_aws_that_does_not_answer_is_told_and_nothing_is_claimed(
    connected: Environment, alice: User, client: Client
) -> None:
    account = connected.account
    account.endpoint_url = "http://127.0.0.1:9"
    account.save()
    client.force_login(alice)

    page = client.get(f"{connected.get_absolute_url()}waiting/").content.decode()

    assert "AWS did not say whether something waits for somebody" in page
    assert "Nothing waits for anybody" not in page


def test_an_aws_that_hangs_does_not_hold_the_page(
    connected: Environment, alice: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "LIMIT", 0.5)
    client.force_login(alice)
    token = create_token(user=alice, name="ci", scopes=["read"], by=acting(alice))[1]
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        account = connected.account
        account.endpoint_url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        account.save()
        asked_at = time.monotonic()
        page = client.get(f"{connected.get_absolute_url()}waiting/").content.decode()
        answer = client.get(
            f"/api/v1/environments/{connected.slug}/waiting", headers={"Authorization": f"Bearer {token}"}
        )
        took = time.monotonic() - asked_at

    assert took < 15  # a worker would wait for thirty seconds, each time
    assert "AWS did not answer in time" in page
    assert (answer.status_code, answer.json()["code"]) == (502, "aws.no_answer")


def test_an_account_that_hangs_takes_no_other_along(
    ready: Environment, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Environment.objects.get(pk=ready.pk)
    other.account = AccountFactory.create(slug="other", number="210987654321", teams=[team])
    over = threading.Event()
    try:
        monkeypatch.setattr(watching, "LIMIT", 0.05)
        for _ in range(20):
            assert watching.within_limit(ready, lambda aws: over.wait(60)) == SILENCE
        monkeypatch.setattr(watching, "LIMIT", 10)
        found = watching.within_limit(other, lambda aws: aws.account)
    finally:
        over.set()

    assert found == "210987654321"
