"""An internet gateway: the door of a VPC to the internet."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from provisioning.aws import found
from provisioning.errors import AwsError
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.lookup import find_in_ec2, tag_specifications, tags_of
from provisioning.template_parts import REF, Form, Part, Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provisioning.aws import Aws


class InternetGatewayProps(Props):
    """`vpc_id`: the VPC that it is attached to."""

    vpc_id: str


@register
class InternetGateway(Kind[InternetGatewayProps]):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachInternetGateway.html (two calls: the second
    attaches; no client token: found by tags)."""

    name = "ec2.internet_gateway"
    title = "Internet gateway"
    anonymous = True
    holds = frozenset({"vpc_id"})
    outage = {"vpc_id": "The VPC that it leaves loses the internet."}
    permissions = (
        "ec2:CreateInternetGateway",
        "ec2:CreateTags",
        "ec2:AttachInternetGateway",
        "ec2:DescribeInternetGateways",
        "ec2:DetachInternetGateway",
        "ec2:DeleteInternetGateway",
    )
    props = InternetGatewayProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        gateway = _find(aws, handle)
        if gateway is None:
            return None
        gateway_id = gateway["InternetGatewayId"]
        return Observed(
            id=gateway_id,
            # Attached nowhere reads as "", so that an attachment that was never made is seen and made.
            props={"vpc_id": next(iter(_attached_to(gateway)), "")},
            attributes=_attributes(gateway_id, next(iter(_attached_to(gateway)), "")),
            tags=tags_of(gateway),
        )

    def create(self, aws: Aws, handle: Handle, props: InternetGatewayProps) -> Observed:
        answer = aws.ec2.create_internet_gateway(
            TagSpecifications=tag_specifications(handle, "internet-gateway")
        )
        gateway_id = answer["InternetGateway"]["InternetGatewayId"]
        aws.ec2.attach_internet_gateway(InternetGatewayId=gateway_id, VpcId=props.vpc_id)
        return Observed(id=gateway_id, attributes=_attributes(gateway_id, props.vpc_id))

    def update(self, aws: Aws, handle: Handle, props: InternetGatewayProps, observed: Observed) -> Observed:
        vpc_id = str(observed.props.get("vpc_id") or "")
        if vpc_id == props.vpc_id:
            return observed
        if vpc_id:
            _detach(aws, observed.id, vpc_id)
        aws.ec2.attach_internet_gateway(InternetGatewayId=observed.id, VpcId=props.vpc_id)
        return replace(observed, attributes=_attributes(observed.id, props.vpc_id))

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        if handle.id and (vpc_id := handle.attributes.get("vpc_id")):
            _detach(aws, handle.id, vpc_id)
            found(aws.ec2.delete_internet_gateway, InternetGatewayId=handle.id)
            return True
        gateway = _find(aws, handle)
        if gateway is None:
            return True
        for vpc_id in _attached_to(gateway):
            _detach(aws, gateway["InternetGatewayId"], vpc_id)
        found(aws.ec2.delete_internet_gateway, InternetGatewayId=gateway["InternetGatewayId"])
        return True

    def cloudformation(self, place: Place, props: InternetGatewayProps) -> Form:
        gateway = Part(type="AWS::EC2::InternetGateway", properties={"Tags": place.named_tags})
        attachment = Part(
            role="attachment",
            type="AWS::EC2::VPCGatewayAttachment",
            properties={"VpcId": props.vpc_id, "InternetGatewayId": place.own("id")},
        )
        return Form(parts=(gateway, attachment), attributes={"id": REF, "vpc_id": props.vpc_id})


def _attributes(gateway_id: str, vpc_id: str) -> dict[str, str]:
    return {"id": gateway_id, "vpc_id": vpc_id}


def _find(aws: Aws, handle: Handle) -> dict[str, Any] | None:
    return find_in_ec2(
        aws,
        handle,
        aws.ec2.describe_internet_gateways,
        items="InternetGateways",
        id_name="InternetGatewayId",
        ids="InternetGatewayIds",
    )


def _attached_to(gateway: Mapping[str, Any]) -> list[str]:
    """The VPC, if any. An attached gateway's state is "available" (type InternetGatewayAttachment)."""
    return [
        attachment["VpcId"]
        for attachment in gateway.get("Attachments", [])
        if attachment["State"] in {"attaching", "attached", "available"}
    ]


def _detach(aws: Aws, gateway_id: str, vpc_id: str) -> None:
    """Quiet when it is detached already. AWS refuses while the VPC has public addresses (DependencyViolation)."""
    try:
        found(aws.ec2.detach_internet_gateway, InternetGatewayId=gateway_id, VpcId=vpc_id)
    except AwsError as error:
        if error.aws_code != "Gateway.NotAttached":
            raise
