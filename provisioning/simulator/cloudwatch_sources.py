"""Which metrics AWS gives of what lives here, by namespace and dimensions, and what they say at a load.

Names and units are those of each service's user guide ("… metrics and dimensions").
"""

from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moto.apigatewayv2.models import apigatewayv2_backends
from moto.cloudfront.models import cloudfront_backends
from moto.ec2.models import ec2_backends
from moto.ecs.models import ecs_backends
from moto.elasticache.models import elasticache_backends
from moto.elbv2.models import elbv2_backends
from moto.s3.models import s3_backends
from moto.sqs.models import sqs_backends

from provisioning.simulator import cloudwatch_databases as databases
from provisioning.simulator.cloudwatch_curves import counted, level, timed
from provisioning.simulator.cloudwatch_things import Metrics, Thing, born_of, strain
from provisioning.simulator.ec2_autoscaling_groups import Groups
from provisioning.simulator.elasticbeanstalk_state import Beanstalk
from provisioning.simulator.lambda_store import storage_of
from provisioning.simulator.world import Moment

_BUSY = 400.0  # requests a minute at full load
_CREDITS = 288.0


def _requests(load: float) -> float:
    return round(_BUSY * load)


def _failed(load: float) -> float:
    """Of them, those that end badly: a tenth when there is more than can be done."""
    return round(_requests(load) * 0.5 * strain(load))


def _seconds(load: float) -> float:
    return 0.06 + 0.12 * load + 15 * strain(load)


