"""A VPC: the private network of one environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.lookup import find_in_ec2, tag_specifications, tags_of

if TYPE_CHECKING:
    from provisioning.aws import Aws


class VpcProps(Props):
    """`cidr_block`: IPv4 range, /16 to /28. DNS names inside the VPC are always on: RDS and endpoints need them."""

    cidr_block: str = "10.0.0.0/16"
    dns_support: bool = True
    dns_hostnames: bool = True


@register
class Vpc(Kind[VpcProps]):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpc.html (no client token: found by tags)."""

    name = "ec2.vpc"
    title = "VPC"
    anonymous = True
    replace_on = frozenset({"cidr_block"})
    permissions = (
        "ec2:CreateVpc",
        "ec2:CreateTags",
        "ec2:DescribeVpcs",
        "ec2:DescribeVpcAttribute",
        "ec2:ModifyVpcAttribute",
        "ec2:DeleteVpc",
    )
    props = VpcProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        vpc = find_in_ec2(aws, handle, aws.ec2.describe_vpcs, items="Vpcs", id_name="VpcId", ids="VpcIds")
        if vpc is None:
            return None
        vpc_id = vpc["VpcId"]
        support = aws.ec2.describe_vpc_attribute(VpcId=vpc_id, Attribute="enableDnsSupport")
        names = aws.ec2.describe_vpc_attribute(VpcId=vpc_id, Attribute="enableDnsHostnames")
        return Observed(
            id=vpc_id,
            props={
                "cidr_block": vpc["CidrBlock"],
                "dns_support": bool(support["EnableDnsSupport"]["Value"]),
                "dns_hostnames": bool(names["EnableDnsHostnames"]["Value"]),
            },
            attributes={"id": vpc_id},
            tags=tags_of(vpc),
        )

    def create(self, aws: Aws, handle: Handle, props: VpcProps) -> Observed:
        answer = aws.ec2.create_vpc(
            CidrBlock=props.cidr_block, TagSpecifications=tag_specifications(handle, "vpc")
        )
        vpc_id = answer["Vpc"]["VpcId"]
        # A new VPC has DNS support on and host names off (CreateVpc, "DNS attributes").
        if props.dns_hostnames:
            aws.ec2.modify_vpc_attribute(VpcId=vpc_id, EnableDnsHostnames={"Value": True})
        return Observed(id=vpc_id, attributes={"id": vpc_id})

    def update(self, aws: Aws, handle: Handle, props: VpcProps, observed: Observed) -> Observed:
        # One attribute a call is all that ModifyVpcAttribute takes.
        if observed.props.get("dns_support") != props.dns_support:
            aws.ec2.modify_vpc_attribute(VpcId=observed.id, EnableDnsSupport={"Value": props.dns_support})
        if observed.props.get("dns_hostnames") != props.dns_hostnames:
            aws.ec2.modify_vpc_attribute(VpcId=observed.id, EnableDnsHostnames={"Value": props.dns_hostnames})
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        if handle.id is not None:
            aws.ec2.delete_vpc(VpcId=handle.id)
        return True
