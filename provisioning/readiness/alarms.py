"""Alarms of part 3: the metrics of the guide, each with the value from which on somebody has to hear of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from provisioning import postgres
from provisioning.readiness import reads
from provisioning.readiness.answer import Answer, met, not_needed, unmet
from provisioning.readiness.item import Fix, Item, Part, Scene, listing

_GIB = 1024**3
_CONNECTIONS = 0.8  # of those that the database takes
_FREE_STORAGE = 0.1


@dataclass(frozen=True, kw_only=True)
class Watch:
    """A metric and the limit that an alarm may have at most, or where too little is the trouble, at least. `unit` is
    what people read, `times` of it one of the metric's."""

    namespace: str
    metric: str
    limit: float
    unit: str = ""
    times: float = 1
    too_little: bool = False

    def said(self, value: float) -> str:
        """A value of it for people."""
        return f"{value * self.times:g} {self.unit}".strip()


CPU = tuple(
    Watch(namespace=f"AWS/{one}", metric="CPUUtilization", limit=80, unit="%") for one in ("ECS", "EC2")
)
MEMORY = (
    Watch(namespace="AWS/ECS", metric="MemoryUtilization", limit=85, unit="%"),
    Watch(namespace="CWAgent", metric="mem_used_percent", limit=85, unit="%"),
)
RESPONSE = (
    Watch(namespace="AWS/ApplicationELB", metric="TargetResponseTime", limit=2, unit="s"),
    Watch(namespace="AWS/ApiGateway", metric="Latency", limit=2000, unit="s", times=0.001),
)
ERRORS = (
    Watch(namespace="AWS/ApplicationELB", metric="HTTPCode_Target_5XX_Count", limit=5, unit="%"),
    Watch(namespace="AWS/ApiGateway", metric="5xx", limit=0.05, unit="%", times=100),
)
READS = (Watch(namespace="AWS/RDS", metric="ReadLatency", limit=0.1, unit="s"),)
# Elastic Beanstalk's own health counts errors, slow answers, memory and disks of all servers: 20 is degraded.
HEALTH = (Watch(namespace="AWS/ElasticBeanstalk", metric="EnvironmentHealth", limit=20),)
UNHEALTHY = (
    Watch(namespace="AWS/ApplicationELB", metric="UnHealthyHostCount", limit=0),
    *HEALTH,
    Watch(namespace="AWS/EC2", metric="StatusCheckFailed", limit=0),
    Watch(namespace="AWS/Lambda", metric="Errors", limit=0),
)


def judge_alarm(alarms: list[Any], watches: Iterable[Watch], *, without: Answer) -> Answer:
    """Of the alarms on these metrics, whether one goes off early enough and tells somebody. `without`: the answer where
    there is none."""
    for watch in watches:
        found = [one for one in alarms if (watch.namespace, watch.metric) in _metrics(one)]
        if found:
            return _judged(found[0], watch)
    return without


def _metrics(alarm: Any) -> set[tuple[str, str]]:
    queries = [one["MetricStat"]["Metric"] for one in alarm.get("Metrics", ()) if "MetricStat" in one]
    return {(one.get("Namespace", ""), one.get("MetricName", "")) for one in (alarm, *queries)}


def _judged(alarm: Any, watch: Watch) -> Answer:
    threshold, metric = float(alarm["Threshold"]), watch.metric
    told, limit = watch.said(threshold), watch.said(watch.limit)
    if not alarm.get("ActionsEnabled") or not alarm.get("AlarmActions"):
        return unmet(f"{metric}: the alarm at {told} tells nobody.")
    late = threshold < watch.limit if watch.too_little else threshold > watch.limit
    if late:
        return unmet(f"{metric}: the alarm goes off at {told}, the guide's at {limit}.")
    return met(f"{metric}: the alarm goes off at {told}.")


def judge_quiet(alarms: list[Any]) -> Answer:
    """Whether one is going off at this moment."""
    if not alarms:
        return unmet("There is no alarm.")
    ringing = [one["AlarmName"] for one in alarms if one["StateValue"] == "ALARM"]
    names, count = listing(ringing), len(alarms)
    return unmet(f"Going off: {names}.") if ringing else met(f"None of {count} alarms is going off.")


def connections(database: Any, instances: list[Any]) -> Watch | None:
    """80 % of the connections that this database takes for certain."""
    if database is None:
        return None
    capacity = database.get("ServerlessV2ScalingConfiguration")
    if capacity:
        most = postgres.certain_aurora_connections(capacity["MinCapacity"], capacity["MaxCapacity"])
    else:
        most = postgres.certain_connections(instances[0]["DBInstanceClass"])
    return Watch(namespace="AWS/RDS", metric="DatabaseConnections", limit=int(most * _CONNECTIONS))


def storage(database: Any) -> Watch:
    """10 % of what is bought."""
    least = database["AllocatedStorage"] * _GIB * _FREE_STORAGE
    return Watch(
        namespace="AWS/RDS",
        metric="FreeStorageSpace",
        limit=int(least),
        unit="GiB",
        times=1 / _GIB,
        too_little=True,
    )


def _none(metric: str) -> Answer:
    return unmet(f"{metric}: there is no alarm.")


def _on(watches: tuple[Watch, ...], without: Callable[[Scene], Answer]) -> Callable[[Scene], Answer]:
    return lambda scene: judge_alarm(reads.alarms(scene), watches, without=without(scene))


