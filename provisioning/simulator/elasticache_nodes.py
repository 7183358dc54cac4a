"""The nodes of ElastiCache's replication groups: where they stand, how they are listed, their snapshots."""

from typing import Any

from moto.ec2.models import ec2_backends
from moto.elasticache.models import ElastiCacheBackend, elasticache_backends

from provisioning.simulator import interfaces
from provisioning.simulator.operations import Call, Refusal, operation, result_of
from provisioning.simulator.world import Moment, event


def _backend_of(moment: Moment) -> ElastiCacheBackend:
    return elasticache_backends[moment.account][moment.region]


def _subnets(moment: Moment, group: Any) -> list[Any]:
    subnet_group = _backend_of(moment).cache_subnet_groups.get(group.cache_subnet_group_name or "")
    ec2 = ec2_backends[moment.account][moment.region]
    if subnet_group is None:
        return []
    return [ec2.get_subnet(item["subnet_identifier"]) for item in subnet_group.subnets]


def place(moment: Moment, group: Any) -> None:
    """Spread the nodes over the zones of the subnet group, each with its network interface."""
    subnets = _subnets(moment, group)
    interfaces.delete(moment, getattr(group, "interface_ids", []))
    group.interface_ids = []
    members = [node for shard in group.node_groups for node in shard["node_group_members"]]
    for index, node in enumerate(members):
        if not subnets:
            continue
        subnet = subnets[index % len(subnets)]
        node["preferred_availability_zone"] = subnet.availability_zone
        owner = interfaces.Owner(
            description=f"ElastiCache {node['cache_cluster_id']}", requester="amazon-elasticache"
        )
        made = interfaces.create(moment, owner, subnet=subnet.id, groups=group.security_group_ids or [])
        group.interface_ids.append(made.id)
    _localise(group, moment.region)


def _localise(group: Any, region: str) -> None:
    """moto's endpoints are all of us-east-1; AWS's bear a short name of the region."""
    direction = region.split("-")
    short = f"{direction[0]}{direction[1][0]}{direction[2]}"
    if "," in short:
        return
    for shard in group.node_groups:
        for key in ("primary_endpoint_address", "reader_endpoint_address"):
            if key in shard:
                shard[key] = shard[key].replace(".use1.cache", f".{short}.cache")
        if "primary_endpoint" in shard:
            shard["primary_endpoint"]["address"] = shard["primary_endpoint_address"]
            shard["reader_endpoint"] = {"address": shard["reader_endpoint_address"], "port": group.port}
        for node in shard["node_group_members"]:
            if "read_endpoint" in node:
                node["read_endpoint"]["address"] = node["read_endpoint"]["address"].replace(
                    ".use1.cache", f".{short}.cache"
                )


def resize(moment: Moment, group: Any, replicas: int) -> None:
    """Give every shard so many replicas."""
    group.member_clusters.clear()
    for shard in group.node_groups:
        members = shard["node_group_members"]
        first = members[0]
        del members[replicas + 1 :]
        while len(members) < replicas + 1:
            name = f"{first['cache_cluster_id'][:-3]}{len(members) + 1:0>3}"
            node = {**first, "cache_cluster_id": name, "current_role": "replica"}
            if "read_endpoint" in first:
                address = first["read_endpoint"]["address"].replace(first["cache_cluster_id"], name)
                node["read_endpoint"] = {"address": address, "port": group.port}
            members.append(node)
        group.member_clusters.extend(node["cache_cluster_id"] for node in members)
    place(moment, group)


def _as_node(group: Any, node: dict[str, Any]) -> dict[str, Any]:
    endpoint = node.get("read_endpoint") or {}
    return {
        "CacheNodeId": "0001",
        "CacheNodeStatus": group.status,
        "Endpoint": {"Address": endpoint.get("address"), "Port": endpoint.get("port")},
        "ParameterGroupStatus": "in-sync",
        "CustomerAvailabilityZone": node["preferred_availability_zone"],
    }


