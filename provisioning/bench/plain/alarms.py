"""Plain calls that make the topic and the alarms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from provisioning.bench.plain.script import Script, Task

Dimensions = Callable[[Script], dict[str, str]]


def _topic(script: Script) -> str:
    made = script.client("sns").create_topic(
        Name=script.name("alarms"), Attributes={"DisplayName": "Alarms"}, Tags=script.tags("topic")
    )
    return str(made["TopicArn"])


def _of_service(script: Script) -> dict[str, str]:
    return {"ClusterName": script.name("main"), "ServiceName": script.name("blue")}


def _of_balancer(script: Script) -> dict[str, str]:
    return {"LoadBalancer": script.made["balancer"]["LoadBalancerArn"].partition("loadbalancer/")[2]}


def _of_target(script: Script) -> dict[str, str]:
    return {**_of_balancer(script), "TargetGroup": script.made["blue"].rpartition(":")[2]}


def _of_database(script: Script) -> dict[str, str]:
    return {"DBInstanceIdentifier": script.name("database")}


# key, namespace, metric, dimensions, what it speaks of
_SIMPLE: tuple[tuple[str, str, str, Dimensions, str], ...] = (
    ("cpu", "AWS/ECS", "CPUUtilization", _of_service, "service"),
    ("memory", "AWS/ECS", "MemoryUtilization", _of_service, "service"),
    ("response-time", "AWS/ApplicationELB", "TargetResponseTime", _of_balancer, "balancer"),
    ("unhealthy", "AWS/ApplicationELB", "UnHealthyHostCount", _of_target, "balancer"),
    ("database-cpu", "AWS/RDS", "CPUUtilization", _of_database, "database"),
    ("connections", "AWS/RDS", "DatabaseConnections", _of_database, "database"),
    ("database-latency", "AWS/RDS", "ReadLatency", _of_database, "database"),
    ("storage", "AWS/RDS", "FreeStorageSpace", _of_database, "database"),
)


def _put(script: Script, key: str, **what: Any) -> None:
    script.client("cloudwatch").put_metric_alarm(
        AlarmName=script.name(f"alarm-{key}"),
        AlarmActions=[script.made["topic"]],
        EvaluationPeriods=5,
        Threshold=80,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="missing",
        Tags=script.tags(f"alarm-{key}"),
        **what,
    )


def _simple(key: str, namespace: str, metric: str, dimensions: Dimensions, about: str) -> Task:
    def act(script: Script) -> None:
        pairs = [{"Name": name, "Value": value} for name, value in dimensions(script).items()]
        what = {"Namespace": namespace, "MetricName": metric, "Dimensions": pairs}
        _put(script, key, **what, Period=60, Statistic="Average")

    return Task(key=f"alarm-{key}", act=act, needs=("topic", about))


def _errors(script: Script) -> None:
    pairs = [{"Name": name, "Value": value} for name, value in _of_balancer(script).items()]
    metrics = {"errors": "HTTPCode_Target_5XX_Count", "requests": "RequestCount"}
    queries: list[Any] = [
        {
            "Id": identifier,
            "ReturnData": False,
            "MetricStat": {
                "Metric": {"Namespace": "AWS/ApplicationELB", "MetricName": metric, "Dimensions": pairs},
                "Period": 60,
                "Stat": "Sum",
            },
        }
        for identifier, metric in metrics.items()
    ]
    queries.append({"Id": "share", "Expression": "100 * errors / requests", "ReturnData": True})
    _put(script, "errors", Metrics=queries)


ALARM_KEYS = (*(row[0] for row in _SIMPLE), "errors")

ALARMS = (
    Task(key="topic", act=_topic),
    *(_simple(*row) for row in _SIMPLE),
    Task(key="alarm-errors", act=_errors, needs=("topic", "balancer")),
)
