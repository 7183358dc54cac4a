"""A VPC: the private network of one environment."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import field_validator, model_validator

from provisioning.aws import found
from provisioning.kind import Expected, Handle, Kind, Observed, Props, Status, register
from provisioning.lookup import find_in_ec2, tag_specifications, tags_of
from provisioning.preflight import Finding, Quota, in_use
from provisioning.references import JsonObject, is_resolved
from provisioning.template_parts import REF, Form, Part, Place

if TYPE_CHECKING:
    from provisioning.aws import Aws


class VpcProps(Props):
    """`cidr_block`: IPv4 range, /16 to /28. DNS names inside the VPC are on: RDS and endpoints need them."""

    cidr_block: str = "10.0.0.0/16"
    dns_support: bool = True
    dns_hostnames: bool = True

    @field_validator("cidr_block")
    @classmethod
    def _fits_aws(cls, value: str) -> str:
        if is_resolved(value) and not 16 <= IPv4Network(value).prefixlen <= 28:
            raise ValueError("A VPC takes an IPv4 range between /16 and /28.")
        return value

    @model_validator(mode="after")
    def _names_need_support(self) -> Self:
        if self.dns_hostnames and not self.dns_support:
            raise ValueError("DNS host names need DNS support (dns_support).")
        return self


_VPCS = Quota(service="vpc", code="L-F678F1CE", noun="VPCs", usual=5)


@register
class Vpc(Kind[VpcProps]):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpc.html (no client token: found by tags)."""

    name = "ec2.vpc"
    title = "VPC"
    anonymous = True
    expected = Expected(create=1)
    replace_on = frozenset({"cidr_block"})
    permissions = (
        "ec2:CreateVpc",
        "ec2:CreateTags",
        "ec2:DescribeVpcs",
        "ec2:DescribeVpcAttribute",
        "ec2:ModifyVpcAttribute",
        "ec2:DeleteVpc",
        "servicequotas:GetServiceQuota",
    )
    checked = checked_together = True
    props = VpcProps
    # DNS support is on and host names are off (VPC guide, "DNS attributes for your VPC").
    born: ClassVar[JsonObject] = {"dns_support": True, "dns_hostnames": False}

    def preflight(self, aws: Aws, handle: Handle, props: VpcProps, count: int) -> Finding:
        return _VPCS.room(aws, count, lambda: in_use(aws, aws.ec2.describe_vpcs, "Vpcs"))

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        vpc = _find(aws, handle)
        if vpc is None:
            return None
        vpc_id = vpc["VpcId"]
        support = aws.ec2.describe_vpc_attribute(VpcId=vpc_id, Attribute="enableDnsSupport")
        names = aws.ec2.describe_vpc_attribute(VpcId=vpc_id, Attribute="enableDnsHostnames")
        return Observed(
            id=vpc_id,
            status=_STATUS[vpc["State"]],
            props={
                "cidr_block": vpc["CidrBlock"],
                "dns_support": bool(support["EnableDnsSupport"]["Value"]),
                "dns_hostnames": bool(names["EnableDnsHostnames"]["Value"]),
            },
            attributes={"id": vpc_id},
            tags=tags_of(vpc),
        )

    def create(self, aws: Aws, handle: Handle, props: VpcProps) -> Observed:
        vpc = aws.ec2.create_vpc(
            CidrBlock=props.cidr_block, TagSpecifications=tag_specifications(handle, "vpc")
        )["Vpc"]
        vpc_id = vpc["VpcId"]
        return Observed(id=vpc_id, status=_STATUS[vpc["State"]], props=self.born, attributes={"id": vpc_id})

    def update(self, aws: Aws, handle: Handle, props: VpcProps, observed: Observed) -> Observed:
        wanted = {"EnableDnsSupport": props.dns_support, "EnableDnsHostnames": props.dns_hostnames}
        now = {
            "EnableDnsSupport": observed.props.get("dns_support"),
            "EnableDnsHostnames": observed.props.get("dns_hostnames"),
        }
        # ModifyVpcAttribute takes one attribute a call. Host names need support: it goes on first and off last.
        for name in sorted(wanted, reverse=props.dns_support):
            if now[name] != wanted[name]:
                attribute: dict[str, Any] = {name: {"Value": wanted[name]}}
                aws.ec2.modify_vpc_attribute(VpcId=observed.id, **attribute)
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        vpc = {"VpcId": handle.id} if handle.id else _find(aws, handle)
        if vpc is not None:
            found(aws.ec2.delete_vpc, VpcId=vpc["VpcId"])
        return True

    def cloudformation(self, place: Place, props: VpcProps) -> Form:
        properties = {
            "CidrBlock": props.cidr_block,
            "EnableDnsSupport": props.dns_support,
            "EnableDnsHostnames": props.dns_hostnames,
            "Tags": place.named_tags,
        }
        return Form(parts=(Part(type="AWS::EC2::VPC", properties=properties),), attributes={"id": REF})


_STATUS = {"pending": Status.PENDING, "available": Status.READY, "deleting": Status.DELETING}


def _find(aws: Aws, handle: Handle) -> dict[str, Any] | None:
    return find_in_ec2(aws, handle, aws.ec2.describe_vpcs, items="Vpcs", id_name="VpcId", ids="VpcIds")
