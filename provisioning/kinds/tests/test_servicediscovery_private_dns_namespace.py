"""What is peculiar to a Cloud Map namespace: AWS makes it in an operation of its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provisioning.aws import Aws
from provisioning.errors import Busy
from provisioning.kind import Status, kind_named
from provisioning.kinds.ec2_vpc import VpcProps
from provisioning.kinds.servicediscovery_private_dns_namespace import NamespaceProps
from provisioning.kinds.servicediscovery_service import DiscoveryServiceProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts, settled
from provisioning.pricing import Usage
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "servicediscovery.private_dns_namespace"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = ({"vpc_id": "vpc-0a1b2c3d4e5f60718"},)
# What Cloud Map does with the caller's permissions, and the tags of its create call.
BEHIND = ["ec2:DescribeVpcs", "servicediscovery:TagResource"] + [
    f"route53:{action}"
    for action in ("CreateHostedZone", "DeleteHostedZone", "GetHostedZone", "ListHostedZonesByName")
]


@pytest.fixture
def props(build: Build) -> NamespaceProps:
    return NamespaceProps(vpc_id=build("vpc", VpcProps(cidr_block="10.30.0.0/16")).id)


def test_it_is_made_and_taken_away(aws: Aws, handle: MakeHandle, props: NamespaceProps) -> None:
    check_contract(
        aws,
        handle("namespace", KIND),
        props,
        attributes=["arn", "name"],
        also_permitted=BEHIND,
        deletion_told=False,
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, props: NamespaceProps) -> None:
    assert check_cuts(aws, handle("namespace", KIND), props) == 0


def test_until_it_is_there_the_operation_stands_for_it(
    aws: Aws, handle: MakeHandle, props: NamespaceProps
) -> None:
    kind, wanted = kind_named(KIND), handle("namespace", KIND)

    made = kind.create(aws, wanted, props)

    assert made.status is Status.PENDING
    assert made.id.startswith("operation/")
    ready = settled(aws, replace(wanted, id=made.id), props)
    assert ready.id.startswith("ns-")


def test_asked_for_again_while_aws_works_on_it_it_is_busy_and_then_found_by_its_name(
    aws: Aws, handle: MakeHandle, props: NamespaceProps
) -> None:
    kind, wanted = kind_named(KIND), handle("namespace", KIND)
    first = kind.create(aws, wanted, props)

    with pytest.raises(Busy):
        kind.create(aws, wanted, props)

    ready = settled(aws, replace(wanted, id=first.id), props)
    found = kind.read(aws, wanted)
    assert found is not None and found.id == ready.id and wanted.owns(found.tags)


def test_it_stays_while_a_service_is_in_it(
    aws: Aws, handle: MakeHandle, build: Build, props: NamespaceProps
) -> None:
    namespace = build("namespace", props)
    build("name", DiscoveryServiceProps(namespace_id=namespace.id))

    with pytest.raises(Busy):
        kind_named(KIND).delete(aws, handle("namespace", KIND, id=namespace.id))


def test_it_costs_what_a_zone_costs() -> None:
    (line,) = kind_named(KIND).cost(NamespaceProps(vpc_id="vpc-1"), Usage(), "eu-west-1")

    assert (line.sku, line.region, int(line.quantity.expected)) == ("Route53/hosted_zone", "global", 1)
