"""Network interfaces that AWS's services put into subnets: they are why a group or a subnet is in use."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ec2.utils import random_public_ip

from provisioning.simulator.world import Moment

# AWS keeps the first four addresses and the last one of a subnet for itself (VPC guide, "Subnet sizing").
_RESERVED_AT_START = 4


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Who asks for an interface: AWS shows description and requester in DescribeNetworkInterfaces."""

    description: str
    requester: str
    kind: str = "interface"


def free_address(moment: Moment, subnet_id: str) -> str:
    """The lowest address of the subnet that nothing uses."""
    ec2 = ec2_backends[moment.account][moment.region]
    network = ipaddress.ip_network(ec2.get_subnet(subnet_id).cidr_block)
    used = {eni.private_ip_address for eni in ec2.enis.values() if eni.subnet.id == subnet_id}
    for offset in range(_RESERVED_AT_START, network.num_addresses - 1):
        address = str(network[offset])
        if address not in used:
            return address
    raise ValueError(f"Subnet {subnet_id} has no free address.")


def create(moment: Moment, owner: Owner, *, subnet: str, groups: Iterable[str], public: bool = False) -> Any:
    """Put an interface of a service into a subnet; gives moto's model of it."""
    ec2 = ec2_backends[moment.account][moment.region]
    address = free_address(moment, subnet)
    eni: Any = ec2.create_network_interface(
        ec2.get_subnet(subnet), address, group_ids=list(groups) or None, description=owner.description
    )
    eni.requester_managed = True
    eni.requester_id = owner.requester
    eni.interface_type = owner.kind
    eni.status = "in-use"
    if public:
        eni.public_ip = random_public_ip()
    return eni


def delete(moment: Moment, ids: Iterable[str]) -> None:
    """Take interfaces away; those already gone are no matter."""
    ec2 = ec2_backends[moment.account][moment.region]
    for identifier in ids:
        ec2.enis.pop(identifier, None)


def regroup(moment: Moment, ids: Iterable[str], groups: Iterable[str]) -> None:
    """Give a service's interfaces other security groups."""
    ec2 = ec2_backends[moment.account][moment.region]
    wanted = [ec2.get_security_group_from_id(group) for group in groups]
    for identifier in ids:
        if identifier in ec2.enis:
            ec2.enis[identifier]._group_set = list(wanted)
