"""Metrics and alarms of a made environment, on its page and in the API, against the simulated AWS."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import provisioning.kinds  # noqa: F401  # registers every kind
from environments import watching
from environments.models import Account, Environment, ResourceRecord
from environments.tests.test_api import call, key
from provisioning.simulator.launch import Simulator, start
from provisioning.tests.whole import Whole, whole

pytestmark = [pytest.mark.django_db, pytest.mark.simulator]


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with start(speed=1000, durations={"cloudwatch.evaluate": 60_000}) as running:
        yield running


@pytest.fixture(scope="module")
def made(simulator: Simulator) -> Whole:
    one = whole(simulator.endpoint, "watched", "containers", "mvp", {"alarm_email": "ops@example.org"})
    one.provision()
    return one


@pytest.fixture
def watched(made: Whole, simulator: Simulator, ready: Environment, account: Account) -> Iterator[Environment]:
    """The environment of alice's team, with the resources that really stand in the simulated AWS."""
    Account.objects.filter(pk=account.pk).update(endpoint_url=simulator.endpoint, number=made.spec.account)
    ready.resources.all().delete()
    ResourceRecord.objects.bulk_create(
        ResourceRecord(
            environment=ready,
            key=one.key,
            kind=one.kind,
            name=one.name,
            aws_id=one.id or "",
            standing=one.standing.value,
            raw=one.model_dump(mode="json"),
        )
        for one in made.journal.recorded.values()
    )
    cache.clear()
    yield Environment.objects.get(pk=ready.pk)
    cache.clear()


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def test_the_page_comes_at_once_and_fetches_what_aws_says(browser: Client, watched: Environment) -> None:
    first = browser.get(f"{watched.get_absolute_url()}metrics/").text
    assert "Asking AWS" in first and "<noscript><meta" in first
    assert "metrics/charts/?range=3h" in first

    part = browser.get(f"{watched.get_absolute_url()}metrics/charts/?range=3h").text
    assert part.count('class="metric-plot"') >= 8
    assert "alarm above 80 %" in part and "<html" not in part

    known = browser.get(f"{watched.get_absolute_url()}metrics/").text
    assert 'class="metric-plot"' in known and "Asking AWS" not in known


def test_without_javascript_the_page_has_them_itself(browser: Client, watched: Environment) -> None:
    page = browser.get(f"{watched.get_absolute_url()}metrics/?range=1h&charts=now").text

    assert 'class="metric-plot"' in page
    assert 'aria-current="true">1 hour<' in page


def test_it_says_who_is_told_and_that_the_address_must_confirm(
    browser: Client, watched: Environment, simulator: Simulator
) -> None:
    page = browser.get(f"{watched.get_absolute_url()}metrics/charts/").text
    assert "ops@example.org" in page and "Waiting for confirmation" in page
    assert f"/environments/{watched.slug}/change/#id_option_alarm_cpu" in page


def test_an_alarm_that_has_gone_off_comes_first(
    browser: Client, watched: Environment, made: Whole, simulator: Simulator
) -> None:
    simulator.put_load(made.journal.recorded["service-blue"].name, 1)
    try:
        page = browser.get(f"{watched.get_absolute_url()}metrics/charts/").text
        count = browser.get(f"{watched.get_absolute_url()}metrics/alarms/").text
    finally:
        simulator.put_load(made.journal.recorded["service-blue"].name, None)

    assert "2 alarms have gone off" in page
    assert page.index("CPU above 80 %") < page.index("metric-grid")
    assert "2 in alarm" in count


def test_a_refusal_of_aws_is_told_on_page_and_in_the_api(
    browser: Client, watched: Environment, alice: User, simulator: Simulator
) -> None:
    simulator.fault(service="cloudwatch", operation="GetMetricData", code="AccessDenied", times=1)
    page = browser.get(f"{watched.get_absolute_url()}metrics/charts/").text
    assert "AWS does not tell." in page and "lacks the named permission" in page
    assert "metric-plot" not in page


def test_aws_that_hangs_does_not_hold_the_page(
    browser: Client,
    watched: Environment,
    alice: User,
    simulator: Simulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watching, "LIMIT", 0.2)
    simulator.fault(service="cloudwatch", operation="GetMetricData", effect="slow", seconds=3, times=1)

    page = browser.get(f"{watched.get_absolute_url()}metrics/charts/").text

    assert "AWS did not answer in time." in page
    answer = call(key(alice), "GET", f"environments/{watched.slug}/metrics")
    assert answer.status_code == 502
    assert answer.json()["code"] == "aws.no_answer"


def test_the_api_tells_the_same(watched: Environment, alice: User) -> None:
    token = key(alice)

    told = call(token, "GET", f"environments/{watched.slug}/metrics?range=1h").json()
    cpu = next(one for one in told["charts"] if one["key"] == "service-blue-cpuutilization")
    assert cpu["series"][0]["points"] and cpu["unit"] == "percent" and cpu["problem"] is None
    assert [one["value"] for one in cpu["thresholds"]] == [80]

    alarms = call(token, "GET", f"environments/{watched.slug}/alarms").json()
    assert {one["key"] for one in alarms["alarms"]} >= {"alarm-cpu", "alarm-storage"}
    assert alarms["subscriptions"][0]["confirmed"] is False

    wrong = call(token, "GET", f"environments/{watched.slug}/metrics?range=2h")
    assert (wrong.status_code, wrong.json()["field"]) == (422, "range")


def test_nobody_sees_another_teams_metrics(client: Client, watched: Environment, mallory: User) -> None:
    client.force_login(mallory)
    for path in ("metrics/", "metrics/charts/", "metrics/alarms/"):
        assert client.get(watched.get_absolute_url() + path).status_code == 404
    for path in ("metrics", "alarms"):
        assert call(key(mallory), "GET", f"environments/{watched.slug}/{path}").status_code == 404


def test_the_charts_ask_the_database_a_fixed_number_of_questions(
    browser: Client, watched: Environment
) -> None:
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            browser.get(f"{watched.get_absolute_url()}metrics/charts/")
        return len(asked)

    assert (questions(), questions()) == (5, 4)
