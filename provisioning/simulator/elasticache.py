"""ElastiCache: replication groups that take minutes to come and go, and really go."""

import re
from typing import Any

from moto.elasticache.models import ElastiCacheBackend, elasticache_backends

from provisioning.simulator import elasticache_groups, elasticache_nodes, interfaces
from provisioning.simulator.operations import Call, Refusal, operation, result_of
from provisioning.simulator.world import Moment, event

__all__ = ["elasticache_groups"]

_IDENTIFIER = re.compile(r"^[a-z](?!.*--)[a-z0-9-]{0,39}(?<!-)$", re.IGNORECASE)
# Versions by engine (ElastiCache user guide, "Supported engines and versions", 2025).
_VERSIONS = {
    "redis": ("4.0.10", "5.0.6", "6.0", "6.2", "7.0", "7.1"),
    "valkey": ("7.2", "8.0", "8.1"),
}
_CLASSES = {
    "t2": ("micro", "small", "medium"),
    "t3": ("micro", "small", "medium"),
    "t4g": ("micro", "small", "medium"),
    **dict.fromkeys(
        ("m5", "m6g", "m7g", "r5", "r6g", "r7g"),
        ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge"),
    ),
}


def backend_of(moment: Moment) -> ElastiCacheBackend:
    """moto's caches of this account and region."""
    return elasticache_backends[moment.account][moment.region]


def _refuse(message: str, code: str = "InvalidParameterValue") -> Refusal:
    return Refusal(code, message)


def group_of(moment: Moment, identifier: str) -> Any:
    """moto's model of a replication group, or AWS's error where there is none."""
    found = backend_of(moment).replication_groups.get(identifier.lower())
    if found is None:
        raise Refusal("ReplicationGroupNotFoundFault", f"ReplicationGroup {identifier} not found.", 404)
    return found


def _check_node_type(value: str) -> None:
    family, _, size = value.removeprefix("cache.").partition(".")
    if not value.startswith("cache.") or size not in _CLASSES.get(family, ()):
        raise _refuse(f"Invalid Cache Node Type: {value}.")


def _check_version(engine: str, version: str) -> None:
    if engine not in _VERSIONS:
        raise _refuse(f"Invalid engine: {engine}. Replication groups are of redis or valkey.")
    # 6.x and 7.x let AWS choose the minor; so does the bare major of valkey.
    prefix = version.removesuffix("x").rstrip(".") + "."
    exact = version in ("", *_VERSIONS[engine])
    if not exact and not any(known.startswith(prefix) for known in _VERSIONS[engine]):
        raise _refuse(f"Cannot find version {version} for {engine}", "InvalidParameterCombination")


def _full_version(engine: str, version: str) -> str:
    prefix = version.removesuffix("x").rstrip(".")
    known = [
        item for item in _VERSIONS[engine] if not prefix or item == prefix or item.startswith(prefix + ".")
    ]
    chosen = known[-1]
    # DescribeCacheClusters tells the patch too, e.g. 7.1.0.
    return chosen if chosen.count(".") == 2 else f"{chosen}.0"


def _check_failover(call: Call, nodes: int) -> None:
    failover, zones = call.params.get("AutomaticFailoverEnabled"), call.params.get("MultiAZEnabled")
    if zones and not failover:
        raise _refuse("Must have automatic failover enabled to use Multi-AZ.", "InvalidParameterCombination")
    if failover and nodes < 2:
        raise _refuse(
            "When using automatic failover, there must be at least 2 cache clusters in the replication group.",
            "InvalidParameterCombination",
        )


def _check_token(call: Call) -> None:
    token = call.params.get("AuthToken")
    if token is None:
        return
    if not call.params.get("TransitEncryptionEnabled"):
        raise _refuse(
            "The AUTH token is only supported when encryption-in-transit is enabled.",
            "InvalidParameterCombination",
        )
    if not 16 <= len(token) <= 128:
        raise _refuse("Invalid AuthToken provided. The password must be 16 to 128 characters long.")


