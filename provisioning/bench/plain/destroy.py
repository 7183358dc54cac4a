"""Plain calls that take everything away, each as soon as AWS itself allows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from provisioning.bench.plain.alarms import ALARM_KEYS
from provisioning.bench.plain.data import PARAMETERS, database_logs, parameter_name
from provisioning.bench.plain.script import Script, Task
from provisioning.bench.plain.service import service_target

_SUBNETS = ("public-a", "public-b", "private-a", "private-b")
_GROUPS = ("balancer-group", "task-group", "database-group", "cache-group")


def _database(script: Script) -> None:
    rds, name = script.client("rds"), script.name("database")
    rds.modify_db_instance(DBInstanceIdentifier=name, DeletionProtection=False, ApplyImmediately=True)
    rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)


def _is_absent(
    service: str, method: str, error: str, **named: Callable[[Script], Any]
) -> Callable[..., bool]:
    """A look that finds nothing, by the error that AWS then answers with."""

    def gone(script: Script) -> bool:
        client = script.client(service)
        try:
            getattr(client, method)(**{key: value(script) for key, value in named.items()})
        except getattr(client.exceptions, error):
            return True
        return False

    return gone


_database_is_gone = _is_absent(
    "rds",
    "describe_db_instances",
    "DBInstanceNotFoundFault",
    DBInstanceIdentifier=lambda script: script.name("database"),
)
_cache_is_gone = _is_absent(
    "elasticache",
    "describe_replication_groups",
    "ReplicationGroupNotFoundFault",
    ReplicationGroupId=lambda script: script.name("cache"),
)


def _service(script: Script) -> None:
    script.client("ecs").delete_service(cluster=script.name("main"), service=script.name("blue"), force=True)


def _service_is_gone(script: Script) -> bool:
    answer = script.client("ecs").describe_services(
        cluster=script.name("main"), services=[script.name("blue")]
    )
    return bool(answer["services"][0]["status"] == "INACTIVE")


def _cache(script: Script) -> None:
    script.client("elasticache").delete_replication_group(ReplicationGroupId=script.name("cache"))


def _balancer(script: Script) -> None:
    script.client("elbv2").delete_load_balancer(LoadBalancerArn=script.made["balancer"]["LoadBalancerArn"])


# Its listener goes with it; its interfaces follow, and hold subnets and group until then.
def _interfaces_are_gone(script: Script) -> bool:
    group = {"Name": "group-id", "Values": [script.made["balancer-group"]]}
    return not script.client("ec2").describe_network_interfaces(Filters=[group])["NetworkInterfaces"]


def _task_definition(script: Script) -> None:
    ecs = script.client("ecs")
    ecs.deregister_task_definition(taskDefinition=script.made["task"])
    ecs.delete_task_definitions(taskDefinitions=[script.made["task"]])


def _gateway(script: Script) -> None:
    ec2, gateway = script.client("ec2"), script.made["gateway"]
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=script.made["vpc"])
    ec2.delete_internet_gateway(InternetGatewayId=gateway)


def _route_table(side: str) -> Task:
    def act(script: Script) -> None:
        ec2 = script.client("ec2")
        for zone in "ab":
            ec2.disassociate_route_table(AssociationId=script.made[f"{side}-{zone}-route"])
        ec2.delete_route_table(RouteTableId=script.made[f"{side}-routes"])

    return Task(key=f"{side}-routes", act=act, needs=("endpoint",), calls=3)


def _one(
    key: str,
    service: str,
    method: str,
    needs: tuple[str, ...] = (),
    /,
    **named: Callable[[Script], Any],
) -> Task:
    """One call that deletes one thing."""

    def act(script: Script) -> None:
        getattr(script.client(service), method)(**{name: value(script) for name, value in named.items()})

    return Task(key=key, act=act, needs=needs)


def _made(key: str) -> Callable[[Script], Any]:
    return lambda script: script.made[key]


def _named(key: str) -> Callable[[Script], str]:
    return lambda script: script.name(key)


def _group(key: str, *needs: str) -> Task:
    return _one(key, "ec2", "delete_security_group", needs, GroupId=_made(key))


def _subnet(key: str) -> Task:
    """A subnet goes when no interface is in it: of tasks and balancer in public ones, of the stores in private ones.

    Its association would go with it, and the call that ends it would find nothing.
    """
    users = ("service", "balancer") if key.startswith("public") else ("database-subnets", "cache-subnets")
    needs = (*users, f"{key.partition('-')[0]}-routes")
    return _one(key, "ec2", "delete_subnet", needs, SubnetId=_made(key))


def _alarm(key: str) -> Task:
    return _one(
        f"alarm-{key}",
        "cloudwatch",
        "delete_alarms",
        AlarmNames=lambda script: [script.name(f"alarm-{key}")],
    )


def _parameter(key: str) -> Task:
    return _one(
        f"parameter-{key}", "ssm", "delete_parameter", Name=lambda script: parameter_name(script, key)
    )


def _role(key: str, *needs: str) -> tuple[Task, Task]:
    role, policy = _named(key), _named(f"{key}-policy")
    return (
        _one(f"{key}-policy", "iam", "delete_role_policy", needs, RoleName=role, PolicyName=policy),
        _one(key, "iam", "delete_role", (f"{key}-policy",), RoleName=role),
    )


def _scaling() -> tuple[Task, Task]:
    def policy(script: Script) -> None:
        script.client("application-autoscaling").delete_scaling_policy(
            PolicyName=script.name("cpu"), **service_target(script)
        )

    def target(script: Script) -> None:
        script.client("application-autoscaling").deregister_scalable_target(**service_target(script))

    return Task(key="scaling-policy", act=policy), Task(key="scaling", act=target, needs=("scaling-policy",))


_STORES = (
    Task(key="database", act=_database, calls=3, wait="rds.delete", ready=_database_is_gone),
    Task(key="cache", act=_cache, calls=2, wait="elasticache.delete", ready=_cache_is_gone),
    _one(
        "database-subnets",
        "rds",
        "delete_db_subnet_group",
        ("database",),
        DBSubnetGroupName=_named("database"),
    ),
    _one(
        "database-settings",
        "rds",
        "delete_db_parameter_group",
        ("database",),
        DBParameterGroupName=_named("settings"),
    ),
    _one("database-logs", "logs", "delete_log_group", ("database",), logGroupName=database_logs),
    _one(
        "cache-subnets",
        "elasticache",
        "delete_cache_subnet_group",
        ("cache",),
        CacheSubnetGroupName=_named("cache"),
    ),
    _one("files", "s3", "delete_bucket", Bucket=_made("files")),
    *(_parameter(key) for key in PARAMETERS),
)

_SERVICE = (
    Task(key="service", act=_service, calls=2, wait="ecs.delete", ready=_service_is_gone),
    Task(key="balancer", act=_balancer, calls=2, wait="elbv2.interfaces", ready=_interfaces_are_gone),
    *(
        _one(key, "elbv2", "delete_target_group", ("balancer",), TargetGroupArn=_made(key))
        for key in ("blue", "green")
    ),
    Task(key="task", act=_task_definition, calls=2),
    _one("cluster", "ecs", "delete_cluster", ("service",), cluster=_named("main")),
    _one(
        "repository",
        "ecr",
        "delete_repository",
        repositoryName=_named("images"),
        force=lambda _: True,
    ),
    _one("log-group", "logs", "delete_log_group", logGroupName=_named("logs")),
    *_role("task-role"),
    *_role("execution-role"),
    *(_alarm(key) for key in ALARM_KEYS),
    _one("topic", "sns", "delete_topic", TopicArn=_made("topic")),
)

_NETWORK = (
    _one("endpoint", "ec2", "delete_vpc_endpoints", VpcEndpointIds=lambda script: [script.made["endpoint"]]),
    _route_table("public"),
    _route_table("private"),
    *(_subnet(key) for key in _SUBNETS),
    # A group that another one's rule names cannot go before it.
    _group("database-group", "database"),
    _group("cache-group", "cache"),
    _group("task-group", "service", "database-group", "cache-group"),
    _group("balancer-group", "balancer", "task-group"),
    Task(key="gateway", act=_gateway, needs=("service", "balancer"), calls=2),
    _one(
        "vpc",
        "ec2",
        "delete_vpc",
        (*_SUBNETS, *_GROUPS, "gateway", "public-routes", "private-routes"),
        VpcId=_made("vpc"),
    ),
)

DESTROY = (*_STORES, *_scaling(), *_SERVICE, *_NETWORK)
