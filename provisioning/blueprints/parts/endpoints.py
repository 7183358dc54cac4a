"""Endpoints: how what has no way to the internet reaches services of AWS."""

from __future__ import annotations

from collections.abc import Iterable

from provisioning.blueprints.parts.network import PRIVATE_SUBNETS
from provisioning.blueprints.parts.security import behind
from provisioning.kinds.ec2_interface_endpoint import InterfaceEndpointProps
from provisioning.references import ref
from provisioning.resource import Resource

HTTPS_PORT = 443


def endpoints(
    source: str, whose: str, services: Iterable[str], *, zones: int, also: tuple[str, ...] = ()
) -> tuple[Resource, ...]:
    """An endpoint of each service in so many zones, open to the members of a group. With one zone, what is in the other
    reaches it too, until the first is away. `whose`: who the members are; `also`: groups of what else is in the network
    and asks these services: there their names lead to the endpoint from then on."""
    group = behind(
        source,
        "endpoint-group",
        "Endpoint security group",
        f"Endpoints: from the {whose}",
        port=HTTPS_PORT,
        also=also,
    )
    return (group, *(_endpoint(service, zones) for service in services))


def _endpoint(service: str, zones: int) -> Resource:
    return Resource(
        key=f"endpoint-{service}",
        title=f"Endpoint of {service}",
        props=InterfaceEndpointProps(
            vpc_id=ref("vpc"),
            service=service,
            subnet_ids=PRIVATE_SUBNETS[:zones],
            security_group_ids=(ref("endpoint-group"),),
        ),
        after=("vpc",),  # its private name needs the DNS of a network that is finished
    )
