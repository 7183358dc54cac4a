"""An application load balancer: the one address of an environment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydantic import Field

from provisioning.aws import Aws, found
from provisioning.errors import AwsError
from provisioning.kind import Expected, Handle, Kind, Observed, Props, Status, register
from provisioning.lookup import tags_of
from provisioning.names import Naming
from provisioning.pricing import HOURS_A_MONTH, CostLine, Usage
from provisioning.references import JsonObject, JsonValue
from provisioning.template_parts import REF, Form, Part, Place, Told

if TYPE_CHECKING:
    from mypy_boto3_elbv2.type_defs import CreateLoadBalancerInputTypeDef

_IDLE = "idle_timeout.timeout_seconds"
_DROP = "routing.http.drop_invalid_header_fields.enabled"
_PROTECTION = "deletion_protection.enabled"
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html, "Attributes"
_NEW = {_IDLE: "60", _DROP: "false", _PROTECTION: "false"}
_UNORDERED = ("subnet_ids", "security_group_ids")
_STATUS = {
    "provisioning": Status.PENDING,
    "active": Status.READY,
    # It serves, but AWS could not scale it: the reason says so.
    "active_impaired": Status.READY,
    "failed": Status.FAILED,
}


class LoadBalancerProps(Props):
    """`subnet_ids` in two zones or more, each /27 or larger with 8 free addresses. `idle_timeout` in seconds.
    `internal`: reachable from inside the VPC only."""

    subnet_ids: tuple[str, ...] = Field(min_length=2)
    security_group_ids: tuple[str, ...] = Field(min_length=1, max_length=5)
    idle_timeout: int = Field(default=60, ge=1, le=4000)
    drop_invalid_headers: bool = True
    deletion_protection: bool = False
    internal: bool = False


@register
class LoadBalancer(Kind[LoadBalancerProps]):
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html

    Deleted at once; its network interfaces stay some minutes more and hold subnets and groups, whose own deletion
    then meets DependencyViolation. Waiting ones of all environments share one list.
    Attributes: id (the ARN), arn, name, dns_name, zone_id, full_name ("app/<name>/<id>", as in metric dimensions).
    """

    name = "elbv2.load_balancer"
    title = "Load balancer"
    naming = Naming(limit=32, reserved=("internal-",))
    expected = Expected(create=150)
    replace_on = frozenset({"internal"})
    holds = frozenset({"subnet_ids", "security_group_ids"})
    permissions = (
        "elasticloadbalancing:CreateLoadBalancer",
        "elasticloadbalancing:AddTags",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeLoadBalancerAttributes",
        "elasticloadbalancing:DescribeTags",
        "elasticloadbalancing:ModifyLoadBalancerAttributes",
        "elasticloadbalancing:SetSubnets",
        "elasticloadbalancing:SetSecurityGroups",
        "elasticloadbalancing:DeleteLoadBalancer",
    )
    linked_roles = ("elasticloadbalancing.amazonaws.com",)
    billed = True
    props = LoadBalancerProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        balancer = _find(aws, handle)
        if balancer is None:
            return None
        arn, state = balancer["LoadBalancerArn"], balancer["State"]
        status = _STATUS[state["Code"]]
        return Observed(
            id=arn,
            status=status,
            props=_told(aws, balancer) if _is_asked(status, handle) else {},
            attributes=_attributes(balancer),
            tags=_tags(aws, handle, arn),
            reason=state.get("Reason", "") or ("" if state["Code"] == "active" else state["Code"]),
        )

    def create(self, aws: Aws, handle: Handle, props: LoadBalancerProps) -> Observed:
        answer = aws.elbv2.create_load_balancer(**_request(handle, props))
        balancer: Any = answer["LoadBalancers"][0]
        arn = balancer["LoadBalancerArn"]
        _set_attributes(aws, arn, {key: now for key, now in _settings(props).items() if now != _NEW[key]})
        return Observed(id=arn, status=Status.PENDING, attributes=_attributes(balancer))

    def update(self, aws: Aws, handle: Handle, props: LoadBalancerProps, observed: Observed) -> Observed:
        changed = self.differences(props.dump(), observed)
        if "subnet_ids" in changed:
            aws.elbv2.set_subnets(LoadBalancerArn=observed.id, Subnets=list(props.subnet_ids))
        if "security_group_ids" in changed:
            aws.elbv2.set_security_groups(
                LoadBalancerArn=observed.id, SecurityGroups=list(props.security_group_ids)
            )
        if changed.keys() & {"idle_timeout", "drop_invalid_headers", "deletion_protection"}:
            _set_attributes(aws, observed.id, _settings(props))
        return Observed(id=observed.id, status=Status.PENDING, attributes=observed.attributes)

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        arn = handle.id or (balancer["LoadBalancerArn"] if (balancer := _find(aws, handle)) else "")
        if not arn:
            return True
        try:
            found(aws.elbv2.delete_load_balancer, LoadBalancerArn=arn)
        except AwsError as error:
            if error.aws_code != "OperationNotPermitted":
                raise
            found(_set_attributes, aws, arn, {_PROTECTION: "false"})
            found(aws.elbv2.delete_load_balancer, LoadBalancerArn=arn)
        return True

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        """As everywhere, but the order of subnets and groups means nothing."""
        found_ones = super().differences(wanted, observed)
        return {
            name: pair
            for name, pair in found_ones.items()
            if name not in _UNORDERED or _sorted(pair[0]) != _sorted(pair[1])
        }

    def cost(self, props: LoadBalancerProps, usage: Usage, region: str) -> Iterator[CostLine]:
        """Its hours, its capacity units, and an IPv4 address in each subnet when it faces the internet."""
        hours = HOURS_A_MONTH
        yield CostLine.fixed("ALB/hour", hours, "Load balancer", f"1 load balancer, {hours:g} h")
        yield CostLine.usage(
            "ALB/lcu",
            usage.lcu * hours,
            "Load balancer capacity",
            f"{usage.lcu:g} LCU on average, {hours:g} h",
        )
        if not props.internal:
            addresses = len(props.subnet_ids)
            yield CostLine.fixed(
                "VPC/public_ipv4",
                addresses * hours,
                "Public IPv4 of the load balancer",
                f"{addresses} addresses, {hours:g} h",
            )

    def cloudformation(self, place: Place, props: LoadBalancerProps) -> Form:
        attributes = [{"Key": key, "Value": value} for key, value in _settings(props).items()]
        properties = {**_request(place, props), "LoadBalancerAttributes": attributes}
        return Form(
            parts=(Part(type="AWS::ElasticLoadBalancingV2::LoadBalancer", properties=properties),),
            attributes={
                "id": REF,
                "arn": REF,
                "name": Told("LoadBalancerName"),
                "dns_name": Told("DNSName"),
                "zone_id": Told("CanonicalHostedZoneID"),
                "full_name": Told("LoadBalancerFullName"),
            },
        )