_BALANCER: Metrics = {
    "RequestCount": ("Count", lambda _, load: counted(_requests(load))),
    "TargetResponseTime": ("Seconds", lambda _, load: timed(_requests(load), _seconds(load))),
    "HTTPCode_Target_2XX_Count": ("Count", lambda _, load: counted(_requests(load) - _failed(load))),
    "HTTPCode_Target_4XX_Count": ("Count", lambda _, load: counted(round(_requests(load) * 0.02))),
    # AWS reports no zeros here: where nothing failed there is no point.
    "HTTPCode_Target_5XX_Count": ("Count", lambda _, load: counted(_failed(load)) if _failed(load) else None),
    "ActiveConnectionCount": ("Count", lambda _, load: counted(round(20 + 200 * load))),
}
_TARGETS: Metrics = {
    "HealthyHostCount": ("Count", lambda thing, _: level(thing.numbers["healthy"], 0)),
    "UnHealthyHostCount": ("Count", lambda thing, _: level(thing.numbers["unhealthy"], 0)),
    **_BALANCER,
}
_API: Metrics = {
    "Count": ("Count", lambda _, load: counted(_requests(load))),
    "Latency": ("Milliseconds", lambda _, load: timed(_requests(load), 1000 * _seconds(load))),
    "IntegrationLatency": ("Milliseconds", lambda _, load: timed(_requests(load), 960 * _seconds(load))),
    "4xx": ("Count", lambda _, load: counted(round(_requests(load) * 0.02), _requests(load))),
    "5xx": ("Count", lambda _, load: counted(_failed(load), _requests(load))),
    "DataProcessed": ("Bytes", lambda _, load: timed(_requests(load), 9000)),
}
_SERVICE: Metrics = {
    "CPUUtilization": ("Percent", lambda _, load: level(4 + 92 * load)),
    "MemoryUtilization": ("Percent", lambda _, load: level(34 + 58 * load, 0.01)),
}
_SERVER: Metrics = {
    "CPUUtilization": ("Percent", lambda _, load: level(3 + 93 * load)),
    "NetworkIn": ("Bytes", lambda _, load: level(2e6 * load + 1e5)),
    "NetworkOut": ("Bytes", lambda _, load: level(9e6 * load + 1e5)),
    "StatusCheckFailed": ("Count", lambda _, load: level(0, 0)),
    "CPUCreditBalance": (
        "Count",
        lambda _, load: level(0 if strain(load) > 0.15 else _CREDITS * (1 - load), 0),
    ),
}
_MEMORY: Metrics = {"mem_used_percent": ("Percent", lambda _, load: level(31 + 60 * load, 0.01))}
_DISK: Metrics = {"disk_used_percent": ("Percent", lambda _, load: level(24 + 30 * load, 0.01))}
_HEALTH: Metrics = {
    "EnvironmentHealth": (
        "None",
        lambda thing, load: level(max(thing.numbers["health"], 20.0 * (load > 0.95)), 0),
    ),
}
_FUNCTION: Metrics = {
    "Invocations": ("Count", lambda _, load: counted(_requests(load))),
    "Errors": ("Count", lambda _, load: counted(_failed(load), _requests(load))),
    "Throttles": ("Count", lambda _, load: counted(round(60 * (load - 0.95)) if load > 0.95 else 0)),
    "Duration": (
        "Milliseconds",
        lambda thing, load: timed(
            _requests(load), 80 + 140 * load + 4500 * strain(load) * thing.numbers["timeout"]
        ),
    ),
    "ConcurrentExecutions": ("Count", lambda _, load: level(round(1 + 30 * load), 0)),
}
_QUEUE: Metrics = {
    "NumberOfMessagesSent": ("Count", lambda thing, load: counted(_jobs(thing, load))),
    "NumberOfMessagesDeleted": ("Count", lambda thing, load: counted(_jobs(thing, load * 0.99))),
    "ApproximateNumberOfMessagesVisible": (
        "Count",
        lambda thing, load: level(
            round(200 * strain(load)) if thing.numbers["failed"] else round(5 * load + 4000 * strain(load)), 0
        ),
    ),
    "ApproximateAgeOfOldestMessage": (
        "Seconds",
        lambda _, load: level(round(9 * load + 6000 * strain(load)), 0),
    ),
}
_CACHE: Metrics = {
    "CPUUtilization": ("Percent", lambda _, load: level(2 + 55 * load)),
    "EngineCPUUtilization": ("Percent", lambda _, load: level(1 + 80 * load)),
    "DatabaseMemoryUsagePercentage": ("Percent", lambda _, load: level(14 + 76 * load, 0.01)),
    "CurrConnections": ("Count", lambda _, load: level(round(3 + 60 * load), 0)),
    "CacheHits": ("Count", lambda _, load: counted(round(2400 * load))),
    "CacheMisses": ("Count", lambda _, load: counted(round(190 * load))),
    "Evictions": ("Count", lambda _, load: counted(round(900 * strain(load)))),
}
_DISTRIBUTION: Metrics = {
    "Requests": ("None", lambda _, load: counted(round(900 * load))),
    "BytesDownloaded": ("None", lambda _, load: counted(round(2.6e7 * load))),
    "4xxErrorRate": ("Percent", lambda _, load: level(0.4 + load)),
    "5xxErrorRate": ("Percent", lambda _, load: level(40 * strain(load))),
}
_BUCKET: Metrics = {
    "BucketSizeBytes": ("Bytes", lambda thing, _: level(thing.numbers["bytes"], 0)),
    "NumberOfObjects": ("Count", lambda thing, _: level(thing.numbers["objects"], 0)),
}


def _jobs(thing: Thing, load: float) -> float:
    return 0 if thing.numbers["failed"] else round(40 * load)


def _load_balancer(moment: Moment, dimensions: Mapping[str, str]) -> Thing | None:
    name = dimensions["LoadBalancer"]
    backend = elbv2_backends[moment.account][moment.region]
    found = next(
        (one for arn, one in backend.load_balancers.items() if arn.endswith(f"loadbalancer/{name}")), None
    )
    if found is None:
        return None
    numbers: dict[str, float] = {}
    if group := dimensions.get("TargetGroup"):
        targets: Any = next(
            (one for arn, one in backend.target_groups.items() if arn.endswith(f":{group}")), None
        )
        if targets is None:
            return None
        states = [getattr(targets, "states", {}).get(target, "healthy") for target in targets.targets]
        numbers = {state: float(states.count(state)) for state in ("healthy", "unhealthy")}
    names = (name, found.name, group or name)
    return Thing(born=born_of(found, moment, "created_time"), names=names, numbers=numbers)


