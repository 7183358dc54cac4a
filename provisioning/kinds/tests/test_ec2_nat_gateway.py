"""What is peculiar to a NAT gateway."""

from __future__ import annotations

import time
from collections.abc import Mapping
from decimal import Decimal

import pytest

from provisioning.aws import Aws
from provisioning.kind import TAG_KEY, TAG_STACK, Status, kind_named
from provisioning.kinds.ec2_elastic_ip import ElasticIpProps
from provisioning.kinds.ec2_internet_gateway import InternetGatewayProps
from provisioning.kinds.ec2_nat_gateway import NatGatewayProps
from provisioning.kinds.ec2_subnet import SubnetProps
from provisioning.kinds.ec2_vpc import VpcProps
from provisioning.kinds.tests.contract import STACK, Build, MakeHandle, check_contract, check_cuts
from provisioning.kinds.tests.scripted import answer, scripted_ec2
from provisioning.pricing import Usage
from provisioning.references import JsonObject

KIND = "ec2.nat_gateway"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {"subnet_id": "subnet-0a1b2c3d4e5f60711", "allocation_id": "eipalloc-0a1b2c3d4e5f60718"},
)


@pytest.fixture
def props(build: Build) -> NatGatewayProps:
    vpc_id = build("vpc", VpcProps()).id
    build("internet", InternetGatewayProps(vpc_id=vpc_id))
    subnet = SubnetProps(vpc_id=vpc_id, cidr_block="10.0.0.0/24", availability_zone="us-east-1a")
    address = build("nat-address", ElasticIpProps())
    return NatGatewayProps(subnet_id=build("public-a", subnet).id, allocation_id=address.id)


def test_it_is_made_and_taken_away(aws: Aws, handle: MakeHandle, props: NatGatewayProps) -> None:
    check_contract(
        aws,
        handle("nat", KIND),
        props,
        also_permitted=[
            "ec2:CreateTags",  # a creation with tags
        ],
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, props: NatGatewayProps) -> None:
    assert check_cuts(aws, handle("nat", KIND), props) == 0


def test_a_new_one_is_told_from_the_grave_of_the_last(
    aws: Aws, handle: MakeHandle, build: Build, props: NatGatewayProps
) -> None:
    last = build("nat", props)
    kind_named(KIND).delete(aws, handle("nat", KIND, id=last.id))
    address = build("other-address", ElasticIpProps())
    new = build("nat", props.model_copy(update={"allocation_id": address.id}))

    found = kind_named(KIND).read(aws, handle("nat", KIND))

    assert found is not None and found.id == new.id != last.id


def test_all_environments_share_one_list(
    aws: Aws, handle: MakeHandle, build: Build, props: NatGatewayProps
) -> None:
    mine = build("nat", props)
    address = build("stranger-address", ElasticIpProps())
    theirs = build("nat", props.model_copy(update={"allocation_id": address.id}), stack="sstrange")
    poll = aws.since(time.monotonic())
    before = aws.connection.calls

    here = kind_named(KIND).read(poll, handle("nat", KIND))
    there = kind_named(KIND).read(poll, handle("nat", KIND, stack="sstrange"))

    assert here is not None and there is not None
    assert (here.id, there.id) == (mine.id, theirs.id)
    assert aws.connection.calls - before == 1


def _gateway(id: str, state: str, rest: str = "") -> str:
    pairs = {TAG_STACK: STACK, TAG_KEY: "nat"}.items()
    tags = "".join(f"<item><key>{key}</key><value>{value}</value></item>" for key, value in pairs)
    address = "<item><allocationId>eipalloc-1</allocationId><isPrimary>true</isPrimary></item>"
    return (
        f"<item><natGatewayId>{id}</natGatewayId><subnetId>subnet-1</subnetId><state>{state}</state>{rest}"
        f"<natGatewayAddressSet>{address}</natGatewayAddressSet><tagSet>{tags}</tagSet></item>"
    )