def _find(aws: Aws, handle: Handle) -> dict[str, Any] | None:
    balancers = aws.listed(aws.elbv2.describe_load_balancers, "LoadBalancers")
    return next((one for one in balancers if _is_meant(one, handle)), None)


def _is_meant(balancer: dict[str, Any], handle: Handle) -> bool:
    if handle.id is not None:
        return bool(balancer["LoadBalancerArn"] == handle.id)
    return bool(balancer["LoadBalancerName"] == handle.name)


def _is_asked(status: Status, handle: Handle) -> bool:
    """Whether the attributes are worth a call of its own: not at each look of a long wait."""
    return status is not Status.PENDING or handle.id is None


def _told(aws: Aws, balancer: dict[str, Any]) -> JsonObject:
    answer = aws.elbv2.describe_load_balancer_attributes(LoadBalancerArn=balancer["LoadBalancerArn"])
    attributes = {one["Key"]: one["Value"] for one in answer["Attributes"]}
    return {
        "subnet_ids": [zone["SubnetId"] for zone in balancer["AvailabilityZones"]],
        "security_group_ids": list(balancer["SecurityGroups"]),
        "internal": balancer["Scheme"] == "internal",
        "idle_timeout": int(attributes[_IDLE]),
        "drop_invalid_headers": attributes[_DROP] == "true",
        "deletion_protection": attributes[_PROTECTION] == "true",
    }


def _tags(aws: Aws, handle: Handle, arn: str) -> dict[str, str]:
    """One more call, made only while no id on record says that the load balancer is ours."""
    if handle.id is not None:
        return dict(handle.tags)
    answer = aws.elbv2.describe_tags(ResourceArns=[arn])
    return tags_of(answer["TagDescriptions"][0])


def _attributes(balancer: dict[str, Any]) -> dict[str, str]:
    arn = balancer["LoadBalancerArn"]
    return {
        "id": arn,
        "arn": arn,
        "name": balancer["LoadBalancerName"],
        "dns_name": balancer["DNSName"],
        "zone_id": balancer["CanonicalHostedZoneId"],
        "full_name": arn.partition(":loadbalancer/")[2],
    }


def _settings(props: LoadBalancerProps) -> dict[str, str]:
    return {
        _IDLE: str(props.idle_timeout),
        _DROP: str(props.drop_invalid_headers).lower(),
        _PROTECTION: str(props.deletion_protection).lower(),
    }


def _set_attributes(aws: Aws, arn: str, settings: dict[str, str]) -> None:
    if settings:
        aws.elbv2.modify_load_balancer_attributes(
            LoadBalancerArn=arn, Attributes=[{"Key": key, "Value": value} for key, value in settings.items()]
        )


def _sorted(value: object) -> list[str]:
    return sorted(map(str, value)) if isinstance(value, list) else []


def _request(handle: Handle, props: LoadBalancerProps) -> CreateLoadBalancerInputTypeDef:
    return {
        "Name": handle.name,
        "Type": "application",
        "Scheme": "internal" if props.internal else "internet-facing",
        "IpAddressType": "ipv4",
        "Subnets": list(props.subnet_ids),
        "SecurityGroups": list(props.security_group_ids),
        "Tags": handle.tag_list,
    }
