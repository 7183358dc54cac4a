"""Plain reads of everything: one list for each kind of thing, and what a list does not tell of a bucket."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from provisioning.bench.plain.script import THREADS, Script


def look(script: Script) -> None:
    """Ask for all of it at once."""
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda read: read(script), _reads()))


def _reads() -> list[Callable[[Script], Any]]:
    return [*_network(), *(_list(*row) for row in _LISTS), *_by_name(), *_bucket()]


_IN_VPC = (
    *("describe_subnets", "describe_route_tables"),
    *("describe_security_groups", "describe_vpc_endpoints"),
)
_LISTS = (
    ("rds", "describe_db_instances"),
    ("rds", "describe_db_subnet_groups"),
    ("rds", "describe_db_parameter_groups"),
    ("elasticache", "describe_replication_groups"),
    ("elasticache", "describe_cache_subnet_groups"),
    ("elbv2", "describe_load_balancers"),
    ("elbv2", "describe_target_groups"),
    ("cloudwatch", "describe_alarms"),
)
_ATTACHED = "attachment.vpc-id"


def _network() -> list[Callable[[Script], Any]]:
    def in_vpc(method: str) -> Callable[[Script], Any]:
        return lambda script: getattr(script.client("ec2"), method)(
            Filters=[{"Name": "vpc-id", "Values": [script.made["vpc"]]}]
        )

    return [
        lambda script: script.client("ec2").describe_vpcs(VpcIds=[script.made["vpc"]]),
        lambda script: script.client("ec2").describe_internet_gateways(
            Filters=[{"Name": _ATTACHED, "Values": [script.made["vpc"]]}]
        ),
        *(in_vpc(method) for method in _IN_VPC),
    ]


def _list(service: str, method: str) -> Callable[[Script], Any]:
    return lambda script: getattr(script.client(service), method)()


def _by_name() -> list[Callable[[Script], Any]]:
    return [
        lambda script: script.client("ecs").describe_clusters(clusters=[script.name("main")]),
        lambda script: script.client("ecs").describe_services(
            cluster=script.name("main"), services=[script.name("blue")]
        ),
        lambda script: script.client("ecs").describe_task_definition(taskDefinition=script.made["task"]),
        lambda script: script.client("application-autoscaling").describe_scalable_targets(
            ServiceNamespace="ecs"
        ),
        lambda script: script.client("application-autoscaling").describe_scaling_policies(
            ServiceNamespace="ecs"
        ),
        lambda script: script.client("elbv2").describe_listeners(
            LoadBalancerArn=script.made["balancer"]["LoadBalancerArn"]
        ),
        lambda script: script.client("ecr").describe_repositories(repositoryNames=[script.name("images")]),
        lambda script: script.client("logs").describe_log_groups(logGroupNamePrefix=script.name("logs")),
        lambda script: script.client("sns").get_topic_attributes(TopicArn=script.made["topic"]),
        lambda script: script.client("ssm").get_parameters_by_path(Path=f"/{script.name('application')}"),
        *(_of_role(role, method, named) for role in _ROLES for method, named in _ROLE_READS.items()),
    ]


_ROLES = ("task-role", "execution-role")
_ROLE_READS: Mapping[str, bool] = {"get_role": False, "get_role_policy": True}


def _of_role(role: str, method: str, has_policy: bool) -> Callable[[Script], Any]:
    def read(script: Script) -> Any:
        policy = {"PolicyName": script.name(f"{role}-policy")} if has_policy else {}
        return getattr(script.client("iam"), method)(RoleName=script.name(role), **policy)

    return read


_BUCKET_READS = (
    *("get_bucket_versioning", "get_bucket_encryption", "get_public_access_block"),
    *("get_bucket_policy", "get_bucket_lifecycle_configuration"),
)


def _bucket() -> list[Callable[[Script], Any]]:
    def of(method: str) -> Callable[[Script], Any]:
        return lambda script: getattr(script.client("s3"), method)(Bucket=script.made["files"])

    return [of(method) for method in _BUCKET_READS]
