"""What is peculiar to an interface endpoint: subnets and groups change in place, and a service has its usual name."""

from __future__ import annotations

from decimal import Decimal

import pytest

from provisioning.aws import Aws
from provisioning.kind import kind_named
from provisioning.kinds.ec2_interface_endpoint import InterfaceEndpointProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.kinds.tests.network import Network
from provisioning.pricing import Usage
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "ec2.interface_endpoint"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {
        "vpc_id": "vpc-0a1b2c3d4e5f60718",
        "service": "secretsmanager",
        "subnet_ids": ["subnet-0a1b2c3d4e5f60718"],
        "security_group_ids": ["sg-0a1b2c3d4e5f60718"],
    },
)


@pytest.fixture
def network(aws: Aws, build: Build) -> Network:
    network = Network(aws, build)
    aws.ec2.modify_vpc_attribute(VpcId=network.vpc_id, EnableDnsHostnames={"Value": True})  # support is on
    return network


@pytest.fixture
def props(network: Network) -> InterfaceEndpointProps:
    return InterfaceEndpointProps(
        vpc_id=network.vpc_id,
        service="secretsmanager",
        subnet_ids=network.subnet_ids[:1],
        security_group_ids=(network.group_id,),
    )


def test_its_subnets_and_groups_change_in_place(
    aws: Aws, handle: MakeHandle, network: Network, props: InterfaceEndpointProps
) -> None:
    both = props.model_copy(update={"subnet_ids": network.subnet_ids})
    other = both.model_copy(update={"security_group_ids": (network.group("other"),)})

    check_contract(
        aws,
        handle("secrets", KIND),
        props,
        changes=[both, other, props],
        also_permitted=["ec2:CreateTags", "route53:AssociateVPCWithHostedZone"],
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, props: InterfaceEndpointProps) -> None:
    assert check_cuts(aws, handle("secrets", KIND), props) == 0


def test_the_services_own_name_leads_to_it(aws: Aws, build: Build, props: InterfaceEndpointProps) -> None:
    made = build("secrets", props)

    (told,) = aws.ec2.describe_vpc_endpoints(VpcEndpointIds=[made.id])["VpcEndpoints"]
    assert (told["VpcEndpointType"], told["PrivateDnsEnabled"]) == ("Interface", True)


def test_a_service_whose_name_has_a_dot_is_told_whole(build: Build, props: InterfaceEndpointProps) -> None:
    made = build("images", props.model_copy(update={"service": "ecr.api"}))

    assert made.props["service"] == "ecr.api"


def test_each_zone_costs_its_hours(props: InterfaceEndpointProps) -> None:
    two = props.model_copy(update={"subnet_ids": ("subnet-1", "subnet-2")})

    (line,) = kind_named(KIND).cost(two, Usage(), "us-east-1")

    assert (line.sku, line.quantity.expected) == ("VPC/interface_endpoint", Decimal(2 * 730))
