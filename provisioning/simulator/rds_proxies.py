"""RDS proxies: minutes until they stand, and targets that are reached once role, secret and database are right."""

from typing import Any

from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends
from moto.rds.models import DBProxy, DBProxyTarget, rds_backends
from moto.secretsmanager.models import secretsmanager_backends

from provisioning.simulator import interfaces, rds_rules
from provisioning.simulator.operations import Call, Refusal, operation
from provisioning.simulator.rds_rules import refuse
from provisioning.simulator.world import Moment, event

_OWNER = interfaces.Owner(description="RDSNetworkInterface", requester="amazon-rds")
#: Members of ModifyDBProxy, and what moto's model calls them.
_ATTRIBUTES = {
    "Auth": "auth",
    "RequireTLS": "require_tls",
    "IdleClientTimeout": "idle_client_timeout",
    "DebugLogging": "debug_logging",
    "RoleArn": "role_arn",
    "SecurityGroups": "vpc_security_group_ids",
}


def _proxies(moment: Moment) -> Any:
    return rds_backends[moment.account][moment.region].db_proxies


def _proxy_of(call: Call) -> Any:
    name = call.text("DBProxyName").lower()
    found = _proxies(call).get(name)
    if found is None:
        raise Refusal("DBProxyNotFoundFault", f"DBProxy {name} not found.", 404)
    call.params["DBProxyName"] = name
    return found


def _require_state(proxy: DBProxy, *allowed: str) -> None:
    if proxy.status not in allowed:
        text = f"DBProxy {proxy.db_proxy_name} is in state {proxy.status}."
        raise Refusal("InvalidDBProxyStateFault", text)


def _check_network(call: Call, subnets: list[str]) -> None:
    ec2 = ec2_backends[call.account][call.region]
    known = {key: subnet for found in ec2.subnets.values() for key, subnet in found.items()}
    for subnet in subnets:
        if subnet not in known:
            raise Refusal("InvalidSubnet", f"The subnet ID '{subnet}' does not exist.")
    if len({known[subnet].availability_zone for subnet in subnets}) < 2:
        raise refuse("DB Proxy requires at least 2 subnets in different Availability Zones.")


def _check_groups(call: Call, parameter: str) -> None:
    ec2 = ec2_backends[call.account][call.region]
    for group in call.items(parameter):
        if ec2.get_security_group_from_id(group) is None:
            raise refuse(f"Invalid security group , groupId= {group}, groupName=.")


@operation("rds", "CreateDBProxy")
def create_db_proxy(call: Call) -> object:
    """`creating` for minutes, then `available`; in two zones."""
    name = call.text("DBProxyName")
    rds_rules.check_identifier(name, "DBProxyName")
    if name.lower() in _proxies(call):
        raise Refusal(
            "DBProxyAlreadyExistsFault", f"Cannot create the DBProxy because {name} already exists."
        )
    _check_network(call, call.items("VpcSubnetIds"))
    _check_groups(call, "VpcSecurityGroupIds")
    call.params["DBProxyName"] = name.lower()
    answer = call.forward()
    proxy = _proxies(call)[name.lower()]
    proxy.status, proxy.registered_at = "creating", {}
    proxy.require_tls = bool(proxy.require_tls)
    proxy.interface_ids = [
        interfaces.create(call, _OWNER, subnet=subnet, groups=proxy.vpc_security_group_ids).id
        for subnet in proxy.vpc_subnet_ids
    ]
    call.after("rds.proxy", "rds.proxy-settled", proxy.db_proxy_name, "creating")
    return answer


@event("rds.proxy-settled")
def settled(moment: Moment, name: str, meanwhile: str) -> None:
    """A proxy has been made or changed."""
    proxy = _proxies(moment).get(name)
    if proxy is not None and proxy.status == meanwhile:
        proxy.status = "available"


@operation("rds", "ModifyDBProxy")
def modify_db_proxy(call: Call) -> object:
    """`modifying`, then `available` with the new values; moto has no such operation."""
    proxy = _proxy_of(call)
    _require_state(proxy, "available")
    _check_groups(call, "SecurityGroups")
    for member, attribute in _ATTRIBUTES.items():
        if call.params.get(member) is not None:
            setattr(proxy, attribute, call.params[member])
    if call.items("SecurityGroups"):
        interfaces.regroup(call, proxy.interface_ids, call.items("SecurityGroups"))
    proxy.status = "modifying"
    call.after("rds.proxy-modify", "rds.proxy-settled", proxy.db_proxy_name, "modifying")
    return {"DBProxy": proxy}


@operation("rds", "DeleteDBProxy")
def delete_db_proxy(call: Call) -> object:
    """`deleting` for minutes, with its targets; then gone with its interfaces."""
    proxy = _proxy_of(call)
    _require_state(proxy, "available", "creating", "incompatible-network", "insufficient-resource-limits")
    proxy.status = "deleting"
    call.after("rds.proxy-delete", "rds.proxy-deleted", proxy.db_proxy_name)
    return {"DBProxy": proxy}


@event("rds.proxy-deleted")
def deleted(moment: Moment, name: str) -> None:
    """A proxy is gone."""
    proxy = _proxies(moment).pop(name, None)
    if proxy is not None:
        interfaces.delete(moment, proxy.interface_ids)


def _targets(proxy: DBProxy) -> list[DBProxyTarget]:
    return proxy.proxy_target_groups["default"].targets


