"""Network: a VPC with two public and two private subnets."""

from __future__ import annotations

import zlib

from provisioning.kinds.ec2_elastic_ip import ElasticIpProps
from provisioning.kinds.ec2_internet_gateway import InternetGatewayProps
from provisioning.kinds.ec2_nat_gateway import NatGatewayProps
from provisioning.kinds.ec2_route_table import RouteTableProps
from provisioning.kinds.ec2_subnet import SubnetProps
from provisioning.kinds.ec2_vpc import VpcProps
from provisioning.kinds.ec2_vpc_endpoint import VpcEndpointProps
from provisioning.references import ref
from provisioning.resource import Resource
from provisioning.spec import Spec

PUBLIC_SUBNETS = (ref("public-a"), ref("public-b"))
PRIVATE_SUBNETS = (ref("private-a"), ref("private-b"))


def network(spec: Spec, *, nat: bool) -> tuple[Resource, ...]:
    """Everything that has no price of its own, and the NAT gateway, which has."""
    return (
        Resource(key="vpc", props=VpcProps(cidr_block=f"{_prefix(spec)}.0.0/16")),
        Resource(key="internet-gateway", props=InternetGatewayProps(vpc_id=ref("vpc"))),
        *_subnets(spec),
        Resource(
            key="public-routes",
            title="Public route table",
            props=RouteTableProps(
                vpc_id=ref("vpc"), subnet_ids=PUBLIC_SUBNETS, internet_gateway_id=ref("internet-gateway")
            ),
        ),
        Resource(
            key="private-routes",
            title="Private route table",
            props=RouteTableProps(
                vpc_id=ref("vpc"),
                subnet_ids=PRIVATE_SUBNETS,
                nat_gateway_id=ref("nat-gateway") if nat else "",
            ),
        ),
        Resource(
            key="s3-endpoint",
            title="S3 gateway endpoint",
            props=VpcEndpointProps(
                vpc_id=ref("vpc"),
                service="s3",
                route_table_ids=(ref("public-routes"), ref("private-routes")),
            ),
        ),
        *(_nat() if nat else ()),
    )


def _prefix(spec: Spec) -> str:
    """The first two numbers of the VPC's range: spread over 10.16–10.239, so that two environments can be peered."""
    return f"10.{16 + zlib.crc32(spec.stack.encode()) % 224}"


def _subnets(spec: Spec) -> tuple[Resource, ...]:
    first, second = spec.zones[:2]
    layout = (
        ("public-a", 0, first),
        ("public-b", 1, second),
        ("private-a", 10, first),
        ("private-b", 11, second),
    )
    return tuple(
        Resource(
            key=key,
            title=f"{'Public' if key.startswith('public') else 'Private'} subnet in {zone}",
            props=SubnetProps(
                vpc_id=ref("vpc"),
                cidr_block=f"{_prefix(spec)}.{third}.0/24",
                availability_zone=zone,
                public=key.startswith("public"),
            ),
        )
        for key, third, zone in layout
    )


def _nat() -> tuple[Resource, ...]:
    return (
        Resource(key="nat-address", title="Elastic IP address for the NAT gateway", props=ElasticIpProps()),
        Resource(
            key="nat-gateway",
            props=NatGatewayProps(subnet_id=ref("public-a"), allocation_id=ref("nat-address")),
            after=("internet-gateway",),
        ),
    )
