"""What EC2 refuses at the start of an instance: unknown images, types that do not fit, networks that are not there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ec2.models.instance_types import INSTANCE_TYPES

from provisioning.simulator.operations import Refusal
from provisioning.simulator.world import Moment

#: The disk of an instance that asks for none.
ROOT = {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 8, "VolumeType": "gp3", "DeleteOnTermination": True}}


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where an instance's first interface goes."""

    subnet: str
    groups: tuple[str, ...]
    public: bool


def _subnets(moment: Moment) -> dict[str, Any]:
    backend = ec2_backends[moment.account][moment.region]
    return {key: subnet for zone in backend.subnets.values() for key, subnet in zone.items()}


def _default_subnet(moment: Moment) -> str:
    for key, subnet in sorted(_subnets(moment).items()):
        if str(subnet.default_for_az).lower() == "true":
            return key
    raise Refusal("MissingInput", "No subnets found for the default VPC. Please specify a subnet.")


def placement_of(moment: Moment, data: Mapping[str, Any]) -> Placement:
    """The subnet, the groups and the address that a launch asks for, if they exist and belong together."""
    interfaces = data.get("NetworkInterfaces") or []
    if interfaces and (data.get("SubnetId") or data.get("SecurityGroupIds")):
        raise Refusal(
            "InvalidParameterCombination",
            "Network interfaces and an instance-level subnet ID may not be specified on the same request",
        )
    first: Mapping[str, Any] = next((one for one in interfaces if int(one.get("DeviceIndex") or 0) == 0), {})
    subnet_id = str(first.get("SubnetId") or data.get("SubnetId") or _default_subnet(moment))
    subnet = _subnets(moment).get(subnet_id)
    if subnet is None:
        raise Refusal("InvalidSubnetID.NotFound", f"The subnet ID '{subnet_id}' does not exist")
    asked = first.get("AssociatePublicIpAddress")
    public = bool(subnet.map_public_ip_on_launch) if asked is None else bool(asked)
    groups = tuple(first.get("Groups") or data.get("SecurityGroupIds") or ())
    return Placement(subnet=subnet_id, groups=_checked(moment, groups, subnet), public=public)


def _checked(moment: Moment, groups: tuple[str, ...], subnet: Any) -> tuple[str, ...]:
    backend = ec2_backends[moment.account][moment.region]
    if not groups:
        default = backend.get_default_security_group(subnet.vpc_id)
        return (default.id,) if default else ()
    for group_id in groups:
        group = backend.get_security_group_from_id(group_id)
        if group is None:
            raise Refusal("InvalidGroup.NotFound", f"The security group '{group_id}' does not exist")
        if group.vpc_id != subnet.vpc_id:
            raise Refusal(
                "InvalidParameter",
                f"Security group {group_id} and subnet {subnet.id} belong to different networks.",
            )
    return groups


def check_machine(moment: Moment, image: str, instance_type: str) -> None:
    """The image must exist, and its processors be those of the instance type."""
    backend = ec2_backends[moment.account][moment.region]
    found = next((ami for ami in backend.amis.values() if ami.id == image), None)
    if found is None:
        raise Refusal("InvalidAMIID.NotFound", f"The image id '[{image}]' does not exist")
    known = INSTANCE_TYPES.get(instance_type)
    if known is None:
        raise Refusal("InvalidParameterValue", f"Invalid value '{instance_type}' for InstanceType.")
    processors = known["ProcessorInfo"]["SupportedArchitectures"]
    if found.architecture not in processors:
        raise Refusal(
            "InvalidParameterValue",
            f"The architecture '{','.join(processors)}' of the specified instance type does not match the "
            f"architecture '{found.architecture}' of the specified AMI. Specify an instance type and an AMI that have "
            "matching architectures, and try again.",
        )
