"""CloudWatch: what lives here is measured, and alarms follow what they watch."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from provisioning.simulator.launch import Simulator, SimulatorFailed
from provisioning.simulator.tests.clients import refusal

Aws = Callable[[str], Any]
RULE = {"Period": 60, "EvaluationPeriods": 5, "ComparisonOperator": "GreaterThanThreshold"}


@pytest.fixture
def api(aws: Aws) -> str:
    """The id of an HTTP API."""
    return str(aws("apigatewayv2").create_api(Name="shop", ProtocolType="HTTP")["ApiId"])


def query(name: str, api: str, *, stat: str = "Average", period: int = 60, **further: Any) -> dict[str, Any]:
    metric = {
        "Namespace": "AWS/ApiGateway",
        "MetricName": name,
        "Dimensions": [{"Name": "ApiId", "Value": api}],
    }
    return {
        "Id": "asked",
        "MetricStat": {"Metric": metric, "Period": period, "Stat": stat},
        **further,
    }


def read(client: Any, *queries: dict[str, Any], hours: float = 1) -> list[dict[str, Any]]:
    now = datetime.now(UTC)
    answer = client.get_metric_data(
        MetricDataQueries=list(queries), StartTime=now - timedelta(hours=hours), EndTime=now
    )
    found: list[dict[str, Any]] = answer["MetricDataResults"]
    return found


def refused(client: Any, *queries: dict[str, Any]) -> str:
    return refusal(lambda: read(client, *queries))


def latency_alarm(client: Any, api: str, **changed: Any) -> None:
    client.put_metric_alarm(
        **{
            "AlarmName": "slow",
            "Namespace": "AWS/ApiGateway",
            "MetricName": "Latency",
            "Dimensions": [{"Name": "ApiId", "Value": api}],
            "Statistic": "Average",
            "Threshold": 2000.0,
            **RULE,
            **changed,
        }
    )


def alarm(client: Any) -> dict[str, Any]:
    (found,) = client.describe_alarms()["MetricAlarms"]
    return dict(found)


def test_a_living_thing_has_points_since_it_was_made_and_none_once_it_is_gone(aws: Aws, api: str) -> None:
    client = aws("cloudwatch")

    (found,) = read(client, query("Latency", api), hours=24)
    assert found["Label"] == "Latency" and found["StatusCode"] == "Complete"
    assert 1 <= len(found["Values"]) <= 5
    assert all(10 < value < 1000 for value in found["Values"])
    assert min(found["Timestamps"]) > datetime.now(UTC) - timedelta(minutes=5)

    aws("apigatewayv2").delete_api(ApiId=api)
    assert read(client, query("Latency", api))[0]["Values"] == []


def test_the_same_question_has_the_same_answer(aws: Aws, api: str, simulator: Simulator) -> None:
    client = aws("cloudwatch")
    until = datetime.now(UTC).replace(second=0, microsecond=0)
    span = {"StartTime": until - timedelta(hours=1), "EndTime": until + timedelta(minutes=1)}

    answers = [
        client.get_metric_data(MetricDataQueries=[query("Count", api, stat="Sum")], **span)[
            "MetricDataResults"
        ][0]["Values"]
        for _ in range(2)
    ]

    assert answers[0] and answers[0] == answers[1]


def test_expressions_are_worked_out_where_all_their_metrics_have_points(aws: Aws, api: str) -> None:
    client = aws("cloudwatch")
    hidden = {"ReturnData": False}
    queries = [
        {**query("5xx", api, stat="Sum", **hidden), "Id": "errors"},
        {**query("Count", api, stat="Sum", **hidden), "Id": "requests"},
        {"Id": "share", "Expression": "100 * errors / requests"},
        {"Id": "nothing", "Expression": "requests / (errors - errors)"},
    ]

    share, nothing = read(client, *queries)

    assert share["Id"] == "share" and share["Values"] and set(share["Values"]) == {0.0}
    assert nothing["Values"] == []
    assert refused(client, {"Id": "odd", "Expression": "ANOMALY(x)"}) == "ValidationError"


def test_load_turns_an_alarm_red_and_its_end_turns_it_back(aws: Aws, api: str, simulator: Simulator) -> None:
    client = aws("cloudwatch")
    latency_alarm(client, api)
    assert alarm(client)["StateValue"] == "INSUFFICIENT_DATA"
    simulator.put_load("shop", None)
    assert alarm(client)["StateValue"] == "OK"

    simulator.put_load("shop", 1)
    red = alarm(client)
    assert red["StateValue"] == "ALARM"
    assert red["StateReason"].startswith("Threshold Crossed: ")
    assert red["StateReason"].endswith("greater than the threshold (2000.0).")
    assert red["StateUpdatedTimestamp"] <= datetime.now(UTC)

    simulator.put_load("shop", None)
    assert alarm(client)["StateValue"] == "OK"


def test_points_that_callers_put_count_and_missing_ones_are_treated_as_said(aws: Aws) -> None:
    client = aws("cloudwatch")
    own = {"Namespace": "Shop", "MetricName": "Orders", "Dimensions": [{"Name": "Till", "Value": "1"}]}

    def state(treated: str, *values: float) -> str:
        client.put_metric_alarm(
            **{
                "AlarmName": f"orders-{treated}",
                "Statistic": "Maximum",
                "Threshold": 5.0,
                "TreatMissingData": treated,
                **own,
                **RULE,
            }
        )
        for value in values:
            told = {name: own[name] for name in ("MetricName", "Dimensions")}
            client.put_metric_data(Namespace="Shop", MetricData=[{**told, "Value": value}])
        client.put_metric_data(Namespace="Other", MetricData=[{"MetricName": "other", "Value": 1}])
        (found,) = client.describe_alarms(AlarmNames=[f"orders-{treated}"])["MetricAlarms"]
        return str(found["StateValue"])

    assert state("missing") == "INSUFFICIENT_DATA"
    assert state("breaching") == "ALARM"
    assert state("notBreaching") == "OK"
    assert state("missing", 9) == "ALARM"
    assert state("notBreaching") == "OK"
    assert state("ignore") == "INSUFFICIENT_DATA"  # what it was
    assert client.get_metric_statistics(
        Namespace="Shop",
        MetricName="Orders",
        Dimensions=own["Dimensions"],
        StartTime=time.time() - 600,
        EndTime=time.time() + 60,
        Period=600,
        Statistics=["Maximum", "SampleCount"],
    )["Datapoints"]


def test_what_cannot_be_is_refused(aws: Aws, api: str, simulator: Simulator) -> None:
    client = aws("cloudwatch")

    assert refused(client, *[query("Count", api)] * 501) == "ValidationError"
    assert refused(client, query("Count", api, stat="mean")) == "ValidationError"
    with pytest.raises(SimulatorFailed, match="from 0 to 1"):
        simulator.put_load("shop", 7)
    with pytest.raises(SimulatorFailed, match="Say on what"):
        simulator.put_load("", 1)