def _without_cpu(scene: Scene) -> Answer:
    if scene.one_of("lambda.function"):
        return not_needed("Lambda gives each request a processor of its own.")
    return _none("CPUUtilization")


def _without_memory(scene: Scene) -> Answer:
    if scene.one_of("lambda.function"):
        return not_needed("Lambda ends a run that takes more memory, and counts it as an error.")
    if scene.one_of("ec2.instance", "autoscaling.group"):
        return unmet("There is no alarm on what the CloudWatch agent tells of the memory of servers.")
    return _none("MemoryUtilization")


def _unmeasured(metric: str) -> Callable[[Scene], Answer]:
    def answer(scene: Scene) -> Answer:
        if reads.load_balancer(scene) or scene.one_of("apigatewayv2.api"):
            return _none(metric)
        return not_needed("Only a load balancer or API Gateway measures it, and there is neither.")

    return answer


def _without_health(scene: Scene) -> Answer:
    if scene.one_of("ecs.service") and not reads.load_balancer(scene):
        return not_needed("ECS replaces tasks that fail, and API Gateway counts the errors.")
    return _none("UnHealthyHostCount")


def _of_database(metric: str) -> Callable[[Scene], Answer]:
    def answer(scene: Scene) -> Answer:
        if scene.one_of("rds.db_instance", "rds.db_cluster") is None:
            return not_needed("It has no database.")
        return _none(metric)

    return answer


def _connections(scene: Scene) -> Answer:
    watch = connections(reads.database(scene), reads.database_instances(scene))
    without = _of_database("DatabaseConnections")(scene)
    return judge_alarm(reads.alarms(scene), (watch,) if watch else (), without=without)


def _storage(scene: Scene) -> Answer:
    database = reads.database(scene)
    if database is not None and "DBClusterIdentifier" in database and "DBInstanceIdentifier" not in database:
        return not_needed("The storage of Aurora grows by itself.")
    watches = (storage(database),) if database else ()
    return judge_alarm(reads.alarms(scene), watches, without=_of_database("FreeStorageSpace")(scene))


_AGAIN = (
    "Ask for a change that makes the environment as it was asked for, or make the alarm anew in CloudWatch."
)
_ALARMS = ("cloudwatch:DescribeAlarms",)
_ALARMS_OF_DATABASE = (*_ALARMS, "rds:DescribeDBInstances", "rds:DescribeDBClusters")

ITEMS = (
    Item(
        key="alarm-cpu",
        part=Part.MONITORING,
        title="Alarm: CPU",
        why="Above 80 % requests begin to wait for each other.",
        fix=Fix(options={"alarm_cpu": 80}, hint=_AGAIN),
        probe=_on(CPU, _without_cpu),
        permissions=_ALARMS,
    ),
    Item(
        key="alarm-memory",
        part=Part.MONITORING,
        title="Alarm: memory",
        why="Above 85 % the next peak ends the process.",
        fix=Fix(options={"alarm_memory": 85}, hint=_AGAIN),
        probe=_on((*MEMORY, *HEALTH), _without_memory),
        permissions=_ALARMS,
    ),
    Item(
        key="alarm-connections",
        part=Part.MONITORING,
        title="Alarm: database connections",
        why="When the last one is taken, new requests fail at once.",
        fix=Fix(options={"alarm_connections": 80}, hint=_AGAIN),
        probe=_connections,
        permissions=_ALARMS_OF_DATABASE,
    ),
    Item(
        key="alarm-response-time",
        part=Part.MONITORING,
        title="Alarm: slow answers",
        why="After two seconds people think that it is broken.",
        fix=Fix(options={"alarm_response_ms": 2000}, hint=_AGAIN),
        probe=_on(RESPONSE, _unmeasured("TargetResponseTime")),
        permissions=_ALARMS,
    ),
    Item(
        key="alarm-errors",
        part=Part.MONITORING,
        title="Alarm: errors",
        why="Over 5 % of answers with 5xx are no accident any more.",
        fix=Fix(options={"alarm_errors": 5}, hint=_AGAIN),
        probe=_on((*ERRORS, *HEALTH), _unmeasured("HTTPCode_Target_5XX_Count")),
        permissions=_ALARMS,
    ),
    Item(
        key="alarm-database-latency",
        part=Part.MONITORING,
        title="Alarm: slow database",
        why="A slow database makes everything slow, and is seen there first.",
        fix=Fix(hint=_AGAIN),
        probe=_on(READS, _of_database("ReadLatency")),
        permissions=_ALARMS,
    ),
    Item(
        key="alarm-storage",
        part=Part.MONITORING,
        title="Alarm: little storage left",
        why="A database without storage stops, and more takes a while to come.",
        fix=Fix(at_least={"alarm_storage": 10}, hint=_AGAIN),
        probe=_storage,
        permissions=_ALARMS_OF_DATABASE,
    ),
    Item(
        key="alarm-health",
        part=Part.MONITORING,
        title="Alarm: health checks fail",
        why="It is the first sign that the application does not answer.",
        fix=Fix(hint=_AGAIN),
        probe=_on(UNHEALTHY, _without_health),
        permissions=_ALARMS,
    ),
    Item(
        key="alarms-quiet",
        part=Part.MONITORING,
        title="No alarm is going off",
        why="What rings all the time is not heard when it matters.",
        fix=Fix(
            hint="Look at the alarm in CloudWatch: mend the cause, or choose a threshold that means something."
        ),
        probe=lambda scene: judge_quiet(reads.alarms(scene)),
        permissions=_ALARMS,
    ),
)
