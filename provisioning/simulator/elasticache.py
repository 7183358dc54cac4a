"""ElastiCache: replication groups are made and deleted over minutes; subnet groups can be deleted when unused."""

from typing import Any

from moto.elasticache.models import elasticache_backends

from provisioning.simulator.operations import Call, Refusal, operation, result_of
from provisioning.simulator.world import Moment, event


def _group(moment: Moment, identifier: str) -> Any:
    return elasticache_backends[moment.account][moment.region].replication_groups.get(identifier)


def _settled(call: Call) -> Any:
    identifier = call.text("ReplicationGroupId")
    group = _group(call, identifier)
    if group is None:
        raise Refusal("ReplicationGroupNotFoundFault", f"ReplicationGroup {identifier} not found.")
    if group.status != "available":
        raise Refusal("InvalidReplicationGroupState", f"Replication group {identifier} is {group.status}.")
    return group


@operation("elasticache", "CreateReplicationGroup")
def create_replication_group(call: Call) -> object:
    """`creating`, then `available`."""
    identifier = call.text("ReplicationGroupId")
    if len(identifier) > 40:
        raise Refusal(
            "InvalidParameterValue", "The replication group identifier is longer than 40 characters."
        )
    if _group(call, identifier) is not None:
        raise Refusal("ReplicationGroupAlreadyExists", f"Replication group {identifier} already exists.")
    nodes = int(call.params.get("NumCacheClusters") or 1) + int(call.params.get("ReplicasPerNodeGroup") or 0)
    if call.params.get("AutomaticFailoverEnabled") and nodes < 2:
        raise Refusal("InvalidParameterCombination", "Automatic failover needs at least two nodes.")
    answer = call.forward()
    group = result_of(answer)["ReplicationGroup"]
    group.status = "creating"
    call.after("elasticache.create", "elasticache.available", identifier)
    return answer


@operation("elasticache", "ModifyReplicationGroup")
def modify_replication_group(call: Call) -> object:
    """`modifying`, then `available`."""
    group = _settled(call)
    answer = call.forward()
    group.status = "modifying"
    call.after("elasticache.modify", "elasticache.available", call.text("ReplicationGroupId"))
    return answer


@operation("elasticache", "DeleteReplicationGroup")
def delete_replication_group(call: Call) -> object:
    """`deleting`, then gone."""
    _settled(call)
    answer = call.forward()
    call.after("elasticache.delete", "elasticache.gone", call.text("ReplicationGroupId"))
    return answer


@event("elasticache.available")
def available(moment: Moment, identifier: str) -> None:
    """What was being made or changed is ready."""
    group = _group(moment, identifier)
    if group is not None and group.status in ("creating", "modifying"):
        group.status = "available"


@event("elasticache.gone")
def gone(moment: Moment, identifier: str) -> None:
    """The group and its name are free."""
    elasticache_backends[moment.account][moment.region].replication_groups.pop(identifier, None)


@operation("elasticache", "DeleteCacheSubnetGroup")
def delete_cache_subnet_group(call: Call) -> object:
    """Refused while a replication group uses it."""
    name = call.text("CacheSubnetGroupName")
    backend = elasticache_backends[call.account][call.region]
    if name not in backend.cache_subnet_groups:
        raise Refusal("CacheSubnetGroupNotFoundFault", f"Cache subnet group {name} does not exist.")
    if any(one.cache_subnet_group_name == name for one in backend.replication_groups.values()):
        raise Refusal("CacheSubnetGroupInUse", f"Cache subnet group {name} is in use.")
    del backend.cache_subnet_groups[name]
    return {}
