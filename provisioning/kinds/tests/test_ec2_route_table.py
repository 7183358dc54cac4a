"""What is peculiar to a route table."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.kind import kind_named
from provisioning.kinds.ec2_elastic_ip import ElasticIpProps
from provisioning.kinds.ec2_internet_gateway import InternetGatewayProps
from provisioning.kinds.ec2_nat_gateway import NatGatewayProps
from provisioning.kinds.ec2_route_table import RouteTableProps
from provisioning.kinds.ec2_subnet import SubnetProps
from provisioning.kinds.ec2_vpc import VpcProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts, gone, settled
from provisioning.references import JsonObject

KIND = "ec2.route_table"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {
        "vpc_id": "vpc-0a1b2c3d4e5f60718",
        "subnet_ids": ["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"],
        "internet_gateway_id": "igw-0a1b2c3d4e5f60718",
    },
    {
        "vpc_id": "vpc-0a1b2c3d4e5f60718",
        "subnet_ids": ["subnet-0a1b2c3d4e5f60713"],
        "nat_gateway_id": "nat-0a1b2c3d4e5f60718",
    },
    {"vpc_id": "vpc-0a1b2c3d4e5f60718", "subnet_ids": []},
)


@dataclass(frozen=True)
class Network:
    """What a route table leads from and to."""

    vpc: str
    first: str
    second: str
    internet: str

    def table(self, **changes: str | tuple[str, ...]) -> RouteTableProps:
        """The public table of both subnets, or with changes."""
        public = RouteTableProps(
            vpc_id=self.vpc, subnet_ids=(self.first, self.second), internet_gateway_id=self.internet
        )
        return RouteTableProps.model_validate({**public.model_dump(), **changes})


@pytest.fixture
def network(build: Build) -> Network:
    vpc = build("vpc", VpcProps()).id
    first, second = (
        build(
            f"public-{zone}",
            SubnetProps(vpc_id=vpc, cidr_block=f"10.0.{number}.0/24", availability_zone=f"us-east-1{zone}"),
        ).id
        for number, zone in enumerate("ab")
    )
    internet = build("internet", InternetGatewayProps(vpc_id=vpc)).id
    return Network(vpc=vpc, first=first, second=second, internet=internet)


def test_its_route_and_its_subnets_change_in_place(
    aws: Aws, handle: MakeHandle, build: Build, network: Network
) -> None:
    address = build("nat-address", ElasticIpProps()).id
    nat = build("nat", NatGatewayProps(subnet_id=network.first, allocation_id=address)).id

    check_contract(
        aws,
        handle("public", KIND),
        network.table(),
        changes=[
            network.table(internet_gateway_id="", nat_gateway_id=nat),
            network.table(internet_gateway_id=""),
            network.table(),
            network.table(subnet_ids=(network.second,)),
            network.table(subnet_ids=(network.first,), internet_gateway_id=""),
            network.table(),
        ],
        also_permitted=[
            "ec2:CreateTags",  # a creation with tags
            "ec2:ReplaceRouteTableAssociation",  # a subnet that another table has
        ],
    )


def test_a_cut_before_the_route_or_a_subnet_is_repaired(
    aws: Aws, handle: MakeHandle, network: Network
) -> None:
    assert check_cuts(aws, handle("public", KIND), network.table()) == 3


def test_the_order_of_its_subnets_means_nothing(aws: Aws, build: Build, network: Network) -> None:
    table = build("public", network.table())
    other_way_round = network.table(subnet_ids=(network.second, network.first))

    assert not kind_named(KIND).differences(other_way_round.dump(), table)
    recorded = replace(table, props=other_way_round.dump())
    assert not kind_named(KIND).differences(network.table().dump(), recorded)


def test_a_subnet_that_was_moved_to_another_table_is_fetched_back(
    aws: Aws, handle: MakeHandle, build: Build, network: Network
) -> None:
    mine = build("public", network.table())
    foreign = aws.ec2.create_route_table(VpcId=network.vpc)["RouteTable"]["RouteTableId"]
    tables = aws.ec2.describe_route_tables(RouteTableIds=[mine.id])["RouteTables"]
    association = next(a for a in tables[0]["Associations"] if a.get("SubnetId") == network.first)
    aws.ec2.replace_route_table_association(
        AssociationId=association["RouteTableAssociationId"], RouteTableId=foreign
    )
    known = handle("public", KIND, id=mine.id)

    moved = kind_named(KIND).read(aws, known)
    assert moved is not None and moved.props["subnet_ids"] == [network.second]
    kind_named(KIND).update(aws, known, network.table(), moved)

    settled(aws, known, network.table())
    assert not aws.ec2.describe_route_tables(RouteTableIds=[foreign])["RouteTables"][0]["Associations"]


def test_a_default_route_to_something_foreign_is_led_back(
    aws: Aws, handle: MakeHandle, build: Build, network: Network
) -> None:
    mine = build("public", network.table())
    interface = aws.ec2.create_network_interface(SubnetId=network.first)["NetworkInterface"]
    aws.ec2.replace_route(
        RouteTableId=mine.id,
        DestinationCidrBlock="0.0.0.0/0",
        NetworkInterfaceId=interface["NetworkInterfaceId"],
    )
    known = handle("public", KIND, id=mine.id)

    led_away = kind_named(KIND).read(aws, known)
    assert led_away is not None
    assert kind_named(KIND).differences(network.table().dump(), led_away) == {
        "internet_gateway_id": (interface["NetworkInterfaceId"], network.internet)
    }
    kind_named(KIND).update(aws, known, network.table(), led_away)

    settled(aws, known, network.table())


def test_routes_of_others_and_of_endpoints_are_left_alone(
    aws: Aws, handle: MakeHandle, build: Build, network: Network
) -> None:
    mine = build("public", network.table())
    aws.ec2.create_route(RouteTableId=mine.id, DestinationCidrBlock="10.9.0.0/16", GatewayId=network.internet)
    aws.ec2.create_vpc_endpoint(
        VpcId=network.vpc, ServiceName="com.amazonaws.us-east-1.s3", RouteTableIds=[mine.id]
    )

    settled(aws, handle("public", KIND), network.table())


def test_it_can_be_deleted_after_its_subnets(
    aws: Aws, handle: MakeHandle, build: Build, network: Network
) -> None:
    mine = build("public", network.table())
    aws.ec2.delete_subnet(SubnetId=network.first)

    gone(aws, handle("public", KIND, id=mine.id), KIND)


def test_all_tables_of_an_environment_are_read_by_one_call(
    aws: Aws, handle: MakeHandle, build: Build, network: Network
) -> None:
    build("public", network.table(subnet_ids=(network.first,)))
    build("private", network.table(subnet_ids=(network.second,), internet_gateway_id=""))
    plan = aws.since(time.monotonic())
    before = aws.connection.calls

    read = [kind_named(KIND).read(plan, handle(key, KIND)) for key in ("public", "private")]

    assert len({table.id for table in read if table}) == 2
    assert aws.connection.calls - before == 1


def test_the_table_of_another_environment_is_not_ours(
    aws: Aws, handle: MakeHandle, build: Build, network: Network
) -> None:
    build("public", network.table(), stack="sstrange")

    assert kind_named(KIND).read(aws, handle("public", KIND)) is None


def test_two_default_routes_are_refused() -> None:
    with pytest.raises(ValidationError, match="one default route"):
        RouteTableProps(
            vpc_id="${vpc.id}", subnet_ids=(), internet_gateway_id="${igw.id}", nat_gateway_id="${nat.id}"
        )