def _listing(*gateways: str) -> dict[str, tuple[int, str]]:
    body = f"<natGatewaySet>{''.join(gateways)}</natGatewaySet>"
    return {"DescribeNatGateways": answer("DescribeNatGateways", body)}


@pytest.mark.parametrize(
    ("state", "status"),
    [("pending", Status.PENDING), ("available", Status.READY), ("deleting", Status.DELETING)],
)
def test_its_state_is_told(handle: MakeHandle, state: str, status: Status) -> None:
    with scripted_ec2(_listing(_gateway("nat-1", state))) as aws:
        observed = kind_named(KIND).read(aws, handle("nat", KIND, id="nat-1"))

    assert observed is not None
    assert observed.status is status
    assert observed.props == {"subnet_id": "subnet-1", "allocation_id": "eipalloc-1"}


def test_one_that_failed_says_why(handle: MakeHandle) -> None:
    failure = (
        "<failureCode>Gateway.NotAttached</failureCode>"
        "<failureMessage>Network vpc-1 has no Internet gateway attached</failureMessage>"
    )
    with scripted_ec2(_listing(_gateway("nat-1", "failed", failure))) as aws:
        observed = kind_named(KIND).read(aws, handle("nat", KIND, id="nat-1"))

    assert observed is not None
    assert observed.status is Status.FAILED
    assert observed.reason == "Gateway.NotAttached: Network vpc-1 has no Internet gateway attached"


def test_beside_a_failed_one_the_living_one_is_meant(handle: MakeHandle) -> None:
    script = _listing(_gateway("nat-1", "failed"), _gateway("nat-2", "pending"), _gateway("nat-0", "deleted"))
    with scripted_ec2(script) as aws:
        observed = kind_named(KIND).read(aws, handle("nat", KIND))

    assert observed is not None and observed.id == "nat-2"


def test_a_deleted_one_reads_as_absent(handle: MakeHandle) -> None:
    with scripted_ec2(_listing(_gateway("nat-1", "deleted"))) as aws:
        assert kind_named(KIND).read(aws, handle("nat", KIND, id="nat-1")) is None


@pytest.mark.parametrize("state", ["deleting", "deleted"])
def test_a_token_that_leads_to_a_grave_is_left_for_the_next(handle: MakeHandle, state: str) -> None:
    """What the engine does after a failure: the broken one is taken away, then one is made with the same token."""
    asked: list[str] = []

    def made(operation: str, sent: Mapping[str, str]) -> tuple[int, str]:
        asked.append(sent["ClientToken"])
        first = sent["ClientToken"] == nat.token
        gateway = _gateway("nat-1", state) if first else _gateway("nat-2", "pending")
        body = gateway.replace("<item>", "<natGateway>", 1).removesuffix("</item>") + "</natGateway>"
        return answer("CreateNatGateway", body)

    nat = handle("nat", KIND)
    props = NatGatewayProps(subnet_id="subnet-1", allocation_id="eipalloc-1")
    with scripted_ec2({}, made) as aws:
        attempts = [kind_named(KIND).create(aws, nat, props) for _ in range(2)]

    assert [(each.id, each.status) for each in attempts] == [("nat-2", Status.PENDING)] * 2
    assert len(asked) == 4 and len(set(asked)) == 2
    assert all(len(token) <= 64 for token in asked)


def test_it_costs_its_hours_and_what_passes_but_not_its_address() -> None:
    props = NatGatewayProps(subnet_id="subnet-1", allocation_id="eipalloc-1")
    usage = Usage(nat_gb=Decimal(12))

    hours, data = kind_named(KIND).cost(props, usage, "us-east-1")

    assert (hours.sku, hours.quantity.floor) == ("NATGateway/hour", Decimal(730))
    assert (data.sku, data.quantity.floor, data.quantity.expected) == (
        "NATGateway/gb",
        Decimal(0),
        Decimal(12),
    )
