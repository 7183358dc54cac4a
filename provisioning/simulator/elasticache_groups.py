"""ElastiCache's subnet groups and parameter groups; moto cannot delete the first and lacks the second."""

import re
from dataclasses import dataclass, field
from typing import Any

from moto.ec2.models import ec2_backends
from moto.elasticache.models import ElastiCacheBackend, elasticache_backends

from provisioning.simulator.operations import Call, Refusal, operation
from provisioning.simulator.world import Moment

_FAMILIES = ("redis4.0", "redis5.0", "redis6.x", "redis7", "valkey7", "valkey8", "memcached1.6")
#: Parameters that people change, with ElastiCache's defaults (user guide, "Redis OSS-specific parameters").
_DEFAULTS = {
    "maxmemory-policy": "volatile-lru",
    "timeout": "0",
    "tcp-keepalive": "300",
    "notify-keyspace-events": "",
    "reserved-memory-percent": "25",
    "activedefrag": "no",
    "slowlog-log-slower-than": "10000",
    "slowlog-max-len": "128",
    "lazyfree-lazy-eviction": "no",
    "cluster-enabled": "no",
}


@dataclass(kw_only=True)
class ParameterGroup:
    """One cache parameter group."""

    name: str
    family: str
    description: str
    arn: str
    values: dict[str, str] = field(default_factory=dict)

    def as_aws(self) -> dict[str, Any]:
        """The group as AWS shows it."""
        return {
            "CacheParameterGroupName": self.name,
            "CacheParameterGroupFamily": self.family,
            "Description": self.description,
            "IsGlobal": False,
            "ARN": self.arn,
        }


@dataclass(kw_only=True)
class ParameterGroups:
    """The cache parameter groups of an account and region."""

    by_name: dict[str, ParameterGroup] = field(default_factory=dict)


def _backend_of(moment: Moment) -> ElastiCacheBackend:
    return elasticache_backends[moment.account][moment.region]


def _group_of(call: Call) -> ParameterGroup:
    name = call.text("CacheParameterGroupName").lower()
    groups = call.notes(ParameterGroups).by_name
    if name.startswith("default.") and name.removeprefix("default.") in _FAMILIES:
        family = name.removeprefix("default.")
        return ParameterGroup(
            name=name, family=family, description=f"Default for {family}", arn=_arn(call, name)
        )
    if name not in groups:
        raise Refusal("CacheParameterGroupNotFound", f"CacheParameterGroup {name} not found.", 404)
    return groups[name]


def _arn(moment: Moment, name: str) -> str:
    return f"arn:aws:elasticache:{moment.region}:{moment.account}:parametergroup:{name}"


def check_use(call: Call) -> None:
    """Refuse the name of a parameter group, subnet group or security group that does not exist."""
    if call.text("CacheParameterGroupName"):
        _group_of(call)
    name = call.text("CacheSubnetGroupName")
    if name and name.lower() not in _backend_of(call).cache_subnet_groups:
        raise Refusal("CacheSubnetGroupNotFoundFault", f"Cache Subnet Group {name} does not exist.")
    if name:
        call.params["CacheSubnetGroupName"] = name.lower()
    ec2 = ec2_backends[call.account][call.region]
    for group in call.items("SecurityGroupIds"):
        if ec2.get_security_group_from_id(group) is None:
            raise Refusal("InvalidParameterValue", f"Some security group Ids provided not found: {group}")


@operation("elasticache", "CreateCacheSubnetGroup")
def create_cache_subnet_group(call: Call) -> object:
    """Needs subnets that exist, all in one VPC."""
    name = call.text("CacheSubnetGroupName").lower()
    if not re.fullmatch(r"[a-z0-9-]{1,255}", name) or name == "default":
        raise Refusal("InvalidParameterValue", f"The parameter CacheSubnetGroupName is not valid: {name}")
    call.params["CacheSubnetGroupName"] = name
    ec2 = ec2_backends[call.account][call.region]
    known = {key: subnet for subnets in ec2.subnets.values() for key, subnet in subnets.items()}
    for subnet in call.items("SubnetIds"):
        if subnet not in known:
            raise Refusal("InvalidSubnet", f"The subnet ID '{subnet}' does not exist.")
    return call.forward()


@operation("elasticache", "ModifyCacheSubnetGroup")
def modify_cache_subnet_group(call: Call) -> object:
    """Other subnets of the same VPC; moto has no such operation."""
    backend, name = _backend_of(call), call.text("CacheSubnetGroupName").lower()
    group: Any = backend.cache_subnet_groups.get(name)
    if group is None:
        raise Refusal("CacheSubnetGroupNotFoundFault", f"Cache Subnet Group {name} does not exist.", 400)
    subnets = call.items("SubnetIds") or [item["subnet_identifier"] for item in group.subnets]
    fresh = type(group)(
        account_id=call.account,
        region_name=call.region,
        cache_subnet_group_name=name,
        cache_subnet_group_description=call.text("CacheSubnetGroupDescription")
        or group.cache_subnet_group_description,
        subnet_ids=subnets,
        tags=None,
    )
    backend.cache_subnet_groups[name] = fresh
    return {"CacheSubnetGroup": fresh}


