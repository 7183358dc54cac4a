"""An ElastiCache replication group: one Redis or Valkey cache, with replicas that take over when wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from provisioning.aws import found
from provisioning.errors import InvalidSpec
from provisioning.kind import Expected, Handle, Kind, Observed, Props, Status, register
from provisioning.lookup import tags_of
from provisioning.marks import marked, tags_of_mark, unmarked
from provisioning.names import Naming
from provisioning.pricing import HOURS_A_MONTH, CostLine, Usage
from provisioning.properties import Unordered, without_reordered
from provisioning.references import JsonObject, JsonValue
from provisioning.template_parts import REF, Form, Part, Place, Told

if TYPE_CHECKING:
    from provisioning.aws import Aws

_USABLE = frozenset({"available", "snapshotting"})
_SWITCHING = frozenset({"enabling", "disabling"})

# ElastiCache User Guide, "Supported engines and versions": version -> family of parameters.
_FAMILIES: Mapping[tuple[str, str], str] = {
    ("redis", "6.2"): "redis6.x",
    ("redis", "7.0"): "redis7",
    ("redis", "7.1"): "redis7",
    ("valkey", "7.2"): "valkey7",
    ("valkey", "8.0"): "valkey8",
    ("valkey", "8.1"): "valkey8",
}


class ReplicationGroupProps(Props):
    """`replicas`: nodes besides the primary; `snapshot_retention` in days, 0 for none; the port is 6379.

    There is no password: the security groups say who may connect, over TLS only.
    """

    description: Annotated[str, Field(min_length=1, max_length=200)] = "Cache"
    engine: Literal["redis", "valkey"] = "redis"
    engine_version: Annotated[str, StringConstraints(pattern=r"^\d+\.\d+$")] = "7.1"
    node_type: Annotated[str, StringConstraints(pattern=r"^cache\.[a-z0-9]+\.[a-z0-9]+$")] = "cache.t3.micro"
    replicas: Annotated[int, Field(ge=0, le=5)] = 0
    automatic_failover: bool = False
    subnet_group_name: str
    security_group_ids: Annotated[Unordered, Field(min_length=1, max_length=5)]
    parameter_group_name: str = "default.redis7"
    snapshot_retention: Annotated[int, Field(ge=0, le=35)] = 0
    transit_encryption: bool = True
    at_rest_encryption: bool = True

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.automatic_failover and not self.replicas:
            raise ValueError(
                "Automatic failover needs a replica to fail over to: ask for one, or switch it off."
            )
        family = _FAMILIES.get((self.engine, self.engine_version))
        if family is None:
            offered = ", ".join(" ".join(pair) for pair in _FAMILIES)
            raise ValueError(f"{self.engine} {self.engine_version} is not offered; there are {offered}.")
        group = self.parameter_group_name
        if group.startswith("default.") and group != f"default.{family}":
            raise ValueError(f"{self.engine} {self.engine_version} takes default.{family}, not {group}.")
        return self


@register
class ReplicationGroup(Kind[ReplicationGroupProps]):
    """https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html

    No token: found by its name. AWS takes one change at a time and refuses others meanwhile (Busy).
    What it holds can be made anew, so that it does not count as people's data.
    """

    name = "elasticache.replication_group"
    title = "Cache"
    naming = Naming(limit=36)  # 40, less the "-001" of its nodes
    expected = Expected(create=480, update=420, delete=300)
    patience = 3600  # one with replicas
    replace_on = frozenset({"transit_encryption", "at_rest_encryption", "subnet_group_name"})
    holds = frozenset({"subnet_group_name", "security_group_ids"})
    billed = True
    outage: ClassVar[Mapping[str, str]] = {
        "engine": "The cache restarts: a minute with replicas, several without, and without them it is empty.",
        "engine_version": "The cache restarts: a minute with replicas, several without.",
        "node_type": "Seconds while connections move to the new nodes.",
        "replicas": "None.",
        "transit_encryption": "The cache is replaced by an empty one.",
        "at_rest_encryption": "The cache is replaced by an empty one.",
        "subnet_group_name": "The cache is replaced by an empty one.",
    }
    permissions = (
        "elasticache:CreateReplicationGroup",
        "elasticache:AddTagsToResource",
        "elasticache:DescribeReplicationGroups",
        "elasticache:DescribeCacheClusters",
        "elasticache:ListTagsForResource",
        "elasticache:ModifyReplicationGroup",
        "elasticache:IncreaseReplicaCount",
        "elasticache:DecreaseReplicaCount",
        "elasticache:DeleteReplicationGroup",
        "elasticache:CreateSnapshot",
    )
    linked_roles = ("elasticache.amazonaws.com",)
    props = ReplicationGroupProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        name = handle.id or handle.name
        groups = aws.listed(aws.elasticache.describe_replication_groups, "ReplicationGroups")
        group = next((one for one in groups if one["ReplicationGroupId"] == name), None)
        if group is None:
            return None
        tags = tags_of_mark(group["Description"])
        if not handle.owns(tags):
            tags = tags_of(aws.elasticache.list_tags_for_resource(ResourceName=group["ARN"]), "TagList")
        status, reason = _status(group)
        props = _props(group) | (_props_of_nodes(aws, name) if status is Status.READY else {})
        return Observed(
            id=name, status=status, reason=reason, props=props, attributes=_attributes(group), tags=tags
        )

    def create(self, aws: Aws, handle: Handle, props: ReplicationGroupProps) -> Observed:
        group = aws.elasticache.create_replication_group(**_wishes(handle, props))["ReplicationGroup"]
        return Observed(id=group["ReplicationGroupId"], status=Status.PENDING)

    def update(self, aws: Aws, handle: Handle, props: ReplicationGroupProps, observed: Observed) -> Observed:
        different = self.differences(props.dump(), observed)
        wishes: dict[str, Any] = {}
        for name in different:
            if name in _CHANGES:
                wishes |= _CHANGES[name](handle, props)

        def modify() -> None:
            if wishes:
                aws.elasticache.modify_replication_group(
                    ReplicationGroupId=observed.id, ApplyImmediately=True, **wishes
                )

        # Failover goes on after the first replica and off before the last one goes. The second call usually meets
        # a group that is busy with the first: asked again, it is the only one left.
        if props.automatic_failover:
            _set_replicas(aws, observed, props)
            modify()
        else:
            modify()
            _set_replicas(aws, observed, props)
        return Observed(id=observed.id, status=Status.PENDING, attributes=observed.attributes)

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        wish: dict[str, Any] = {"FinalSnapshotIdentifier": final_name} if final_name else {}
        name = handle.id or handle.name
        return found(aws.elasticache.delete_replication_group, ReplicationGroupId=name, **wish) is None

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        return without_reordered(super().differences(wanted, observed))

    def check_change(self, before: ReplicationGroupProps, after: ReplicationGroupProps) -> InvalidSpec | None:
        """ElastiCache User Guide, "Version management": Redis becomes Valkey, and versions go up only."""
        if before.engine == "valkey" and after.engine == "redis":
            return _refused("engine", "Valkey can't go back to Redis.")
        older = _numbers(after.engine_version) < _numbers(before.engine_version)
        if before.engine == after.engine and older:
            return _refused("engine_version", "A cache can't go back to an older version.")
        return None

    def cost(self, props: ReplicationGroupProps, usage: Usage, region: str) -> Iterator[CostLine]:
        nodes = props.replicas + 1
        yield CostLine.fixed(
            f"ElastiCache/{props.engine}_{props.node_type}",
            HOURS_A_MONTH * nodes,
            "Cache node" if nodes == 1 else "Cache nodes",
            f"{nodes} x {props.node_type} x {HOURS_A_MONTH} h",
        )

    def cloudformation(self, place: Place, props: ReplicationGroupProps) -> Form:
        wishes = {**_wishes(place, props), "ReplicationGroupDescription": props.description}
        return Form(
            parts=(Part(type="AWS::ElastiCache::ReplicationGroup", properties=wishes),),
            attributes={
                "id": REF,
                "name": REF,
                "arn": place.arn("elasticache", f"replicationgroup:{place.own('id')}"),
                "address": Told("PrimaryEndPoint.Address"),
                "port": Told("PrimaryEndPoint.Port"),
            },
        )


_CHANGES: Mapping[str, Callable[[Handle, ReplicationGroupProps], dict[str, Any]]] = {
    "description": lambda h, p: {"ReplicationGroupDescription": marked(h, p.description)},
    "engine": lambda h, p: {"Engine": p.engine, "EngineVersion": p.engine_version},
    "engine_version": lambda h, p: {"EngineVersion": p.engine_version},
    "node_type": lambda h, p: {"CacheNodeType": p.node_type},
    "automatic_failover": lambda h, p: {
        "AutomaticFailoverEnabled": p.automatic_failover,
        "MultiAZEnabled": p.automatic_failover,
    },
    "security_group_ids": lambda h, p: {"SecurityGroupIds": list(p.security_group_ids)},
    "parameter_group_name": lambda h, p: {"CacheParameterGroupName": p.parameter_group_name},
    "snapshot_retention": lambda h, p: {"SnapshotRetentionLimit": p.snapshot_retention},
}


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _refused(field: str, why: str) -> InvalidSpec:
    hint = "Make another environment with it: a cache holds nothing that can't be read again."
    return InvalidSpec(why, code="spec.change_refused", hint=hint, field=field)


def _set_replicas(aws: Aws, observed: Observed, props: ReplicationGroupProps) -> None:
    now = observed.props.get("replicas")
    if not isinstance(now, int) or now == props.replicas:
        return
    change = (
        aws.elasticache.increase_replica_count
        if now < props.replicas
        else aws.elasticache.decrease_replica_count
    )
    change(ReplicationGroupId=observed.id, NewReplicaCount=props.replicas, ApplyImmediately=True)


def _status(group: Any) -> tuple[Status, str]:
    status = group["Status"]
    pending = sorted(group.get("PendingModifiedValues") or {})
    if status == "create-failed":
        return Status.FAILED, status
    if status == "deleting":
        return Status.DELETING, status
    if status not in _USABLE:
        return Status.PENDING, status
    if pending or group.get("AutomaticFailover") in _SWITCHING:
        return Status.PENDING, f"{status}, changing {', '.join(pending) or 'AutomaticFailover'}"
    return Status.READY, status


def _props(group: Any) -> JsonObject:
    told: JsonObject = {
        "description": unmarked(group["Description"]),
        "replicas": len(group["MemberClusters"]) - 1,
        "automatic_failover": group["AutomaticFailover"] == "enabled",
        "node_type": group["CacheNodeType"],
        "snapshot_retention": group["SnapshotRetentionLimit"],
        "transit_encryption": group["TransitEncryptionEnabled"],
        "at_rest_encryption": group["AtRestEncryptionEnabled"],
    }
    return told | ({"engine": group["Engine"]} if "Engine" in group else {})


def _props_of_nodes(aws: Aws, name: str) -> JsonObject:
    """What only its nodes tell; of several that differ, the one that is still behind."""
    clusters = aws.listed(aws.elasticache.describe_cache_clusters, "CacheClusters")
    nodes = [_props_of_node(one) for one in clusters if one.get("ReplicationGroupId") == name]
    return min(nodes, key=lambda node: str(node["engine_version"]), default={})


def _props_of_node(node: Any) -> JsonObject:
    return {
        # AWS tells a third number that nobody can ask for: 7.1.0.
        "engine_version": ".".join(node["EngineVersion"].split(".")[:2]),
        "subnet_group_name": node["CacheSubnetGroupName"],
        "security_group_ids": sorted(one["SecurityGroupId"] for one in node["SecurityGroups"]),
        "parameter_group_name": node["CacheParameterGroup"]["CacheParameterGroupName"],
    }


def _attributes(group: Any) -> dict[str, str]:
    name = group["ReplicationGroupId"]
    shards = group.get("NodeGroups") or [{}]
    endpoint = shards[0].get("PrimaryEndpoint") or {}
    attributes = {
        "id": name,
        "name": name,
        "arn": group["ARN"],
        "address": endpoint.get("Address", ""),
        "port": str(endpoint.get("Port", "")),
    }
    return {key: value for key, value in attributes.items() if value}


def _wishes(handle: Handle, props: ReplicationGroupProps) -> dict[str, Any]:
    return {
        "ReplicationGroupId": handle.name,
        "ReplicationGroupDescription": marked(handle, props.description),
        "Engine": props.engine,
        "EngineVersion": props.engine_version,
        "CacheNodeType": props.node_type,
        "NumCacheClusters": props.replicas + 1,
        "AutomaticFailoverEnabled": props.automatic_failover,
        "MultiAZEnabled": props.automatic_failover,
        "CacheSubnetGroupName": props.subnet_group_name,
        "SecurityGroupIds": list(props.security_group_ids),
        "CacheParameterGroupName": props.parameter_group_name,
        "SnapshotRetentionLimit": props.snapshot_retention,
        "TransitEncryptionEnabled": props.transit_encryption,
        "AtRestEncryptionEnabled": props.at_rest_encryption,
        "AutoMinorVersionUpgrade": True,
        "Tags": handle.tag_list,
    }