def _as_cluster(group: Any, node: dict[str, Any]) -> dict[str, Any]:
    return {
        "CacheClusterId": node["cache_cluster_id"],
        "ReplicationGroupId": group.replication_group_id,
        "CacheClusterStatus": group.status,
        "CacheNodeType": group.cache_node_type,
        "Engine": group.engine,
        "EngineVersion": group.engine_version,
        "NumCacheNodes": 1,
        "PreferredAvailabilityZone": node["preferred_availability_zone"],
        "CacheClusterCreateTime": group.replication_group_create_time,
        "PreferredMaintenanceWindow": group.preferred_maintenance_window or "sun:05:00-sun:06:00",
        "CacheSubnetGroupName": group.cache_subnet_group_name,
        "CacheParameterGroup": {
            "CacheParameterGroupName": group.cache_parameter_group_name or default_parameter_group(group),
            "ParameterApplyStatus": "in-sync",
            "CacheNodeIdsToReboot": [],
        },
        "SecurityGroups": [
            {"SecurityGroupId": item, "Status": "active"} for item in group.security_group_ids or []
        ],
        "AutoMinorVersionUpgrade": bool(group.auto_minor_version_upgrade),
        "SnapshotRetentionLimit": group.snapshot_retention_limit,
        "SnapshotWindow": group.snapshot_window,
        "TransitEncryptionEnabled": group.transit_encryption_enabled,
        "TransitEncryptionMode": group.transit_encryption_mode,
        "AtRestEncryptionEnabled": group.at_rest_encryption_enabled,
        "AuthTokenEnabled": group.auth_token_enabled,
        "PendingModifiedValues": {},
        "ARN": group.arn.replace(
            f":replicationgroup:{group.replication_group_id}", f":cluster:{node['cache_cluster_id']}"
        ),
        "CacheNodes": [_as_node(group, node)],
    }


def default_parameter_group(group: Any) -> str:
    """ElastiCache's own parameter group for the group's engine and version."""
    major = str(group.engine_version).partition(".")[0]
    family = (
        f"{group.engine}{major}" if group.engine == "valkey" or int(major) > 6 else f"{group.engine}{major}.x"
    )
    return f"default.{family}"


@operation("elasticache", "DescribeCacheClusters")
def describe_cache_clusters(call: Call) -> object:
    """The nodes of replication groups, which moto does not list, and single clusters as moto has them."""
    wanted = call.text("CacheClusterId").lower()
    nodes = [
        _as_cluster(group, node)
        for group in _backend_of(call).replication_groups.values()
        for shard in group.node_groups
        for node in shard["node_group_members"]
        if wanted in ("", node["cache_cluster_id"])
    ]
    if not call.params.get("ShowCacheNodeInfo"):
        for cluster in nodes:
            del cluster["CacheNodes"]
    if wanted:
        return {"CacheClusters": nodes} if nodes else call.forward()
    if call.params.get("ShowCacheClustersNotInReplicationGroups"):
        nodes = []
    return {"CacheClusters": [*nodes, *result_of(call.forward())["CacheClusters"]]}


def snapshot(call: Call, group: Any, name: str) -> Any:
    """A snapshot of a replication group, `creating` first."""
    made = _backend_of(call).create_snapshot(
        snapshot_name=name,
        replication_group_id=group.replication_group_id,
        cache_cluster_id=None,
        kms_key_id=None,
        tags=[],
    )
    _begin(call, made)
    return made


def _begin(moment: Moment, made: Any) -> None:
    made.snapshot_status = "creating"
    moment.after("elasticache.snapshot", "elasticache.snapshot-taken", made.snapshot_name)


@operation("elasticache", "CreateSnapshot")
def create_snapshot(call: Call) -> object:
    """`creating`, then `available`; the group must be available."""
    group = _backend_of(call).replication_groups.get(call.text("ReplicationGroupId").lower())
    if group is not None and group.status != "available":
        raise Refusal("InvalidReplicationGroupState", f"Replication group is {group.status}.")
    answer = call.forward()
    _begin(call, result_of(answer)["Snapshot"])
    return answer


@event("elasticache.snapshot-taken")
def snapshot_taken(moment: Moment, name: str) -> None:
    """A snapshot is complete."""
    made: Any = _backend_of(moment).snapshots.get(name)
    if made is not None:
        made.snapshot_status = "available"