def _nodes(call: Call) -> int:
    """Nodes of each shard, from whichever parameter tells."""
    replicas = call.params.get("ReplicasPerNodeGroup")
    return int(call.params.get("NumCacheClusters") or (1 if replicas is None else replicas + 1))


def _check_new(call: Call) -> None:
    identifier = call.text("ReplicationGroupId")
    if not _IDENTIFIER.match(identifier):
        raise _refuse(
            "The parameter ReplicationGroupIdentifier is not a valid identifier. Identifiers must begin with a "
            "letter; must contain only ASCII letters, digits, and hyphens; must not end with a hyphen or contain two "
            "consecutive hyphens; and must be at most 40 characters long."
        )
    if identifier.lower() in backend_of(call).replication_groups:
        raise Refusal(
            "ReplicationGroupAlreadyExists", f"Replication group {identifier.lower()} already exists."
        )
    _check_node_type(call.text("CacheNodeType") or "cache.t3.micro")
    _check_version(call.text("Engine") or "redis", call.text("EngineVersion"))
    _check_failover(call, _nodes(call))
    _check_token(call)
    if call.params.get("SnapshotRetentionLimit") and not 0 <= call.params["SnapshotRetentionLimit"] <= 35:
        raise _refuse("Snapshot retention limit must be between 0 and 35.")
    elasticache_groups.check_use(call)


@operation("elasticache", "CreateReplicationGroup")
def create_replication_group(call: Call) -> object:
    """Refuse what ElastiCache refuses; then `creating` until it is `available`."""
    _check_new(call)
    params = call.params
    params["ReplicationGroupId"] = call.text("ReplicationGroupId").lower()
    if not params.get("NumNodeGroups") and params.get("ClusterMode") != "enabled":
        # moto counts replicas only; AWS takes either.
        params["ReplicasPerNodeGroup"] = _nodes(call) - 1
    answer = call.forward()
    group: Any = result_of(answer)["ReplicationGroup"]
    engine = group.engine
    group.engine_version = _full_version(engine, call.text("EngineVersion"))
    group.auto_minor_version_upgrade = params.get("AutoMinorVersionUpgrade", True)
    if group.transit_encryption_enabled:
        group.transit_encryption_mode = params.get("TransitEncryptionMode") or "required"
    group.pending_modified_values = {}
    elasticache_nodes.place(call, group)
    _begin(call, group, "creating", "elasticache.create", "elasticache.created")
    return answer


def _begin(moment: Moment, group: Any, status: str, duration: str, then: str) -> None:
    group.status = status
    for shard in group.node_groups:
        shard["status"] = status
    if status == "creating":
        group.NodeGroups = []
    moment.after(duration, then, group.replication_group_id)


def _available(group: Any) -> None:
    group.status = "available"
    group.__dict__.pop("NodeGroups", None)
    for shard in group.node_groups:
        shard["status"] = "available"


@event("elasticache.created")
def created(moment: Moment, identifier: str) -> None:
    """A new replication group is ready."""
    group = backend_of(moment).replication_groups.get(identifier)
    if group is not None and group.status == "creating":
        _available(group)


_SLOW_CHANGES = {"CacheNodeType": "cache_node_type", "EngineVersion": "engine_version", "Engine": "engine"}


def _require_available(group: Any) -> None:
    if group.status != "available":
        raise Refusal(
            "InvalidReplicationGroupState",
            f"Replication group {group.replication_group_id} must be in available state to be changed or deleted; "
            f"it is {group.status}.",
        )


@operation("elasticache", "ModifyReplicationGroup")
def modify_replication_group(call: Call) -> object:
    """`modifying` for minutes; node type and version are pending until the end."""
    group = group_of(call, call.text("ReplicationGroupId"))
    _require_available(group)
    _check_failover_change(call, group)
    if call.text("CacheNodeType"):
        _check_node_type(call.text("CacheNodeType"))
    if call.text("EngineVersion"):
        _check_version(call.text("Engine") or group.engine, call.text("EngineVersion"))
    slow = {name: call.params.pop(name) for name in _SLOW_CHANGES if call.params.get(name)}
    answer = call.forward()
    _keep_changes(call, group)
    if call.params.get("ApplyImmediately") or not slow:
        group.changes_to_make = slow
        _begin(call, group, "modifying", "elasticache.modify", "elasticache.modified")
    if slow:
        group.pending_modified_values = {"CacheNodeType": slow.get("CacheNodeType")}
    return answer


