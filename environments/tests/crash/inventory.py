"""What AWS holds, asked of AWS itself: every list of every service, with nothing taken from the journal."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import ClientError

REGION = "us-east-1"
Thing = dict[str, Any]
Listed = Iterator[tuple[str, Thing]]

_PLAIN = {
    "ec2": (
        ("describe_vpcs", "Vpcs"),
        ("describe_subnets", "Subnets"),
        ("describe_internet_gateways", "InternetGateways"),
        ("describe_addresses", "Addresses"),
        ("describe_nat_gateways", "NatGateways"),
        ("describe_route_tables", "RouteTables"),
        ("describe_security_groups", "SecurityGroups"),
        ("describe_vpc_endpoints", "VpcEndpoints"),
        ("describe_network_interfaces", "NetworkInterfaces"),
    ),
    "rds": (
        ("describe_db_instances", "DBInstances"),
        ("describe_db_subnet_groups", "DBSubnetGroups"),
        ("describe_db_parameter_groups", "DBParameterGroups"),
        ("describe_db_snapshots", "DBSnapshots"),
    ),
    "secretsmanager": (("list_secrets", "SecretList"),),
    "elasticache": (
        ("describe_replication_groups", "ReplicationGroups"),
        ("describe_cache_clusters", "CacheClusters"),
        ("describe_cache_subnet_groups", "CacheSubnetGroups"),
        ("describe_snapshots", "Snapshots"),
    ),
    "cloudwatch": (("describe_alarms", "MetricAlarms"),),
    "logs": (("describe_log_groups", "logGroups"),),
    "ssm": (("describe_parameters", "Parameters"),),
    "sns": (("list_topics", "Topics"), ("list_subscriptions", "Subscriptions")),
    "ecs": (("list_task_definitions", "taskDefinitionArns"),),
    "resourcegroupstaggingapi": (("get_resources", "ResourceTagMappingList"),),
}
_BUCKET = {
    "encryption": "get_bucket_encryption",
    "versioning": "get_bucket_versioning",
    "lifecycle": "get_bucket_lifecycle_configuration",
    "policy": "get_bucket_policy",
    "public access": "get_public_access_block",
    "tags": "get_bucket_tagging",
}


class Inventory:
    """Asks every service of one AWS for every list it has."""

    def __init__(self, endpoint: str) -> None:
        self._session = boto3.Session(
            aws_access_key_id="simulated", aws_secret_access_key="simulated", region_name=REGION
        )
        self._endpoint = endpoint
        self._clients: dict[str, Any] = {}

    def look(self) -> Picture:
        """Everything there is."""
        return Picture(
            tuple(
                (kind, json.loads(_text(thing))) for kind, thing in self._everything() if not _is_grave(thing)
            )
        )

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            maker: Any = self._session
            self._clients[service] = maker.client(service, endpoint_url=self._endpoint)
        return self._clients[service]

    def _everything(self) -> Listed:
        for service, lists in _PLAIN.items():
            for method, items in lists:
                for thing in self._pages(service, method, items):
                    yield f"{service} {items}", _plain(thing)
        for composed in (
            self._balancing,
            self._containers,
            self._scaling,
            self._roles,
            self._buckets,
            self._edges,
        ):
            yield from composed()

    def _pages(self, service: str, method: str, items: str, **asked: Any) -> list[Any]:
        client = self._client(service)
        if client.can_paginate(method):
            pages = client.get_paginator(method).paginate(**asked)
            return [thing for page in pages for thing in page.get(items, [])]
        return list(getattr(client, method)(**asked)[items])

    def _balancing(self) -> Listed:
        client = self._client("elbv2")
        for balancer in self._pages("elbv2", "describe_load_balancers", "LoadBalancers"):
            arn = balancer["LoadBalancerArn"]
            told = client.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
            yield "elbv2 load balancer", {**balancer, "Told": told}
            for listener in self._pages("elbv2", "describe_listeners", "Listeners", LoadBalancerArn=arn):
                rules = client.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
                yield "elbv2 listener", {**listener, "Rules": rules}
        for group in self._pages("elbv2", "describe_target_groups", "TargetGroups"):
            told = client.describe_target_group_attributes(TargetGroupArn=group["TargetGroupArn"])
            yield "elbv2 target group", {**group, "Told": told["Attributes"]}

    def _containers(self) -> Listed:
        ecs = self._client("ecs")
        for cluster in self._pages("ecs", "list_clusters", "clusterArns"):
            told = ecs.describe_clusters(clusters=[cluster], include=["TAGS", "SETTINGS"])["clusters"]
            yield from (("ecs cluster", one) for one in told)
            for service in self._pages("ecs", "list_services", "serviceArns", cluster=cluster):
                asked = {"cluster": cluster, "services": [service], "include": ["TAGS"]}
                yield from (("ecs service", one) for one in ecs.describe_services(**asked)["services"])
        for repository in self._pages("ecr", "describe_repositories", "repositories"):
            name = repository["repositoryName"]
            policy = self._told("ecr", "get_lifecycle_policy", repositoryName=name)
            yield "ecr repository", {**repository, "Lifecycle": policy.get("lifecyclePolicyText")}

    def _scaling(self) -> Listed:
        client, of_ecs = self._client("application-autoscaling"), {"ServiceNamespace": "ecs"}
        for target in self._pages(
            "application-autoscaling", "describe_scalable_targets", "ScalableTargets", **of_ecs
        ):
            tags = client.list_tags_for_resource(ResourceARN=target["ScalableTargetARN"])["Tags"]
            yield "scaling target", {**target, "Tags": [{"Key": key, "Value": tags[key]} for key in tags]}
        for policy in self._pages(
            "application-autoscaling", "describe_scaling_policies", "ScalingPolicies", **of_ecs
        ):
            yield "scaling policy", policy

    def _roles(self) -> Listed:
        iam = self._client("iam")
        for role in self._pages("iam", "list_roles", "Roles"):
            name = role["RoleName"]
            policies = [
                iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
                for policy in self._pages("iam", "list_role_policies", "PolicyNames", RoleName=name)
            ]
            yield (
                "iam role",
                {**role, "Policies": policies, "Tags": iam.list_role_tags(RoleName=name)["Tags"]},
            )

    def _buckets(self) -> Listed:
        for bucket in self._client("s3").list_buckets()["Buckets"]:
            asked = {"Bucket": bucket["Name"]}
            told = {title: self._told("s3", method, **asked) for title, method in _BUCKET.items()}
            yield "s3 bucket", {"Name": bucket["Name"], "Told": told}

    def _edges(self) -> Listed:
        acm, route53 = self._client("acm"), self._client("route53")
        for listed in self._pages("acm", "list_certificates", "CertificateSummaryList"):
            told = acm.describe_certificate(CertificateArn=listed["CertificateArn"])["Certificate"]
            yield "acm certificate", {**told, "InUseBy": len(told.get("InUseBy", []))}
        for zone in route53.list_hosted_zones()["HostedZones"]:
            for record in self._pages(
                "route53", "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone["Id"]
            ):
                yield "route53 record", record

    def _told(self, service: str, method: str, **asked: Any) -> Thing:
        call: Callable[..., Thing] = getattr(self._client(service), method)
        try:
            return {key: value for key, value in call(**asked).items() if key != "ResponseMetadata"}
        except ClientError as error:
            return {"refused": error.response["Error"]["Code"]}


def _plain(thing: Any) -> Thing:
    """Of an interface only whose it is and where: AWS makes and places them."""
    if "MacAddress" in thing:
        return {name: thing[name] for name in ("Description", "VpcId", "InterfaceType")}
    return thing if isinstance(thing, dict) else {"arn": thing}


def _is_grave(thing: Thing) -> bool:
    """What AWS lists for an hour after its end."""
    return thing.get("State") == "deleted" or thing.get("status") == "INACTIVE"


# What differs between two environments of one plan, or from one moment to the next.
_DROPPED = frozenset(
    "events creationTime RoleId Serial DbiResourceId id rolloutStateReason updatedAt PrivateDnsName PublicDnsName "
    "lastEventTimestamp LastModifiedDate LastDeactivated "
    # What an alarm has measured meanwhile.
    "StateValue StateReason StateReasonData StateUpdatedTimestamp StateTransitionedTimestamp".split()
)
_VOLATILE = tuple(
    (re.compile(pattern), stand_in)
    for pattern, stand_in in (
        (r"\b(vpc|subnet|sgr?|igw|nat|rtb(?:assoc)?|eip(?:alloc|assoc)|eni|vpce|dopt)-[0-9a-f]{8,}", r"\1-…"),
        (r"\d{4}-\d\d-\d\d[ T-]\d\d[:-]\d\d(:\d\d)?(\.\d+)?([+-]\d\d:\d\d|Z)?", "<time>"),
        (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<uuid>"),
        (r"(?<=<uuid>)-\w{6}$", "-…"),
        (r"\b_?[0-9a-f]{16,}\b", "<hex>"),
        (r"(?<=<hex>/)\d+$", "<number>"),
        (r"(?<=-cache\.)\w{5,6}(?=\.use1\.)", "…"),
        (r"-final-\d+$", "-final-<request>"),
        (r"(?<=scalable-target/)\w+", "…"),
        (r"\.[a-z]{10}(?=\.acm-validations)", ".…"),
        (r"-\d{5,10}(?=\.)", "-<number>"),
        (r"\b10\.\d+\.(\d+)\.(\d+)/", r"10.N.\1.\2/"),
        (r"\b\d+\.\d+\.\d+\.\d+\b(?!/)", "<address>"),
    )
)  # fmt: skip


def comparable(value: Any, marks: Mapping[str, str]) -> Any:
    """What AWS tells of a thing, without what differs between two environments of one plan."""
    if isinstance(value, dict):
        if value.get("Key", value.get("key")) == "andamio:operation":
            return "the tag of the operation"
        return {
            comparable(key, marks): comparable(one, marks)
            for key, one in value.items()
            if key not in _DROPPED
        }
    if isinstance(value, list):
        return sorted((comparable(one, marks) for one in value), key=_text)
    if isinstance(value, str):
        for word, stand_in in marks.items():
            value = value.replace(word, stand_in)
        for pattern, stand_in in _VOLATILE:
            value = pattern.sub(stand_in, value)
    return value


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


@dataclass(frozen=True)
class Picture:
    """Everything that AWS held at one moment: (type, what it tells)."""

    things: tuple[tuple[str, Thing], ...]

    def share_of(self, marks: Mapping[str, str]) -> Counter[str]:
        """The things of one environment, comparable: those that name one of its marks, or stand in a VPC that does."""
        words = self._words(marks)
        return Counter(_line(kind, thing, marks) for kind, thing in self.things if _names(thing, words))

    def beside(self, marks: Iterable[str]) -> Counter[str]:
        """What belongs to none of the environments with these marks."""
        words = self._words(marks)
        return Counter(_line(kind, thing, {}) for kind, thing in self.things if not _names(thing, words))

    def _words(self, marks: Iterable[str]) -> list[str]:
        words = list(marks)
        vpcs = [thing["VpcId"] for kind, thing in self.things if kind == "ec2 Vpcs" and _names(thing, words)]
        return words + vpcs


def _line(kind: str, thing: Thing, marks: Mapping[str, str]) -> str:
    return f"{kind}: {_text(comparable(thing, marks))}"


def _names(thing: Thing, words: Iterable[str]) -> bool:
    text = _text(thing)
    return any(word in text for word in words)


def difference(wanted: Counter[str], found: Counter[str]) -> str:
    """Empty when both are the same; else what is missing and what is too much, for people."""
    return "\n".join(
        [f"lost: {text}" for text in sorted((wanted - found).elements())]
        + [f"too many: {text}" for text in sorted((found - wanted).elements())]
    )