@operation("elasticache", "DeleteCacheSubnetGroup")
def delete_cache_subnet_group(call: Call) -> object:
    """Refused while a replication group is in it."""
    backend, name = _backend_of(call), call.text("CacheSubnetGroupName").lower()
    if name not in backend.cache_subnet_groups:
        raise Refusal("CacheSubnetGroupNotFoundFault", f"Cache Subnet Group {name} does not exist.", 400)
    for group in backend.replication_groups.values():
        if group.cache_subnet_group_name == name:
            raise Refusal(
                "CacheSubnetGroupInUse",
                f"Cache subnet group {name} is currently in use by a cache cluster or replication group: "
                f"{group.replication_group_id}.",
            )
    removed = backend.cache_subnet_groups.pop(name)
    backend.tagging_service.delete_all_tags_for_resource(removed.arn)
    return {}


@operation("elasticache", "CreateCacheParameterGroup")
def create_cache_parameter_group(call: Call) -> object:
    """A group with its family's defaults."""
    name, family = call.text("CacheParameterGroupName").lower(), call.text("CacheParameterGroupFamily")
    if family not in _FAMILIES:
        raise Refusal(
            "InvalidParameterValue",
            f"CacheParameterGroupFamily {family} is not a valid parameter group family.",
        )
    if not re.fullmatch(r"[a-z](?!.*--)[a-z0-9-]{0,254}(?<!-)", name):
        raise Refusal("InvalidParameterValue", f"The parameter CacheParameterGroupName is not valid: {name}")
    groups = call.notes(ParameterGroups).by_name
    if name in groups:
        raise Refusal("CacheParameterGroupAlreadyExists", f"Cache parameter group {name} already exists.")
    groups[name] = ParameterGroup(
        name=name, family=family, description=call.text("Description"), arn=_arn(call, name)
    )
    if call.items("Tags"):
        _backend_of(call).tagging_service.tag_resource(groups[name].arn, call.items("Tags"))
    return {"CacheParameterGroup": groups[name].as_aws()}


@operation("elasticache", "DescribeCacheParameterGroups")
def describe_cache_parameter_groups(call: Call) -> object:
    """One group, or all that this account made."""
    if call.text("CacheParameterGroupName"):
        return {"CacheParameterGroups": [_group_of(call).as_aws()]}
    return {
        "CacheParameterGroups": [group.as_aws() for group in call.notes(ParameterGroups).by_name.values()]
    }


@operation("elasticache", "DescribeCacheParameters")
def describe_cache_parameters(call: Call) -> object:
    """The commonly changed parameters with their values."""
    group = _group_of(call)
    return {
        "Parameters": [
            {
                "ParameterName": name,
                "ParameterValue": group.values.get(name, usual),
                "Source": "user" if name in group.values else "system",
                "IsModifiable": name != "cluster-enabled",
                "DataType": "string",
                "ChangeType": "immediate",
            }
            for name, usual in _DEFAULTS.items()
            if call.text("Source") in ("", "user" if name in group.values else "system")
        ]
    }


@operation("elasticache", "ModifyCacheParameterGroup")
def modify_cache_parameter_group(call: Call) -> object:
    """Set parameters that the simulator knows."""
    group = _group_of(call)
    if group.name.startswith("default."):
        raise Refusal("InvalidCacheParameterGroupState", "A default parameter group cannot be changed.")
    for item in call.items("ParameterNameValues"):
        if item["ParameterName"] not in _DEFAULTS:
            raise Refusal(
                "InvalidParameterValue", f"Could not find parameter with name: {item['ParameterName']}"
            )
        group.values[item["ParameterName"]] = item["ParameterValue"]
    return {"CacheParameterGroupName": group.name}


@operation("elasticache", "DeleteCacheParameterGroup")
def delete_cache_parameter_group(call: Call) -> object:
    """Refused while a replication group uses it."""
    group, backend = _group_of(call), _backend_of(call)
    used = any(item.cache_parameter_group_name == group.name for item in backend.replication_groups.values())
    if used or group.name.startswith("default."):
        raise Refusal(
            "InvalidCacheParameterGroupState",
            f"One or more cache clusters are still members of this parameter group {group.name}, so the group "
            "cannot be deleted.",
        )
    del call.notes(ParameterGroups).by_name[group.name]
    backend.tagging_service.delete_all_tags_for_resource(group.arn)
    return {}
