"""VPC links: two minutes until they stand, interfaces in the VPC, and kept by what uses them."""

from typing import Any

from moto.apigatewayv2.models import VpcLink
from moto.ec2.models import ec2_backends

from provisioning.simulator import interfaces
from provisioning.simulator.apigatewayv2 import backend_of, missing, refuse
from provisioning.simulator.operations import Call, operation
from provisioning.simulator.world import Moment, event

_OWNER = interfaces.Owner(description="VPC Link", requester="amazon-apigateway", kind="vpc_link")
_told = VpcLink.to_json


def _to_json(self: Any) -> dict[str, Any]:
    return {**_told(self), "vpcLinkStatus": getattr(self, "status", "AVAILABLE")}


VpcLink.to_json = _to_json  # type: ignore[method-assign]  # moto's links stand at once


def _link_of(call: Call) -> Any:
    found = backend_of(call).vpc_links.get(call.text("VpcLinkId"))
    if found is None:
        raise missing("VpcLink", call.text("VpcLinkId"))
    return found


@operation("apigatewayv2", "CreateVpcLink")
def create_vpc_link(call: Call) -> object:
    """`PENDING`, then `AVAILABLE`, in subnets of one VPC with groups of it."""
    ec2 = ec2_backends[call.account][call.region]
    known = {key: subnet for subnets in ec2.subnets.values() for key, subnet in subnets.items()}
    for subnet in call.items("SubnetIds"):
        if subnet not in known:
            raise refuse(f"The subnet ID '{subnet}' does not exist")
    for group in call.items("SecurityGroupIds"):
        if ec2.get_security_group_from_id(group) is None:
            raise refuse(f"The security group '{group}' does not exist")
    if len({known[subnet].vpc_id for subnet in call.items("SubnetIds")}) > 1:
        raise refuse("Subnets must be of one VPC.")
    before = set(backend_of(call).vpc_links)
    call.forward()
    (identifier,) = set(backend_of(call).vpc_links) - before
    link: Any = backend_of(call).vpc_links[identifier]
    link.status, link.interface_ids = "PENDING", []
    link.sg_ids = link.sg_ids or []
    call.after("apigatewayv2.link", "apigatewayv2.linked", identifier)
    return {key[:1].upper() + key[1:]: value for key, value in link.to_json().items()}


@event("apigatewayv2.linked")
def linked(moment: Moment, identifier: str) -> None:
    """A link stands, with an interface in each subnet."""
    link: Any = backend_of(moment).vpc_links.get(identifier)
    if link is None or link.status != "PENDING":
        return
    link.status = "AVAILABLE"
    link.interface_ids = [
        interfaces.create(moment, _OWNER, subnet=subnet, groups=link.sg_ids).id for subnet in link.subnet_ids
    ]


@operation("apigatewayv2", "DeleteVpcLink")
def delete_vpc_link(call: Call) -> object:
    """`DELETING` until its interfaces are gone; refused while an integration leads through it."""
    link = _link_of(call)
    users = [
        f"{integration.integration_method}:{integration.id}"
        for api in backend_of(call).apis.values()
        for integration in api.integrations.values()
        if integration.connection_id == link.id
    ]
    if users:
        raise refuse(
            f"Cannot delete vpc link. Vpc link '{link.id}', is referenced in [{', '.join(users)}] in format of "
            "[Method:Resource]."
        )
    if getattr(link, "status", "") != "DELETING":
        link.status = "DELETING"
        call.after("apigatewayv2.unlink", "apigatewayv2.unlinked", link.id)
    return {}


@event("apigatewayv2.unlinked")
def unlinked(moment: Moment, identifier: str) -> None:
    """A link is gone, with its interfaces."""
    link: Any = backend_of(moment).vpc_links.pop(identifier, None)
    if link is not None:
        interfaces.delete(moment, link.interface_ids)
