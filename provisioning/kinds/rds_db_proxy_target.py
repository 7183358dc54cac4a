"""What an RDS proxy leads to, and how many of the database's connections it may take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import Field, model_validator

from provisioning.aws import found
from provisioning.kind import Expected, Handle, Kind, Observed, Props, Status, register
from provisioning.references import JsonObject
from provisioning.template_parts import Form, Part, Place

if TYPE_CHECKING:
    from mypy_boto3_rds.type_defs import ConnectionPoolConfigurationTypeDef

    from provisioning.aws import Aws

_GROUP = "default"  # the only target group that a proxy has


class DBProxyTargetProps(Props):
    """A cluster or an instance, by name. Connections in per cent of what the database takes; `borrow_timeout` in
    seconds that a client waits for one."""

    proxy_name: str
    cluster_name: str = ""
    instance_name: str = ""
    max_connections: Annotated[int, Field(ge=1, le=100)] = 90
    idle_connections: Annotated[int, Field(ge=0, le=100)] = 20
    borrow_timeout: Annotated[int, Field(ge=0, le=300)] = 30

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if bool(self.cluster_name) == bool(self.instance_name):
            raise ValueError("cluster_name: a proxy leads to one cluster or to one instance")
        if self.idle_connections > self.max_connections:
            raise ValueError("idle_connections: no more can be idle than there may be")
        return self


@register
class DBProxyTarget(Kind[DBProxyTargetProps]):
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RegisterDBProxyTargets.html

    A proxy has one target, and targets take no tags: what a proxy of ours leads to is ours. Ready is: the proxy reaches
    an instance. A new role or secret is not accepted for minutes, which AWS tells as a failure to sign in. It goes with
    its proxy. Attributes: id ("<proxy>/<database>").
    """

    name = "rds.db_proxy_target"
    title = "Proxy target"
    expected = Expected(create=240, update=10)
    patience = 2400
    exclusive = True
    replace_on = frozenset({"proxy_name", "cluster_name", "instance_name"})
    goes_with = frozenset({"proxy_name"})
    permissions = (
        "rds:RegisterDBProxyTargets",
        "rds:DescribeDBProxies",
        "rds:DescribeDBProxyTargets",
        "rds:DescribeDBProxyTargetGroups",
        "rds:ModifyDBProxyTargetGroup",
        "rds:DeregisterDBProxyTargets",
    )
    props = DBProxyTargetProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        for proxy_name in _proxies(aws, handle):
            targets = _targets(aws, proxy_name)
            if targets:
                return _observed(handle, proxy_name, targets, _pool(aws, proxy_name))
        return None

    def create(self, aws: Aws, handle: Handle, props: DBProxyTargetProps) -> Observed:
        aws.rds.register_db_proxy_targets(
            DBProxyName=props.proxy_name,
            TargetGroupName=_GROUP,
            **_named(props.cluster_name, props.instance_name),
        )
        _set_pool(aws, props)
        identity = f"{props.proxy_name}/{props.cluster_name or props.instance_name}"
        return Observed(id=identity, status=Status.PENDING, attributes={"id": identity})

    def update(self, aws: Aws, handle: Handle, props: DBProxyTargetProps, observed: Observed) -> Observed:
        _set_pool(aws, props)
        return Observed(id=observed.id, status=Status.PENDING, attributes=observed.attributes)

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        for proxy_name in _proxies(aws, handle):
            cluster, instance = _registered(_targets(aws, proxy_name))
            if cluster or instance:
                found(
                    aws.rds.deregister_db_proxy_targets,
                    DBProxyName=proxy_name,
                    TargetGroupName=_GROUP,
                    **_named(cluster, instance),
                )
        return True

    def cloudformation(self, place: Place, props: DBProxyTargetProps) -> Form:
        properties = {
            "DBProxyName": props.proxy_name,
            "TargetGroupName": _GROUP,
            "ConnectionPoolConfigurationInfo": _pool_of(props),
            **_named(props.cluster_name, props.instance_name),
        }
        return Form(
            parts=(Part(type="AWS::RDS::DBProxyTargetGroup", properties=properties),),
            attributes={"id": f"{props.proxy_name}/{props.cluster_name or props.instance_name}"},
        )