def _api(moment: Moment, dimensions: Mapping[str, str]) -> Thing | None:
    found: Any = apigatewayv2_backends[moment.account][moment.region].apis.get(dimensions["ApiId"])
    if found is None:
        return None
    return Thing(born=born_of(found, moment, "created_date"), names=(found.api_id, found.name))


def _service(moment: Moment, dimensions: Mapping[str, str]) -> Thing | None:
    key = f"{dimensions['ClusterName']}:{dimensions['ServiceName']}"
    found: Any = ecs_backends[moment.account][moment.region].services.get(key)
    if found is None or found.status != "ACTIVE" or not found.desired_count:
        return None
    return Thing(born=born_of(found, moment, "created_at"), names=(found.name,))


def _server(moment: Moment, dimensions: Mapping[str, str]) -> Thing | None:
    if "AutoScalingGroupName" in dimensions:
        name = dimensions["AutoScalingGroupName"]
        group = moment.notes(Groups).by_name.get(name)
        return Thing(born=born_of(group, moment, "created"), names=(name,)) if group else None
    identifier = dimensions["InstanceId"]
    for reservation in ec2_backends[moment.account][moment.region].reservations.values():
        for instance in reservation.instances:
            if instance.id == identifier and instance.state == "running":
                return Thing(born=born_of(instance, moment, "launch_time"), names=(identifier,))
    return None


def _agent(moment: Moment, dimensions: Mapping[str, str]) -> Thing | None:
    """What an agent on servers tells, where they were started with one that counts for just this dimension."""
    told = {name: value for name, value in dimensions.items() if name not in {"path", "fstype"}}
    (name, value) = next(iter(told.items()))
    for reservation in ec2_backends[moment.account][moment.region].reservations.values():
        for instance in reservation.instances:
            tags = {one["key"]: one["value"] for one in instance.get_tags()}
            if value not in (instance.id, tags.get("aws:autoscaling:groupName")) or not instance.user_data:
                continue
            text = b64decode(str(instance.user_data)).decode(errors="replace")
            if "amazon-cloudwatch-agent" in text and f"${{aws:{name}}}" in text:
                return _server(moment, told)
    return None


def _beanstalk(moment: Moment, dimensions: Mapping[str, str]) -> Thing | None:
    name = dimensions["EnvironmentName"]
    found = [one for one in moment.notes(Beanstalk).environments.values() if one.name == name and one.there]
    health = {"Green": 0.0, "Grey": 10.0, "Yellow": 15.0, "Red": 25.0}
    for one in found:
        return Thing(
            born=born_of(one, moment, "created"), names=(name,), numbers={"health": health[one.health]}
        )
    return None


def _function(moment: Moment, dimensions: Mapping[str, str]) -> Thing | None:
    name = dimensions["FunctionName"]
    found = storage_of(moment).get(name)
    if found is None or not found["latest"]:
        return None
    function = found["latest"]
    return Thing(
        born=born_of(function, moment, "last_modified"),
        names=(name,),
        numbers={"timeout": float(function.timeout)},
    )


def _queue(moment: Moment, dimensions: Mapping[str, str]) -> Thing | None:
    name, queues = dimensions["QueueName"], sqs_backends[moment.account][moment.region].queues
    found: Any = queues.get(name)
    if found is None:
        return None
    others: list[Any] = list(queues.values())
    failed = any(found.queue_arn == (one.redrive_policy or {}).get("deadLetterTargetArn") for one in others)
    return Thing(
        born=born_of(found, moment, "created_timestamp"), names=(name,), numbers={"failed": float(failed)}
    )


