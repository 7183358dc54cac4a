"""A NAT gateway: lets private subnets reach the internet without being reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from provisioning.aws import found
from provisioning.kind import Expected, Handle, Kind, Observed, Props, Status, register
from provisioning.lookup import tag_specifications, tags_of
from provisioning.pricing import HOURS_A_MONTH, CostLine
from provisioning.template_parts import REF, Form, Part, Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from provisioning.aws import Aws
    from provisioning.pricing import Usage
    from provisioning.references import JsonObject


class NatGatewayProps(Props):
    """`subnet_id`: a public subnet, whose VPC has an internet gateway attached by then; `allocation_id`: of an
    Elastic IP that nothing uses."""

    subnet_id: str
    allocation_id: str


@register
class NatGateway(Kind[NatGatewayProps]):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNatGateway.html (client token). One that
    failed stays listed about an hour and keeps its token; a deleted one too. Its address is billed by the Elastic IP.
    """

    name = "ec2.nat_gateway"
    title = "NAT gateway"
    expected = Expected(create=110, delete=60)
    patience = 1800  # its deletion
    replace_on = frozenset({"subnet_id", "allocation_id"})
    exclusive = True  # its Elastic IP can be on one gateway only
    holds = frozenset({"subnet_id", "allocation_id"})
    billed = True
    outage = {
        "subnet_id": "Connections from private subnets to the internet break until the new one is ready.",
        "allocation_id": "Connections from private subnets to the internet break until the new one is ready.",
    }
    permissions = (
        "ec2:CreateNatGateway",
        "ec2:CreateTags",
        "ec2:DescribeNatGateways",
        "ec2:DeleteNatGateway",
    )
    props = NatGatewayProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        gateway = _find(aws, handle)
        return None if gateway is None else _observed(gateway)

    def create(self, aws: Aws, handle: Handle, props: NatGatewayProps) -> Observed:
        made = _ask_for(aws, handle, props, handle.token)
        # AWS answers a token with the gateway that it first made for it, even when that one is gone. The grave's id
        # leads to the next token, the same for every attempt. (One that is new is never in such a state.)
        while made["State"] in _GRAVES:
            made = _ask_for(aws, handle, props, str(uuid5(UUID(handle.token), made["NatGatewayId"])))
        return _observed(made)

    def update(self, aws: Aws, handle: Handle, props: NatGatewayProps, observed: Observed) -> Observed:
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        gateway = {"NatGatewayId": handle.id} if handle.id else _find(aws, handle)
        if gateway is None:
            return True
        return found(aws.ec2.delete_nat_gateway, NatGatewayId=gateway["NatGatewayId"]) is None

    def cost(self, props: NatGatewayProps, usage: Usage, region: str) -> Iterator[CostLine]:
        yield CostLine.fixed(
            "NATGateway/hour", HOURS_A_MONTH, "NAT gateway", f"1 NAT gateway x {HOURS_A_MONTH} h"
        )
        yield CostLine.usage(
            "NATGateway/gb", usage.nat_gb, "NAT data", f"{usage.nat_gb} GB a month through it, both ways"
        )

    def cloudformation(self, place: Place, props: NatGatewayProps) -> Form:
        properties = {
            "SubnetId": props.subnet_id,
            "AllocationId": props.allocation_id,
            "Tags": place.named_tags,
        }
        return Form(parts=(Part(type="AWS::EC2::NatGateway", properties=properties),), attributes={"id": REF})


_STATUS = {
    "available": Status.READY,
    "pending": Status.PENDING,
    "deleting": Status.DELETING,
    "failed": Status.FAILED,
}
_FIRST = tuple(_STATUS)
_GRAVES = frozenset({"deleting", "deleted"})


def _ask_for(aws: Aws, handle: Handle, props: NatGatewayProps, token: str) -> Mapping[str, Any]:
    answer = aws.ec2.create_nat_gateway(
        SubnetId=props.subnet_id,
        AllocationId=props.allocation_id,
        ClientToken=token,
        TagSpecifications=tag_specifications(handle, "natgateway"),
    )
    gateway: Mapping[str, Any] = answer["NatGateway"]
    return gateway


def _find(aws: Aws, handle: Handle) -> Mapping[str, Any] | None:
    """Out of the one list that all environments share. Graves do not count, failed ones only alone."""
    listed = aws.listed(aws.ec2.describe_nat_gateways, "NatGateways")
    mine = [
        gateway
        for gateway in listed
        if gateway["State"] in _STATUS
        and (gateway["NatGatewayId"] == handle.id if handle.id else handle.owns(tags_of(gateway)))
    ]
    return min(mine, key=lambda each: (_FIRST.index(each["State"]), each["NatGatewayId"]), default=None)


def _observed(gateway: Mapping[str, Any]) -> Observed:
    status = _STATUS[gateway["State"]]
    props: JsonObject = {"subnet_id": gateway["SubnetId"]}
    # AWS lists the addresses at once; where it does not, nothing is known of them.
    addresses: list[Mapping[str, Any]] = gateway.get("NatGatewayAddresses") or []
    for address in sorted(addresses, key=lambda each: not each.get("IsPrimary"))[:1]:
        props["allocation_id"] = address["AllocationId"]
    reason = f"{gateway.get('FailureCode', '')}: {gateway.get('FailureMessage', '')}"
    return Observed(
        id=gateway["NatGatewayId"],
        status=status,
        props=props,
        attributes={"id": gateway["NatGatewayId"]},
        tags=tags_of(gateway),
        reason=reason if status is Status.FAILED else "",
    )