def _named(cluster: str, instance: str) -> Any:
    return {"DBClusterIdentifiers": [cluster]} if cluster else {"DBInstanceIdentifiers": [instance]}


def _proxies(aws: Aws, handle: Handle) -> list[str]:
    """The proxy on record; without one, those whose name says that they are of this environment."""
    if handle.id is not None:
        return [handle.id.partition("/")[0]]
    proxies = aws.listed(aws.rds.describe_db_proxies, "DBProxies")
    return [one["DBProxyName"] for one in proxies if handle.stack in one["DBProxyName"]]


def _targets(aws: Aws, proxy_name: str) -> list[Any]:
    return found(aws.listed, aws.rds.describe_db_proxy_targets, "Targets", DBProxyName=proxy_name) or []


def _pool(aws: Aws, proxy_name: str) -> Any:
    groups = aws.listed(aws.rds.describe_db_proxy_target_groups, "TargetGroups", DBProxyName=proxy_name)
    return next((one["ConnectionPoolConfig"] for one in groups if one["TargetGroupName"] == _GROUP), {})


def _set_pool(aws: Aws, props: DBProxyTargetProps) -> None:
    aws.rds.modify_db_proxy_target_group(
        DBProxyName=props.proxy_name,
        TargetGroupName=_GROUP,
        ConnectionPoolConfig=_pool_of(props),
    )


def _registered(targets: list[Any]) -> tuple[str, str]:
    """The cluster or the instance that is registered; instances of a cluster are told beside it."""
    cluster = next((one["RdsResourceId"] for one in targets if one["Type"] == "TRACKED_CLUSTER"), "")
    tracked = next((one["TrackedClusterId"] for one in targets if one.get("TrackedClusterId")), "")
    instance = next((one["RdsResourceId"] for one in targets if one["Type"] == "RDS_INSTANCE"), "")
    return cluster or tracked, "" if cluster or tracked else instance


def _observed(handle: Handle, proxy_name: str, targets: list[Any], pool: Any) -> Observed:
    cluster, instance = _registered(targets)
    status, reason = _status(targets)
    told: JsonObject = {
        "proxy_name": proxy_name,
        "cluster_name": cluster,
        "instance_name": instance,
        "max_connections": pool.get("MaxConnectionsPercent", -1),
        "idle_connections": pool.get("MaxIdleConnectionsPercent", -1),
        "borrow_timeout": pool.get("ConnectionBorrowTimeout", -1),
    }
    identity = f"{proxy_name}/{cluster or instance}"
    return Observed(
        id=identity,
        status=status,
        reason=reason,
        props=told,
        attributes={"id": identity},
        tags=handle.tags,
    )


def _status(targets: list[Any]) -> tuple[Status, str]:
    """Whether the proxy reaches whoever writes, or any instance where AWS does not tell who that is."""
    instances = [one for one in targets if one["Type"] == "RDS_INSTANCE"]
    writers = [one for one in instances if one.get("Role") in {"READ_WRITE", "UNKNOWN", None}]
    health = [one.get("TargetHealth") or {} for one in writers]
    if any(one.get("State") == "AVAILABLE" for one in health):
        return Status.READY, ""
    words = [str(one.get(key, "")) for one in health[:1] for key in ("State", "Reason", "Description")]
    return Status.PENDING, ", ".join(filter(None, words)) or "no instance yet"


def _pool_of(props: DBProxyTargetProps) -> ConnectionPoolConfigurationTypeDef:
    return {
        "MaxConnectionsPercent": props.max_connections,
        "MaxIdleConnectionsPercent": props.idle_connections,
        "ConnectionBorrowTimeout": props.borrow_timeout,
    }
