"""Which metrics of CloudWatch tell how an environment does: they follow from the resources that stand.

Names, dimensions and units are those of each service's user guide ("… metrics and dimensions").
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from provisioning.references import resolve
from provisioning.resource import Recorded, attributes_of

Unit = Literal["percent", "count", "per_minute", "seconds", "bytes"]
Pairs = tuple[tuple[str, str], ...]

TIERS = ("entrance", "application", "queue", "database", "cache", "files")
_GLOBAL = "us-east-1"  # where CloudFront tells its metrics
_DAY = 86400


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One of CloudWatch's, and what of its values in each period counts."""

    namespace: str
    name: str
    dimensions: Pairs
    statistic: str = "Average"

    @property
    def watched(self) -> tuple[str, str, frozenset[tuple[str, str]]]:
        """What tells it from others, whatever the statistic."""
        return self.namespace, self.name, frozenset(self.dimensions)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of a chart. `scale` brings its values to the chart's unit; `share_of`: it is so many per cent of that."""

    label: str
    metric: Metric
    scale: float = 1.0
    share_of: Metric | None = None


@dataclass(frozen=True, kw_only=True)
class Chart:
    """What one chart shows of one resource. `subject`: what people call that; `period`: seconds between points, where
    AWS has no others."""

    key: str
    tier: str
    title: str
    subject: str
    unit: Unit
    lines: tuple[Line, ...]
    region: str = ""
    period: int = 0


def charts_of(recorded: Iterable[Recorded]) -> tuple[Chart, ...]:
    """Those of everything that stands, tier by tier."""
    standing = {one.key: one for one in recorded if one.is_there and one.id and ":" not in one.key}
    made = [chart for one in standing.values() for chart in _charts_of(one, standing)]
    return tuple(sorted(made, key=lambda chart: TIERS.index(chart.tier)))


def _charts_of(one: Recorded, standing: dict[str, Recorded]) -> Iterator[Chart]:
    if one.kind in _OF_KIND:
        yield from _OF_KIND[one.kind](one, standing)


@dataclass(frozen=True, kw_only=True)
class _Of:
    """Charts of one resource: what they share."""

    one: Recorded
    tier: str
    namespace: str
    dimensions: Pairs
    region: str = ""

    def metric(self, name: str, statistic: str = "Average") -> Metric:
        return Metric(namespace=self.namespace, name=name, dimensions=self.dimensions, statistic=statistic)

    def chart(self, title: str, unit: Unit, *lines: Line, period: int = 0) -> Chart:
        first = lines[0].metric.name.lower()
        return Chart(
            key=f"{self.one.key}-{first}",
            tier=self.tier,
            title=title,
            subject=self.one.title or self.one.key,
            unit=unit,
            lines=lines,
            region=self.region,
            period=period,
        )

    def line(self, label: str, name: str, statistic: str = "Average", scale: float = 1.0) -> Line:
        return Line(label=label, metric=self.metric(name, statistic), scale=scale)


def _balancer(one: Recorded, full_name: str) -> Iterator[Chart]:
    of = _Of(
        one=one, tier="entrance", namespace="AWS/ApplicationELB", dimensions=(("LoadBalancer", full_name),)
    )
    yield of.chart("Requests", "per_minute", of.line("Requests", "RequestCount", "Sum"))
    yield of.chart(
        "Response time",
        "seconds",
        of.line("average", "TargetResponseTime"),
        of.line("p95", "TargetResponseTime", "p95"),
    )
    share = Line(
        label="5xx",
        metric=of.metric("HTTPCode_Target_5XX_Count", "Sum"),
        share_of=of.metric("RequestCount", "Sum"),
    )
    yield of.chart("Errors", "percent", share)


def _load_balancer(one: Recorded, _: dict[str, Recorded]) -> Iterator[Chart]:
    yield from _balancer(one, one.attributes["full_name"])


def _targets(one: Recorded, standing: dict[str, Recorded]) -> Iterator[Chart]:
    members = [each for each in standing.values() if each.kind in {"ecs.service", "autoscaling.group"}]
    if not any(one.key in each.named() for each in members):
        return  # nobody is in it: there is nothing to measure
    for balancer in standing.values():
        if balancer.kind == "elbv2.load_balancer":
            pairs = (
                ("LoadBalancer", balancer.attributes["full_name"]),
                ("TargetGroup", one.attributes["full_name"]),
            )
            of = _Of(one=one, tier="application", namespace="AWS/ApplicationELB", dimensions=pairs)
            yield of.chart(
                "Unhealthy targets",
                "count",
                of.line("unhealthy", "UnHealthyHostCount", "Maximum"),
                of.line("healthy", "HealthyHostCount", "Minimum"),
            )


def _api(one: Recorded, _: dict[str, Recorded]) -> Iterator[Chart]:
    of = _Of(one=one, tier="entrance", namespace="AWS/ApiGateway", dimensions=(("ApiId", str(one.id)),))
    yield of.chart("Requests", "per_minute", of.line("Requests", "Count", "Sum"))
    yield of.chart(
        "Response time",
        "seconds",
        of.line("average", "Latency", scale=0.001),
        of.line("p95", "Latency", "p95", scale=0.001),
    )
    yield of.chart("Errors", "percent", of.line("5xx", "5xx", scale=100))


def _service(one: Recorded, standing: dict[str, Recorded]) -> Iterator[Chart]:
    cluster = resolve(one.props.get("cluster_name"), attributes_of(standing.values()))
    pairs = (("ClusterName", str(cluster)), ("ServiceName", one.attributes["name"]))
    of = _Of(one=one, tier="application", namespace="AWS/ECS", dimensions=pairs)
    yield of.chart("CPU", "percent", of.line("CPU", "CPUUtilization"))
    yield of.chart("Memory", "percent", of.line("Memory", "MemoryUtilization"))


