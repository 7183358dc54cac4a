"""An RDS proxy: keeps few connections to the database for the many that functions open."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from provisioning.aws import found
from provisioning.kind import Expected, Handle, Kind, Observed, Props, Status, register
from provisioning.lookup import tags_of
from provisioning.names import Naming
from provisioning.pricing import HOURS_A_MONTH, Band, CostLine, Usage
from provisioning.properties import Unordered, without_reordered
from provisioning.references import JsonObject, JsonValue
from provisioning.template_parts import REF, Form, Part, Place, Told

if TYPE_CHECKING:
    from provisioning.aws import Aws

_STATUS = {
    "available": Status.READY,
    "deleting": Status.DELETING,
    "incompatible-network": Status.FAILED,
    "insufficient-resource-limits": Status.FAILED,
}
_LEAST_ACU = Decimal(8)  # that are charged: https://aws.amazon.com/rds/proxy/pricing/
_LEAST_VCPU = 2


class DBProxyProps(Props):
    """`secret_arns`: of the users that it signs in as; `role_arn`: with what rights it reads them. `idle_timeout` in
    seconds after which it drops a client that says nothing. For the price alone: `most_acu`, what all instances of a
    serverless cluster behind it have at most, or `vcpu` of an instance."""

    role_arn: str
    secret_arns: Annotated[Unordered, Field(min_length=1, max_length=200)]
    subnet_ids: Annotated[Unordered, Field(min_length=2, max_length=16)]
    security_group_ids: Annotated[Unordered, Field(min_length=1, max_length=5)]
    idle_timeout: Annotated[int, Field(ge=1, le=28_800)] = 1800
    debug_logging: bool = False
    tls_only: Literal[True] = True
    most_acu: Annotated[float, Field(ge=0)] = 0
    vcpu: Annotated[int, Field(ge=0)] = 0


@register
class DBProxy(Kind[DBProxyProps]):
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBProxy.html

    No token: found by its name. What it leads to is a thing of its own (`rds.db_proxy_target`). Subnets in two zones;
    they can't be changed. Attributes: id, name, arn, address.
    """

    name = "rds.db_proxy"
    title = "RDS proxy"
    naming = Naming(limit=60)
    expected = Expected(create=480, update=90, delete=180)
    patience = 3600
    replace_on = frozenset({"subnet_ids"})
    holds = frozenset({"role_arn", "secret_arns", "subnet_ids", "security_group_ids"})
    billed = True
    outage = {"subnet_ids": "A new proxy with another address takes its place."}
    permissions = (
        "rds:CreateDBProxy",
        "rds:AddTagsToResource",
        "rds:DescribeDBProxies",
        "rds:ListTagsForResource",
        "rds:ModifyDBProxy",
        "rds:DeleteDBProxy",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
    )
    passes_roles_to = ("rds.amazonaws.com",)
    linked_roles = ("rds.amazonaws.com",)
    props = DBProxyProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        name = handle.id or handle.name
        listed = aws.listed(aws.rds.describe_db_proxies, "DBProxies")
        proxy = next((one for one in listed if one["DBProxyName"] == name), None)
        if proxy is None:
            return None
        state = proxy["Status"]
        return Observed(
            id=name,
            status=_STATUS.get(state, Status.PENDING),
            reason=state,
            props=_told(proxy),
            attributes=_attributes(proxy),
            tags=_tags(aws, handle, proxy["DBProxyArn"]),
        )

    def create(self, aws: Aws, handle: Handle, props: DBProxyProps) -> Observed:
        proxy = aws.rds.create_db_proxy(
            DBProxyName=handle.name,
            EngineFamily="POSTGRESQL",
            VpcSubnetIds=list(props.subnet_ids),
            VpcSecurityGroupIds=list(props.security_group_ids),
            Tags=handle.tag_list,
            **_settings(props),
        )["DBProxy"]
        return Observed(id=proxy["DBProxyName"], status=Status.PENDING, attributes=_attributes(proxy))

    def update(self, aws: Aws, handle: Handle, props: DBProxyProps, observed: Observed) -> Observed:
        aws.rds.modify_db_proxy(
            DBProxyName=observed.id, SecurityGroups=list(props.security_group_ids), **_settings(props)
        )
        return Observed(id=observed.id, status=Status.PENDING, attributes=observed.attributes)

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        return found(aws.rds.delete_db_proxy, DBProxyName=handle.id or handle.name) is None

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        return without_reordered(super().differences(wanted, observed))

    def cost(self, props: DBProxyProps, usage: Usage, region: str) -> Iterator[CostLine]:
        """By what the database behind it has, but for 8 ACU or 2 vCPU at least."""
        if props.most_acu:
            most = max(Decimal(str(props.most_acu)), _LEAST_ACU)
            average = min(max(usage.average_acu, _LEAST_ACU), most)
            hours = Band(
                floor=_LEAST_ACU * HOURS_A_MONTH,
                expected=average * HOURS_A_MONTH,
                ceiling=most * HOURS_A_MONTH,
            )
            why = f"{average} ACU on average, 8 at least, x {HOURS_A_MONTH} h"
            yield CostLine.range("RDSProxy/acu_serverless_v2", hours, "Database proxy", why)
        elif props.vcpu:
            vcpu = max(props.vcpu, _LEAST_VCPU)
            why = f"{vcpu} vCPU x {HOURS_A_MONTH} h"
            yield CostLine.fixed("RDSProxy/vcpu", vcpu * HOURS_A_MONTH, "Database proxy", why)

    def cloudformation(self, place: Place, props: DBProxyProps) -> Form:
        properties = {
            "DBProxyName": place.name,
            "EngineFamily": "POSTGRESQL",
            "VpcSubnetIds": list(props.subnet_ids),
            "VpcSecurityGroupIds": list(props.security_group_ids),
            "Tags": place.tag_list,
            **_settings(props),
        }
        return Form(
            parts=(Part(type="AWS::RDS::DBProxy", properties=properties),),
            attributes={
                "id": REF,
                "name": REF,
                "arn": Told("DBProxyArn"),
                "address": Told("Endpoint"),
            },
        )


def _settings(props: DBProxyProps) -> Any:
    return {
        "Auth": [
            {"AuthScheme": "SECRETS", "SecretArn": arn, "IAMAuth": "DISABLED"} for arn in props.secret_arns
        ],
        "RoleArn": props.role_arn,
        "RequireTLS": props.tls_only,
        "IdleClientTimeout": props.idle_timeout,
        "DebugLogging": props.debug_logging,
    }


def _told(proxy: Any) -> JsonObject:
    told: JsonObject = {
        "role_arn": proxy["RoleArn"],
        "secret_arns": sorted(one.get("SecretArn", "") for one in proxy.get("Auth") or []),
        "subnet_ids": sorted(proxy["VpcSubnetIds"]),
        "security_group_ids": sorted(proxy["VpcSecurityGroupIds"]),
        "idle_timeout": proxy["IdleClientTimeout"],
        "debug_logging": bool(proxy.get("DebugLogging")),
        "tls_only": bool(proxy.get("RequireTLS")),
    }
    return told


def _attributes(proxy: Any) -> dict[str, str]:
    name = proxy["DBProxyName"]
    return {"id": name, "name": name, "arn": proxy["DBProxyArn"], "address": proxy.get("Endpoint") or ""}


def _tags(aws: Aws, handle: Handle, arn: str) -> dict[str, str]:
    """One more call, made only while no id on record says that the proxy is ours."""
    if handle.id is not None:
        return dict(handle.tags)
    return tags_of(aws.rds.list_tags_for_resource(ResourceName=arn), "TagList")
