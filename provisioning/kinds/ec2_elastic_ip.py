"""An Elastic IP: a public IPv4 address that stays the same, here that of a NAT gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from provisioning.aws import found
from provisioning.errors import AwsError, Busy
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.lookup import find_in_ec2, tag_specifications, tags_of
from provisioning.preflight import Finding, Quota, in_use
from provisioning.pricing import HOURS_A_MONTH, CostLine
from provisioning.template_parts import REF, Form, Part, Place, Told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provisioning.aws import Aws
    from provisioning.pricing import Usage


class ElasticIpProps(Props):
    """Nothing to choose: AWS picks the address."""


_ADDRESSES = Quota(service="ec2", code="L-0263D0A3", noun="Elastic IPs", usual=5)


@register
class ElasticIp(Kind[ElasticIpProps]):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AllocateAddress.html (no client token: found by
    tags; an orphan costs money)."""

    name = "ec2.elastic_ip"
    title = "Elastic IP address"
    anonymous = True
    billed = True
    permissions = (
        "ec2:AllocateAddress",
        "ec2:CreateTags",
        "ec2:DescribeAddresses",
        "ec2:ReleaseAddress",
        "servicequotas:GetServiceQuota",
    )
    checked = checked_together = True
    props = ElasticIpProps

    def preflight(self, aws: Aws, handle: Handle, props: ElasticIpProps, count: int) -> Finding:
        return _ADDRESSES.room(aws, count, lambda: in_use(aws, aws.ec2.describe_addresses, "Addresses"))

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        address = _find(aws, handle)
        return None if address is None else _observed(address)

    def create(self, aws: Aws, handle: Handle, props: ElasticIpProps) -> Observed:
        return _observed(
            aws.ec2.allocate_address(Domain="vpc", TagSpecifications=tag_specifications(handle, "elastic-ip"))
        )

    def update(self, aws: Aws, handle: Handle, props: ElasticIpProps, observed: Observed) -> Observed:
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        address = {"AllocationId": handle.id} if handle.id else _find(aws, handle)
        if address is not None:
            _release(aws, address["AllocationId"])
        return True

    def cost(self, props: ElasticIpProps, usage: Usage, region: str) -> Iterator[CostLine]:
        yield CostLine.fixed(
            "VPC/public_ipv4", HOURS_A_MONTH, "Public IPv4 address", f"1 address x {HOURS_A_MONTH} h"
        )

    def cloudformation(self, place: Place, props: ElasticIpProps) -> Form:
        part = Part(type="AWS::EC2::EIP", properties={"Domain": "vpc", "Tags": place.named_tags})
        return Form(parts=(part,), attributes={"id": Told("AllocationId"), "public_ip": REF})


def _find(aws: Aws, handle: Handle) -> dict[str, Any] | None:
    return find_in_ec2(
        aws,
        handle,
        aws.ec2.describe_addresses,
        items="Addresses",
        id_name="AllocationId",
        ids="AllocationIds",
    )


def _observed(address: Any) -> Observed:
    allocation_id = address["AllocationId"]
    return Observed(
        id=allocation_id,
        attributes={"id": allocation_id, "public_ip": address["PublicIp"]},
        tags=tags_of(address),
    )


def _release(aws: Aws, allocation_id: str) -> None:
    """AWS says AuthFailure, not InvalidIPAddress.InUse, while the address is still with a NAT gateway that goes."""
    try:
        found(aws.ec2.release_address, AllocationId=allocation_id)
    except AwsError as error:
        if error.aws_code != "AuthFailure" or not _is_in_use(aws, allocation_id):
            raise
        raise Busy(
            service=error.service,
            operation=error.operation,
            aws_code=error.aws_code,
            aws_message=error.aws_message,
        ) from error


def _is_in_use(aws: Aws, allocation_id: str) -> bool:
    answer = found(aws.ec2.describe_addresses, AllocationIds=[allocation_id])
    return any("AssociationId" in address for address in (answer["Addresses"] if answer else ()))