def _servers(one: Recorded, pairs: Pairs) -> Iterator[Chart]:
    of = _Of(one=one, tier="application", namespace="AWS/EC2", dimensions=pairs)
    yield of.chart("CPU", "percent", of.line("CPU", "CPUUtilization"))


def _group(one: Recorded, _: dict[str, Recorded]) -> Iterator[Chart]:
    yield from _servers(one, (("AutoScalingGroupName", one.attributes["name"]),))


def _instance(one: Recorded, _: dict[str, Recorded]) -> Iterator[Chart]:
    yield from _servers(one, (("InstanceId", str(one.id)),))


def _beanstalk(one: Recorded, _: dict[str, Recorded]) -> Iterator[Chart]:
    if full_name := one.attributes.get("load_balancer_full_name"):
        yield from _balancer(one, full_name)
    if group := one.attributes.get("autoscaling_group"):
        yield from _servers(one, (("AutoScalingGroupName", group),))


def _function(one: Recorded, _: dict[str, Recorded]) -> Iterator[Chart]:
    pairs = (("FunctionName", one.attributes["name"]),)
    of = _Of(one=one, tier="application", namespace="AWS/Lambda", dimensions=pairs)
    yield of.chart(
        "Calls",
        "per_minute",
        of.line("Calls", "Invocations", "Sum"),
        of.line("failed", "Errors", "Sum"),
    )
    yield of.chart("Duration", "seconds", of.line("average", "Duration", scale=0.001))


def _queue(one: Recorded, _: dict[str, Recorded]) -> Iterator[Chart]:
    pairs = (("QueueName", one.attributes["name"]),)
    of = _Of(one=one, tier="queue", namespace="AWS/SQS", dimensions=pairs)
    yield of.chart(
        "Messages that wait", "count", of.line("Messages", "ApproximateNumberOfMessagesVisible", "Maximum")
    )
    yield of.chart(
        "Age of the oldest message", "seconds", of.line("Age", "ApproximateAgeOfOldestMessage", "Maximum")
    )


def _instance_of_database(one: Recorded, *, stored: bool) -> Iterator[Chart]:
    pairs = (("DBInstanceIdentifier", one.attributes["name"]),)
    of = _Of(one=one, tier="database", namespace="AWS/RDS", dimensions=pairs)
    yield of.chart("CPU", "percent", of.line("CPU", "CPUUtilization"))
    yield of.chart("Connections", "count", of.line("Connections", "DatabaseConnections"))
    yield of.chart("Latency", "seconds", of.line("reads", "ReadLatency"), of.line("writes", "WriteLatency"))
    if stored:
        yield of.chart("Free storage", "bytes", of.line("free", "FreeStorageSpace", "Minimum"))


def _database(one: Recorded, _: dict[str, Recorded]) -> Iterator[Chart]:
    yield from _instance_of_database(one, stored=True)


def _member(one: Recorded, _: dict[str, Recorded]) -> Iterator[Chart]:
    yield from _instance_of_database(one, stored=False)


def _cluster(one: Recorded, _: dict[str, Recorded]) -> Iterator[Chart]:
    pairs = (("DBClusterIdentifier", one.attributes["name"]),)
    of = _Of(one=one, tier="database", namespace="AWS/RDS", dimensions=pairs)
    yield of.chart("Capacity in use", "percent", of.line("Capacity", "ACUUtilization"))


def _cache(one: Recorded, _: dict[str, Recorded]) -> Iterator[Chart]:
    # The first node of a group, which is the primary until another one takes over.
    pairs = (("CacheClusterId", f"{one.attributes.get('name', one.name)}-001"),)
    of = _Of(one=one, tier="cache", namespace="AWS/ElastiCache", dimensions=pairs)
    yield of.chart("CPU", "percent", of.line("CPU", "EngineCPUUtilization"))
    yield of.chart("Memory", "percent", of.line("Memory", "DatabaseMemoryUsagePercentage"))


def _distribution(one: Recorded, _: dict[str, Recorded]) -> Iterator[Chart]:
    pairs = (("DistributionId", str(one.id)), ("Region", "Global"))
    of = _Of(one=one, tier="files", namespace="AWS/CloudFront", dimensions=pairs, region=_GLOBAL)
    yield of.chart("Requests", "per_minute", of.line("Requests", "Requests", "Sum"))
    yield of.chart("Errors", "percent", of.line("5xx", "5xxErrorRate"))


def _bucket(one: Recorded, _: dict[str, Recorded]) -> Iterator[Chart]:
    if one.key != "files":
        return
    pairs = (("BucketName", one.name), ("StorageType", "StandardStorage"))
    of = _Of(one=one, tier="files", namespace="AWS/S3", dimensions=pairs, region=one.region)
    yield of.chart("Size", "bytes", of.line("Size", "BucketSizeBytes"), period=_DAY)


_OF_KIND: dict[str, Callable[[Recorded, dict[str, Recorded]], Iterator[Chart]]] = {
    "elbv2.load_balancer": _load_balancer,
    "elbv2.target_group": _targets,
    "apigatewayv2.api": _api,
    "ecs.service": _service,
    "autoscaling.group": _group,
    "ec2.instance": _instance,
    "elasticbeanstalk.environment": _beanstalk,
    "lambda.function": _function,
    "sqs.queue": _queue,
    "rds.db_instance": _database,
    "rds.db_cluster": _cluster,
    "rds.cluster_instance": _member,
    "elasticache.replication_group": _cache,
    "cloudfront.distribution": _distribution,
    "s3.bucket": _bucket,
}
