"""EC2: what is in use cannot be deleted, tokens and dry runs mean what they say."""

from collections.abc import Iterable, Iterator
from typing import Any

from moto.ec2.models import EC2Backend, ec2_backends

from provisioning.simulator import ec2_gateways, ec2_instances, ec2_launch_templates, ec2_tokens
from provisioning.simulator.operations import Call, Refusal, operation
from provisioning.simulator.world import Moment

__all__ = ["ec2_gateways", "ec2_instances", "ec2_launch_templates", "ec2_tokens"]


def backend_of(moment: Moment) -> EC2Backend:
    """moto's EC2 of this account and region."""
    return ec2_backends[moment.account][moment.region]


def _dependency(message: str) -> Refusal:
    return Refusal("DependencyViolation", message)


def _interfaces(call: Call) -> list[Any]:
    return list(backend_of(call).enis.values())


@operation("ec2", "CreateVpc", "CreateSubnet")
def create_unless_dry(call: Call) -> object:
    """moto carries out a dry run of these."""
    ec2_tokens.refuse_dry_run(call)
    return call.forward()


@operation("ec2", "DeleteSubnet")
def delete_subnet(call: Call) -> object:
    """Refused while an interface is in it. Its association with a route table goes with it; moto keeps that."""
    subnet = call.text("SubnetId")
    if any(eni.subnet.id == subnet for eni in _interfaces(call)):
        raise _dependency(f"The subnet '{subnet}' has dependencies and cannot be deleted.")
    answer = call.forward()
    for table in backend_of(call).route_tables.values():
        table._associations = {key: of for key, of in table._associations.items() if of != subnet}
    return answer


def _rules(group: Any) -> Iterator[Any]:
    yield from group.ingress_rules
    yield from group.egress_rules


def is_named_elsewhere(moment: Moment, group_id: str, *, besides: Iterable[str] = ()) -> bool:
    """Whether a rule of another group, but for some, names this one."""
    return any(
        (rule.source_group or {}).get("GroupId") == group_id
        or group_id in [item.get("GroupId") for item in getattr(rule, "source_groups", [])]
        for groups in backend_of(moment).groups.values()
        for group in groups.values()
        if group.id not in {group_id, *besides}
        for rule in _rules(group)
    )


@operation("ec2", "DeleteSecurityGroup")
def delete_security_group(call: Call) -> object:
    """Refused while an interface has it, another group's rule names it, or it is a VPC's default one."""
    found = backend_of(call).get_security_group_by_name_or_id(call.text("GroupId") or call.text("GroupName"))
    if found is None:
        return call.forward()
    if found.name == "default":
        raise Refusal(
            "CannotDelete", f'the specified group: "{found.id}" name: "default" cannot be deleted by a user'
        )
    used = any(found.id in [group.id for group in eni.group_set] for eni in _interfaces(call))
    if used or is_named_elsewhere(call, found.id):
        raise _dependency(f"resource {found.id} has a dependent object")
    return call.forward()


@operation("ec2", "DeleteVpc")
def delete_vpc(call: Call) -> object:
    """Refused while it has gateways, endpoints, groups or interfaces besides what moto looks for."""
    vpc, ec2 = call.text("VpcId"), backend_of(call)
    gateways = any(gateway.vpc and gateway.vpc.id == vpc for gateway in ec2.internet_gateways.values())
    groups = any(group.name != "default" for group in ec2.groups.get(vpc, {}).values())
    endpoints = any(endpoint.vpc_id == vpc for endpoint in ec2.vpc_end_points.values())
    if gateways or groups or endpoints:
        raise _dependency(f"The vpc '{vpc}' has dependencies and cannot be deleted.")
    return call.forward()


@operation("ec2", "DetachInternetGateway")
def detach_internet_gateway(call: Call) -> object:
    """Refused while the VPC has mapped public addresses."""
    vpc = call.text("VpcId")
    if any(eni.public_ip and eni.subnet.vpc_id == vpc for eni in _interfaces(call)):
        raise _dependency(
            f"Network {vpc} has some mapped public address(es). Please unmap those public "
            "address(es) before detaching the gateway."
        )
    return call.forward()


@operation("ec2", "ReleaseAddress")
def release_address(call: Call) -> object:
    """Refused while the address is associated."""
    for address in backend_of(call).addresses:
        named = address.allocation_id == call.text("AllocationId") or address.public_ip == call.text(
            "PublicIp"
        )
        if named and (address.eni is not None or address.instance is not None):
            raise Refusal("InvalidIPAddress.InUse", f"Address {address.public_ip} is in use.")
    return call.forward()


@operation("ec2", "DisassociateAddress")
def disassociate_address(call: Call) -> object:
    """Refused for the address of a NAT gateway: only its deletion frees it."""
    for address in backend_of(call).addresses:
        eni: Any = address.eni
        if (
            address.association_id == call.text("AssociationId")
            and eni is not None
            and eni.interface_type == "nat_gateway"
        ):
            raise Refusal("AuthFailure", "You do not have permission to access the specified resource.", 403)
    return call.forward()


@operation("ec2", "DeleteNetworkInterface")
def delete_network_interface(call: Call) -> object:
    """Refused while a service or an instance uses it."""
    identifier = call.text("NetworkInterfaceId")
    eni = backend_of(call).enis.get(identifier)
    if eni is not None and eni.requester_managed:
        raise Refusal("OperationNotPermitted", f"You are not allowed to manage '{identifier}'.")
    if eni is not None and eni.status == "in-use":
        raise Refusal("InvalidParameterValue", f"Network interface '{identifier}' is currently in use.")
    return call.forward()