def _check_failover_change(call: Call, group: Any) -> None:
    if call.params.get("AutomaticFailoverEnabled") or call.params.get("MultiAZEnabled"):
        on = group.automatic_failover == "enabled"
        call.params.setdefault("AutomaticFailoverEnabled", on)
        _check_failover(call, len(group.member_clusters))


def _keep_changes(call: Call, group: Any) -> None:
    kept = {
        "SnapshotWindow": "snapshot_window",
        "PreferredMaintenanceWindow": "preferred_maintenance_window",
        "CacheParameterGroupName": "cache_parameter_group_name",
        "AutoMinorVersionUpgrade": "auto_minor_version_upgrade",
        "SecurityGroupIds": "security_group_ids",
    }
    elasticache_groups.check_use(call)
    for name, attribute in kept.items():
        if call.params.get(name) is not None:
            setattr(group, attribute, call.params[name])
    if call.params.get("SecurityGroupIds"):
        interfaces.regroup(call, group.interface_ids, call.params["SecurityGroupIds"])


@event("elasticache.modified")
def modified(moment: Moment, identifier: str) -> None:
    """A change is done."""
    group: Any = backend_of(moment).replication_groups.get(identifier)
    if group is None or group.status != "modifying":
        return
    changes = getattr(group, "changes_to_make", {})
    for name, attribute in _SLOW_CHANGES.items():
        if name in changes:
            setattr(group, attribute, changes[name])
    if "EngineVersion" in changes:
        group.engine_version = _full_version(group.engine, changes["EngineVersion"])
    if "Replicas" in changes:
        elasticache_nodes.resize(moment, group, changes["Replicas"])
    group.changes_to_make, group.pending_modified_values = {}, {}
    _available(group)


@operation("elasticache", "IncreaseReplicaCount", "DecreaseReplicaCount")
def change_replica_count(call: Call) -> object:
    """More or fewer replicas, after `modifying`."""
    group = group_of(call, call.text("ReplicationGroupId"))
    _require_available(group)
    wanted = call.params.get("NewReplicaCount")
    if wanted is None or not 0 <= wanted <= 5:
        raise _refuse("NewReplicaCount must be between 0 and 5.")
    if wanted == 0 and group.automatic_failover == "enabled":
        raise _refuse("Automatic failover needs at least one replica.", "InvalidParameterCombination")
    group.changes_to_make = {"Replicas": wanted}
    _begin(call, group, "modifying", "elasticache.modify", "elasticache.modified")
    return {"ReplicationGroup": group}


@operation("elasticache", "DeleteReplicationGroup")
def delete_replication_group(call: Call) -> object:
    """`deleting` for minutes, then gone."""
    group = group_of(call, call.text("ReplicationGroupId"))
    _require_available(group)
    name = call.text("FinalSnapshotIdentifier")
    if name:
        if name in backend_of(call).snapshots:
            raise Refusal("SnapshotAlreadyExistsFault", f"Snapshot {name} already exists.")
        elasticache_nodes.snapshot(call, group, name)
    _begin(call, group, "deleting", "elasticache.delete", "elasticache.deleted")
    return {"ReplicationGroup": group}


@event("elasticache.deleted")
def deleted(moment: Moment, identifier: str) -> None:
    """A replication group is gone, and its id is free."""
    backend = backend_of(moment)
    group: Any = backend.replication_groups.pop(identifier, None)
    if group is not None:
        interfaces.delete(moment, group.interface_ids)
        backend.tagging_service.delete_all_tags_for_resource(group.arn)
