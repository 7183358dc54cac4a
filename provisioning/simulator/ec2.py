"""EC2: what interfaces of other services hold cannot be deleted."""

from collections.abc import Iterable
from typing import Any

from moto.ec2.models import ec2_backends

from provisioning.simulator.operations import Call, Refusal, operation


def _interfaces(call: Call) -> Iterable[Any]:
    return list(ec2_backends[call.account][call.region].enis.values())


@operation("ec2", "DeleteSubnet")
def delete_subnet(call: Call) -> object:
    """Refused while an interface is in it."""
    identifier = call.text("SubnetId")
    if any(eni.subnet.id == identifier for eni in _interfaces(call)):
        raise Refusal(
            "DependencyViolation", f"The subnet '{identifier}' has dependencies and cannot be deleted."
        )
    return call.forward()


@operation("ec2", "DeleteSecurityGroup")
def delete_security_group(call: Call) -> object:
    """Refused while an interface has it or another group's rule names it."""
    identifier = call.text("GroupId")
    used = any(identifier in [group.id for group in eni.group_set] for eni in _interfaces(call))
    groups = ec2_backends[call.account][call.region].groups.values()
    named = any(
        (rule.source_group or {}).get("GroupId") == identifier
        for by_vpc in groups
        for group in by_vpc.values()
        if group.id != identifier
        for rule in group.ingress_rules
    )
    if used or named:
        raise Refusal("DependencyViolation", f"resource {identifier} has a dependent object")
    return call.forward()


@operation("ec2", "DetachInternetGateway")
def detach_internet_gateway(call: Call) -> object:
    """Refused while the VPC has mapped public addresses."""
    vpc = call.text("VpcId")
    if any(getattr(eni, "public_ip", None) and eni.subnet.vpc_id == vpc for eni in _interfaces(call)):
        raise Refusal("DependencyViolation", f"Network {vpc} has some mapped public address(es).")
    return call.forward()
