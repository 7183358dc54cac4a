"""A subnet: the part of a VPC that lies in one availability zone."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Any

from pydantic import field_validator

from provisioning.aws import found
from provisioning.kind import Handle, Kind, Observed, Props, Status, register
from provisioning.lookup import find_in_ec2, tag_specifications, tags_of
from provisioning.references import is_resolved
from provisioning.template_parts import REF, Form, Part, Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provisioning.aws import Aws


class SubnetProps(Props):
    """`cidr_block`: IPv4 range, /16 to /28, inside that of the VPC; `availability_zone`: as "eu-west-1a".

    In a `public` one, what is launched gets a public IPv4 address unless it says otherwise.
    """

    vpc_id: str
    cidr_block: str
    availability_zone: str
    public: bool = False

    @field_validator("cidr_block")
    @classmethod
    def _fits_aws(cls, value: str) -> str:
        if is_resolved(value) and not 16 <= IPv4Network(value).prefixlen <= 28:
            raise ValueError("A subnet takes an IPv4 range between /16 and /28.")
        return value


@register
class Subnet(Kind[SubnetProps]):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html (no client token, but no two
    subnets of a VPC overlap: a second attempt gets InvalidSubnet.Conflict)."""

    name = "ec2.subnet"
    title = "Subnet"
    patience = 3600  # a function that left it keeps network interfaces in it for up to 45 minutes
    replace_on = frozenset({"vpc_id", "cidr_block", "availability_zone"})
    exclusive = True  # two subnets of a VPC cannot share addresses
    holds = frozenset({"vpc_id"})
    permissions = (
        "ec2:CreateSubnet",
        "ec2:CreateTags",
        "ec2:DescribeSubnets",
        "ec2:ModifySubnetAttribute",
        "ec2:DeleteSubnet",
    )
    props = SubnetProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        subnet = _find(aws, handle)
        return None if subnet is None else _observed(subnet)

    def create(self, aws: Aws, handle: Handle, props: SubnetProps) -> Observed:
        answer = aws.ec2.create_subnet(
            VpcId=props.vpc_id,
            CidrBlock=props.cidr_block,
            AvailabilityZone=props.availability_zone,
            TagSpecifications=tag_specifications(handle, "subnet"),
        )
        return self.update(aws, handle, props, _observed(answer["Subnet"]))

    def update(self, aws: Aws, handle: Handle, props: SubnetProps, observed: Observed) -> Observed:
        if observed.props["public"] != props.public:
            aws.ec2.modify_subnet_attribute(SubnetId=observed.id, MapPublicIpOnLaunch={"Value": props.public})
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        subnet = {"SubnetId": handle.id} if handle.id else _find(aws, handle)
        if subnet is not None:
            found(aws.ec2.delete_subnet, SubnetId=subnet["SubnetId"])
        return True

    def cloudformation(self, place: Place, props: SubnetProps) -> Form:
        properties = {
            "VpcId": props.vpc_id,
            "CidrBlock": props.cidr_block,
            "AvailabilityZone": props.availability_zone,
            "MapPublicIpOnLaunch": props.public,
            "Tags": place.named_tags,
        }
        return Form(parts=(Part(type="AWS::EC2::Subnet", properties=properties),), attributes={"id": REF})


# The other states are those of a subnet on an Outpost or in a zone that broke (type SubnetState).
_STATUS = {"available": Status.READY, "pending": Status.PENDING}


def _find(aws: Aws, handle: Handle) -> dict[str, Any] | None:
    return find_in_ec2(
        aws, handle, aws.ec2.describe_subnets, items="Subnets", id_name="SubnetId", ids="SubnetIds"
    )


def _observed(subnet: Mapping[str, Any]) -> Observed:
    state = subnet["State"]
    status = _STATUS.get(state, Status.FAILED)
    return Observed(
        id=subnet["SubnetId"],
        status=status,
        props={
            "vpc_id": subnet["VpcId"],
            "cidr_block": subnet["CidrBlock"],
            "availability_zone": subnet["AvailabilityZone"],
            "public": bool(subnet["MapPublicIpOnLaunch"]),
        },
        attributes={"id": subnet["SubnetId"]},
        tags=tags_of(subnet),
        reason=state if status is Status.FAILED else "",
    )