def _cache(moment: Moment, dimensions: Mapping[str, str]) -> Thing | None:
    groups: list[Any] = list(elasticache_backends[moment.account][moment.region].replication_groups.values())
    for group in groups:
        name = group.replication_group_id
        if dimensions["CacheClusterId"] in group.member_clusters and group.status in (
            "available",
            "modifying",
        ):
            born = born_of(group, moment, "replication_group_create_time")
            return Thing(born=born, names=(name, dimensions["CacheClusterId"]))
    return None


def _distribution(moment: Moment, dimensions: Mapping[str, str]) -> Thing | None:
    distributions = cloudfront_backends[moment.account]["aws"].distributions
    found = distributions.get(dimensions["DistributionId"])
    if found is None or dimensions["Region"] != "Global" or moment.region != "us-east-1":
        return None
    return Thing(born=born_of(found, moment, "created_at"), names=(found.id,))


def _bucket(moment: Moment, dimensions: Mapping[str, str]) -> Thing | None:
    found: Any = s3_backends[moment.account]["aws"].buckets.get(dimensions["BucketName"])
    if found is None or found.region_name != moment.region:
        return None
    kept = list(found.keys.values())
    numbers = {"objects": float(len(kept)), "bytes": float(sum(one.size for one in kept))}
    born = born_of(found, moment, "creation_date")
    return Thing(born=born, names=(found.name,), numbers=numbers, every=86400)


@dataclass(frozen=True, kw_only=True)
class Source:
    """What has these dimensions: how it is found, and its metrics."""

    find: Callable[[Moment, Mapping[str, str]], Thing | None]
    metrics: Metrics


_SOURCES: dict[tuple[str, frozenset[str]], Source] = {
    ("AWS/ApplicationELB", frozenset({"LoadBalancer"})): Source(find=_load_balancer, metrics=_BALANCER),
    ("AWS/ApplicationELB", frozenset({"LoadBalancer", "TargetGroup"})): Source(
        find=_load_balancer, metrics=_TARGETS
    ),
    ("AWS/ApiGateway", frozenset({"ApiId"})): Source(find=_api, metrics=_API),
    ("AWS/ECS", frozenset({"ClusterName", "ServiceName"})): Source(find=_service, metrics=_SERVICE),
    ("AWS/EC2", frozenset({"InstanceId"})): Source(find=_server, metrics=_SERVER),
    ("AWS/EC2", frozenset({"AutoScalingGroupName"})): Source(find=_server, metrics=_SERVER),
    **{
        ("CWAgent", frozenset({whose, *disk})): Source(find=_agent, metrics=_DISK if disk else _MEMORY)
        for whose in ("InstanceId", "AutoScalingGroupName")
        for disk in ((), ("path", "fstype"))
    },
    ("AWS/ElasticBeanstalk", frozenset({"EnvironmentName"})): Source(find=_beanstalk, metrics=_HEALTH),
    ("AWS/Lambda", frozenset({"FunctionName"})): Source(find=_function, metrics=_FUNCTION),
    ("AWS/SQS", frozenset({"QueueName"})): Source(find=_queue, metrics=_QUEUE),
    ("AWS/RDS", frozenset({"DBInstanceIdentifier"})): Source(
        find=databases.instance, metrics=databases.INSTANCE
    ),
    ("AWS/RDS", frozenset({"DBClusterIdentifier"})): Source(
        find=databases.cluster, metrics=databases.CLUSTER
    ),
    ("AWS/ElastiCache", frozenset({"CacheClusterId"})): Source(find=_cache, metrics=_CACHE),
    ("AWS/CloudFront", frozenset({"DistributionId", "Region"})): Source(
        find=_distribution, metrics=_DISTRIBUTION
    ),
    ("AWS/S3", frozenset({"BucketName", "StorageType"})): Source(find=_bucket, metrics=_BUCKET),
}


def source_of(namespace: str, dimensions: Mapping[str, str]) -> Source | None:
    """Where metrics of these dimensions come from; None where AWS itself gives none."""
    return _SOURCES.get((namespace, frozenset(dimensions)))
