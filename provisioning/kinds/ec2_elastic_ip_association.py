"""An Elastic IP on a server: its address stays the same while the server is replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from provisioning.aws import found
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.properties import has_reference
from provisioning.references import ref, references
from provisioning.template_parts import Form, Part, Place

if TYPE_CHECKING:
    from provisioning.aws import Aws
    from provisioning.references import JsonObject


class ElasticIpAssociationProps(Props):
    """`allocation_id`: of an Elastic IP; `instance_id`: of an instance that runs."""

    allocation_id: str
    instance_id: str


@register
class ElasticIpAssociation(Kind[ElasticIpAssociationProps]):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateAddress.html

    Repeating it changes nothing. It has no tags, and its own id changes with every move: it is known by the address.
    An address of somebody else's server is not moved. Attributes: id (the address's), public_ip.
    """

    name = "ec2.elastic_ip_association"
    title = "Address of the server"
    replace_on = frozenset({"allocation_id"})
    holds = frozenset({"allocation_id"})
    goes_with = frozenset({"instance_id"})
    permissions = ("ec2:AssociateAddress", "ec2:DescribeAddresses", "ec2:DisassociateAddress")
    props = ElasticIpAssociationProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        address = _find(aws, handle.id)
        if address is None or not address.get("AssociationId"):
            return None
        told: JsonObject = {
            "allocation_id": address["AllocationId"],
            "instance_id": address.get("InstanceId", ""),
        }
        return Observed(
            id=address["AllocationId"], props=told, attributes=_attributes(address), tags=handle.tags
        )

    def create(self, aws: Aws, handle: Handle, props: ElasticIpAssociationProps) -> Observed:
        aws.ec2.associate_address(
            AllocationId=props.allocation_id, InstanceId=props.instance_id, AllowReassociation=False
        )
        return Observed(id=props.allocation_id, attributes={"id": props.allocation_id})

    def update(
        self, aws: Aws, handle: Handle, props: ElasticIpAssociationProps, observed: Observed
    ) -> Observed:
        aws.ec2.associate_address(
            AllocationId=observed.id, InstanceId=props.instance_id, AllowReassociation=True
        )
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        address = _find(aws, handle.id)
        if address is not None and address.get("AssociationId"):
            found(aws.ec2.disassociate_address, AssociationId=address["AssociationId"])
        return True

    def identify(self, handle: Handle, wanted: JsonObject) -> str | None:
        allocation_id = str(wanted.get("allocation_id", ""))
        return None if has_reference(allocation_id) else allocation_id

    def cloudformation(self, place: Place, props: ElasticIpAssociationProps) -> Form:
        properties = {"AllocationId": props.allocation_id, "InstanceId": props.instance_id}
        address = next((ref(key, "public_ip") for key, _ in references(props.allocation_id)), "")
        return Form(
            parts=(Part(type="AWS::EC2::EIPAssociation", properties=properties),),
            attributes={"id": props.allocation_id, "public_ip": address},
        )


def _find(aws: Aws, allocation_id: str | None) -> Any:
    """The address, as AWS describes it; None where it is not known or not there."""
    if allocation_id is None:
        return None
    answer = found(aws.ec2.describe_addresses, AllocationIds=[allocation_id])
    return answer["Addresses"][0] if answer and answer["Addresses"] else None


def _attributes(address: Any) -> dict[str, str]:
    return {"id": address["AllocationId"], "public_ip": address["PublicIp"]}