@operation("rds", "RegisterDBProxyTargets")
def register_db_proxy_targets(call: Call) -> object:
    """One cluster or one instance, which must be there; a proxy has no second."""
    proxy = _proxy_of(call)
    _require_state(proxy, "available", "creating", "modifying")
    backend = rds_backends[call.account][call.region]
    clusters, instances = call.items("DBClusterIdentifiers"), call.items("DBInstanceIdentifiers")
    for name in clusters:
        if name.lower() not in backend.clusters:
            raise Refusal("DBClusterNotFoundFault", f"DBCluster {name} not found.", 404)
    for name in instances:
        if name.lower() not in backend.databases:
            raise Refusal("DBInstanceNotFound", f"DBInstance {name} not found.", 404)
    there = [target.rds_resource_id for target in _targets(proxy)]
    if set(there) & {*clusters, *instances}:
        raise Refusal(
            "DBProxyTargetAlreadyRegisteredFault",
            f"The target {there[0]} is already registered with {proxy.db_proxy_name}.",
        )
    if there:
        raise refuse(
            f"The proxy {proxy.db_proxy_name} already has {there[0]} for its target.",
            "InvalidParameterCombination",
        )
    answer = call.forward()
    proxy.registered_at = dict.fromkeys((*clusters, *instances), call.now)
    return answer


@operation("rds", "DeregisterDBProxyTargets")
def deregister_db_proxy_targets(call: Call) -> object:
    """Refused where there is no such target."""
    proxy = _proxy_of(call)
    wanted = {*call.items("DBClusterIdentifiers"), *call.items("DBInstanceIdentifiers")}
    if not wanted & {target.rds_resource_id for target in _targets(proxy)}:
        raise Refusal("DBProxyTargetNotFoundFault", "The specified target is not registered.", 404)
    call.params.setdefault("DBClusterIdentifiers", [])
    call.params.setdefault("DBInstanceIdentifiers", [])
    return call.forward()


def _health(moment: Moment, proxy: Any, registered_at: float, instance: Any) -> dict[str, str]:
    """Whether the proxy reaches an instance, with AWS's reason where it does not."""
    if proxy.status == "creating" or moment.now < registered_at + moment.durations.of("rds.target"):
        return _unavailable(
            "PENDING_PROXY_CAPACITY", "DBProxy Target is waiting for proxy to scale to desired capacity"
        )
    roles = {role.arn: role for role in iam_backends[moment.account]["aws"].roles.values()}
    role = roles.get(proxy.role_arn)
    if role is None or "rds.amazonaws.com" not in str(role.assume_role_policy_document):
        return _unavailable("AUTH_FAILURE", "Proxy does not have the right to take on its role")
    secrets = secretsmanager_backends[moment.account][moment.region].secrets
    known = {secret.arn for secret in secrets.values()}
    if not all(one["SecretArn"] in known for one in proxy.auth):
        return _unavailable("AUTH_FAILURE", "Proxy does not have any registered credentials")
    if instance.status not in ("available", "backing-up", "modifying"):
        return _unavailable("UNREACHABLE", f"The database is {instance.status}")
    return {"State": "AVAILABLE"}


def _unavailable(reason: str, description: str) -> dict[str, str]:
    return {"State": "UNAVAILABLE", "Reason": reason, "Description": description}


@operation("rds", "DescribeDBProxyTargets")
def describe_db_proxy_targets(call: Call) -> object:
    """The cluster, and each of its instances with its health."""
    proxy = _proxy_of(call)
    backend: Any = rds_backends[call.account][call.region]
    told: list[dict[str, Any]] = []
    for target in _targets(proxy):
        name, registered_at = (
            target.rds_resource_id,
            proxy.registered_at.get(target.rds_resource_id, call.now),
        )
        if target.type == "RDS_INSTANCE":
            instance = backend.databases.get(name)
            health = (
                _health(call, proxy, registered_at, instance)
                if instance
                else _unavailable("UNREACHABLE", "Gone")
            )
            told.append({"RdsResourceId": name, "Port": 5432, "Type": "RDS_INSTANCE", "TargetHealth": health})
            continue
        told.append(
            {"RdsResourceId": name, "Endpoint": target.endpoint, "Port": 5432, "Type": "TRACKED_CLUSTER"}
        )
        cluster = backend.clusters.get(name)
        told += [
            {
                "RdsResourceId": member.db_instance_identifier,
                "TrackedClusterId": name,
                "Port": 5432,
                "Type": "RDS_INSTANCE",
                "Role": "READ_WRITE" if member.is_cluster_writer else "READ_ONLY",
                "TargetHealth": _health(call, proxy, registered_at, member),
            }
            for member in (cluster.members if cluster else [])
        ]
    return {"Targets": told}


@operation("rds", "DescribeDBProxyTargetGroups", "ModifyDBProxyTargetGroup")
def target_groups(call: Call) -> object:
    """moto's, of a proxy that is there and can be changed."""
    proxy, idle = _proxy_of(call), None
    if call.operation == "ModifyDBProxyTargetGroup":
        _require_state(proxy, "available", "creating", "modifying")
        config = call.params.get("ConnectionPoolConfig") or {}
        most, idle = config.get("MaxConnectionsPercent"), config.get("MaxIdleConnectionsPercent")
        if most is not None and not 1 <= most <= 100:
            raise refuse(f"MaxConnectionsPercent {most} must be between 1 and 100.")
        if idle is not None and most is not None and idle > most:
            raise refuse("MaxIdleConnectionsPercent must not be above MaxConnectionsPercent.")
    answer = call.forward()
    if call.operation == "ModifyDBProxyTargetGroup" and idle is not None:
        proxy.proxy_target_groups["default"].max_idle_connections = idle  # moto takes 0 for not given
    return answer


@operation("rds", "DescribeDBProxies")
def describe_db_proxies(call: Call) -> object:
    """All, or one that must be there."""
    if call.text("DBProxyName"):
        _proxy_of(call)
    return call.forward()
