"""What is peculiar to a load balancer: it takes minutes, its settings are a second call, and its name has rules."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists
from provisioning.kind import Status, kind_named
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts, gone
from provisioning.kinds.tests.network import Network
from provisioning.pricing import Usage
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "elbv2.load_balancer"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {
        "subnet_ids": ["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"],
        "security_group_ids": ["sg-0a1b2c3d4e5f60718"],
    },
    {
        "subnet_ids": ["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"],
        "security_group_ids": ["sg-0a1b2c3d4e5f60718"],
        "internal": True,
    },
)


@pytest.fixture
def network(aws: Aws, build: Build) -> Network:
    return Network(aws, build)


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle, network: Network) -> None:
    third, other = network.subnet(2, "c"), network.group("other-group")
    changes = [
        network.balancer(idle_timeout=120),
        network.balancer(drop_invalid_headers=False),
        network.balancer(subnet_ids=(*network.subnet_ids, third)),
        network.balancer(security_group_ids=(network.group_id, other)),
        network.balancer(deletion_protection=True),
    ]

    check_contract(
        aws,
        handle("load-balancer", KIND),
        network.balancer(),
        changes=changes,
        attributes=["arn", "name", "dns_name", "zone_id", "full_name"],
        also_permitted=["elasticloadbalancing:AddTags"],  # CreateLoadBalancer with tags
    )


def test_a_cut_before_its_attributes_are_set_is_repaired(
    aws: Aws, handle: MakeHandle, network: Network
) -> None:
    assert check_cuts(aws, handle("load-balancer", KIND), network.balancer()) == 1


def test_it_is_being_made_at_first_and_says_so(aws: Aws, handle: MakeHandle, network: Network) -> None:
    made = kind_named(KIND).create(aws, handle("load-balancer", KIND), network.balancer())

    assert made.status is Status.PENDING
    assert made.attributes["full_name"].startswith(f"app/{made.attributes['name']}/")


def test_asked_for_twice_it_is_the_same(aws: Aws, handle: MakeHandle, network: Network) -> None:
    balancer = handle("load-balancer", KIND)

    made = [kind_named(KIND).create(aws, balancer, network.balancer()).id for _ in range(2)]

    assert made[0] == made[1]


def test_a_foreign_one_of_its_name_is_not_taken(aws: Aws, handle: MakeHandle, network: Network) -> None:
    ours = handle("load-balancer", KIND)
    theirs = aws.elbv2.create_load_balancer(
        Name=ours.name, Subnets=list(network.subnet_ids), Scheme="internal"
    )

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, ours, network.balancer())

    found = kind_named(KIND).read(aws, ours)
    assert found is not None and not ours.owns(found.tags)
    assert found.id == theirs["LoadBalancers"][0]["LoadBalancerArn"]


def test_protection_does_not_keep_it_from_being_taken_away_on_purpose(
    aws: Aws, handle: MakeHandle, build: Build, network: Network
) -> None:
    made = build("load-balancer", network.balancer(deletion_protection=True))

    gone(aws, handle("load-balancer", KIND, id=made.id), KIND)


def test_one_in_the_vpc_only_is_another(aws: Aws, build: Build, network: Network) -> None:
    inside = network.balancer(internal=True)
    made = build("load-balancer", inside)

    assert made.props["internal"] is True
    assert "internal" in kind_named(KIND).replace_on


def test_the_order_of_subnets_and_groups_means_nothing(
    aws: Aws, handle: MakeHandle, build: Build, network: Network
) -> None:
    made = build("load-balancer", network.balancer())

    turned = network.balancer(subnet_ids=network.subnet_ids[::-1])

    assert kind_named(KIND).differences(turned.dump(), made) == {}


def test_waiting_ones_of_all_environments_share_one_list(
    aws: Aws, handle: MakeHandle, network: Network
) -> None:
    kind = kind_named(KIND)
    ids = {
        stack: kind.create(aws, handle("load-balancer", KIND, stack=stack), network.balancer()).id
        for stack in ("sabcdefg", "sstrange")
    }
    poll = aws.since(time.monotonic())
    before = aws.connection.calls

    for stack, arn in ids.items():
        assert kind.read(poll, handle("load-balancer", KIND, stack=stack, id=arn)) is not None

    # The list; and, should one be ready already, its attributes.
    assert aws.connection.calls - before <= 3


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"subnet_ids": ("subnet-1",)}, "subnet_ids"), ({"idle_timeout": 4001}, "idle_timeout")],
)
def test_what_aws_refuses_is_refused_before(network: Network, changes: dict[str, object], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        network.balancer(**changes)


def test_it_costs_its_hours_its_capacity_and_its_addresses(network: Network) -> None:
    usage = Usage(lcu=Decimal(2))

    lines = {
        line.sku: line.quantity for line in kind_named(KIND).cost(network.balancer(), usage, "us-east-1")
    }
    inside = [line.sku for line in kind_named(KIND).cost(network.balancer(internal=True), usage, "us-east-1")]

    assert lines["ALB/hour"].floor == 730
    assert (lines["ALB/lcu"].floor, lines["ALB/lcu"].expected) == (Decimal(0), Decimal(1460))
    assert lines["VPC/public_ipv4"].floor == 2 * 730
    assert inside == ["ALB/hour", "ALB/lcu"]
