"""Metrics and alarms of whole environments in the simulated AWS."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

import provisioning.kinds  # noqa: F401  # registers every kind
from provisioning.aws import AccountAccess, Aws
from provisioning.inspect.alarms import read_alarms
from provisioning.inspect.metrics import PERMISSIONS, RANGES, Metrics, read_metrics
from provisioning.kinds.tests.noted import NotedConnection
from provisioning.references import JsonValue
from provisioning.simulator.launch import Simulator, start
from provisioning.tests.whole import Whole, whole

pytestmark = pytest.mark.simulator
MADE: dict[tuple[str, str], dict[str, JsonValue]] = {
    ("containers", "production"): {
        "alarm_email": "ops@example.org",
        "alarm_cpu": 70,
        "file_delivery": False,
    },
    ("serverless", "scaling"): {},
}


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with start(speed=1000, durations={"lambda.interfaces": 300, "cloudwatch.evaluate": 60_000}) as running:
        yield running


@pytest.fixture(scope="module")
def made(simulator: Simulator) -> dict[str, Whole]:
    environments = {}
    for (architecture, phase), options in MADE.items():
        one = whole(simulator.endpoint, f"measured-{architecture}", architecture, phase, options)
        one.provision()
        environments[architecture] = one
    return environments


def measured(one: Whole, span: str = "1h") -> Metrics:
    rows = one.journal.recorded.values()
    return read_metrics(rows, one.aws, span=RANGES[span], now=datetime.now(UTC))


@pytest.mark.parametrize("architecture", [architecture for architecture, _ in MADE])
def test_everything_that_stands_is_measured(made: dict[str, Whole], architecture: str) -> None:
    found = measured(made[architecture])

    empty = [
        f"{one.chart.key}: {series.label}"
        for one in found.charts
        for series in one.series
        if not series.points
    ]
    assert empty == []
    assert not any(one.problem for one in found.charts)
    wanted = {
        "containers": ["entrance", "application", "database", "cache"],
        "serverless": ["entrance", "application", "queue", "database", "files"],
    }
    assert list(dict.fromkeys(one.chart.tier for one in found.charts)) == wanted[architecture]


def test_charts_have_the_thresholds_of_the_alarms_that_watch_them(made: dict[str, Whole]) -> None:
    found = {one.chart.key: one for one in measured(made["containers"]).charts}

    def drawn(key: str) -> list[tuple[float, bool]]:
        return [(one.value, one.below) for one in found[key].thresholds]

    assert drawn("service-blue-cpuutilization") == [(70, False)]
    assert drawn("load-balancer-targetresponsetime") == [(2, False)]
    assert drawn("load-balancer-httpcode_target_5xx_count") == [(5, False)]
    assert drawn("database-freestoragespace") == [(5 * 1024**3, True)]
    api = {one.chart.key: one for one in measured(made["serverless"]).charts}
    assert [one.value for one in api["api-latency"].thresholds] == [2]
    assert [round(one.value, 9) for one in api["api-5xx"].thresholds] == [5]


def test_nothing_is_told_of_before_it_stood(made: dict[str, Whole]) -> None:
    found = measured(made["containers"], "1d")

    first = min(at for one in found.charts for series in one.series for at, _ in series.points)
    assert datetime.fromtimestamp(first, UTC) > datetime.now(UTC) - timedelta(hours=1)


def test_an_alarm_says_its_state_since_when_and_who_is_told(
    made: dict[str, Whole], simulator: Simulator
) -> None:
    one = made["containers"]
    service = one.journal.recorded["service-blue"].name

    simulator.put_load(service, 1)
    red = {alarm.key: alarm for alarm in read_alarms(one.journal.recorded.values(), one.aws).alarms}
    simulator.put_load(service, None)
    found = read_alarms(one.journal.recorded.values(), one.aws)

    assert red["alarm-cpu"].state == "alarm" and red["alarm-cpu"].since
    assert red["alarm-cpu"].title == "Alarm: CPU above 70 %"
    assert (red["alarm-cpu"].threshold, red["alarm-cpu"].seconds) == (70, 300)
    assert red["alarm-cpu"].topics == (one.journal.recorded["alarm-topic"].id,)
    assert found.red == 0 and not found.problems
    assert [(each.endpoint, each.confirmed) for each in found.subscriptions] == [("ops@example.org", False)]


def test_what_aws_does_not_tell_is_a_problem_and_no_empty_chart(
    made: dict[str, Whole], simulator: Simulator
) -> None:
    simulator.fault(service="cloudwatch", operation="GetMetricData", code="AccessDenied", times=1)
    simulator.fault(service="sns", operation="ListSubscriptionsByTopic", code="Throttling", times=1)

    found = measured(made["containers"])

    assert {one.problem.code for one in found.charts if one.problem} == {"aws.AccessDenied"}
    assert all(one.problem for one in found.charts)
    assert found.alarms.alarms and not found.alarms.subscriptions
    assert [one.code for one in found.alarms.problems] == ["aws.Throttling"]


def test_an_alarm_that_is_gone_is_said_to_be(made: dict[str, Whole]) -> None:
    one = made["serverless"]
    name = one.journal.recorded["alarm-jobs-failed"].name
    one.aws.cloudwatch.delete_alarms(AlarmNames=[name])

    states = {alarm.key: alarm.state for alarm in read_alarms(one.journal.recorded.values(), one.aws).alarms}

    assert states["alarm-jobs-failed"] == "missing"


def test_the_calls_are_few_and_are_those_that_the_portals_role_is_allowed(made: dict[str, Whole]) -> None:
    one = made["containers"]
    access = AccountAccess(account=one.spec.account, endpoint_url=one.aws.connection.access.endpoint_url)
    connection = NotedConnection(access, one.spec.region)

    read_metrics(
        one.journal.recorded.values(),
        Aws(connection=connection, caller="test"),
        span=RANGES["3h"],
        now=datetime.now(UTC),
    )

    assert set(connection.actions) == set(PERMISSIONS)
    assert connection.calls == 3
