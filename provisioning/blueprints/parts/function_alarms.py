"""Alarms of functions, their queue and their database."""

from __future__ import annotations

from dataclasses import dataclass

from provisioning.blueprints.options import ThresholdOptions
from provisioning.blueprints.parts.aurora import WRITER, Capacity
from provisioning.blueprints.parts.functions import WEB, WORKER
from provisioning.blueprints.parts.observability import average, of_api, of_instance
from provisioning.kinds.cloudwatch_alarm import AlarmProps, Statistic
from provisioning.postgres import certain_aurora_connections
from provisioning.references import ref
from provisioning.resource import Resource


@dataclass(frozen=True, kw_only=True)
class Watched:
    """A metric, and what of its values counts."""

    namespace: str
    name: str
    dimensions: dict[str, str]
    statistic: Statistic


def of_functions(
    limits: ThresholdOptions, *, timeout: int, worker_timeout: int, queued: bool
) -> tuple[Resource, ...]:
    """The door, what answers behind it, and what works in the background. Timeouts in seconds."""
    return (
        *of_api(limits),
        *_of_function(WEB, timeout),
        *(of_worker(worker_timeout) if queued else ()),
    )


def of_worker(timeout: int) -> tuple[Resource, ...]:
    """What works in the background, and its queue. Timeout in seconds."""
    return (*_of_function(WORKER, timeout), *_of_queue())


def of_aurora(capacity: Capacity, limits: ThresholdOptions) -> tuple[Resource, ...]:
    """Storage grows by itself; what runs out is capacity and connections."""
    cluster = {"DBClusterIdentifier": ref("database", "name")}
    writer = {"DBInstanceIdentifier": ref(WRITER, "name")}
    connections = certain_aurora_connections(capacity.fewest, capacity.most)
    return (
        average(
            "alarm-database-capacity",
            f"Alarm: over {limits.alarm_cpu} % of the database's capacity",
            "AWS/RDS",
            "ACUUtilization",
            cluster,
            limits.alarm_cpu,
        ),
        *of_instance(writer, limits, connections=connections),
    )


def _of_function(key: str, timeout: int) -> tuple[Resource, ...]:
    """https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html; duration in milliseconds."""
    function = {"FunctionName": ref(key, "name")}
    return (
        _any(
            f"alarm-{key}-errors",
            f"Alarm: the {'function' if key == WEB else 'worker'} fails",
            _sum("Errors", function),
        ),
        _any(
            f"alarm-{key}-throttles",
            f"Alarm: the {'function' if key == WEB else 'worker'} is throttled",
            _sum("Throttles", function),
        ),
        average(
            f"alarm-{key}-duration",
            f"Alarm: the {'function' if key == WEB else 'worker'} takes over 80 % of its time",
            "AWS/Lambda",
            "Duration",
            function,
            timeout * 800,
        ),
    )


def _of_queue() -> tuple[Resource, ...]:
    failed, jobs = {"QueueName": ref("jobs-failed", "name")}, {"QueueName": ref("jobs", "name")}
    return (
        _any("alarm-jobs-failed", "Alarm: jobs failed", _most("ApproximateNumberOfMessagesVisible", failed)),
        _any(
            "alarm-jobs-age",
            "Alarm: jobs wait for over 10 minutes",
            _most("ApproximateAgeOfOldestMessage", jobs),
            threshold=600,
        ),
    )


def _sum(name: str, function: dict[str, str]) -> Watched:
    return Watched(namespace="AWS/Lambda", name=name, dimensions=function, statistic="Sum")


def _most(name: str, queue: dict[str, str]) -> Watched:
    return Watched(namespace="AWS/SQS", name=name, dimensions=queue, statistic="Maximum")


def _any(key: str, title: str, watched: Watched, *, threshold: float = 0) -> Resource:
    """An alarm for more than this in five minutes. Where nothing happens there is nothing to tell."""
    return Resource(
        key=key,
        title=title,
        props=AlarmProps(
            namespace=watched.namespace,
            metric_name=watched.name,
            dimensions=watched.dimensions,
            statistic=watched.statistic,
            period=300,
            evaluation_periods=1,
            threshold=threshold,
            treat_missing="notBreaching",
            topic_arns=(ref("alarm-topic", "arn"),),
        ),
    )
